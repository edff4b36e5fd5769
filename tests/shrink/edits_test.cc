// Proves that every edit of every random scenario's plans gives a plan that can be written and read
// again, that it never gives one with more in it, and what the edits do in particular.
#include "scenarios/shrink/edits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/status.h"
#include "scenarios/shrink/simpler.h"
#include "tests/shrink/synthetic_tank.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;
using synthetic::PlanOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<Edit> AllEdits(const Plan& plan) {
  std::vector<Edit> edits = {
      [](const Plan& p) { return WithoutOperations(p, 3, p.operations.size() / 2); },
      [](const Plan& p) { return WithoutClient(p, 1); },
      [](const Plan& p) { return CutAfter(p, p.storm / 3); }};
  for (const std::set<uint32_t>& spare : MachinesToSpare(plan)) {
    edits.push_back([spare](const Plan& p) { return WithoutMachines(p, spare); });
  }
  for (const auto& more : {KnobEdits(plan, Pace::kMayChange), OperationEdits(plan),
                           FaultEdits(plan), ChoreEdits(plan), TimeEdits(plan)}) {
    edits.insert(edits.end(), more.begin(), more.end());
  }
  return edits;
}

TEST(EditsTest, EveryEditedPlanCanBeReadAgain) {
  uint64_t changed = 0;
  for (const Scenario& scenario : Catalog()) {
    if (scenario.is_story()) continue;
    Plan plan = DrawPlan(scenario, 1);
    // Few enough that each of them is looked at, too.
    if (plan.operations.size() > 12) {
      plan = WithoutOperations(plan, 12, plan.operations.size());
    }
    if (plan.faults.size() > 5) plan = WithoutFaults(plan, 5, plan.faults.size());
    for (const Edit& edit : AllEdits(plan)) {
      const Plan edited = edit(plan);
      if (edited == plan) continue;
      ++changed;
      const absl::StatusOr<Plan> again = PlanFromJson(ToJson(edited));
      ASSERT_TRUE(again.ok()) << scenario.name << ": " << MessageOf(again.status());
      ASSERT_EQ(*again, edited) << scenario.name;
      ASSERT_LE(edited.operations.size(), plan.operations.size());
      ASSERT_LE(edited.faults.size(), plan.faults.size());
      ASSERT_LE(edited.machines, plan.machines);
      ASSERT_LE(edited.storm, plan.storm);
      ASSERT_TRUE(std::ranges::is_sorted(edited.faults, {}, &faults::Fault::at));
    }
  }
  EXPECT_GT(changed, 1000u);
}

Plan ThreeClients() {
  Plan plan;
  for (uint32_t i = 0; i < 9; ++i) {
    plan.operations.push_back({.client = i % 3, .key = 10 * i, .think = (i + 1) * 10ms});
  }
  plan.storm = 1s;
  return plan;
}

TEST(EditsTest, WhatComesAfterARemovedOperationStaysWhereItWas) {
  const Plan plan = ThreeClients();
  const std::vector<Duration> before = StartsOf(plan);
  const Plan without = WithoutOperations(plan, 2, 5);
  ASSERT_EQ(without.operations.size(), 6u);
  const std::vector<Duration> after = StartsOf(without);
  for (size_t i = 0; i < after.size(); ++i) EXPECT_EQ(after[i], before[i < 2 ? i : i + 3]) << i;
  const Plan two = WithoutClient(plan, 1);
  EXPECT_THAT(StartsOf(two), ElementsAre(10ms, 30ms, 50ms, 90ms, 120ms, 180ms));
}

TEST(EditsTest, CutsWhatBeginsLater) {
  Plan plan = ThreeClients();
  plan.faults = {{.at = 20ms}, {.at = 55ms}};
  plan.chores = {{.at = 51ms}};
  const Plan cut = CutAfter(plan, 51ms);
  EXPECT_THAT(StartsOf(cut), ElementsAre(10ms, 20ms, 30ms, 50ms));
  EXPECT_EQ(cut.faults.size(), 1u);
  EXPECT_EQ(cut.chores.size(), 1u);
  EXPECT_EQ(cut.storm, 51ms);
  EXPECT_EQ(LastStart(plan, false), 180ms);
  EXPECT_EQ(FirstStart(plan), 10ms);
}

TEST(EditsTest, OneClientDoesAllInOrderOfTime) {
  const Plan one = WithOneClient(ThreeClients());
  EXPECT_THAT(StartsOf(one), ElementsAre(10ms, 20ms, 30ms, 50ms, 70ms, 90ms, 120ms, 150ms, 180ms));
  for (const ClientOp& op : one.operations) EXPECT_EQ(op.client, 0u);
}

TEST(EditsTest, KeysAndClientsHaveNoGaps) {
  Plan plan;
  plan.operations = {
      {.client = 7, .key = 40, .span = 2}, {.client = 3, .key = 41}, {.client = 7, .key = 9}};
  const Plan renumbered = Renumbered(plan);
  EXPECT_EQ(renumbered.operations[0].key, 1u);
  EXPECT_EQ(renumbered.operations[1].key, 2u);
  EXPECT_EQ(renumbered.operations[2].key, 0u);
  EXPECT_EQ(renumbered.operations[0].client, 1u);
  EXPECT_EQ(renumbered.operations[1].client, 0u);
}

Plan FiveMachines() {
  Plan plan;
  plan.machines = 5;
  plan.group = PlannedGroup{.voters = 4, .learners = 1};
  plan.faults = {{.kind = FaultKind::kPowerLoss, .machine = 2},
                 {.kind = FaultKind::kDiskExchange, .machine = 5, .other = 3},
                 {.kind = FaultKind::kBitRot, .machine = 4},
                 {.kind = FaultKind::kPause, .machine = 4}};
  plan.chores = {{.kind = Chore::Kind::kTransfer, .to = 2},
                 {.kind = Chore::Kind::kTransfer, .to = 4},
                 {.kind = Chore::Kind::kMembers, .voters = {1, 2, 4}, .learners = {5}}};
  return plan;
}

TEST(EditsTest, TheOtherMachinesCloseRanks) {
  const Plan without = WithoutMachines(FiveMachines(), {2});
  EXPECT_EQ(without.machines, 4u);
  EXPECT_EQ(without.group->voters, 3u);
  ASSERT_EQ(without.faults.size(), 3u);
  EXPECT_EQ(without.faults[0].machine, 4u);
  EXPECT_EQ(without.faults[0].other, 2u);
  EXPECT_EQ(without.faults[1].machine, 3u);
  ASSERT_EQ(without.chores.size(), 2u);
  EXPECT_EQ(without.chores[0].to, 3u);
  EXPECT_THAT(without.chores[1].voters, ElementsAre(1, 3));
  EXPECT_THAT(without.chores[1].learners, ElementsAre(4));
}

TEST(EditsTest, AGroupOfTwoVotersIsNotHarmed) {
  const Plan without = WithoutMachines(FiveMachines(), {1, 2});
  EXPECT_EQ(without.group->voters, 2u);
  ASSERT_EQ(without.faults.size(), 1u) << "two harm, and one was of machine 2";
  EXPECT_EQ(without.faults[0].kind, FaultKind::kPause);
  EXPECT_EQ(without.faults[0].machine, 2u);
}

TEST(EditsTest, MachinesAreSparedSoThatVotersStayOdd) {
  EXPECT_THAT(MachinesToSpare(ThreeClients()), IsEmpty());
  Plan plan;
  plan.machines = 5;
  plan.group = PlannedGroup{.voters = 3, .learners = 2};
  using Set = std::set<uint32_t>;
  EXPECT_THAT(MachinesToSpare(plan),
              ElementsAre(Set{4, 5}, Set{4}, Set{5}, Set{3, 2}, Set{3, 1}, Set{2, 1}));
}

TEST(EditsTest, RounderIsShorterAndTheShortestComesFirst) {
  EXPECT_THAT(RounderThan(237'400'000ns), ElementsAre(0ms, 1ms, 10ms, 100ms, 200ms, 230ms, 237ms));
  EXPECT_THAT(RounderThan(200ms), ElementsAre(0ms, 1ms, 10ms, 100ms));
  EXPECT_THAT(RounderThan(Duration(0)), IsEmpty());
  EXPECT_THAT(RounderThan(uint64_t{7}), ElementsAre(0, 1));
  EXPECT_THAT(RounderThan(uint64_t{31'459}),
              ElementsAre(0, 1, 10, 100, 1000, 10'000, 30'000, 31'000));
}

TEST(EditsTest, WhatIsNotPlainIsOfNote) {
  Plan plan = KnobEdits({}, Pace::kMayChange)[0]({});
  EXPECT_THAT(KnobsOfNote(plan), IsEmpty());
  plan.knobs.compress = true;
  plan.policy = sim::SchedulePolicy::kRandomWalk;
  EXPECT_THAT(KnobsOfNote(plan), ElementsAre("policy", "compress"));
}

TEST(EditsTest, ThePaceOfAGroupStaysWhereItMust) {
  const Plan plan = PlanOf("failover", 2);
  for (const Edit& edit : KnobEdits(plan, Pace::kMustStay)) {
    const Plan edited = edit(plan);
    EXPECT_EQ(edited.group->election_timeout, plan.group->election_timeout);
    EXPECT_EQ(edited.group->heartbeat, plan.group->heartbeat);
    EXPECT_EQ(edited.group->latency, plan.group->latency);
  }
}

TEST(EditsTest, TheCalmStaysSoThatAPlanPassesOnceItsBugIsGone) {
  const Plan plan = PlanOf("failover", 2);
  for (const Edit& edit : TimeEdits(plan)) EXPECT_EQ(edit(plan).calm, plan.calm);
}

}  // namespace
}  // namespace wt::scenarios
