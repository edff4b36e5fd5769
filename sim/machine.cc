#include "sim/machine.h"

#include "sim/core/machine_body.h"

namespace wt::sim {

Machine::Machine(std::unique_ptr<Body> body) : body_(std::move(body)) {}
Machine::~Machine() = default;

const std::string& Machine::name() const { return body_->name; }
uint32_t Machine::id() const { return body_->id; }
Machine::State Machine::state() const { return body_->state; }
uint64_t Machine::incarnation() const { return body_->incarnations.size(); }

void Machine::Boot(std::function<void(Env)> main) { body_->Boot(*this, std::move(main)); }
bool Machine::Call(std::string_view name, std::function<void()> body) {
  return body_->Call(name, std::move(body));
}
void Machine::PowerLoss() { body_->PowerLoss(); }
void Machine::Kill() { body_->Kill(); }
void Machine::Pause() { body_->Pause(); }
void Machine::StandStill() { body_->StandStill(); }
void Machine::Resume() { body_->Resume(); }
void Machine::AwaitExit() { body_->AwaitExit(); }
void Machine::SetStepCost(Duration cost) { body_->SetStepCost(cost); }

VirtualDisk& Machine::disk() { return body_->disk; }
VirtualClock& Machine::clock() { return body_->clock; }

}  // namespace wt::sim
