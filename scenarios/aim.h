// Faults where a campaign has not been: at moments at which a run was in a phase of its engine.
#ifndef WAVETANK_SCENARIOS_AIM_H_
#define WAVETANK_SCENARIOS_AIM_H_

#include "scenarios/execute.h"
#include "scenarios/plan.h"
#include "scenarios/scenario.h"

namespace wt::scenarios {

// Adds up to three faults of the aim's kind to a plan that its scenario drew and that has been run,
// at moments of that run that are as the aim wants them. A fault changes nothing before it begins:
// the first of them meets what it was aimed at; the others do if it comes again. Adds none where
// the run never was there, or never where the kind may strike.
// Requires: the scenario has an aim, and faults of its kind.
void TakeAim(const Scenario& scenario, const Run& run, Plan* plan);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_AIM_H_
