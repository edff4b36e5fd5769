// Proves that what is left of a plan is what its failure needs, and nothing else; that it still is
// the same failure; that the result depends on the plan and the budget of runs alone; and that an
// interruption leaves the best so far. The plans are drawn from the catalog, the tank judges them
// by rules that are known.
#include "scenarios/shrink/shrink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/random.h"
#include "engine/base/status.h"
#include "tests/shrink/synthetic_tank.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;
using synthetic::CountOf;
using synthetic::Failure;
using synthetic::PlanOf;
using synthetic::Rule;
using synthetic::TankWith;

Shrunk MustShrink(const Rule& rule, const Plan& plan, const ShrinkOptions& options = {}) {
  const Tank tank = TankWith(rule);
  absl::StatusOr<Shrunk> shrunk = Shrink(tank, plan, options);
  WT_CHECK(shrunk.ok());
  return *std::move(shrunk);
}

// A lie of the disk, then a cut, and something that was written in between.
Failure LostWrite(const Plan& plan) {
  const faults::Fault* lie = nullptr;
  for (const faults::Fault& fault : plan.faults) {
    if (fault.kind == FaultKind::kLostSync) lie = &fault;
    if (fault.kind != FaultKind::kPowerLoss || lie == nullptr) continue;
    if (CountOf(plan, OpKind::kPut) > 1) {
      return {"acked-writes-survive", "after n1 restarted, k017 is missing: " +
                                          std::to_string(plan.operations.size()) + " operations"};
    }
  }
  return {};
}

Plan LargePlan() {
  Plan plan = PlanOf("everything", 5);
  plan.faults.push_back({.kind = FaultKind::kLostSync, .at = 3s, .lasts = 100ms, .amount = 7});
  plan.faults.push_back({.kind = FaultKind::kPowerLoss, .at = 4s, .lasts = 333ms});
  std::ranges::stable_sort(plan.faults, {}, &faults::Fault::at);
  return plan;
}

TEST(ShrinkTest, WhatIsLeftIsWhatTheFailureNeeds) {
  const Plan plan = LargePlan();
  ASSERT_GT(plan.operations.size(), 500u);
  ASSERT_GT(plan.faults.size(), 10u);
  const Shrunk shrunk = MustShrink(LostWrite, plan);
  EXPECT_EQ(shrunk.end, ShrinkEnd::kMinimal);
  EXPECT_EQ(shrunk.size, (PlanSize{.machines = 1, .operations = 2, .faults = 2}));
  EXPECT_EQ(shrunk.plan.faults[0].kind, FaultKind::kLostSync);
  EXPECT_EQ(shrunk.plan.faults[1].kind, FaultKind::kPowerLoss);
  EXPECT_EQ(shrunk.plan.faults[1].lasts, 0ns);
  for (const ClientOp& op : shrunk.plan.operations) {
    EXPECT_EQ(op, (ClientOp{.kind = OpKind::kPut})) << "each field at its plainest";
  }
  EXPECT_EQ(shrunk.first_size, SizeOf(plan));
  EXPECT_EQ(shrunk.record.invariant, "acked-writes-survive");
  EXPECT_EQ(shrunk.record.message, "after n1 restarted, k017 is missing: 2 operations");
  EXPECT_EQ(SizeOf(shrunk.plan), shrunk.size);
}

TEST(ShrinkTest, TheResultDoesNotDependOnTheNumberOfJobs) {
  const Plan plan = LargePlan();
  for (uint64_t runs : {60u, 3000u}) {
    const Shrunk one = MustShrink(LostWrite, plan, {.runs = runs, .pool = {.jobs = 1}});
    for (uint32_t jobs : {2u, 5u}) {
      const Shrunk many = MustShrink(LostWrite, plan, {.runs = runs, .pool = {.jobs = jobs}});
      EXPECT_EQ(ToJson(many.plan), ToJson(one.plan)) << jobs;
      EXPECT_EQ(many.runs, one.runs) << jobs;
      EXPECT_EQ(many.end, one.end) << jobs;
    }
  }
}

TEST(ShrinkTest, AnotherFailureIsNotTakenForThisOne) {
  // Every plan fails; only those with two cuts in the way that the first one did.
  const auto rule = [](const Plan& plan) {
    const size_t cuts = CountOf(plan, FaultKind::kPowerLoss);
    if (cuts >= 2) return Failure{"converges", "17 ms later a client still had no answer"};
    if (cuts == 1) return Failure{"converges", "17 ms later the node did not serve"};
    return Failure{"index-order", "17 ms later a client still had no answer"};
  };
  const Plan plan = LargePlan();
  const Shrunk shrunk = MustShrink(rule, plan);
  EXPECT_EQ(CountOf(shrunk.plan, FaultKind::kPowerLoss), 2u);
  EXPECT_EQ(shrunk.plan.faults.size(), 2u);
  EXPECT_EQ(shrunk.plan.operations.size(), 0u);
  EXPECT_TRUE(SameFailure(shrunk.record, shrunk.first_record));
  EXPECT_EQ(shrunk.plan.calm, plan.calm) << "with a shorter calm, nothing converges";
}

TEST(ShrinkTest, FailuresAreTheSameWhateverTheirParticularsAndCauses) {
  reports::RunRecord a{.verdict = reports::Verdict::kFail,
                       .invariant = "no-leak",
                       .message = "log/000007 is left",
                       .why = {{12, "n1", "power lost", ""}}};
  reports::RunRecord b = a;
  b.message = "log/000019 is left";
  b.why = {{15, "n2", "killed", "kill #1"}};
  EXPECT_TRUE(SameFailure(a, b));
  b.message = "log/000019 is missing";
  EXPECT_FALSE(SameFailure(a, b));
  b = a;
  b.invariant = "index-order";
  EXPECT_FALSE(SameFailure(a, b));
  b = a;
  b.verdict = reports::Verdict::kInconclusive;
  EXPECT_FALSE(SameFailure(a, b));
}

TEST(ShrinkTest, WhereCoinsFallAnewOtherSeedsAreTried) {
  // One in three, by seed and number of cuts: as if it hung on what survives the last of them.
  const auto rule = [](const Plan& plan) {
    const size_t cuts = CountOf(plan, FaultKind::kPowerLoss);
    if (cuts == 0 || Mix64(plan.seed * 100 + cuts) % 3 != 0) return Failure{};
    return Failure{"no-phantom", "something came back"};
  };
  Plan plan = PlanOf("torn-tail", 1000);
  while (rule(plan).invariant.empty()) ++plan.seed;
  ASSERT_GT(CountOf(plan, FaultKind::kPowerLoss), 4u);
  const Shrunk shrunk = MustShrink(rule, plan);
  EXPECT_EQ(shrunk.plan.faults.size(), 1u);
  EXPECT_NE(shrunk.plan.seed, plan.seed);
}

TEST(ShrinkTest, MachinesThatAreNotNeededGo) {
  const auto rule = [](const Plan& plan) {
    const bool enough = plan.machines >= 3 && !plan.operations.empty();
    return enough ? Failure{"log-matching", "two entries"} : Failure{};
  };
  Plan plan = PlanOf("membership-churn", 1);
  ASSERT_GT(plan.machines, 3u);
  ASSERT_FALSE(plan.chores.empty());
  const Shrunk shrunk = MustShrink(rule, plan);
  EXPECT_EQ(shrunk.size,
            (PlanSize{.machines = 3, .operations = 1, .faults = 0, .chores = 0, .knobs = 0}));
  EXPECT_EQ(shrunk.plan.group->voters + shrunk.plan.group->learners, 3u);
}

TEST(ShrinkTest, EndsWithItsBudget) {
  uint64_t told = 0;
  const Shrunk shrunk = MustShrink(
      LostWrite, LargePlan(),
      {.runs = 9, .on_progress = [&](const ShrinkProgress& progress) { told = progress.runs; }});
  EXPECT_EQ(shrunk.end, ShrinkEnd::kBudget);
  EXPECT_EQ(shrunk.runs, 9u);
  EXPECT_EQ(told, 9u);
  EXPECT_EQ(shrunk.record.invariant, "acked-writes-survive");
  EXPECT_FALSE(LostWrite(shrunk.plan).invariant.empty());
  const Shrunk none = MustShrink(LostWrite, LargePlan(), {.runs = 1});
  EXPECT_EQ(none.plan, LargePlan());
  EXPECT_EQ(none.end, ShrinkEnd::kBudget);
}

TEST(ShrinkTest, AnInterruptionLeavesTheBestSoFar) {
  std::atomic<int> stop{0};
  const Plan plan = LargePlan();
  const auto interrupt = [&](const ShrinkProgress& progress) {
    stop = progress.size.operations < plan.operations.size();
  };
  const Shrunk shrunk =
      MustShrink(LostWrite, plan, {.pool = {.jobs = 2, .stop = &stop}, .on_progress = interrupt});
  EXPECT_EQ(shrunk.end, ShrinkEnd::kInterrupted);
  EXPECT_FALSE(LostWrite(shrunk.plan).invariant.empty());
  EXPECT_LT(shrunk.plan.operations.size(), plan.operations.size());
  stop = 2;
  const Tank tank = TankWith(LostWrite);
  EXPECT_TRUE(absl::IsAborted(Shrink(tank, plan, {.pool = {.stop = &stop}}).status()));
}

TEST(ShrinkTest, APlanThatDoesNotFailIsLeftAlone) {
  const Plan plan = PlanOf("torn-tail", 3);
  const Shrunk shrunk = MustShrink([](const Plan&) { return Failure{}; }, plan);
  EXPECT_EQ(shrunk.end, ShrinkEnd::kNothingToDo);
  EXPECT_EQ(shrunk.runs, 1u);
  EXPECT_EQ(shrunk.plan, plan);
  EXPECT_EQ(shrunk.first_record.verdict, reports::Verdict::kPass);
}

TEST(ShrinkTest, TheCommentSaysWhatItShowsAndWhereItIsFrom) {
  const Shrunk shrunk = MustShrink(LostWrite, LargePlan());
  EXPECT_EQ(Explained(shrunk, 5).why,
            "acked-writes-survive: after n1 restarted, k017 is missing: 2 operations "
            "(shrunk from everything:0x5)");
  EXPECT_EQ(ShrinkText({.runs = 1204, .size = {.machines = 3, .operations = 12, .faults = 1}}),
            "1,204 runs: 12 operations, 1 fault, 3 machines");
}

}  // namespace
}  // namespace wt::scenarios
