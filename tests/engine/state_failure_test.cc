// What a state lies on fails: the engine stops, says so, and takes it neither for damage of the log
// nor for an answer; the next start has everything.
#include <gtest/gtest.h>

#include "engine/base/status.h"
#include "tests/engine/replica_bench.h"

namespace wt::test {
namespace {

// In memory, and yet it fails: once, in the call that it is told.
class BrittleMachine : public CompositeStateMachine {
 public:
  enum class At { kPrepare, kSettle, kQuery };
  BrittleMachine(At at, LogIndex index) : at_(at), index_(index) {}

  absl::Status Prepare(const LogEntry& entry) override { return Fate(At::kPrepare, entry.index); }
  absl::Status Settle() override { return Fate(At::kSettle, last_applied()); }
  absl::StatusOr<std::string> Query(std::string_view command) const override {
    WT_RETURN_IF_ERROR(Fate(At::kQuery, last_applied()));
    return CompositeStateMachine::Query(command);
  }

 private:
  absl::Status Fate(At at, LogIndex index) const {
    if (at != at_ || index != index_) return absl::OkStatus();
    return DataLoss("table 7: block at 64 has rotted");
  }

  const At at_;
  const LogIndex index_;
};

class StateFailureTest : public WorldTest {};

std::string SetCommand(int number) {
  return EncodeCommand(KvSet{"key" + std::to_string(number), "value"});
}

void ExpectAllThere(Rig& rig, int entries) {
  std::unique_ptr<Server> server = MustOpen(rig);
  for (int i = 0; i < entries; ++i) {
    EXPECT_EQ(server->Get("key" + std::to_string(i)), "value") << i;
  }
}

void ExpectStopped(Standalone& node) {
  const absl::Status why = node.engine().AwaitStopped();
  EXPECT_TRUE(absl::IsUnavailable(why)) << why;
  EXPECT_EQ(MessageOf(why), "state: table 7: block at 64 has rotted");
}

TEST_P(StateFailureTest, AnEntryThatCannotBeAppliedStopsTheEngineAndIsThereAfterTheNextStart) {
  for (const auto at : {BrittleMachine::At::kPrepare, BrittleMachine::At::kSettle}) {
    InWorld([at](Rig& rig) {
      {
        BrittleMachine machine(at, LogIndex(3));
        auto node = Standalone::Open(rig.env, SmallOptions(), machine);
        ASSERT_TRUE(node.ok()) << node.status();
        EXPECT_TRUE((*node)->Propose(SetCommand(0)).ok());
        EXPECT_TRUE((*node)->Propose(SetCommand(1)).ok());
        ASSERT_FALSE((*node)->Propose(SetCommand(2)).ok());
        EXPECT_FALSE((*node)->Propose(SetCommand(3)).ok());
        ExpectStopped(**node);
        EXPECT_TRUE((*node)->Close().ok());
      }
      ExpectAllThere(rig, 3);
    });
  }
}

TEST_P(StateFailureTest, AQueryThatCannotBeReadIsNotAnsweredAndStopsTheEngine) {
  InWorld([](Rig& rig) {
    {
      BrittleMachine machine(BrittleMachine::At::kQuery, LogIndex(2));
      auto node = Standalone::Open(rig.env, SmallOptions(), machine);
      ASSERT_TRUE(node.ok()) << node.status();
      EXPECT_TRUE((*node)->Propose(SetCommand(0)).ok());
      EXPECT_TRUE((*node)->Query(EncodeCommand(KvGet{"key0"})).ok());
      EXPECT_FALSE((*node)->Query("malformed").ok());
      EXPECT_TRUE((*node)->Propose(SetCommand(1)).ok());  // a malformed query stops nobody
      ASSERT_TRUE(absl::IsUnavailable((*node)->Query(EncodeCommand(KvGet{"key0"})).status()));
      ExpectStopped(**node);
      EXPECT_TRUE((*node)->Close().ok());
    }
    ExpectAllThere(rig, 2);
  });
}

// In memory, and yet there may be no room for another state.
class CrampedMachine : public CompositeStateMachine {
 public:
  absl::Status Restore(ChunkSource& source) override {
    return failure.ok() ? Base::Restore(source) : failure;
  }
  absl::Status SetState(std::string_view state) override {
    return sets ? Base::SetState(state) : ResourceExhausted("table 7: the disk is full");
  }

  absl::Status failure;  // of Restore
  bool sets = true;

 private:
  using Base = CompositeStateMachine;
};

absl::Status Install(Engine& engine, const PeerState& state) {
  SentState source = state.Source();
  return engine.InstallSnapshot(state.index, state.term, state.digest, source);
}

absl::Status Commit(Engine& engine, const std::vector<LogEntry>& entries) {
  WT_RETURN_IF_ERROR(engine.Append(entries));
  WT_RETURN_IF_ERROR(engine.Sync());
  engine.AdvanceCommit(entries.back().index);
  return engine.ApplyCommitted();
}

TEST_P(StateFailureTest, AnInstallThatHasChangedNothingIsNotTakenBack) {
  InWorld([](Rig& rig) {
    CrampedMachine machine;
    auto engine = Engine::Open(rig.env, ReplicaOptions(), machine);
    ASSERT_TRUE(engine.ok()) << engine.status();
    ASSERT_TRUE(Commit(**engine, PutsFrom(1, 5)).ok());
    machine.failure = ResourceExhausted("table 7: the disk is full");
    const PeerState state = StateAfter(PutsFrom(1, 20));
    EXPECT_TRUE(absl::IsResourceExhausted(Install(**engine, state)));
    EXPECT_TRUE(Commit(**engine, PutsFrom(6, 8)).ok()) << "what it has is as good as before";
    EXPECT_EQ((*engine)->state_digest(), StateAfter(PutsFrom(1, 8)).digest);
    machine.failure = absl::OkStatus();
    ASSERT_TRUE(Install(**engine, state).ok());
    EXPECT_EQ((*engine)->state_digest(), state.digest);
    EXPECT_TRUE((*engine)->Close().ok());
  });
}

// Else nobody would start it again: what it lacks comes by installs alone.
TEST_P(StateFailureTest, AnInstallIntoAStateThatHasStoppedStopsTheEngine) {
  InWorld([](Rig& rig) {
    CrampedMachine machine;
    auto engine = Engine::Open(rig.env, ReplicaOptions(), machine);
    ASSERT_TRUE(engine.ok()) << engine.status();
    machine.failure = FailedPrecondition("the store has stopped");
    EXPECT_TRUE(absl::IsUnavailable(Install(**engine, StateAfter(PutsFrom(1, 20)))));
    EXPECT_EQ(MessageOf((*engine)->AwaitStopped()), "state: the store has stopped");
    EXPECT_TRUE((*engine)->Close().ok());
  });
}

TEST_P(StateFailureTest, ASnapshotThatIsPassedOverAndCannotBeLetGoOfIsAnError) {
  InWorld([](Rig& rig) {
    {
      auto replica = Replica::MustOpen(rig.env);
      ASSERT_TRUE(replica->Commit(PutsFrom(1, 50, 1, 300)).ok());
      ASSERT_TRUE((*replica)->TakeSnapshot().ok());
    }
    const std::vector<std::string> chunks = PathsWith(rig.env.disk, "snapshot/chunks_");
    ASSERT_FALSE(chunks.empty());
    FlipByte(rig.env.disk, chunks.front(), 100);
    CrampedMachine machine;
    machine.sets = false;
    auto engine = Engine::Open(rig.env, ReplicaOptions(), machine);
    EXPECT_TRUE(absl::IsResourceExhausted(engine.status())) << engine.status();
  });
}

INSTANTIATE_TEST_SUITE_P(Worlds, StateFailureTest, testing::ValuesIn(Worlds()), NameOf);

}  // namespace
}  // namespace wt::test
