// index-order, read-barrier and durable acknowledgements on hand-made histories.
#include "scenarios/cluster/invariants/indices.h"

#include <gtest/gtest.h>

#include "tests/cluster/group_bench.h"

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
Event Ready() { return {.kind = EventKind::kEngineRecovered}; }
Event Read(uint64_t applied, uint64_t barrier) {
  return {.kind = EventKind::kReadServed, .a = applied, .b = barrier};
}
Event AckOf(uint64_t match) {
  return {.kind = EventKind::kAckReleased, .a = 1, .b = 1, .c = match};
}

// Three entries are committed; machine 2 lives through `events`.
std::string FailureOfLife(const std::vector<Event>& events) {
  return GroupFailureOf([&](GroupBench& bench) {
    Indices indices(bench.judge, bench.ledger);
    bench.Grow(1, {1, 1, 1, 1});
    bench.Grow(2, {1, 1, 1});
    bench.Tell(1, Committed(3, 1));
    for (const Event& event : events) bench.Tell(indices, 2, event);
    EXPECT_FALSE(bench.judge.evaluated().empty());
  });
}

TEST(IndicesTest, AnOrderlyLifePasses) {
  EXPECT_EQ(FailureOfLife({Opening(), Commit(0, 3), Ready(), Commit(2, 3), Applied(1), Applied(2),
                           AckOf(3), Read(2, 0), Commit(3, 3), Restored(3), Read(3, 0)}),
            "");
}

TEST(IndicesTest, CommittingBeyondTheLogOrTheGroupFails) {
  EXPECT_EQ(FailureOfLife({Opening(), Commit(3, 2)}), "index-order");
  EXPECT_EQ(FailureOfLife({Opening(), Appended(4, 1), Commit(4, 4)}), "index-order");
}

TEST(IndicesTest, CommittingAnEntryThatIsNotTheGroupsFails) {
  EXPECT_EQ(FailureOfLife({Opening(), Recovered(1, 2, 1), Appended(3, 2), Commit(3, 3)}),
            "acked-writes-survive");  // it lost what it had made durable
  EXPECT_EQ(GroupFailureOf([](GroupBench& bench) {
              Indices indices(bench.judge, bench.ledger);
              bench.Grow(1, {1, 1});
              bench.Grow(2, {1, 2});
              bench.Tell(1, Committed(2, 1));
              bench.Tell(indices, 2, Commit(2, 2));
            }),
            "index-order");
}

TEST(IndicesTest, AFallingCommitIndexFails) {
  EXPECT_EQ(FailureOfLife({Opening(), Commit(3, 3), Commit(2, 3)}), "index-order");
}

TEST(IndicesTest, ApplyingOutOfOrderFails) {
  EXPECT_EQ(FailureOfLife({Opening(), Commit(1, 3), Applied(1), Applied(2)}), "index-order");
  EXPECT_EQ(FailureOfLife({Opening(), Commit(3, 3), Applied(2)}), "index-order");
  EXPECT_EQ(FailureOfLife({Opening(), Commit(3, 3), Applied(1), Applied(2), Restored(1)}),
            "index-order");
}

TEST(IndicesTest, RemovingWhatIsCommittedHereFails) {
  EXPECT_EQ(GroupFailureOf([](GroupBench& bench) {
              Indices indices(bench.judge, bench.ledger);
              bench.Grow(1, {1, 1});
              bench.Grow(2, {1, 1});
              bench.Tell(1, Committed(2, 1));
              bench.Tell(indices, 2, Commit(2, 2));
              indices.OnEvent(bench.machine(2), bench.sim.now(), Overridden(2));
            }),
            "index-order");
}

TEST(IndicesTest, AReadBeforeTheBarrierFails) {
  EXPECT_EQ(FailureOfLife({Opening(), Commit(2, 3), Applied(1), Read(1, 1)}), "read-barrier");
  EXPECT_EQ(FailureOfLife({Opening(), Commit(2, 3), Applied(1), Ready(), Read(1, 2)}),
            "read-barrier");
  EXPECT_EQ(FailureOfLife({Opening(), Commit(2, 3), Applied(1), Applied(2), Ready(), Read(2, 1)}),
            "read-barrier");
}

TEST(IndicesTest, AcknowledgingWhatIsOnlyInMemoryFails) {
  EXPECT_EQ(FailureOfLife({Opening(), Appended(4, 1), AckOf(4)}), "acked-writes-survive");
}

}  // namespace
}  // namespace wt::scenarios
