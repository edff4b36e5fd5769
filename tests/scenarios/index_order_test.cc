// index-order and read-barrier on hand-made histories: the good ones pass and were looked at, each
// bad one fails under its name.
#include "scenarios/invariants/index_order.h"

#include <gtest/gtest.h>

#include "tests/scenarios/invariant_bench.h"

namespace wt::scenarios {
namespace {

Event Opening() { return {.kind = EventKind::kEngineOpening}; }
Event Commit(uint64_t commit, uint64_t last) {
  return {.kind = EventKind::kCommitAdvanced, .a = commit, .b = last};
}
Event Applied(uint64_t index) { return {.kind = EventKind::kEntryApplied, .a = index, .b = 1}; }
Event Restored(uint64_t index) {
  return {.kind = EventKind::kSnapshotRestored, .a = index, .b = 1};
}
Event Recovered() { return {.kind = EventKind::kEngineRecovered}; }
Event Read(uint64_t applied, uint64_t barrier) {
  return {.kind = EventKind::kReadServed, .a = applied, .b = barrier};
}

std::string FailureOfEvents(const std::vector<Event>& events) {
  return FailureOf([&](Bench& bench) {
    IndexOrder order(bench.judge);
    for (const Event& event : events) bench.Tell(order, event);
  });
}

TEST(IndexOrderTest, AnOrderlyLifeAndARestartPass) {
  EXPECT_EQ(FailureOf([](Bench& bench) {
              IndexOrder order(bench.judge);
              for (const Event& event :
                   {Opening(), Commit(0, 0), Recovered(), Bench::Appended(1), Bench::Appended(2),
                    Commit(1, 2), Applied(1), Read(1, 0), Commit(2, 2), Applied(2), Opening(),
                    Restored(1), Commit(2, 2), Applied(2), Recovered(), Read(2, 2)}) {
                bench.Tell(order, event);
              }
              EXPECT_GT(bench.judge.evaluated().at("index-order"), 0u);
              EXPECT_EQ(bench.judge.evaluated().at("read-barrier"), 2u);
            }),
            "");
}

TEST(IndexOrderTest, CommittingBeyondTheLogFails) {
  EXPECT_EQ(FailureOfEvents({Opening(), Commit(0, 0), Bench::Appended(1), Commit(2, 1)}),
            "index-order");
}

TEST(IndexOrderTest, AFallingCommitIndexFails) {
  EXPECT_EQ(FailureOfEvents({Opening(), Commit(3, 5), Commit(2, 5)}), "index-order");
}

TEST(IndexOrderTest, ACommitIndexBehindWhatASnapshotRestoredFails) {
  EXPECT_EQ(FailureOfEvents({Opening(), Restored(3), Commit(2, 5)}), "index-order");
}

TEST(IndexOrderTest, ApplyingBeyondTheCommitIndexFails) {
  EXPECT_EQ(FailureOfEvents({Opening(), Commit(1, 5), Applied(1), Applied(2)}), "index-order");
}

TEST(IndexOrderTest, LeavingOutAnEntryFails) {
  EXPECT_EQ(FailureOfEvents({Opening(), Commit(5, 5), Applied(1), Applied(3)}), "index-order");
}

TEST(IndexOrderTest, ApplyingAnEntryTwiceFails) {
  EXPECT_EQ(FailureOfEvents({Opening(), Commit(5, 5), Applied(1), Applied(1)}), "index-order");
}

TEST(IndexOrderTest, ApplyingGoesOnBehindTheSnapshot) {
  EXPECT_EQ(FailureOfEvents({Opening(), Restored(3), Commit(5, 5), Applied(4)}), "");
  EXPECT_EQ(FailureOfEvents({Opening(), Restored(3), Commit(5, 5), Applied(3)}), "index-order");
  EXPECT_EQ(FailureOfEvents({Opening(), Restored(3), Commit(5, 5), Applied(5)}), "index-order");
}

TEST(IndexOrderTest, AReadBeforeRecoveryIsOverFails) {
  EXPECT_EQ(FailureOfEvents({Opening(), Commit(2, 2), Applied(1), Read(1, 1)}), "read-barrier");
  EXPECT_EQ(FailureOfEvents({Opening(), Commit(0, 0), Read(0, 0)}), "read-barrier");
}

TEST(IndexOrderTest, AReadFromBeforeTheBarrierFails) {
  EXPECT_EQ(FailureOfEvents({Opening(), Commit(2, 2), Applied(1), Recovered(), Read(1, 1)}),
            "read-barrier");
}

TEST(IndexOrderTest, ABarrierBelowWhatWasCommittedAtTheStartFails) {
  EXPECT_EQ(
      FailureOfEvents({Opening(), Commit(2, 2), Applied(1), Applied(2), Recovered(), Read(2, 1)}),
      "read-barrier");
}

}  // namespace
}  // namespace wt::scenarios
