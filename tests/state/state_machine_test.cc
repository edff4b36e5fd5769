// The machines answer as the requirement says, refuse what is malformed alike everywhere, and have
// one digest per state, however it was reached.
#include <gtest/gtest.h>

#include "engine/base/random.h"
#include "engine/base/status.h"
#include "engine/state/composite_state_machine.h"
#include "engine/state/counter_state_machine.h"
#include "engine/state/kv_state_machine.h"
#include "tests/state/apply.h"

namespace wt {
namespace {

using test::Apply;
using test::ApplyBytes;
using test::EntryAfter;

TEST(KvStateMachineTest, SetGetDelete) {
  KvStateMachine machine;
  EXPECT_EQ(Apply(machine, KvSet{"key1", "value1"}), Result(KvSetResult{true}));
  EXPECT_EQ(Apply(machine, KvGet{"key1"}), Result(KvGetResult{"value1"}));
  EXPECT_EQ(Apply(machine, KvDelete{"key1"}), Result(KvDeleteResult{true}));
  EXPECT_EQ(Apply(machine, KvGet{"key1"}), Result(KvGetResult{std::nullopt}));
  EXPECT_EQ(Apply(machine, KvDelete{"key1"}), Result(KvDeleteResult{false}));
  EXPECT_EQ(machine.last_applied(), LogIndex(5));
}

TEST(KvStateMachineTest, BatchAppliesInOrder) {
  KvStateMachine machine;
  const KvBatch batch{{KvSet{"a", "1"}, KvDelete{"a"}, KvSet{"a", "2"}, KvSet{"b", "3"}}};
  EXPECT_EQ(Apply(machine, batch), Result(KvBatchResult{4}));
  EXPECT_EQ(machine.Value("a"), "2");
  EXPECT_EQ(machine.Value("b"), "3");
}

TEST(KvStateMachineTest, ABatchWithOneBadOperationChangesNothing) {
  KvStateMachine machine;
  const KvBatch batch{{KvSet{"a", "1"}, KvSet{std::string(kMaxKeyBytes + 1, 'k'), "2"}}};
  EXPECT_TRUE(std::holds_alternative<Refused>(Apply(machine, batch)));
  EXPECT_EQ(machine.size(), 0u);
  EXPECT_EQ(machine.last_applied(), LogIndex(1));
}

TEST(KvStateMachineTest, CompareAndSet) {
  KvStateMachine machine;
  const auto swap = [&](std::optional<std::string> expected, std::optional<std::string> value) {
    return std::get<KvCompareAndSetResult>(
        Apply(machine, KvCompareAndSet{"k", std::move(expected), std::move(value)}));
  };
  EXPECT_EQ(swap("x", "y"), (KvCompareAndSetResult{false, std::nullopt}));
  EXPECT_EQ(swap(std::nullopt, "1"), (KvCompareAndSetResult{true, std::nullopt}));
  EXPECT_EQ(swap(std::nullopt, "2"), (KvCompareAndSetResult{false, "1"}));
  EXPECT_EQ(swap("1", "2"), (KvCompareAndSetResult{true, "1"}));
  EXPECT_EQ(swap("2", std::nullopt), (KvCompareAndSetResult{true, "2"}));
  EXPECT_EQ(machine.Value("k"), std::nullopt);
  EXPECT_EQ(swap("", ""), (KvCompareAndSetResult{false, std::nullopt}));
}

TEST(KvStateMachineTest, QueryReadsAndOnlyReads) {
  KvStateMachine machine;
  Apply(machine, KvSet{"a", "1"});
  const Hash128 digest = machine.Digest();
  absl::StatusOr<std::string> answer = machine.Query(EncodeCommand(KvGet{"a"}));
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(*answer, EncodeResult(KvGetResult{"1"}));
  EXPECT_TRUE(absl::IsInvalidArgument(machine.Query(EncodeCommand(KvSet{"a", "2"})).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(machine.Query(EncodeCommand(CounterGet{})).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(machine.Query("").status()));
  EXPECT_EQ(machine.Digest(), digest);
}

TEST(CounterStateMachineTest, CountsFromTheInitialCount) {
  CounterStateMachine machine(10);
  EXPECT_EQ(Apply(machine, CounterIncrement{5}), Result(CounterIncrementResult{15}));
  EXPECT_EQ(Apply(machine, CounterDecrement{20}), Result(CounterDecrementResult{-5}));
  EXPECT_EQ(Apply(machine, CounterSet{42}), Result(CounterSetResult{42}));
  EXPECT_EQ(Apply(machine, CounterGet{}), Result(CounterGetResult{42}));
}

TEST(CounterStateMachineTest, NamedCountersBeginAtZero) {
  CounterStateMachine machine(10);
  EXPECT_EQ(Apply(machine, CounterIncrement{5, "x"}), Result(CounterIncrementResult{5}));
  EXPECT_EQ(machine.Count(), 10);
  EXPECT_EQ(machine.Count("x"), 5);
}

TEST(CounterStateMachineTest, OverflowIsRefusedAndChangesNothing) {
  for (const Command& beyond : {Command(CounterIncrement{1}), Command(CounterDecrement{-1})}) {
    CounterStateMachine machine(INT64_MAX);
    const Result result = Apply(machine, beyond);
    ASSERT_TRUE(std::holds_alternative<Refused>(result));
    EXPECT_EQ(std::get<Refused>(result).reason, RefusalReason::kOverflow);
    EXPECT_EQ(machine.Count(), INT64_MAX);
  }
  CounterStateMachine machine(0);
  // -INT64_MIN is no int64: 0 minus it is refused, -1 minus it is INT64_MAX.
  EXPECT_TRUE(std::holds_alternative<Refused>(Apply(machine, CounterDecrement{INT64_MIN})));
  Apply(machine, CounterSet{-1});
  EXPECT_EQ(Apply(machine, CounterDecrement{INT64_MIN}),
            Result(CounterDecrementResult{INT64_MAX}));
}

TEST(CounterStateMachineTest, InitialCountIsPartOfTheState) {
  CounterStateMachine ten(10);
  CounterStateMachine twenty(20);
  EXPECT_NE(ten.Digest(), twenty.Digest());
  ASSERT_TRUE(twenty.SetState(ten.GetState()).ok());
  EXPECT_EQ(twenty.Count(), 10);
  EXPECT_EQ(ten.Digest(), twenty.Digest());
}

TEST(CompositeStateMachineTest, OneLogDrivesBoth) {
  CompositeStateMachine machine;
  Apply(machine, KvSet{"", "empty key"});
  Apply(machine, CounterIncrement{3});
  EXPECT_EQ(machine.Value(""), "empty key");
  EXPECT_EQ(machine.Count(), 3);
}

TEST(StateMachineTest, MalformedCommandsAdvanceTheIndexOnly) {
  CompositeStateMachine machine;
  Apply(machine, KvSet{"a", "1"});
  for (const char* bad : {"", "x", "\x01", "\x01\x01\x01", "\x01\x63\x09"}) {
    const Result result = ApplyBytes(machine, bad);
    ASSERT_TRUE(std::holds_alternative<Refused>(result));
    EXPECT_EQ(std::get<Refused>(result).reason, RefusalReason::kMalformed);
  }
  EXPECT_EQ(machine.last_applied(), LogIndex(6));
  EXPECT_EQ(machine.size(), 1u);
}

TEST(StateMachineTest, CommandsOfAnotherFamilyAreRefused) {
  KvStateMachine kv;
  CounterStateMachine counter;
  EXPECT_EQ(std::get<Refused>(Apply(kv, CounterIncrement{1})).reason, RefusalReason::kNotServed);
  EXPECT_EQ(std::get<Refused>(Apply(counter, KvGet{"a"})).reason, RefusalReason::kNotServed);
}

TEST(StateMachineTest, NoopsAdvanceTheIndexAndAnswerNothing) {
  KvStateMachine machine;
  LogEntry noop = EntryAfter(machine, "");
  noop.type = EntryType::kNoop;
  EXPECT_EQ(machine.Apply(noop), "");
  LogEntry config = EntryAfter(machine, EncodeCommand(KvSet{"a", "1"}));
  config.type = EntryType::kConfig;
  EXPECT_EQ(machine.Apply(config), "");
  EXPECT_EQ(machine.last_applied(), LogIndex(2));
  EXPECT_EQ(machine.size(), 0u);
}

TEST(StateMachineTest, BatchGivesAResultEach) {
  KvStateMachine one;
  std::vector<LogEntry> entries;
  for (uint64_t i = 1; i <= 3; ++i) {
    entries.push_back({.index = LogIndex(i), .command = EncodeCommand(KvSet{"k", "v"})});
  }
  EXPECT_EQ(one.ApplyBatch(entries).size(), 3u);
  EXPECT_EQ(one.last_applied(), LogIndex(3));
}

TEST(StateMachineDeathTest, AGapInTheIndexIsAFailedCheck) {
  KvStateMachine machine;
  EXPECT_DEATH(machine.Apply({.index = LogIndex(2)}), "check failed.*2 vs. 1");
}

TEST(StateMachineTest, DigestForgetsTheWayAndRemembersTheIndex) {
  KvStateMachine one;
  Apply(one, KvSet{"a", "1"});
  Apply(one, KvSet{"b", "2"});
  KvStateMachine two;
  Apply(two, KvSet{"b", "2"});
  Apply(two, KvSet{"a", "1"});
  EXPECT_EQ(one.Digest(), two.Digest());
  EXPECT_EQ(one.GetState(), two.GetState());
  Apply(two, KvGet{"a"});
  EXPECT_NE(one.Digest(), two.Digest());
}

// Snapshot and suffix give what the whole log gives, at every index of a random log.
TEST(StateMachineTest, SnapshotAndSuffixEqualFullReplay) {
  Draw draw(3);
  std::vector<LogEntry> log;
  CompositeStateMachine full;
  std::vector<Hash128> digests{full.Digest()};
  for (uint64_t i = 0; i < 120; ++i) {
    const std::string key = std::to_string(draw.Below(30));
    Command command = KvSet{key, std::string(draw.Below(40), 'v')};
    const uint64_t kind = draw.Below(5);
    if (kind == 0) command = KvDelete{key};
    if (kind == 1) command = CounterDecrement{static_cast<int64_t>(draw.Below(9)), key};
    if (kind == 2) command = Once{"s", key, Duration(50), EncodeCommand(CounterIncrement{1})};
    log.push_back(EntryAfter(full, EncodeCommand(command), Duration(draw.Below(100) + i)));
    full.Apply(log.back());
    digests.push_back(full.Digest());
  }
  CompositeStateMachine prefix({.target_chunk_bytes = 100});
  for (size_t at = 0; at <= log.size(); ++at) {
    CompositeStateMachine restored({.target_chunk_bytes = 200});
    Apply(restored, KvSet{"left over", "from before"});
    ASSERT_TRUE(restored.Restore(*prefix.Freeze()).ok());
    ASSERT_EQ(restored.Digest(), digests[at]);
    ASSERT_EQ(restored.GetState(), prefix.GetState());
    for (size_t i = at; i < log.size(); ++i) restored.Apply(log[i]);
    ASSERT_EQ(restored.Digest(), full.Digest()) << "from " << at;
    if (at < log.size()) prefix.Apply(log[at]);
  }
}

}  // namespace
}  // namespace wt
