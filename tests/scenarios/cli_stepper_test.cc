// Proves that time travel goes where it is told, over a run of five steps that is told by a
// function: forwards, backwards, to patterns, times and records, and no farther than the run goes.
#include "scenarios/cli/stepper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/campaign/step_pattern.h"
#include "scenarios/campaign/view_request.h"

namespace wt::cli {
namespace {

using scenarios::ExecuteOptions;
using ::testing::HasSubstr;
using ::testing::Not;

const std::vector<reports::Step> kStory = {
    {1'000, "n1", "engine.opening", "", 10},
    {2'000, "n2", "engine.opening", "", 20},
    {3'000, "n1", "primary.elected term 3", "", 30},
    {3'000, "", "fault: power-loss for 3 ms", "", 40},
    {9'000, "n1", "engine.opening", "", 50},
};

class StepperTest : public ::testing::Test {
 protected:
  StepperTest()
      : stepper_(*Stepper::Begin(
            [this](const ExecuteOptions& options) -> absl::StatusOr<scenarios::Run> {
              ++runs_;
              asked_ = options;
              scenarios::Run run{.story = kStory};
              run.record.events = 60;
              if (options.stop.set()) {
                run.stopped = {.record = options.stop.record, .view = "the view\n"};
                run.trace = {"a line of the trace"};
              }
              return run;
            })) {}

  std::string Do(std::string_view line) {
    const absl::StatusOr<std::string> answer = stepper_.Do(line);
    return answer.ok() ? *answer : std::string(answer.status().message());
  }

  int runs_ = 0;
  ExecuteOptions asked_;
  Stepper stepper_;
};

TEST_F(StepperTest, BeginsAtTheFirstStep) { EXPECT_EQ(stepper_.record(), 10u); }

TEST_F(StepperTest, GoesOnAndBackAndNoFartherThanTheRun) {
  Do("next");
  EXPECT_EQ(stepper_.record(), 20u);
  Do("next 2");
  EXPECT_EQ(stepper_.record(), 40u);
  Do("back");
  EXPECT_EQ(stepper_.record(), 30u);
  Do("next 100");
  EXPECT_EQ(stepper_.record(), 50u);
  Do("back 100");
  EXPECT_EQ(stepper_.record(), 10u);
  EXPECT_EQ(runs_, 1) << "only a look around needs the run again";
}

TEST_F(StepperTest, ABeginningOfAWordIsEnoughAndAnEmptyLineRepeats) {
  Do("n");
  Do("");
  EXPECT_EQ(stepper_.record(), 30u);
}

TEST_F(StepperTest, FindsBothWays) {
  Do("find engine.opening");
  EXPECT_EQ(stepper_.record(), 20u);
  Do("find n1/engine.opening");
  EXPECT_EQ(stepper_.record(), 50u);
  Do("rfind fault: power-loss");
  EXPECT_EQ(stepper_.record(), 40u);
  EXPECT_THAT(Do("find nothing"), HasSubstr("no step from here on begins with \"nothing\""));
  EXPECT_EQ(stepper_.record(), 40u);
}

TEST_F(StepperTest, GoesToATimeAndToARecord) {
  Do("time 3ms");
  EXPECT_EQ(stepper_.record(), 40u) << "the last of those at that time";
  Do("time 0");
  EXPECT_EQ(stepper_.record(), 10u);
  Do("record 45");
  EXPECT_EQ(stepper_.record(), 45u);
  EXPECT_THAT(Do("list"), HasSubstr("step 4 of 5"));
  Do("record 1000");
  EXPECT_EQ(stepper_.record(), 60u);
}

TEST_F(StepperTest, LooksAroundAtTheMomentWhereItStands) {
  Do("next 2");
  EXPECT_EQ(Do("show files n1"), "the view\n");
  EXPECT_EQ(asked_.stop.record, 30u);
  EXPECT_THAT(asked_.show, ::testing::ElementsAre("files:n1"));
  EXPECT_EQ(Do("detail 7"), "a line of the trace\n");
  EXPECT_EQ(asked_.trace_from, 23u);
  EXPECT_EQ(asked_.trace_to, 30u);
}

TEST_F(StepperTest, MarksTheMoment) {
  const std::string text = Do("next");
  EXPECT_THAT(text, HasSubstr(">  0.002s  n2       engine.opening"));
  EXPECT_THAT(text, Not(HasSubstr(">  0.001s")));
}

TEST_F(StepperTest, SaysWhatIsNoCommand) {
  EXPECT_THAT(Do("fidn x"), HasSubstr("did you mean find"));
  EXPECT_THAT(Do("next x"), HasSubstr("\"x\" is not a whole number"));
  EXPECT_THAT(Do("show disks"), HasSubstr("\"disks\" is no view: want machines"));
  EXPECT_FALSE(stepper_.done());
  Do("quit");
  EXPECT_TRUE(stepper_.done());
}

TEST(StepPatternTest, TakesWholeWordsAndAMachine) {
  using scenarios::Matches;
  const reports::Step step = kStory[2];
  EXPECT_TRUE(Matches("primary.elected", step));
  EXPECT_TRUE(Matches("primary.elected term 3", step));
  EXPECT_TRUE(Matches("n1/primary.elected", step));
  EXPECT_FALSE(Matches("primary.elect", step));
  EXPECT_FALSE(Matches("n2/primary.elected", step));
  EXPECT_FALSE(Matches("primary.elected term 33", step));
  EXPECT_TRUE(Matches("fault: power-loss", kStory[3]));
}

TEST(StepPatternTest, ReadsTheNth) {
  using scenarios::ParseBreak;
  EXPECT_EQ(ParseBreak("n2/engine.opening")->nth, 1u);
  EXPECT_EQ(ParseBreak("engine.opening#3")->nth, 3u);
  EXPECT_EQ(ParseBreak("engine.opening#3")->event, "engine.opening");
  for (const char* bad : {"", "#2", "a#", "a#0", "a#x", "a#-1"}) {
    EXPECT_FALSE(ParseBreak(bad).ok()) << bad;
  }
}

TEST(ViewRequestTest, ReadsEveryForm) {
  using scenarios::ParseViewRequest;
  EXPECT_EQ(ParseViewRequest("tasks")->what, "tasks");
  EXPECT_EQ(ParseViewRequest("files:n3")->machine, "n3");
  const auto bytes = ParseViewRequest("bytes:n1:log/0000000000000001.wal:0x1000:64");
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  EXPECT_EQ(bytes->path, "log/0000000000000001.wal");
  EXPECT_EQ(bytes->offset, 4096u);
  EXPECT_EQ(bytes->size, 64u);
  for (const char* bad : {"", "x", "tasks:n1", "files", "files:", "files:n1:x", "bytes:n1",
                          "bytes:n1:p:x", "bytes:n1:p:1:2:3"}) {
    EXPECT_FALSE(ParseViewRequest(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace wt::cli
