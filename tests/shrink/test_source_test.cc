// Proves that a plan becomes a test that can be compiled and run: the one in golden/ is what is
// made of the plan below, byte for byte, and is built into this program and run by it.
#include "scenarios/shrink/test_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "scenarios/plan.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;
using ::testing::Each;
using ::testing::HasSubstr;

constexpr char kGolden[] = WAVETANK_SOURCE_DIR "/tests/shrink/golden/torn_tail.cc";

// As it was left of a build whose new segments had no synced name.
Plan MinimalPlan() {
  Plan plan;
  plan.scenario = "torn-tail";
  plan.seed = 1;
  plan.policy = sim::SchedulePolicy::kRoundRobin;
  plan.knobs = {.segment_bytes = 65'536,
                .snapshot_log_bytes = 1'048'576,
                .compress = false,
                .incremental = false};
  plan.storm = 30ms;
  plan.calm = 1s;
  plan.operations = {{.kind = OpKind::kPut}, {.kind = OpKind::kGet, .think = 1ms}};
  plan.faults = {{.kind = FaultKind::kPowerLoss, .at = 20ms, .lasts = 1ms}};
  return plan;
}

reports::RunRecord FailedRecord() {
  return {.scenario = "torn-tail",
          .seed = 1,
          .verdict = reports::Verdict::kFail,
          .invariant = "acked-writes-survive",
          .message =
              "client 1 was told OK for SET k000=v1.1.0: (index 2) at 0.004s; after n1 "
              "restarted, k000 is missing"};
}

std::string SourceOf(const Plan& plan) { return TestSourceOf(plan, ToJson(plan), FailedRecord()); }

std::string Slurp(const char* path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(TestSourceTest, TheGoldenTestIsWhatIsMadeOfThePlan) {
  const std::string source = SourceOf(MinimalPlan());
  if (std::getenv("WAVETANK_WRITE_GOLDEN") != nullptr) std::ofstream(kGolden) << source;
  EXPECT_EQ(source, Slurp(kGolden));
}

TEST(TestSourceTest, ThePlanIsThereWordForWord) {
  const std::string source = SourceOf(MinimalPlan());
  const size_t begin = source.find("R\"plan(") + 7;
  const size_t end = source.find(")plan\"");
  ASSERT_LT(begin, end);
  const absl::StatusOr<Plan> read = PlanFromJson(source.substr(begin, end - begin));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, MinimalPlan());
}

TEST(TestSourceTest, NoLineIsTooLong) {
  for (const Scenario& scenario : Catalog()) {
    if (scenario.is_story()) continue;
    std::istringstream source(SourceOf(DrawPlan(scenario, 3)));
    std::vector<size_t> lengths;
    for (std::string line; std::getline(source, line);) lengths.push_back(line.size());
    ASSERT_THAT(lengths, Each(::testing::Le(100u))) << scenario.name;
  }
}

TEST(TestSourceTest, WhatASentenceQuotesCannotLeaveItsComment) {
  reports::RunRecord record = FailedRecord();
  record.message = "found \"a\nb\"";
  const Plan plan = MinimalPlan();
  EXPECT_THAT(TestSourceOf(plan, ToJson(plan), record),
              HasSubstr("// acked-writes-survive: found \"a?b\"\n"));
}

}  // namespace
}  // namespace wt::scenarios
