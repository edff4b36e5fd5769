// The bodies of Mutex and CondVar in the simulator.
#ifndef WAVETANK_SIM_CORE_LOCKS_H_
#define WAVETANK_SIM_CORE_LOCKS_H_

#include "engine/env/tasks.h"
#include "sim/core/scheduler.h"

namespace wt::sim {

class VirtualClock;

// Who waits is woken one at a time, drawn by the seed, and then competes with whoever comes: as a
// real mutex, it promises no order.
class SimMutex final : public MutexBody {
 public:
  // `group` may use it; any task may when it is the harness's.
  SimMutex(Scheduler& scheduler, TaskGroup& group);
  ~SimMutex() override;

  void Lock() override;
  void Unlock() override;
  void AssertHeld() override;

 private:
  friend class SimCondVar;
  // Lock without the decision point in front.
  void Acquire();
  // Unlock without its checks.
  void Release();

  Scheduler& scheduler_;
  TaskGroup& group_;
  bool locked_ = false;
  SimTask* owner_ = nullptr;  // null while locked from outside any task
  WaitList waiters_;
};

// Fails the run when the calling task may not use what belongs to `group`.
void CheckCaller(const Scheduler& scheduler, const TaskGroup& group);

class SimCondVar final : public CondVarBody {
 public:
  // `clock` measures timeouts; null: true time.
  SimCondVar(Scheduler& scheduler, TaskGroup& group, const VirtualClock* clock);

  void Wait(MutexBody& held) override;
  bool WaitFor(MutexBody& held, Duration timeout) override;
  void SignalOne() override;
  void SignalAll() override;

 private:
  bool WaitUntilWoken(MutexBody& held, std::optional<SimTime> timeout);
  bool DrawSpuriousWakeup();

  Scheduler& scheduler_;
  TaskGroup& group_;
  const VirtualClock* clock_;
  WaitList waiters_;
};

}  // namespace wt::sim

#endif  // WAVETANK_SIM_CORE_LOCKS_H_
