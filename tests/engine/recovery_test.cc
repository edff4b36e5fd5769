// Opening again, in every world: the state and the indices are what they were, by whichever way
// they were restored, and no read is served before that is so.
#include <gtest/gtest.h>

#include <atomic>

#include "absl/strings/str_format.h"
#include "tests/engine/engine_world.h"

namespace wt::test {
namespace {

class RecoveryTest : public WorldTest {};
INSTANTIATE_TEST_SUITE_P(Worlds, RecoveryTest, testing::ValuesIn(Worlds()), NameOf);

struct Seen {
  LogIndex last_applied;
  LogIndex last_log_index;
  Hash128 digest;
  bool operator==(const Seen&) const = default;
};

Seen Look(Server& server) {
  EXPECT_TRUE(server.engine().AwaitBarrier().ok());
  return {server.engine().last_applied(), server.engine().last_log_index(),
          server.engine().state_digest()};
}

// A life of its own: opens, looks, closes.
Seen LookAgain(Rig& rig, const EngineOptions& options = SmallOptions()) {
  auto server = MustOpen(rig, options);
  return Look(*server);
}

TEST_P(RecoveryTest, AnEmptyFolderGivesAnEmptyStateAgainAndAgain) {
  InWorld([](Rig& rig) {
    const Seen first = LookAgain(rig);
    EXPECT_EQ(first.last_applied, LogIndex(0));
    for (int life = 0; life < 3; ++life) EXPECT_EQ(LookAgain(rig), first);
  });
}

TEST_P(RecoveryTest, ReopeningGivesTheSameStateAndIndices) {
  InWorld([](Rig& rig) {
    Seen before;
    {
      auto server = MustOpen(rig);
      server->Fill(0, 200, 300);
      EXPECT_TRUE(server->Increment("visits").ok());
      before = Look(*server);
    }
    EXPECT_EQ(before.last_applied, LogIndex(201));
    for (int life = 0; life < 3; ++life) EXPECT_EQ(LookAgain(rig), before);
  });
}

TEST_P(RecoveryTest, LivesAddUp) {
  InWorld([](Rig& rig) {
    EngineOptions options = SmallOptions();
    options.snapshot_log_bytes = 6 * kKiB;
    for (uint64_t life = 0; life < 6; ++life) {
      auto server = MustOpen(rig, options);
      EXPECT_EQ(Look(*server).last_applied, LogIndex(life * 30));
      server->Fill(life * 30, (life + 1) * 30, 200);
      for (uint64_t i = 0; i < (life + 1) * 30; i += 7) {
        EXPECT_EQ(server->Get(absl::StrFormat("k%d", i)),
                  absl::StrFormat("k%d", i) + std::string(200, '.'));
      }
    }
  });
}

TEST_P(RecoveryTest, ASnapshotAndTheSuffixGiveWhatAFullReplayGives) {
  InWorld([](Rig& rig) {
    EngineOptions options = SmallOptions();
    options.log.segment_bytes = kMiB;  // one segment: the whole log stays
    Seen before;
    {
      auto server = MustOpen(rig, options);
      server->Fill(0, 80);
      ASSERT_TRUE(server->engine().TakeSnapshot().ok());
      server->Fill(40, 120);
      before = Look(*server);
    }
    rig.events.Forget();
    EXPECT_EQ(LookAgain(rig, options), before);
    EXPECT_GE(rig.events.Count(EventKind::kSnapshotLoaded), 1u);
    EXPECT_EQ(rig.events.Count(EventKind::kEntryApplied), 80u);

    RemoveFiles(rig.env.disk, "snapshot/");
    rig.events.Forget();
    EXPECT_EQ(LookAgain(rig, options), before);
    EXPECT_EQ(rig.events.Count(EventKind::kSnapshotLoaded), 0u);
    EXPECT_EQ(rig.events.Count(EventKind::kEntryApplied), 160u);
  });
}

TEST_P(RecoveryTest, ASnapshotOfTheLastEntryNeedsNoReplay) {
  InWorld([](Rig& rig) {
    Seen before;
    {
      auto server = MustOpen(rig);
      server->Fill(0, 50, 500);
      ASSERT_TRUE(server->engine().TakeSnapshot().ok());
      before = Look(*server);
    }
    rig.events.Forget();
    EXPECT_EQ(LookAgain(rig), before);
    EXPECT_EQ(rig.events.Count(EventKind::kEntryApplied), 0u);
    EXPECT_EQ(rig.events.Count(EventKind::kEngineRecovered), 1u);
    EXPECT_EQ(MustOpen(rig)->Put("next", "1")->index, before.last_applied + 1);
  });
}

TEST_P(RecoveryTest, AReadAndAWriteThatComeBeforeReplayIsDoneAreRight) {
  InWorld([](Rig& rig) {
    MustOpen(rig)->Fill(0, 100);
    // Replay waits at its first read of the log until the reader below has been seen to wait.
    std::atomic<bool> is_asking = false;
    rig.events.Forget();
    rig.disk.SetBeforeLogRead([&] {
      const bool replaying = rig.events.Count(EventKind::kLogRecovered) > 0;
      while (replaying && !is_asking) rig.Wait();
      for (int i = 0; replaying && i < 20; ++i) rig.Wait();
      return absl::OkStatus();
    });
    auto server = MustOpen(rig);
    EXPECT_EQ(server->engine().last_applied(), LogIndex(0));
    EXPECT_EQ(server->engine().commit_index(), LogIndex(100));
    auto writer = rig.env.tasks.Spawn("writer", [&] {
      absl::StatusOr<Committed> done = server->Put("k7", "new");
      EXPECT_TRUE(done.ok() && done->index == LogIndex(101)) << done.status();
    });
    is_asking = true;
    absl::StatusOr<ReadResult> read = (*server)->Query(EncodeCommand(KvGet{"k99"}));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_GE(read->at, LogIndex(100));
    EXPECT_EQ(rig.events.Count(EventKind::kEngineRecovered), 1u);
    EXPECT_EQ(server->Get("k99"), "k99" + std::string(20, '.'));
    writer->Join();
    EXPECT_EQ(server->Get("k7"), "new");
  });
}

TEST_P(RecoveryTest, ASnapshotIsNotTakenBeforeReplayIsDone) {
  InWorld([](Rig& rig) {
    MustOpen(rig)->Fill(0, 100);
    auto server = MustOpen(rig);
    EXPECT_TRUE(server->engine().TakeSnapshot().ok());
    EXPECT_EQ(rig.events.LastA(EventKind::kSnapshotCreated), 100u);
  });
}

TEST_P(RecoveryTest, CloseDuringReplayEndsItAndLosesNothing) {
  InWorld([](Rig& rig) {
    Seen before;
    {
      auto server = MustOpen(rig);
      server->Fill(0, 300);
      before = Look(*server);
    }
    for (int life = 0; life < 3; ++life) {
      auto server = MustOpen(rig);
      EXPECT_TRUE((*server)->Close().ok());
      EXPECT_TRUE(server->engine().AwaitStopped().ok());
    }
    EXPECT_EQ(LookAgain(rig), before);
  });
}

}  // namespace
}  // namespace wt::test
