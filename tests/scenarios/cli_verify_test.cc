// Proves that the bisection finds the very trace record at which two runs part: over made-up
// checkpoints, and for a scenario of the fake tank that wavers from record 137 on.
#include "scenarios/campaign/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "tests/scenarios/cli_fake_tank.h"

namespace wt::scenarios {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using std::chrono::seconds;

constexpr uint64_t kEnd = ~uint64_t{0};

VerifyOptions FakeProgram() {
  const Command command{.arguments = {WAVETANK_FAKE_PROGRAM, "worker"}};
  return {.processes = {command, MadeDifferent(command)}, .run_timeout = seconds(60)};
}

TEST(FirstDifferenceTest, LiesBetweenTwoCheckpoints) {
  const std::vector<Checkpoint> a = {{0, 1, 0}, {100, 2, 10}, {200, 3, 20}};
  std::vector<Checkpoint> b = a;
  EXPECT_EQ(FirstDifference(a, b), std::nullopt);
  b[2].digest = 9;
  EXPECT_EQ(FirstDifference(a, b), (Window{100, 200}));
  b[0].digest = 9;
  EXPECT_EQ(FirstDifference(a, b), (Window{0, 0}));
}

TEST(FirstDifferenceTest, ReachesToTheEndWhenOneRunIsLonger) {
  const std::vector<Checkpoint> a = {{0, 1, 0}, {100, 2, 10}};
  EXPECT_EQ(FirstDifference(a, {{0, 1, 0}}), (Window{0, kEnd}));
  EXPECT_EQ(FirstDifference(a, {{0, 1, 0}, {150, 7, 10}}), (Window{0, kEnd}));
}

RC_GTEST_PROP(FirstDifferenceTest, HoldsTheFirstDifferentRecord, ()) {
  const auto records = *rc::gen::inRange<uint64_t>(1, 1000);
  const auto odd = *rc::gen::inRange<uint64_t>(0, records);
  const auto every = *rc::gen::inRange<uint64_t>(1, 200);
  std::vector<Checkpoint> a;
  std::vector<Checkpoint> b;
  for (uint64_t record = 0; record <= records; record += every) {
    a.push_back({record, record, 0});
    b.push_back({record, record > odd ? record + 5'000 : record, 0});
  }
  const std::optional<Window> window = FirstDifference(a, b);
  if (a.back().record <= odd) return RC_ASSERT(!window);
  RC_ASSERT(window && window->from <= odd && odd < window->to);
  RC_ASSERT(window->to - window->from == every);
}

TEST(CompareTracesTest, ShowsBothSidesInContext) {
  const std::vector<std::string> a = {"1", "2", "3", "4", "5", "6", "7", "8"};
  std::vector<std::string> b = a;
  EXPECT_FALSE(CompareTraces(a, b, 40).record);
  b[6] = "x";
  const Divergence divergence = CompareTraces(a, b, 40);
  EXPECT_EQ(divergence.record, 46u);
  EXPECT_THAT(divergence.before, ElementsAre("2", "3", "4", "5", "6"));
  EXPECT_THAT(divergence.sides[0], ElementsAre("7", "8"));
  EXPECT_THAT(divergence.sides[1], ElementsAre("x", "8"));
}

TEST(CompareTracesTest, OneThatEndsEarlierDiffers) {
  const Divergence divergence = CompareTraces({"1", "2"}, {"1"}, 0);
  EXPECT_EQ(divergence.record, 1u);
  EXPECT_THAT(DivergenceText(divergence), HasSubstr("b (the run ended)"));
}

TEST(VerifyTest, PassesWhatIsAFunctionOfItsSeed) {
  for (const RunId& id : {RunId{"calm", 3}, RunId{"fails-often", 7}, RunId{"exits", 1}}) {
    const absl::StatusOr<Verification> result = Verify(id, FakeProgram());
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_TRUE(result->same) << id.scenario;
  }
}

TEST(VerifyTest, FindsTheFirstRecordThatDiffers) {
  const absl::StatusOr<Verification> result = Verify({"wavers", 3}, FakeProgram());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_FALSE(result->same);
  ASSERT_TRUE(result->divergence);
  EXPECT_EQ(result->divergence->record, 137u);
  EXPECT_EQ(result->divergence->sides[0].front(), "137 word 137");
  EXPECT_EQ(result->divergence->sides[1].front(), "137 word 1000137");
}

TEST(VerifyTest, AScenarioThatTheProgramDoesNotKnowIsAnError) {
  EXPECT_EQ(Verify({"nope", 3}, FakeProgram()).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(VerifyTest, AProgramThatCannotStartIsAnError) {
  const Command missing{.arguments = {"/nonexistent/program"}};
  EXPECT_EQ(Verify({"calm", 3}, {.processes = {missing, missing}}).status().code(),
            absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace wt::scenarios
