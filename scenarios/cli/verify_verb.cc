// `wavetank verify`: the same seed in two processes that differ in all that must not matter.
#include <memory>

#include <nlohmann/json.hpp>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/status.h"
#include "reports/exit_code.h"
#include "reports/text.h"
#include "scenarios/campaign/values.h"
#include "scenarios/campaign/verify.h"
#include "scenarios/cli/flags.h"
#include "scenarios/cli/shell.h"

namespace wt::cli {
namespace {

using Json = nlohmann::ordered_json;
using scenarios::RunId;
using scenarios::Verification;

struct Options {
  Common common{};
  std::vector<std::string> what;
  bool all = false;
  std::string seeds;
  std::vector<std::string> set;
  std::string timeout = "60s";
};

absl::StatusOr<std::vector<RunId>> NamedRuns(const Shell& shell, const Options& options) {
  if (options.what.empty()) {
    return InvalidArgument("name runs as SCENARIO:SEED, or scenarios with --seeds A..B");
  }
  std::vector<RunId> runs;
  for (const std::string& text : options.what) {
    WT_ASSIGN_OR_RETURN(RunId id, scenarios::ParseRunId(text));
    WT_RETURN_IF_ERROR(Adjusted(shell, id.scenario, Assignments(options.set)).status());
    runs.push_back(std::move(id));
  }
  return runs;
}

absl::StatusOr<std::vector<RunId>> RangeOfRuns(const Shell& shell, const Options& options) {
  std::string text = options.seeds.empty() ? "0..10" : options.seeds;
  WT_ASSIGN_OR_RETURN(const scenarios::SeedRange seeds,
                      Parsed("seeds", text, scenarios::ParseSeedRange));
  std::vector<std::string> names = options.what;
  if (options.all && !names.empty()) return InvalidArgument("either names or --all, not both");
  if (names.empty()) {
    for (const scenarios::Scenario& scenario : shell.harness.tank.scenarios) {
      if (options.all || scenario.in_default_set) names.push_back(scenario.name);
    }
  }
  std::vector<RunId> runs;
  for (const std::string& name : names) {
    const std::vector<std::string> assignments =
        options.what.empty() ? std::vector<std::string>{} : Assignments(options.set);
    WT_RETURN_IF_ERROR(Adjusted(shell, name, assignments).status());
    for (uint64_t seed = seeds.begin; seed < seeds.end; ++seed) runs.push_back({name, seed});
  }
  return runs;
}

std::string Text(const RunId& id, const Verification& result, reports::Look look) {
  const std::string name = reports::RunName(id.scenario, id.seed);
  if (result.same) {
    return absl::StrFormat("%s  %s  %s  %s\n", reports::Paint(look, reports::Ink::kGreen, "same"),
                           name, reports::HexDigest(result.digests[0]), result.outcomes[0]);
  }
  std::string text = absl::StrFormat(
      "%s  same-seed-same-digest  %s\n",
      reports::Paint(look, reports::Ink::kRed, "NOT DETERMINISTIC"), name);
  static constexpr std::string_view kWhere[] = {"a  one process           ",
                                                "b  another process       ",
                                                "b  the same process again"};
  for (int i = 0; i < 3; ++i) {
    text += absl::StrFormat("  %s  %s  %s\n", kWhere[i], reports::HexDigest(result.digests[i]),
                            result.outcomes[i]);
  }
  if (result.divergence) text += scenarios::DivergenceText(*result.divergence);
  return text;
}

Json ToJson(const scenarios::Divergence& divergence) {
  Json json = Json::object();
  json["record"] = divergence.record ? Json(*divergence.record) : Json();
  json["before"] = divergence.before;
  json["a"] = divergence.sides[0];
  json["b"] = divergence.sides[1];
  return json;
}

std::string Line(const RunId& id, const Verification& result) {
  Json json{{"kind", "verify"},
            {"scenario", id.scenario},
            {"seed", reports::Hex(id.seed)},
            {"same", result.same}};
  json["digests"] = Json::array();
  for (uint64_t digest : result.digests) json["digests"].push_back(reports::HexDigest(digest));
  if (result.divergence) json["divergence"] = ToJson(*result.divergence);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string EndText(const Options& options, uint64_t verified, uint64_t different) {
  if (options.common.json) {
    return Json{{"kind", "end"}, {"verified", verified}, {"not_deterministic", different}}.dump() +
           "\n";
  }
  if (different == 0) return reports::Plural(verified, "seed") + " verified, all the same\n";
  return absl::StrFormat("%s verified, %s not deterministic\n", reports::Plural(verified, "seed"),
                         reports::WithThousands(different));
}

absl::StatusOr<int> VerifyRuns(const Shell& shell, const Options& options) {
  const bool ranged = options.all || !options.seeds.empty();
  WT_ASSIGN_OR_RETURN(const std::vector<RunId> runs,
                      ranged ? RangeOfRuns(shell, options) : NamedRuns(shell, options));
  WT_ASSIGN_OR_RETURN(const Duration timeout,
                      Parsed("timeout", options.timeout, scenarios::ParseDuration));
  WT_ASSIGN_OR_RETURN(const scenarios::Command worker, WorkerCommand(Assignments(options.set)));
  const scenarios::VerifyOptions how{
      .processes = {worker, scenarios::MadeDifferent(worker)},
      .run_timeout = std::chrono::ceil<scenarios::WallDuration>(timeout),
      .stop = &StopSignal()};
  InstallStopHandler();
  ProgressLine progress(shell.terminal);
  uint64_t verified = 0;
  uint64_t different = 0;
  for (const RunId& id : runs) {
    const absl::StatusOr<Verification> result = scenarios::Verify(id, how);
    progress.Clear();
    if (absl::IsAborted(result.status())) {
      Print(EndText(options, verified, different));
      return Interrupted("not every seed was verified");
    }
    if (!result.ok()) return result.status();
    ++verified;
    different += !result->same;
    Print(options.common.json ? Line(id, *result) : Text(id, *result, shell.terminal.out));
    progress.ShowText([&] {
      return reports::WithThousands(verified) + "/" + reports::Plural(runs.size(), "seed");
    });
  }
  progress.Clear();
  Print(EndText(options, verified, different));
  return different > 0 ? reports::kExitNotDeterministic : reports::kExitPassed;
}

}  // namespace

Verb AddVerify(CLI::App& program, const Shell& shell) {
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      program.add_subcommand("verify", "the same seed in two processes; bisects a difference");
  verb->add_option("run", options->what, "SCENARIO:SEED ..., or names with --seeds");
  AddFlag(*verb, "all", &options->all, "every scenario");
  AddFlag(*verb, "seeds", &options->seeds, "A..B of each scenario; default with --all 0..10");
  AddFlag(*verb, "set", &options->set, "key=value, as of run");
  AddFlag(*verb, "timeout", &options->timeout, "wall time after which a run hangs; default 60s");
  AddCommonFlags(*verb, &options->common);
  return {verb, [&shell, options] { return VerifyRuns(shell, *options); }};
}

}  // namespace wt::cli
