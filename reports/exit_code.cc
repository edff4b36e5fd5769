#include "reports/exit_code.h"

#include "engine/base/check.h"

namespace wt::reports {

int ExitCodeOf(const Totals& totals, Goals goals) {
  if (totals.errors > 0) return kExitBroken;
  if (!totals.mismatches.empty()) return kExitNotDeterministic;
  if (totals.failed > 0) return kExitFinding;
  return totals.Inconclusive(goals) ? kExitInconclusive : kExitPassed;
}

int ExitCodeOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass: return kExitPassed;
    case Verdict::kFail: return kExitFinding;
    case Verdict::kInconclusive: return kExitInconclusive;
    case Verdict::kError: return kExitBroken;
  }
  WT_CHECK(false);
}

}  // namespace wt::reports
