// state-machine-safety, deterministic-apply and snapshot-equivalence on hand-made histories.
#include "scenarios/cluster/invariants/states.h"

#include <gtest/gtest.h>

#include "tests/cluster/group_bench.h"

namespace wt::scenarios {
namespace {

// What an honest machine says when it has applied `index`.
Event Applied(const GroupBench& bench, uint64_t index, uint64_t term) {
  const Shadow& shadow = bench.ledger.shadow();
  return {.kind = EventKind::kEntryApplied,
          .a = index,
          .b = term,
          .c = Hash64(shadow.ResultAt(LogIndex(index))),
          .d = shadow.DigestAt(LogIndex(index)).value_or(0)};
}
Event Restored(const GroupBench& bench, uint64_t index, uint64_t term) {
  return {.kind = EventKind::kSnapshotRestored,
          .a = index,
          .b = term,
          .d = bench.ledger.shadow().DigestAt(LogIndex(index)).value_or(0),
          .text = "snapshot"};
}

std::string FailureWith(const std::function<void(GroupBench&, States&)>& story) {
  return GroupFailureOf([&](GroupBench& bench) {
    States states(bench.judge, bench.ledger);
    bench.Grow(1, {1, 1, 1});
    bench.Grow(2, {1, 1, 1});
    bench.Tell(1, Committed(3, 1));
    story(bench, states);
  });
}

TEST(StatesTest, ApplyingWhatIsCommittedPasses) {
  EXPECT_EQ(FailureWith([](GroupBench& bench, States& states) {
              bench.Tell(states, 1, Applied(bench, 1, 1));
              bench.Tell(states, 1, Applied(bench, 2, 1));
              bench.Tell(states, 2, Restored(bench, 2, 1));
              bench.Tell(states, 2, Applied(bench, 3, 1));
              bench.Tell(states, 1, Applied(bench, 2, 1));  // replayed after a restart
              EXPECT_EQ(bench.judge.evaluated().at("state-machine-safety"), 5u);
              EXPECT_EQ(bench.judge.evaluated().at("snapshot-equivalence"), 2u);
            }),
            "");
}

TEST(StatesTest, ApplyingWhatIsNotCommittedFails) {
  EXPECT_EQ(FailureWith([](GroupBench& bench, States& states) {
              bench.Tell(1, Appended(4, 1));
              bench.Tell(states, 1, Applied(bench, 4, 1));
            }),
            "state-machine-safety");
}

TEST(StatesTest, ApplyingAnotherEntryFails) {
  EXPECT_EQ(FailureWith([](GroupBench& bench, States& states) {
              bench.Tell(states, 1, Applied(bench, 1, 2));
            }),
            "state-machine-safety");
}

TEST(StatesTest, AnotherStateOrAnswerFails) {
  EXPECT_EQ(FailureWith([](GroupBench& bench, States& states) {
              Event event = Applied(bench, 1, 1);
              event.d ^= 1;
              bench.Tell(states, 1, event);
            }),
            "deterministic-apply");
  EXPECT_EQ(FailureWith([](GroupBench& bench, States& states) {
              Event event = Applied(bench, 1, 1);
              event.c ^= 1;
              bench.Tell(states, 1, event);
            }),
            "deterministic-apply");
}

TEST(StatesTest, AReplayToAnotherStateFails) {
  EXPECT_EQ(FailureWith([](GroupBench& bench, States& states) {
              bench.Tell(states, 1, Applied(bench, 1, 1));
              Event event = Applied(bench, 1, 1);
              event.d ^= 1;
              bench.Tell(states, 1, event);
            }),
            "snapshot-equivalence");
}

TEST(StatesTest, ASnapshotOfAnotherStateFails) {
  EXPECT_EQ(FailureWith([](GroupBench& bench, States& states) {
              Event event = Restored(bench, 2, 1);
              event.d ^= 1;
              bench.Tell(states, 2, event);
            }),
            "snapshot-equivalence");
}

TEST(StatesTest, ASnapshotOfWhatIsNotCommittedFails) {
  EXPECT_EQ(FailureWith([](GroupBench& bench, States& states) {
              bench.Tell(states, 2, Restored(bench, 4, 1));
            }),
            "snapshot-equivalence");
}

}  // namespace
}  // namespace wt::scenarios
