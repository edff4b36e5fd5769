// Proves how numbers, times and sizes are written for people, edges of 64 bits included.
#include "reports/text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace wt::reports {
namespace {

TEST(WithThousandsTest, SetsACommaEveryThreeDigits) {
  EXPECT_EQ(WithThousands(0), "0");
  EXPECT_EQ(WithThousands(999), "999");
  EXPECT_EQ(WithThousands(1000), "1,000");
  EXPECT_EQ(WithThousands(~uint64_t{0}), "18,446,744,073,709,551,615");
}

RC_GTEST_PROP(WithThousandsTest, OnlyAddsCommas, (uint64_t number)) {
  std::string text = WithThousands(number);
  std::erase(text, ',');
  RC_ASSERT(text == std::to_string(number));
}

TEST(SecondsTest, CutsOffInsteadOfRounding) {
  EXPECT_EQ(Seconds(12'481'999), "12.481s");
  EXPECT_EQ(Seconds(0), "0.000s");
  EXPECT_EQ(Seconds(60'000'000), "60.000s");
}

TEST(RoughTimeTest, GrowsCoarserWithLength) {
  EXPECT_EQ(RoughTime(87'654), "87ms");
  EXPECT_EQ(RoughTime(8'490'000), "8.4s");
  EXPECT_EQ(RoughTime(303'000'000), "5m 03s");
  EXPECT_EQ(RoughTime(12'000'000'000), "3h 20m");
}

TEST(RoughNumberTest, KeepsThreeDigitsOrSo) {
  EXPECT_EQ(RoughNumber(871), "871");
  EXPECT_EQ(RoughNumber(12'437), "12.4k");
  EXPECT_EQ(RoughNumber(1'299'999), "1.2M");
  EXPECT_EQ(RoughNumber(250'000'000'000), "250G");
}

TEST(RoughBytesTest, UsesBinaryUnits) {
  EXPECT_EQ(RoughBytes(512), "512 B");
  EXPECT_EQ(RoughBytes(65'536), "64 KiB");
  EXPECT_EQ(RoughBytes(1'610'612'736), "1.5 GiB");
  EXPECT_EQ(RoughBytes(~uint64_t{0}), "17179869183 GiB");
}

TEST(PluralTest, KnowsOne) {
  EXPECT_EQ(Plural(1, "run"), "1 run");
  EXPECT_EQ(Plural(0, "run"), "0 runs");
  EXPECT_EQ(Plural(2000, "run"), "2,000 runs");
}

TEST(RunNameTest, WritesSeedsInHex) {
  EXPECT_EQ(RunName("torn-tail", 0x51f0c2a7), "torn-tail:0x51f0c2a7");
}

TEST(PadTest, CountsCodePointsNotBytes) {
  EXPECT_EQ(DisplayWidth("← lost"), 6u);
  EXPECT_EQ(PadRight("←", 3), "←  ");
  EXPECT_EQ(PadLeft("ab", 4), "  ab");
  EXPECT_EQ(PadLeft("abcde", 4), "abcde");
}

TEST(PaintTest, LeavesPlainTextAloneWithoutColour) {
  EXPECT_EQ(Paint({.colour = false}, Ink::kRed, "FAIL"), "FAIL");
  EXPECT_EQ(Paint({.colour = true}, Ink::kRed, "FAIL"), "\x1b[31mFAIL\x1b[0m");
  EXPECT_EQ(Paint({.colour = true}, Ink::kPlain, "FAIL"), "FAIL");
}

}  // namespace
}  // namespace wt::reports
