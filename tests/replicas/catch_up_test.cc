// A replica that was away catches up: by the log as long as the primary has it, by a snapshot when
// it has not; what it holds already is not sent, and a transfer that was interrupted goes on.
#include <gtest/gtest.h>

#include "tests/replicas/group.h"

namespace wt::test {
namespace {

using namespace std::chrono_literals;

constexpr uint64_t kSeeds = Seeds(50);

ReplicaOptions TinySegments() {
  ReplicaOptions options = SmallReplica();
  options.engine.log.segment_bytes = 8 * kKiB;
  options.engine.snapshots_kept = 1;
  options.cache_bytes = 2 * kKiB;
  options.log_kept_bytes = 0;
  return options;
}

int OtherThan(int a) { return a == 1 ? 2 : 1; }

// Leaves the machine `away` behind what the log of the others reaches.
void LeaveBehind(Group& group, int away, int entries, uint64_t bytes) {
  group.Fill(0, entries, bytes);
  for (int i = 1; i <= 3; ++i) {
    if (i == away) continue;
    ASSERT_TRUE(group.AwaitPrimary() != 0);
    group.With(i, [](Replica& replica) { EXPECT_TRUE(replica.TakeSnapshot().ok()); });
  }
  group.Fill(entries, entries + 4, bytes);
}

// Somebody who was away for so long that a snapshot brings it back. Returns who.
int BringBackBySnapshot(Group& group) {
  EXPECT_TRUE(group.Put("before", "1").ok());
  const int away = OtherThan(group.AwaitPrimary());
  group.PowerLoss(away);
  LeaveBehind(group, away, 40, 1000);
  group.Start(away);
  EXPECT_TRUE(group.AwaitConverged());
  EXPECT_GT(group.CountOf(away, EventKind::kSnapshotInstalled), 0u);
  return away;
}

TEST(CatchUpTest, ByTheLog) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    ReplicaOptions replica = SmallReplica();
    replica.cache_bytes = 2 * kKiB;  // so that some of it must be read from the disk
    Group group({.seed = seed, .replica = replica, .links = RoughLinks(), .rarely_ppm = 50'000});
    group.Run([&] {
      const int away = OtherThan(group.AwaitPrimary());
      group.PowerLoss(away);
      group.Fill(0, 60);
      group.Start(away);
      EXPECT_TRUE(group.AwaitConverged());
      EXPECT_GT(group.Goal("replica.fed_from_disk"), 0u);
      EXPECT_EQ(group.Count(EventKind::kSnapshotReceived), 0u);
    });
  }
}

TEST(CatchUpTest, BySnapshot) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Group group({.seed = seed, .replica = TinySegments(), .links = RoughLinks()});
    group.Run([&] {
      const int away = BringBackBySnapshot(group);
      ASSERT_TRUE(group.Put("after", "2").ok());
      EXPECT_TRUE(group.AwaitConverged());
      // And what it has now survives.
      group.PowerLoss(away);
      group.Start(away);
      EXPECT_TRUE(group.AwaitConverged());
    });
    if (HasFailure()) FAIL() << "seed " << seed;
  }
}

// All but a damaged copy of the very snapshot that it is offered is gone.
void LeaveNothingButADamagedSnapshot(sim::VirtualDisk& disk) {
  Disk& files = disk.NewIncarnation();
  for (const auto& file : disk.DurableImage()) {
    if (file.path.starts_with("snapshot/snapshot_")) {
      ASSERT_TRUE(disk.FlipBit(file.path, 20, 1));
    } else if (file.path.starts_with("log/") || file.path == "STANDING") {
      ASSERT_TRUE(files.Remove(file.path).ok());
    }
  }
  ASSERT_TRUE(files.SyncDirectory("log").ok());
  ASSERT_TRUE(files.SyncDirectory("").ok());
  disk.DropCache();
}

TEST(CatchUpTest, ADamagedSnapshotGivesWayToTheSameFromAnother) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Group group({.seed = seed, .replica = TinySegments()});
    group.AllowForgetting();
    group.Run([&] {
      const int away = BringBackBySnapshot(group);
      ASSERT_EQ(group.CountOf(away, EventKind::kSnapshotInstalled), 1u);
      group.Stop(away);
      LeaveNothingButADamagedSnapshot(group.machine(away).disk());
      group.Start(away);
      EXPECT_TRUE(group.AwaitConverged());
      EXPECT_EQ(group.CountOf(away, EventKind::kSnapshotInstalled), 2u);
      EXPECT_GT(group.Goal("snapshot.replaced_damaged"), 0u);
    });
    if (HasFailure()) FAIL() << "seed " << seed;
  }
}

// The sync of the folder that is to make the first snapshot's name durable fails.
class FailedFolderSync : public sim::DiskObserver {
 public:
  explicit FailedFolderSync(sim::VirtualDisk& disk) : disk_(disk) { disk_.AddObserver(this); }
  ~FailedFolderSync() override { disk_.RemoveObserver(this); }

  void OnRename(std::string_view, std::string_view to) override {
    if (!to.starts_with("snapshot/") || std::exchange(failed_, true)) return;
    disk_.FailNextSyncs(1, "snapshot");
  }
  bool failed() const { return failed_; }

 private:
  sim::VirtualDisk& disk_;
  bool failed_ = false;
};

// A folder that takes no changes any more takes no snapshot ever: the replica stops, and whoever
// starts it again sees it catch up.
TEST(CatchUpTest, AFolderThatIsClosedToChangesStopsWhoWaitsForASnapshot) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Group group({.seed = seed, .replica = TinySegments()});
    group.Run([&] {
      const int away = OtherThan(group.AwaitPrimary());
      group.PowerLoss(away);
      LeaveBehind(group, away, 40, 1000);
      FailedFolderSync fault(group.machine(away).disk());
      group.Start(away);
      ASSERT_TRUE(group.Await([&] { return fault.failed(); }));
      ASSERT_TRUE(group.Await([&] { return !group.running(away); }));
      EXPECT_FALSE(group.end_of(away).ok());
      group.machine(away).AwaitExit();
      group.Start(away);
      EXPECT_TRUE(group.AwaitConverged());
    });
    if (HasFailure()) FAIL() << "seed " << seed;
  }
}

// What comes from a peer makes room for itself among what came from peers, and nowhere else: the
// log may begin behind what the engine has taken.
TEST(CatchUpTest, OnlyWhatWasReceivedIsClearedForATransfer) {
  Group group({.seed = 1, .replica = TinySegments()});
  group.Run([&] {
    group.Fill(0, 20);
    group.With(group.AwaitPrimary(), [](Replica& replica) {
      ASSERT_TRUE(replica.TakeSnapshot().ok());
      Engine& engine = replica.engine();
      const Snapshot own = engine.snapshots().List().front();
      EXPECT_TRUE(absl::IsAlreadyExists(engine.ClearReceived(own.index, own.term)));
      EXPECT_EQ(engine.snapshots().List().size(), 1u);
      auto state = engine.snapshots().Load(own.id);
      ASSERT_TRUE(state.ok());
      const LogIndex ahead = own.index + 100;
      ASSERT_TRUE(engine.snapshots().Create(ahead, own.term, own.state_digest, **state).ok());
      EXPECT_TRUE(engine.ClearReceived(ahead, own.term).ok());
      EXPECT_EQ(engine.snapshots().List().size(), 1u);
      EXPECT_TRUE(engine.ClearReceived(ahead, own.term).ok());
    });
  });
}

TEST(CatchUpTest, APrimaryKeepsTheLogForWhoIsBehind) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    ReplicaOptions replica = TinySegments();
    replica.log_kept_bytes = kMiB;
    Group group({.seed = seed, .replica = replica});
    group.Run([&] {
      ASSERT_TRUE(group.Put("before", "1").ok());
      const int primary = group.AwaitPrimary();
      const int away = OtherThan(primary);
      group.PowerLoss(away);
      LeaveBehind(group, away, 40, 1000);
      ASSERT_EQ(group.AwaitPrimary(), primary);
      EXPECT_GT(group.Goal("engine.log_kept_for_others"), 0u);
      group.Start(away);
      EXPECT_TRUE(group.AwaitConverged());
      EXPECT_EQ(group.CountOf(away, EventKind::kSnapshotInstalled), 0u);
    });
    if (HasFailure()) FAIL() << "seed " << seed;
  }
}

TEST(CatchUpTest, WhatIsHereIsNotSent) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    ReplicaOptions replica = TinySegments();
    Group group({.seed = seed, .replica = replica});
    group.Run([&] {
      group.Fill(0, 60, 2000);
      ASSERT_TRUE(group.AwaitConverged());
      for (int i = 1; i <= 3; ++i) {
        group.With(i, [](Replica& replica) { EXPECT_TRUE(replica.TakeSnapshot().ok()); });
      }
      const int away = OtherThan(group.AwaitPrimary());
      group.PowerLoss(away);
      LeaveBehind(group, away, 12, 2000);
      group.Start(away);
      EXPECT_TRUE(group.AwaitConverged());
      EXPECT_GT(group.Goal("replica.snapshot_reused_chunks"), 0u);
    });
    if (HasFailure()) FAIL() << "seed " << seed;
  }
}

TEST(CatchUpTest, ATransferGoesOnAfterAPartition) {
  uint64_t resumed = 0;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    ReplicaOptions replica = TinySegments();
    replica.chunks_in_flight = 1;
    replica.snapshot_bytes_per_second = 100'000;
    Group group({.seed = seed, .replica = replica});
    group.Run([&] {
      const int away = OtherThan(group.AwaitPrimary());
      group.PowerLoss(away);
      LeaveBehind(group, away, 150, 1000);
      group.Start(away);
      ASSERT_TRUE(
          group.Await([&] { return group.CountOf(away, EventKind::kSnapshotReceiving) > 0; }));
      group.SleepFor(400ms);
      group.Isolate(away);
      group.SleepFor(3s);
      group.Heal();
      EXPECT_TRUE(group.AwaitConverged());
      // In one go: nothing was begun anew.
      EXPECT_EQ(group.CountOf(away, EventKind::kSnapshotReceiving), 1u);
      resumed += group.Goal("replica.snapshot_resumed");
    });
    if (HasFailure()) FAIL() << "seed " << seed;
  }
  EXPECT_GT(resumed, kSeeds / 2);
}

TEST(CatchUpTest, ATransferGoesOnWithAnotherPrimary) {
  uint64_t ended = 0;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    ReplicaOptions replica = TinySegments();
    replica.chunks_in_flight = 1;
    replica.snapshot_bytes_per_second = 100'000;
    Group group({.seed = seed, .replica = replica});
    group.Run([&] {
      const int away = OtherThan(group.AwaitPrimary());
      group.PowerLoss(away);
      LeaveBehind(group, away, 150, 1000);
      group.Start(away);
      ASSERT_TRUE(
          group.Await([&] { return group.CountOf(away, EventKind::kSnapshotReceiving) > 0; }));
      group.SleepFor(400ms);
      const int primary = group.AwaitPrimary();
      const int next = 6 - primary - away;
      group.With(primary, [&](Replica& replica) {
        ended += replica.TransferTo(NodeId(next), 5s).ok() ? 1 : 0;
      });
      EXPECT_TRUE(group.AwaitConverged());
    });
    if (HasFailure()) FAIL() << "seed " << seed;
  }
  EXPECT_GT(ended, kSeeds / 2);
}

TEST(CatchUpTest, ACrashInTheTransferIsNoHarm) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Group group({.seed = seed, .replica = TinySegments(), .links = RoughLinks()});
    group.Run([&] {
      const int away = OtherThan(group.AwaitPrimary());
      group.PowerLoss(away);
      LeaveBehind(group, away, 60, 1000);
      for (int i = 0; i < 5; ++i) {
        group.Start(away);
        group.SleepFor(std::chrono::milliseconds(20 + 17 * (seed % 13) * (i + 1)));
        group.PowerLoss(away);
      }
      group.Start(away);
      EXPECT_TRUE(group.AwaitConverged());
    });
    if (HasFailure()) FAIL() << "seed " << seed;
  }
}

}  // namespace
}  // namespace wt::test
