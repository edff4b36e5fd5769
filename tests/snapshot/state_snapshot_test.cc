// State machine and snapshots together: a frozen state goes to disk while the machine goes on,
// comes back equal after a power cut, and the next snapshot writes only what changed.
#include <gtest/gtest.h>

#include "engine/state/composite_state_machine.h"
#include "tests/snapshot/world.h"

namespace wt {
namespace {

using test::CrashKind;
using test::SnapshotWorld;

void Apply(StateMachine& machine, const Command& command) {
  machine.Apply({.index = machine.last_applied() + 1, .command = EncodeCommand(command)});
}

// Changes the machine whenever it is asked for a chunk, as a busy engine does.
class BusySource : public ChunkSource {
 public:
  BusySource(StateMachine& machine) : machine_(machine), frozen_(machine.Freeze()) {}
  absl::StatusOr<std::string> Next() override {
    Apply(machine_, KvSet{"busy" + std::to_string(++calls_), "x"});
    Apply(machine_, KvDelete{"key" + std::to_string(calls_)});
    return frozen_->Next();
  }

 private:
  StateMachine& machine_;
  std::unique_ptr<ChunkSource> frozen_;
  int calls_ = 0;
};

TEST(StateSnapshotTest, ABusyMachineGivesAPointInTime) {
  SnapshotWorld world;
  world.Open();
  CompositeStateMachine machine;
  for (int i = 0; i < 5000; ++i) Apply(machine, KvSet{"key" + std::to_string(i), "value"});
  const Hash128 digest = machine.Digest();
  const std::string state = machine.GetState();
  BusySource source(machine);
  ASSERT_TRUE(world.snapshots->Create(LogIndex(5000), Term(1), digest, source).ok());
  ASSERT_NE(machine.Digest(), digest);
  world.CrashAndOpen(CrashKind::kLoseUnsynced);
  const Snapshot snapshot = world.snapshots->List()[0];
  CompositeStateMachine restored;
  ASSERT_TRUE(restored.Restore(**world.snapshots->Load(snapshot.id)).ok());
  EXPECT_EQ(restored.Digest(), snapshot.state_digest);
  EXPECT_EQ(restored.GetState(), state);
  EXPECT_EQ(*LoadBytes(*world.snapshots, snapshot.id), state);
}

TEST(StateSnapshotTest, TheNextSnapshotWritesWhatChanged) {
  SnapshotWorld world;
  world.Open();
  CompositeStateMachine machine;
  for (int i = 0; i < 20'000; ++i) {
    Apply(machine, KvSet{"key" + std::to_string(i), "value" + std::to_string(i)});
  }
  ASSERT_TRUE(
      world.snapshots->Create(LogIndex(1), Term(1), machine.Digest(), *machine.Freeze()).ok());
  Apply(machine, KvSet{"key7", "changed"});
  Apply(machine, KvDelete{"key15000"});
  absl::StatusOr<Snapshot> second =
      world.snapshots->Create(LogIndex(2), Term(1), machine.Digest(), *machine.Freeze());
  ASSERT_TRUE(second.ok());
  EXPECT_GT(second->reused_bytes, second->bytes * 8 / 10);
  CompositeStateMachine restored;
  ASSERT_TRUE(restored.Restore(**world.snapshots->Load("snapshot_2_1")).ok());
  EXPECT_EQ(restored.Digest(), machine.Digest());
}

}  // namespace
}  // namespace wt
