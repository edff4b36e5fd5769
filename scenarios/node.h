// One simulated server: a machine that runs a standalone engine.
#ifndef WAVETANK_SCENARIOS_NODE_H_
#define WAVETANK_SCENARIOS_NODE_H_

#include "engine/standalone.h"
#include "scenarios/plan.h"
#include "scenarios/supervisor.h"

namespace wt::scenarios {

EngineOptions OptionsFrom(const EngineKnobs& knobs);

class Node final : public Serving<Standalone> {
 public:
  Node(sim::Simulator& sim, sim::Machine& machine, const EngineKnobs& knobs)
      : Serving(sim, machine), knobs_(knobs) {}

 private:
  void Main(Env env) override;
  bool Close() override;

  const EngineKnobs knobs_;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_NODE_H_
