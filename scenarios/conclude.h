// From the end of a run to its record: what is the same for one machine and for several.
#ifndef WAVETANK_SCENARIOS_CONCLUDE_H_
#define WAVETANK_SCENARIOS_CONCLUDE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "scenarios/execute.h"
#include "scenarios/judge.h"
#include "scenarios/story.h"
#include "sim/simulator.h"

namespace wt::scenarios {

// Of a machine or several: how the seed schedules, and how long a run may be.
sim::SimulatorOptions SimOptionsOf(const Plan& plan, const ExecuteOptions& how);

struct Ending {
  sim::RunEnd end;
  std::optional<Stopped> stopped;
};

// Runs `harness`, and stops it at options.stop when that is set.
Ending RunUntil(sim::Simulator& sim, const ExecuteOptions& options, Story& story,
                const std::function<void()>& harness);

Run Conclude(const Plan& plan, const Ending& ending, sim::Simulator& sim, const Judge& judge,
             const Story& story, const std::map<std::string, uint64_t>& faults,
             const std::map<std::string, uint64_t>& goals);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CONCLUDE_H_
