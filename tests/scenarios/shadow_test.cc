// The shadow of a log: it accepts what an honest engine reports, and names what is wrong with a
// report that differs from its own replay.
#include "scenarios/shadow.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/scenarios/invariant_bench.h"

namespace wt::scenarios {
namespace {

// An honest engine beside the shadow: what it would report of each entry.
class Honest {
 public:
  MaybeViolation Append(Shadow& shadow, uint64_t index, uint64_t term = 1) {
    shadow.Register(Bench::CommandOf(index));
    return shadow.OnAppended(LogIndex(index), Term(term), At(index),
                             Hash64(Bench::CommandOf(index)));
  }
  void Apply(uint64_t index, uint64_t term = 1) {
    result = machine.Apply({.term = Term(term),
                            .index = LogIndex(index),
                            .timestamp = At(index),
                            .command = Bench::CommandOf(index)});
  }
  MaybeViolation ApplyAndTell(Shadow& shadow, uint64_t index, uint64_t term = 1) {
    Apply(index, term);
    return shadow.OnApplied(LogIndex(index), Term(term), Hash64(result), machine.Digest().low);
  }
  static WallTime At(uint64_t index) { return WallTime(std::chrono::seconds(index)); }

  CompositeStateMachine machine;
  std::string result;
};

std::string NameOf(const MaybeViolation& violation) {
  if (!violation.has_value()) return "";
  EXPECT_FALSE(violation->message.empty());
  return violation->invariant;
}

// Entries 1 .. n appended and applied, without a word of complaint.
void Follow(Shadow& shadow, Honest& engine, uint64_t n) {
  for (uint64_t i = 1; i <= n; ++i) {
    EXPECT_EQ(NameOf(engine.Append(shadow, i)), "");
    EXPECT_EQ(NameOf(engine.ApplyAndTell(shadow, i)), "");
  }
}

TEST(ShadowTest, AnHonestEngineIsNeverBlamed) {
  Shadow shadow;
  Honest engine;
  Follow(shadow, engine, 20);
  EXPECT_EQ(shadow.last(), LogIndex(20));
  EXPECT_EQ(shadow.applied(), LogIndex(20));
  EXPECT_EQ(shadow.DigestAt(LogIndex(20)), engine.machine.Digest().low);
  EXPECT_EQ(shadow.ResultAt(LogIndex(20)), engine.result);
  EXPECT_EQ(NameOf(shadow.ReplayAll()), "");
}

TEST(ShadowTest, TheEmptyStateHasADigestToo) {
  Shadow shadow;
  EXPECT_EQ(shadow.DigestAt(LogIndex(0)), CompositeStateMachine().Digest().low);
  EXPECT_EQ(shadow.DigestAt(LogIndex(1)), std::nullopt);
  EXPECT_EQ(shadow.ResultAt(LogIndex(1)), "");
}

TEST(ShadowTest, AGapInTheLogIsSeen) {
  Shadow shadow;
  Honest engine;
  EXPECT_EQ(NameOf(engine.Append(shadow, 1)), "");
  EXPECT_EQ(NameOf(engine.Append(shadow, 3)), "log-matching");
}

TEST(ShadowTest, TheSameIndexAndTermWithOtherContentIsSeen) {
  Shadow shadow;
  Honest engine;
  EXPECT_EQ(NameOf(engine.Append(shadow, 1)), "");
  EXPECT_EQ(NameOf(engine.Append(shadow, 2)), "");
  EXPECT_EQ(NameOf(shadow.OnAppended(LogIndex(2), Term(1), Honest::At(2), 12345)), "log-matching");
  EXPECT_EQ(NameOf(shadow.OnAppended(LogIndex(2), Term(2), Honest::At(2), 12345)), "");
}

TEST(ShadowTest, AnEntryThatNobodyAppendedIsAPhantom) {
  Shadow shadow;
  Honest engine;
  engine.Append(shadow, 1);
  engine.Apply(1);
  EXPECT_EQ(NameOf(engine.ApplyAndTell(shadow, 2)), "no-phantom");
}

TEST(ShadowTest, AnEntryAppliedUnderAnotherTermIsSeen) {
  Shadow shadow;
  Honest engine;
  engine.Append(shadow, 1, 3);
  EXPECT_EQ(NameOf(engine.ApplyAndTell(shadow, 1, 2)), "log-matching");
}

TEST(ShadowTest, AWrongStateOrAnswerIsNotAFullReplays) {
  for (const bool wrong_state : {true, false}) {
    Shadow shadow;
    Honest engine;
    Follow(shadow, engine, 3);
    engine.Append(shadow, 4);
    engine.Apply(4);
    const uint64_t digest = engine.machine.Digest().low + (wrong_state ? 1 : 0);
    const uint64_t result = Hash64(engine.result) + (wrong_state ? 0 : 1);
    EXPECT_EQ(NameOf(shadow.OnApplied(LogIndex(4), Term(1), result, digest)),
              "deterministic-apply");
    // Again, as after a restart: then it is the restored state that is wrong.
    EXPECT_EQ(NameOf(shadow.OnApplied(LogIndex(4), Term(1), result, digest)),
              "snapshot-equivalence");
  }
}

TEST(ShadowTest, ARestartedEngineMayApplyEverythingAgain) {
  Shadow shadow;
  Honest first;
  Follow(shadow, first, 10);
  Honest again;
  for (uint64_t i = 1; i <= 10; ++i) EXPECT_EQ(NameOf(again.ApplyAndTell(shadow, i)), "");
}

TEST(ShadowTest, ARefusedStepOfACounterIsAnAnswerLikeAnother) {
  Shadow shadow;
  CompositeStateMachine engine;
  uint64_t index = 0;
  for (const Command& command :
       {Command(CounterSet{.value = std::numeric_limits<int64_t>::max(), .name = "n"}),
        Command(CounterIncrement{.delta = 1, .name = "n"})}) {
    const std::string bytes = EncodeCommand(command);
    shadow.Register(bytes);
    const LogIndex at(++index);
    EXPECT_EQ(NameOf(shadow.OnAppended(at, Term(1), WallTime{}, Hash64(bytes))), "");
    const std::string result = engine.Apply({.term = Term(1), .index = at, .command = bytes});
    EXPECT_EQ(NameOf(shadow.OnApplied(at, Term(1), Hash64(result), engine.Digest().low)), "");
  }
}

TEST(ShadowTest, AfterALostTailOtherEntriesMayTakeItsPlace) {
  Shadow shadow;
  Honest engine;
  Follow(shadow, engine, 5);
  engine.Append(shadow, 6);
  engine.Append(shadow, 7);
  shadow.OnRecovered(LogIndex(5));
  EXPECT_EQ(shadow.last(), LogIndex(5));
  // The same index and term again would be another entry under an old name.
  const std::string other = EncodeCommand(KvSet{"other", "value"});
  shadow.Register(other);
  EXPECT_EQ(NameOf(shadow.OnAppended(LogIndex(6), Term(1), Honest::At(6), Hash64(other))),
            "log-matching");
  EXPECT_EQ(NameOf(shadow.OnAppended(LogIndex(6), Term(2), Honest::At(6), Hash64(other))), "");
  EXPECT_EQ(shadow.Describe(LogIndex(6)), "SET other=value");
}

TEST(ShadowTest, RewindTakesBackWhatWasApplied) {
  Shadow shadow;
  Honest engine;
  Follow(shadow, engine, 10);
  const std::optional<uint64_t> at_six = shadow.DigestAt(LogIndex(6));
  shadow.Rewind(LogIndex(6));
  EXPECT_EQ(shadow.last(), LogIndex(6));
  EXPECT_EQ(shadow.applied(), LogIndex(6));
  EXPECT_EQ(shadow.DigestAt(LogIndex(6)), at_six);
  EXPECT_EQ(shadow.DigestAt(LogIndex(7)), std::nullopt);
  Honest again;
  for (uint64_t i = 1; i <= 6; ++i) again.Apply(i);
  EXPECT_EQ(NameOf(again.Append(shadow, 7, 2)), "");
  EXPECT_EQ(NameOf(again.ApplyAndTell(shadow, 7, 2)), "");
}

TEST(ShadowTest, AnOlderDiskMayWriteItsFutureAnew) {
  Shadow shadow;
  Honest engine;
  Follow(shadow, engine, 5);
  shadow.Rewind(LogIndex(3));
  shadow.ForgetFuture(LogIndex(3));
  const std::string other = EncodeCommand(KvSet{"other", "value"});
  shadow.Register(other);
  EXPECT_EQ(NameOf(shadow.OnAppended(LogIndex(4), Term(1), Honest::At(4), Hash64(other))), "");
}

TEST(ShadowTest, EntriesAreDescribedForPeople) {
  Shadow shadow;
  const std::vector<std::pair<Command, std::string>> commands = {
      {KvSet{"k", "short"}, "SET k=short"},
      {KvSet{"k", std::string(100, 'x')}, "SET k=" + std::string(21, 'x') + "..."},
      {KvDelete{"k"}, "DELETE k"},
      {KvBatch{{KvSet{"a", "1"}, KvDelete{"b"}}}, "BATCH of 2"},
      {KvCompareAndSet{"k", std::nullopt, "1"}, "CAS k"},
      {CounterIncrement{.delta = 4, .name = "n"}, "INCREMENT n by 4"}};
  uint64_t index = 0;
  for (const auto& [command, description] : commands) {
    const std::string bytes = EncodeCommand(command);
    shadow.Register(bytes);
    ASSERT_EQ(NameOf(shadow.OnAppended(LogIndex(++index), Term(1), Honest::At(1), Hash64(bytes))),
              "");
    EXPECT_EQ(shadow.Describe(LogIndex(index)), description);
  }
  EXPECT_EQ(shadow.Describe(LogIndex(index + 1)), "unknown");
}

}  // namespace
}  // namespace wt::scenarios
