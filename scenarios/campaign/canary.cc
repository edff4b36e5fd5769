#include "scenarios/campaign/canary.h"

#include <utility>

namespace wt::scenarios {

Scenario ScenarioOf(const Canary& canary) {
  Scenario scenario{.name = canary.name, .summary = canary.lie};
  if (canary.caught_by == kByMissedGoal) scenario.goals = {"canary.never"};
  return scenario;
}

Tank WithCanaries(Tank tank, std::span<const Canary> canaries) {
  const auto execute = std::move(tank.execute);
  tank.execute = [execute, canaries](const Scenario& scenario, uint64_t seed,
                                     const ExecuteOptions& options) {
    for (const Canary& canary : canaries) {
      if (canary.name != scenario.name) continue;
      Run run = canary.execute(seed, options);
      run.record.scenario = canary.name;
      run.record.seed = seed;
      return run;
    }
    return execute(scenario, seed, options);
  };
  return tank;
}

}  // namespace wt::scenarios
