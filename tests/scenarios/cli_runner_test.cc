// Proves that a campaign reports the same records in the same order whatever the number of workers
// and shards, and that runs which kill or hang their worker are findings of their own that harm no
// other run. The tank is a fake, the processes are real.
#include "scenarios/campaign/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "reports/text.h"
#include "tests/scenarios/cli_fake_tank.h"

namespace wt::scenarios {
namespace {

using reports::RunRecord;
using reports::Verdict;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using std::chrono::milliseconds;

struct Outcome {
  std::vector<std::string> runs;  // "fails-often:0x7 fail"
  std::vector<RunRecord> records;
  std::vector<reports::Mismatch> mismatches;
  CampaignEnd end;
  uint64_t digest = 0;
};

Outcome RunAll(const std::vector<std::string_view>& names, CampaignOptions options) {
  const Tank tank = fake::MakeTank(names);
  Outcome outcome;
  options.on_run = [&](const RunRecord& record) {
    outcome.runs.push_back(reports::RunName(record.scenario, record.seed) + " " +
                           std::string(NameOf(record.verdict)));
    outcome.records.push_back(record);
    outcome.digest += reports::DigestTerm(record);
  };
  options.on_mismatch = [&](const reports::Mismatch& mismatch) {
    outcome.mismatches.push_back(mismatch);
  };
  const absl::StatusOr<CampaignEnd> end = RunCampaign(tank, options);
  EXPECT_TRUE(end.ok()) << end.status();
  if (end.ok()) outcome.end = *end;
  return outcome;
}

TEST(RunCampaignTest, GoesSeedBySeedOverTheScenarios) {
  const Outcome outcome = RunAll({"calm", "fails-often"}, {.seeds = {6, 8}, .jobs = 1});
  EXPECT_THAT(outcome.runs, ElementsAre("calm:0x6 pass", "fails-often:0x6 pass", "calm:0x7 pass",
                                        "fails-often:0x7 fail"));
}

TEST(RunCampaignTest, DoesNotDependOnTheNumberOfWorkers) {
  const Outcome one = RunAll({"calm", "two-bugs", "segfaults"}, {.seeds = {0, 120}, .jobs = 1});
  ASSERT_EQ(one.runs.size(), 360u);
  for (uint32_t jobs : {2u, 5u}) {
    const Outcome many =
        RunAll({"calm", "two-bugs", "segfaults"}, {.seeds = {0, 120}, .jobs = jobs});
    EXPECT_EQ(many.runs, one.runs) << jobs;
    EXPECT_EQ(many.digest, one.digest) << jobs;
  }
}

TEST(RunCampaignTest, ShardsMakeUpTheWhole) {
  const Outcome whole = RunAll({"calm", "fails-often"}, {.seeds = {5, 25}, .jobs = 2});
  std::vector<std::string> runs;
  uint64_t digest = 0;
  for (uint32_t shard : {1u, 2u, 3u}) {
    const Outcome part =
        RunAll({"calm", "fails-often"}, {.seeds = {5, 25}, .shard = {shard, 3}, .jobs = 2});
    EXPECT_EQ(part.runs.size(), CampaignSize(2, {5, 25}, {shard, 3}));
    runs.insert(runs.end(), part.runs.begin(), part.runs.end());
    digest += part.digest;
  }
  EXPECT_THAT(runs, ::testing::UnorderedElementsAreArray(whole.runs));
  EXPECT_EQ(digest, whole.digest);
}

TEST(CampaignSizeTest, CountsWithoutOverflow) {
  EXPECT_EQ(CampaignSize(3, {0, 100}, {1, 1}), 300u);
  EXPECT_EQ(CampaignSize(3, {0, 2}, {3, 3}), 0u);
  EXPECT_EQ(CampaignSize(3, {0, ~uint64_t{0}}, {1, 1}), ~uint64_t{0});
}

TEST(RunCampaignTest, AWorkerThatDiesIsAFindingAndNoMore) {
  const Outcome outcome = RunAll({"segfaults"}, {.seeds = {0, 20}, .jobs = 2});
  ASSERT_EQ(outcome.records.size(), 20u);
  for (const RunRecord& record : outcome.records) {
    EXPECT_EQ(record.verdict, record.seed == 4 ? Verdict::kFail : Verdict::kPass) << record.seed;
  }
  const RunRecord& death = outcome.records[4];
  EXPECT_EQ(death.invariant, "no-crash");
  EXPECT_THAT(death.output, HasSubstr("about to step on a rake"));
}

TEST(RunCampaignTest, AnExitIsAFindingToo) {
  const Outcome outcome = RunAll({"exits"}, {.seeds = {0, 4}, .jobs = 1});
  EXPECT_THAT(outcome.runs, ElementsAre("exits:0x0 pass", "exits:0x1 fail", "exits:0x2 pass",
                                        "exits:0x3 pass"));
  EXPECT_EQ(outcome.records[1].message, "the process exited with 3 in the middle of the run");
}

TEST(RunCampaignTest, AFailedCheckOutsideOfARunSaysWhere) {
  const Outcome outcome = RunAll({"aborts"}, {.seeds = {4, 5}, .jobs = 1});
  ASSERT_EQ(outcome.records.size(), 1u);
  EXPECT_THAT(outcome.records[0].message, HasSubstr("check failed: seed == 5"));
}

TEST(RunCampaignTest, ARunThatHangsIsEnded) {
  const Outcome outcome =
      RunAll({"hangs"}, {.seeds = {0, 6}, .jobs = 2, .run_timeout = milliseconds(2000)});
  ASSERT_EQ(outcome.records.size(), 6u);
  EXPECT_EQ(outcome.records[2].invariant, "no-hang");
  EXPECT_EQ(outcome.runs[3], "hangs:0x3 pass");
}

TEST(RunCampaignTest, UntilFailEndsWithTheFirstFailureInOrder) {
  for (uint32_t jobs : {1u, 4u}) {
    const Outcome outcome =
        RunAll({"calm", "fails-often"}, {.seeds = {0, 10'000}, .jobs = jobs, .until_fail = true});
    ASSERT_EQ(outcome.runs.size(), 16u);
    EXPECT_EQ(outcome.runs.back(), "fails-often:0x7 fail");
  }
}

TEST(RunCampaignTest, VerifyingFindsNothingInAForkedCopy) {
  const Outcome outcome = RunAll({"calm", "fails-often", "segfaults"},
                                 {.seeds = {0, 20}, .jobs = 2, .verify_one_in = 1});
  EXPECT_EQ(outcome.runs.size(), 60u);
  EXPECT_TRUE(outcome.mismatches.empty());
}

TEST(RunCampaignTest, VerifyingFindsWhatDependsOnTheProcess) {
  CampaignOptions options{.seeds = {0, 6}, .jobs = 2, .verify_one_in = 1};
  options.verifier = {.arguments = {WAVETANK_FAKE_PROGRAM, "worker"},
                      .environment = {"MALLOC_PERTURB_=165"}};
  const Outcome outcome = RunAll({"wavers", "calm"}, options);
  ASSERT_EQ(outcome.mismatches.size(), 6u);
  EXPECT_EQ(outcome.mismatches[3].scenario, "wavers");
  EXPECT_EQ(outcome.mismatches[3].seed, 3u);
  EXPECT_NE(outcome.mismatches[3].digests[0], outcome.mismatches[3].digests[1]);
}

TEST(RunCampaignTest, VerifiesAShareChosenByNameAndSeed) {
  CampaignOptions options{.seeds = {0, 200}, .jobs = 2, .verify_one_in = 10};
  options.verifier = {.arguments = {WAVETANK_FAKE_PROGRAM, "worker"},
                      .environment = {"MALLOC_PERTURB_=165"}};
  const size_t verified = RunAll({"wavers"}, options).mismatches.size();
  EXPECT_GT(verified, 5u);
  EXPECT_LT(verified, 50u);
  options.jobs = 1;
  EXPECT_EQ(RunAll({"wavers"}, options).mismatches.size(), verified);
}

TEST(RunCampaignTest, AVerifierThatCannotStartIsAnError) {
  CampaignOptions options{.seeds = {0, 3}, .jobs = 1, .verify_one_in = 1};
  options.verifier.arguments = {"/nonexistent/program"};
  const Tank tank = fake::MakeTank({"calm"});
  EXPECT_EQ(RunCampaign(tank, options).status().code(), absl::StatusCode::kUnavailable);
}

TEST(RunCampaignTest, StopsWithWhatIsDone) {
  std::atomic<int> stop{0};
  CampaignOptions options{.seeds = {0, 1'000'000}, .jobs = 2, .stop = &stop};
  const Tank tank = fake::MakeTank({"calm"});
  uint64_t runs = 0;
  options.on_run = [&](const RunRecord&) {
    if (++runs == 50) stop = SIGINT;
  };
  const absl::StatusOr<CampaignEnd> end = RunCampaign(tank, options);
  ASSERT_TRUE(end.ok());
  EXPECT_TRUE(end->interrupted);
  EXPECT_GE(runs, 50u);
  EXPECT_LT(runs, 1'000'000u);
}

TEST(RunCampaignTest, TimeEndsAnEndlessCampaignWithoutGaps) {
  const Outcome outcome = RunAll({"calm"}, {.seeds = {0, ~uint64_t{0}}, .jobs = 2,
                                            .time_limit = milliseconds(200)});
  EXPECT_FALSE(outcome.end.interrupted);
  ASSERT_FALSE(outcome.records.empty());
  for (size_t i = 0; i < outcome.records.size(); ++i) EXPECT_EQ(outcome.records[i].seed, i);
}

}  // namespace
}  // namespace wt::scenarios
