// Proves that chance can be changed in the middle of a run: what came before is the same to the
// last record, what comes after is of another seed, and nothing changes when the seed is the same.
// On real scenarios: of one machine, of several, and with each way to schedule.
#include <algorithm>

#include <gtest/gtest.h>

#include "engine/base/check.h"
#include "scenarios/campaign/protocol.h"
#include "scenarios/execute.h"
#include "scenarios/scenario.h"

namespace wt::scenarios {
namespace {

Plan PlanOf(std::string_view scenario, uint64_t seed) {
  const Scenario* found = FindScenario(scenario);
  WT_CHECK(found != nullptr);
  Plan plan = DrawPlan(*found, seed);
  plan.storm = std::min<Duration>(plan.storm, std::chrono::seconds(2));
  return plan;
}

Run RunOf(const Plan& plan, Reseed reseed = {}) {
  return Execute(plan, {.story = true, .routine = true, .checkpoints = true, .reseed = reseed});
}

std::vector<reports::Step> UpTo(uint64_t record, const Run& run) {
  std::vector<reports::Step> steps = run.story;
  std::erase_if(steps, [record](const reports::Step& step) { return step.record > record; });
  return steps;
}

class ReseedTest : public testing::TestWithParam<const char*> {};

TEST_P(ReseedTest, WhatCameBeforeStaysAndTheRestIsDrawnAnew) {
  for (const auto policy : {sim::SchedulePolicy::kRandomWalk, sim::SchedulePolicy::kPct}) {
    Plan plan = PlanOf(GetParam(), 3);
    plan.policy = policy;
    const scenarios::Run run = RunOf(plan);
    ASSERT_FALSE(run.checkpoints.empty());
    for (size_t part : {1, 3}) {
      const uint64_t cut = run.record.events * part / 4;
      const scenarios::Run other = RunOf(plan, {.record = cut, .seed = 1000});
      EXPECT_EQ(UpTo(cut, other), UpTo(cut, run));
      EXPECT_NE(other.record.digest, run.record.digest);
      for (size_t i = 0; i < run.checkpoints.size(); ++i) {
        if (run.checkpoints[i].record > cut) break;
        ASSERT_EQ(other.checkpoints[i], run.checkpoints[i]);
      }
      EXPECT_EQ(RunOf(plan, {.record = cut, .seed = 1000}).record.digest, other.record.digest);
      EXPECT_NE(RunOf(plan, {.record = cut, .seed = 1001}).record.digest, other.record.digest);
    }
  }
}

TEST_P(ReseedTest, TheSameSeedChangesNothing) {
  const Plan plan = PlanOf(GetParam(), 4);
  const scenarios::Run run = RunOf(plan);
  const scenarios::Run same = RunOf(plan, {.record = run.record.events / 2, .seed = plan.seed});
  EXPECT_EQ(same.record.digest, run.record.digest);
  EXPECT_EQ(same.story, run.story);
}

INSTANTIATE_TEST_SUITE_P(OfOneAndOfSeveral, ReseedTest,
                         testing::Values("torn-tail", "election-storm"), [](const auto& info) {
                           std::string name = info.param;
                           std::erase(name, '-');
                           return name;
                         });

TEST(ReseedRequestTest, GoesToTheWorkerAndBack) {
  Request request{.scenario = "torn-tail", .seed = 7};
  request.options.story = true;
  request.options.routine = true;
  request.options.reseed = {.record = 412, .seed = UINT64_MAX};
  const absl::StatusOr<Request> read = RequestFromLine(ToLine(request));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->options.reseed, request.options.reseed);
  EXPECT_TRUE(read->options.routine);
  request.options = {};
  EXPECT_EQ(RequestFromLine(ToLine(request))->options.reseed, Reseed{});
}

TEST(RoutineStoryTest, HasTheStepsOfTheOtherAndSomeMore) {
  const Plan plan = PlanOf("torn-tail", 3);
  const scenarios::Run with = RunOf(plan);
  const scenarios::Run without = Execute(plan, {.story = true});
  EXPECT_EQ(with.record.digest, without.record.digest);
  EXPECT_GT(with.story.size(), without.story.size());
  const auto synced = [](const reports::Step& step) { return step.what.starts_with("log.synced"); };
  EXPECT_TRUE(std::any_of(with.story.begin(), with.story.end(), synced));
  EXPECT_FALSE(std::any_of(without.story.begin(), without.story.end(), synced));
}

}  // namespace
}  // namespace wt::scenarios
