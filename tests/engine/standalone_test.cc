// One node that decides alone, in every world: what is proposed is applied, answered and kept; what
// is refused has no effect; each life is a term of its own.
#include <gtest/gtest.h>

#include "tests/engine/engine_world.h"

namespace wt::test {
namespace {

class StandaloneTest : public WorldTest {};
INSTANTIATE_TEST_SUITE_P(Worlds, StandaloneTest, testing::ValuesIn(Worlds()), NameOf);

TEST_P(StandaloneTest, AProposedPutIsRead) {
  InWorld([](Rig& rig) {
    auto server = MustOpen(rig);
    EXPECT_EQ(server->Get("color"), std::nullopt);
    EXPECT_TRUE(ResultOf<KvSetResult>(server->Put("color", "red")).success);
    EXPECT_EQ(server->Get("color"), "red");
    EXPECT_TRUE(server->Put("color", "blue").ok());
    EXPECT_EQ(server->Get("color"), "blue");
  });
}

TEST_P(StandaloneTest, IndicesAreConsecutiveAndAnswersAreTheProposersOwn) {
  InWorld([](Rig& rig) {
    auto server = MustOpen(rig);
    for (int64_t i = 1; i <= 20; ++i) {
      absl::StatusOr<Committed> done = server->Increment("visits");
      ASSERT_TRUE(done.ok()) << done.status();
      EXPECT_EQ(done->index, LogIndex(i));
      EXPECT_EQ(done->term, (*server)->term());
      EXPECT_EQ(ResultOf<CounterIncrementResult>(done).new_count, i);
    }
  });
}

TEST_P(StandaloneTest, AnAcknowledgedEntryIsDurableCommittedAndApplied) {
  InWorld([](Rig& rig) {
    auto server = MustOpen(rig);
    absl::StatusOr<Committed> done = server->Put("a", "1");
    ASSERT_TRUE(done.ok()) << done.status();
    Engine& engine = server->engine();
    EXPECT_EQ(engine.durable_index(), done->index);
    EXPECT_EQ(engine.commit_index(), done->index);
    EXPECT_EQ(engine.last_applied(), done->index);
    EXPECT_EQ(engine.last_log_index(), done->index);
  });
}

TEST_P(StandaloneTest, AReadSaysWhichStateAnswered) {
  InWorld([](Rig& rig) {
    auto server = MustOpen(rig);
    server->Fill(0, 3);
    absl::StatusOr<ReadResult> read = (*server)->Query(EncodeCommand(KvGet{"k1"}));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->at, LogIndex(3));
  });
}

TEST_P(StandaloneTest, AQueryThatWritesIsInvalid) {
  InWorld([](Rig& rig) {
    auto server = MustOpen(rig);
    EXPECT_TRUE(absl::IsInvalidArgument((*server)->Query(EncodeCommand(KvSet{"a", "1"})).status()));
    EXPECT_TRUE(absl::IsInvalidArgument((*server)->Query("\xff nonsense").status()));
    EXPECT_EQ(server->engine().last_log_index(), LogIndex(0));
  });
}

TEST_P(StandaloneTest, AMalformedCommandIsRefusedInItsResultAndChangesNothing) {
  InWorld([](Rig& rig) {
    auto server = MustOpen(rig);
    server->Fill(0, 2);
    for (const std::string& command :
         {std::string(), std::string("\xff"), std::string("nonsense")}) {
      const Refused refused = ResultOf<Refused>((*server)->Propose(command));
      EXPECT_EQ(refused.reason, RefusalReason::kMalformed);
      EXPECT_FALSE(refused.message.empty());
    }
    EXPECT_EQ(server->engine().last_applied(), LogIndex(5));
    EXPECT_EQ(server->machine().size(), 2u);
    EXPECT_TRUE(server->Put("after", "1").ok());
  });
}

TEST_P(StandaloneTest, AnEntryOverTheLimitIsInvalidAndLeavesNoTrace) {
  InWorld([](Rig& rig) {
    EngineOptions options = SmallOptions();
    options.log.max_entry_bytes = 1000;
    auto server = MustOpen(rig, options);
    EXPECT_TRUE(absl::IsInvalidArgument((*server)->Propose(std::string(1001, 'x')).status()));
    EXPECT_EQ(server->engine().last_log_index(), LogIndex(0));
    EXPECT_EQ((*server)->Propose(std::string(1000, 'x'))->index, LogIndex(1));
    EXPECT_EQ(server->Put("a", "1")->index, LogIndex(2));
  });
}

TEST_P(StandaloneTest, AnEntryLargerThanASegmentGetsThrough) {
  InWorld([](Rig& rig) {
    const std::string large(200 * kKiB, 'L');
    Hash128 digest;
    {
      auto server = MustOpen(rig);
      EXPECT_TRUE(server->Put("large", large).ok());
      server->Fill(0, 3);
      digest = server->engine().state_digest();
    }
    auto server = MustOpen(rig);
    EXPECT_EQ(server->Get("large"), large);
    EXPECT_EQ(server->engine().state_digest(), digest);
  });
}

TEST_P(StandaloneTest, TheTermRisesWithEachOpen) {
  InWorld([](Rig& rig) {
    Term last;
    for (int life = 0; life < 4; ++life) {
      auto server = MustOpen(rig);
      EXPECT_GT((*server)->term(), last);
      last = (*server)->term();
      // Every second life writes nothing: its term is used up all the same.
      if (life % 2 == 0) {
        EXPECT_EQ(server->Put("life", std::to_string(life))->term, last);
      }
    }
    EXPECT_EQ(last, Term(4));
  });
}

TEST_P(StandaloneTest, WhileOneHasTheFolderAnotherIsLockedOut) {
  InWorld([](Rig& rig) {
    auto server = MustOpen(rig);
    EXPECT_TRUE(absl::IsFailedPrecondition(Server::Open(rig.env, SmallOptions()).status()));
    EXPECT_TRUE(server->Put("still", "mine").ok());
    server.reset();
    EXPECT_EQ(MustOpen(rig)->Get("still"), "mine");
  });
}

TEST_P(StandaloneTest, AfterCloseEverythingIsRefusedAndCloseAgainIsFine) {
  InWorld([](Rig& rig) {
    auto server = MustOpen(rig);
    server->Fill(0, 2);
    EXPECT_TRUE((*server)->Close().ok());
    EXPECT_TRUE((*server)->Close().ok());
    EXPECT_TRUE(server->engine().AwaitStopped().ok());
    EXPECT_TRUE(absl::IsFailedPrecondition(server->Put("a", "1").status()));
    EXPECT_FALSE((*server)->Query(EncodeCommand(KvGet{"k0"})).ok());
    EXPECT_FALSE(server->engine().TakeSnapshot().ok());
    EXPECT_EQ(server->engine().last_log_index(), LogIndex(2));
    server.reset();
    EXPECT_EQ(MustOpen(rig)->engine().last_log_index(), LogIndex(2));
  });
}

TEST_P(StandaloneTest, OptionsThatMakeNoSenseAreInvalid) {
  InWorld([](Rig& rig) {
    const auto refused = [&](auto change) {
      EngineOptions options = SmallOptions();
      change(options);
      const absl::Status status = Server::Open(rig.env, options).status();
      return absl::IsInvalidArgument(status) && !status.message().empty();
    };
    EXPECT_TRUE(refused([](EngineOptions& o) { o.snapshots_kept = 0; }));
    EXPECT_TRUE(refused([](EngineOptions& o) { o.log.alignment = 777; }));
    EXPECT_TRUE(refused([](EngineOptions& o) { o.log.segment_bytes = 100; }));
    EXPECT_TRUE(refused([](EngineOptions& o) { o.log.buffer_bytes = 1; }));
    EXPECT_TRUE(refused([](EngineOptions& o) { o.log.directory = ""; }));
    // The folder is as good as before.
    EXPECT_TRUE(MustOpen(rig)->Put("a", "1").ok());
  });
}

}  // namespace
}  // namespace wt::test
