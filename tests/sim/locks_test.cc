// Mutexes, condition variables, joins and NoSuspendScope in the simulator. Run over many seeds, so
// that what is said to hold holds in every order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/env/mutex.h"
#include "sim/machine.h"
#include "sim/simulator.h"

namespace wt::sim {
namespace {

// What the static analysis forbids, in order to see that the simulator forbids it too.
void LockAnyway(Mutex& mutex) ABSL_NO_THREAD_SAFETY_ANALYSIS { mutex.Lock(); }
void UnlockAnyway(Mutex& mutex) ABSL_NO_THREAD_SAFETY_ANALYSIS { mutex.Unlock(); }

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

constexpr uint64_t kSeeds = 50;

// Runs `body` as the first task of a machine, in many orders.
void ForManySeeds(const std::function<void(Env)>& body, uint32_t spurious_ppm = 10'000) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Simulator sim({.seed = seed, .spurious_wakeup_ppm = spurious_ppm});
    Machine& n1 = sim.AddMachine("n1");
    const RunEnd end = sim.Run([&] {
      n1.Boot(body);
      n1.AwaitExit();
    });
    ASSERT_EQ(end.kind, RunEnd::Kind::kFinished) << "seed " << seed << ": " << end.message;
  }
}

// Runs `body` once and returns the message of the check that it fails.
std::string FailureOf(const std::function<void(Env)>& body) {
  Simulator sim({});
  Machine& n1 = sim.AddMachine("n1");
  const RunEnd end = sim.Run([&] {
    n1.Boot(body);
    n1.AwaitExit();
  });
  EXPECT_EQ(end.kind, RunEnd::Kind::kFailed);
  EXPECT_EQ(end.invariant, "check");
  return end.message;
}

void JoinAll(std::vector<std::unique_ptr<Task>>& tasks) {
  for (auto& task : tasks) task->Join();
}

TEST(SimMutexTest, ExcludesOthers) {
  ForManySeeds([](Env env) {
    Mutex mutex(env.tasks);
    int inside = 0;
    int total = 0;
    std::vector<std::unique_ptr<Task>> tasks;
    for (int i = 0; i < 4; ++i) {
      tasks.push_back(env.tasks.Spawn("t", [&] {
        for (int k = 0; k < 10; ++k) {
          MutexLock lock(mutex);
          EXPECT_EQ(++inside, 1);
          env.tasks.Yield();
          --inside;
          ++total;
        }
      }));
    }
    JoinAll(tasks);
    EXPECT_EQ(total, 40);
  });
}

TEST(SimMutexTest, WithoutItTheSameTasksDoMeet) {
  int most = 0;
  ForManySeeds([&](Env env) {
    int inside = 0;
    std::vector<std::unique_ptr<Task>> tasks;
    for (int i = 0; i < 4; ++i) {
      tasks.push_back(env.tasks.Spawn("t", [&] {
        most = std::max(most, ++inside);
        env.tasks.Yield();
        --inside;
      }));
    }
    JoinAll(tasks);
  });
  EXPECT_GT(most, 1);
}

TEST(SimMutexTest, LockIsADecisionPointEvenWhenFree) {
  bool other_ran_before_lock_returned = false;
  ForManySeeds([&](Env env) {
    Mutex mutex(env.tasks);
    bool ran = false;
    auto other = env.tasks.Spawn("other", [&] { ran = true; });
    const bool before = ran;
    mutex.Lock();
    other_ran_before_lock_returned |= !before && ran;
    mutex.Unlock();
    other->Join();
  });
  EXPECT_TRUE(other_ran_before_lock_returned);
}

TEST(SimMutexTest, UnlockDoesNotSuspend) {
  ForManySeeds([&](Env env) {
    Mutex mutex(env.tasks);
    bool ran = false;
    mutex.Lock();
    auto other = env.tasks.Spawn("other", [&] {
      MutexLock lock(mutex);
      ran = true;
    });
    env.tasks.SleepFor(milliseconds(1));
    mutex.Unlock();
    EXPECT_FALSE(ran);
    other->Join();
    EXPECT_TRUE(ran);
  });
}

TEST(SimMutexTest, UnlockByAnotherFailsTheRun) {
  EXPECT_THAT(FailureOf([](Env env) {
                Mutex mutex(env.tasks);
                LockAnyway(mutex);
                auto other = env.tasks.Spawn("other", [&] { UnlockAnyway(mutex); });
                other->Join();
              }),
              HasSubstr("locks.cc"));
}

TEST(SimMutexTest, LockingTwiceFailsTheRun) {
  EXPECT_THAT(FailureOf([](Env env) {
                Mutex mutex(env.tasks);
                LockAnyway(mutex);
                LockAnyway(mutex);
              }),
              HasSubstr("locks.cc"));
}

TEST(SimMutexTest, AssertHeldFailsForWhoDoesNotHoldIt) {
  EXPECT_THAT(FailureOf([](Env env) {
                Mutex mutex(env.tasks);
                LockAnyway(mutex);
                mutex.AssertHeld();
                UnlockAnyway(mutex);
                mutex.AssertHeld();
              }),
              HasSubstr("owner_ == scheduler_.current()"));
}

TEST(SimMutexTest, AHarnessTaskMayNotLockWhatIsAMachines) {
  Simulator sim({});
  Machine& n1 = sim.AddMachine("n1");
  const RunEnd end = sim.Run([&] {
    std::unique_ptr<Mutex> mutex;
    n1.Boot([&](Env env) {
      mutex = std::make_unique<Mutex>(env.tasks);
      env.tasks.SleepFor(seconds(10));
    });
    sim.SleepFor(seconds(1));
    LockAnyway(*mutex);
  });
  EXPECT_EQ(end.invariant, "check");
}

TEST(SimCondVarTest, ProducersAndConsumersLoseNothing) {
  ForManySeeds([](Env env) {
    Mutex mutex(env.tasks);
    CondVar changed(env.tasks);
    std::vector<int> queue;
    int taken = 0;
    std::vector<std::unique_ptr<Task>> tasks;
    for (int c = 0; c < 3; ++c) {
      tasks.push_back(env.tasks.Spawn("consumer", [&] {
        for (int i = 0; i < 4; ++i) {
          MutexLock lock(mutex);
          while (queue.empty()) changed.Wait(mutex);
          mutex.AssertHeld();
          queue.pop_back();
          ++taken;
        }
      }));
    }
    for (int i = 0; i < 12; ++i) {
      MutexLock lock(mutex);
      queue.push_back(i);
      changed.SignalOne();
    }
    JoinAll(tasks);
    EXPECT_EQ(taken, 12);
  });
}

TEST(SimCondVarTest, SignalAllWakesEveryone) {
  ForManySeeds([](Env env) {
    Mutex mutex(env.tasks);
    CondVar go(env.tasks);
    bool may_go = false;
    int gone = 0;
    std::vector<std::unique_ptr<Task>> tasks;
    for (int i = 0; i < 5; ++i) {
      tasks.push_back(env.tasks.Spawn("t", [&] {
        MutexLock lock(mutex);
        while (!may_go) go.Wait(mutex);
        ++gone;
      }));
    }
    env.tasks.SleepFor(milliseconds(1));
    {
      MutexLock lock(mutex);
      may_go = true;
    }
    go.SignalAll();
    JoinAll(tasks);
    EXPECT_EQ(gone, 5);
  });
}

TEST(SimCondVarTest, SignalOneWakesOne) {
  ForManySeeds(
      [](Env env) {
        Mutex mutex(env.tasks);
        CondVar go(env.tasks);
        int woken = 0;
        std::vector<std::unique_ptr<Task>> tasks;
        for (int i = 0; i < 3; ++i) {
          tasks.push_back(env.tasks.Spawn("t", [&] {
            MutexLock lock(mutex);
            go.Wait(mutex);
            ++woken;
          }));
        }
        env.tasks.SleepFor(milliseconds(1));
        go.SignalOne();
        env.tasks.SleepFor(milliseconds(1));
        EXPECT_EQ(woken, 1);
        go.SignalAll();
        JoinAll(tasks);
      },
      0);
}

TEST(SimCondVarTest, WaitForTimesOut) {
  ForManySeeds(
      [](Env env) {
        Mutex mutex(env.tasks);
        CondVar never(env.tasks);
        MutexLock lock(mutex);
        const Time before = env.clock.Now();
        EXPECT_FALSE(never.WaitFor(mutex, milliseconds(30)));
        EXPECT_EQ(env.clock.Now() - before, milliseconds(30));
        mutex.AssertHeld();
      },
      0);
}

TEST(SimCondVarTest, WakesSpuriouslyWhenTheDialIsUp) {
  ForManySeeds(
      [](Env env) {
        Mutex mutex(env.tasks);
        CondVar never(env.tasks);
        MutexLock lock(mutex);
        never.Wait(mutex);  // would be a deadlock
      },
      1'000'000);
}

TEST(SimTasksTest, JoinReturnsAfterTheBody) {
  ForManySeeds([](Env env) {
    bool done = false;
    auto task = env.tasks.Spawn("t", [&] {
      env.tasks.SleepFor(milliseconds(5));
      done = true;
    });
    task->Join();
    EXPECT_TRUE(done);
  });
}

TEST(SimTasksTest, ATaskOutlivesItsHandle) {
  bool done = false;
  ForManySeeds([&](Env env) {
    done = false;
    env.tasks.Spawn("t", [&done, env] {
      env.tasks.SleepFor(milliseconds(5));
      done = true;
    });
  });
  EXPECT_TRUE(done);
}

TEST(NoSuspendScopeTest, EverySuspendingCallFailsTheRun) {
  const std::vector<std::function<void(Env, Mutex&)>> calls = {
      [](Env env, Mutex&) { env.tasks.Yield(); },
      [](Env env, Mutex&) { env.tasks.SleepFor(milliseconds(1)); },
      [](Env env, Mutex&) { env.tasks.Spawn("t", [] {}); },
      [](Env, Mutex& mutex) { LockAnyway(mutex); },
      [](Env env, Mutex&) { env.network.Send(PeerId(1), "x"); },
      [](Env env, Mutex&) { (void)env.network.Receive(milliseconds(1)); },
      [](Env env, Mutex&) { (void)env.disk.List(""); },
  };
  for (size_t i = 0; i < calls.size(); ++i) {
    EXPECT_THAT(FailureOf([&](Env env) {
                  Mutex mutex(env.tasks);
                  const NoSuspendScope scope(env.tasks);
                  calls[i](env, mutex);
                }),
                HasSubstr("no_suspend_depth"))
        << i;
  }
}

TEST(NoSuspendScopeTest, NestsAndEnds) {
  ForManySeeds([](Env env) {
    {
      const NoSuspendScope outer(env.tasks);
      { const NoSuspendScope inner(env.tasks); }
    }
    env.tasks.Yield();
  });
}

}  // namespace
}  // namespace wt::sim
