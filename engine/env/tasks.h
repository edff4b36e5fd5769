// Concurrency as the engine may use it: tasks, sleeping, and (in mutex.h) locks.
//
// Natively a task is a thread; in the simulator it is a fiber, and every call marked "Suspends." is
// a point where any other task may run and where the machine may die. When it dies, its tasks are
// unwound (newest first) or simply never resume. Three laws follow, for all code above the seam:
//   - A destructor never suspends and never does I/O. What must be finished is finished in an
//     explicit Close(), whose result somebody reads.
//   - No `catch (...)`.
//   - A section that must not be switched away from says so with NoSuspendScope, and is checked.
#ifndef WAVETANK_ENGINE_ENV_TASKS_H_
#define WAVETANK_ENGINE_ENV_TASKS_H_

#include <functional>
#include <memory>
#include <string_view>

#include "engine/base/units.h"

namespace wt {

// A started task. Destroying the handle of a running task lets it run on, unobserved.
class Task {
 public:
  virtual ~Task() = default;

  // Returns when the body has returned. Suspends.
  // Requires: not called from the task itself; at most once.
  virtual void Join() = 0;
};

// The bodies of Mutex and CondVar in one world; see mutex.h, which is what code uses.
class MutexBody {
 public:
  virtual ~MutexBody() = default;
  virtual void Lock() = 0;
  virtual void Unlock() = 0;
  virtual void AssertHeld() = 0;
};

class CondVarBody {
 public:
  virtual ~CondVarBody() = default;
  // Requires: `held` is locked by the caller. Suspends. May return without a signal.
  virtual void Wait(MutexBody& held) = 0;
  // The same, for at most `timeout`. Returns false when the time ran out.
  virtual bool WaitFor(MutexBody& held, Duration timeout) = 0;
  virtual void SignalOne() = 0;
  virtual void SignalAll() = 0;
};

class Tasks {
 public:
  virtual ~Tasks() = default;

  // Starts `body` as a task of its own. `name` shows in traces and debuggers. Suspends.
  virtual std::unique_ptr<Task> Spawn(std::string_view name, std::function<void()> body) = 0;

  // Suspends.
  virtual void SleepFor(Duration duration) = 0;

  // Lets others run. Suspends.
  virtual void Yield() = 0;

  virtual std::unique_ptr<MutexBody> NewMutex() = 0;
  virtual std::unique_ptr<CondVarBody> NewCondVar() = 0;

  // Between these two, a call that suspends is a failed check. They nest.
  virtual void EnterNoSuspend() = 0;
  virtual void LeaveNoSuspend() = 0;
};

class NoSuspendScope {
 public:
  explicit NoSuspendScope(Tasks& tasks) : tasks_(tasks) { tasks_.EnterNoSuspend(); }
  ~NoSuspendScope() { tasks_.LeaveNoSuspend(); }
  NoSuspendScope(const NoSuspendScope&) = delete;
  NoSuspendScope& operator=(const NoSuspendScope&) = delete;

 private:
  Tasks& tasks_;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_ENV_TASKS_H_
