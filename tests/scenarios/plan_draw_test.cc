// A seed draws a plan: always the same one, within what the scenario allows, and each part of it by
// a key of its own, so that a change of one part moves no other.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "scenarios/plan.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;
using faults::Fault;

Scenario Stormy() {
  Scenario scenario;
  scenario.name = "stormy";
  scenario.workload = {.clients = 3, .operations = 400, .keys = 50, .value_bytes = {10, 20}};
  scenario.faults = {
      {.kind = FaultKind::kPowerLoss, .every = Between(100ms, 900ms), .lasts = Between(0ms, 50ms)},
      {.kind = FaultKind::kBitRot, .every = Between(200ms, 800ms), .amount = Between(1, 9)},
      {.kind = FaultKind::kSlowDisk,
       .every = Between(200ms, 800ms),
       .lasts = Between(10ms, 90ms),
       .amount = Between(5, 50)}};
  return scenario;
}

std::vector<Fault> OfKind(const Plan& plan, FaultKind kind) {
  std::vector<Fault> found;
  for (const Fault& fault : plan.faults) {
    if (fault.kind == kind) found.push_back(fault);
  }
  return found;
}

TEST(PlanDrawTest, TheSameSeedDrawsTheSamePlan) {
  for (uint64_t seed : {uint64_t{0}, uint64_t{1}, ~uint64_t{0}}) {
    EXPECT_EQ(DrawPlan(Stormy(), seed), DrawPlan(Stormy(), seed));
  }
}

TEST(PlanDrawTest, AnotherSeedDrawsAnotherPlan) {
  std::set<std::string> plans;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Plan plan = DrawPlan(Stormy(), seed);
    plan.seed = 0;
    plans.insert(ToJson(plan));
  }
  EXPECT_EQ(plans.size(), 50u);
}

TEST(PlanDrawTest, ThePlanSaysWhereItCameFrom) {
  const Plan plan = DrawPlan(Stormy(), 42);
  EXPECT_EQ(plan.scenario, "stormy");
  EXPECT_EQ(plan.seed, 42u);
  EXPECT_EQ(plan.storm, Stormy().storm);
  EXPECT_EQ(plan.calm, Stormy().calm);
}

TEST(PlanDrawTest, EverythingLiesWithinTheScenario) {
  const Scenario scenario = Stormy();
  for (uint64_t seed = 0; seed < 30; ++seed) {
    const Plan plan = DrawPlan(scenario, seed);
    ASSERT_EQ(plan.operations.size(), 400u);
    for (const ClientOp& op : plan.operations) {
      EXPECT_LT(op.client, 3u);
      EXPECT_LT(op.key, 50u);
      EXPECT_GE(op.value_bytes, 10u);
      EXPECT_LE(op.value_bytes, 20u);
      EXPECT_GE(op.span, 1u);
      EXPECT_NE(op.kind, OpKind::kCompareAndSet) << "its weight is 0";
    }
    for (const Fault& fault : plan.faults) {
      EXPECT_LT(fault.at, scenario.storm);
      EXPECT_LE(fault.at + fault.lasts, scenario.storm);
      EXPECT_EQ(fault.machine, 1u);
    }
    EXPECT_GE(plan.knobs.segment_bytes, scenario.knobs.segment_bytes.low);
    EXPECT_LE(plan.knobs.segment_bytes, scenario.knobs.segment_bytes.high);
    EXPECT_EQ(plan.knobs.segment_bytes % 4096, 0u);
    EXPECT_GE(plan.knobs.snapshots_kept, 1u);
    EXPECT_LE(plan.knobs.snapshots_kept, 3u);
  }
}

TEST(PlanDrawTest, WithoutOneFaultTheOthersAreTheSame) {
  Scenario without = Stormy();
  std::erase_if(without.faults,
                [](const FaultSpec& spec) { return spec.kind == FaultKind::kBitRot; });
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const Plan all = DrawPlan(Stormy(), seed);
    const Plan some = DrawPlan(without, seed);
    EXPECT_FALSE(OfKind(all, FaultKind::kBitRot).empty());
    EXPECT_TRUE(OfKind(some, FaultKind::kBitRot).empty());
    for (FaultKind kind : {FaultKind::kPowerLoss, FaultKind::kSlowDisk}) {
      EXPECT_EQ(OfKind(all, kind), OfKind(some, kind));
    }
    EXPECT_EQ(all.operations, some.operations);
    EXPECT_EQ(all.knobs, some.knobs);
    EXPECT_EQ(all.policy, some.policy);
  }
}

TEST(PlanDrawTest, AChangeOfOneKnobMovesNothingElse) {
  Scenario other = Stormy();
  other.knobs.snapshots_kept = {7, 9};
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Plan a = DrawPlan(Stormy(), seed);
    const Plan b = DrawPlan(other, seed);
    a.knobs.snapshots_kept = b.knobs.snapshots_kept;
    EXPECT_EQ(a, b);
  }
}

TEST(PlanDrawTest, MoreOperationsAreMoreOfTheSame) {
  Scenario more = Stormy();
  more.workload.operations = 500;
  more.workload.think = {1ms, 5ms};
  Scenario fewer = more;
  fewer.workload.operations = 400;
  const Plan a = DrawPlan(fewer, 3);
  const Plan b = DrawPlan(more, 3);
  EXPECT_TRUE(std::equal(a.operations.begin(), a.operations.end(), b.operations.begin()));
  EXPECT_EQ(a.faults, b.faults);
}

TEST(PlanDrawTest, ASwarmLeavesOutAboutHalfAndEachKindTakesPartSometimes) {
  Scenario swarm = Stormy();
  swarm.swarm = true;
  std::map<FaultKind, int> seen;
  std::set<size_t> sizes;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const Plan plan = DrawPlan(swarm, seed);
    std::set<FaultKind> kinds;
    for (const Fault& fault : plan.faults) kinds.insert(fault.kind);
    for (FaultKind kind : kinds) ++seen[kind];
    sizes.insert(kinds.size());
  }
  for (FaultKind kind : {FaultKind::kPowerLoss, FaultKind::kBitRot, FaultKind::kSlowDisk}) {
    EXPECT_GT(seen[kind], 25);
    EXPECT_LT(seen[kind], 75);
  }
  EXPECT_EQ(sizes, (std::set<size_t>{0, 1, 2, 3}));
}

TEST(PlanDrawTest, InASwarmTwoSpecsOfAKindAreDrawnApart) {
  Scenario swarm = Stormy();
  swarm.swarm = true;
  swarm.faults = {swarm.faults[0], swarm.faults[0]};
  swarm.faults[0].amount = faults::Exactly(1);
  swarm.faults[1].amount = faults::Exactly(2);
  std::set<std::set<uint64_t>> seen;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    std::set<uint64_t> amounts;
    for (const Fault& fault : DrawPlan(swarm, seed).faults) amounts.insert(fault.amount);
    seen.insert(amounts);
  }
  EXPECT_EQ(seen, (std::set<std::set<uint64_t>>{{}, {1}, {2}, {1, 2}}));
}

TEST(PlanDrawTest, EveryPolicyIsDrawn) {
  std::set<sim::SchedulePolicy> policies;
  for (uint64_t seed = 0; seed < 100; ++seed) policies.insert(DrawPlan(Stormy(), seed).policy);
  EXPECT_EQ(policies.size(), 3u);
}

TEST(PlanDrawTest, EveryScenarioOfTheCatalogDrawsAPlanThatCanBeKept) {
  for (const Scenario& scenario : Catalog()) {
    for (uint64_t seed = 0; seed < 5; ++seed) {
      const Plan plan = DrawPlan(scenario, seed);
      absl::StatusOr<Plan> read = PlanFromJson(ToJson(plan));
      ASSERT_TRUE(read.ok()) << scenario.name << ": " << read.status();
      EXPECT_EQ(*read, plan) << scenario.name;
    }
  }
}

TEST(PlanDrawTest, NamesInTheCatalogAreUniqueAndFound) {
  std::set<std::string> names;
  for (const Scenario& scenario : Catalog()) {
    EXPECT_TRUE(names.insert(scenario.name).second) << scenario.name;
    EXPECT_EQ(FindScenario(scenario.name), &scenario);
    EXPECT_FALSE(scenario.summary.empty());
  }
  EXPECT_EQ(FindScenario("no-such-scenario"), nullptr);
}

}  // namespace
}  // namespace wt::scenarios
