// The engine under somebody else's decisions (CommitRule::kReplicated): it applies what it is told
// is committed, exactly once, in order, and after a restart no more than it was told. In every
// world.
#include <gtest/gtest.h>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "tests/engine/engine_world.h"

namespace wt::test {
namespace {

class EngineTest : public WorldTest {};
INSTANTIATE_TEST_SUITE_P(Worlds, EngineTest, testing::ValuesIn(Worlds()), NameOf);

EngineOptions Replicated() {
  EngineOptions options = SmallOptions();
  options.commit_rule = CommitRule::kReplicated;
  return options;
}

std::vector<LogEntry> Entries(uint64_t first, uint64_t count, uint64_t term = 1) {
  std::vector<LogEntry> entries;
  for (uint64_t i = first; i < first + count; ++i) {
    entries.push_back({.term = Term(term),
                       .index = LogIndex(i),
                       .timestamp = WallTime(std::chrono::seconds(i)),
                       .command = EncodeCommand(KvSet{absl::StrFormat("k%d", i), "v"})});
  }
  return entries;
}

// An open engine, its state machine, and what it told of each entry that it applied.
struct Opened {
  Opened(Rig& rig, EngineOptions options) {
    options.on_applied = [this](const LogEntry& entry, std::string result) {
      applied.push_back(entry.index);
      results.push_back(std::move(result));
    };
    absl::StatusOr<std::unique_ptr<Engine>> opened = Engine::Open(rig.env, options, machine);
    EXPECT_TRUE(opened.ok()) << opened.status();
    WT_CHECK(opened.ok());
    engine = *std::move(opened);
    EXPECT_TRUE(engine->AwaitBarrier().ok());
  }
  ~Opened() { (void)engine->Close(); }

  CompositeStateMachine machine;
  std::vector<LogIndex> applied;
  std::vector<std::string> results;
  std::unique_ptr<Engine> engine;
};

TEST_P(EngineTest, WhatIsAppendedIsNotAppliedUntilItIsCommitted) {
  InWorld([](Rig& rig) {
    Opened node(rig, Replicated());
    EXPECT_TRUE(node.engine->Append(Entries(1, 5)).ok());
    EXPECT_TRUE(node.engine->Sync().ok());
    EXPECT_TRUE(node.engine->ApplyCommitted().ok());
    EXPECT_EQ(node.engine->last_applied(), LogIndex(0));
    EXPECT_EQ(node.engine->durable_index(), LogIndex(5));

    node.engine->AdvanceCommit(LogIndex(3));
    EXPECT_TRUE(node.engine->ApplyCommitted().ok());
    EXPECT_EQ(node.engine->last_applied(), LogIndex(3));
    EXPECT_EQ(node.applied, (std::vector{LogIndex(1), LogIndex(2), LogIndex(3)}));
    for (const std::string& result : node.results) {
      EXPECT_EQ(result, EncodeResult(KvSetResult{true}));
    }
  });
}

TEST_P(EngineTest, ALowerCommitIndexIsWithoutEffect) {
  InWorld([](Rig& rig) {
    Opened node(rig, Replicated());
    EXPECT_TRUE(node.engine->Append(Entries(1, 5)).ok());
    EXPECT_TRUE(node.engine->Sync().ok());
    node.engine->AdvanceCommit(LogIndex(4));
    node.engine->AdvanceCommit(LogIndex(2));
    EXPECT_EQ(node.engine->commit_index(), LogIndex(4));
    EXPECT_TRUE(node.engine->ApplyCommitted().ok());
    EXPECT_TRUE(node.engine->ApplyCommitted().ok());
    EXPECT_EQ(node.applied.size(), 4u);
  });
}

TEST_P(EngineTest, AfterARestartOnlyWhatWasKnownToBeCommittedIsApplied) {
  InWorld([](Rig& rig) {
    {
      Opened node(rig, Replicated());
      EXPECT_TRUE(node.engine->Append(Entries(1, 3)).ok());
      EXPECT_TRUE(node.engine->Sync().ok());
      node.engine->AdvanceCommit(LogIndex(3));
      EXPECT_TRUE(node.engine->Append(Entries(4, 3)).ok());
      EXPECT_TRUE(node.engine->Sync().ok());  // carries the commit index
    }
    Opened node(rig, Replicated());
    EXPECT_EQ(node.engine->commit_index(), LogIndex(3));
    EXPECT_EQ(node.engine->last_applied(), LogIndex(3));
    EXPECT_EQ(node.engine->last_log_index(), LogIndex(6));
    node.engine->AdvanceCommit(LogIndex(6));
    EXPECT_TRUE(node.engine->ApplyCommitted().ok());
    EXPECT_EQ(node.machine.Value("k6"), "v");
  });
}

TEST_P(EngineTest, ASnapshotIsCommittedWhateverTheHardStateSays) {
  InWorld([](Rig& rig) {
    {
      Opened node(rig, Replicated());
      EXPECT_TRUE(node.engine->Append(Entries(1, 5)).ok());
      EXPECT_TRUE(node.engine->Sync().ok());
      node.engine->AdvanceCommit(LogIndex(5));
      EXPECT_TRUE(node.engine->ApplyCommitted().ok());
      EXPECT_TRUE(node.engine->TakeSnapshot().ok());
    }
    Opened node(rig, Replicated());
    EXPECT_GE(node.engine->commit_index(), LogIndex(5));
    EXPECT_EQ(node.engine->last_applied(), LogIndex(5));
    EXPECT_TRUE(node.applied.empty()) << "it came from the snapshot";
  });
}

TEST_P(EngineTest, EntriesOutOfOrderAreRefusedAndTheEngineGoesOn) {
  InWorld([](Rig& rig) {
    Opened node(rig, Replicated());
    EXPECT_TRUE(node.engine->Append(Entries(1, 2, 5)).ok());
    EXPECT_TRUE(absl::IsInvalidArgument(node.engine->Append(Entries(5, 1, 5))));
    EXPECT_TRUE(absl::IsInvalidArgument(node.engine->Append(Entries(2, 1, 5))));
    EXPECT_TRUE(absl::IsInvalidArgument(node.engine->Append(Entries(3, 1, 4)))) << "term goes back";
    EXPECT_EQ(node.engine->last_log_index(), LogIndex(2));
    EXPECT_TRUE(node.engine->Append(Entries(3, 1, 6)).ok());
    EXPECT_TRUE(node.engine->Sync().ok());
    node.engine->AdvanceCommit(LogIndex(3));
    EXPECT_TRUE(node.engine->ApplyCommitted().ok());
    EXPECT_EQ(node.applied.size(), 3u);
  });
}

TEST_P(EngineTest, ManyWhoApplyAtOnceApplyEachEntryOnce) {
  static constexpr uint64_t kEntries = 400;
  InWorld([](Rig& rig) {
    Opened node(rig, Replicated());
    EXPECT_TRUE(node.engine->Append(Entries(1, kEntries)).ok());
    EXPECT_TRUE(node.engine->Sync().ok());
    std::vector<std::unique_ptr<Task>> tasks;
    for (uint64_t task = 0; task < 4; ++task) {
      tasks.push_back(rig.env.tasks.Spawn("applier", [&, task] {
        for (uint64_t i = task * 10; i <= kEntries; i += 10) {
          node.engine->AdvanceCommit(LogIndex(i));
          EXPECT_TRUE(node.engine->ApplyCommitted().ok());
          EXPECT_GE(node.engine->last_applied(), LogIndex(i));
        }
      }));
    }
    for (const std::unique_ptr<Task>& task : tasks) task->Join();
    ASSERT_EQ(node.applied.size(), kEntries);
    for (uint64_t i = 0; i < kEntries; ++i) EXPECT_EQ(node.applied[i], LogIndex(i + 1));
  });
}

TEST_P(EngineTest, ALogThatEndsBeforeWhatWasCommittedIsRefused) {
  InWorld([](Rig& rig) {
    {
      Opened node(rig, Replicated());
      EXPECT_TRUE(node.engine->Append(Entries(1, 5)).ok());
      EXPECT_TRUE(node.engine->Sync().ok());
      node.engine->AdvanceCommit(LogIndex(5));
      EXPECT_TRUE(node.engine->log().Truncate(LogIndex(4)).ok());
      EXPECT_TRUE(node.engine->Sync().ok());
    }
    CompositeStateMachine machine;
    const absl::Status status = Engine::Open(rig.env, Replicated(), machine).status();
    EXPECT_TRUE(absl::IsDataLoss(status)) << status;
    EXPECT_NE(MessageOf(status).find("5 was committed"), std::string::npos) << status;
  });
}

// Says another digest than the state has: a build whose state machine has changed its mind.
class OtherDigest : public CompositeStateMachine {
 public:
  Hash128 Digest() const override {
    Hash128 digest = CompositeStateMachine::Digest();
    digest.low ^= 1;
    return digest;
  }
};

TEST_P(EngineTest, ASnapshotThatRestoresToAnotherDigestIsNotUsed) {
  InWorld([](Rig& rig) {
    {
      auto server = MustOpen(rig);
      server->Fill(0, 5);
      EXPECT_TRUE(server->engine().TakeSnapshot().ok());
      server->Fill(0, 3);
    }
    // The log is whole: everything comes from it, and nothing of what the snapshot left behind.
    OtherDigest machine;
    rig.events.Forget();
    absl::StatusOr<std::unique_ptr<Engine>> engine = Engine::Open(rig.env, SmallOptions(), machine);
    ASSERT_TRUE(engine.ok()) << engine.status();
    EXPECT_TRUE((*engine)->AwaitBarrier().ok());
    EXPECT_EQ((*engine)->last_applied(), LogIndex(8));
    EXPECT_EQ(rig.events.Count(EventKind::kEntryApplied), 8u);
    EXPECT_EQ(rig.events.Count(EventKind::kSnapshotDamaged), 1u);
    EXPECT_EQ(machine.size(), 5u);
    EXPECT_TRUE((*engine)->Close().ok());
  });
}

TEST_P(EngineTest, WhereTheLogAloneIsNotEnoughAnotherDigestIsRefused) {
  InWorld([](Rig& rig) {
    {
      auto server = MustOpen(rig);
      server->Fill(0, 100, 500);
      EXPECT_TRUE(server->engine().TakeSnapshot().ok());
      EXPECT_GT(server->engine().log().first_index(), LogIndex(1));
    }
    OtherDigest machine;
    const absl::Status status = Engine::Open(rig.env, SmallOptions(), machine).status();
    EXPECT_TRUE(absl::IsDataLoss(status)) << status;
    EXPECT_NE(MessageOf(status).find("state digest"), std::string::npos) << status;
  });
}

}  // namespace
}  // namespace wt::test
