// Proves, for any seed and key: draws are functions of their key alone and stay in their range.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdint>

#include "engine/base/random.h"

namespace wt {
namespace {

RC_GTEST_PROP(DrawPropertyTest, BelowStaysBelow, (uint64_t seed, uint64_t key)) {
  const auto bound = *rc::gen::positive<uint64_t>();
  Draw draw(seed, {key});
  for (int i = 0; i < 20; ++i) RC_ASSERT(draw.Below(bound) < bound);
}

RC_GTEST_PROP(DrawPropertyTest, BetweenIncludesBothEnds, (uint64_t seed, uint64_t a, uint64_t b)) {
  const uint64_t low = std::min(a, b);
  const uint64_t high = std::max(a, b);
  Draw draw(seed);
  for (int i = 0; i < 20; ++i) {
    const uint64_t number = draw.Between(low, high);
    RC_ASSERT(low <= number && number <= high);
  }
  RC_ASSERT(draw.Between(low, low) == low);
  (void)draw.Between(0, ~uint64_t{0});  // the whole range has no bound to multiply by
}

RC_GTEST_PROP(DrawPropertyTest, TheSameKeyDrawsTheSame, (uint64_t seed, uint64_t a, uint64_t b)) {
  Draw first(seed, {a, b});
  Draw second(seed, {a, b});
  for (int i = 0; i < 5; ++i) RC_ASSERT(first.Next() == second.Next());
}

RC_GTEST_PROP(DrawPropertyTest, TheOrderOfKeyPartsMatters,
              (uint64_t seed, uint64_t a, uint64_t b)) {
  RC_PRE(a != b);
  RC_ASSERT(Draw(seed, {a, b}).Next() != Draw(seed, {b, a}).Next());
}

RC_GTEST_PROP(DrawPropertyTest, MixingIsABijectionOnWhatItIsTriedWith, (uint64_t a, uint64_t b)) {
  RC_PRE(a != b);
  RC_ASSERT(Mix64(a) != Mix64(b));
}

}  // namespace
}  // namespace wt
