// `wavetank list`: what there is, by name.
#include <map>
#include <memory>

#include <nlohmann/json.hpp>

#include "absl/strings/str_join.h"
#include "engine/base/status.h"
#include "reports/exit_code.h"
#include "reports/table.h"
#include "scenarios/campaign/nearest.h"
#include "scenarios/cli/flags.h"
#include "scenarios/cli/shell.h"

namespace wt::cli {
namespace {

using Json = nlohmann::ordered_json;
using reports::Align;
using reports::Ink;
using reports::Table;
using scenarios::Scenario;

std::string Text(std::string_view text) { return std::string(text); }

// Rows are made once, and shown as a table or as JSON.
struct Listing {
  Table table;
  std::vector<Json> objects;
};

Listing ListScenarios(const Shell& shell) {
  Listing listing{Table({{"scenario"}, {"kind"}, {"machines", Align::kRight}, {"crash"},
                         {"summary"}}), {}};
  for (const Scenario& scenario : shell.harness.tank.scenarios) {
    listing.table.AddRow({{scenario.name, Ink::kBold},
                          {Text(KindOf(scenario))},
                          {absl::StrJoin(MachineCountsOf(scenario), ", ")},
                          {scenario.crash ? "yes" : ""},
                          {scenario.summary}});
    listing.objects.push_back(Json{{"name", scenario.name},
                                   {"summary", scenario.summary},
                                   {"kind", Text(KindOf(scenario))},
                                   {"machines", MachineCountsOf(scenario).back()},
                                   {"crash", scenario.crash},
                                   {"default", scenario.in_default_set}});
  }
  return listing;
}

Listing ListFaults(const Shell& shell) {
  Listing listing{Table({{"fault"}, {"severity"}, {"amount"}, {"what it does"}}), {}};
  for (const faults::FaultInfo& fault : shell.harness.faults) {
    const bool harmful = fault.severity == faults::Severity::kHarmful;
    const std::string severity = harmful ? "harmful" : "benign";
    listing.table.AddRow({{Text(fault.name), Ink::kBold},
                          {severity, harmful ? Ink::kYellow : Ink::kPlain},
                          {Text(fault.unit)},
                          {Text(fault.what)}});
    listing.objects.push_back(Json{{"name", Text(fault.name)},
                                   {"severity", severity},
                                   {"unit", Text(fault.unit)},
                                   {"what", Text(fault.what)}});
  }
  return listing;
}

Listing ListInvariants(const Shell& shell) {
  Listing listing{Table({{"invariant"}, {"always true"}}), {}};
  for (const scenarios::InvariantInfo& invariant : shell.harness.invariants) {
    listing.table.AddRow({{Text(invariant.name), Ink::kBold}, {Text(invariant.always_true)}});
    listing.objects.push_back(Json{{"name", Text(invariant.name)},
                                   {"always_true", Text(invariant.always_true)}});
  }
  return listing;
}

Listing ListGoals(const Shell& shell) {
  std::map<std::string, std::vector<std::string>> wanted;
  for (const Scenario& scenario : shell.harness.tank.scenarios) {
    for (const std::string& goal : scenario.goals) wanted[goal].push_back(scenario.name);
  }
  Listing listing{Table({{"goal"}, {"must be reached in"}}), {}};
  for (const auto& [goal, names] : wanted) {
    listing.table.AddRow({{goal, Ink::kBold}, {absl::StrJoin(names, ", ")}});
    listing.objects.push_back(Json{{"name", goal}, {"scenarios", names}});
  }
  return listing;
}

struct Topic {
  const char* name;
  Listing (*make)(const Shell& shell);
};
constexpr Topic kTopics[] = {{"scenarios", ListScenarios},
                             {"faults", ListFaults},
                             {"invariants", ListInvariants},
                             {"goals", ListGoals}};

struct Options {
  Common common{};
  std::string topic = "scenarios";
};

absl::StatusOr<int> List(const Shell& shell, const Options& options) {
  std::vector<std::string> known;
  for (const Topic& topic : kTopics) {
    known.emplace_back(topic.name);
    if (options.topic != topic.name) continue;
    const Listing listing = topic.make(shell);
    if (!options.common.json) Print(listing.table.ToString(shell.terminal.out));
    if (!options.common.json) return reports::kExitPassed;
    for (const Json& object : listing.objects) Print(object.dump() + "\n");
    return reports::kExitPassed;
  }
  return NotFound("%s", scenarios::UnknownName("list", options.topic, known));
}

}  // namespace

Verb AddList(CLI::App& program, const Shell& shell) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = program.add_subcommand("list", "scenarios, faults, invariants or goals");
  verb->add_option("what", options->topic, "scenarios (the default), faults, invariants, goals");
  AddCommonFlags(*verb, &options->common);
  return {verb, [&shell, options] { return List(shell, *options); }};
}

}  // namespace wt::cli
