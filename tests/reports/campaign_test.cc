// Proves how runs add up: failures grouped by signature with the quickest in front, promises that
// were not kept, a digest that does not depend on the order, and the exit code of the worst.
#include "reports/campaign.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "reports/campaign_text.h"
#include "reports/exit_code.h"

namespace wt::reports {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

RunRecord Pass(uint64_t seed) {
  return {.scenario = "s", .seed = seed, .virtual_us = 1'000'000, .events = 1000,
          .faults = {{"kill", 2}}, .goals = {{"reached", 1}},
          .invariants = {{"holds", 3}}, .digest = seed * 77};
}

RunRecord Fail(uint64_t seed, std::string invariant, uint64_t events) {
  RunRecord record = Pass(seed);
  record.verdict = Verdict::kFail;
  record.invariant = std::move(invariant);
  record.message = "key " + std::to_string(seed) + " is missing";
  record.events = events;
  return record;
}

Totals Added(const std::vector<RunRecord>& records) {
  Tally tally(std::vector<Promise>{{"s", {"reached", "never"}, {"kill", "pause"}}});
  for (const RunRecord& record : records) tally.Add(record);
  return tally.totals();
}

TEST(TallyTest, AddsUp) {
  const Totals totals = Added({Pass(1), Fail(2, "a", 10), Pass(3)});
  EXPECT_EQ(totals.runs, 3u);
  EXPECT_EQ(totals.failed, 1u);
  EXPECT_EQ(totals.events, 2010u);
  EXPECT_EQ(totals.virtual_us, 3'000'000u);
  EXPECT_EQ(totals.scenarios[0].fault_count(), 6u);
  EXPECT_THAT(totals.GoalsMissed(), ElementsAre("s/never"));
  EXPECT_THAT(totals.FaultsMissed(), ElementsAre("s/pause"));
  EXPECT_THAT(totals.Vacuous(), IsEmpty());
}

TEST(TallyTest, GroupsFailuresWithTheQuickestInFront) {
  const Totals totals =
      Added({Fail(1, "a", 500), Fail(2, "b", 300), Fail(3, "a", 20), Fail(4, "a", 20)});
  ASSERT_EQ(totals.findings.size(), 2u);
  EXPECT_EQ(totals.findings[0].example.seed, 3u);
  EXPECT_EQ(totals.findings[0].runs, 3u);
  EXPECT_THAT(totals.findings[0].some, ElementsAre("s:0x1", "s:0x3", "s:0x4"));
  EXPECT_EQ(totals.findings[1].example.invariant, "b");
}

TEST(TallyTest, RealFailuresComeBeforeUnclearRuns) {
  RunRecord unclear = Fail(1, "", 1);
  unclear.verdict = Verdict::kInconclusive;
  const Totals totals = Added({unclear, Fail(2, "b", 300)});
  EXPECT_EQ(totals.findings[0].example.invariant, "b");
}

TEST(TallyTest, AnInvariantThatNeverSawAnythingIsVacuous) {
  RunRecord record = Pass(1);
  record.invariants["blind"] = 0;
  EXPECT_THAT(Added({record}).Vacuous(), ElementsAre("s/blind"));
  RunRecord other = Pass(2);
  other.invariants["blind"] = 1;
  EXPECT_THAT(Added({record, other}).Vacuous(), IsEmpty());
  EXPECT_THAT(Added({}).Vacuous(), ElementsAre("s/events"));
}

RC_GTEST_PROP(TallyTest, TheDigestDoesNotDependOnTheOrderButOnEveryRun, ()) {
  const auto seeds = *rc::gen::unique<std::vector<uint64_t>>(rc::gen::arbitrary<uint64_t>());
  RC_PRE(!seeds.empty());
  std::vector<RunRecord> records;
  for (uint64_t seed : seeds) records.push_back(Pass(seed));
  const uint64_t digest = Added(records).digest;
  std::ranges::reverse(records);
  RC_ASSERT(Added(records).digest == digest);
  records.front().digest ^= 1;
  RC_ASSERT(Added(records).digest != digest);
}

TEST(TallyTest, TwoRunsThatSwapTheirDigestsAreNotTheSame) {
  std::vector<RunRecord> records = {Pass(1), Pass(2)};
  const uint64_t digest = Added(records).digest;
  std::swap(records[0].digest, records[1].digest);
  EXPECT_NE(Added(records).digest, digest);
}

TEST(ExitCodeTest, IsTheWorst) {
  Totals totals = Added({Pass(1)});
  EXPECT_EQ(ExitCodeOf(totals, Goals::kAreNotJudged), kExitPassed);
  EXPECT_EQ(ExitCodeOf(totals, Goals::kMustBeReached), kExitInconclusive);
  totals.scenarios[0].goals["never"] = 1;
  EXPECT_EQ(ExitCodeOf(totals, Goals::kMustBeReached), kExitPassed);
  totals.scenarios[0].invariants["blind"] = 0;
  EXPECT_EQ(ExitCodeOf(totals, Goals::kMustBeReached), kExitInconclusive);
  totals.inconclusive = 1;
  EXPECT_EQ(ExitCodeOf(totals, Goals::kAreNotJudged), kExitInconclusive);
  totals.failed = 1;
  EXPECT_EQ(ExitCodeOf(totals, Goals::kAreNotJudged), kExitFinding);
  totals.mismatches.push_back({"s", 1, {1, 2}});
  EXPECT_EQ(ExitCodeOf(totals, Goals::kAreNotJudged), kExitNotDeterministic);
  totals.errors = 1;
  EXPECT_EQ(ExitCodeOf(totals, Goals::kAreNotJudged), kExitBroken);
  EXPECT_EQ(ExitCodeOf(Totals{}, Goals::kAreNotJudged), kExitInconclusive);
}

TEST(CampaignTextTest, TheTableIsThisToTheByte) {
  EXPECT_EQ(ScenarioTable(Added({Pass(1), Fail(2, "a", 10)}), {}),
            "scenario  runs  failed  unclear  events  virtual  faults  goals\n"
            "s            2       1        0   1,010     2.0s       4    1/2\n");
}

TEST(CampaignTextTest, TheLastLineSaysHowFast) {
  EXPECT_EQ(TotalsLine(Added({Pass(1), Pass(2)}), Goals::kAreNotJudged, {.wall_us = 4'000}, {}),
            "PASS  2 runs in 4ms  (500 seeds/s, 500k events/s, virtual:wall 500:1)\n");
  EXPECT_THAT(TotalsLine(Added({Pass(1)}), Goals::kMustBeReached, {.wall_us = 1}, {}),
              ::testing::StartsWith("INCONCLUSIVE"));
}

TEST(CampaignTextTest, SaysHowOftenAFindingWasSeen) {
  std::vector<RunRecord> records;
  for (uint64_t seed = 0; seed < 12; ++seed) records.push_back(Fail(seed, "a", 10));
  const std::string text = FindingBlocks(Added(records), {});
  EXPECT_THAT(text, HasSubstr("  12 runs with this signature: s:0x0 s:0x1"));
  EXPECT_THAT(text, HasSubstr("s:0x9 ...\n"));
}

TEST(CampaignTextTest, ShowsSeedsThatAreNotDeterministicAndStopsAtAFew) {
  Tally tally(std::vector<Promise>{{.scenario = "s"}});
  for (uint64_t seed = 0; seed < 9; ++seed) tally.AddMismatch({"s", seed, {1, 2}});
  const std::string text = FindingBlocks(tally.totals(), {});
  EXPECT_THAT(text, HasSubstr("NOT DETERMINISTIC  same-seed-same-digest  s:0x0\n"
                              "  one seed, two digests: 0x0000000000000001 and "
                              "0x0000000000000002\n"
                              "  bisect     wavetank verify s:0x0\n"));
  EXPECT_THAT(text, HasSubstr("9 seeds not deterministic in all\n"));
}

TEST(CampaignTextTest, TheSummaryIsPlain) {
  const std::string text =
      SummaryMarkdown({.name = "n", .seeds = "0..2", .build = "0x1"}, Added({Fail(2, "a", 10)}),
                      Goals::kMustBeReached, {.look = {.colour = true}});
  EXPECT_THAT(text, ::testing::StartsWith("# n: FAIL\n\n1 run, seeds 0..2, build 0x1, digest 0x"));
  EXPECT_THAT(text, HasSubstr("## Findings"));
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace wt::reports
