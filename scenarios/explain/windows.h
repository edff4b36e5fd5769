// In which time each necessary fault may come.
#ifndef WAVETANK_SCENARIOS_EXPLAIN_WINDOWS_H_
#define WAVETANK_SCENARIOS_EXPLAIN_WINDOWS_H_

#include "scenarios/explain/explain.h"
#include "scenarios/explain/trials.h"

namespace wt::scenarios {

// Fills Part::window of faults that are necessary by themselves: each is moved away from where it
// is in growing strides, until the plan fails with none of the seeds; then the edge is halved. It
// passes no other fault, and the last one may come as late as the scenario's storm is long. What
// lies beyond a gap is not looked for.
void MeasureWindows(Trials& trials, Explanation& explanation);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_EXPLAIN_WINDOWS_H_
