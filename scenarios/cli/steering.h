// Where the seeds of a campaign are to be sent next: to what was never evaluated.
#ifndef WAVETANK_SCENARIOS_CLI_STEERING_H_
#define WAVETANK_SCENARIOS_CLI_STEERING_H_

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "reports/matrix.h"
#include "reports/run_record.h"
#include "scenarios/scenario.h"

namespace wt::cli {

// A run that may fill an empty cell: one in which the same invariant was evaluated in the same
// phase, with the cell's fault at that moment.
struct Shot {
  uint32_t cell = 0;
  const scenarios::Scenario* scenario = nullptr;
  uint64_t seed = 0;
  std::string aim;  // the value of --set aim
};

class Steering {
 public:
  using AxesOf = std::function<reports::MatrixAxes(std::span<const scenarios::Scenario>)>;

  // `scenarios` outlives it. Directed ones are told, not steered.
  Steering(std::span<const scenarios::Scenario> scenarios, const AxesOf& axes_of);

  // Remembers where something was evaluated.
  void Note(const reports::RunRecord& record);

  // One for each empty cell that can be reached with a fault, in an order that `seed` draws; none
  // for what no run that was noted comes near. Another `round` takes other scenarios and seeds.
  std::vector<Shot> ShotsAt(const reports::MatrixCounts& counts, uint64_t seed,
                            uint64_t round) const;

 private:
  struct Example {
    const scenarios::Scenario* scenario = nullptr;
    uint64_t seed = 0;
  };

  size_t CornerOf(uint32_t cell) const;  // its invariant and phase

  std::span<const scenarios::Scenario> scenarios_;
  reports::MatrixAxes axes_;  // names
  std::map<std::string, size_t, std::less<>> numbers_;
  std::vector<std::vector<uint32_t>> cells_;  // by scenario: what it can reach with its faults
  std::vector<std::vector<std::vector<uint64_t>>> seeds_;  // by scenario and corner: examples
};

}  // namespace wt::cli

#endif  // WAVETANK_SCENARIOS_CLI_STEERING_H_
