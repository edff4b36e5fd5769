// Proves that a pool hands back the records of its plans in their order whatever the number of its
// workers, that "the first that" is the first in order and not in time, that plans which kill or
// hang their worker become records, and that a stop or a deadline ends it. The tank is a fake, the
// processes are real.
#include "scenarios/campaign/plan_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/status.h"
#include "reports/text.h"
#include "tests/scenarios/cli_fake_tank.h"

namespace wt::scenarios {
namespace {

using reports::RunRecord;
using reports::Verdict;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Plan PlanOf(std::string scenario, uint64_t seed) {
  return {.scenario = std::move(scenario), .seed = seed};
}

bool Fails(const RunRecord& record) { return record.verdict == Verdict::kFail; }

TEST(PlanPoolTest, RecordsComeInOrderWhateverTheNumberOfWorkers) {
  const Tank tank = fake::MakeTank();
  std::vector<Plan> plans;
  for (uint64_t seed = 0; seed < 60; ++seed) plans.push_back(PlanOf("fails-often", seed));
  for (uint32_t jobs : {1u, 2u, 5u}) {
    PlanPool pool(tank, {.jobs = jobs});
    for (int again = 0; again < 2; ++again) {
      const auto records = pool.RunAll(plans);
      ASSERT_TRUE(records.ok()) << records.status();
      ASSERT_EQ(records->size(), plans.size());
      for (uint64_t seed = 0; seed < 60; ++seed) {
        EXPECT_EQ((*records)[seed].seed, seed);
        EXPECT_EQ(Fails((*records)[seed]), seed % 10 == 7) << seed;
      }
    }
  }
}

TEST(PlanPoolTest, DeathsAreRecordsAndTheRestGoesOn) {
  const Tank tank = fake::MakeTank();
  PlanPool pool(tank, {.jobs = 2, .run_timeout = milliseconds(200)});
  const std::vector<Plan> plans = {PlanOf("segfaults", 4), PlanOf("calm", 1), PlanOf("hangs", 2),
                                   PlanOf("calm", 2), PlanOf("exits", 1)};
  const auto records = pool.RunAll(plans);
  ASSERT_TRUE(records.ok()) << records.status();
  std::vector<std::string> seen;
  for (const RunRecord& record : *records) {
    seen.push_back(reports::RunName(record.scenario, record.seed) + " " + record.invariant);
  }
  EXPECT_THAT(seen, ElementsAre("segfaults:0x4 no-crash", "calm:0x1 ", "hangs:0x2 no-hang",
                                "calm:0x2 ", "exits:0x1 no-crash"));
  EXPECT_THAT((*records)[0].message, HasSubstr("SIGSEGV"));
}

TEST(PlanPoolTest, TheFirstThatIsTheFirstInOrder) {
  // The one before it takes until its worker is given up; those behind it are done long before.
  const Tank tank = fake::MakeTank();
  const auto plan_at = [](size_t i) {
    return i == 1 ? PlanOf("hangs", 2) : PlanOf("fails-often", i < 3 ? 0 : 7);
  };
  for (uint32_t jobs : {1u, 3u}) {
    PlanPool pool(tank, {.jobs = jobs, .run_timeout = milliseconds(200)});
    size_t seen = 0;
    const auto found = pool.FirstThat(40, plan_at, [&](const RunRecord& record) {
      ++seen;
      return record.invariant == "acked-writes-survive";
    });
    ASSERT_TRUE(found.ok()) << found.status();
    ASSERT_TRUE(found->has_value());
    EXPECT_EQ((*found)->index, 3u);
    EXPECT_EQ((*found)->record.seed, 7u);
    EXPECT_EQ(seen, 4u) << "records after the first are shown to nobody";
  }
}

TEST(PlanPoolTest, NothingIsFoundAmongThoseThatPass) {
  const Tank tank = fake::MakeTank();
  PlanPool pool(tank, {.jobs = 2});
  const auto found = pool.FirstThat(
      9, [](size_t i) { return PlanOf("directed", i); }, Fails);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_FALSE(found->has_value());
  EXPECT_TRUE(pool.RunAll({})->empty());
}

TEST(PlanPoolTest, GoesOnAfterAHangThatNobodyWaitedFor) {
  const Tank tank = fake::MakeTank();
  PlanPool pool(tank, {.jobs = 2, .run_timeout = std::chrono::hours(1)});
  const auto plan_at = [](size_t i) {
    return i == 0 ? PlanOf("fails-often", 7) : PlanOf("hangs", 2);
  };
  for (int again = 0; again < 3; ++again) {
    const auto found = pool.FirstThat(4, plan_at, Fails);
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_EQ((*found)->index, 0u);
  }
}

TEST(PlanPoolTest, TellsTheStoryOfOneRun) {
  const Tank tank = fake::MakeTank();
  PlanPool pool(tank, {.jobs = 1});
  const auto run = pool.RunOne(PlanOf("calm", 3), {.story = true});
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run->record.seed, 3u);
  EXPECT_FALSE(run->story.empty());
}

TEST(PlanPoolTest, APlanThatCannotBeReadIsAnErrorOfTheTank) {
  Tank tank = fake::MakeTank();
  tank.plan_to_json = [](const Plan&) { return std::string("{\"scenario\": \"calm\"}"); };
  PlanPool pool(tank, {.jobs = 1});
  const auto run = pool.RunOne(PlanOf("calm", 3), {});
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run->record.verdict, Verdict::kError);
  EXPECT_THAT(run->record.message, HasSubstr("want \"seed\""));
}

TEST(PlanPoolTest, AStopOrADeadlineEndsIt) {
  const Tank tank = fake::MakeTank();
  const std::vector<Plan> plans = {PlanOf("hangs", 2)};
  std::atomic<int> stop{0};
  PlanPool late(tank, {.jobs = 1, .deadline = std::chrono::steady_clock::now() + milliseconds(80)});
  EXPECT_TRUE(absl::IsDeadlineExceeded(late.RunAll(plans).status()));
  PlanPool stopped(tank, {.jobs = 1, .stop = &stop});
  EXPECT_TRUE(stopped.RunAll(std::vector<Plan>{PlanOf("calm", 1)}).ok());
  stop = 2;
  EXPECT_TRUE(absl::IsAborted(stopped.RunAll(plans).status()));
}

}  // namespace
}  // namespace wt::scenarios
