// linearizable, exactly-once, no-phantom and atomic-commit: what clients may be told of a committed
// sequence, and what not.
#include "scenarios/cluster/testimony.h"

#include <gtest/gtest.h>

#include "tests/cluster/group_bench.h"

namespace wt::scenarios {
namespace {

// Entries 1, 2, ... are committed: put k1, put k2, put k0, put k1 ...
void Commit(GroupBench& bench, uint64_t upto) {
  while (bench.ledger.log(1).last() < LogIndex(upto)) bench.Grow(1, {1});
  bench.Grow(2, {});
  bench.Tell(1, Committed(upto, 1));
}
Command Decoded(uint64_t index) { return *DecodeCommand(CommandOf(index, 1)); }
std::string ResultAt(const GroupBench& bench, uint64_t index) {
  return std::string(bench.ledger.shadow().ResultAt(LogIndex(index)));
}
ReadResult ReadOf(std::optional<std::string> value, uint64_t at) {
  return {.value = EncodeResult(KvGetResult{std::move(value)}), .at = LogIndex(at)};
}

std::string FailureWith(const std::function<void(GroupBench&, Testimony&)>& story) {
  return GroupFailureOf([&](GroupBench& bench) {
    Testimony testimony(bench.judge, bench.ledger);
    story(bench, testimony);
    EXPECT_TRUE(testimony.CheckHistory());
  });
}

TEST(TestimonyTest, TrueAnswersPass) {
  EXPECT_EQ(FailureWith([](GroupBench& bench, Testimony& testimony) {
              Testimony::Call put = testimony.Begin(1, Decoded(1));
              Commit(bench, 1);
              testimony.Acknowledged(put, LogIndex(1), ResultAt(bench, 1), false);
              Testimony::Call get = testimony.Begin(2, KvGet{"k1"});
              testimony.Answered(get, ReadOf("v1.1", 1), true);
              Testimony::Call lost = testimony.Begin(1, Decoded(2));
              Commit(bench, 2);
              testimony.Unknown(lost);
              Testimony::Call stale = testimony.Begin(2, KvGet{"k2"});
              testimony.Answered(stale, ReadOf(std::nullopt, 1), false);
              Testimony::Call fresh = testimony.Begin(2, KvGet{"k2"});
              testimony.Answered(fresh, ReadOf("v2.1", 2), true);
              EXPECT_EQ(testimony.answered(), 3u);
            }),
            "");
}

TEST(TestimonyTest, AReadOfAnOlderStateThanSomebodyWasToldOfFails) {
  EXPECT_EQ(FailureWith([](GroupBench& bench, Testimony& testimony) {
              Testimony::Call put = testimony.Begin(1, Decoded(2));
              Commit(bench, 2);
              testimony.Acknowledged(put, LogIndex(2), ResultAt(bench, 2), false);
              Testimony::Call get = testimony.Begin(2, KvGet{"k1"});
              testimony.Answered(get, ReadOf("v1.1", 1), true);
            }),
            "linearizable");
}

TEST(TestimonyTest, AnIndexGivenTwiceFails) {
  EXPECT_EQ(FailureWith([](GroupBench& bench, Testimony& testimony) {
              Testimony::Call first = testimony.Begin(1, Decoded(1));
              Commit(bench, 1);
              testimony.Acknowledged(first, LogIndex(1), ResultAt(bench, 1), false);
              Testimony::Call second = testimony.Begin(1, Decoded(1));
              testimony.Acknowledged(second, LogIndex(1), ResultAt(bench, 1), false);
            }),
            "linearizable");
}

TEST(TestimonyTest, AWrongAnswerFails) {
  EXPECT_EQ(FailureWith([](GroupBench& bench, Testimony& testimony) {
              Testimony::Call put = testimony.Begin(1, Decoded(1));
              Commit(bench, 1);
              testimony.Acknowledged(put, LogIndex(1), EncodeResult(KvDeleteResult{true}), false);
            }),
            "linearizable");
}

TEST(TestimonyTest, AWrongValueFails) {
  EXPECT_EQ(FailureWith([](GroupBench& bench, Testimony& testimony) {
              Commit(bench, 1);
              Testimony::Call get = testimony.Begin(2, KvGet{"k1"});
              testimony.Answered(get, ReadOf("never written", 1), false);
            }),
            "no-phantom");
}

TEST(TestimonyTest, AValueOfTheNextEntryIsHalfAStep) {
  EXPECT_EQ(FailureWith([](GroupBench& bench, Testimony& testimony) {
              Commit(bench, 2);
              Testimony::Call get = testimony.Begin(2, KvGet{"k2"});
              testimony.Answered(get, ReadOf("v2.1", 1), true);
            }),
            "atomic-commit");
}

TEST(TestimonyTest, AStateThatIsNotCommittedFails) {
  EXPECT_EQ(FailureWith([](GroupBench& bench, Testimony& testimony) {
              Commit(bench, 1);
              Testimony::Call get = testimony.Begin(2, KvGet{"k1"});
              testimony.Answered(get, ReadOf("v1.1", 2), true);
            }),
            "no-phantom");
}

TEST(TestimonyTest, TwoAnswersToOneKeyFail) {
  const auto increment = [](uint64_t seed) {
    return EncodeCommand(Once{.space = "run",
                              .key = absl::StrFormat("key%d", seed),
                              .ttl = kMaxOnceTtl,
                              .command = EncodeCommand(CounterIncrement{.name = "c"})});
  };
  // Two entries of different keys, told as if they were one.
  EXPECT_EQ(FailureWith([&](GroupBench& bench, Testimony& testimony) {
              for (uint64_t i = 1; i <= 2; ++i) {
                bench.ledger.Register(increment(i));
                for (uint32_t machine : {1u, 2u}) {
                  Event event = Appended(i, 1);
                  event.c = Hash64(increment(i));
                  bench.Tell(machine, event);
                  bench.Tell(machine, Synced(i));
                }
                bench.Tell(1, Committed(i, 1));
                Testimony::Call call = testimony.Begin(1, CounterIncrement{.name = "c"}, "key");
                testimony.Acknowledged(call, LogIndex(i), ResultAt(bench, i), false);
              }
            }),
            "exactly-once");
}

}  // namespace
}  // namespace wt::scenarios
