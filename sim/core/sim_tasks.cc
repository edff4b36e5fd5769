#include "sim/core/sim_tasks.h"

#include "engine/base/check.h"
#include "sim/core/locks.h"
#include "sim/virtual_clock.h"

namespace wt::sim {
namespace {

class TaskHandle final : public Task {
 public:
  TaskHandle(Scheduler& scheduler, std::shared_ptr<SimTask> task)
      : scheduler_(scheduler), task_(std::move(task)) {}

  void Join() override {
    WT_CHECK(!joined_);
    joined_ = true;
    scheduler_.Join(*task_);
  }

 private:
  Scheduler& scheduler_;
  std::shared_ptr<SimTask> task_;
  bool joined_ = false;
};

}  // namespace

std::unique_ptr<Task> SimTasks::Spawn(std::string_view name, std::function<void()> body) {
  CheckCaller(scheduler_, group_);
  scheduler_.CheckMaySuspend();
  auto handle =
      std::make_unique<TaskHandle>(scheduler_, scheduler_.Spawn(group_, name, std::move(body)));
  scheduler_.DecisionPoint();
  return handle;
}

void SimTasks::SleepFor(Duration duration) {
  CheckCaller(scheduler_, group_);
  if (duration <= Duration::zero()) return scheduler_.DecisionPoint();
  scheduler_.Sleep(clock_ == nullptr ? duration : clock_->TrueTimeFor(duration));
}

void SimTasks::Yield() {
  CheckCaller(scheduler_, group_);
  scheduler_.Yield();
}

std::unique_ptr<MutexBody> SimTasks::NewMutex() {
  return std::make_unique<SimMutex>(scheduler_, group_);
}

std::unique_ptr<CondVarBody> SimTasks::NewCondVar() {
  return std::make_unique<SimCondVar>(scheduler_, group_, clock_);
}

void SimTasks::EnterNoSuspend() {
  if (scheduler_.current() != nullptr) ++scheduler_.current()->no_suspend_depth;
}

void SimTasks::LeaveNoSuspend() {
  if (scheduler_.current() == nullptr) return;
  WT_CHECK(scheduler_.current()->no_suspend_depth > 0);
  --scheduler_.current()->no_suspend_depth;
}

}  // namespace wt::sim
