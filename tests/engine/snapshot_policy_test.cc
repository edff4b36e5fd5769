// When snapshots are taken, how many stay, and that the log behind them goes. In every world.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/engine/engine_world.h"

namespace wt::test {
namespace {

class SnapshotPolicyTest : public WorldTest {};
INSTANTIATE_TEST_SUITE_P(Worlds, SnapshotPolicyTest, testing::ValuesIn(Worlds()), NameOf);

std::vector<LogIndex> SnapshotsOf(Server& server) {
  std::vector<LogIndex> indices;
  for (const Snapshot& snapshot : server.engine().snapshots().List()) {
    indices.push_back(snapshot.index);
  }
  return indices;
}

// Writes until `count` snapshots have been created since the events were last forgotten.
void FillUntilSnapshots(Rig& rig, Server& server, uint64_t count) {
  for (uint64_t i = 0; i < 100'000; ++i) {
    if (rig.events.Count(EventKind::kSnapshotCreated) >= count) return;
    server.Fill(i % 50, i % 50 + 1, 100);
    rig.Wait();
  }
  ADD_FAILURE() << "no snapshot after 100000 entries";
}

TEST_P(SnapshotPolicyTest, TheLogsGrowthTriggersSnapshots) {
  InWorld([](Rig& rig) {
    EngineOptions options = SmallOptions();
    options.snapshot_log_bytes = 8 * kKiB;
    auto server = MustOpen(rig, options);
    server->Fill(0, 10);
    EXPECT_EQ(rig.events.Count(EventKind::kSnapshotCreated), 0u);
    FillUntilSnapshots(rig, *server, 3);
    EXPECT_GE(server->engine().last_applied(), LogIndex(3 * 8 * kKiB / 200));
  });
}

TEST_P(SnapshotPolicyTest, ZeroMeansNever) {
  InWorld([](Rig& rig) {
    auto server = MustOpen(rig);
    server->Fill(0, 300, 200);
    EXPECT_EQ(rig.events.Count(EventKind::kSnapshotCreated), 0u);
    EXPECT_EQ(server->engine().log().first_index(), LogIndex(1));
  });
}

TEST_P(SnapshotPolicyTest, KeptSnapshotsAndTheLogBackToTheOldestOfThem) {
  for (uint64_t kept : {1, 2, 3}) {
    InWorld([kept](Rig& rig) {
      EngineOptions options = SmallOptions();
      options.snapshots_kept = kept;
      auto server = MustOpen(rig, options);
      std::vector<LogIndex> taken;
      for (int round = 0; round < 5; ++round) {
        server->Fill(0, 60, 500);
        ASSERT_TRUE(server->engine().TakeSnapshot().ok());
        taken.insert(taken.begin(), server->engine().last_applied());
        taken.resize(std::min<size_t>(taken.size(), kept));
        EXPECT_EQ(SnapshotsOf(*server), taken);
        LogStorage& log = server->engine().log();
        EXPECT_LE(log.first_index(), taken.back() + 1) << "a kept snapshot must reach the log";
        // 60 entries fill more than one segment of 16 KiB: something has to go.
        if (round >= static_cast<int>(kept)) {
          EXPECT_GT(log.first_index() + 60, taken.back());
        }
      }
      EXPECT_GE(rig.events.Count(EventKind::kLogSegmentRemoved), 2u);
      EXPECT_EQ(PathsWith(rig.env.disk, "snapshot/snapshot_").size(), kept);
    });
  }
}

TEST_P(SnapshotPolicyTest, WhatOthersNeedOfTheLogStaysUpToABound) {
  InWorld([](Rig& rig) {
    LogIndex needed;
    EngineOptions options = SmallOptions();
    options.snapshots_kept = 1;
    options.log_needed = [&] { return needed; };
    options.log_kept_bytes = 200 * kKiB;
    auto server = MustOpen(rig, options);
    LogStorage& log = server->engine().log();
    server->Fill(0, 100, 500);
    ASSERT_TRUE(server->engine().TakeSnapshot().ok());
    EXPECT_EQ(log.first_index(), LogIndex(1));  // somebody has nothing yet
    needed = LogIndex(60);
    server->Fill(100, 110, 500);
    ASSERT_TRUE(server->engine().TakeSnapshot().ok());
    EXPECT_GT(log.first_index(), LogIndex(1));
    EXPECT_LE(log.first_index(), needed + 1);
    server->Fill(110, 600, 500);  // beyond the bound: who is that far behind gets a snapshot
    ASSERT_TRUE(server->engine().TakeSnapshot().ok());
    EXPECT_GT(log.first_index(), needed + 1);
    EXPECT_LE(log.first_index(), server->engine().last_applied() + 1);
  });
}

TEST_P(SnapshotPolicyTest, OneThatIsNeededStaysWithTheLogBehindItUntilItIsLetGo) {
  InWorld([](Rig& rig) {
    LogIndex needed;
    EngineOptions options = SmallOptions();
    options.snapshots_kept = 1;
    options.snapshot_needed = [&] { return needed; };
    auto server = MustOpen(rig, options);
    Engine& engine = server->engine();
    engine.LetGoSoon();  // of nothing
    rig.Wait();
    server->Fill(0, 60, 500);
    ASSERT_TRUE(engine.TakeSnapshot().ok());
    const LogIndex pinned = engine.last_applied();
    needed = pinned;
    for (int round = 0; round < 3; ++round) {
      server->Fill(0, 60, 500);
      ASSERT_TRUE(engine.TakeSnapshot().ok());
      EXPECT_EQ(SnapshotsOf(*server), (std::vector{engine.last_applied(), pinned}));
      EXPECT_LE(engine.log().first_index(), pinned + 1);
    }
    needed = LogIndex(0);
    engine.LetGoSoon();
    for (int i = 0; i < 100'000 && engine.log().first_index() <= pinned + 1; ++i) rig.Wait();
    EXPECT_EQ(SnapshotsOf(*server), std::vector{engine.last_applied()});
    EXPECT_GT(engine.log().first_index(), pinned + 1);
  });
}

TEST_P(SnapshotPolicyTest, OneThatIsNeededIsGivenUpWhereTheDiskIsFull) {
  InWorld([](Rig& rig) {
    LogIndex needed;
    EngineOptions options = SmallOptions();
    options.snapshots_kept = 1;
    options.snapshot_needed = [&] { return needed; };
    auto server = MustOpen(rig, options);
    Engine& engine = server->engine();
    server->Fill(0, 60, 500);
    ASSERT_TRUE(engine.TakeSnapshot().ok());
    needed = engine.last_applied();
    server->Fill(0, 60, 500);
    ASSERT_TRUE(engine.TakeSnapshot().ok());
    const LogIndex kept = engine.last_applied();
    ASSERT_EQ(SnapshotsOf(*server), (std::vector{kept, needed}));
    server->Fill(0, 10);
    rig.disk.SetRoom(Room::kNoGrowth);
    EXPECT_TRUE(absl::IsResourceExhausted(engine.TakeSnapshot()));
    for (int i = 0; i < 100'000 && engine.log().first_index() <= needed + 1; ++i) rig.Wait();
    EXPECT_EQ(SnapshotsOf(*server), std::vector{kept});
    EXPECT_GT(engine.log().first_index(), needed + 1);
    rig.disk.SetRoom(Room::kEnough);
    EXPECT_TRUE(engine.TakeSnapshot().ok());
  });
}

TEST_P(SnapshotPolicyTest, TheDiskDoesNotGrowWithHistory) {
  InWorld([](Rig& rig) {
    EngineOptions options = SmallOptions();
    options.snapshots_kept = 1;
    auto server = MustOpen(rig, options);
    const auto bytes_after = [&](int rounds) {
      uint64_t bytes = 0;
      for (int round = 0; round < rounds; ++round) {
        server->Fill(0, 50, 300);
        EXPECT_TRUE(server->engine().TakeSnapshot().ok());
      }
      for (const auto& [path, content] : FilesOf(rig.env.disk)) bytes += content.size();
      return bytes;
    };
    const uint64_t early = bytes_after(3);
    EXPECT_LE(bytes_after(12), early * 2);
  });
}

TEST_P(SnapshotPolicyTest, NothingNewMeansNoNewSnapshot) {
  InWorld([](Rig& rig) {
    auto server = MustOpen(rig);
    EXPECT_TRUE(server->engine().TakeSnapshot().ok());
    EXPECT_TRUE(SnapshotsOf(*server).empty());
    server->Fill(0, 5);
    EXPECT_TRUE(server->engine().TakeSnapshot().ok());
    EXPECT_TRUE(server->engine().TakeSnapshot().ok());
    EXPECT_EQ(SnapshotsOf(*server), std::vector{LogIndex(5)});
    EXPECT_EQ(rig.events.Count(EventKind::kSnapshotCreated), 1u);
    server.reset();
    server = MustOpen(rig);
    EXPECT_TRUE(server->engine().TakeSnapshot().ok());
    EXPECT_EQ(rig.events.Count(EventKind::kSnapshotCreated), 1u);
  });
}

TEST_P(SnapshotPolicyTest, OnRequestADamagedOneIsReplacedAlthoughNothingIsNew) {
  InWorld([](Rig& rig) {
    {
      auto server = MustOpen(rig);
      server->Fill(0, 5);
      ASSERT_TRUE(server->engine().TakeSnapshot().ok());
    }
    FlipByte(rig.env.disk, PathsWith(rig.env.disk, "snapshot/snapshot_").front(), 20);
    auto server = MustOpen(rig);
    ASSERT_TRUE(server->engine().AwaitBarrier().ok());
    server->engine().RequestSnapshot();
    while (rig.events.Count(EventKind::kSnapshotCreated) < 2) rig.Wait();
    EXPECT_EQ(SnapshotsOf(*server), std::vector{LogIndex(5)});
  });
}

// A crash in between would leave none.
TEST_P(SnapshotPolicyTest, OnRequestAGoodOneIsNotWrittenAgain) {
  InWorld([](Rig& rig) {
    auto server = MustOpen(rig);
    server->Fill(0, 5);
    ASSERT_TRUE(server->engine().TakeSnapshot().ok());
    server->engine().RequestSnapshot();
    for (int i = 0; i < 20; ++i) rig.Wait();
    ASSERT_TRUE(server->engine().TakeSnapshot().ok());
    EXPECT_EQ(rig.events.Count(EventKind::kSnapshotCreated), 1u);
    EXPECT_EQ(rig.events.Count(EventKind::kSnapshotDeleted), 0u);
  });
}

TEST_P(SnapshotPolicyTest, ASnapshotThatFailsCostsNothingButItself) {
  InWorld([](Rig& rig) {
    auto server = MustOpen(rig);
    server->Fill(0, 60, 500);
    rig.disk.FailSnapshotWrites(true);
    EXPECT_FALSE(server->engine().TakeSnapshot().ok());
    EXPECT_EQ(server->engine().log().first_index(), LogIndex(1));
    EXPECT_TRUE(server->Put("goes", "on").ok());
    rig.disk.FailSnapshotWrites(false);
    EXPECT_TRUE(server->engine().TakeSnapshot().ok());
    EXPECT_EQ(SnapshotsOf(*server), std::vector{LogIndex(61)});
    EXPECT_GT(server->engine().log().first_index(), LogIndex(1));
    EXPECT_TRUE(PathsWith(rig.env.disk, ".tmp").empty());
  });
}

TEST_P(SnapshotPolicyTest, ASnapshotThatFailedIsTakenLater) {
  InWorld([](Rig& rig) {
    EngineOptions options = SmallOptions();
    options.snapshot_log_bytes = 4 * kKiB;
    auto server = MustOpen(rig, options);
    rig.disk.FailSnapshotWrites(true);
    for (uint64_t i = 0; rig.events.Count(EventKind::kSnapshotFailed) == 0; ++i) {
      ASSERT_LT(i, 100'000u);
      server->Fill(i % 50, i % 50 + 1, 100);
      rig.Wait();
    }
    rig.disk.FailSnapshotWrites(false);
    // No entry is written any more: it is tried again because it is due.
    while (rig.events.Count(EventKind::kSnapshotCreated) == 0) {
      rig.env.tasks.SleepFor(std::chrono::milliseconds(10));
    }
    EXPECT_FALSE(server->engine().snapshots().List().empty());
  });
}

TEST_P(SnapshotPolicyTest, ASnapshotThatFailedIsNotTriedAgainAtOnceHoweverMuchIsWritten) {
  InWorld([](Rig& rig) {
    EngineOptions options = SmallOptions();
    options.snapshot_log_bytes = 4 * kKiB;
    auto server = MustOpen(rig, options);
    rig.disk.FailSnapshotWrites(true);
    while (rig.events.Count(EventKind::kSnapshotFailed) == 0) {
      server->Fill(0, 10, 100);
      rig.Wait();
    }
    const Time begun = rig.env.clock.Now();
    const uint64_t failed = rig.events.Count(EventKind::kSnapshotFailed);
    for (int i = 0; i < 100; ++i) {
      server->Fill(0, 5, 100);
      rig.Wait();
    }
    const uint64_t pauses = (rig.env.clock.Now() - begun) / std::chrono::milliseconds(500);
    EXPECT_LE(rig.events.Count(EventKind::kSnapshotFailed), failed + pauses + 1);
  });
}

TEST_P(SnapshotPolicyTest, ADamagedSnapshotIsReplacedByTheNextOfItsIndex) {
  InWorld([](Rig& rig) {
    {
      auto server = MustOpen(rig);
      server->Fill(0, 10);
      ASSERT_TRUE(server->engine().TakeSnapshot().ok());
    }
    FlipByte(rig.env.disk, PathsWith(rig.env.disk, "snapshot/snapshot_").front(), 20);
    auto server = MustOpen(rig);
    ASSERT_TRUE(server->engine().AwaitBarrier().ok());
    EXPECT_TRUE(SnapshotsOf(*server).empty());
    const absl::Status taken = server->engine().TakeSnapshot();
    EXPECT_TRUE(taken.ok()) << taken;
    EXPECT_EQ(SnapshotsOf(*server), std::vector{LogIndex(10)});
    EXPECT_TRUE(server->engine().snapshots().Damaged().empty());
  });
}

}  // namespace
}  // namespace wt::test
