// election-safety: one vote a machine, term and life; one primary a term.
//
// A vote counts when its message is released. A machine whose disk was never harmed gives one vote
// a term whatever its lives: restarts included. One that may have forgotten its vote has a new
// epoch before it votes again, and whoever counts the old vote beside a promise that knows of the
// new epoch drops it (PROTOCOL.md, "Disks that lie").
#ifndef WAVETANK_SCENARIOS_CLUSTER_INVARIANTS_ELECTIONS_H_
#define WAVETANK_SCENARIOS_CLUSTER_INVARIANTS_ELECTIONS_H_

#include <cstdint>
#include <map>
#include <tuple>

#include "scenarios/cluster/honesty.h"
#include "scenarios/judge.h"
#include "sim/simulator.h"

namespace wt::scenarios {

class Elections final : public sim::EventObserver {
 public:
  Elections(Judge& judge, const Honesty& honesty) : judge_(judge), honesty_(honesty) {}
  void OnEvent(sim::Machine& machine, sim::SimTime at, const Event& event) override;

  // Of the highest term that anybody was elected in; 0 when there was none.
  uint32_t latest_primary() const { return primaries_.empty() ? 0 : primaries_.rbegin()->second; }
  Term latest_term() const { return primaries_.empty() ? Term(0) : primaries_.rbegin()->first; }
  uint64_t elections() const { return primaries_.size(); }

 private:
  struct Vote {
    uint64_t candidate = 0;
    uint64_t session = 0;
    bool honest = false;
  };

  void OnVote(uint32_t machine, Term term, const Vote& vote, uint64_t epoch);
  void OnElected(uint32_t machine, Term term);

  Judge& judge_;
  const Honesty& honesty_;
  std::map<std::tuple<uint32_t, Term, uint64_t>, Vote> votes_;  // machine, term, epoch
  std::map<std::pair<uint32_t, Term>, Vote> by_term_;           // the latest
  std::map<Term, uint32_t> primaries_;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CLUSTER_INVARIANTS_ELECTIONS_H_
