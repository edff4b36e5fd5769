// A tank that judges a plan by looking at it: nothing is simulated, so that what a plan needs for
// its failure is known, and shrinking it takes no time.
#ifndef WAVETANK_TESTS_SHRINK_SYNTHETIC_TANK_H_
#define WAVETANK_TESTS_SHRINK_SYNTHETIC_TANK_H_

#include <functional>
#include <string>
#include <utility>

#include "engine/base/check.h"
#include "scenarios/campaign/protocol.h"
#include "scenarios/plan.h"

namespace wt::scenarios::synthetic {

struct Failure {
  std::string invariant;  // empty: the run passes
  std::string message;
};
using Rule = std::function<Failure(const Plan&)>;

inline Run Judge(const Rule& rule, const Plan& plan) {
  Run run;
  run.record.scenario = plan.scenario;
  run.record.seed = plan.seed;
  run.record.virtual_us = static_cast<uint64_t>((plan.storm + plan.calm).count()) / 1000;
  run.record.events = plan.operations.size() + plan.faults.size();
  const Failure failure = rule(plan);
  if (failure.invariant.empty()) return run;
  run.record.verdict = reports::Verdict::kFail;
  run.record.invariant = failure.invariant;
  run.record.message = failure.message;
  run.record.failed_at_us = run.record.virtual_us;
  return run;
}

inline Tank TankWith(Rule rule) {
  return {
      .scenarios = Catalog(),
      .execute = nullptr,
      .execute_plan = [rule](const Plan& plan, const ExecuteOptions&) { return Judge(rule, plan); },
      .draw_plan = DrawPlan,
      .plan_to_json = [](const Plan& plan) { return ToJson(plan); },
      .plan_from_json = PlanFromJson};
}

inline Plan PlanOf(std::string_view scenario, uint64_t seed) {
  const Scenario* found = FindScenario(scenario);
  WT_CHECK(found != nullptr);
  return DrawPlan(*found, seed);
}

inline size_t CountOf(const Plan& plan, FaultKind kind) {
  size_t count = 0;
  for (const faults::Fault& fault : plan.faults) count += fault.kind == kind;
  return count;
}
inline size_t CountOf(const Plan& plan, OpKind kind) {
  size_t count = 0;
  for (const ClientOp& op : plan.operations) count += op.kind == kind;
  return count;
}

}  // namespace wt::scenarios::synthetic

#endif  // WAVETANK_TESTS_SHRINK_SYNTHETIC_TANK_H_
