// How quickly a group does what it promises: notices that its primary is gone, has another that
// serves, and lets the replicas follow.
#ifndef WAVETANK_SCENARIOS_CLUSTER_FIGURES_H_
#define WAVETANK_SCENARIOS_CLUSTER_FIGURES_H_

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "scenarios/judge.h"
#include "sim/simulator.h"

namespace wt::scenarios {

// What is promised (requirement: detection, failover, lag).
inline constexpr Duration kDetectionBound = std::chrono::seconds(5);
inline constexpr Duration kFailoverBound = std::chrono::seconds(30);
inline constexpr Duration kLagBound = std::chrono::milliseconds(100);

class Figures final : public sim::EventObserver {
 public:
  // `held`: to be judged as well, as "converges".
  Figures(Judge& judge, uint32_t machines, bool held)
      : judge_(judge), held_(held), serving_(machines) {}
  void OnEvent(sim::Machine& machine, sim::SimTime at, const Event& event) override;

  // The machine is dead; or stands still, or nobody hears it, and may go on. When it was the
  // primary, the time begins to run.
  void OnDead(uint32_t machine, sim::SimTime at);
  void OnSilent(uint32_t machine, sim::SimTime at);
  // Nothing goes wrong any more: from now on replicas keep up.
  void OnCalm() { calm_ = true; }

  // Who was elected last and has not stepped down or died since; 0: nobody.
  uint32_t primary() const { return primary_; }
  // That one, if its first entry is committed.
  uint32_t serving_primary() const {
    return primary_ != 0 && serving_[primary_ - 1] ? primary_ : 0;
  }

  Duration worst_detection() const { return worst_detection_; }
  Duration worst_failover() const { return worst_failover_; }
  Duration worst_lag() const { return worst_lag_; }
  uint64_t failovers() const { return failovers_; }

 private:
  void OnElected(uint32_t machine, Term term, sim::SimTime at);
  void OnCommitted(uint32_t machine, LogIndex index, sim::SimTime at);
  void OnServing(uint32_t machine, sim::SimTime at);
  void OnApplied(uint32_t machine, LogIndex index, sim::SimTime at);
  void Hold(Duration took, Duration bound, const char* what);

  Judge& judge_;
  const bool held_;
  bool calm_ = false;
  uint32_t primary_ = 0;
  Term term_;
  std::vector<bool> serving_;
  std::optional<sim::SimTime> gone_at_;            // no primary since
  std::map<LogIndex, sim::SimTime> committed_at_;  // in calm
  Duration worst_detection_{};
  Duration worst_failover_{};
  Duration worst_lag_{};
  uint64_t failovers_ = 0;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CLUSTER_FIGURES_H_
