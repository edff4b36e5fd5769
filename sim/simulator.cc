#include "sim/simulator.h"

#include "engine/base/check.h"
#include "sim/core/machine_body.h"
#include "sim/core/world.h"

namespace wt::sim {

Simulator::Simulator(const SimulatorOptions& options) : world_(std::make_unique<World>(options)) {}
Simulator::~Simulator() = default;

const SimulatorOptions& Simulator::options() const { return world_->options(); }
Host& Simulator::host() { return *world_; }

Machine& Simulator::AddMachine(std::string name) {
  std::vector<std::unique_ptr<Machine>>& machines = world_->machines();
  const uint32_t id = static_cast<uint32_t>(machines.size()) + 1;
  auto body = std::make_unique<Machine::Body>(*world_, id, std::move(name));
  machines.push_back(std::unique_ptr<Machine>(new Machine(std::move(body))));
  machines.back()->disk().Reseed(world_->seed());  // its own records come before it is in the list
  return *machines.back();
}

const std::vector<std::unique_ptr<Machine>>& Simulator::machines() const {
  return world_->machines();
}

RunEnd Simulator::Run(std::function<void()> harness) { return world_->Run(std::move(harness)); }

Tasks& Simulator::tasks() { return world_->harness_tasks(); }
SimTime Simulator::now() const { return world_->now(); }
std::vector<TaskStatus> Simulator::TasksNow() const { return world_->scheduler().TasksNow(); }
uint64_t Simulator::decisions() const { return world_->scheduler().steps(); }

void Simulator::Fail(std::string_view invariant, std::string message) {
  world_->Fail(invariant, std::move(message));
}

void Simulator::AddObserver(EventObserver* observer) {
  WT_CHECK(observer != nullptr);
  world_->AddObserver(observer);
}

void Simulator::LookAt(uint64_t count, std::function<void()> look) {
  world_->LookAt(count, std::move(look));
}

void Simulator::LookAtTime(SimTime time, std::function<void()> look) {
  world_->LookAtTime(time, std::move(look));
}

VirtualNetwork& Simulator::network() { return world_->network(); }
Trace& Simulator::trace() { return world_->trace(); }

std::vector<std::pair<std::string_view, uint64_t>> Simulator::goals() const {
  return world_->goals();
}

}  // namespace wt::sim
