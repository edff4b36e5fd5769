#include "sim/core/locks.h"

#include "engine/base/check.h"
#include "engine/base/random.h"
#include "sim/core/sanitizers.h"
#include "sim/virtual_clock.h"

namespace wt::sim {
namespace {

constexpr uint64_t kSpuriousKey = KeyOf("condvar.spurious");

bool IsUnwinding(const SimTask* task) { return task != nullptr && task->fiber.unwinding(); }

}  // namespace

void CheckCaller(const Scheduler& scheduler, const TaskGroup& group) {
  const SimTask* caller = scheduler.current();
  // A machine's things are for its own tasks: the harness goes through Machine::Call.
  WT_CHECK(caller == nullptr || group.machine_id == 0 || &caller->group == &group);
}

SimMutex::SimMutex(Scheduler& scheduler, TaskGroup& group) : scheduler_(scheduler), group_(group) {
  TsanMutexCreate(this);
}

SimMutex::~SimMutex() {
  WT_CHECK(!locked_ || group_.dead || IsUnwinding(scheduler_.current()));
  TsanMutexDestroy(this);
}

void SimMutex::Lock() {
  CheckCaller(scheduler_, group_);
  WT_CHECK(!locked_ || owner_ == nullptr || owner_ != scheduler_.current());
  scheduler_.DecisionPoint();
  Acquire();
}

void SimMutex::Acquire() {
  TsanMutexPreLock(this);
  while (locked_) scheduler_.Wait(waiters_, {.what = "a mutex", .holder = &owner_});
  locked_ = true;
  owner_ = scheduler_.current();
  TsanMutexPostLock(this);
}

void SimMutex::Unlock() {
  if (!locked_ || owner_ != scheduler_.current()) {
    // While a task is unwound its guards unlock what it may have been waiting to lock again.
    WT_CHECK(group_.dead || IsUnwinding(scheduler_.current()));
    return;
  }
  Release();
}

void SimMutex::Release() {
  TsanMutexPreUnlock(this);
  locked_ = false;
  owner_ = nullptr;
  TsanMutexPostUnlock(this);
  scheduler_.WakeOne(waiters_);
}

void SimMutex::AssertHeld() { WT_CHECK(locked_ && owner_ == scheduler_.current()); }

SimCondVar::SimCondVar(Scheduler& scheduler, TaskGroup& group, const VirtualClock* clock)
    : scheduler_(scheduler), group_(group), clock_(clock) {}

void SimCondVar::Wait(MutexBody& held) { WaitUntilWoken(held, std::nullopt); }

bool SimCondVar::WaitFor(MutexBody& held, Duration timeout) {
  return WaitUntilWoken(held, clock_ == nullptr ? timeout : clock_->TrueTimeFor(timeout));
}

bool SimCondVar::WaitUntilWoken(MutexBody& held, std::optional<SimTime> timeout) {
  CheckCaller(scheduler_, group_);
  SimMutex& mutex = static_cast<SimMutex&>(held);
  mutex.AssertHeld();
  scheduler_.CheckMaySuspend();
  mutex.Release();
  bool woken = true;
  if (DrawSpuriousWakeup()) {
    scheduler_.DecisionPoint();
  } else {
    woken = scheduler_.Wait(waiters_, {.what = "a condition", .timeout = timeout});
  }
  mutex.Acquire();
  return woken;
}

bool SimCondVar::DrawSpuriousWakeup() {
  const SimulatorOptions& options = scheduler_.options();
  if (options.spurious_wakeup_ppm == 0) return false;
  return Draw(scheduler_.seed(), {kSpuriousKey, scheduler_.steps()})
      .Chance(options.spurious_wakeup_ppm);
}

void SimCondVar::SignalOne() { scheduler_.WakeOne(waiters_); }

void SimCondVar::SignalAll() { scheduler_.WakeAll(waiters_); }

}  // namespace wt::sim
