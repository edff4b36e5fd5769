// `--set key=value`: a scenario with one thing changed. The keys are one explicit table.
#ifndef WAVETANK_SCENARIOS_CAMPAIGN_OVERRIDES_H_
#define WAVETANK_SCENARIOS_CAMPAIGN_OVERRIDES_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "scenarios/scenario.h"

namespace wt::scenarios {

// Every key, in the order of the table: "workload.operations", "storm", ...
std::vector<std::string> OverrideKeys();
// What the key's value looks like: "number", "duration", "A..B of sizes", ...
std::string_view OverrideForm(std::string_view key);

// Applies one "key=value". `faults` lists the kinds to keep (of those the scenario has), or "none";
// `fault.KIND.every|lasts|amount` changes the strength of one of them.
// Errors: InvalidArgument, with the nearest key when there is none of that name.
absl::Status ApplyOverride(std::string_view assignment, Scenario* scenario);
absl::Status ApplyOverrides(std::span<const std::string> assignments, Scenario* scenario);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CAMPAIGN_OVERRIDES_H_
