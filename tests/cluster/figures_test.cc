// Detection, failover and lag on hand-made histories, and who is primary.
#include "scenarios/cluster/figures.h"

#include <gtest/gtest.h>

#include "tests/cluster/group_bench.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

Event Serving(uint64_t term) { return {.kind = EventKind::kPrimaryServing, .a = term}; }
Event SteppedDown(uint64_t term) { return {.kind = EventKind::kPrimarySteppedDown, .a = term}; }

TEST(FiguresTest, AFailoverIsTimedFromTheLossToTheService) {
  EXPECT_EQ(GroupFailureOf([](GroupBench& bench) {
              Figures figures(bench.judge, 3, true);
              figures.OnEvent(bench.machine(1), 1s, Elected(1));
              EXPECT_EQ(figures.primary(), 1u);
              EXPECT_EQ(figures.serving_primary(), 0u);
              figures.OnEvent(bench.machine(1), 1s, Serving(1));
              EXPECT_EQ(figures.serving_primary(), 1u);
              figures.OnDead(2, 2s);  // no primary: nothing
              figures.OnDead(1, 3s);
              EXPECT_EQ(figures.primary(), 0u);
              figures.OnEvent(bench.machine(2), 4s, Elected(2));
              figures.OnEvent(bench.machine(2), 5s, Serving(2));
              EXPECT_EQ(figures.worst_detection(), 1s);
              EXPECT_EQ(figures.worst_failover(), 2s);
              EXPECT_EQ(figures.failovers(), 1u);
              figures.OnEvent(bench.machine(1), 6s, SteppedDown(1));  // the old one learns of it
              EXPECT_EQ(figures.serving_primary(), 2u);
            }),
            "");
}

TEST(FiguresTest, APrimaryThatGoesOnWasNeverGone) {
  EXPECT_EQ(GroupFailureOf([](GroupBench& bench) {
              Figures figures(bench.judge, 3, true);
              figures.OnEvent(bench.machine(1), 0s, Elected(1));
              figures.OnEvent(bench.machine(1), 0s, Serving(1));
              figures.OnSilent(1, 1s);
              EXPECT_EQ(figures.serving_primary(), 1u);
              figures.OnEvent(bench.machine(1), 2s, Committed(1, 1));
              figures.OnEvent(bench.machine(1), 40s, SteppedDown(1));
              EXPECT_EQ(figures.serving_primary(), 0u);
              figures.OnEvent(bench.machine(2), 41s, Elected(2));
              EXPECT_EQ(figures.worst_detection(), 1s);
            }),
            "");
}

TEST(FiguresTest, TooLateFails) {
  const auto late = [](Duration elected, Duration serving) {
    return GroupFailureOf([=](GroupBench& bench) {
      Figures figures(bench.judge, 3, true);
      figures.OnEvent(bench.machine(1), 0s, Elected(1));
      figures.OnDead(1, 0s);
      figures.OnEvent(bench.machine(2), elected, Elected(2));
      figures.OnEvent(bench.machine(2), serving, Serving(2));
    });
  };
  EXPECT_EQ(late(kDetectionBound - 1ns, kFailoverBound - 1ns), "");
  EXPECT_EQ(late(kDetectionBound, kDetectionBound), "converges");
  EXPECT_EQ(late(1s, kFailoverBound), "converges");
}

TEST(FiguresTest, LagIsFromTheCommitToTheLastToApply) {
  EXPECT_EQ(GroupFailureOf([](GroupBench& bench) {
              Figures figures(bench.judge, 3, true);
              const Event applied = {.kind = EventKind::kEntryApplied, .a = 1, .b = 1};
              figures.OnEvent(bench.machine(1), 1s, Committed(1, 1));
              figures.OnEvent(bench.machine(2), 9s, applied);
              EXPECT_EQ(figures.worst_lag(), 0s);  // a storm is no measure
              figures.OnCalm();
              const Event second = {.kind = EventKind::kEntryApplied, .a = 2, .b = 1};
              figures.OnEvent(bench.machine(1), 10s, Committed(2, 1));
              figures.OnEvent(bench.machine(2), 10s + 3ms, second);
              figures.OnEvent(bench.machine(3), 10s + 7ms, second);
              EXPECT_EQ(figures.worst_lag(), 7ms);
            }),
            "");
}

}  // namespace
}  // namespace wt::scenarios
