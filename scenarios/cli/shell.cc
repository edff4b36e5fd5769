#include "scenarios/cli/shell.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdint>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "reports/exit_code.h"
#include "scenarios/campaign/campaign_files.h"
#include "scenarios/campaign/nearest.h"
#include "scenarios/campaign/overrides.h"
#include "scenarios/cli/flags.h"

namespace wt::cli {

void AddCommonFlags(CLI::App& verb, Common* common) {
  AddFlag(verb, "json", &common->json, "one JSON object a line on stdout, and nothing else");
  AddFlag(verb, "config", &common->config, "a file of `flag = value` lines");
}

void AddCiFlags(CLI::App& verb, CiFiles* files) {
  AddFlag(verb, "junit", &files->junit, "write JUnit's XML to this file, too");
  AddFlag(verb, "summary", &files->summary, "write the Markdown summary to this file, too");
}

absl::Status WriteAsked(const CiFiles& files, std::string_view summary, std::string_view junit) {
  if (!files.junit.empty()) WT_RETURN_IF_ERROR(scenarios::WriteWholeFile(files.junit, junit));
  if (files.summary.empty()) return absl::OkStatus();
  return scenarios::WriteWholeFile(files.summary, summary);
}

absl::StatusOr<const scenarios::Scenario*> FindScenario(const Shell& shell, std::string_view name) {
  const auto scenarios = shell.harness.tank.scenarios;
  if (const scenarios::Scenario* found = scenarios::FindIn(scenarios, name)) return found;
  std::vector<std::string> known;
  for (const scenarios::Scenario& scenario : scenarios) known.push_back(scenario.name);
  return NotFound("%s (wavetank list)", scenarios::UnknownName("scenario", name, known));
}

namespace {

// What is judged here: a name that is none would be evaluated at no moment.
absl::Status CheckAim(const Shell& shell, const scenarios::Scenario& scenario) {
  if (!scenario.aim.has_value() || scenario.aim->invariant.empty()) return absl::OkStatus();
  std::vector<std::string> known;
  for (const scenarios::InvariantInfo& info : shell.harness.invariants) {
    known.emplace_back(info.name);
  }
  if (std::ranges::find(known, scenario.aim->invariant) != known.end()) return absl::OkStatus();
  return InvalidArgument("%s", scenarios::UnknownName("invariant", scenario.aim->invariant, known));
}

}  // namespace

absl::StatusOr<scenarios::Scenario> Adjusted(const Shell& shell, std::string_view name,
                                             const std::vector<std::string>& assignments) {
  WT_ASSIGN_OR_RETURN(const scenarios::Scenario* found, FindScenario(shell, name));
  scenarios::Scenario scenario = *found;
  if (scenario.is_story() && !assignments.empty()) {
    return InvalidArgument("--set: %s is directed: nothing of it is drawn", scenario.name);
  }
  WT_RETURN_IF_ERROR(Annotate(scenarios::ApplyOverrides(assignments, &scenario), "--set"));
  WT_RETURN_IF_ERROR(Annotate(CheckAim(shell, scenario), "--set: aim"));
  return scenario;
}

scenarios::Tank TankOf(const Shell& shell, std::span<const scenarios::Scenario> scenarios) {
  scenarios::Tank tank = shell.harness.tank;
  tank.scenarios = scenarios;
  return tank;
}

std::vector<reports::Promise> PromisesOf(const Shell& shell,
                                         std::span<const scenarios::Scenario> scenarios) {
  std::vector<reports::Promise> promises;
  for (const scenarios::Scenario& scenario : scenarios) {
    reports::Promise promise{.scenario = scenario.name, .goals = scenario.goals};
    for (const faults::FaultSpec& spec : scenario.faults) {
      promise.faults.emplace_back(shell.harness.faults[static_cast<size_t>(spec.kind)].name);
    }
    promises.push_back(std::move(promise));
  }
  return promises;
}

absl::StatusOr<scenarios::Command> WorkerCommand(const std::vector<std::string>& assignments) {
  char path[PATH_MAX];
  const ssize_t length = ::readlink("/proc/self/exe", path, sizeof(path));
  if (length <= 0) return Unavailable("cannot read /proc/self/exe");
  scenarios::Command command;
  command.arguments = {std::string(path, static_cast<size_t>(length)), "worker"};
  for (const std::string& assignment : assignments) {
    command.arguments.insert(command.arguments.end(), {"--set", assignment});
  }
  return command;
}

uint32_t UsableCores() {
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof(set), &set) != 0) return 1;
  return static_cast<uint32_t>(std::max(1, CPU_COUNT(&set)));
}

absl::StatusOr<uint32_t> JobsFrom(const std::string& text) {
  if (text.empty()) return UsableCores();
  WT_ASSIGN_OR_RETURN(const uint64_t jobs, Parsed("jobs", text, scenarios::ParseNumber));
  if (jobs == 0 || jobs > 4096) return InvalidArgument("--jobs: 1 to 4096");
  return static_cast<uint32_t>(jobs);
}

std::string_view KindOf(const scenarios::Scenario& scenario) {
  if (scenario.is_story()) return "directed";
  return scenario.crash && scenario.faults.empty() ? "crash" : "random";
}

std::vector<uint32_t> MachineCountsOf(const scenarios::Scenario& scenario) {
  if (!scenario.group) return {scenario.machines};
  std::vector<uint32_t> counts;
  for (uint32_t voters : scenario.group->voters) {
    counts.push_back(voters + scenario.group->learners);
  }
  std::ranges::sort(counts);
  const auto repeated = std::ranges::unique(counts);
  counts.erase(repeated.begin(), repeated.end());
  WT_CHECK(!counts.empty());
  return counts;
}

int Interrupted(std::string_view what) {
  Complain("interrupted: " + std::string(what));
  return reports::kExitInterrupted;
}

}  // namespace wt::cli
