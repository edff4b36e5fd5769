// What the verbs share: the tank they work on, and how a verb is added to the program.
#ifndef WAVETANK_SCENARIOS_CLI_SHELL_H_
#define WAVETANK_SCENARIOS_CLI_SHELL_H_

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "absl/status/statusor.h"
#include "scenarios/campaign/worker.h"
#include "scenarios/cli/cli.h"
#include "scenarios/cli/terminal.h"

namespace wt::cli {

struct Shell {
  const Harness& harness;
  Terminal terminal;
};

// A verb's body returns its exit code. An error of InvalidArgument or NotFound is the caller's
// (exit 2), any other the tank's or its environment's (exit 4).
struct Verb {
  CLI::App* app = nullptr;
  std::function<absl::StatusOr<int>()> body;
};

// Each adds one verb with its flags. `shell` outlives the verb.
Verb AddList(CLI::App& program, const Shell& shell);
Verb AddDescribe(CLI::App& program, const Shell& shell);
Verb AddRun(CLI::App& program, const Shell& shell);
Verb AddRepro(CLI::App& program, const Shell& shell);
Verb AddShrink(CLI::App& program, const Shell& shell);
Verb AddExplain(CLI::App& program, const Shell& shell);
Verb AddVerify(CLI::App& program, const Shell& shell);
Verb AddCrash(CLI::App& program, const Shell& shell);
Verb AddCorpus(CLI::App& program, const Shell& shell);
Verb AddMerge(CLI::App& program, const Shell& shell);
Verb AddGate(CLI::App& program, const Shell& shell);
Verb AddMutants(CLI::App& program, const Shell& shell);
Verb AddHistory(CLI::App& program, const Shell& shell);
Verb AddCheck(CLI::App& program, const Shell& shell);
Verb AddDoctor(CLI::App& program, const Shell& shell);
Verb AddWorker(CLI::App& program, const Shell& shell);  // hidden: what `verify` starts

// The flags that every verb has.
struct Common {
  bool json = false;
  std::string config{};  // is read before the others are parsed
};
void AddCommonFlags(CLI::App& verb, Common* common);

// Files for CI that a verb writes when they are asked for.
struct CiFiles {
  std::string junit{};
  std::string summary{};
};
void AddCiFlags(CLI::App& verb, CiFiles* files);
absl::Status WriteAsked(const CiFiles& files, std::string_view summary, std::string_view junit);

// Errors: NotFound, with the nearest names.
absl::StatusOr<const scenarios::Scenario*> FindScenario(const Shell& shell, std::string_view name);

// A scenario with the assignments of --set applied to it.
absl::StatusOr<scenarios::Scenario> Adjusted(const Shell& shell, std::string_view name,
                                             const std::vector<std::string>& assignments);

// The tank with other scenarios than the catalog's. `scenarios` outlives the result.
scenarios::Tank TankOf(const Shell& shell, std::span<const scenarios::Scenario> scenarios);

// What these scenarios promise that their runs will have seen.
std::vector<reports::Promise> PromisesOf(const Shell& shell,
                                         std::span<const scenarios::Scenario> scenarios);

// This program, as a worker that applies the same assignments.
absl::StatusOr<scenarios::Command> WorkerCommand(const std::vector<std::string>& assignments);

// Worker processes: what --jobs says, or one a core that may be used. Errors: InvalidArgument.
absl::StatusOr<uint32_t> JobsFrom(const std::string& text);
uint32_t UsableCores();

// "random", "directed", "crash".
std::string_view KindOf(const scenarios::Scenario& scenario);
// How many machines a run may have, ascending: a group draws its size. Never empty.
std::vector<uint32_t> MachineCountsOf(const scenarios::Scenario& scenario);

// A sentence that says more than the exit code of an interruption; the exit code.
int Interrupted(std::string_view what);

}  // namespace wt::cli

#endif  // WAVETANK_SCENARIOS_CLI_SHELL_H_
