// Proves that a run stops where it is told to, that looking at it changes nothing of it, and that
// what is shown is what is there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>

#include "scenarios/catalog.h"
#include "scenarios/execute.h"
#include "scenarios/view.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr uint64_t kSeed = 3;

const Run& WholeRun() {
  static const Run run = Execute(TornTail(), kSeed, {.story = true});
  return run;
}

Run StoppedRun(const StopPoint& stop, std::vector<std::string> show = {}) {
  return Execute(TornTail(), kSeed, {.story = true, .stop = stop, .show = std::move(show)});
}

TEST(StopperTest, StopsAtARecord) {
  const auto run = StoppedRun({.record = 5'000});
  ASSERT_TRUE(run.stopped.has_value());
  EXPECT_EQ(run.stopped->record, 5'000u);
  EXPECT_EQ(run.record.verdict, reports::Verdict::kInconclusive);
  EXPECT_LT(run.record.events, WholeRun().record.events);
}

TEST(StopperTest, TellsTheSameStoryUpToThere) {
  const std::vector<reports::Step>& whole = WholeRun().story;
  ASSERT_GT(whole.size(), 20u);
  const auto run = StoppedRun({.record = whole[20].record});
  ASSERT_GE(run.story.size(), 21u) << "the step itself has been told";
  for (size_t i = 0; i < 20; ++i) EXPECT_EQ(run.story[i], whole[i]) << i;
  EXPECT_EQ(run.story[20].what, whole[20].what);
}

TEST(StopperTest, StopsAtTheNthStepOfAKind) {
  std::vector<reports::Step> openings;
  for (const reports::Step& step : WholeRun().story) {
    if (step.what.starts_with("engine.opening")) openings.push_back(step);
  }
  ASSERT_GE(openings.size(), 3u);
  const auto run = StoppedRun({.event = "n1/engine.opening", .nth = 3});
  ASSERT_TRUE(run.stopped.has_value());
  EXPECT_EQ(run.stopped->record, openings[2].record);
  EXPECT_EQ(run.stopped->at_us, openings[2].at_us);
}

TEST(StopperTest, StopsAtWhatTheStoryLeavesOut) {
  const auto run = StoppedRun({.event = "entry.applied index 40"}, {"events"});
  ASSERT_TRUE(run.stopped.has_value());
  EXPECT_THAT(run.stopped->view, HasSubstr("entry.applied index 40"));
}

TEST(StopperTest, StopsAtATime) {
  const auto run = StoppedRun({.time = 1s});
  ASSERT_TRUE(run.stopped.has_value());
  EXPECT_GE(run.stopped->at_us, 1'000'000u);
  // The record at which it stopped is the first one of that second.
  const auto before = StoppedRun({.record = run.stopped->record - 1});
  EXPECT_LT(before.stopped->at_us, 1'000'000u);
}

// Of the moments at which a run can be stopped, a time is one at which nothing happens.
TEST(StopperTest, TheSameRunUpToATime) {
  const std::vector<reports::Step>& whole = WholeRun().story;
  for (Duration time : {1s, 2s, 4s}) {
    const auto run = StoppedRun({.time = time});
    ASSERT_TRUE(run.stopped.has_value());
    ASSERT_LE(run.story.size(), whole.size());
    for (size_t i = 0; i + 1 < run.story.size(); ++i) ASSERT_EQ(run.story[i], whole[i]) << i;
    const auto twin = StoppedRun({.record = run.stopped->record});
    EXPECT_EQ(twin.record.digest, run.record.digest) << "as if stopped at that record";
  }
}

// Every step before that time and none behind it, from each of several machines.
TEST(StopperTest, TheStoryOfAGroupUpToATime) {
  for (const Scenario& scenario : {Failover(), PartitionStorm()}) {
    const std::vector<reports::Step> whole = Execute(scenario, kSeed, {.story = true}).story;
    for (Duration time : {700ms, 1500ms, 2500ms}) {
      const auto run = Execute(scenario, kSeed, {.story = true, .stop = {.time = time}});
      ASSERT_TRUE(run.stopped.has_value()) << scenario.name;
      const auto until = static_cast<uint64_t>(time.count()) / 1000;
      std::vector<reports::Step> before;
      std::ranges::copy_if(whole, std::back_inserter(before),
                           [&](const reports::Step& step) { return step.at_us < until; });
      ASSERT_GT(before.size(), 10u);
      EXPECT_EQ(run.story, before) << scenario.name << " until " << until;
    }
  }
}

TEST(StopperTest, WhatNeverComesIsNoStop) {
  const auto run = StoppedRun({.event = "nothing.like_it"});
  EXPECT_FALSE(run.stopped.has_value());
  EXPECT_EQ(run.record.digest, WholeRun().record.digest) << "listening is not to be seen";
}

TEST(StopperTest, ShowsEveryViewAtEveryKindOfMoment) {
  const std::vector<std::string> views = {"machines", "events",     "tasks", "network",
                                          "files:n1", "pending:n1", "log:n1"};
  for (uint64_t record : {1u, 100u, 2'345u, 9'999u}) {
    const auto run = StoppedRun({.record = record}, views);
    ASSERT_TRUE(run.stopped.has_value());
    for (const std::string& view : views) {
      EXPECT_THAT(run.stopped->view, HasSubstr("--- " + view + "\n"));
    }
  }
}

TEST(ViewTest, TheLogHoldsWhatWasAppended) {
  const auto run =
      StoppedRun({.event = "log.synced", .nth = 3}, {"log:n1", "files:n1", "machines"});
  ASSERT_TRUE(run.stopped.has_value());
  EXPECT_THAT(run.stopped->view,
              AllOf(HasSubstr(".wal: incarnation 1, first index 1"), HasSubstr("command"),
                    HasSubstr("running"), HasSubstr("honest")));
}

TEST(ViewTest, WhatIsNotThereIsSaidToBeSo) {
  const auto run = StoppedRun({.record = 5'000}, {"files:n9", "bytes:n1:no/such"});
  ASSERT_TRUE(run.stopped.has_value());
  EXPECT_THAT(run.stopped->view,
              AllOf(HasSubstr("n9: no such machine"), HasSubstr("no/such: no such file on n1")));
}

TEST(ViewTest, BytesAreThoseOfTheFile) {
  const auto run = StoppedRun({.event = "log.synced"}, {"bytes:n1:log/0000000000000001.wal:0:32"});
  ASSERT_TRUE(run.stopped.has_value());
  EXPECT_THAT(run.stopped->view, HasSubstr("00000000  "));
  EXPECT_THAT(run.stopped->view, HasSubstr("00000010  "));
  EXPECT_THAT(run.stopped->view, ::testing::Not(HasSubstr("00000020  ")));
}

}  // namespace
}  // namespace wt::scenarios
