#include "scenarios/campaign/crash_record.h"

namespace wt::scenarios {

Run RunOf(const CrashResult& crashes, const Scenario& scenario) {
  Run run;
  reports::RunRecord& record = run.record;
  record.scenario = scenario.name;
  record.events = crashes.states;
  record.digest = crashes.digest;
  record.faults = {{"points", crashes.points}, {"distinct", crashes.distinct}};
  const bool is_all = crashes.complete && crashes.states > 0;
  if (!is_all) record.verdict = reports::Verdict::kInconclusive;
  if (!crashes.complete) record.message = "not every crash state was tried";
  if (crashes.failures.empty()) return run;
  const CrashFailure& first = crashes.failures.front();
  record.verdict = reports::Verdict::kFail;
  record.invariant = first.invariant;
  record.message = first.message + " (" + first.state + ")";
  return run;
}

}  // namespace wt::scenarios
