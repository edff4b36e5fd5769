// A damaged snapshot is somebody's fault: of a disk that has broken a promise, or of an engine that
// let half a snapshot, or a wrong one, come into being.
#include "scenarios/invariants/whole_snapshots.h"

#include <gtest/gtest.h>

#include "engine/env/file_io.h"
#include "tests/scenarios/invariant_bench.h"

namespace wt::scenarios {
namespace {

Event Opening() { return {.kind = EventKind::kEngineOpening}; }
Event Damaged(std::string_view error) {
  return {.kind = EventKind::kSnapshotDamaged, .text = error};
}
Snapshot Kept(uint64_t index) {
  Snapshot snapshot;
  snapshot.id = absl::StrFormat("snapshot_%d_1", index);
  snapshot.index = LogIndex(index);
  return snapshot;
}

std::string FailureWith(const std::function<void(Bench&, WholeSnapshots&)>& story) {
  return FailureOf([&](Bench& bench) {
    WholeSnapshots whole(bench.judge, bench.machine);
    story(bench, whole);
  });
}

// Rot in a file of the machine.
void Harm(Bench& bench) {
  Disk& disk = bench.machine.disk().NewIncarnation();
  absl::StatusOr<std::unique_ptr<File>> file = disk.Open("f", OpenMode::kCreate);
  WT_CHECK(file.ok());
  WT_CHECK(WriteFully(**file, 0, "bytes").ok());
  WT_CHECK((*file)->Sync().ok());
  WT_CHECK(disk.SyncDirectory("").ok());
  WT_CHECK(bench.machine.disk().FlipBit("f", 1, 1));
}

TEST(WholeSnapshotsTest, ASnapshotThatLoadsIsLookedAt) {
  EXPECT_EQ(FailureWith([](Bench& bench, WholeSnapshots& whole) {
              bench.Tell(whole, Opening());
              bench.Tell(whole, {.kind = EventKind::kSnapshotLoaded, .a = 3, .b = 1});
              EXPECT_EQ(bench.judge.evaluated().at("atomic-commit"), 1u);
            }),
            "");
}

TEST(WholeSnapshotsTest, HalfASnapshotOnAnHonestDiskFails) {
  EXPECT_EQ(FailureWith([](Bench& bench, WholeSnapshots& whole) {
              bench.Tell(whole, Opening());
              bench.Tell(whole, Damaged("snapshot/chunks_000001: 17 bytes, want 4096"));
            }),
            "atomic-commit");
}

TEST(WholeSnapshotsTest, AWholeSnapshotOfAWrongStateFails) {
  for (const char* error :
       {"state: entries out of order", "snapshot_3_1: state digest 1, want 2"}) {
    EXPECT_EQ(FailureWith([error](Bench& bench, WholeSnapshots& whole) {
                bench.Tell(whole, Opening());
                bench.Tell(whole, Damaged(error));
              }),
              "snapshot-equivalence");
  }
}

TEST(WholeSnapshotsTest, AHarmedDiskIsToBlame) {
  EXPECT_EQ(FailureWith([](Bench& bench, WholeSnapshots& whole) {
              Harm(bench);
              bench.Tell(whole, Opening());
              bench.Tell(whole, Damaged("anything"));
            }),
            "");
}

TEST(WholeSnapshotsTest, BadReadsAreToBlameUntilTheNextOpening) {
  const auto damaged_after = [](bool reopened) {
    return FailureWith([reopened](Bench& bench, WholeSnapshots& whole) {
      bench.Tell(whole, Opening());
      whole.ReadsMayFail(true);
      whole.ReadsMayFail(false);
      if (reopened) bench.Tell(whole, Opening());
      bench.Tell(whole, Damaged("anything"));
    });
  };
  EXPECT_EQ(damaged_after(false), "");
  EXPECT_EQ(damaged_after(true), "atomic-commit");
}

TEST(WholeSnapshotsTest, AFailedSyncOfTheFolderIsToBlameUntilTheDiskIsNew) {
  const auto damaged_after = [](std::string_view path, bool wiped) {
    return FailureWith([=](Bench& bench, WholeSnapshots& whole) {
      bench.Tell(whole, Opening());
      whole.OnSyncFailed(path);
      if (wiped) whole.BeginAnew();
      bench.Tell(whole, Damaged("anything"));
    });
  };
  EXPECT_EQ(damaged_after("snapshot", false), "");
  EXPECT_EQ(damaged_after("snapshot/snapshot_3_1.tmp", false), "");
  EXPECT_EQ(damaged_after("log/x", false), "atomic-commit");
  EXPECT_EQ(damaged_after("snapshot", true), "atomic-commit");
}

TEST(WholeSnapshotsTest, AKeptSnapshotHasTheLogBehindIt) {
  const auto kept_with_log_from = [](uint64_t first) {
    return FailureWith([first](Bench&, WholeSnapshots& whole) {
      whole.CheckSuffixes({Kept(20), Kept(10)}, LogIndex(first));
    });
  };
  EXPECT_EQ(kept_with_log_from(1), "");
  EXPECT_EQ(kept_with_log_from(11), "");
  EXPECT_EQ(kept_with_log_from(12), "snapshot-equivalence");
}

}  // namespace
}  // namespace wt::scenarios
