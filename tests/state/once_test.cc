// A command under an idempotency key takes effect once within its time to live, by log time, and a
// retry gets the first answer; records live in the state and go through snapshots.
#include <gtest/gtest.h>

#include "engine/state/composite_state_machine.h"
#include "engine/state/counter_state_machine.h"
#include "tests/state/apply.h"

namespace wt {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using test::Apply;

Once Increment(std::string key, Duration ttl = seconds(10)) {
  return {"test", std::move(key), ttl, EncodeCommand(CounterIncrement{1})};
}

TEST(OnceTest, ARetryGetsTheFirstAnswerAndHasNoEffect) {
  CompositeStateMachine machine;
  EXPECT_EQ(Apply(machine, Increment("a"), seconds(1)), Result(CounterIncrementResult{1}));
  Apply(machine, CounterIncrement{100}, seconds(2));
  EXPECT_EQ(Apply(machine, Increment("a"), seconds(3)), Result(CounterIncrementResult{1}));
  EXPECT_EQ(machine.Count(), 101);
  EXPECT_EQ(Apply(machine, Increment("b"), seconds(3)), Result(CounterIncrementResult{102}));
}

TEST(OnceTest, TheRecordExpiresByLogTimeAndNotBefore) {
  CompositeStateMachine machine;
  Apply(machine, Increment("a", seconds(10)), seconds(100));
  Apply(machine, Increment("a", seconds(10)), seconds(110) - Duration(1));
  EXPECT_EQ(machine.Count(), 1);
  Apply(machine, Increment("a", seconds(10)), seconds(110));
  EXPECT_EQ(machine.Count(), 2);
}

TEST(OnceTest, LogTimeDoesNotGoBackWithTheProposersClock) {
  CompositeStateMachine machine;
  Apply(machine, Increment("a", seconds(10)), seconds(100));
  Apply(machine, KvSet{"x", "y"}, seconds(200));
  // By this entry's own clock the record is alive; by the log's it is long gone.
  Apply(machine, Increment("a", seconds(10)), seconds(101));
  EXPECT_EQ(machine.Count(), 2);
}

TEST(OnceTest, ExpiredRecordsGo) {
  CompositeStateMachine machine;
  for (int i = 0; i < 100; ++i) Apply(machine, Increment(std::to_string(i)), seconds(1));
  EXPECT_EQ(machine.size(), 1 + 2 * 100u);
  for (int i = 0; i < 40; ++i) Apply(machine, Increment("later", hours(1)), hours(1));
  EXPECT_EQ(machine.size(), 1 + 2 * 1u);
}

TEST(OnceTest, AKeyThatComesWithAnotherCommandIsRefused) {
  CompositeStateMachine machine;
  Apply(machine, Increment("a"));
  const Once other{"test", "a", seconds(10), EncodeCommand(KvSet{"x", "y"})};
  const Result result = Apply(machine, other);
  ASSERT_TRUE(std::holds_alternative<Refused>(result));
  EXPECT_EQ(std::get<Refused>(result).reason, RefusalReason::kKeyReused);
  EXPECT_EQ(machine.Value("x"), std::nullopt);
}

TEST(OnceTest, SpacesAreApart) {
  CompositeStateMachine machine;
  const std::string increment = EncodeCommand(CounterIncrement{1});
  Apply(machine, Once{"ab", "c", seconds(10), increment});
  Apply(machine, Once{"a", "bc", seconds(10), increment});
  EXPECT_EQ(machine.Count(), 2);
}

TEST(OnceTest, AnOverflowIsAnAnswerLikeAnyOther) {
  CompositeStateMachine machine;
  Apply(machine, CounterSet{INT64_MAX});
  const Result first = Apply(machine, Increment("a"));
  Apply(machine, CounterSet{0});
  EXPECT_EQ(Apply(machine, Increment("a")), first);
  EXPECT_EQ(machine.Count(), 0);
}

TEST(OnceTest, MalformedAndNestedCommandsLeaveNoRecord) {
  CompositeStateMachine machine;
  const Once nested{"test", "a", seconds(10), EncodeCommand(Increment("b"))};
  EXPECT_TRUE(std::holds_alternative<Refused>(Apply(machine, nested)));
  EXPECT_TRUE(std::holds_alternative<Refused>(
      Apply(machine, Once{"test", "a", seconds(10), "nonsense"})));
  EXPECT_EQ(machine.size(), 0u);
  Apply(machine, Increment("a"));
  EXPECT_EQ(machine.Count(), 1);
}

TEST(OnceTest, RecordsSurviveASnapshot) {
  CompositeStateMachine before;
  Apply(before, Increment("a"), seconds(1));
  CompositeStateMachine after;
  ASSERT_TRUE(after.Restore(*before.Freeze()).ok());
  EXPECT_EQ(Apply(after, Increment("a"), seconds(2)), Result(CounterIncrementResult{1}));
  EXPECT_EQ(after.Count(), 1);
}

TEST(OnceTest, TimesAtTheEndOfTimeDoNotOverflow) {
  CompositeStateMachine machine;
  const Duration last(INT64_MAX - 1);
  Apply(machine, Increment("a", kMaxOnceTtl), last);
  Apply(machine, Increment("a", kMaxOnceTtl), last);
  EXPECT_EQ(machine.Count(), 1);
}

TEST(OnceTest, AMachineWithoutTheFamilyRefuses) {
  CounterStateMachine machine;
  const Result result = Apply(machine, Increment("a"));
  ASSERT_TRUE(std::holds_alternative<Refused>(result));
  EXPECT_EQ(std::get<Refused>(result).reason, RefusalReason::kNotServed);
}

}  // namespace
}  // namespace wt
