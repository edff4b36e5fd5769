#include "sim/core/scheduler.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/random.h"
#include "sim/core/sanitizers.h"

namespace wt::sim {
namespace {

constexpr uint64_t kWakeKey = KeyOf("schedule.wake");
constexpr std::string_view kPaused = "paused";

std::string StateOf(const SimTask& task) {
  switch (task.state) {
    case SimTask::State::kReady:
      return "ready";
    case SimTask::State::kRunning:
      return "running";
    case SimTask::State::kParked:
      return std::string(kPaused);
    case SimTask::State::kEnded:
      return "ended";
    case SimTask::State::kWaiting:
      break;
  }
  std::string state = "waits for " + std::string(task.waits_for);
  if (task.holder != nullptr && *task.holder != nullptr) {
    state += " held by " + FullName(**task.holder);
  }
  return state;
}

}  // namespace

Scheduler::Scheduler(const SimulatorOptions& options, Trace& trace)
    : options_(options), seed_(options.seed), trace_(trace), chooser_(options) {}

void Scheduler::Reseed(uint64_t seed) {
  seed_ = seed;
  chooser_.Reseed(seed, step_);
}

TraceActor Scheduler::actor() const {
  if (current_ == nullptr) return {.machine_name = "tank"};
  return {.machine = current_->group.machine_id,
          .task = current_->id,
          .machine_name = current_->group.machine_name,
          .task_name = current_->name};
}

void Scheduler::Record(TraceKind kind, uint64_t what, std::span<const uint64_t> words,
                       std::string_view text) {
  const TsanIgnoreScope ignore;
  trace_.Record(actor(), now_, kind, what, words, text);
}

std::shared_ptr<SimTask> Scheduler::Spawn(TaskGroup& group, std::string_view name,
                                          std::function<void()> body) {
  WT_CHECK(!group.dead);
  const TsanIgnoreScope ignore;
#ifdef WAVETANK_TSAN
  if (group.machine_id == 0) {
    body = [this, body = std::move(body)] {
      TsanAcquire(&harness_sync_);
      body();
    };
  }
#endif
  auto task = std::make_shared<SimTask>(*this, group, next_task_id_++, name, std::move(body));
  task->in_group = group.tasks.insert(group.tasks.end(), task);
  chooser_.OnSpawn(*task);
  const uint64_t words[] = {task->id, group.machine_id};
  Record(TraceKind::kTask, static_cast<uint64_t>(TaskWhat::kSpawned), words, name);
  TsanRelease(&task->fiber);
  MakeReady(*task);
  return task;
}

void Scheduler::CheckMaySuspend() const {
  if (current_ == nullptr) return;
  WT_CHECK_EQ(current_->no_suspend_depth, 0u);
  // A destructor (or a catch block) must not suspend while its task is being unwound.
  WT_CHECK(!current_->fiber.unwinding());
}

// False when the current task must not go on.
bool Scheduler::CountStep() {
  if (++step_ > options_.max_events) {
    End(RunEnd::Kind::kBudget, "", absl::StrFormat("more than %d decisions", options_.max_events));
  }
  return !ended();
}

void Scheduler::LeaveForGood() {
  if (current_ != nullptr) current_->fiber.Unwind();
  throw Fiber::Killed{};
}

void Scheduler::DecisionPoint() {
  if (current_ == nullptr) return;
  const TsanIgnoreScope ignore;
  CheckMaySuspend();
  SimTask& task = *current_;
  if (task.group.step_cost > Duration::zero()) return Sleep(task.group.step_cost);
  if (!CountStep()) LeaveForGood();
  if (ready_.empty()) return;
  const size_t index = chooser_.Choose(ready_, &task, step_);
  if (index == ready_.size()) return;
  chosen_ = &TakeReady(index);
  MakeReady(task);
  Leave(task);
}

// Out of the current task and, some time later, back into it. For TSan, the harness has seen
// whatever any task did before it last left; tasks see of each other only what locks show them.
void Scheduler::Leave(SimTask& task) {
  TsanRelease(&harness_sync_);
  task.fiber.Suspend();
  if (task.group.machine_id == 0) TsanAcquire(&harness_sync_);
}

void Scheduler::Yield() {
  if (current_ == nullptr) return;
  chooser_.OnYield(*current_);
  DecisionPoint();
}

void Scheduler::Sleep(SimTime how_long) {
  if (current_ == nullptr) return;
  const TsanIgnoreScope ignore;
  if (how_long <= SimTime::zero()) return DecisionPoint();
  CheckMaySuspend();
  if (!CountStep()) LeaveForGood();
  SimTask& task = *current_;
  task.state = SimTask::State::kWaiting;
  task.waits_for = "sleep";
  task.holder = nullptr;
  timers_.Set(task.wake_timer, now_ + std::min(how_long, kForever));
  Leave(task);
}

bool Scheduler::Wait(WaitList& list, const WaitFor& wait) {
  const TsanIgnoreScope ignore;
  WT_CHECK(current_ != nullptr);
  CheckMaySuspend();
  if (!CountStep()) LeaveForGood();
  SimTask& task = *current_;
  task.state = SimTask::State::kWaiting;
  task.waits_for = wait.what;
  task.holder = wait.holder;
  task.timed_out = false;
  list.Add(task);
  if (wait.timeout.has_value()) {
    timers_.Set(task.wake_timer, now_ + std::clamp(*wait.timeout, SimTime::zero(), kForever));
  }
  Leave(task);
  return !task.timed_out;
}

void Scheduler::Join(SimTask& task) {
  WT_CHECK(&task != current_);
  DecisionPoint();
  while (task.state != SimTask::State::kEnded) Wait(task.joiners, {.what = "the end of a task"});
  TsanAcquire(&task.fiber);
}

void Scheduler::MakeReady(SimTask& task) {
  if (task.group.dead) return;
  if (task.group.paused) {
    task.state = SimTask::State::kParked;
    task.group.parked.push_back(&task);
    return;
  }
  task.state = SimTask::State::kReady;
  task.ready_slot = ready_.size();
  task.ready_since = ready_sequence_++;
  ready_.push_back(&task);
}

SimTask& Scheduler::TakeReady(size_t index) {
  SimTask& task = *ready_[index];
  WT_CHECK(task.state == SimTask::State::kReady && task.ready_slot == index);
  ready_[index] = ready_.back();
  ready_[index]->ready_slot = index;
  ready_.pop_back();
  return task;
}

void Scheduler::Wake(SimTask& task) {
  const TsanIgnoreScope ignore;
  if (task.state != SimTask::State::kWaiting) return;
  if (task.waits_in != nullptr) task.waits_in->Remove(task);
  timers_.Cancel(task.wake_timer);
  MakeReady(task);
}

void Scheduler::WakeAll(WaitList& list) {
  while (!list.empty()) Wake(list.at(0));
}

void Scheduler::WakeOne(WaitList& list) {
  if (list.empty()) return;
  size_t index = 0;
  if (list.size() > 1 && options_.policy != SchedulePolicy::kRoundRobin) {
    index = Draw(seed_, {kWakeKey, wake_draws_++}).Below(list.size());
  }
  Wake(list.at(index));
}

// Takes the task out of whatever would let it run.
void Scheduler::Forget(SimTask& task) {
  switch (task.state) {
    case SimTask::State::kReady:
      TakeReady(task.ready_slot);
      break;
    case SimTask::State::kParked:
      std::erase(task.group.parked, &task);
      break;
    default:
      break;
  }
  if (task.waits_in != nullptr) task.waits_in->Remove(task);
  timers_.Cancel(task.wake_timer);
  task.state = SimTask::State::kWaiting;
}

void Scheduler::Unwind(TaskGroup& group) {
  WT_CHECK(current_ == nullptr || &current_->group != &group);
  group.dead = true;
  for (const std::shared_ptr<SimTask>& task : group.tasks) Forget(*task);
  while (!group.tasks.empty()) {
    const std::shared_ptr<SimTask> task = group.tasks.back();
    SimTask* const outer = std::exchange(current_, task.get());
    task->fiber.Kill();
    current_ = outer;
    Finish(*task);
  }
}

void Scheduler::Pause(TaskGroup& group) {
  WT_CHECK(!group.paused && (current_ == nullptr || &current_->group != &group));
  group.paused = true;
  for (const std::shared_ptr<SimTask>& task : group.tasks) {
    if (task->state == SimTask::State::kReady) MakeReady(TakeReady(task->ready_slot));
  }
}

void Scheduler::PauseWithCaller(TaskGroup& group) {
  WT_CHECK(!group.paused && current_ != nullptr && &current_->group == &group);
  const TsanIgnoreScope ignore;
  CheckMaySuspend();
  if (!CountStep()) LeaveForGood();
  SimTask& task = *current_;
  group.paused = true;
  for (const std::shared_ptr<SimTask>& other : group.tasks) {
    if (other->state == SimTask::State::kReady) MakeReady(TakeReady(other->ready_slot));
  }
  MakeReady(task);
  Leave(task);
}

void Scheduler::Resume(TaskGroup& group) {
  WT_CHECK(group.paused);
  group.paused = false;
  for (SimTask* task : std::exchange(group.parked, {})) MakeReady(*task);
}

void Scheduler::End(RunEnd::Kind kind, std::string_view invariant, std::string message) {
  if (ended()) return;
  end_ = RunEnd{
      .kind = kind, .invariant = std::string(invariant), .message = std::move(message), .at = now_};
  const uint64_t words[] = {static_cast<uint64_t>(kind)};
  Record(TraceKind::kSchedule, static_cast<uint64_t>(ScheduleWhat::kEnd), words, end_->message);
}

void Scheduler::RunLoop() {
  WT_CHECK(current_ == nullptr);
  while (!ended()) {
    SimTask* next = Next();
    if (next != nullptr) {
      SwitchTo(*next);
    } else if (!ended()) {
      End(RunEnd::Kind::kDeadlock, "", DescribeDeadlock());
    }
  }
  if (chosen_ != nullptr) MakeReady(*std::exchange(chosen_, nullptr));
}

SimTask* Scheduler::Next() {
  if (chosen_ != nullptr) return std::exchange(chosen_, nullptr);
  while (ready_.empty()) {
    if (!AdvanceTime()) return nullptr;
  }
  return &TakeReady(chooser_.Choose(ready_, nullptr, ++step_));
}

// Jumps to the first deadline and lets everything happen that is due then.
bool Scheduler::AdvanceTime() {
  const TsanIgnoreScope ignore;
  if (timers_.empty()) return false;
  const SimTime deadline = timers_.first_deadline();
  WT_CHECK(deadline >= now_);
  if (deadline > options_.max_time) {
    now_ = options_.max_time;
    End(RunEnd::Kind::kBudget, "", "the run's time is over");
    return false;
  }
  now_ = deadline;
  while (!ended() && !timers_.empty() && timers_.first_deadline() <= now_) {
    timers_.TakeFirst().Fire();
    if (!CountStep()) return false;
  }
  return !ended();
}

void Scheduler::SwitchTo(SimTask& task) {
  const std::shared_ptr<SimTask> alive = *task.in_group;
  task.state = SimTask::State::kRunning;
  current_ = &task;
  const uint64_t words[] = {step_};
  Record(TraceKind::kSchedule, static_cast<uint64_t>(ScheduleWhat::kSwitch), words);
  task.fiber.Resume();
  current_ = nullptr;
  if (task.fiber.done() || task.fiber.abandoned()) Finish(task);
}

void Scheduler::Finish(SimTask& task) {
  const std::shared_ptr<SimTask> alive = *task.in_group;
  TsanAcquire(&task.fiber);
  TsanRelease(&harness_sync_);
  task.returned = task.fiber.done() && !task.fiber.unwinding() && !task.group.dead;
  const TaskWhat what = task.returned ? TaskWhat::kReturned : TaskWhat::kUnwound;
  const uint64_t words[] = {task.id};
  Record(TraceKind::kTask, static_cast<uint64_t>(what), words);
  task.state = SimTask::State::kEnded;
  task.group.tasks.erase(task.in_group);
  WakeAll(task.joiners);
  if (task.group.tasks.empty()) WakeAll(task.group.waiting_for_exit);
  CheckEnding(task);
}

void Scheduler::CheckEnding(SimTask& task) {
  if (task.fiber.abandoned()) {
    End(RunEnd::Kind::kFailed, "check",
        absl::StrFormat("%s: a noexcept frame stopped its unwinding", FullName(task)));
  }
  if (task.fiber.escaped() == nullptr) return;
  if (escaped_ == nullptr) escaped_ = task.fiber.escaped();
  End(RunEnd::Kind::kFailed, "exception",
      absl::StrFormat("an exception left the body of %s", FullName(task)));
}

std::vector<TaskStatus> Scheduler::TasksNow() const {
  std::vector<TaskStatus> all;
  for (const TaskGroup* group : groups_) {
    for (const std::shared_ptr<SimTask>& task : group->tasks) {
      all.push_back({FullName(*task), StateOf(*task)});
    }
  }
  return all;
}

std::string Scheduler::DescribeDeadlock() const {
  std::string out = "nothing can run:";
  int named = 0;
  for (const TaskStatus& task : TasksNow()) {
    if (++named > kNamedTasks) return out + " ...";
    const bool paused = task.state == kPaused;
    out += absl::StrFormat("%s %s %s%s", named == 1 ? "" : ",", task.name, paused ? "is " : "",
                           task.state);
  }
  return out;
}

}  // namespace wt::sim
