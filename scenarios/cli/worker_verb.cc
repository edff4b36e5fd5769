// `wavetank worker`: the program as a worker process, with its socket on descriptor 3.
#include <sys/stat.h>

#include <memory>

#include "engine/base/status.h"
#include "reports/exit_code.h"
#include "scenarios/campaign/overrides.h"
#include "scenarios/cli/flags.h"
#include "scenarios/cli/shell.h"

namespace wt::cli {
namespace {

absl::StatusOr<int> Work(const Shell& shell, const std::vector<std::string>& assignments) {
  struct stat descriptor;  // whoever starts us may have left another one open there
  if (::fstat(scenarios::kWorkerSocket, &descriptor) != 0 || !S_ISSOCK(descriptor.st_mode)) {
    return InvalidArgument("is started by `wavetank verify` and `wavetank run --verify` only");
  }
  std::vector<scenarios::Scenario> adjusted;
  for (const scenarios::Scenario& scenario : shell.harness.tank.scenarios) {
    adjusted.push_back(scenario);
    // Not every key suits every scenario; the ones asked for were adjusted by the caller as well.
    if (scenario.is_story()) continue;
    scenarios::Scenario changed = scenario;
    if (scenarios::ApplyOverrides(assignments, &changed).ok()) adjusted.back() = changed;
  }
  for (const scenarios::Canary& canary : shell.harness.canaries) {
    adjusted.push_back(scenarios::ScenarioOf(canary));
  }
  const scenarios::Tank tank =
      scenarios::WithCanaries(TankOf(shell, adjusted), shell.harness.canaries);
  scenarios::ServeSocket(scenarios::kWorkerSocket,
                         [&](std::string_view line) { return scenarios::Serve(tank, line); });
  return reports::kExitPassed;
}

}  // namespace

Verb AddWorker(CLI::App& program, const Shell& shell) {
  auto assignments = std::make_shared<std::vector<std::string>>();
  CLI::App* verb = program.add_subcommand("worker", "what `verify` starts")->group("");
  verb->add_option("--set", *assignments, "as of run")->allow_extra_args(false);
  return {verb, [&shell, assignments] { return Work(shell, *assignments); }};
}

}  // namespace wt::cli
