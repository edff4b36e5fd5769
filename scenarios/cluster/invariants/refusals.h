// refuse-not-lie, as a group has it: a machine whose disk never did anything wrong refuses nothing
// and sets nothing aside; and while at most a minority was ever harmed, none gives up.
#ifndef WAVETANK_SCENARIOS_CLUSTER_INVARIANTS_REFUSALS_H_
#define WAVETANK_SCENARIOS_CLUSTER_INVARIANTS_REFUSALS_H_

#include <string_view>

#include "scenarios/cluster/honesty.h"
#include "scenarios/judge.h"
#include "sim/simulator.h"

namespace wt::scenarios {

class Refusals final : public sim::EventObserver {
 public:
  Refusals(Judge& judge, const Honesty& honesty) : judge_(judge), honesty_(honesty) {}
  void OnEvent(sim::Machine& machine, sim::SimTime at, const Event& event) override;

  uint64_t set_aside() const { return set_aside_; }

 private:
  void OnRefusal(sim::Machine& machine, std::string_view what, std::string_view error);

  Judge& judge_;
  const Honesty& honesty_;
  uint64_t set_aside_ = 0;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CLUSTER_INVARIANTS_REFUSALS_H_
