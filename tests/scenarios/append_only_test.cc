// wal-append-only and disk-faults-contained on hand-made sequences of what a disk sees.
#include "scenarios/invariants/append_only.h"

#include <gtest/gtest.h>

#include "tests/scenarios/invariant_bench.h"

namespace wt::scenarios {
namespace {

constexpr char kLog[] = "log/0000000000000001.wal";

std::string AppendOnlyFailure(const std::function<void(Bench&, AppendOnly&)>& story) {
  return FailureOf([&](Bench& bench) {
    AppendOnly watcher(bench.judge);
    watcher.OnCreate(kLog);
    watcher.OnWrite(kLog, 0, 4096, 0);
    watcher.OnSync(kLog, 4096);
    story(bench, watcher);
  });
}

TEST(AppendOnlyTest, WritingBehindTheDurableEndPasses) {
  EXPECT_EQ(AppendOnlyFailure([](Bench& bench, AppendOnly& watcher) {
              watcher.OnWrite(kLog, 4096, 512, 4096);
              watcher.OnWrite(kLog, 4096, 1024, 4096);  // not durable yet: may be written again
              watcher.OnSync(kLog, 5120);
              watcher.OnWrite(kLog, 5120, 512, 5120);
              watcher.OnTruncate(kLog, 5120, 5120);
              EXPECT_EQ(bench.judge.evaluated().at("wal-append-only"), 5u);
            }),
            "");
}

TEST(AppendOnlyTest, WritingBelowTheDurableEndFails) {
  EXPECT_EQ(
      AppendOnlyFailure([](Bench&, AppendOnly& watcher) { watcher.OnWrite(kLog, 4095, 1, 4096); }),
      "wal-append-only");
}

// A log that repairs: the disk says what was harmed.
std::string RepairFailure(const std::function<void(AppendOnly&)>& repair) {
  return FailureOf([&](Bench& bench) {
    sim::VirtualDisk& disk = bench.machine.disk();
    AppendOnly watcher(bench.judge, &disk);
    disk.AddObserver(&watcher);
    bench.machine.Boot([](Env env) {
      (void)env.disk.CreateDirectory("log");
      auto file = *env.disk.Open(kLog, OpenMode::kCreate);
      (void)file->WriteAt(0, std::string(2048, 'a'));
      (void)file->Sync();
      (void)env.disk.SyncDirectory("log");
      (void)env.disk.SyncDirectory("");
    });
    bench.machine.AwaitExit();
    disk.RemoveObserver(&watcher);
    EXPECT_TRUE(disk.DamageSector(kLog, 2));
    repair(watcher);
  });
}

void Rewrite(AppendOnly& watcher, uint64_t offset, const std::string& bytes) {
  watcher.OnContent(kLog, offset, bytes);
  watcher.OnWrite(kLog, offset, bytes.size(), 2048);
}

TEST(AppendOnlyTest, WritingWhatWasThereAgainPasses) {
  EXPECT_EQ(RepairFailure([](AppendOnly& watcher) {
              Rewrite(watcher, 100, std::string(700, 'a'));
              Rewrite(watcher, 1024, std::string(512, 'a'));
              watcher.OnSync(kLog, 2048);
            }),
            "");
}

TEST(AppendOnlyTest, ZerosPassOnlyWhereTheSectorCannotBeRead) {
  const std::string half = std::string(200, '\0') + std::string(312, 'a');
  EXPECT_EQ(RepairFailure([&](AppendOnly& watcher) { Rewrite(watcher, 1024, half); }), "");
  EXPECT_EQ(RepairFailure([&](AppendOnly& watcher) { Rewrite(watcher, 512, half); }),
            "wal-append-only");
}

TEST(AppendOnlyTest, WritingAnythingElseBelowTheDurableEndFails) {
  EXPECT_EQ(RepairFailure([](AppendOnly& watcher) { Rewrite(watcher, 1100, "aaab"); }),
            "wal-append-only");
  EXPECT_EQ(
      RepairFailure([](AppendOnly& watcher) { Rewrite(watcher, 2000, std::string(100, 'a')); }),
      "wal-append-only");
}

TEST(AppendOnlyTest, CuttingOffSomethingDurableFails) {
  EXPECT_EQ(
      AppendOnlyFailure([](Bench&, AppendOnly& watcher) { watcher.OnTruncate(kLog, 4000, 4096); }),
      "wal-append-only");
}

TEST(AppendOnlyTest, RenamingALogFileFailsEitherWay) {
  EXPECT_EQ(
      AppendOnlyFailure([](Bench&, AppendOnly& watcher) { watcher.OnRename(kLog, "elsewhere"); }),
      "wal-append-only");
  EXPECT_EQ(
      AppendOnlyFailure([](Bench&, AppendOnly& watcher) { watcher.OnRename("elsewhere", kLog); }),
      "wal-append-only");
}

TEST(AppendOnlyTest, ANewFileOfTheSameNameBeginsAnew) {
  EXPECT_EQ(AppendOnlyFailure([](Bench&, AppendOnly& watcher) {
              watcher.OnCreate(kLog);
              watcher.OnWrite(kLog, 0, 512, 0);
            }),
            "");
}

TEST(AppendOnlyTest, OtherFilesMayDoAsTheyLike) {
  EXPECT_EQ(AppendOnlyFailure([](Bench&, AppendOnly& watcher) {
              watcher.OnWrite("snapshot/x", 0, 100, 0);
              watcher.OnSync("snapshot/x", 100);
              watcher.OnWrite("snapshot/x", 0, 100, 100);
              watcher.OnTruncate("snapshot/x", 0, 100);
              watcher.OnRename("snapshot/x.tmp", "snapshot/x");
            }),
            "");
}

// A sync of the log has failed, in an incarnation that had called entries up to 5 durable.
std::string ContainedFailure(const std::function<void(Bench&, FaultsContained&)>& story) {
  return FailureOf([&](Bench& bench) {
    FaultsContained watcher(bench.judge);
    bench.Tell(watcher, {.kind = EventKind::kEngineOpening});
    bench.Tell(watcher, {.kind = EventKind::kLogSynced, .a = 1, .b = 0, .c = 4096, .d = 5});
    watcher.OnSyncFailed(kLog);
    story(bench, watcher);
  });
}

TEST(FaultsContainedTest, StoppingIsRight) {
  EXPECT_EQ(ContainedFailure([](Bench& bench, FaultsContained& watcher) {
              bench.Tell(watcher, {.kind = EventKind::kLogPoisoned, .a = 1, .text = "sync failed"});
              EXPECT_EQ(bench.judge.evaluated().at("disk-faults-contained"), 1u);
            }),
            "");
}

TEST(FaultsContainedTest, WhatWasDurableBeforeMayStillBeCommitted) {
  EXPECT_EQ(ContainedFailure([](Bench& bench, FaultsContained& watcher) {
              bench.Tell(watcher, {.kind = EventKind::kCommitAdvanced, .a = 5, .b = 7});
            }),
            "");
}

TEST(FaultsContainedTest, CallingMoreDurableAfterAFailedSyncFails) {
  EXPECT_EQ(ContainedFailure([](Bench& bench, FaultsContained& watcher) {
              bench.Tell(watcher, {.kind = EventKind::kLogSynced, .a = 1, .c = 8192, .d = 6});
            }),
            "disk-faults-contained");
}

TEST(FaultsContainedTest, CommittingMoreAfterAFailedSyncFails) {
  EXPECT_EQ(ContainedFailure([](Bench& bench, FaultsContained& watcher) {
              bench.Tell(watcher, {.kind = EventKind::kCommitAdvanced, .a = 6, .b = 7});
            }),
            "disk-faults-contained");
}

TEST(FaultsContainedTest, AfterReopeningTheLogMayBeSyncedAgain) {
  EXPECT_EQ(ContainedFailure([](Bench& bench, FaultsContained& watcher) {
              bench.Tell(watcher, {.kind = EventKind::kEngineOpening});
              bench.Tell(watcher, {.kind = EventKind::kLogSynced, .a = 1, .c = 8192, .d = 6});
              bench.Tell(watcher, {.kind = EventKind::kCommitAdvanced, .a = 6, .b = 6});
            }),
            "");
}

std::string SnapshotFailure(std::string_view created) {
  return FailureOf([&](Bench& bench) {
    FaultsContained watcher(bench.judge);
    bench.Tell(watcher, {.kind = EventKind::kEngineOpening});
    watcher.OnSyncFailed("snapshot/snapshot_8_1.tmp");
    bench.Tell(watcher, {.kind = EventKind::kSnapshotCreated, .a = 8, .b = 1, .text = created});
  });
}

TEST(FaultsContainedTest, ASnapshotWhoseSyncFailedMustNotBeCreated) {
  EXPECT_EQ(SnapshotFailure("snapshot_8_1"), "disk-faults-contained");
  EXPECT_EQ(SnapshotFailure("snapshot_9_1"), "");
}

TEST(FaultsContainedTest, AnotherAttemptAtASnapshotIsNotTheOneThatFailed) {
  EXPECT_EQ(FailureOf([](Bench& bench) {
              FaultsContained watcher(bench.judge);
              watcher.OnSyncFailed("snapshot/snapshot_8_1.tmp");
              watcher.OnCreate("snapshot/snapshot_8_1.tmp");
              bench.Tell(watcher, {.kind = EventKind::kSnapshotCreated, .text = "snapshot_8_1"});
            }),
            "");
}

TEST(FaultsContainedTest, ATableIsNotSyncedAgainAfterASyncFailed) {
  for (const std::string_view table : {"tables/000010.ldb", "state/000010.ldb"}) {
    const auto failure = [table](bool anew) {
      return FailureOf([&](Bench& bench) {
        FaultsContained watcher(bench.judge);
        watcher.OnSyncFailed(table);
        if (anew) watcher.OnCreate(table);
        watcher.OnSync(table, 100);
      });
    };
    EXPECT_EQ(failure(false), "disk-faults-contained") << table;
    EXPECT_EQ(failure(true), "") << table;
  }
}

}  // namespace
}  // namespace wt::scenarios
