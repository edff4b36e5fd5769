// Proves that the crash enumeration has teeth: each lie that it is told about a sound engine makes
// it fail, by the invariant that the canary names, for every seed that the gate uses; and that
// without a lie the same workloads pass.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/campaign/crash_record.h"
#include "scenarios/canaries.h"
#include "scenarios/catalog.h"

namespace wt::scenarios {
namespace {

using reports::Verdict;

std::vector<Canary> CanariesOfCrashes() {
  std::vector<Canary> found;
  for (const Canary& canary : AllCanaries()) {
    if (canary.name.starts_with("canary-crash-")) found.push_back(canary);
  }
  return found;
}

class CrashCanaryTest : public ::testing::TestWithParam<Canary> {};

TEST_P(CrashCanaryTest, IsCaughtByWhatItNames) {
  for (uint64_t seed = 0; seed < GetParam().seeds; ++seed) {
    const reports::RunRecord record = GetParam().execute(seed, {}).record;
    EXPECT_EQ(record.verdict, Verdict::kFail) << seed;
    EXPECT_EQ(record.invariant, GetParam().caught_by) << seed << ": " << record.message;
  }
}

INSTANTIATE_TEST_SUITE_P(All, CrashCanaryTest, testing::ValuesIn(CanariesOfCrashes()),
                         [](const auto& info) {
                           std::string name = info.param.name;
                           std::erase(name, '-');
                           return name;
                         });

TEST(CrashCanariesTest, TheSameWorkloadsPassWithoutALie) {
  for (const Scenario& scenario : {LogSmall(), SnapshotSmall()}) {
    for (uint64_t seed = 0; seed < 5; ++seed) {
      const CrashResult crashes = EnumerateCrashes(scenario, {.seed = seed, .depth = 1});
      EXPECT_THAT(crashes.failures, testing::IsEmpty()) << scenario.name << ":" << seed;
      EXPECT_EQ(RunOf(crashes, scenario).record.verdict, Verdict::kPass);
    }
  }
}

TEST(CrashCanariesTest, AMishapIsAStateToo) {
  const CrashResult few = EnumerateCrashes(LogSmall(), {.depth = 1, .max_states = 5});
  EXPECT_EQ(few.states, 5u);
  EXPECT_EQ(few.points, 0u) << "they come first";
  EXPECT_FALSE(few.complete);
}

TEST(CrashCanariesTest, ALieAboutMishapsIsToldAtTheFirst) {
  const CrashResult crashes =
      EnumerateCrashes(LogSmall(), {.depth = 1, .lie = CrashLie::kOverwrite});
  EXPECT_EQ(crashes.points, 0u);
  EXPECT_LT(crashes.states, 20u);
  ASSERT_FALSE(crashes.failures.empty());
  EXPECT_THAT(crashes.failures[0].state, testing::HasSubstr("killed"));
}

TEST(CrashCanariesTest, WhatWasNotSeenIsNoSuccess) {
  const Scenario scenario = LogSmall();
  EXPECT_EQ(RunOf({}, scenario).record.verdict, Verdict::kInconclusive);
  EXPECT_EQ(RunOf({.states = 7, .complete = false}, scenario).record.verdict,
            Verdict::kInconclusive);
  EXPECT_EQ(RunOf({.states = 7}, scenario).record.verdict, Verdict::kPass);
}

}  // namespace
}  // namespace wt::scenarios
