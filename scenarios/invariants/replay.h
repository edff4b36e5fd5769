// Every entry appended, applied or restored is compared with the shadow: log-matching,
// deterministic-apply, state-machine-safety, snapshot-equivalence.
#ifndef WAVETANK_SCENARIOS_INVARIANTS_REPLAY_H_
#define WAVETANK_SCENARIOS_INVARIANTS_REPLAY_H_

#include "scenarios/judge.h"
#include "scenarios/shadow.h"
#include "sim/simulator.h"

namespace wt::scenarios {

class Replay final : public sim::EventObserver {
 public:
  Replay(Judge& judge, Shadow& shadow) : judge_(judge), shadow_(shadow) {}
  void OnEvent(sim::Machine& machine, sim::SimTime at, const Event& event) override;

  // A snapshot of `index`, restored by the harness or the engine, has this state.
  void CheckSnapshot(LogIndex index, uint64_t digest, std::string_view id);

 private:
  Judge& judge_;
  Shadow& shadow_;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_INVARIANTS_REPLAY_H_
