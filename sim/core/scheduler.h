// The one place where it is decided what happens next.
//
// Tasks run until they reach a decision point: a call of the seam. There the policy picks among all
// that could run; staying costs no context switch. When nothing can run, true time jumps to the
// first deadline. All of it happens in one OS thread.
#ifndef WAVETANK_SIM_CORE_SCHEDULER_H_
#define WAVETANK_SIM_CORE_SCHEDULER_H_

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/chooser.h"
#include "sim/core/sim_task.h"
#include "sim/core/timers.h"
#include "sim/trace.h"

namespace wt::sim {

class Scheduler {
 public:
  Scheduler(const SimulatorOptions& options, Trace& trace);

  SimTime now() const { return now_; }
  // The task that is running; null in set-up, timers and after the run.
  SimTask* current() const { return current_; }
  // Of the current task, as the trace wants it.
  TraceActor actor() const;
  void Record(TraceKind kind, uint64_t what, std::span<const uint64_t> words,
              std::string_view text = {});

  // Makes a task that can run from now on. Does not suspend.
  std::shared_ptr<SimTask> Spawn(TaskGroup& group, std::string_view name,
                                 std::function<void()> body);

  // The calls of the current task that suspend. Each is one decision. Outside a task they return
  // at once. They throw Fiber::Killed when the task is to end.
  void DecisionPoint();
  void Yield();
  void Sleep(SimTime how_long);
  // Waits in `list` until woken. With `timeout`, returns false when the time ran out.
  struct WaitFor {
    std::string_view what;
    SimTask* const* holder = nullptr;
    std::optional<SimTime> timeout = {};
  };
  bool Wait(WaitList& list, const WaitFor& wait);
  void Join(SimTask& task);

  // Checks that the caller may suspend; every call above does so.
  void CheckMaySuspend() const;

  void Wake(SimTask& task);
  void WakeAll(WaitList& list);
  // Wakes one, chosen by the seed.
  void WakeOne(WaitList& list);

  // Ends every task of the group by unwinding, the newest first. Requires: the caller is not one.
  void Unwind(TaskGroup& group);
  void Pause(TaskGroup& group);
  // The same, of the caller's own group: it goes on with the others.
  void PauseWithCaller(TaskGroup& group);
  void Resume(TaskGroup& group);

  TimerQueue& timers() { return timers_; }

  const SimulatorOptions& options() const { return options_; }
  // What draws are keyed by now: options().seed, until Reseed.
  uint64_t seed() const { return seed_; }
  void Reseed(uint64_t seed);

  // Runs tasks until End was called, or nothing is left to do.
  void RunLoop();
  // The first call counts.
  void End(RunEnd::Kind kind, std::string_view invariant, std::string message);
  bool ended() const { return end_.has_value(); }
  const RunEnd& end() const { return *end_; }
  // An exception that left a task's body (a test framework's assertion, say).
  const std::exception_ptr& escaped() const { return escaped_; }
  uint64_t steps() const { return step_; }
  // Unwinds the caller when it is a task; otherwise throws Fiber::Killed to RunLoop's caller.
  [[noreturn]] void LeaveForGood();

  std::vector<TaskStatus> TasksNow() const;

  // Groups that a deadlock report names.
  void AddGroup(TaskGroup& group) { groups_.push_back(&group); }

 private:
  // How many tasks a deadlock report names.
  static constexpr int kNamedTasks = 12;

  bool CountStep();
  void Leave(SimTask& task);
  void MakeReady(SimTask& task);
  SimTask& TakeReady(size_t index);
  void Forget(SimTask& task);
  SimTask* Next();
  bool AdvanceTime();
  void SwitchTo(SimTask& task);
  void Finish(SimTask& task);
  void CheckEnding(SimTask& task);
  std::string DescribeDeadlock() const;

  const SimulatorOptions options_;
  uint64_t seed_;
  Trace& trace_;
  Chooser chooser_;
  TimerQueue timers_;
  SimTime now_{};
  uint64_t step_ = 0;
  uint64_t next_task_id_ = 1;
  uint64_t ready_sequence_ = 0;
  uint64_t wake_draws_ = 0;
  SimTask* current_ = nullptr;
  SimTask* chosen_ = nullptr;  // by the task that just left
  std::vector<SimTask*> ready_;
  std::vector<TaskGroup*> groups_;
  std::optional<RunEnd> end_;
  std::exception_ptr escaped_;
  char harness_sync_ = 0;  // its address, for TSan
};

}  // namespace wt::sim

#endif  // WAVETANK_SIM_CORE_SCHEDULER_H_
