#include "scenarios/execute.h"

#include <memory>

#include "engine/base/check.h"
#include "reports/signature.h"
#include "scenarios/aim.h"
#include "scenarios/cluster/cluster.h"
#include "scenarios/database/database_run.h"
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

Plan PlanOf(const Scenario& scenario, uint64_t seed) {
  Plan plan = DrawPlan(scenario, seed);
  if (scenario.aim) TakeAim(scenario, Execute(plan, {}), &plan);
  return plan;
}

Run Execute(const Scenario& scenario, uint64_t seed, const ExecuteOptions& options) {
  const Plan plan = PlanOf(scenario, seed);
  if (plan.group.has_value()) {
    return Finish(std::make_unique<Cluster>(plan, options, scenario.staged)->Execute());
  }
  if (plan.database.has_value()) {
    return Finish(std::make_unique<DatabaseRun>(plan, options)->Execute());
  }
  return Finish(SingleNode(plan, options, scenario.directed).Execute());
}

Run Execute(const Plan& plan, const ExecuteOptions& options) {
  if (plan.group.has_value()) return Finish(std::make_unique<Cluster>(plan, options)->Execute());
  if (plan.database.has_value()) {
    return Finish(std::make_unique<DatabaseRun>(plan, options)->Execute());
  }
  return Finish(SingleNode(plan, options).Execute());
}

}  // namespace wt::scenarios
