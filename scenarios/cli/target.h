// What a verb is asked to work on: SCENARIO:SEED, or the file of a plan.
#ifndef WAVETANK_SCENARIOS_CLI_TARGET_H_
#define WAVETANK_SCENARIOS_CLI_TARGET_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "scenarios/cli/shell.h"
#include "scenarios/plan.h"

namespace wt::cli {

bool IsPlanFile(const std::string& target);

// The text of a plan's file, and what it says.
struct PlanFile {
  std::string text;
  scenarios::Plan plan;
};
// Errors: InvalidArgument for assignments; DataLoss when the plan is damaged, or of a scenario that
// is not there: a file of ours that broke, no misuse of the program.
absl::StatusOr<PlanFile> ReadPlan(const Shell& shell, const std::string& path,
                                  const std::vector<std::string>& assignments);

// The plan that is meant, drawn if need be. Errors: those of ReadPlan; FailedPrecondition for a
// directed scenario, which has none.
absl::StatusOr<scenarios::Plan> PlanOf(const Shell& shell, const std::string& target,
                                       const std::vector<std::string>& assignments);

}  // namespace wt::cli

#endif  // WAVETANK_SCENARIOS_CLI_TARGET_H_
