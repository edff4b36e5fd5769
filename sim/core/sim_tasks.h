// Tasks, in the simulator: fibers of one group.
#ifndef WAVETANK_SIM_CORE_SIM_TASKS_H_
#define WAVETANK_SIM_CORE_SIM_TASKS_H_

#include "engine/env/tasks.h"
#include "sim/core/scheduler.h"

namespace wt::sim {

class VirtualClock;

class SimTasks final : public Tasks {
 public:
  // `clock` measures sleeps; null: true time.
  SimTasks(Scheduler& scheduler, TaskGroup& group, const VirtualClock* clock)
      : scheduler_(scheduler), group_(group), clock_(clock) {}

  std::unique_ptr<Task> Spawn(std::string_view name, std::function<void()> body) override;
  void SleepFor(Duration duration) override;
  void Yield() override;
  std::unique_ptr<MutexBody> NewMutex() override;
  std::unique_ptr<CondVarBody> NewCondVar() override;
  void EnterNoSuspend() override;
  void LeaveNoSuspend() override;

 private:
  Scheduler& scheduler_;
  TaskGroup& group_;
  const VirtualClock* clock_;
};

}  // namespace wt::sim

#endif  // WAVETANK_SIM_CORE_SIM_TASKS_H_
