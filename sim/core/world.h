// The inside of a Simulator: what its parts share.
#ifndef WAVETANK_SIM_CORE_WORLD_H_
#define WAVETANK_SIM_CORE_WORLD_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/core/scheduler.h"
#include "sim/core/sim_tasks.h"
#include "sim/machine.h"
#include "sim/simulator.h"
#include "sim/trace.h"
#include "sim/virtual_network.h"

namespace wt::sim {

class World final : public Host {
 public:
  explicit World(const SimulatorOptions& options);
  ~World() override;

  uint64_t seed() const override { return scheduler_.seed(); }
  SimTime now() const override { return scheduler_.now(); }
  void Pause(Duration duration) override;
  void Record(TraceKind kind, uint64_t what, std::initializer_list<uint64_t> words) override;

  RunEnd Run(std::function<void()> harness);
  void Fail(std::string_view invariant, std::string message);

  // From a machine's EventSink.
  void Emit(Machine& machine, const Event& event);
  void Reached(std::string_view goal);

  const SimulatorOptions& options() const { return options_; }
  Scheduler& scheduler() { return scheduler_; }
  SimTasks& harness_tasks() { return harness_tasks_; }
  Trace& trace() { return trace_; }
  VirtualNetwork& network() { return network_; }
  std::vector<std::unique_ptr<Machine>>& machines() { return machines_; }
  void LookAt(uint64_t count, std::function<void()> look);
  void LookAtTime(SimTime time, std::function<void()> look);
  void AddObserver(EventObserver* observer) { observers_.push_back(observer); }
  std::vector<std::pair<std::string_view, uint64_t>> goals() const {
    return {goals_.begin(), goals_.end()};
  }

 private:
  // Lets failed checks end the run instead of the process, while it lives.
  class CheckScope;

  // `look` as the trace may call it: not before the observers have seen the event at hand.
  std::function<void()> Onlooker(std::function<void()> look);
  void Reseed(uint64_t seed);
  void RunTasks(std::function<void()> harness);
  void UnwindEverything();

  const SimulatorOptions options_;
  Trace trace_;
  Scheduler scheduler_;
  TaskGroup harness_group_{0, "harness"};
  SimTasks harness_tasks_;
  VirtualNetwork network_;
  std::vector<std::unique_ptr<Machine>> machines_;
  std::vector<EventObserver*> observers_;
  std::map<std::string_view, uint64_t> goals_;
  int observing_ = 0;  // depth of calls to those who only look
  bool emitting_ = false;
  std::function<void()> late_look_;  // a look at an event waits until the observers have seen it
  bool has_run_ = false;
};

}  // namespace wt::sim

#endif  // WAVETANK_SIM_CORE_WORLD_H_
