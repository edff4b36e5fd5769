// Plans of groups: what a seed draws, and that it comes back from JSON as it went.
#include <gtest/gtest.h>

#include <set>

#include "scenarios/plan.h"

namespace wt::scenarios {
namespace {

std::vector<const Scenario*> GroupScenarios() {
  std::vector<const Scenario*> found;
  for (const Scenario& scenario : Catalog()) {
    if (scenario.group.has_value() && !scenario.is_story()) found.push_back(&scenario);
  }
  return found;
}

TEST(PlanGroupTest, EveryPlanComesBackFromJson) {
  for (const Scenario* scenario : GroupScenarios()) {
    for (uint64_t seed = 0; seed < 20; ++seed) {
      const Plan plan = DrawPlan(*scenario, seed);
      absl::StatusOr<Plan> read = PlanFromJson(ToJson(plan));
      ASSERT_TRUE(read.ok()) << scenario->name << " " << seed << ": " << read.status();
      EXPECT_EQ(*read, plan) << scenario->name << " " << seed;
    }
  }
}

TEST(PlanGroupTest, ThePlanOfOneMachineSaysNothingOfGroups) {
  const std::string json = ToJson(DrawPlan(*FindScenario("torn-tail"), 1));
  for (const char* word : {"\"group\"", "\"chores\"", "\"ack\"", "\"cuts_clients\""}) {
    EXPECT_EQ(json.find(word), std::string::npos) << word;
  }
}

TEST(PlanGroupTest, AGroupThatDoesNotHoldTogetherIsRefused) {
  const std::string json = ToJson(DrawPlan(*FindScenario("failover"), 1));
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = json;
    const size_t at = changed.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    changed.replace(at, from.size(), to);
    return PlanFromJson(changed).status();
  };
  EXPECT_TRUE(absl::IsInvalidArgument(with("\"voters\":3", "\"voters\":0")));
  EXPECT_TRUE(absl::IsInvalidArgument(with("\"voters\":3", "\"voters\":4")));
  EXPECT_TRUE(absl::IsInvalidArgument(with("\"trust\":\"verified\"", "\"trust\":\"blind\"")));
  EXPECT_TRUE(absl::IsInvalidArgument(with("\"weather\":", "\"wether\":")));
  EXPECT_TRUE(absl::IsInvalidArgument(with("\"ack\":", "\"acks\":")));
}

TEST(PlanGroupTest, SeedsDrawEverySizeAndWeather) {
  const Scenario& everything = *FindScenario("replicated-everything");
  std::set<uint32_t> sizes;
  std::set<Weather> weathers;
  std::set<Ack> acks;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const Plan plan = DrawPlan(everything, seed);
    ASSERT_TRUE(plan.group.has_value());
    EXPECT_EQ(plan.machines, plan.group->voters + plan.group->learners);
    sizes.insert(plan.group->voters);
    weathers.insert(plan.group->weather);
    for (const ClientOp& op : plan.operations) acks.insert(op.ack);
  }
  EXPECT_EQ(sizes, (std::set<uint32_t>{1, 2, 3, 5, 7}));
  EXPECT_EQ(weathers.size(), WeatherNames().size());
  EXPECT_EQ(acks.size(), 3u);
}

TEST(PlanGroupTest, HarmfulFaultsFallOnAMinorityAlone) {
  for (const Scenario* scenario : GroupScenarios()) {
    const bool changes = scenario->group->member_changes.high > Duration(0);
    for (uint64_t seed = 0; seed < 50; ++seed) {
      const Plan plan = DrawPlan(*scenario, seed);
      const uint32_t voters = changes ? plan.group->voters / 2 + 1 : plan.group->voters;
      if (voters == 1) continue;  // one machine alone has nobody to ask, and refuses
      EXPECT_LE(faults::HarmedBy(plan.faults, plan.machines).size(), (voters - 1) / 2)
          << scenario->name << " " << seed;
    }
  }
}

}  // namespace
}  // namespace wt::scenarios
