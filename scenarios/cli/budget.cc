#include "scenarios/cli/budget.h"

#include "engine/base/status.h"
#include "scenarios/campaign/values.h"
#include "scenarios/cli/flags.h"
#include "scenarios/cli/shell.h"

namespace wt::cli {
namespace {

absl::StatusOr<Duration> TimeOf(std::string_view flag, const std::string& text) {
  WT_ASSIGN_OR_RETURN(const Duration time, Parsed(flag, text, scenarios::ParseDuration));
  if (time <= Duration::zero()) return InvalidArgument("--%s: longer than nothing", flag);
  return time;
}

}  // namespace

void AddBudgetFlags(CLI::App& verb, const std::string& runs_help, BudgetFlags* flags) {
  AddFlag(verb, "runs", &flags->runs, runs_help);
  AddFlag(verb, "for", &flags->time, "wall time it may take: 2m; default: no limit");
  AddFlag(verb, "jobs", &flags->jobs, "worker processes; default: one a core");
  AddFlag(verb, "timeout", &flags->timeout, "wall time after which a run hangs; default 10s");
}

absl::StatusOr<Budget> BudgetOf(const BudgetFlags& flags) {
  Budget budget;
  if (!flags.runs.empty()) {
    WT_ASSIGN_OR_RETURN(budget.runs, Parsed("runs", flags.runs, scenarios::ParseNumber));
    if (budget.runs == uint64_t{0}) return InvalidArgument("--runs: at least 1");
  }
  WT_ASSIGN_OR_RETURN(budget.pool.jobs, JobsFrom(flags.jobs));
  WT_ASSIGN_OR_RETURN(const Duration timeout, TimeOf("timeout", flags.timeout));
  budget.pool.run_timeout = std::chrono::ceil<scenarios::WallDuration>(timeout);
  budget.pool.stop = &StopSignal();
  if (flags.time.empty()) return budget;
  WT_ASSIGN_OR_RETURN(const Duration time, TimeOf("for", flags.time));
  budget.pool.deadline = std::chrono::steady_clock::now() + time;
  return budget;
}

}  // namespace wt::cli
