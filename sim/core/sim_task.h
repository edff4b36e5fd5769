// The scheduler's record of a task, the group of tasks that live and die together, and the lists in
// which tasks wait.
#ifndef WAVETANK_SIM_CORE_SIM_TASK_H_
#define WAVETANK_SIM_CORE_SIM_TASK_H_

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/fiber.h"
#include "sim/core/timers.h"

namespace wt::sim {

class Scheduler;
struct SimTask;

// Tasks that wait for the same thing, in order of arrival. A task waits in one list at most.
class WaitList {
 public:
  WaitList() = default;
  WaitList(const WaitList&) = delete;
  WaitList& operator=(const WaitList&) = delete;
  // Requires: nobody waits.
  ~WaitList();

  bool empty() const { return tasks_.empty(); }
  size_t size() const { return tasks_.size(); }
  SimTask& at(size_t i) const { return *tasks_[i]; }

  void Add(SimTask& task);
  void Remove(SimTask& task);

 private:
  std::vector<SimTask*> tasks_;
};

// The tasks of one incarnation of a machine, or of the harness.
struct TaskGroup {
  TaskGroup(uint32_t machine_id, std::string_view machine_name)
      : machine_id(machine_id), machine_name(machine_name) {}
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  const uint32_t machine_id;  // 0: the harness
  const std::string machine_name;
  bool dead = false;
  bool paused = false;
  Duration step_cost{};                       // true time per decision point: a slow processor
  std::list<std::shared_ptr<SimTask>> tasks;  // that have not ended, in order of spawning
  std::vector<SimTask*> parked;               // could run, were the group not paused
  WaitList waiting_for_exit;
};

struct SimTask {
  enum class State { kReady, kRunning, kWaiting, kParked, kEnded };

  // Wakes the task when its time has come.
  struct WakeTimer final : Timer {
    WakeTimer(Scheduler& scheduler, SimTask& task) : scheduler(scheduler), task(task) {}
    void Fire() override;
    Scheduler& scheduler;
    SimTask& task;
  };

  SimTask(Scheduler& scheduler, TaskGroup& group, uint64_t id, std::string_view name,
          std::function<void()> body)
      : group(group), id(id), name(name), fiber(std::move(body)), wake_timer(scheduler, *this) {}

  TaskGroup& group;
  const uint64_t id;  // 1, 2, ... in the run
  const std::string name;
  Fiber fiber;
  State state = State::kWaiting;
  bool returned = false;  // ended because its body returned

  // While ready:
  size_t ready_slot = 0;
  uint64_t ready_since = 0;  // sequence number
  // Of PCT; higher goes first.
  int64_t priority = 0;

  // While waiting:
  WaitList* waits_in = nullptr;
  std::string_view waits_for;        // "mutex", "sleep"
  SimTask* const* holder = nullptr;  // who holds what it waits for, when that is known
  bool timed_out = false;
  WakeTimer wake_timer;

  uint32_t no_suspend_depth = 0;
  WaitList joiners;
  std::list<std::shared_ptr<SimTask>>::iterator in_group;
};

// "n1/flusher".
std::string FullName(const SimTask& task);

}  // namespace wt::sim

#endif  // WAVETANK_SIM_CORE_SIM_TASK_H_
