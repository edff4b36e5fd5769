// The model is what everything else is compared with: its own few rules, by hand, and then against
// the engine's state machine on any sequence of commands.
#include "scenarios/model.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

#include "engine/state/composite_state_machine.h"

namespace wt::scenarios {
namespace {

// Applies commands at consecutive indices.
class Script {
 public:
  Result operator()(const Command& command) { return model.Apply(model.last() + 1, command); }
  Model model;
};

TEST(ModelTest, EveryIndexKeepsItsOwnValue) {
  Script apply;
  EXPECT_EQ(apply(KvSet{"a", "1"}), Result(KvSetResult{true}));
  apply(KvSet{"b", "x"});
  apply(KvSet{"a", "2"});
  apply(KvDelete{"a"});
  const Model& model = apply.model;
  EXPECT_EQ(model.ValueAt("a", LogIndex(0)), std::nullopt);
  EXPECT_EQ(model.ValueAt("a", LogIndex(1)), "1");
  EXPECT_EQ(model.ValueAt("a", LogIndex(2)), "1");
  EXPECT_EQ(model.ValueAt("a", LogIndex(3)), "2");
  EXPECT_EQ(model.ValueAt("a", LogIndex(4)), std::nullopt);
  EXPECT_EQ(model.ValueAt("b", LogIndex(1)), std::nullopt);
  EXPECT_EQ(model.ValueAt("never", LogIndex(4)), std::nullopt);
}

TEST(ModelTest, AValueKnowsWhoWroteIt) {
  Script apply;
  apply(KvSet{"a", "1"});
  apply(KvSet{"b", "x"});
  apply(KvDelete{"a"});
  EXPECT_EQ(apply.model.WriterAt("a", LogIndex(2)), LogIndex(1));
  EXPECT_EQ(apply.model.WriterAt("a", LogIndex(3)), LogIndex(3));
  EXPECT_EQ(apply.model.WriterAt("a", LogIndex(0)), LogIndex(0));
  EXPECT_EQ(apply.model.WriterAt("never", LogIndex(3)), LogIndex(0));
}

TEST(ModelTest, ADeleteSaysWhetherThereWasSomething) {
  Script apply;
  EXPECT_EQ(apply(KvDelete{"a"}), Result(KvDeleteResult{false}));
  apply(KvSet{"a", ""});
  EXPECT_EQ(apply(KvDelete{"a"}), Result(KvDeleteResult{true}));
  EXPECT_EQ(apply(KvDelete{"a"}), Result(KvDeleteResult{false}));
}

TEST(ModelTest, InABatchTheLastWordOnAKeyCounts) {
  Script apply;
  apply(KvSet{"c", "old"});
  EXPECT_EQ(apply(KvBatch{
                {KvSet{"a", "1"}, KvSet{"a", "2"}, KvDelete{"c"}, KvSet{"b", "1"}, KvDelete{"b"}}}),
            Result(KvBatchResult{5}));
  EXPECT_EQ(apply.model.ValueAt("a", LogIndex(2)), "2");
  EXPECT_EQ(apply.model.ValueAt("b", LogIndex(2)), std::nullopt);
  EXPECT_EQ(apply.model.ValueAt("c", LogIndex(2)), std::nullopt);
  EXPECT_EQ(apply.model.ValueAt("c", LogIndex(1)), "old");
}

TEST(ModelTest, CompareAndSetComparesAndSets) {
  Script apply;
  EXPECT_EQ(apply(KvCompareAndSet{"a", std::nullopt, "1"}),
            Result(KvCompareAndSetResult{true, std::nullopt}));
  EXPECT_EQ(apply(KvCompareAndSet{"a", "other", "2"}), Result(KvCompareAndSetResult{false, "1"}));
  EXPECT_EQ(apply.model.ValueAt("a", LogIndex(2)), "1");
  EXPECT_EQ(apply(KvCompareAndSet{"a", "1", std::nullopt}),
            Result(KvCompareAndSetResult{true, "1"}));
  EXPECT_EQ(apply.model.ValueAt("a", LogIndex(3)), std::nullopt);
}

TEST(ModelTest, CountersCountAndRefuseToOverflow) {
  Script apply;
  EXPECT_EQ(apply(CounterIncrement{.delta = 5, .name = "n"}), Result(CounterIncrementResult{5}));
  EXPECT_EQ(apply(CounterDecrement{.delta = 7, .name = "n"}), Result(CounterDecrementResult{-2}));
  apply(CounterSet{.value = std::numeric_limits<int64_t>::max(), .name = "n"});
  const Result refused = apply(CounterIncrement{.delta = 1, .name = "n"});
  ASSERT_TRUE(std::holds_alternative<Refused>(refused));
  EXPECT_EQ(std::get<Refused>(refused).reason, RefusalReason::kOverflow);
  EXPECT_EQ(apply.model.CounterAt("n", LogIndex(2)), -2);
  EXPECT_EQ(apply.model.CounterAt("n", LogIndex(4)), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(apply.model.CounterAt("other", LogIndex(4)), 0);
}

TEST(ModelTest, RewindForgetsWhatCameAfter) {
  Script apply;
  apply(KvSet{"a", "1"});
  apply(CounterIncrement{.delta = 1, .name = "n"});
  apply(KvSet{"a", "2"});
  apply(CounterIncrement{.delta = 1, .name = "n"});
  apply.model.Rewind(LogIndex(2));
  EXPECT_EQ(apply.model.last(), LogIndex(2));
  EXPECT_EQ(apply.model.ValueAt("a", LogIndex(2)), "1");
  EXPECT_EQ(apply.model.CounterAt("n", LogIndex(2)), 1);
  apply(KvSet{"b", "new"});
  EXPECT_EQ(apply.model.ValueAt("b", LogIndex(3)), "new");
}

TEST(ModelTest, ASkippedEntryChangesNothing) {
  Script apply;
  apply(KvSet{"a", "1"});
  apply.model.Skip(LogIndex(2));
  EXPECT_EQ(apply.model.last(), LogIndex(2));
  EXPECT_EQ(apply.model.ValueAt("a", LogIndex(2)), "1");
}

rc::Gen<Command> AnyCommand() {
  const auto key = rc::gen::element<std::string>("", "a", "b", "c");
  const auto value = rc::gen::arbitrary<std::string>();
  const auto maybe = rc::gen::map(rc::gen::inRange(0, 3), [](int i) {
    return i == 0 ? std::nullopt : std::optional<std::string>(std::string(i, 'v'));
  });
  const auto delta = rc::gen::oneOf(rc::gen::inRange<int64_t>(-3, 4),
                                    rc::gen::element<int64_t>(std::numeric_limits<int64_t>::max(),
                                                              std::numeric_limits<int64_t>::min()));
  const auto operation =
      rc::gen::oneOf(rc::gen::map(rc::gen::pair(key, value),
                                  [](const auto& kv) -> std::variant<KvSet, KvDelete> {
                                    return KvSet{kv.first, kv.second};
                                  }),
                     rc::gen::map(key, [](std::string k) -> std::variant<KvSet, KvDelete> {
                       return KvDelete{std::move(k)};
                     }));
  return rc::gen::oneOf(
      rc::gen::map(rc::gen::pair(key, maybe),
                   [](const auto& kv) {
                     return Command(KvSet{kv.first, kv.second.value_or("")});
                   }),
      rc::gen::map(key, [](std::string k) { return Command(KvDelete{std::move(k)}); }),
      rc::gen::map(key, [](std::string k) { return Command(KvGet{std::move(k)}); }),
      rc::gen::map(rc::gen::nonEmpty(
                       rc::gen::container<std::vector<std::variant<KvSet, KvDelete>>>(operation)),
                   [](auto operations) { return Command(KvBatch{std::move(operations)}); }),
      rc::gen::map(
          rc::gen::tuple(key, maybe, maybe),
          [](const auto& t) {
            return Command(KvCompareAndSet{std::get<0>(t), std::get<1>(t), std::get<2>(t)});
          }),
      rc::gen::map(rc::gen::pair(key, delta),
                   [](const auto& kd) {
                     return Command(CounterIncrement{.delta = kd.second, .name = kd.first});
                   }),
      rc::gen::map(rc::gen::pair(key, delta),
                   [](const auto& kd) {
                     return Command(CounterDecrement{.delta = kd.second, .name = kd.first});
                   }),
      rc::gen::map(
          rc::gen::pair(key, delta),
          [](const auto& kd) { return Command(CounterSet{.value = kd.second, .name = kd.first}); }),
      rc::gen::map(key, [](std::string k) { return Command(CounterGet{.name = std::move(k)}); }));
}

RC_GTEST_PROP(ModelPropertyTest, TheStateMachineAnswersAsTheModelDoes, ()) {
  const auto commands =
      *rc::gen::scale(2.0, rc::gen::container<std::vector<Command>>(AnyCommand()));
  Model model;
  CompositeStateMachine machine;
  for (const Command& command : commands) {
    const LogIndex index = model.last() + 1;
    const std::string answer =
        machine.Apply({.term = Term(1), .index = index, .command = EncodeCommand(command)});
    Result expected = model.Apply(index, command);
    const Result found = *DecodeResult(answer);
    // How a refusal is worded is the state machine's own.
    if (auto* refused = std::get_if<Refused>(&expected)) {
      RC_ASSERT(std::holds_alternative<Refused>(found));
      refused->message = std::get<Refused>(found).message;
    }
    RC_ASSERT(found == expected);
  }
  for (const std::string key : {"", "a", "b", "c"}) {
    RC_ASSERT(machine.Value(key) == model.ValueAt(key, model.last()));
    RC_ASSERT(machine.Count(key) == model.CounterAt(key, model.last()));
  }
}

}  // namespace
}  // namespace wt::scenarios
