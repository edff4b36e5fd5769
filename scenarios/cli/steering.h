// Where the seeds of a campaign are to be sent next: to faults and phases under which something was
// never evaluated.
#ifndef WAVETANK_SCENARIOS_CLI_STEERING_H_
#define WAVETANK_SCENARIOS_CLI_STEERING_H_

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "reports/matrix.h"
#include "scenarios/scenario.h"

namespace wt::cli {

// A fault and a phase, and the scenarios that can fill what is empty there, the most of it first.
struct Heading {
  std::string aim;  // "power-loss@roll": the value of --set aim
  uint64_t empty = 0;
  std::vector<const scenarios::Scenario*> scenarios{};
};

class Steering {
 public:
  using AxesOf = std::function<reports::MatrixAxes(std::span<const scenarios::Scenario>)>;

  // `scenarios` outlives it. Directed ones are told, not steered.
  Steering(std::span<const scenarios::Scenario> scenarios, const AxesOf& axes_of);

  // Those with empty cells, the emptiest first; of equal ones, in the matrix's order.
  std::vector<Heading> HeadingsFor(const reports::MatrixCounts& counts) const;

 private:
  struct Filler {
    const scenarios::Scenario* scenario = nullptr;
    std::vector<uint32_t> cells{};  // that it can reach
  };
  // A column and a phase, with the scenarios that have that fault.
  struct Corner {
    std::string aim;
    std::vector<Filler> fillers{};
  };
  std::vector<Corner> corners_;
};

}  // namespace wt::cli

#endif  // WAVETANK_SCENARIOS_CLI_STEERING_H_
