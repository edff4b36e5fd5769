// The scheduler: policies and their reach, virtual time, how runs end, and the law of the house:
// same seed, same digest; anything else, another digest.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/base/check.h"
#include "engine/env/mutex.h"
#include "sim/machine.h"
#include "sim/simulator.h"
#include "sim/trace.h"
#include "sim/virtual_network.h"

namespace wt::sim {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

constexpr SchedulePolicy kPolicies[] = {SchedulePolicy::kRandomWalk, SchedulePolicy::kPct,
                                        SchedulePolicy::kRoundRobin};

// Three tasks, three steps each: the order of the nine steps.
std::string Interleaving(const SimulatorOptions& options) {
  Simulator sim(options);
  std::string order;
  const RunEnd end = sim.Run([&] {
    std::vector<std::unique_ptr<Task>> tasks;
    for (char name : {'a', 'b', 'c'}) {
      tasks.push_back(sim.tasks().Spawn("t", [&order, &sim, name] {
        for (int i = 0; i < 3; ++i) {
          order += name;
          sim.tasks().SleepFor(Duration::zero());
        }
      }));
    }
    for (auto& task : tasks) task->Join();
  });
  EXPECT_EQ(end.kind, RunEnd::Kind::kFinished) << end.message;
  EXPECT_EQ(order.size(), 9u);
  return order;
}

TEST(SchedulerTest, SameSeedSameOrderUnderEveryPolicy) {
  for (SchedulePolicy policy : kPolicies) {
    for (uint64_t seed = 1; seed <= 5; ++seed) {
      EXPECT_EQ(Interleaving({.seed = seed, .policy = policy}),
                Interleaving({.seed = seed, .policy = policy}));
    }
  }
}

TEST(SchedulerTest, SeedsGiveDifferentOrders) {
  std::set<std::string> random, pct, round;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    random.insert(Interleaving({.seed = seed}));
    pct.insert(Interleaving({.seed = seed, .policy = SchedulePolicy::kPct, .pct_steps = 15}));
    round.insert(Interleaving({.seed = seed, .policy = SchedulePolicy::kRoundRobin}));
  }
  EXPECT_GT(random.size(), 30u);
  EXPECT_GT(pct.size(), 8u);
  EXPECT_EQ(round.size(), 1u);
}

TEST(SchedulerTest, StayingMakesSwitchesRare) {
  const auto switches = [](uint32_t stay_ppm) {
    const std::string order = Interleaving({.seed = 3, .stay_ppm = stay_ppm});
    int count = 0;
    for (size_t i = 1; i < order.size(); ++i) count += order[i] != order[i - 1];
    return count;
  };
  EXPECT_EQ(switches(1'000'000), 2);
  EXPECT_GT(switches(0), 2);
}

// A bug of depth 2: it shows only when `reader` runs as a whole between two adjacent steps of
// `writer`, among 200 others.
bool PlantedOrderBugShows(const SimulatorOptions& options) {
  Simulator sim(options);
  bool torn = false;
  bool seen = false;
  sim.Run([&] {
    auto writer = sim.tasks().Spawn("writer", [&] {
      for (int i = 0; i < 200; ++i) {
        if (i == 120) torn = true;
        sim.tasks().SleepFor(Duration::zero());
        if (i == 120) torn = false;
      }
    });
    auto reader = sim.tasks().Spawn("reader", [&] {
      for (int i = 0; i < 10; ++i) sim.tasks().SleepFor(Duration::zero());
      seen = torn;
    });
    writer->Join();
    reader->Join();
  });
  return seen;
}

TEST(SchedulerTest, PctFindsAPlantedOrderBugThatRoundRobinCannot) {
  int pct = 0;
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    pct += PlantedOrderBugShows(
        {.seed = seed, .policy = SchedulePolicy::kPct, .pct_depth = 2, .pct_steps = 220});
  }
  EXPECT_GT(pct, 0);
  EXPECT_FALSE(PlantedOrderBugShows({.policy = SchedulePolicy::kRoundRobin}));
}

TEST(SchedulerTest, PctLetsOthersRunWhenATaskSpins) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Simulator sim({.seed = seed, .policy = SchedulePolicy::kPct, .max_events = 10'000});
    bool flag = false;
    const RunEnd end = sim.Run([&] {
      auto spinner = sim.tasks().Spawn("spinner", [&] {
        while (!flag) sim.tasks().Yield();
      });
      auto setter = sim.tasks().Spawn("setter", [&] { flag = true; });
      spinner->Join();
      setter->Join();
    });
    EXPECT_EQ(end.kind, RunEnd::Kind::kFinished) << end.message;
  }
}

TEST(SchedulerTest, TimeJumpsToTheNextDeadlineOnlyWhenNothingCanRun) {
  Simulator sim({});
  const RunEnd end = sim.Run([&] {
    bool slept = false;
    auto sleeper = sim.tasks().Spawn("sleeper", [&] {
      sim.SleepFor(hours(3));
      slept = true;
    });
    for (int i = 0; i < 1000; ++i) sim.tasks().Yield();
    EXPECT_EQ(sim.now(), SimTime::zero());
    EXPECT_FALSE(slept);
    sleeper->Join();
    EXPECT_EQ(sim.now(), hours(3));
  });
  EXPECT_EQ(end.kind, RunEnd::Kind::kFinished);
  EXPECT_EQ(end.at, hours(3));
}

TEST(SchedulerTest, TheEventBudgetEndsARun) {
  Simulator sim({.max_events = 1000});
  const RunEnd end = sim.Run([&] {
    for (;;) sim.tasks().Yield();
  });
  EXPECT_EQ(end.kind, RunEnd::Kind::kBudget);
  EXPECT_LE(sim.decisions(), 1001u);
}

TEST(SchedulerTest, TheTimeBudgetEndsARun) {
  Simulator sim({.max_time = seconds(10)});
  const RunEnd end = sim.Run([&] {
    for (;;) sim.SleepFor(seconds(3));
  });
  EXPECT_EQ(end.kind, RunEnd::Kind::kBudget);
  EXPECT_EQ(end.at, seconds(10));
}

TEST(SchedulerTest, DeadlockNamesWhoWaitsForWhat) {
  Simulator sim({.spurious_wakeup_ppm = 0});
  Machine& n1 = sim.AddMachine("n1");
  const RunEnd end = sim.Run([&] {
    n1.Boot([](Env env) {
      Mutex mutex(env.tasks);
      CondVar never(env.tasks);
      auto holder = env.tasks.Spawn("holder", [&] {
        MutexLock lock(mutex);
        Mutex other(env.tasks);
        MutexLock other_lock(other);
        never.Wait(other);
      });
      env.tasks.SleepFor(seconds(1));
      auto blocked = env.tasks.Spawn("blocked", [&] { MutexLock lock(mutex); });
      blocked->Join();
    });
    n1.AwaitExit();
  });
  EXPECT_EQ(end.kind, RunEnd::Kind::kDeadlock);
  EXPECT_THAT(end.message, HasSubstr("n1/blocked waits for a mutex held by n1/holder"));
  EXPECT_THAT(end.message, HasSubstr("n1/holder waits for a condition"));
  EXPECT_THAT(end.message, HasSubstr("n1/main waits for the end of a task"));
  EXPECT_THAT(end.message, HasSubstr("harness/main waits for the exit of a machine"));
}

struct CountsItsEnd {
  explicit CountsItsEnd(int& ends) : ends(ends) {}
  ~CountsItsEnd() { ++ends; }
  int& ends;
};

TEST(RunEndTest, AFailedCheckEndsTheRunAndUnwindsEverything) {
  int ends = 0;
  Simulator sim({});
  Machine& n1 = sim.AddMachine("n1");
  const RunEnd end = sim.Run([&] {
    const CountsItsEnd guard(ends);
    n1.Boot([&](Env env) {
      const CountsItsEnd in_main(ends);
      auto other = env.tasks.Spawn("other", [&] {
        const CountsItsEnd in_other(ends);
        env.tasks.SleepFor(seconds(100));
      });
      env.tasks.SleepFor(seconds(1));
      const uint64_t applied = 3;
      WT_CHECK_LE(applied, uint64_t{2});
    });
    sim.SleepFor(seconds(50));
  });
  EXPECT_EQ(end.kind, RunEnd::Kind::kFailed);
  EXPECT_EQ(end.invariant, "check");
  EXPECT_THAT(end.message, HasSubstr("scheduler_test.cc"));
  EXPECT_THAT(end.message, HasSubstr("(3 vs. 2)"));
  EXPECT_EQ(end.at, seconds(1));
  EXPECT_EQ(ends, 3);
}

void FailsInside() noexcept { WT_CHECK(false); }

TEST(RunEndTest, AFailedCheckInANoexceptFrameEndsTheRunToo) {
  for (int i = 0; i < 3; ++i) {
    Simulator sim({});
    const RunEnd end = sim.Run([&] { FailsInside(); });
    EXPECT_EQ(end.kind, RunEnd::Kind::kFailed);
    EXPECT_EQ(end.invariant, "check");
  }
}

TEST(RunEndTest, FailDoesNotReturnAndTheFirstCounts) {
  bool returned = false;
  Simulator sim({});
  Machine& n1 = sim.AddMachine("n1");
  const RunEnd end = sim.Run([&] {
    n1.Boot([&](Env) {
      sim.Fail("acked-writes-survive", "key 7 is gone");
      returned = true;
    });
    sim.SleepFor(seconds(1));
    sim.Fail("other", "second");
  });
  EXPECT_FALSE(returned);
  EXPECT_EQ(end.kind, RunEnd::Kind::kFailed);
  EXPECT_EQ(end.invariant, "acked-writes-survive");
  EXPECT_EQ(end.message, "key 7 is gone");
}

class FailsAtFirst final : public EventObserver {
 public:
  explicit FailsAtFirst(Simulator& sim) : sim_(sim) {}
  void OnEvent(Machine& machine, SimTime, const Event& event) override {
    seen.push_back(machine.name() + " " + std::string(InfoOf(event.kind).name));
    sim_.Fail("index-order", "seen");
  }
  std::vector<std::string> seen;

 private:
  Simulator& sim_;
};

TEST(RunEndTest, AnObserverEndsTheRunAtTheNextDecision) {
  Simulator sim({});
  FailsAtFirst observer(sim);
  sim.AddObserver(&observer);
  Machine& n1 = sim.AddMachine("n1");
  bool went_on = false;
  bool beyond = false;
  const RunEnd end = sim.Run([&] {
    n1.Boot([&](Env env) {
      env.events.Emit({.kind = EventKind::kEngineOpening});
      went_on = true;
      env.tasks.Yield();
      beyond = true;
    });
    sim.SleepFor(seconds(1));
  });
  EXPECT_EQ(end.invariant, "index-order");
  EXPECT_TRUE(went_on);
  EXPECT_FALSE(beyond);
  EXPECT_EQ(observer.seen, std::vector<std::string>{"n1 engine.opening"});
}

TEST(RunEndTest, AForeignExceptionReachesTheCallerOfRun) {
  int ends = 0;
  Simulator sim({});
  EXPECT_THROW(sim.Run([&] {
    const CountsItsEnd guard(ends);
    throw std::runtime_error("a test framework's assertion");
  }),
               std::runtime_error);
  EXPECT_EQ(ends, 1);
}

TEST(RunEndTest, OutsideARunChecksAreFatalAgain) {
  Simulator sim({});
  sim.Run([] {});
  EXPECT_DEATH(WT_CHECK(1 == 2), "1 == 2");
}

// A small world with a bit of everything.
uint64_t DigestOf(const SimulatorOptions& options, uint64_t payload, Duration sleep) {
  Simulator sim(options);
  Machine& n1 = sim.AddMachine("n1");
  Machine& n2 = sim.AddMachine("n2");
  const RunEnd end = sim.Run([&] {
    n2.Boot([](Env env) {
      while (env.network.Receive(seconds(5)).ok()) env.events.Reached("received");
    });
    n1.Boot([&](Env env) {
      for (int i = 0; i < 20; ++i) {
        env.network.Send(PeerId(2), std::to_string(payload));
        env.tasks.SleepFor(sleep);
        env.events.Emit({.kind = EventKind::kLogAppended, .a = payload, .text = "x"});
      }
    });
    n1.AwaitExit();
    n2.PowerLoss();
  });
  EXPECT_EQ(end.kind, RunEnd::Kind::kFinished) << end.message;
  return sim.trace().digest();
}

TEST(DigestTest, TwoSimulatorsInOneProcessAgree) {
  for (SchedulePolicy policy : kPolicies) {
    const SimulatorOptions options{.seed = 11, .policy = policy};
    EXPECT_EQ(DigestOf(options, 1, milliseconds(1)), DigestOf(options, 1, milliseconds(1)));
  }
}

TEST(DigestTest, InterleavedSimulatorsAgree) {
  const uint64_t alone = DigestOf({.seed = 5}, 1, milliseconds(1));
  uint64_t inner = 0;
  Simulator outer({.seed = 9});
  outer.Run([&] { inner = DigestOf({.seed = 5}, 1, milliseconds(1)); });
  EXPECT_EQ(inner, alone);
}

// Holds every compiler, optimisation level and process to one meaning. A change here means that
// every seed has changed its meaning: intended, then write the new one down.
TEST(DigestTest, IsTheOneWrittenDown) {
  EXPECT_EQ(DigestOf({.seed = 2026}, 1, milliseconds(1)), 367905831093815248u);
}

TEST(DigestTest, ChangesWhenAnythingDiffers) {
  std::set<uint64_t> digests;
  digests.insert(DigestOf({.seed = 1}, 1, milliseconds(1)));
  digests.insert(DigestOf({.seed = 2}, 1, milliseconds(1)));
  digests.insert(DigestOf({.seed = 1}, 2, milliseconds(1)));
  digests.insert(DigestOf({.seed = 1}, 1, milliseconds(2)));
  digests.insert(DigestOf({.seed = 1, .policy = SchedulePolicy::kPct}, 1, milliseconds(1)));
  EXPECT_EQ(digests.size(), 5u);
}

}  // namespace
}  // namespace wt::sim
