#include "sim/core/sim_task.h"

#include <algorithm>

#include "engine/base/check.h"
#include "sim/core/scheduler.h"

namespace wt::sim {

WaitList::~WaitList() { WT_CHECK(tasks_.empty()); }

void WaitList::Add(SimTask& task) {
  WT_CHECK(task.waits_in == nullptr);
  task.waits_in = this;
  tasks_.push_back(&task);
}

void WaitList::Remove(SimTask& task) {
  WT_CHECK(task.waits_in == this);
  task.waits_in = nullptr;
  tasks_.erase(std::find(tasks_.begin(), tasks_.end(), &task));
}

void SimTask::WakeTimer::Fire() {
  task.timed_out = true;
  scheduler.Wake(task);
}

std::string FullName(const SimTask& task) { return task.group.machine_name + "/" + task.name; }

}  // namespace wt::sim
