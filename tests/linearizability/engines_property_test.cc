// Proves the engines against the definition: on random small histories of every model, zones, wgl
// and all permutations agree. Both verdicts occur often, or nothing would be proven. What the
// window shows of a history that is not linearizable is not linearizable either, by the definition.
#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include "scenarios/linearizability/check.h"
#include "scenarios/linearizability/window.h"
#include "scenarios/linearizability/zones.h"
#include "tests/linearizability/brute_force.h"
#include "tests/linearizability/random_history.h"

namespace wt::lin {
namespace {

constexpr HistoryShape kShapes[] = {
    {.model = ModelKind::kRegister, .unique_values = true},
    {.model = ModelKind::kRegister, .operations = 9, .clients = 3, .unique_values = true},
    {.model = ModelKind::kRegister},
    {.model = ModelKind::kRegister, .operations = 10, .clients = 3, .keys = 2},
    {.model = ModelKind::kCounter},
    {.model = ModelKind::kText},
    {.model = ModelKind::kList},
};

Verdict VerdictOf(bool linearizable) {
  return linearizable ? Verdict::kLinearizable : Verdict::kNotLinearizable;
}

// The verdict of the definition, after everybody else agreed with it.
Verdict AgreedVerdict(const HistoryShape& shape, uint64_t seed) {
  const History history = RandomHistory(shape, seed);
  const Verdict truth = VerdictOf(IsLinearizableByBruteForce(history));
  const Outcome chosen = Check(history, {});
  EXPECT_EQ(chosen.verdict, truth) << "seed " << seed;
  EXPECT_EQ(CheckBySearch(history, {}).verdict, truth) << "seed " << seed;
  // With the foresight that short searches do without.
  EXPECT_EQ(CheckBySearch(history, {.patience = 0}).verdict, truth) << "seed " << seed;
  EXPECT_TRUE(!shape.unique_values || !chosen.engine.wgl) << "seed " << seed;
  if (chosen.verdict != Verdict::kNotLinearizable) return truth;
  const Window window = FindWindow(history, chosen, {});
  EXPECT_TRUE(window.minimal);
  EXPECT_FALSE(IsLinearizableByBruteForce(window.history)) << "seed " << seed << "\n"
                                                           << WindowText(window);
  return truth;
}

class EnginesTest : public ::testing::TestWithParam<HistoryShape> {};

TEST_P(EnginesTest, AgreeWithEveryPermutation) {
  constexpr int kHistories = 20000;
  int wrong = 0;
  for (uint64_t seed = 0; seed < kHistories && !HasFailure(); ++seed) {
    wrong += AgreedVerdict(GetParam(), seed) == Verdict::kNotLinearizable;
  }
  EXPECT_GT(wrong, kHistories / 10);
  EXPECT_LT(wrong, kHistories * 9 / 10);
}

INSTANTIATE_TEST_SUITE_P(Shapes, EnginesTest, ::testing::ValuesIn(kShapes),
                         [](const auto& instance) { return std::to_string(instance.index); });

RC_GTEST_PROP(EnginesPropertyTest, AgreeOnAnyShape, ()) {
  const HistoryShape shape{.model = *rc::gen::element(ModelKind::kRegister, ModelKind::kCounter,
                                                      ModelKind::kText, ModelKind::kList),
                           .operations = *rc::gen::inRange<uint32_t>(1, 9),
                           .clients = *rc::gen::inRange<uint32_t>(1, 7),
                           .keys = *rc::gen::inRange<uint32_t>(1, 3)};
  for (int i = 0; i < 20; ++i) {
    AgreedVerdict(shape, *rc::gen::arbitrary<uint64_t>());
    RC_ASSERT(!::testing::Test::HasFailure());
  }
}

// Longer ones, where a permutation checker does not finish: the two engines against each other.
RC_GTEST_PROP(EnginesPropertyTest, ZonesAndSearchAgreeOnLongerHistories, ()) {
  const HistoryShape shape{.operations = *rc::gen::inRange<uint32_t>(10, 60),
                           .clients = *rc::gen::inRange<uint32_t>(1, 6),
                           .unique_values = true};
  for (int i = 0; i < 20; ++i) {
    const History history = RandomHistory(shape, *rc::gen::arbitrary<uint64_t>());
    const Outcome by_zones = Check(history, {});
    const Outcome by_search = CheckBySearch(history, {});
    RC_ASSERT(!by_zones.engine.wgl);
    RC_ASSERT(by_search.verdict == by_zones.verdict || by_search.verdict == Verdict::kUnknown);
  }
}

// Many more appends at a time than a search without foresight could put in order by luck.
TEST(EnginesTest, ForesightFindsTheSameInFewerSteps) {
  constexpr uint64_t kNever = ~uint64_t{0};
  uint64_t steps_with = 0;
  uint64_t steps_without = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const ModelKind model = seed % 2 == 0 ? ModelKind::kText : ModelKind::kList;
    const History history = RandomHistory({.model = model, .operations = 60, .clients = 12}, seed);
    const Outcome with = CheckBySearch(history, {.steps = 100'000, .patience = 0});
    const Outcome without = CheckBySearch(history, {.steps = 100'000, .patience = kNever});
    steps_with += with.steps;
    steps_without += without.steps;
    if (with.verdict == Verdict::kUnknown || without.verdict == Verdict::kUnknown) continue;
    EXPECT_EQ(with.verdict, without.verdict) << "seed " << seed;
  }
  EXPECT_LT(2 * steps_with, steps_without);
}

}  // namespace
}  // namespace wt::lin
