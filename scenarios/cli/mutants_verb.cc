// `wavetank mutants`: the planted-bug score, which tests/mutants/score plants, builds and hunts.
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>
#include <filesystem>
#include <memory>

#include "engine/base/status.h"
#include "scenarios/cli/flags.h"
#include "scenarios/cli/shell.h"

namespace wt::cli {
namespace {

namespace fs = std::filesystem;

constexpr char kScore[] = "tests/mutants/score";

struct Options {
  Common common{};
  std::vector<std::string> names;
  std::string seeds;
  std::string jobs;
  std::string work;
  std::string random;
  std::string seed;
  std::string base_seed;
  bool check = false;
  bool gate = false;
};

// Upwards from here, then from where this program is. Empty: nowhere.
fs::path FindScore() {
  std::error_code error;
  for (fs::path at : {fs::current_path(error), fs::read_symlink("/proc/self/exe", error)}) {
    for (; at.has_relative_path(); at = at.parent_path()) {
      if (fs::is_regular_file(at / kScore, error)) return at / kScore;
    }
  }
  return {};
}

absl::StatusOr<int> Mutants(const Options& options) {
  const fs::path score = FindScore();
  if (score.empty()) {
    return NotFound(
        "%s is neither here nor above, nor above this program: planted bugs need the "
        "source tree",
        kScore);
  }
  std::vector<std::string> arguments = {score.string()};
  const std::pair<const char*, const std::string*> values[] = {
      {"--seeds", &options.seeds}, {"--jobs", &options.jobs},
      {"--work", &options.work},   {"--random", &options.random},
      {"--seed", &options.seed},   {"--base-seed", &options.base_seed}};
  for (const auto& [flag, value] : values) {
    if (!value->empty()) arguments.insert(arguments.end(), {flag, *value});
  }
  if (options.gate) arguments.push_back("--gate");
  if (options.check) arguments.push_back("--check");
  if (options.common.json) arguments.push_back("--json");
  arguments.insert(arguments.end(), options.names.begin(), options.names.end());
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  ::execv(score.c_str(), pointers.data());
  return Unavailable("%s: %s", score.string(), std::strerror(errno));
}

}  // namespace

Verb AddMutants(CLI::App& program, const Shell&) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = program.add_subcommand(
      "mutants", "the planted-bug score: caught by what, after how many seeds");
  verb->add_option("name", options->names, "of bugs; none: all of tests/mutants");
  AddFlag(*verb, "seeds", &options->seeds,
          "at most so many of each scenario; default 2000, with --gate 30");
  AddFlag(*verb, "jobs", &options->jobs, "of the compiler and of the hunt; default 2");
  AddFlag(*verb, "work", &options->work, "the copy and its build; default build/mutants");
  AddFlag(*verb, "random", &options->random, "so many, drawn by --seed");
  AddFlag(*verb, "seed", &options->seed, "of --random; default 1");
  AddFlag(*verb, "gate", &options->gate, "is the gate of CI red with it? Instead of the hunt");
  AddFlag(*verb, "base-seed", &options->base_seed, "of the gate's fresh seeds; default 1");
  AddFlag(*verb, "check", &options->check, "only whether each applies");
  AddCommonFlags(*verb, &options->common);
  return {verb, [options] { return Mutants(*options); }};
}

}  // namespace wt::cli
