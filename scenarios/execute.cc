#include "scenarios/execute.h"

#include "engine/base/check.h"
#include "reports/signature.h"
#include "scenarios/single_node.h"

namespace wt::scenarios {

namespace {

Run Finish(Run run) {
  if (run.record.verdict == reports::Verdict::kFail) {
    run.record.signature = reports::SignatureOf(run.record);
  }
  return run;
}

}  // namespace

Run Execute(const Scenario& scenario, uint64_t seed, const ExecuteOptions& options) {
  const Plan plan = DrawPlan(scenario, seed);
  return Finish(SingleNode(plan, options, scenario.directed).Execute());
}

Run Execute(const Plan& plan, const ExecuteOptions& options) {
  return Finish(SingleNode(plan, options).Execute());
}

}  // namespace wt::scenarios
