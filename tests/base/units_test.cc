// Proves what an Ordinal can do, and (at compile time) what it must not.
#include "engine/base/units.h"

#include <concepts>
#include <type_traits>

#include "gtest/gtest.h"

namespace wt {
namespace {

template <typename A, typename B>
concept Comparable = requires(A a, B b) {
  a < b;
};
template <typename A, typename B>
concept Subtractable = requires(A a, B b) {
  a - b;
};

static_assert(!std::is_convertible_v<uint64_t, LogIndex>, "a bare number is not an index");
static_assert(!std::is_convertible_v<LogIndex, uint64_t>, "an index is not a bare number");
static_assert(!std::is_constructible_v<Term, LogIndex>, "an index is not a term");
static_assert(!Comparable<Term, LogIndex> && !Subtractable<Term, LogIndex>);
static_assert(!std::is_convertible_v<Time, WallTime>, "the clocks do not mix");

TEST(OrdinalTest, CountsUp) {
  LogIndex index(7);
  EXPECT_EQ((index + 3).value(), 10u);
  EXPECT_EQ((index - 3).value(), 4u);
  EXPECT_EQ(LogIndex(10) - index, 3u);
  EXPECT_EQ((++index).value(), 8u);
  EXPECT_EQ(LogIndex().value(), 0u);
}

TEST(OrdinalTest, IsOrderedByValue) {
  EXPECT_LT(LogIndex(1), LogIndex(2));
  EXPECT_EQ(LogIndex(2), LogIndex(2));
  EXPECT_GT(LogIndex(~uint64_t{0}), LogIndex(1));
}

TEST(OrdinalTest, PrintsItsNumber) { EXPECT_EQ(Term(42).ToString(), "42"); }

}  // namespace
}  // namespace wt
