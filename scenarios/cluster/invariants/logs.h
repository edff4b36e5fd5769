// log-matching, and what of acked-writes-survive one log shows by itself: feeds the ledger with
// what the machines' logs do, and with what primaries say is committed.
#ifndef WAVETANK_SCENARIOS_CLUSTER_INVARIANTS_LOGS_H_
#define WAVETANK_SCENARIOS_CLUSTER_INVARIANTS_LOGS_H_

#include <cstdint>
#include <set>

#include "scenarios/cluster/honesty.h"
#include "scenarios/cluster/ledger.h"
#include "scenarios/judge.h"
#include "sim/simulator.h"

namespace wt::scenarios {

// First of the group's invariants: the others look at the ledger as the event leaves it.
class Logs final : public sim::EventObserver {
 public:
  Logs(Judge& judge, Ledger& ledger, const Honesty& honesty)
      : judge_(judge), ledger_(ledger), honesty_(honesty) {}
  void OnEvent(sim::Machine& machine, sim::SimTime at, const Event& event) override;

 private:
  void OnRecovered(uint32_t machine, const Event& event);
  void OnConfiguration(uint32_t machine, sim::SimTime at, const Event& event);

  Judge& judge_;
  Ledger& ledger_;
  const Honesty& honesty_;
  std::set<uint32_t> opening_;  // machines whose log is being read: what they sync is what is there
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CLUSTER_INVARIANTS_LOGS_H_
