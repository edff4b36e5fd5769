// A disk that fails under a running engine, in every world: what was acknowledged stays, what is
// unknown is said to be, a failed sync ends the engine for good, and a full disk ends nothing.
#include <gtest/gtest.h>

#include "absl/strings/str_format.h"
#include "tests/engine/engine_world.h"

namespace wt::test {
namespace {

class FailureTest : public WorldTest {};
INSTANTIATE_TEST_SUITE_P(Worlds, FailureTest, testing::ValuesIn(Worlds()), NameOf);

TEST_P(FailureTest, AFailedSyncLeavesTheOutcomeUnknownAndStopsTheEngine) {
  InWorld([](Rig& rig) {
    auto server = MustOpen(rig);
    server->Fill(0, 10);
    auto watcher = rig.env.tasks.Spawn("watcher", [&] {
      const absl::Status why = server->engine().AwaitStopped();
      EXPECT_TRUE(absl::IsUnavailable(why)) << why;
    });
    rig.disk.FailNextLogSyncs(1);
    EXPECT_TRUE(absl::IsUnavailable(server->Put("doubt", "?").status()));
    watcher->Join();
    EXPECT_EQ(rig.events.Count(EventKind::kEngineStopped), 1u);
    EXPECT_EQ(rig.events.Count(EventKind::kLogPoisoned), 1u);
  });
}

TEST_P(FailureTest, AStoppedEngineRefusesEverythingAndStaysStopped) {
  InWorld([](Rig& rig) {
    auto server = MustOpen(rig);
    server->Fill(0, 10);
    const LogIndex committed = server->engine().commit_index();
    rig.disk.FailNextLogSyncs(1);
    EXPECT_FALSE(server->Put("doubt", "?").ok());
    // The device works again: that makes nothing good.
    for (int i = 0; i < 3; ++i) {
      const absl::Status refused = server->Put("later", "!").status();
      EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
    }
    EXPECT_FALSE((*server)->Query(EncodeCommand(KvGet{"k1"})).ok());
    EXPECT_FALSE(server->engine().TakeSnapshot().ok());
    EXPECT_FALSE(server->engine().Sync().ok());
    EXPECT_EQ(server->engine().commit_index(), committed);
    EXPECT_EQ(rig.events.Count(EventKind::kEngineStopped), 1u);
    EXPECT_FALSE(server->engine().AwaitStopped().ok());
  });
}

TEST_P(FailureTest, AfterAFailedSyncReopeningShowsWhatWasAcknowledged) {
  InWorld([](Rig& rig) {
    {
      auto server = MustOpen(rig);
      server->Fill(0, 10);
      rig.disk.FailNextLogSyncs(1);
      EXPECT_FALSE(server->Put("doubt", "?").ok());
      EXPECT_FALSE(server->Put("refused", "!").ok());
    }
    auto server = MustOpen(rig);
    for (int i = 0; i < 10; ++i) {
      EXPECT_NE(server->Get(absl::StrFormat("k%d", i)), std::nullopt) << i;
    }
    EXPECT_EQ(server->Get("refused"), std::nullopt);
    // In doubt: it is there or not, but one of them for ever after.
    const std::optional<std::string> doubt = server->Get("doubt");
    EXPECT_TRUE(doubt == std::nullopt || doubt == "?");
    EXPECT_TRUE(server->Put("on", "1").ok());
    server.reset();
    EXPECT_EQ(MustOpen(rig)->Get("doubt"), doubt);
  });
}

TEST_P(FailureTest, NobodyWhoWaitedForTheFailedSyncIsToldOk) {
  static constexpr uint64_t kProposers = 8;
  InWorld([](Rig& rig) {
    auto server = MustOpen(rig);
    server->Fill(0, 5);
    rig.events.Forget();
    rig.disk.SetBeforeLogSync([&] {
      while (rig.events.Count(EventKind::kLogAppended) < kProposers) rig.Wait();
    });
    rig.disk.FailNextLogSyncs(1);
    std::vector<absl::Status> outcomes(kProposers);
    std::vector<std::unique_ptr<Task>> tasks;
    for (uint64_t i = 0; i < kProposers; ++i) {
      tasks.push_back(rig.env.tasks.Spawn("proposer", [&, i] {
        outcomes[i] = server->Put(absl::StrFormat("p%d", i), "v").status();
      }));
    }
    for (const std::unique_ptr<Task>& task : tasks) task->Join();
    for (const absl::Status& outcome : outcomes)
      EXPECT_TRUE(absl::IsUnavailable(outcome)) << outcome;
    EXPECT_EQ(server->engine().last_applied(), LogIndex(5));
  });
}

// Writes until one is refused; returns how many were acknowledged.
uint64_t FillUntilRefused(Server& server, absl::Status& refusal) {
  for (uint64_t i = 0; i < 1000; ++i) {
    refusal = server.Put(absl::StrFormat("k%d", i), std::string(400, 'f')).status();
    if (!refusal.ok()) return i;
  }
  ADD_FAILURE() << "1000 writes went to a full disk";
  return 1000;
}

TEST_P(FailureTest, WithoutRoomForAnotherSegmentWritesAreRefusedAndNothingStops) {
  InWorld([](Rig& rig) {
    auto server = MustOpen(rig);
    rig.disk.SetRoom(Room::kNoGrowth);
    absl::Status refusal;
    const uint64_t acknowledged = FillUntilRefused(*server, refusal);
    EXPECT_GT(acknowledged, 0u);
    EXPECT_TRUE(absl::IsResourceExhausted(refusal)) << refusal;
    for (int i = 0; i < 3; ++i) {
      EXPECT_TRUE(
          absl::IsResourceExhausted(server->Put("refused", std::string(400, 'r')).status()));
    }
    EXPECT_EQ(server->Get("k0"), std::string(400, 'f')) << "reads go on";
    EXPECT_EQ(rig.events.Count(EventKind::kEngineStopped), 0u);

    rig.disk.SetRoom(Room::kEnough);
    EXPECT_TRUE(server->Put("room", "again").ok());
    EXPECT_EQ(server->engine().last_applied(), LogIndex(acknowledged + 1));
    server.reset();
    server = MustOpen(rig);
    EXPECT_EQ(server->Get("room"), "again");
    EXPECT_EQ(server->Get("refused"), std::nullopt);
    EXPECT_EQ(server->Get(absl::StrFormat("k%d", acknowledged)), std::nullopt);
    EXPECT_EQ(server->Get(absl::StrFormat("k%d", acknowledged - 1)), std::string(400, 'f'));
  });
}

TEST_P(FailureTest, ADiskThatTakesNoByteStopsTheEngineUntilItIsOpenedWithRoom) {
  InWorld([](Rig& rig) {
    {
      auto server = MustOpen(rig);
      server->Fill(0, 5);
      rig.disk.SetRoom(Room::kNone);
      const absl::Status refusal = server->Put("doubt", "?").status();
      EXPECT_TRUE(absl::IsUnavailable(refusal) || absl::IsResourceExhausted(refusal)) << refusal;
    }
    const absl::Status opening = Server::Open(rig.env, SmallOptions()).status();
    EXPECT_TRUE(absl::IsResourceExhausted(opening) || absl::IsUnavailable(opening)) << opening;
    rig.disk.SetRoom(Room::kEnough);
    auto server = MustOpen(rig);
    EXPECT_NE(server->Get("k4"), std::nullopt);
    EXPECT_TRUE(server->Put("room", "again").ok());
  });
}

TEST_P(FailureTest, ASnapshotWithoutRoomIsGivenUpAndTakenWhenThereIsSome) {
  InWorld([](Rig& rig) {
    auto server = MustOpen(rig);
    server->Fill(0, 20, 300);
    rig.disk.SetRoom(Room::kNoGrowth);
    EXPECT_TRUE(absl::IsResourceExhausted(server->engine().TakeSnapshot()));
    EXPECT_TRUE(server->engine().snapshots().List().empty());
    rig.disk.SetRoom(Room::kEnough);
    EXPECT_TRUE(server->engine().TakeSnapshot().ok());
    EXPECT_EQ(server->engine().snapshots().List().size(), 1u);
  });
}

TEST_P(FailureTest, ALogThatCannotBeCompactedStopsTheEngine) {
  InWorld([](Rig& rig) {
    {
      auto server = MustOpen(rig);
      server->Fill(0, 100, 500);
      rig.disk.FailRemovals(true);
      EXPECT_FALSE(server->engine().TakeSnapshot().ok());
      EXPECT_EQ(rig.events.Count(EventKind::kEngineStopped), 1u);
      EXPECT_FALSE(server->engine().AwaitStopped().ok());
      EXPECT_TRUE(absl::IsFailedPrecondition(server->Put("later", "!").status()));
    }
    rig.disk.FailRemovals(false);
    auto server = MustOpen(rig);
    EXPECT_TRUE(server->engine().AwaitBarrier().ok());
    EXPECT_EQ(server->engine().last_applied(), LogIndex(100));
    EXPECT_TRUE(server->Put("on", "1").ok());
  });
}

TEST_P(FailureTest, WithoutAFolderForSnapshotsTheEngineStopsRatherThanGrow) {
  InWorld([](Rig& rig) {
    {
      auto server = MustOpen(rig);
      server->Fill(0, 20);
      rig.disk.FailNextSnapshotFolderSync();
      EXPECT_FALSE(server->engine().TakeSnapshot().ok());
      EXPECT_TRUE(server->Put("goes", "on").ok());
      EXPECT_FALSE(server->engine().TakeSnapshot().ok()) << "no sync is tried into success";
      EXPECT_FALSE(server->engine().AwaitStopped().ok());
    }
    auto server = MustOpen(rig);
    EXPECT_EQ(server->Get("goes"), "on");
    EXPECT_TRUE(server->engine().TakeSnapshot().ok());
  });
}

TEST_P(FailureTest, ASnapshotThatCannotBeReadIsNotCalledLost) {
  InWorld([](Rig& rig) {
    {
      auto server = MustOpen(rig);
      server->Fill(0, 100, 500);
      EXPECT_TRUE(server->engine().TakeSnapshot().ok());
      EXPECT_GT(server->engine().log().first_index(), LogIndex(1));
    }
    for (const char* part : {"snapshot/chunks_", "snapshot/snapshot_"}) {
      rig.disk.FailReadsOf(part);
      const absl::Status opening = Server::Open(rig.env, SmallOptions()).status();
      EXPECT_TRUE(absl::IsUnavailable(opening)) << opening;
      EXPECT_NE(MessageOf(opening).find("cannot be read"), std::string::npos) << opening;
      EXPECT_EQ(rig.events.Count(EventKind::kEngineRefused), 0u);
    }
    rig.disk.FailReadsOf("");
    EXPECT_EQ(MustOpen(rig)->engine().last_log_index(), LogIndex(100));
  });
}

TEST_P(FailureTest, ALogThatCannotBeReplayedStopsTheEngineAndServesNoRead) {
  InWorld([](Rig& rig) {
    MustOpen(rig)->Fill(0, 50);
    rig.events.Forget();
    rig.disk.SetBeforeLogRead([&]() -> absl::Status {
      const bool replaying = rig.events.Count(EventKind::kLogRecovered) > 0;
      return replaying ? Unavailable("bad sector") : absl::OkStatus();
    });
    absl::StatusOr<std::unique_ptr<Server>> server = Server::Open(rig.env, SmallOptions());
    if (server.ok()) {
      EXPECT_FALSE((*server)->engine().AwaitStopped().ok());
      EXPECT_TRUE(absl::IsAborted((*server)->engine().AwaitBarrier()));
      EXPECT_FALSE((**server)->Query(EncodeCommand(KvGet{"k1"})).ok());
      EXPECT_FALSE((*server)->Put("a", "1").ok());
      EXPECT_EQ(rig.events.Count(EventKind::kReadServed), 0u);
      server->reset();
    }
    rig.disk.SetBeforeLogRead(nullptr);
    EXPECT_EQ(MustOpen(rig)->Get("k1"), "k1" + std::string(20, '.'));
  });
}

TEST_P(FailureTest, AFailedSyncWhileOpeningFailsTheOpeningAndTheNextOneWorks) {
  InWorld([](Rig& rig) {
    MustOpen(rig)->Fill(0, 50, 500);
    for (int sync = 0; sync < 3; ++sync) {
      rig.disk.FailNextLogSyncs(1);
      const absl::Status opening = Server::Open(rig.env, SmallOptions()).status();
      EXPECT_TRUE(absl::IsUnavailable(opening)) << opening;
    }
    EXPECT_NE(MustOpen(rig)->Get("k49"), std::nullopt);
  });
}

}  // namespace
}  // namespace wt::test
