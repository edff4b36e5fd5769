// Proves that a summary fits and says what it left out, that its fences hold, and that GitHub's
// workflow commands stay one line.
#include "reports/ci.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "reports/utf8.h"

namespace wt::reports {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

bool IsUtf8(std::string_view text) {
  bool valid = true;
  ForEachCharacter(text, [&](uint32_t c, std::string_view) { valid = valid && c != kInvalid; });
  return valid;
}

RC_GTEST_PROP(FittedTest, IsValidAndFitsWhateverComes, (std::vector<std::string> lines)) {
  std::string text;
  for (int round = 0; round < 20; ++round) {
    for (const std::string& line : lines) text += line + (round % 3 == 0 ? "\n" : "```");
  }
  const std::string fitted = Fitted(text, 1000);
  RC_ASSERT(fitted.size() <= 1000u || text.size() <= 1000u);
  RC_ASSERT(IsUtf8(fitted));
}

TEST(FittedTest, WhatFitsStaysAsItIs) { EXPECT_EQ(Fitted("# a\n\nb\n", 1000), "# a\n\nb\n"); }

TEST(FittedTest, WhatDoesNotFitIsCutAtALineAndSaysHowMuchIsMissing) {
  std::string text = "# head\n\n```\n";
  for (int i = 0; i < 200; ++i) text += "0123456789\n";
  text += "```\n";
  const std::string fitted = Fitted(text, 1000);
  EXPECT_THAT(fitted, StartsWith("# head\n\n```\n0123456789\n"));
  EXPECT_THAT(fitted, HasSubstr("0123456789\n```\n\n**Cut off here:** "));
  EXPECT_THAT(fitted, HasSubstr(" of 2,216 bytes ("));
  EXPECT_THAT(fitted, EndsWith("have all.\n"));
}

TEST(FittedTest, AHugeLineIsLeftOutWhole) {
  const std::string fitted = Fitted("head\n" + std::string(5000, 'x') + "\n", 1000);
  EXPECT_THAT(fitted, StartsWith("head\n\n**Cut off here:** 5,001 of 5,006 bytes (1 line)"));
}

TEST(FencedTest, AFenceCannotBeClosedByWhatItHolds) {
  EXPECT_EQ(Fenced("a\n"), "```\na\n```\n");
  EXPECT_EQ(Fenced("a ```` b"), "`````\na ```` b\n`````\n");
}

TEST(AnnotationTest, StaysOneLine) {
  EXPECT_EQ(Annotation("a:b,c", "50 %\r\n::error::x"),
            "::error title=a%3Ab%2Cc::50 %25%0D%0A::error::x\n");
}

TEST(AnnotationTest, TellsWhatIsWrongTenTimesAtMost) {
  Tally tally(std::vector<Promise>{{.scenario = "s", .goals = {"g"}}});
  for (int i = 0; i < 30; ++i) {
    tally.Add({.scenario = "s",
               .seed = static_cast<uint64_t>(i),
               .verdict = Verdict::kFail,
               .invariant = "no-phantom",
               .message = std::string(1, static_cast<char>('a' + i % 26)) + " is a ghost",
               .signature = "s" + std::to_string(i)});
  }
  const std::string all = Annotations(tally.totals(), Goals::kMustBeReached, {});
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 10);
  EXPECT_THAT(all,
              HasSubstr("::error title=no-phantom s%3A0x0::a is a ghost%0Awavetank repro s:0x0"));
  Tally missed(std::vector<Promise>{{.scenario = "s", .goals = {"g"}}});
  missed.Add({.scenario = "s", .events = 1});
  EXPECT_EQ(Annotations(missed.totals(), Goals::kMustBeReached, {}),
            "::error title=goals missed::s/g\n");
  EXPECT_EQ(Annotations(missed.totals(), Goals::kAreNotJudged, {}), "");
}

}  // namespace
}  // namespace wt::reports
