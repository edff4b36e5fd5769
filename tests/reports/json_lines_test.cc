// Holds the JSON lines to the byte, and proves that a record survives the way to another process.
#include "reports/json_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "reports/text.h"

namespace wt::reports {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

RunRecord Sample() {
  return {.scenario = "torn-tail",
          .seed = 0x51f0c2a7,
          .virtual_us = 60'000'000,
          .events = 81'234,
          .faults = {{"power_loss", 7}},
          .goals = {{"log.tail_cut", 2}, {"log.unseen", 0}},
          .invariants = {{"no-phantom", 12}},
          .digest = 0xabc,
          .wall_us = 8123};
}

TEST(RunLineTest, IsThisToTheByte) {
  EXPECT_EQ(RunLine(Sample(), HostFigures::kInclude),
            R"({"kind":"run","scenario":"torn-tail","seed":"0x51f0c2a7","verdict":"pass",)"
            R"("invariant":null,"virtual_us":60000000,"events":81234,"faults":{"power_loss":7},)"
            R"("goals":["log.tail_cut"],"invariants":{"no-phantom":12},)"
            R"("digest":"0x0000000000000abc","wall_us":8123})");
  EXPECT_THAT(RunLine(Sample(), HostFigures::kOmit), Not(HasSubstr("wall_us")));
}

TEST(EndLineTest, IsThisToTheByte) {
  Tally tally(std::vector<Promise>{{"torn-tail", {"log.tail_cut", "log.other"}, {}}});
  tally.Add(Sample());
  const Totals totals = tally.totals();
  EXPECT_EQ(EndLine(totals, {.wall_us = 500'000}, HostFigures::kInclude),
            R"({"kind":"end","runs":1,"failed":0,"inconclusive":0,"errors":0,)"
            R"("not_deterministic":0,"events":81234,"virtual_us":60000000,"wall_us":500000,)"
            R"("seeds_per_s":2,"events_per_s":162468,"goals_missed":["torn-tail/log.other"],)"
            R"("vacuous":[],"faults_missed":[],"interrupted":false,"digest":")" +
                HexDigest(totals.digest) + "\"}");
  EXPECT_THAT(EndLine(totals, {.wall_us = 1}, HostFigures::kOmit), Not(HasSubstr("_per_s")));
}

TEST(CampaignLineTest, HasNullForNoShard) {
  EXPECT_EQ(CampaignLine({.name = "n", .scenarios = {"a"}, .seeds = "0..2", .build = "0x1"}),
            R"({"kind":"campaign","campaign":"n","scenarios":["a"],"seeds":"0..2","shard":null,)"
            R"("set":[],"build":"0x1"})");
}

TEST(FindingLineTest, NamesTheRunAndTheCommand) {
  RunRecord record = Sample();
  record.invariant = "no-phantom";
  record.verdict = Verdict::kFail;
  record.why = {{7, "n1", "what", "", 9}};
  const std::string line =
      FindingLine({"no-phantom-1234", record, 3, {"torn-tail:0x51f0c2a7"}}, "wavetank repro x");
  EXPECT_THAT(line, HasSubstr(R"("signature":"no-phantom-1234","verdict":"fail")"));
  EXPECT_THAT(line, HasSubstr(R"("why":[{"at_us":7,"machine":"n1","what":"what",)"
                              R"("note":"","record":9}])"));
  EXPECT_THAT(line, HasSubstr(R"("runs":3,"some":["torn-tail:0x51f0c2a7"])"));
  EXPECT_THAT(line, HasSubstr(R"("reproduce":"wavetank repro x"})"));
}

TEST(RunLineTest, BytesThatAreNotTextDoNotBreakTheLine) {
  RunRecord record = Sample();
  record.message = "read \xff\xfe instead";
  EXPECT_THAT(RunLine(record, HostFigures::kOmit), HasSubstr("read \xef\xbf\xbd"));
}

RC_GTEST_PROP(RecordJsonTest, ComesBackWhole,
              (uint64_t seed, uint64_t digest, uint64_t events, uint64_t at)) {
  const auto text = rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127));
  RunRecord record = Sample();
  record.seed = seed;
  record.digest = digest;
  record.events = events;
  record.verdict = static_cast<Verdict>(*rc::gen::inRange(0, 4));
  record.message = *text;
  record.invariant = *text;
  record.signature = *text;
  record.output = *text;
  record.why = {{at, *text, *text, *text}};
  record.goals[*text] = at;
  record.matrix = {{static_cast<uint32_t>(seed), 1}, {7, events | 1}};
  const absl::StatusOr<RunRecord> back = RecordFromJson(RecordToJson(record));
  RC_ASSERT(back.ok());
  RC_ASSERT(RecordToJson(*back) == RecordToJson(record));
  RC_ASSERT(back->why == record.why);
  RC_ASSERT(back->matrix == record.matrix);
  RC_ASSERT(back->goals == record.goals);
  RC_ASSERT(back->verdict == record.verdict);
}

TEST(RecordJsonTest, WhatIsNoRecordIsAnError) {
  const std::string good = RecordToJson(Sample());
  ASSERT_TRUE(RecordFromJson(good).ok());
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string bad = good;
    bad.replace(bad.find(from), from.size(), to);
    return RecordFromJson(bad);
  };
  EXPECT_FALSE(RecordFromJson("").ok());
  EXPECT_FALSE(RecordFromJson("[]").ok());
  EXPECT_FALSE(with("\"pass\"", "\"perhaps\"").ok());
  EXPECT_FALSE(with("81234", "\"81234\"").ok());
  EXPECT_FALSE(with("\"events\"", "\"evnts\"").ok());
  EXPECT_FALSE(with("0x51f0c2a7", "0x51f0c2ag").ok());
  EXPECT_FALSE(with("\"seed\":\"0x", "\"seed\":\"").ok());
}

TEST(PerSecondTest, DoesNotOverflow) {
  EXPECT_EQ(PerSecond(5, 0), 0u);
  EXPECT_EQ(PerSecond(~uint64_t{0} / 2, 1'000'000), ~uint64_t{0} / 2);
}

}  // namespace
}  // namespace wt::reports
