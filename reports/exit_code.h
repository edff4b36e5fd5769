// What the programs answer to their caller. Scripts depend on these numbers.
#ifndef WAVETANK_REPORTS_EXIT_CODE_H_
#define WAVETANK_REPORTS_EXIT_CODE_H_

#include "reports/campaign.h"
#include "reports/run_record.h"

namespace wt::reports {

inline constexpr int kExitPassed = 0;
inline constexpr int kExitFinding = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitInconclusive = 3;       // or vacuous, or a goal was missed
inline constexpr int kExitBroken = 4;             // the tank or its environment: retry
inline constexpr int kExitNotDeterministic = 5;
inline constexpr int kExitInterrupted = 130;

// The worst that applies: broken, not deterministic, finding, inconclusive, passed. A campaign
// without a single run has shown nothing: inconclusive.
int ExitCodeOf(const Totals& totals, Goals goals);
int ExitCodeOf(Verdict verdict);

}  // namespace wt::reports

#endif  // WAVETANK_REPORTS_EXIT_CODE_H_
