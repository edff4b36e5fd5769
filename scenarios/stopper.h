// Ends a run before its end, at the moment that was asked for, and shows what was to be seen there.
#ifndef WAVETANK_SCENARIOS_STOPPER_H_
#define WAVETANK_SCENARIOS_STOPPER_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "reports/run_record.h"
#include "scenarios/execute.h"
#include "scenarios/story.h"
#include "scenarios/view.h"
#include "sim/simulator.h"

namespace wt::scenarios {

class Stopper {
 public:
  // What a stopped run fails as; no invariant.
  static constexpr std::string_view kName = "until";

  // Does nothing without a stop point. Before Run. All must outlive it.
  Stopper(sim::Simulator& sim, Story& story, const ExecuteOptions& options);
  const std::optional<Stopped>& stopped() const { return stopped_; }

 private:
  void OnStep(const reports::Step& step);
  void Stop();

  sim::Simulator& sim_;
  const ExecuteOptions& options_;
  Board board_;
  uint64_t matched_ = 0;
  std::optional<Stopped> stopped_;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_STOPPER_H_
