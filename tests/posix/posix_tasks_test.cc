// Proves tasks, locks and waiting on real threads. Under ThreadSanitizer (preset tsan) the same
// tests prove that the locks order what they guard: the guarded values are plain variables.
#include "engine/posix/posix_tasks.h"

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <vector>

#include "engine/env/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/base/failed_check.h"

namespace wt {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""ms;
using testing::HasSubstr;

TEST(PosixTasksTest, JoinReturnsAfterTheBody) {
  PosixTasks tasks;
  int value = 0;
  std::unique_ptr<Task> task = tasks.Spawn("writer", [&] { value = 7; });
  task->Join();
  EXPECT_EQ(value, 7);
}

TEST(PosixTasksTest, JoinIsForOnce) {
  PosixTasks tasks;
  std::unique_ptr<Task> task = tasks.Spawn("once", [] {});
  task->Join();
  EXPECT_THAT(FailedCheck([&] { task->Join(); }), HasSubstr("joinable"));
}

TEST(PosixTasksTest, ATaskWithoutAHandleRunsOnAndTheEndWaitsForIt) {
  std::atomic<bool> released = false;
  bool ended = false;
  {
    PosixTasks tasks;
    (void)tasks.Spawn("unobserved with a name longer than the kernel keeps", [&] {
      while (!released) tasks.Yield();
      ended = true;
    });
    EXPECT_FALSE(ended);
    released = true;
  }
  EXPECT_TRUE(ended);
}

TEST(PosixTasksTest, WhatABodyCapturedIsGoneBeforeTheEnd) {
  auto captured = std::make_shared<int>(1);
  const std::weak_ptr<int> watch = captured;
  {
    PosixTasks tasks;
    (void)tasks.Spawn("holder", [captured = std::move(captured)] {});
  }
  EXPECT_TRUE(watch.expired());
}

TEST(PosixMutexTest, KeepsTasksApart) {
  constexpr int kTasks = 4;
  constexpr int kRounds = 5000;
  PosixTasks tasks;
  Mutex mutex(tasks);
  int count = 0;
  std::vector<std::unique_ptr<Task>> started;
  for (int i = 0; i < kTasks; ++i) {
    started.push_back(tasks.Spawn("adder", [&] {
      for (int round = 0; round < kRounds; ++round) {
        MutexLock lock(mutex);
        ++count;
      }
    }));
  }
  for (auto& task : started) task->Join();
  EXPECT_EQ(count, kTasks * kRounds);
}

TEST(PosixMutexTest, MisuseIsAFailedCheck) {
  PosixTasks tasks;
  std::unique_ptr<MutexBody> mutex = tasks.NewMutex();
  EXPECT_THAT(FailedCheck([&] { mutex->AssertHeld(); }), HasSubstr("HeldByMe"));
  EXPECT_THAT(FailedCheck([&] { mutex->Unlock(); }), HasSubstr("HeldByMe"));
  mutex->Lock();
  EXPECT_THAT(FailedCheck([&] { mutex->Lock(); }), HasSubstr("!HeldByMe"));
  EXPECT_EQ(FailedCheck([&] { mutex->AssertHeld(); }), "");
  tasks
      .Spawn("other",
             [&] { EXPECT_THAT(FailedCheck([&] { mutex->Unlock(); }), HasSubstr("HeldByMe")); })
      ->Join();
  mutex->Unlock();
}

TEST(PosixCondVarTest, HandsWorkFromTaskToTask) {
  constexpr int kItems = 2000;
  PosixTasks tasks;
  Mutex mutex(tasks);
  CondVar changed(tasks);
  std::deque<int> queue;
  int64_t sum = 0;
  auto consumer = tasks.Spawn("consumer", [&] {
    for (int taken = 0; taken < kItems; ++taken) {
      MutexLock lock(mutex);
      while (queue.empty()) changed.Wait(mutex);
      sum += queue.front();
      queue.pop_front();
    }
  });
  for (int i = 1; i <= kItems; ++i) {
    MutexLock lock(mutex);
    queue.push_back(i);
    changed.SignalOne();
  }
  consumer->Join();
  EXPECT_EQ(sum, int64_t{kItems} * (kItems + 1) / 2);
}

TEST(PosixCondVarTest, SignalAllWakesEveryWaiter) {
  PosixTasks tasks;
  Mutex mutex(tasks);
  CondVar changed(tasks);
  int waiting = 0;
  bool open = false;
  std::vector<std::unique_ptr<Task>> waiters;
  for (int i = 0; i < 3; ++i) {
    waiters.push_back(tasks.Spawn("waiter", [&] {
      MutexLock lock(mutex);
      ++waiting;
      changed.SignalAll();
      while (!open) changed.Wait(mutex);
      mutex.AssertHeld();
    }));
  }
  {
    MutexLock lock(mutex);
    while (waiting < 3) changed.Wait(mutex);
    open = true;
    changed.SignalAll();
  }
  for (auto& waiter : waiters) waiter->Join();
}

TEST(PosixCondVarTest, WaitForTellsWhenTheTimeRanOut) {
  PosixTasks tasks;
  Mutex mutex(tasks);
  CondVar never(tasks);
  MutexLock lock(mutex);
  // A wake-up without a signal is allowed, so not every call must say "ran out"; one will.
  while (never.WaitFor(mutex, 1ms)) {
  }
  mutex.AssertHeld();
  while (never.WaitFor(mutex, Duration::min())) {
  }
}

TEST(PosixCondVarTest, TheLongestWaitIsLongAndNotAnOverflow) {
  PosixTasks tasks;
  Mutex mutex(tasks);
  CondVar changed(tasks);
  bool done = false;
  bool ran_out = false;
  auto waiter = tasks.Spawn("waiter", [&] {
    MutexLock lock(mutex);
    while (!done) ran_out |= !changed.WaitFor(mutex, Duration::max());
  });
  {
    MutexLock lock(mutex);
    done = true;
    changed.SignalAll();
  }
  waiter->Join();
  EXPECT_FALSE(ran_out);
}

TEST(PosixCondVarTest, WaitingWithoutTheLockIsAFailedCheck) {
  PosixTasks tasks;
  std::unique_ptr<MutexBody> mutex = tasks.NewMutex();
  std::unique_ptr<CondVarBody> signal = tasks.NewCondVar();
  EXPECT_THAT(FailedCheck([&] { signal->Wait(*mutex); }), HasSubstr("HeldByMe"));
}

TEST(NoSuspendScopeTest, SuspendingInsideIsAFailedCheck) {
  PosixTasks tasks;
  std::unique_ptr<MutexBody> mutex = tasks.NewMutex();
  {
    NoSuspendScope outer(tasks);
    { NoSuspendScope inner(tasks); }
    EXPECT_THAT(FailedCheck([&] { tasks.Yield(); }), HasSubstr("no_suspend_depth"));
    EXPECT_THAT(FailedCheck([&] { tasks.SleepFor(1h); }), HasSubstr("no_suspend_depth"));
    EXPECT_THAT(FailedCheck([&] { mutex->Lock(); }), HasSubstr("no_suspend_depth"));
    EXPECT_THAT(FailedCheck([&] { (void)tasks.Spawn("t", [] {}); }), HasSubstr("no_suspend_depth"));
  }
  EXPECT_EQ(FailedCheck([&] { tasks.Yield(); }), "");
}

TEST(NoSuspendScopeTest, IsTheAffairOfOneTask) {
  PosixTasks tasks;
  std::atomic<bool> inside = false;
  std::atomic<bool> seen = false;
  auto other = tasks.Spawn("other", [&] {
    while (!inside) tasks.Yield();
    EXPECT_EQ(FailedCheck([&] { tasks.Yield(); }), "");
    seen = true;
  });
  {
    NoSuspendScope scope(tasks);
    inside = true;
    while (!seen) {
    }
  }
  other->Join();
}

}  // namespace
}  // namespace wt
