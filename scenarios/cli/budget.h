// How much a verb that runs plans again and again may take: --runs, --for, --jobs, --timeout.
#ifndef WAVETANK_SCENARIOS_CLI_BUDGET_H_
#define WAVETANK_SCENARIOS_CLI_BUDGET_H_

#include <cstdint>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "absl/status/statusor.h"
#include "scenarios/campaign/plan_pool.h"

namespace wt::cli {

// The flags as they were given.
struct BudgetFlags {
  std::string runs;  // empty: the verb's own
  std::string time;  // empty: no limit
  std::string jobs;  // empty: one a core
  std::string timeout = "10s";
};
// `runs_help` says what --runs counts.
void AddBudgetFlags(CLI::App& verb, const std::string& runs_help, BudgetFlags* flags);

// The same, understood; the time that --for gives begins now.
struct Budget {
  std::optional<uint64_t> runs;  // above zero
  scenarios::PoolOptions pool{};
};
// Errors: InvalidArgument, with the flag's name.
absl::StatusOr<Budget> BudgetOf(const BudgetFlags& flags);

}  // namespace wt::cli

#endif  // WAVETANK_SCENARIOS_CLI_BUDGET_H_
