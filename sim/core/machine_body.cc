#include "sim/core/machine_body.h"

#include "engine/base/check.h"
#include "engine/base/random.h"

namespace wt::sim {
namespace {

constexpr uint64_t kBootReadingKey = KeyOf("machine.boot_reading");

}  // namespace

// Destructors of a dying machine have nothing to say.
bool SimEvents::IsSilent() const {
  const SimTask* caller = world_.scheduler().current();
  return group_.dead || (caller != nullptr && caller->fiber.unwinding());
}

void SimEvents::Emit(const Event& event) {
  if (!IsSilent()) world_.Emit(machine_, event);
}

void SimEvents::Reached(std::string_view goal) {
  if (!IsSilent()) world_.Reached(goal);
}

Incarnation::Incarnation(World& world, Machine& machine, uint64_t number)
    : group(machine.id(), machine.name()),
      clock(machine.clock()),
      disk(machine.disk().NewIncarnation()),
      tasks(world.scheduler(), group, &machine.clock()),
      network(world.scheduler(), group, world.network(), machine.clock()),
      events(world, machine, group),
      random(world.scheduler(), machine.id(), number) {}

Machine::Body::Body(World& world, uint32_t id, std::string name)
    : world(world), id(id), name(std::move(name)), clock(world, id), disk(world, id) {
  world.network().AddMachine(id);
  Note(MachineWhat::kAdded);
}

void Machine::Body::Note(MachineWhat what) {
  world.Record(TraceKind::kMachine, static_cast<uint64_t>(what), {id, incarnations.size()});
}

// Machine faults come from outside: a task cannot unwind itself.
void Machine::Body::CheckOutside() {
  const SimTask* caller = world.scheduler().current();
  WT_CHECK(caller == nullptr || caller->group.machine_id == 0);
}

void Machine::Body::Boot(Machine& machine, std::function<void(Env)> main) {
  CheckOutside();
  WT_CHECK(state == State::kOff);
  const uint64_t number = incarnations.size() + 1;
  Draw draw(world.seed(), {kBootReadingKey, id, number});
  clock.OnBoot(Duration(static_cast<int64_t>(draw.Below(3'600'000'000'000))));
  incarnations.push_back(std::make_unique<Incarnation>(world, machine, number));
  Incarnation& incarnation = *incarnations.back();
  Note(MachineWhat::kBooted);
  state = State::kRunning;
  incarnation.group.step_cost = step_cost;
  world.scheduler().AddGroup(incarnation.group);
  world.network().Attach(id, &incarnation.network);
  world.scheduler().Spawn(incarnation.group, "main",
                          [env = incarnation.env(), body = std::move(main)] { body(env); });
}

bool Machine::Body::Call(std::string_view name, std::function<void()> body) {
  CheckOutside();
  if (state == State::kOff) return false;
  const std::shared_ptr<SimTask> task = world.scheduler().Spawn(group(), name, std::move(body));
  world.scheduler().Join(*task);
  return task->returned;
}

void Machine::Body::Die() {
  state = State::kOff;
  world.network().Attach(id, nullptr);
  world.scheduler().Unwind(group());
}

void Machine::Body::PowerLoss() {
  CheckOutside();
  Note(MachineWhat::kPowerLost);
  disk.PowerLoss();
  if (state != State::kOff) Die();
}

void Machine::Body::Kill() {
  CheckOutside();
  if (state == State::kOff) return;
  Note(MachineWhat::kKilled);
  disk.Kill();
  Die();
}

void Machine::Body::Pause() {
  CheckOutside();
  WT_CHECK(state == State::kRunning);
  Note(MachineWhat::kPaused);
  state = State::kPaused;
  world.scheduler().Pause(group());
}

void Machine::Body::StandStill() {
  WT_CHECK(state == State::kRunning);
  Note(MachineWhat::kPaused);
  state = State::kPaused;
  world.scheduler().PauseWithCaller(group());
}

void Machine::Body::Resume() {
  CheckOutside();
  WT_CHECK(state == State::kPaused);
  Note(MachineWhat::kResumed);
  state = State::kRunning;
  world.scheduler().Resume(group());
}

void Machine::Body::AwaitExit() {
  CheckOutside();
  if (state == State::kOff) return;
  Scheduler& scheduler = world.scheduler();
  const size_t awaited = incarnations.size();
  while (!group().tasks.empty()) {
    scheduler.Wait(group().waiting_for_exit, {.what = "the exit of a machine"});
    if (state == State::kOff || incarnations.size() != awaited) return;  // it died instead
  }
  Note(MachineWhat::kExited);
  disk.Kill();
  Die();
}

void Machine::Body::SetStepCost(Duration cost) {
  WT_CHECK(cost >= Duration::zero());
  world.Record(TraceKind::kMachine, static_cast<uint64_t>(MachineWhat::kStepCost),
               {id, static_cast<uint64_t>(cost.count())});
  step_cost = cost;
  if (!incarnations.empty()) group().step_cost = cost;
}

void Machine::Body::UnwindForGood() {
  if (state != State::kOff) Die();
}

}  // namespace wt::sim
