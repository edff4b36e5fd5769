// leader-completeness, in two forms, and what a commit needs.
//
//   at an election   the log of who is elected holds every committed entry
//   at each commit   the entry is durable on a majority (acked-writes-survive); and no voter whose
//                    durable log lacks it could be elected by the others' durable logs as they are:
//                    those that are not more up to date than its own are no majority. It is sound
//                    (Raft's own proof), and finds in one step what takes a rare sequence:
//                    figure 8.
#ifndef WAVETANK_SCENARIOS_CLUSTER_INVARIANTS_COMPLETENESS_H_
#define WAVETANK_SCENARIOS_CLUSTER_INVARIANTS_COMPLETENESS_H_

#include "scenarios/cluster/honesty.h"
#include "scenarios/cluster/ledger.h"
#include "scenarios/judge.h"
#include "sim/simulator.h"

namespace wt::scenarios {

class Completeness final : public sim::EventObserver {
 public:
  Completeness(Judge& judge, const Ledger& ledger, const Honesty& honesty)
      : judge_(judge), ledger_(ledger), honesty_(honesty) {}
  void OnEvent(sim::Machine& machine, sim::SimTime at, const Event& event) override;

 private:
  void OnElected(uint32_t machine, Term term);
  void OnCommitted(uint32_t machine, sim::SimTime at, LogIndex index);
  void Predict(uint32_t machine, const Configuration& members, LogEnd entry);

  Judge& judge_;
  const Ledger& ledger_;
  const Honesty& honesty_;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CLUSTER_INVARIANTS_COMPLETENESS_H_
