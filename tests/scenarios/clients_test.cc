// linearizable, no-phantom and atomic-commit as the clients judge their answers: a real engine
// answers, and what is known of the truth is bent until its answers are wrong.
#include "scenarios/clients.h"

#include <gtest/gtest.h>

#include "scenarios/invariants/replay.h"
#include "tests/scenarios/invariant_bench.h"

namespace wt::scenarios {
namespace {

// A node that serves, and clients with nothing to do but what the test asks of them.
std::string FailureWith(const std::function<void(Bench&, Clients&)>& story) {
  return FailureOf([&](Bench& bench) {
    Plan plan;
    plan.knobs.segment_bytes = 64 * kKiB;
    Replay replay(bench.judge, bench.shadow);
    bench.sim.AddObserver(&replay);
    Node node(bench.sim, bench.machine, plan.knobs);
    Clients clients(bench.judge, node, bench.shadow, bench.history, plan);
    node.Start();
    while (!node.serving()) bench.sim.SleepFor(std::chrono::milliseconds(1));
    EXPECT_TRUE(clients.Put("a", "1"));
    EXPECT_TRUE(clients.Put("a", "2"));
    story(bench, clients);
    node.Stop();
  });
}

// A shadow that has seen these puts of "a" and no others.
Shadow ShadowOf(const std::vector<std::string>& values) {
  Shadow shadow;
  CompositeStateMachine machine;
  uint64_t index = 0;
  for (const std::string& value : values) {
    const std::string command = EncodeCommand(KvSet{"a", value});
    const LogIndex at(++index);
    shadow.Register(command);
    EXPECT_FALSE(shadow.OnAppended(at, Term(1), WallTime{}, Hash64(command)).has_value());
    const std::string result = machine.Apply({.term = Term(1), .index = at, .command = command});
    EXPECT_FALSE(shadow.OnApplied(at, Term(1), Hash64(result), machine.Digest().low).has_value());
  }
  return shadow;
}

TEST(ClientsTest, TrueAnswersPassAndWereLookedAt) {
  EXPECT_EQ(FailureWith([](Bench& bench, Clients& clients) {
              EXPECT_TRUE(clients.Read("a").has_value());
              EXPECT_TRUE(clients.Read("never written").has_value());
              EXPECT_TRUE(clients.CheckEverything());
              EXPECT_EQ(bench.history.acknowledged(), 2u);
              for (const char* invariant : {"linearizable", "no-phantom", "atomic-commit"}) {
                EXPECT_TRUE(bench.judge.evaluated().contains(invariant)) << invariant;
              }
            }),
            "");
}

TEST(ClientsTest, AReadThatMissesAnAcknowledgedWriteFails) {
  EXPECT_EQ(FailureWith([](Bench& bench, Clients& clients) {
              bench.history.Acknowledge(1, LogIndex(3), bench.sim.now());
              (void)clients.Read("a");
            }),
            "linearizable");
}

TEST(ClientsTest, AnIndexThatWasGivenBeforeFails) {
  EXPECT_EQ(FailureWith([](Bench& bench, Clients& clients) {
              bench.history.Acknowledge(1, LogIndex(100), bench.sim.now());
              (void)clients.Put("a", "3");
            }),
            "linearizable");
}

TEST(ClientsTest, AReadOfAStateThatNeverWasFails) {
  EXPECT_EQ(FailureWith([](Bench& bench, Clients& clients) {
              bench.history = History();
              bench.shadow.Rewind(LogIndex(1));
              (void)clients.Read("a");
            }),
            "no-phantom");
}

TEST(ClientsTest, AValueThatNobodyWroteThereFails) {
  EXPECT_EQ(FailureWith([](Bench& bench, Clients& clients) {
              bench.shadow = ShadowOf({"1", "another"});
              (void)clients.Read("a");
            }),
            "no-phantom");
}

TEST(ClientsTest, AnEffectThatIsSeenBeforeItsEntryIsAppliedFails) {
  EXPECT_EQ(FailureWith([](Bench& bench, Clients& clients) {
              bench.shadow = ShadowOf({"1", "another", "2"});
              (void)clients.Read("a");
            }),
            "atomic-commit");
}

TEST(ClientsTest, ACounterThatIsOffFails) {
  EXPECT_EQ(
      FailureWith([](Bench& bench, Clients& clients) {
        Shadow other;
        CompositeStateMachine machine;
        for (uint64_t i = 1; i <= 2; ++i) {
          const std::string command =
              EncodeCommand(CounterIncrement{.delta = 1, .name = CounterName(0)});
          other.Register(command);
          EXPECT_FALSE(other.OnAppended(LogIndex(i), Term(1), WallTime{}, Hash64(command)));
          const std::string result =
              machine.Apply({.term = Term(1), .index = LogIndex(i), .command = command});
          EXPECT_FALSE(other.OnApplied(LogIndex(i), Term(1), Hash64(result), machine.Digest().low));
        }
        bench.shadow = std::move(other);
        clients.CheckEverything();
      }),
      "linearizable");
}

}  // namespace
}  // namespace wt::scenarios
