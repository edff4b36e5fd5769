// An engine whose log has damaged entries, in every world: it opens, goes on, applies up to the
// damage and waits there, for a repair, a snapshot that covers it, or the end, and nobody else
// waits.
#include <gtest/gtest.h>

#include <atomic>

#include "tests/engine/replica_bench.h"

namespace wt::test {
namespace {

class EngineSalvageTest : public WorldTest {};
INSTANTIATE_TEST_SUITE_P(Worlds, EngineSalvageTest, testing::ValuesIn(Worlds()), NameOf);

// Entries 1 .. 12 are committed and applied, the log is closed.
void Write(Rig& rig) {
  auto replica = Replica::MustOpen(rig.env);
  for (uint64_t i = 1; i <= 12; i += 3) {
    ASSERT_TRUE(replica->Commit(PutsFrom(i, i + 2, 1, 700)).ok());
  }
}

void Harm(Rig& rig, uint64_t index) {
  for (const auto& [path, content] : FilesOf(rig.disk)) {
    const size_t at = content.find(absl::StrFormat("v%d of term", index));
    if (path.ends_with(".wal") && at != std::string::npos) return FlipByte(rig.disk, path, at + 9);
  }
  FAIL() << "entry " << index << " is nowhere";
}

LogEntry Entry(uint64_t index) { return PutAt(index, 1, 700); }

TEST_P(EngineSalvageTest, ReplayWaitsAtADamagedEntryForItsRepair) {
  InWorld([](Rig& rig) {
    Write(rig);
    Harm(rig, 5);
    Harm(rig, 8);
    auto replica = Replica::MustOpen(rig.env);
    EXPECT_EQ((*replica)->recovery().damaged, 2u);
    ASSERT_EQ((*replica)->Damaged().size(), 2u);
    EXPECT_EQ((*replica)->Damaged()[0].index, LogIndex(5));
    while ((*replica)->last_applied() < LogIndex(4)) rig.Wait();
    // The rest of the engine does not wait.
    ASSERT_TRUE(replica->Append(PutsFrom(13, 14)).ok());
    ASSERT_TRUE((*replica)->SetVote(Term(2), 1).ok());
    ASSERT_TRUE((*replica)->Sync().ok());
    (*replica)->AdvanceCommit(LogIndex(14));
    EXPECT_EQ((*replica)->last_applied(), LogIndex(4));
    EXPECT_EQ((*replica)->state_digest(), StateAfter(PutsFrom(1, 4, 1, 700)).digest);

    EXPECT_TRUE(absl::IsInvalidArgument((*replica)->Repair(PutAt(5, 1, 701))));
    ASSERT_TRUE((*replica)->Repair(Entry(5)).ok());
    while ((*replica)->last_applied() < LogIndex(7)) rig.Wait();
    ASSERT_TRUE((*replica)->Repair(Entry(8)).ok());
    ASSERT_TRUE((*replica)->AwaitBarrier().ok());
    ASSERT_TRUE((*replica)->ApplyCommitted().ok());
    EXPECT_EQ((*replica)->last_applied(), LogIndex(14));
    EXPECT_NE(replica->Get(14), std::nullopt);
    EXPECT_TRUE((*replica)->Damaged().empty());
  });
}

TEST_P(EngineSalvageTest, AQueryIsServedWhileALaterEntryIsDamaged) {
  InWorld([](Rig& rig) {
    auto replica = Replica::MustOpen(rig.env);
    ASSERT_TRUE(replica->Commit(PutsFrom(1, 3, 1, 700)).ok());
    ASSERT_TRUE(replica->Append(PutsFrom(4, 9, 1, 700)).ok());
    ASSERT_TRUE((*replica)->Sync().ok());
    ASSERT_TRUE((*replica)->Close().ok());
    replica.reset();
    Harm(rig, 6);
    auto again = Replica::MustOpen(rig.env);
    ASSERT_TRUE((*again)->AwaitBarrier().ok());
    (*again)->AdvanceCommit(LogIndex(9));
    std::atomic<bool> applied = false;
    auto applier = rig.env.tasks.Spawn("applier", [&] {
      EXPECT_TRUE((*again)->ApplyCommitted().ok());
      applied = true;
    });
    while ((*again)->last_applied() < LogIndex(5)) rig.Wait();
    for (int i = 0; i < 5; ++i) {
      EXPECT_NE(again->Get(5), std::nullopt);
      EXPECT_EQ(again->Get(6), std::nullopt);
      rig.Wait();
    }
    EXPECT_TRUE((*again)->TakeSnapshot().ok());
    EXPECT_FALSE(applied);
    ASSERT_TRUE((*again)->Repair(Entry(6)).ok());
    applier->Join();
    EXPECT_EQ((*again)->last_applied(), LogIndex(9));
  });
}

TEST_P(EngineSalvageTest, CloseEndsTheWait) {
  InWorld([](Rig& rig) {
    Write(rig);
    Harm(rig, 2);
    auto replica = Replica::MustOpen(rig.env);
    std::vector<std::unique_ptr<Task>> waiters;
    for (int i = 0; i < 2; ++i) {
      waiters.push_back(rig.env.tasks.Spawn("applier", [&] {
        EXPECT_TRUE(absl::IsFailedPrecondition((*replica)->ApplyCommitted()));
      }));
    }
    waiters.push_back(rig.env.tasks.Spawn("reader", [&] {
      EXPECT_TRUE(absl::IsAborted((*replica)->Query(EncodeCommand(KvGet{"k1"})).status()));
    }));
    while ((*replica)->last_applied() < LogIndex(1)) rig.Wait();
    EXPECT_TRUE((*replica)->Close().ok());
    for (auto& waiter : waiters) waiter->Join();
  });
}

TEST_P(EngineSalvageTest, ASnapshotThatCoversTheDamageEndsTheWait) {
  InWorld([](Rig& rig) {
    Write(rig);
    Harm(rig, 5);
    auto replica = Replica::MustOpen(rig.env);
    while ((*replica)->last_applied() < LogIndex(4)) rig.Wait();
    const PeerState state = StateAfter(PutsFrom(1, 10, 1, 700));
    ASSERT_TRUE(replica->Install(state).ok());
    ASSERT_TRUE((*replica)->AwaitBarrier().ok());
    EXPECT_EQ((*replica)->state_digest(), StateAfter(PutsFrom(1, 12, 1, 700)).digest);
  });
}

// Found when it is applied, not when it was opened.
TEST_P(EngineSalvageTest, DamageThatComesLaterIsWaitedForToo) {
  InWorld([](Rig& rig) {
    Write(rig);
    auto replica = Replica::MustOpen(rig.env);
    ASSERT_TRUE((*replica)->AwaitBarrier().ok());
    Harm(rig, 7);
    EXPECT_TRUE((*replica)->Damaged().empty());
    EXPECT_TRUE(absl::IsDataLoss((*replica)->log().Get(LogIndex(7)).status()));
    ASSERT_EQ((*replica)->Damaged().size(), 1u);
    ASSERT_TRUE((*replica)->Repair(Entry(7)).ok());
    EXPECT_EQ(*(*replica)->log().Get(LogIndex(7)), Entry(7));
  });
}

TEST_P(EngineSalvageTest, ARepairThatFailsStopsTheEngineAndIsMadeAgain) {
  InWorld([](Rig& rig) {
    Write(rig);
    Harm(rig, 5);
    {
      auto replica = Replica::MustOpen(rig.env);
      while ((*replica)->last_applied() < LogIndex(4)) rig.Wait();
      rig.disk.FailNextLogSyncs(1);
      EXPECT_TRUE(absl::IsUnavailable((*replica)->Repair(Entry(5))));
      EXPECT_TRUE(absl::IsUnavailable((*replica)->AwaitStopped()));
    }
    auto replica = Replica::MustOpen(rig.env);
    ASSERT_TRUE((*replica)->Repair(Entry(5)).ok()) << "damaged still, or mended";
    ASSERT_TRUE((*replica)->AwaitBarrier().ok());
    EXPECT_EQ((*replica)->state_digest(), StateAfter(PutsFrom(1, 12, 1, 700)).digest);
  });
}

TEST_P(EngineSalvageTest, WhatNoEntryCanMendIsRefusedAndTheEngineGoesOn) {
  InWorld([](Rig& rig) {
    Write(rig);
    auto replica = Replica::MustOpen(rig.env);
    ASSERT_TRUE((*replica)->ApplyCommitted().ok());
    rig.disk.FailReadsOf(".wal");  // with every entry the heads of all batches
    EXPECT_TRUE(absl::IsDataLoss((*replica)->log().Get(LogIndex(4)).status()));
    ASSERT_EQ((*replica)->Damaged().size(), 1u);
    EXPECT_TRUE(absl::IsFailedPrecondition((*replica)->Repair(Entry(4))));
    ASSERT_TRUE(replica->Commit(PutsFrom(13, 14)).ok());
    EXPECT_EQ((*replica)->last_applied(), LogIndex(14));
    rig.disk.FailReadsOf("");
    EXPECT_EQ(*(*replica)->log().Get(LogIndex(4)), Entry(4));
    EXPECT_TRUE((*replica)->Damaged().empty());
  });
}

TEST_P(EngineSalvageTest, WithoutSalvageItIsRefusedAsBefore) {
  InWorld([](Rig& rig) {
    Write(rig);
    Harm(rig, 5);
    EngineOptions options = ReplicaOptions();
    options.log.salvage = false;
    EXPECT_TRUE(absl::IsDataLoss(Replica::Open(rig.env, options).status()));
  });
}

}  // namespace
}  // namespace wt::test
