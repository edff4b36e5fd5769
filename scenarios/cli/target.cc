#include "scenarios/cli/target.h"

#include <filesystem>

#include "engine/base/status.h"
#include "scenarios/campaign/campaign_files.h"
#include "scenarios/campaign/values.h"

namespace wt::cli {

bool IsPlanFile(const std::string& target) {
  std::error_code ignored;
  return target.ends_with(".json") || std::filesystem::is_regular_file(target, ignored);
}

absl::StatusOr<PlanFile> ReadPlan(const Shell& shell, const std::string& path,
                                  const std::vector<std::string>& assignments) {
  if (!assignments.empty()) return InvalidArgument("--set does not apply to a plan: edit the plan");
  PlanFile file;
  WT_ASSIGN_OR_RETURN(file.text, scenarios::ReadWholeFile(path));
  absl::StatusOr<scenarios::Plan> plan = shell.harness.tank.plan_from_json(file.text);
  if (!plan.ok()) return DataLoss("%s: %s", path, MessageOf(plan.status()));
  if (!FindScenario(shell, plan->scenario).ok()) {
    return DataLoss("%s: unknown scenario \"%s\"", path, plan->scenario);
  }
  file.plan = *std::move(plan);
  return file;
}

absl::StatusOr<scenarios::Plan> PlanOf(const Shell& shell, const std::string& target,
                                       const std::vector<std::string>& assignments) {
  if (IsPlanFile(target)) {
    WT_ASSIGN_OR_RETURN(PlanFile file, ReadPlan(shell, target, assignments));
    return std::move(file.plan);
  }
  WT_ASSIGN_OR_RETURN(const scenarios::RunId id, scenarios::ParseRunId(target));
  WT_ASSIGN_OR_RETURN(const scenarios::Scenario scenario,
                      Adjusted(shell, id.scenario, assignments));
  if (scenario.is_story()) {
    return FailedPrecondition(
        "%s is directed: its story says what is done and what goes wrong, a seed only draws the "
        "knobs and the schedule; it has no plan",
        scenario.name);
  }
  return shell.harness.tank.draw_plan(scenario, id.seed);
}

}  // namespace wt::cli
