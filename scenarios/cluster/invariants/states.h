// state-machine-safety and snapshot-equivalence: every machine applies the committed sequence, and
// after each entry, or out of each snapshot, has the state of a full replay.
#ifndef WAVETANK_SCENARIOS_CLUSTER_INVARIANTS_STATES_H_
#define WAVETANK_SCENARIOS_CLUSTER_INVARIANTS_STATES_H_

#include <string_view>
#include <vector>

#include "scenarios/cluster/ledger.h"
#include "scenarios/judge.h"
#include "sim/simulator.h"

namespace wt::scenarios {

class States final : public sim::EventObserver {
 public:
  States(Judge& judge, const Ledger& ledger)
      : judge_(judge), ledger_(ledger), applied_(ledger.machines()) {}
  void OnEvent(sim::Machine& machine, sim::SimTime at, const Event& event) override;

  // A snapshot of `index` on a machine gives this state.
  void CheckSnapshot(uint32_t machine, LogIndex index, Term term, uint64_t digest,
                     std::string_view id);

 private:
  void OnApplied(uint32_t machine, const Event& event);

  Judge& judge_;
  const Ledger& ledger_;
  std::vector<LogIndex> applied_;  // by machine, ever: what comes again was replayed
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CLUSTER_INVARIANTS_STATES_H_
