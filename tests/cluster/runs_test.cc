// Every scenario of several machines: a few seeds of each hold, and a seed gives the same run
// twice, also out of its plan alone.
#include <gtest/gtest.h>

#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "scenarios/execute.h"

namespace wt::scenarios {
namespace {

std::vector<const Scenario*> GroupScenarios() {
  std::vector<const Scenario*> found;
  for (const Scenario& scenario : Catalog()) {
    if (scenario.group.has_value()) found.push_back(&scenario);
  }
  return found;
}

class GroupRunTest : public testing::TestWithParam<const Scenario*> {};

TEST_P(GroupRunTest, FiveSeedsHold) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    const scenarios::Run run = Execute(*GetParam(), seed, {});
    EXPECT_EQ(run.record.verdict, reports::Verdict::kPass)
        << GetParam()->name << ":" << seed << " " << run.record.invariant << ": "
        << run.record.message;
    EXPECT_GT(run.record.invariants.size(), 8u);
  }
}

TEST_P(GroupRunTest, ASeedGivesTheSameRunTwice) {
  const scenarios::Run first = Execute(*GetParam(), 7, {});
  const scenarios::Run again = Execute(*GetParam(), 7, {.story = true});
  EXPECT_EQ(first.record.digest, again.record.digest);
  EXPECT_EQ(first.record.events, again.record.events);
  if (GetParam()->is_story()) return;
  absl::StatusOr<Plan> plan = PlanFromJson(ToJson(DrawPlan(*GetParam(), 7)));
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(Execute(*plan, {}).record.digest, first.record.digest);
}

INSTANTIATE_TEST_SUITE_P(Catalog, GroupRunTest, testing::ValuesIn(GroupScenarios()),
                         [](const auto& info) {
                           return absl::StrReplaceAll(info.param->name, {{"-", "_"}});
                         });

}  // namespace
}  // namespace wt::scenarios
