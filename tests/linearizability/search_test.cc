// Proves the search beyond its verdicts (engines_property_test has those): orders that replay,
// budgets that are kept and end in no verdict, keys that take turns, and a model of one's own.
#include "scenarios/linearizability/search.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "scenarios/linearizability/check.h"
#include "tests/linearizability/random_history.h"

namespace wt::lin {
namespace {

History Empty(ModelKind model, uint32_t keys = 1) {
  History history;
  history.model = model;
  history.initial = 0;
  for (uint32_t key = 0; key < keys; ++key) history.keys.push_back("k" + std::to_string(key));
  return history;
}

// Concurrent increments by powers of two, each with the count that it got; the order of the counts
// is that of the calls turned around, so the search has to look for it.
History Increments(uint32_t count, bool impossible) {
  History history = Empty(ModelKind::kCounter);
  HistoryBuilder builder(&history);
  for (uint32_t i = 0; i < count; ++i) {
    builder.Invoke({.argument = uint64_t{1} << i, .client = i, .function = Function::kIncrement},
                   0);
  }
  for (uint32_t i = 0; i < count; ++i) {
    builder.Return(i, Function::kIncrement, kUnknown, 0);
  }
  const size_t read = builder.Invoke({.function = Function::kRead}, 0);
  const uint64_t sum = (uint64_t{1} << count) - 1;
  builder.Return(read, Function::kRead, impossible ? sum - 1 : sum, 0);
  return history;
}

TEST(SearchTest, TheOrderFoundReplays) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const History history = RandomHistory({.operations = 40, .clients = 3}, seed);
    const Outcome outcome = CheckBySearch(history, {});
    if (outcome.verdict != Verdict::kLinearizable) continue;
    std::vector<Operation> kept = history.operations;
    EXPECT_TRUE(Replays(RegisterModel(history), kept, outcome.order));
    // The same order the other way round does not keep real time.
    std::vector<uint32_t> reversed(outcome.order.rbegin(), outcome.order.rend());
    EXPECT_FALSE(KeepsRealTime(kept, reversed));
  }
}

TEST(SearchTest, ReplayCatchesAWrongOrder) {
  History history = Empty(ModelKind::kCounter);
  HistoryBuilder builder(&history);
  const size_t add = builder.Invoke({.argument = 1, .function = Function::kIncrement}, 0);
  const size_t read = builder.Invoke({.function = Function::kRead}, 0);
  builder.Return(add, Function::kIncrement, 1, 0);
  builder.Return(read, Function::kRead, 0, 0);
  const CounterModel model(history);
  EXPECT_TRUE(Replays(model, history.operations, std::vector<uint32_t>{1, 0}));
  EXPECT_FALSE(Replays(model, history.operations, std::vector<uint32_t>{0, 1}));
  EXPECT_TRUE(KeepsRealTime(history.operations, std::vector<uint32_t>{1, 0}));
  EXPECT_FALSE(KeepsRealTime(history.operations, std::vector<uint32_t>{1}));
  EXPECT_FALSE(KeepsRealTime(history.operations, std::vector<uint32_t>{1, 1, 0}));
}

TEST(SearchTest, TheVerdictDependsOnTheBudgetAlone) {
  const History history = Increments(14, /*impossible=*/true);
  const Outcome all = Check(history, {});
  EXPECT_EQ(all.verdict, Verdict::kNotLinearizable);
  EXPECT_EQ(Check(history, {}).steps, all.steps);
  const Outcome some = Check(history, {.steps = all.steps / 4});
  EXPECT_EQ(some.verdict, Verdict::kUnknown);
  EXPECT_GE(some.steps, all.steps / 4);
  EXPECT_LT(some.steps, all.steps / 4 + 100);
}

TEST(SearchTest, MemoryOfConfigurationsSavesWork) {
  // 2^14 subsets, where permutations would be 14! = 87 billion.
  const Outcome outcome = Check(Increments(14, /*impossible=*/true), {});
  EXPECT_LT(outcome.steps, 2'000'000u);
}

TEST(SearchTest, OneHardKeyDoesNotHideAWrongOne) {
  History history = Increments(20, /*impossible=*/true);
  history.keys.push_back("easy");
  HistoryBuilder builder(&history);
  const size_t read = builder.Invoke({.key = 1, .function = Function::kRead}, 0);
  builder.Return(read, Function::kRead, 5, 0);
  const Outcome outcome = Check(history, {.steps = 10'000});
  EXPECT_EQ(outcome.verdict, Verdict::kNotLinearizable);
  EXPECT_EQ(outcome.key, 1u);
}

TEST(SearchTest, ManyOpenOperationsAreNoTrouble) {
  History history = Empty(ModelKind::kRegister);
  HistoryBuilder builder(&history);
  std::vector<uint32_t> values;
  for (int i = 0; i < 5; ++i) values.push_back(history.values.Intern(std::to_string(i)));
  // More open ones than the masks of the search have bits.
  for (int i = 0; i < 100; ++i) {
    builder.Invoke({.argument = values[static_cast<size_t>(i) % 5], .function = Function::kWrite},
                   0);
  }
  for (int i = 0; i < 100; ++i) {
    const size_t read = builder.Invoke({.function = Function::kRead}, 0);
    builder.Return(read, Function::kRead, values[static_cast<size_t>(i) % 5], 0);
  }
  EXPECT_EQ(CheckBySearch(history, {.steps = 200'000}).verdict, Verdict::kLinearizable);
  const size_t read = builder.Invoke({.function = Function::kRead}, 0);
  builder.Return(read, Function::kRead, values[0], 0);  // a 21st write of it
  EXPECT_EQ(CheckBySearch(history, {.steps = 200'000}).verdict, Verdict::kNotLinearizable);
}

// A queue of numbers, as a user would add it: states are interned, equal ones to equal numbers.
class QueueModel {
 public:
  static constexpr uint64_t kEnqueue = 0;

  uint64_t initial() const { return Number({}); }
  bool Observes(const Operation&) const { return false; }
  std::optional<uint64_t> Step(uint64_t state, const Operation& operation) const {
    std::vector<uint64_t> queue = states_[state];
    if (operation.function == Function::kAppend) {
      queue.push_back(operation.argument);
    } else if (queue.empty() || (operation.result != kUnknown && queue[0] != operation.result)) {
      return std::nullopt;
    } else {
      queue.erase(queue.begin());
    }
    return Number(queue);
  }

 private:
  uint64_t Number(const std::vector<uint64_t>& queue) const {
    const auto [found, is_new] = numbers_.try_emplace(queue, states_.size());
    if (is_new) states_.push_back(queue);
    return found->second;
  }
  mutable std::vector<std::vector<uint64_t>> states_;
  mutable std::map<std::vector<uint64_t>, uint64_t> numbers_;
};

Verdict QueueVerdict(std::vector<uint64_t> dequeued) {
  History history = Empty(ModelKind::kRegister);
  HistoryBuilder builder(&history);
  const size_t one = builder.Invoke({.argument = 1, .function = Function::kAppend}, 0);
  const size_t two = builder.Invoke({.argument = 2, .function = Function::kAppend}, 0);
  builder.Return(one, Function::kAppend, kUnknown, 0);
  builder.Return(two, Function::kAppend, kUnknown, 0);
  const size_t three = builder.Invoke({.argument = 3, .function = Function::kAppend}, 0);
  builder.Return(three, Function::kAppend, kUnknown, 0);
  for (const uint64_t value : dequeued) {
    const size_t take = builder.Invoke({.function = Function::kDelete}, 0);
    builder.Return(take, Function::kDelete, value, 0);
  }
  return CheckWith(QueueModel{}, history, {}).verdict;
}

TEST(SearchTest, AModelOfOnesOwn) {
  EXPECT_EQ(QueueVerdict({1, 2, 3}), Verdict::kLinearizable);
  EXPECT_EQ(QueueVerdict({2, 1, 3}), Verdict::kLinearizable);
  EXPECT_EQ(QueueVerdict({1, 3, 2}), Verdict::kNotLinearizable);
  EXPECT_EQ(QueueVerdict({1, 2, 3, 3}), Verdict::kNotLinearizable);
}

}  // namespace
}  // namespace wt::lin
