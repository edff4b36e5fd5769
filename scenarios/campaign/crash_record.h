// An enumeration of crash states as a run: what a gate judges, and what a canary of it is judged
// by.
#ifndef WAVETANK_SCENARIOS_CAMPAIGN_CRASH_RECORD_H_
#define WAVETANK_SCENARIOS_CAMPAIGN_CRASH_RECORD_H_

#include "scenarios/crash.h"
#include "scenarios/execute.h"

namespace wt::scenarios {

// Fails with the first failure. Its figures travel in the record: states as events, points and
// distinct states as counts of faults. Not complete, or nothing seen: inconclusive.
Run RunOf(const CrashResult& crashes, const Scenario& scenario);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CAMPAIGN_CRASH_RECORD_H_
