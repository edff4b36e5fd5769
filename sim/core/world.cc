#include "sim/core/world.h"

#include <array>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/random.h"
#include "sim/core/machine_body.h"
#include "sim/core/sanitizers.h"
#include "sim/core/tripwire.h"

namespace wt::sim {
namespace {

// Whose run this thread is in; no run can observe it.
thread_local World* running_world = nullptr;

}  // namespace

class World::CheckScope {
 public:
  explicit CheckScope(World& world)
      : outer_world_(std::exchange(running_world, &world)),
        outer_handler_(SetCheckHandler(&CheckScope::OnFailedCheck)) {}
  ~CheckScope() {
    SetCheckHandler(outer_handler_);
    running_world = outer_world_;
  }

 private:
  static void OnFailedCheck(const CheckFailure& failure) {
    Scheduler& scheduler = running_world->scheduler_;
    scheduler.End(RunEnd::Kind::kFailed, "check",
                  absl::StrFormat("%s:%d %s", failure.file, failure.line, failure.what));
    scheduler.LeaveForGood();
  }

  World* const outer_world_;
  const CheckHandler outer_handler_;
};

World::World(const SimulatorOptions& options)
    : options_(options),
      trace_(Mix64(options.seed)),
      scheduler_(options_, trace_),
      harness_tasks_(scheduler_, harness_group_, nullptr),
      network_(scheduler_) {
  scheduler_.AddGroup(harness_group_);
  if (options.reseed_at == 0) return;
  trace_.LookAt(options.reseed_at, [this] { Reseed(options_.reseed); });
}

World::~World() { WT_CHECK(harness_group_.tasks.empty()); }

void World::Reseed(uint64_t seed) {
  scheduler_.Reseed(seed);
  for (const std::unique_ptr<Machine>& machine : machines_) machine->disk().Reseed(seed);
}

void World::Pause(Duration duration) {
  if (duration > Duration::zero()) {
    scheduler_.Sleep(duration);
  } else {
    scheduler_.DecisionPoint();
  }
}

void World::Record(TraceKind kind, uint64_t what, std::initializer_list<uint64_t> words) {
  scheduler_.Record(kind, what, {words.begin(), words.size()});
}

RunEnd World::Run(std::function<void()> harness) {
  WT_CHECK(!has_run_);
  has_run_ = true;
  RunTasks(std::move(harness));
  if (scheduler_.escaped() != nullptr) std::rethrow_exception(scheduler_.escaped());
  return scheduler_.end();
}

void World::RunTasks(std::function<void()> harness) {
  const CheckScope checks(*this);
  const Tripwire tripwire;
  scheduler_.Spawn(harness_group_, "main", [this, body = std::move(harness)] {
    body();
    scheduler_.End(RunEnd::Kind::kFinished, "", "");
  });
  try {
    scheduler_.RunLoop();
  } catch (const Fiber::Killed&) {
    WT_CHECK(scheduler_.ended());
  }
  UnwindEverything();
}

// The machines first: the harness's frames own what theirs refer to.
void World::UnwindEverything() {
  for (const std::unique_ptr<Machine>& machine : machines_) machine->body().UnwindForGood();
  scheduler_.Unwind(harness_group_);
}

void World::Fail(std::string_view invariant, std::string message) {
  WT_CHECK(!invariant.empty());
  scheduler_.End(RunEnd::Kind::kFailed, invariant, std::move(message));
  if (scheduler_.current() != nullptr && observing_ == 0) scheduler_.LeaveForGood();
}

void World::Emit(Machine& machine, const Event& event) {
  const std::array<uint64_t, 4> words = {event.a, event.b, event.c, event.d};
  emitting_ = true;
  scheduler_.Record(TraceKind::kEvent, static_cast<uint64_t>(event.kind), words, event.text);
  emitting_ = false;
  const TsanIgnoreScope ignore;
  ++observing_;
  for (EventObserver* observer : observers_) observer->OnEvent(machine, now(), event);
  --observing_;
  if (late_look_) std::exchange(late_look_, nullptr)();
}

std::function<void()> World::Onlooker(std::function<void()> look) {
  return [this, look = std::move(look)] {
    const auto look_now = [this, look] {
      const TsanIgnoreScope ignore;
      ++observing_;
      look();
      --observing_;
    };
    if (emitting_) {
      late_look_ = look_now;
    } else {
      look_now();
    }
  };
}

void World::LookAt(uint64_t count, std::function<void()> look) {
  trace_.LookAt(count, Onlooker(std::move(look)));
}

void World::LookAtTime(SimTime time, std::function<void()> look) {
  trace_.LookAtTime(time, Onlooker(std::move(look)));
}

void World::Reached(std::string_view goal) {
  const TsanIgnoreScope ignore;
  ++goals_[goal];
  scheduler_.Record(TraceKind::kHarness, static_cast<uint64_t>(HarnessWhat::kReached), {}, goal);
}

}  // namespace wt::sim
