// Faults where a campaign has not been: at moments at which a run was in a phase of its engine.
#ifndef WAVETANK_SCENARIOS_AIM_H_
#define WAVETANK_SCENARIOS_AIM_H_

#include <span>

#include "scenarios/phase.h"
#include "scenarios/plan.h"
#include "scenarios/scenario.h"

namespace wt::scenarios {

// Adds up to three faults of the aim's kind to a plan that its scenario drew, at some of these
// moments of its run that are of the aim's phase. A fault changes nothing before it begins: the
// first of them hits the phase as it took place; the others hit it if it comes again. Adds none
// where the run never was in that phase, or never where the kind may strike. Requires: the scenario
// has an aim, and faults of its kind.
void TakeAim(const Scenario& scenario, std::span<const Moment> moments, Plan* plan);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_AIM_H_
