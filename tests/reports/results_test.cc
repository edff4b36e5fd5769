// Proves that a results file is read back as it was written. (What damage says, and that merged
// shards are one campaign, is proved on the program: cli_merge_test.)
#include "reports/results.h"

#include <gtest/gtest.h>

namespace wt::reports {
namespace {

const CampaignHeader kHeader{.name = "calm-0..4-shard-1-2-00000001",
                             .scenarios = {"calm"},
                             .seeds = "0..4",
                             .shard = "1/2",
                             .overrides = {},
                             .build = "0x1"};

std::string FileOf(const std::vector<RunRecord>& runs, uint64_t shard) {
  CampaignHeader header = kHeader;
  header.shard = std::to_string(shard) + "/2";
  header.name = "calm-0..4-shard-" + std::to_string(shard) + "-2-0000000" + std::to_string(shard);
  Tally tally(std::vector<Promise>{{.scenario = "calm"}});
  std::string text = CampaignLine(header) + "\n";
  for (const RunRecord& run : runs) {
    tally.Add(run);
    text += RunLine(run, HostFigures::kOmit) + "\n";
  }
  const Totals totals = tally.totals();
  for (const Finding& finding : totals.findings) text += FindingLine(finding, "x") + "\n";
  return text + EndLine(totals, {}, HostFigures::kOmit) + "\n";
}

RunRecord RunOf(uint64_t seed, uint64_t events) {
  return {.scenario = "calm", .seed = seed, .events = events, .goals = {{"g", 1}}, .digest = seed};
}

TEST(ResultsTest, ARunIsReadBack) {
  RunRecord failing = RunOf(2, 9);
  failing.verdict = Verdict::kFail;
  failing.invariant = "no-phantom";
  failing.message = "a ghost";
  failing.signature = "no-phantom-1";
  failing.why = {{5, "n1", "log.synced", "lost-fsync #1"}};
  failing.failed_at_us = 77;
  const auto read = ReadResults("f", FileOf({RunOf(0, 5), failing}, 1));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(read->ended);
  ASSERT_EQ(read->runs.size(), 2u);
  EXPECT_EQ(read->runs[1].record.signature, "no-phantom-1");
  EXPECT_EQ(read->runs[1].record.message, "a ghost");
  const Finding& finding = read->findings.at("no-phantom-1");
  EXPECT_EQ(finding.example.failed_at_us, 77u);
  EXPECT_EQ(finding.example.why, failing.why);
}

TEST(ResultsTest, ShardsMergeInTheOrderOfTheCampaign) {
  const auto one = ReadResults("1", FileOf({RunOf(0, 5), RunOf(2, 5)}, 1));
  const auto two = ReadResults("2", FileOf({RunOf(1, 5), RunOf(3, 5)}, 2));
  ASSERT_TRUE(one.ok() && two.ok());
  const auto merged = Merge({*two, *one, *two}, 2);
  ASSERT_TRUE(merged.ok()) << merged.status();
  ASSERT_EQ(merged->runs.size(), 4u);
  for (uint64_t seed = 0; seed < 4; ++seed) EXPECT_EQ(merged->runs[seed].record.seed, seed);
  EXPECT_EQ(merged->header.name, "calm");
  EXPECT_TRUE(merged->missing.empty());
  EXPECT_EQ(Merge({*two}, 2)->missing, std::vector<std::string>{"shard 1/2"});
  EXPECT_FALSE(Merge({*two}, 3).ok());
}

}  // namespace
}  // namespace wt::reports
