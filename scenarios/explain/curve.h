// The likelihood of the failure along its run, and where it becomes certain.
#ifndef WAVETANK_SCENARIOS_EXPLAIN_CURVE_H_
#define WAVETANK_SCENARIOS_EXPLAIN_CURVE_H_

#include "scenarios/explain/explain.h"
#include "scenarios/explain/trials.h"

namespace wt::scenarios {

// Fills likelihood, likely and inevitable. Looks at the beginning first, then halves whatever step
// of the curve is the highest, between steps of the story; at last it halves the records between
// the two that certainty begins between.
void MeasureLikelihood(Trials& trials, Explanation& explanation);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_EXPLAIN_CURVE_H_
