// Proves that what a worker is asked and what it answers survive the way over the wire unchanged,
// and that a damaged line is an error, never a wrong record.
#include "scenarios/campaign/protocol.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/base/status.h"
#include "tests/scenarios/cli_fake_tank.h"

namespace wt::scenarios {
namespace {

TEST(RequestTest, ComesBackWhole) {
  const Request request{.scenario = "torn-tail",
                        .seed = ~uint64_t{0},
                        .plan = "{\n \"a\": 1 }",
                        .options = {.story = true,
                                    .checkpoints = true,
                                    .trace_from = 3,
                                    .trace_to = ~uint64_t{0},
                                    .stop = {.time = std::chrono::milliseconds(3080),
                                             .record = 12,
                                             .event = "n1/engine.opening",
                                             .nth = 2},
                                    .show = {"machines", "files:n1"}}};
  const absl::StatusOr<Request> back = RequestFromLine(ToLine(request));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->scenario, request.scenario);
  EXPECT_EQ(back->seed, request.seed);
  EXPECT_EQ(back->plan, request.plan);
  EXPECT_TRUE(back->options.story && back->options.checkpoints);
  EXPECT_EQ(back->options.trace_from, 3u);
  EXPECT_EQ(back->options.trace_to, ~uint64_t{0});
  EXPECT_EQ(back->options.stop, request.options.stop);
  EXPECT_EQ(back->options.show, request.options.show);
  EXPECT_EQ(ToLine(*back), ToLine(request));
}

TEST(RequestTest, IsOneLine) {
  EXPECT_EQ(ToLine(Request{.plan = "a\nb"}).find('\n'), std::string::npos);
}

TEST(RunTest, ComesBackWhole) {
  scenarios::Run run;
  run.record = {.scenario = "s", .seed = 7, .digest = ~uint64_t{0}};
  run.story = {{1, "n1", "what", "note"}};
  run.checkpoints = {{0, ~uint64_t{0}, 5}, {100, 1, 6}};
  run.trace = {"one", "two \"quoted\"\n"};
  const absl::StatusOr<scenarios::Run> back = RunFromLine(ToLine(run));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->record.digest, run.record.digest);
  EXPECT_EQ(back->story, run.story);
  EXPECT_EQ(back->checkpoints, run.checkpoints);
  EXPECT_EQ(back->trace, run.trace);
}

RC_GTEST_PROP(RunTest, ADamagedLineIsAnError, ()) {
  std::string line = ToLine(fake::ExecuteFake(fake::Scenarios()[0], 3, {.checkpoints = true}));
  line.resize(*rc::gen::inRange<size_t>(0, line.size()));
  RC_ASSERT(!RunFromLine(line).ok());
}

TEST(ServeTest, ExecutesWhatIsAsked) {
  const Tank tank = fake::MakeTank();
  const absl::StatusOr<scenarios::Run> run =
      RunFromLine(Serve(tank, ToLine(Request{.scenario = "fails-often", .seed = 7})));
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run->record.verdict, reports::Verdict::kFail);
  EXPECT_TRUE(run->story.empty());
}

TEST(ServeTest, DrawsAndRunsPlans) {
  const Tank tank = fake::MakeTank();
  const absl::StatusOr<std::string> plan = PlanFromLine(Serve(
      tank, ToLine(Request{.what = Request::What::kPlan, .scenario = "fails-often", .seed = 7})));
  ASSERT_TRUE(plan.ok()) << plan.status();
  const absl::StatusOr<scenarios::Run> run =
      RunFromLine(Serve(tank, ToLine(Request{.plan = *plan})));
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run->record.seed, 7u);
  EXPECT_EQ(run->record.verdict, reports::Verdict::kFail);
}

TEST(ServeTest, AnswersNonsenseWithAProblem) {
  const Tank tank = fake::MakeTank();
  for (const std::string& line :
       {std::string("{"), std::string("{\"what\":\"dance\"}"), ToLine(Request{.scenario = "nope"}),
        ToLine(Request{.plan = "damaged"})}) {
    const absl::StatusOr<scenarios::Run> run = RunFromLine(Serve(tank, line));
    EXPECT_EQ(run.status().code(), absl::StatusCode::kFailedPrecondition) << line;
  }
  const Request directed{.what = Request::What::kPlan, .scenario = "directed"};
  EXPECT_FALSE(PlanFromLine(Serve(tank, ToLine(directed))).ok());
}

}  // namespace
}  // namespace wt::scenarios
