#include "faults/fault.h"
#include "scenarios/canaries.h"
#include "scenarios/cli/cli.h"
#include "scenarios/crash.h"
#include "scenarios/execute.h"
#include "scenarios/invariants.h"
#include "scenarios/matrix_axes.h"
#include "scenarios/plan.h"
#include "scenarios/scenario.h"

namespace wt::cli {
namespace {

using scenarios::ExecuteOptions;
using scenarios::Plan;
using scenarios::Scenario;

int RunProgram(int argc, char** argv) {
  const Harness harness{
      .tank = {.scenarios = scenarios::Catalog(),
               .execute =
                   [](const Scenario& scenario, uint64_t seed, const ExecuteOptions& options) {
                     return scenarios::Execute(scenario, seed, options);
                   },
               .execute_plan =
                   [](const Plan& plan, const ExecuteOptions& options) {
                     return scenarios::Execute(plan, options);
                   },
               .draw_plan = scenarios::PlanOf,
               .plan_to_json = [](const Plan& plan) { return scenarios::ToJson(plan); },
               .plan_from_json = scenarios::PlanFromJson},
      .enumerate_crashes = scenarios::EnumerateCrashes,
      .invariants = scenarios::AllInvariants(),
      .faults = faults::AllFaults(),
      .canaries = scenarios::AllCanaries(),
      .matrix_axes = scenarios::MatrixAxesOf};
  return Main(harness, argc, argv);
}

}  // namespace
}  // namespace wt::cli

int main(int argc, char** argv) { return wt::cli::RunProgram(argc, argv); }
