// The inside of a Machine.
#ifndef WAVETANK_SIM_CORE_MACHINE_BODY_H_
#define WAVETANK_SIM_CORE_MACHINE_BODY_H_

#include <memory>
#include <string>
#include <vector>

#include "sim/core/quiet_disk.h"
#include "sim/core/sim_random.h"
#include "sim/core/sim_tasks.h"
#include "sim/core/world.h"
#include "sim/machine.h"
#include "sim/virtual_clock.h"
#include "sim/virtual_disk.h"

namespace wt::sim {

// Stamps what a machine reports, until it dies.
class SimEvents final : public EventSink {
 public:
  SimEvents(World& world, Machine& machine, const TaskGroup& group)
      : world_(world), machine_(machine), group_(group) {}

  void Emit(const Event& event) override;
  void Reached(std::string_view goal) override;

 private:
  bool IsSilent() const;

  World& world_;
  Machine& machine_;
  const TaskGroup& group_;
};

// From one boot to the next death: what the Env of that time refers to. Kept for the whole run, so
// that a handle which outlives its machine is inert instead of dangling.
struct Incarnation {
  Incarnation(World& world, Machine& machine, uint64_t number);

  Env env() { return {clock, tasks, disk.seam(), network, events, random}; }

  TaskGroup group;
  VirtualClock& clock;
  QuietDisk disk;
  SimTasks tasks;
  NetworkEndpoint network;
  SimEvents events;
  SimRandom random;
};

class Machine::Body {
 public:
  Body(World& world, uint32_t id, std::string name);

  void Boot(Machine& machine, std::function<void(Env)> main);
  bool Call(std::string_view name, std::function<void()> body);
  void PowerLoss();
  void Kill();
  void Pause();
  void StandStill();
  void Resume();
  void AwaitExit();
  void SetStepCost(Duration cost);
  // At the end of a run: as a death, but the disk keeps everything for who looks afterwards.
  void UnwindForGood();

  World& world;
  const uint32_t id;
  const std::string name;
  State state = State::kOff;
  VirtualClock clock;
  VirtualDisk disk;
  Duration step_cost{};
  std::vector<std::unique_ptr<Incarnation>> incarnations;

 private:
  TaskGroup& group() { return incarnations.back()->group; }
  void Note(MachineWhat what);
  void CheckOutside();
  void Die();
};

}  // namespace wt::sim

#endif  // WAVETANK_SIM_CORE_MACHINE_BODY_H_
