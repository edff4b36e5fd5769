// Plans of groups: what a seed draws, and that it comes back from JSON as it went.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
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
  std::map<uint32_t, int> sizes;
  std::map<std::string_view, int> weathers;
  std::set<std::pair<uint32_t, Weather>> both;
  std::set<Ack> acks;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const Plan plan = DrawPlan(everything, seed);
    ASSERT_TRUE(plan.group.has_value());
    EXPECT_EQ(plan.machines, plan.group->voters + plan.group->learners);
    ++sizes[plan.group->voters];
    ++weathers[NameOf(plan.group->weather)];
    both.insert({plan.group->voters, plan.group->weather});
    for (const ClientOp& op : plan.operations) acks.insert(op.ack);
  }
  for (const uint32_t size : {1, 2, 3, 5, 7}) EXPECT_GE(sizes[size], 10) << size;
  EXPECT_EQ(sizes.size(), 5u);
  for (const std::string_view weather :
       {"calm", "lossy", "slow-disks", "power-cuts", "tiny-files", "one-way"}) {
    EXPECT_GE(weathers[weather], 10) << weather;
  }
  EXPECT_EQ(weathers.size(), WeatherNames().size());
  EXPECT_GE(both.size(), 30u) << "of 35";
  EXPECT_EQ(acks.size(), 3u);
}

// How many faults of these kinds a plan has.
size_t CountOf(const Plan& plan, const std::set<faults::FaultKind>& kinds) {
  return static_cast<size_t>(std::ranges::count_if(
      plan.faults, [&](const faults::Fault& fault) { return kinds.contains(fault.kind); }));
}

// A weather is made of some faults: no seed leaves all of them out, and they dominate.
TEST(PlanGroupTest, AWeatherHasWhatItIsMadeOf) {
  using faults::FaultKind;
  const std::map<Weather, std::set<FaultKind>> made_of = {
      {Weather::kSlowDisks, {FaultKind::kSlowDisk, FaultKind::kHungDisk}},
      {Weather::kPowerCuts, {FaultKind::kPowerLoss, FaultKind::kKill}},
      {Weather::kOneWay, {FaultKind::kOneWayCut, FaultKind::kPause}}};
  std::map<Weather, uint64_t> here;       // faults of these kinds in it
  std::map<Weather, uint64_t> elsewhere;  // the same kinds in calm weather
  std::map<FaultKind, int> with;          // seeds of its weather that have it at all
  std::map<Weather, int> seeds;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    const Plan plan = DrawPlan(*FindScenario("replicated-everything"), seed);
    const Weather weather = plan.group->weather;
    if (plan.group->voters < 3) continue;  // few faults of the network
    for (const auto& [made, kinds] : made_of) {
      if (weather == made) {
        EXPECT_GE(CountOf(plan, kinds), 2u) << seed;
        for (const FaultKind kind : kinds) with[kind] += CountOf(plan, {kind}) > 0;
        ++seeds[made];
        here[made] += CountOf(plan, kinds);
      } else if (weather == Weather::kCalm) {
        elsewhere[made] += CountOf(plan, kinds);
      }
    }
  }
  for (const auto& [made, kinds] : made_of) {
    EXPECT_GT(here[made], 4 * elsewhere[made]) << NameOf(made);
    for (const FaultKind kind : kinds) EXPECT_GE(with[kind], seeds[made] * 9 / 10) << NameOf(made);
  }
}

TEST(PlanGroupTest, AWeatherSetsItsDialsAndNoOther) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const Plan plan = DrawPlan(*FindScenario("replicated-everything"), seed);
    const PlannedGroup& group = *plan.group;
    EXPECT_EQ(group.loss_ppm >= 10'000, group.weather == Weather::kLossy) << seed;
    EXPECT_EQ(group.slow_sync >= 3, group.weather == Weather::kSlowDisks) << seed;
    if (group.weather != Weather::kTinyFiles) continue;
    EXPECT_LE(plan.knobs.segment_bytes, 40 * kKiB) << seed;
    EXPECT_LE(plan.knobs.snapshot_log_bytes, 8 * kKiB) << seed;
  }
}

TEST(PlanGroupTest, EveryWeatherHasAMeaning) {
  std::set<std::string_view> meanings;
  for (size_t i = 0; i < WeatherNames().size(); ++i) {
    meanings.insert(MeaningOf(static_cast<Weather>(i)));
  }
  EXPECT_EQ(meanings.size(), WeatherNames().size());
  EXPECT_FALSE(meanings.contains(""));
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
