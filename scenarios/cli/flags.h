// Flags, each with a twin in the environment: --max-states is WAVETANK_MAX_STATES. A flag wins over
// the environment, which wins over the file named by --config.
#ifndef WAVETANK_SCENARIOS_CLI_FLAGS_H_
#define WAVETANK_SCENARIOS_CLI_FLAGS_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "absl/status/status.h"
#include "scenarios/campaign/values.h"

namespace wt::cli {

std::string EnvironmentName(std::string_view flag);  // "WAVETANK_MAX_STATES" of "max-states"

// Without the dashes: AddFlag(app, "seeds", &seeds, "half-open").
CLI::Option* AddFlag(CLI::App& app, const std::string& name, std::string* to,
                     const std::string& help);
CLI::Option* AddFlag(CLI::App& app, const std::string& name, bool* to, const std::string& help);
// May be given several times; the environment's twin holds several with spaces between.
CLI::Option* AddFlag(CLI::App& app, const std::string& name, std::vector<std::string>* to,
                     const std::string& help);

// Every flag's name of the program, without dashes.
std::vector<std::string> FlagNames(const CLI::App& app);

// Where --config or WAVETANK_CONFIG says; empty if neither does.
std::string ConfigFile(int argc, char** argv);

// Reads `name = value` lines (# comments, quotes around a value) and puts each in the environment
// unless it is there already. Errors: NotFound, InvalidArgument with file and line.
absl::Status LoadConfig(const std::string& path, std::span<const std::string> known);

// The assignments of --set, those of the environment split at spaces.
std::vector<std::string> Assignments(const std::vector<std::string>& set);

// " --set storm=2s", to be appended to a command that reproduces; empty for none.
std::string AsArguments(const std::vector<std::string>& assignments);

// Parses a flag's text; an error names the flag.
template <typename Parse>
auto Parsed(std::string_view flag, const std::string& text, Parse parse) -> decltype(parse(text)) {
  auto value = parse(text);
  if (value.ok()) return value;
  return absl::Status(value.status().code(),
                      "--" + std::string(flag) + ": " +
                          std::string(value.status().message().data(),
                                      value.status().message().size()));
}

}  // namespace wt::cli

#endif  // WAVETANK_SCENARIOS_CLI_FLAGS_H_
