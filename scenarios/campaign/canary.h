// A canary: a run that must fail, because the harness lies in it to its own judges. A gate that is
// green on a canary proves nothing.
#ifndef WAVETANK_SCENARIOS_CAMPAIGN_CANARY_H_
#define WAVETANK_SCENARIOS_CAMPAIGN_CANARY_H_

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "scenarios/campaign/protocol.h"

namespace wt::scenarios {

// What catches a canary that no invariant of a run is for.
inline constexpr std::string_view kByTwoDigests = "same-seed-same-digest";
inline constexpr std::string_view kByMissedGoal = "goals-are-reached";

struct Canary {
  std::string name;       // "canary-untold-backup"
  std::string lie;        // one sentence
  std::string caught_by;  // an invariant, no-crash, or one of the above
  std::function<Run(uint64_t seed, const ExecuteOptions&)> execute;
  uint64_t seeds = 1;  // it must be caught within so many
};

// The scenario under which a canary runs; one that kByMissedGoal catches promises a goal.
Scenario ScenarioOf(const Canary& canary);
// A tank that runs canaries as well, by their names. `canaries` outlives the result.
Tank WithCanaries(Tank tank, std::span<const Canary> canaries);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CAMPAIGN_CANARY_H_
