#include "scenarios/cli/cli.h"

#include <algorithm>
#include <vector>

#include <CLI/CLI.hpp>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/status.h"
#include "reports/exit_code.h"
#include "scenarios/campaign/crash_handler.h"
#include "scenarios/campaign/nearest.h"
#include "scenarios/cli/flags.h"
#include "scenarios/cli/shell.h"

namespace wt::cli {
namespace {

constexpr char kAbout[] =
    "Wavetank proves a storage engine in a simulated storm: one seed is one storm, for ever.";
constexpr char kExitCodes[] =
    "Exit codes: 0 passed, 1 finding, 2 usage, 3 inconclusive or vacuous, 4 the tank broke,\n"
    "            5 not deterministic, 130 interrupted.\n"
    "Every flag has a twin in the environment: --max-states is WAVETANK_MAX_STATES.\n";

// One line, whatever the library that found it had to say.
std::string OneLine(std::string text) {
  for (char& c : text) {
    if (c == '\n') c = ' ';
  }
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

int Usage(std::string_view verb, std::string_view what) {
  const std::string name = verb.empty() ? "wavetank" : "wavetank " + std::string(verb);
  Complain(absl::StrFormat("%s: %s", name, OneLine(std::string(what))));
  return reports::kExitUsage;
}

class Program {
 public:
  explicit Program(const Harness& harness)
      : shell_{harness, DetectTerminal()}, app_(kAbout, "wavetank") {
    app_.footer(kExitCodes);
    app_.require_subcommand(1);
    app_.set_version_flag("--version", "wavetank " WAVETANK_VERSION);
    for (const auto add :
         {AddList, AddDescribe, AddRun, AddRepro, AddVerify, AddShrink, AddExplain, AddCrash,
          AddCorpus, AddGate, AddMerge, AddMutants, AddHistory, AddCheck, AddDoctor, AddWorker}) {
      verbs_.push_back(add(app_, shell_));
      verbs_.back().app->allow_extras();
    }
  }

  int Run(int argc, char** argv);

 private:
  std::vector<std::string> VerbNames() const;
  std::vector<std::string> AllFlags() const;
  int Parse(int argc, char** argv, const Verb** chosen);
  int RunVerb(const Verb& verb);

  Shell shell_;
  CLI::App app_;
  std::vector<Verb> verbs_;
};

std::vector<std::string> Program::VerbNames() const {
  std::vector<std::string> names;
  for (const Verb& verb : verbs_) {
    if (!verb.app->get_group().empty()) names.push_back(verb.app->get_name());
  }
  return names;
}

std::vector<std::string> Program::AllFlags() const {
  std::vector<std::string> names;
  for (const Verb& verb : verbs_) {
    for (std::string& name : FlagNames(*verb.app)) names.push_back(std::move(name));
  }
  return names;
}

// 0 when a verb was chosen; else the exit code, and everything is said.
int Program::Parse(int argc, char** argv, const Verb** chosen) {
  try {
    app_.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    const auto used = app_.get_subcommands();
    Print(used.empty() ? app_.help() : used.front()->help());
    return reports::kExitPassed;
  } catch (const CLI::CallForVersion&) {
    Print("wavetank " WAVETANK_VERSION "\n");
    return reports::kExitPassed;
  } catch (const CLI::ParseError& error) {
    const auto used = app_.get_subcommands();
    return Usage(used.empty() ? "" : used.front()->get_name(), error.what());
  }
  for (const Verb& verb : verbs_) {
    if (verb.app->parsed()) *chosen = &verb;
  }
  WT_CHECK(*chosen != nullptr);
  const CLI::App& verb = *(*chosen)->app;
  for (const std::string& extra : verb.remaining()) {
    if (!extra.starts_with("--")) return Usage(verb.get_name(), "unexpected \"" + extra + "\"");
    const std::string name = extra.substr(2, extra.find('=') - 2);
    std::vector<std::string> flags;
    for (const std::string& flag : FlagNames(verb)) flags.push_back("--" + flag);
    return Usage(verb.get_name(), scenarios::UnknownName("flag", "--" + name, flags));
  }
  return reports::kExitPassed;
}

int Program::RunVerb(const Verb& verb) {
  const absl::StatusOr<int> code = verb.body();
  if (code.ok()) return *code;
  const std::string message = MessageOf(code.status());
  const bool callers = code.status().code() == absl::StatusCode::kInvalidArgument ||
                       code.status().code() == absl::StatusCode::kNotFound;
  if (callers) return Usage(verb.app->get_name(), message);
  Complain(absl::StrFormat("wavetank %s: %s", verb.app->get_name(), OneLine(message)));
  return reports::kExitBroken;
}

int Program::Run(int argc, char** argv) {
  if (argc < 2) {
    Complain(app_.help());
    return reports::kExitUsage;
  }
  const std::string first = argv[1];
  std::vector<std::string> all;
  for (const Verb& verb : verbs_) all.push_back(verb.app->get_name());
  if (!first.starts_with('-') && std::ranges::find(all, first) == all.end()) {
    return Usage("", scenarios::UnknownName("verb", first, VerbNames()));
  }
  const std::string config = first == "worker" ? "" : ConfigFile(argc, argv);
  if (!config.empty()) {
    const absl::Status loaded = LoadConfig(config, AllFlags());
    if (!loaded.ok()) return Usage("", MessageOf(loaded));
  }
  const Verb* chosen = nullptr;
  const int code = Parse(argc, argv, &chosen);
  return chosen == nullptr || code != reports::kExitPassed ? code : RunVerb(*chosen);
}

}  // namespace

int Main(const Harness& harness, int argc, char** argv) {
  WT_CHECK(!harness.tank.scenarios.empty());
  scenarios::InstallCrashHandler();
  return Program(harness).Run(argc, argv);
}

}  // namespace wt::cli
