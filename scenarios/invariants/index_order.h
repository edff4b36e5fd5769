// index-order and read-barrier: the three indices of an engine, as its events tell them.
#ifndef WAVETANK_SCENARIOS_INVARIANTS_INDEX_ORDER_H_
#define WAVETANK_SCENARIOS_INVARIANTS_INDEX_ORDER_H_

#include "scenarios/judge.h"
#include "sim/simulator.h"

namespace wt::scenarios {

class IndexOrder final : public sim::EventObserver {
 public:
  explicit IndexOrder(Judge& judge) : judge_(judge) {}
  void OnEvent(sim::Machine& machine, sim::SimTime at, const Event& event) override;

 private:
  void OnCommit(LogIndex commit, LogIndex last);
  void OnApplied(LogIndex index);
  void OnRead(LogIndex applied, LogIndex barrier);

  Judge& judge_;
  LogIndex last_;
  LogIndex commit_;
  LogIndex applied_;
  LogIndex opening_commit_;
  bool commit_known_ = false;  // in this incarnation
  bool recovered_ = false;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_INVARIANTS_INDEX_ORDER_H_
