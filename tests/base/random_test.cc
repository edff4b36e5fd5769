// Pins every draw for ever: a seed that found a bug must find it in each later build, so a change
// of these values is a change of what all seeds mean (and belongs in the change log). Below and
// Between are checked for evenness with bounds in integers, wide enough never to fail by chance:
// the draws are fixed.
#include "engine/base/random.h"

#include <array>
#include <cstdint>
#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/base/failed_check.h"

namespace wt {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::array<uint64_t, 3> First3(Draw draw) {
  std::array<uint64_t, 3> numbers;
  for (uint64_t& number : numbers) number = draw.Next();
  return numbers;
}

TEST(Mix64Test, IsSplitMix64) {
  EXPECT_EQ(Mix64(0), 0xe220a8397b1dcdafu);  // the published generator's first output for seed 0
  EXPECT_EQ(Mix64(1), 0x910a2dec89025cc1u);
  EXPECT_EQ(Mix64(~uint64_t{0}), 0xe4d971771b652c20u);
}

TEST(KeyOfTest, IsFnv1a) {
  EXPECT_EQ(KeyOf(""), 0xcbf29ce484222325u);
  EXPECT_EQ(KeyOf("a"), 0xaf63dc4c8601ec8cu);  // from the FNV authors' test vectors
  EXPECT_EQ(KeyOf("foobar"), 0x85944171f73967e8u);
  static_assert(KeyOf("disk.sync") == 0x36e733829484fb3d);
}

TEST(DrawTest, NumbersArePinned) {
  EXPECT_THAT(First3(Draw(1)),
              ElementsAre(0xf18d6ce93d6cf1ee, 0x0b95f66d327e8d78, 0xc7061b1b93322ba9));
  EXPECT_THAT(First3(Draw(0, {})),
              ElementsAre(0xb382a305f4414f5e, 0x631a9154fbabf717, 0xa80aba8c86640906));
  EXPECT_THAT(First3(Draw(0x51f0c2a7, {1, 2, 3})),
              ElementsAre(0xd8eff34e8963a0f0, 0x28ab8254f8ee1f5f, 0x9ea00511b34fc312));
  EXPECT_THAT(First3(Draw(42, {KeyOf("disk.sync"), 1, 7})),
              ElementsAre(0x6ffe012847656f43, 0xf186876b9680288c, 0x0eae2635aac39054));
}

TEST(DrawTest, DerivedFormsArePinned) {
  Draw below(7, {KeyOf("x")});
  for (uint64_t want : {57, 35, 21, 88, 68, 96, 3, 8}) EXPECT_EQ(below.Below(100), want);
  Draw between(7, {KeyOf("x")});
  for (uint64_t want : {1005, 1003, 1002, 1008, 1006, 1009, 1000, 1000}) {
    EXPECT_EQ(between.Between(1000, 1009), want);
  }
  Draw one_in(7, {KeyOf("y")});
  std::string chosen;
  for (int i = 0; i < 24; ++i) chosen += one_in.OneIn(3) ? '1' : '0';
  EXPECT_EQ(chosen, "010011001111010000100000");
  Draw chance(7, {KeyOf("z")});
  chosen.clear();
  for (int i = 0; i < 24; ++i) chosen += chance.Chance(500'000) ? '1' : '0';
  EXPECT_EQ(chosen, "101001110000011110101001");
}

TEST(DrawTest, WorksAtCompileTime) {
  constexpr uint64_t kFirst = Draw(1).Next();
  static_assert(kFirst == 0xf18d6ce93d6cf1ee);
}

TEST(DrawTest, SmallSeedsAndKeysDoNotMeet) {
  std::set<uint64_t> seen;
  int draws = 0;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    seen.insert(Draw(seed).Next());
    ++draws;
    for (uint64_t a = 0; a < 20; ++a) {
      seen.insert(Draw(seed, {a}).Next());
      ++draws;
      for (uint64_t b = 0; b < 20; ++b) {
        seen.insert(Draw(seed, {a, b}).Next());
        ++draws;
      }
    }
  }
  EXPECT_EQ(seen.size(), static_cast<size_t>(draws));
}

TEST(DrawTest, BelowIsEven) {
  constexpr int kCells = 10;
  constexpr int kDraws = 100'000;
  std::array<int, kCells> count{};
  Draw draw(99, {KeyOf("even")});
  for (int i = 0; i < kDraws; ++i) ++count[draw.Below(kCells)];
  for (int cell : count) {  // 10,000 each; 5 deviations are 474
    EXPECT_GT(cell, 9'500);
    EXPECT_LT(cell, 10'500);
  }
}

TEST(DrawTest, FirstNumbersOfNeighbouringKeysAreEven) {
  std::array<int, 10> count{};
  for (uint64_t ordinal = 0; ordinal < 100'000; ++ordinal) {
    ++count[Draw(5, {KeyOf("ordinal"), ordinal}).Below(10)];
  }
  for (int cell : count) {
    EXPECT_GT(cell, 9'500);
    EXPECT_LT(cell, 10'500);
  }
}

TEST(DrawTest, ChanceIsInAMillion) {
  Draw draw(3, {KeyOf("ppm")});
  int hits = 0;
  for (int i = 0; i < 100'000; ++i) hits += draw.Chance(100'000);
  EXPECT_GT(hits, 9'500);
  EXPECT_LT(hits, 10'500);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_FALSE(draw.Chance(0));
    EXPECT_TRUE(draw.Chance(1'000'000));
  }
}

TEST(DrawTest, EmptyRangesAreFailedChecks) {
  Draw draw(1);
  EXPECT_THAT(FailedCheck([&] { draw.Below(0); }), HasSubstr("n > 0"));
  EXPECT_THAT(FailedCheck([&] { draw.Between(2, 1); }), HasSubstr("low <= high"));
}

}  // namespace
}  // namespace wt
