// One simulated server: a machine that runs a standalone engine, and the supervisor that starts it
// again whenever it dies, as an init system would.
#ifndef WAVETANK_SCENARIOS_NODE_H_
#define WAVETANK_SCENARIOS_NODE_H_

#include <functional>
#include <memory>
#include <string>

#include "engine/standalone.h"
#include "scenarios/plan.h"
#include "sim/machine.h"
#include "sim/simulator.h"

namespace wt::scenarios {

EngineOptions OptionsFrom(const EngineKnobs& knobs);

class Node {
 public:
  Node(sim::Simulator& sim, sim::Machine& machine, const EngineKnobs& knobs);

  // Starts the supervisor, which boots the machine. For harness tasks; each of these suspends.
  void Start();

  // The power goes now and comes back `down_for` later.
  void CutPower(Duration down_for);
  // The process is killed now and starts again `down_for` later.
  void Kill(Duration down_for);

  // Closes the engine in an orderly way and keeps the machine off. Afterwards Start again.
  void Stop();

  // Runs `body` on the machine with the serving engine. False when there was none, or the machine
  // died before `body` returned.
  bool WithEngine(std::string_view what, const std::function<void(Standalone&)>& body);

  bool serving() const { return serving_ != nullptr; }
  // The last opening was refused for DATA_LOSS and nothing was started since.
  bool refused() const { return refused_; }
  // Lets the supervisor go on after a refusal (the operator has done something about it).
  void AcceptRefusal() {
    refused_ = false;
    failed_openings_ = 0;
  }

  // Openings that failed in a row.
  uint64_t failed_openings() const { return failed_openings_; }
  // Why the last opening failed; OK when it did not.
  const absl::Status& opening() const { return opening_; }
  uint64_t boots() const { return boots_; }
  sim::Machine& machine() { return machine_; }

 private:
  class ServingScope;

  void Supervise();
  void WaitUntilStartable();
  void Main(Env env);
  void Down(Duration down_for);

  sim::Simulator& sim_;
  sim::Machine& machine_;
  const EngineKnobs knobs_;
  std::unique_ptr<Task> supervisor_;
  Standalone* serving_ = nullptr;  // on the stack of the machine's main task
  uint64_t in_flight_ = 0;         // calls that use serving_
  sim::SimTime down_until_{};
  bool stopping_ = false;
  bool refused_ = false;
  absl::Status opening_;
  uint64_t failed_openings_ = 0;
  uint64_t boots_ = 0;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_NODE_H_
