// index-order and read-barrier, machine by machine; and that an acknowledgement of entries names
// none that is not durable.
#ifndef WAVETANK_SCENARIOS_CLUSTER_INVARIANTS_INDICES_H_
#define WAVETANK_SCENARIOS_CLUSTER_INVARIANTS_INDICES_H_

#include <vector>

#include "scenarios/cluster/ledger.h"
#include "scenarios/judge.h"
#include "sim/simulator.h"

namespace wt::scenarios {

class Indices final : public sim::EventObserver {
 public:
  Indices(Judge& judge, const Ledger& ledger)
      : judge_(judge), ledger_(ledger), lives_(ledger.machines()) {}
  void OnEvent(sim::Machine& machine, sim::SimTime at, const Event& event) override;

  LogIndex applied(uint32_t machine) const { return lives_[machine - 1].applied; }

 private:
  struct Life {
    LogIndex commit;
    LogIndex applied;
    LogIndex opening_commit;
    bool commit_known = false;
    bool recovered = false;
  };

  void OnCommit(uint32_t machine, LogIndex commit, LogIndex last);
  void OnApplied(uint32_t machine, LogIndex index);
  void OnRestored(uint32_t machine, LogIndex index);
  void OnOverridden(uint32_t machine, LogIndex from);
  void OnRead(uint32_t machine, LogIndex applied, LogIndex barrier);
  void OnAck(uint32_t machine, LogIndex match);

  Judge& judge_;
  const Ledger& ledger_;
  std::vector<Life> lives_;  // by machine
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CLUSTER_INVARIANTS_INDICES_H_
