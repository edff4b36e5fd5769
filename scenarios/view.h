// What a run looks like at one moment, for people: `wavetank repro --show`.
// campaign/view_request.h lists what there is to see.
#ifndef WAVETANK_SCENARIOS_VIEW_H_
#define WAVETANK_SCENARIOS_VIEW_H_

#include <map>
#include <string>

#include "reports/run_record.h"
#include "scenarios/campaign/view_request.h"
#include "sim/simulator.h"

namespace wt::scenarios {

// The latest step of each kind on each machine.
class Board {
 public:
  void Add(const reports::Step& step);
  const std::map<std::string, std::map<std::string, reports::Step>>& steps() const {
    return steps_;
  }

 private:
  std::map<std::string, std::map<std::string, reports::Step>> steps_;  // by machine, by first word
};

// Lines of text. Looks only: may be called at any moment of a run. A machine or a file that is not
// there is said to be so.
std::string View(sim::Simulator& sim, const Board& board, const ViewRequest& request);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_VIEW_H_
