// Machines: what a boot gives, what every kind of death takes, and that nothing of a dead machine
// acts any more. Deaths are tried at many moments by sweeping the seed.
#include "sim/machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/env/file_io.h"
#include "engine/env/mutex.h"
#include "sim/simulator.h"
#include "sim/trace.h"
#include "sim/virtual_clock.h"
#include "sim/virtual_disk.h"

namespace wt::sim {
namespace {

void LockAnyway(Mutex& mutex) ABSL_NO_THREAD_SAFETY_ANALYSIS { mutex.Lock(); }
void UnlockAnyway(Mutex& mutex) ABSL_NO_THREAD_SAFETY_ANALYSIS { mutex.Unlock(); }

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

struct NotesItsEnd {
  ~NotesItsEnd() { ends.push_back(name); }
  std::vector<std::string>& ends;
  std::string name;
};

TEST(MachineTest, UnwindsNewestFirst) {
  std::vector<std::string> ends;
  Simulator sim({.policy = SchedulePolicy::kRoundRobin});
  Machine& n1 = sim.AddMachine("n1");
  const RunEnd end = sim.Run([&] {
    n1.Boot([&](Env env) {
      const NotesItsEnd main{ends, "main"};
      const auto sleeper = [&ends, env](std::string name) {
        return [&ends, env, name] {
          const NotesItsEnd guard{ends, name};
          env.tasks.SleepFor(seconds(100));
        };
      };
      auto a = env.tasks.Spawn("a", sleeper("a"));
      auto b = env.tasks.Spawn("b", sleeper("b"));
      a->Join();
    });
    sim.SleepFor(seconds(1));
    EXPECT_TRUE(ends.empty());
    n1.PowerLoss();
    EXPECT_EQ(ends, (std::vector<std::string>{"b", "a", "main"}));
    EXPECT_EQ(n1.state(), Machine::State::kOff);
  });
  EXPECT_EQ(end.kind, RunEnd::Kind::kFinished) << end.message;
}

// Tasks that lock, wait, signal, sleep and send; the power goes at any moment; guards run in any
// state of every lock. Then the machine boots again and works.
TEST(MachineTest, DiesAtAnyMomentAndBootsAgain) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    Simulator sim({.seed = seed});
    Machine& n1 = sim.AddMachine("n1");
    int finished = 0;
    const auto main = [&](Env env) {
      Mutex mutex(env.tasks);
      CondVar changed(env.tasks);
      int turns = 0;
      std::vector<std::unique_ptr<Task>> tasks;
      for (int i = 0; i < 4; ++i) {
        tasks.push_back(env.tasks.Spawn("t", [&] {
          for (int k = 0; k < 5; ++k) {
            MutexLock lock(mutex);
            ++turns;
            changed.SignalAll();
            changed.WaitFor(mutex, microseconds(50));
            env.tasks.SleepFor(microseconds(20));
            env.network.Send(PeerId(1), "to myself");
          }
        }));
      }
      for (auto& task : tasks) task->Join();
      EXPECT_EQ(turns, 20);
      ++finished;
    };
    const RunEnd end = sim.Run([&] {
      n1.Boot(main);
      sim.SleepFor(microseconds(7 * seed));
      if (seed % 2 == 0) {
        n1.PowerLoss();
      } else {
        n1.Kill();
      }
      n1.Boot(main);
      n1.AwaitExit();
      EXPECT_EQ(n1.incarnation(), 2u);
    });
    ASSERT_EQ(end.kind, RunEnd::Kind::kFinished) << "seed " << seed << ": " << end.message;
    ASSERT_GE(finished, 1);
  }
}

TEST(MachineTest, CallRunsOnTheMachineAndSaysWhetherItAnswered) {
  Simulator sim({});
  Machine& n1 = sim.AddMachine("n1");
  sim.Run([&] {
    bool ran = false;
    EXPECT_FALSE(n1.Call("early", [&] { ran = true; }));
    EXPECT_FALSE(ran);
    n1.Boot([](Env env) { env.tasks.SleepFor(seconds(100)); });
    EXPECT_TRUE(n1.Call("fine", [&] { ran = true; }));
    EXPECT_TRUE(ran);
    n1.PowerLoss();
    EXPECT_FALSE(n1.Call("late", [] { ADD_FAILURE(); }));
  });
}

TEST(MachineTest, CallReturnsFalseWhenTheMachineDiesUnderIt) {
  Simulator sim({});
  Machine& n1 = sim.AddMachine("n1");
  const RunEnd end = sim.Run([&] {
    Env* env_of_n1 = nullptr;
    n1.Boot([&](Env env) {
      env_of_n1 = &env;
      env.tasks.SleepFor(seconds(100));
    });
    sim.SleepFor(seconds(1));
    auto killer = sim.tasks().Spawn("killer", [&] {
      sim.SleepFor(seconds(1));
      n1.Kill();
    });
    EXPECT_FALSE(n1.Call("slow", [&] { env_of_n1->tasks.SleepFor(seconds(50)); }));
    EXPECT_EQ(sim.now(), seconds(2));
    killer->Join();
  });
  EXPECT_EQ(end.kind, RunEnd::Kind::kFinished) << end.message;
}

TEST(MachineTest, LocksOfADeadMachineAreInert) {
  Simulator sim({});
  Machine& n1 = sim.AddMachine("n1");
  std::unique_ptr<Mutex> mutex;
  std::unique_ptr<CondVar> condition;
  std::unique_ptr<Task> task;
  const RunEnd end = sim.Run([&] {
    n1.Boot([&](Env env) {
      mutex = std::make_unique<Mutex>(env.tasks);
      condition = std::make_unique<CondVar>(env.tasks);
      task = env.tasks.Spawn("t", [env] { env.tasks.SleepFor(seconds(100)); });
      LockAnyway(*mutex);
      env.tasks.SleepFor(seconds(100));
    });
    sim.SleepFor(seconds(1));
    n1.PowerLoss();
    UnlockAnyway(*mutex);
    condition->SignalAll();
    task->Join();
    mutex.reset();
    condition.reset();
    task.reset();
  });
  EXPECT_EQ(end.kind, RunEnd::Kind::kFinished) << end.message;
}

TEST(MachineTest, ADyingMachineReportsNothing) {
  class Counter final : public EventObserver {
   public:
    void OnEvent(Machine&, SimTime, const Event&) override { ++count; }
    int count = 0;
  };
  struct EmitsAtItsEnd {
    ~EmitsAtItsEnd() { events.Emit({.kind = EventKind::kEngineStopped}); }
    EventSink& events;
  };
  Simulator sim({});
  Counter counter;
  sim.AddObserver(&counter);
  Machine& n1 = sim.AddMachine("n1");
  sim.Run([&] {
    n1.Boot([](Env env) {
      env.events.Emit({.kind = EventKind::kEngineOpening});
      const EmitsAtItsEnd guard{env.events};
      env.tasks.SleepFor(seconds(100));
    });
    sim.SleepFor(seconds(1));
    n1.PowerLoss();
  });
  EXPECT_EQ(counter.count, 1);
}

TEST(MachineTest, ADestructorThatSuspendsFailsTheRun) {
  struct SuspendsAtItsEnd {
    ~SuspendsAtItsEnd() { tasks.SleepFor(seconds(1)); }
    Tasks& tasks;
  };
  Simulator sim({});
  Machine& n1 = sim.AddMachine("n1");
  const RunEnd end = sim.Run([&] {
    n1.Boot([](Env env) {
      const SuspendsAtItsEnd guard{env.tasks};
      env.tasks.SleepFor(seconds(100));
    });
    sim.SleepFor(seconds(1));
    n1.PowerLoss();
  });
  EXPECT_EQ(end.kind, RunEnd::Kind::kFailed);
  EXPECT_EQ(end.invariant, "check");
  EXPECT_THAT(end.message, HasSubstr("unwinding"));
}

TEST(MachineTest, PauseStopsItsTasksAndNoOthers) {
  Simulator sim({});
  Machine& n1 = sim.AddMachine("n1");
  Machine& n2 = sim.AddMachine("n2");
  int ticks[2] = {0, 0};
  const RunEnd end = sim.Run([&] {
    const auto ticker = [&](int i) {
      return [&, i](Env env) {
        for (;;) {
          env.tasks.SleepFor(seconds(1));
          ++ticks[i];
        }
      };
    };
    n1.Boot(ticker(0));
    n2.Boot(ticker(1));
    sim.SleepFor(milliseconds(5500));
    n1.Pause();
    EXPECT_EQ(n1.state(), Machine::State::kPaused);
    const int before = ticks[0];
    const Time clock_before = n1.clock().Now();
    sim.SleepFor(seconds(10));
    EXPECT_EQ(ticks[0], before);
    EXPECT_GE(ticks[1], 14);
    EXPECT_EQ(n1.clock().Now() - clock_before, seconds(10));
    n1.Resume();
    sim.SleepFor(seconds(3));
    EXPECT_GE(ticks[0], before + 3);
  });
  EXPECT_EQ(end.kind, RunEnd::Kind::kFinished) << end.message;
}

TEST(MachineTest, APausedMachineCanDie) {
  Simulator sim({});
  Machine& n1 = sim.AddMachine("n1");
  const RunEnd end = sim.Run([&] {
    n1.Boot([](Env env) {
      for (;;) env.tasks.SleepFor(milliseconds(1));
    });
    sim.SleepFor(seconds(1));
    n1.Pause();
    auto caller = sim.tasks().Spawn("caller", [&] { EXPECT_FALSE(n1.Call("c", [] {})); });
    sim.SleepFor(seconds(1));
    n1.PowerLoss();
    caller->Join();
    n1.Boot([](Env) {});
    n1.AwaitExit();
  });
  EXPECT_EQ(end.kind, RunEnd::Kind::kFinished) << end.message;
}

// Stands still before the first barrier does anything.
class StopsAtBarrier final : public DiskObserver {
 public:
  explicit StopsAtBarrier(Machine& machine) : machine_(machine) {}
  void OnBarrier(std::string_view) override {
    if (machine_.incarnation() == 1) machine_.StandStill();
  }
  void OnSync(std::string_view, uint64_t) override { ++syncs; }
  int syncs = 0;

 private:
  Machine& machine_;
};

void WriteAndSync(Env env, OpenMode mode) {
  absl::StatusOr<std::unique_ptr<File>> file = env.disk.Open("f", mode);
  WT_CHECK(file.ok());
  WT_CHECK(WriteFully(**file, 0, "bytes").ok());
  WT_CHECK((*file)->Sync().ok());
}

TEST(MachineTest, WhoStandsStillIsKilledInFrontOfWhatItWasAbout) {
  Simulator sim({});
  Machine& n1 = sim.AddMachine("n1");
  StopsAtBarrier observer(n1);
  n1.disk().AddObserver(&observer);
  int ticks = 0;
  const RunEnd end = sim.Run([&] {
    n1.Boot([&](Env env) {
      auto ticker = env.tasks.Spawn("ticker", [&ticks, env] {
        for (;;) {
          ++ticks;
          env.tasks.SleepFor(microseconds(100));
        }
      });
      WriteAndSync(env, OpenMode::kCreate);
    });
    while (n1.state() != Machine::State::kPaused) sim.SleepFor(milliseconds(1));
    const int before = ticks;
    sim.SleepFor(seconds(1));
    EXPECT_EQ(ticks, before);
    n1.Kill();
    EXPECT_EQ(observer.syncs, 0);
    n1.Boot([](Env env) { WriteAndSync(env, OpenMode::kReadWrite); });  // the name survives a kill
    n1.AwaitExit();
    EXPECT_EQ(observer.syncs, 1);
  });
  EXPECT_EQ(end.kind, RunEnd::Kind::kFinished) << end.message;
}

TEST(MachineTest, WhoStandsStillGoesOnWhenItIsResumed) {
  Simulator sim({});
  Machine& n1 = sim.AddMachine("n1");
  StopsAtBarrier observer(n1);
  n1.disk().AddObserver(&observer);
  const RunEnd end = sim.Run([&] {
    n1.Boot([](Env env) { WriteAndSync(env, OpenMode::kCreate); });
    while (n1.state() != Machine::State::kPaused) sim.SleepFor(milliseconds(1));
    n1.Resume();
    n1.AwaitExit();
    EXPECT_EQ(observer.syncs, 1);
  });
  EXPECT_EQ(end.kind, RunEnd::Kind::kFinished) << end.message;
}

TEST(MachineTest, AwaitExitWaitsForTheLastTask) {
  Simulator sim({});
  Machine& n1 = sim.AddMachine("n1");
  const RunEnd end = sim.Run([&] {
    n1.Boot([](Env env) { env.tasks.Spawn("late", [env] { env.tasks.SleepFor(seconds(7)); }); });
    n1.AwaitExit();
    EXPECT_EQ(sim.now(), seconds(7));
    EXPECT_EQ(n1.state(), Machine::State::kOff);
  });
  EXPECT_EQ(end.kind, RunEnd::Kind::kFinished) << end.message;
}

TEST(MachineTest, AwaitExitReturnsWhenTheMachineDiesInstead) {
  Simulator sim({});
  Machine& n1 = sim.AddMachine("n1");
  const RunEnd end = sim.Run([&] {
    n1.Boot([](Env env) { env.tasks.SleepFor(seconds(100)); });
    auto killer = sim.tasks().Spawn("killer", [&] {
      sim.SleepFor(seconds(2));
      n1.Kill();
      n1.Boot([](Env env) { env.tasks.SleepFor(seconds(100)); });
    });
    n1.AwaitExit();
    EXPECT_EQ(sim.now(), seconds(2));
    killer->Join();
    EXPECT_EQ(n1.state(), Machine::State::kRunning);
  });
  EXPECT_EQ(end.kind, RunEnd::Kind::kFinished) << end.message;
}

TEST(MachineTest, ASlowProcessorTakesTimeAtEveryDecision) {
  Simulator sim({});
  Machine& n1 = sim.AddMachine("n1");
  const RunEnd end = sim.Run([&] {
    n1.SetStepCost(milliseconds(1));
    n1.Boot([](Env env) {
      for (int i = 0; i < 10; ++i) env.tasks.Yield();
    });
    n1.AwaitExit();
    EXPECT_EQ(sim.now(), milliseconds(10));
    n1.SetStepCost(Duration::zero());
    n1.Boot([](Env env) {
      for (int i = 0; i < 10; ++i) env.tasks.Yield();
    });
    n1.AwaitExit();
    EXPECT_EQ(sim.now(), milliseconds(10));
  });
  EXPECT_EQ(end.kind, RunEnd::Kind::kFinished) << end.message;
}

TEST(MachineTest, AMachineTaskMayNotCutItsOwnPower) {
  Simulator sim({});
  Machine& n1 = sim.AddMachine("n1");
  const RunEnd end = sim.Run([&] {
    n1.Boot([&](Env) { n1.PowerLoss(); });
    sim.SleepFor(seconds(1));
  });
  EXPECT_EQ(end.invariant, "check");
}

TEST(SimulatorTest, CountsGoalsByName) {
  Simulator sim({});
  Machine& n1 = sim.AddMachine("n1");
  sim.Run([&] {
    n1.Boot([](Env env) {
      for (int i = 0; i < 5; ++i) {
        WT_SOMETIMES(env.events, "big", i > 2);
        WT_SOMETIMES(env.events, "any", true);
        WT_SOMETIMES(env.events, "never", i > 10);
      }
    });
    n1.AwaitExit();
  });
  using Goal = std::pair<std::string_view, uint64_t>;
  EXPECT_EQ(sim.goals(), (std::vector<Goal>{{"any", 5}, {"big", 2}}));
}

}  // namespace
}  // namespace wt::sim
