// `wavetank corpus`: failing plans kept as regression tests.
#include <filesystem>
#include <memory>

#include <nlohmann/json.hpp>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/status.h"
#include "reports/exit_code.h"
#include "reports/failure_block.h"
#include "reports/json_lines.h"
#include "reports/table.h"
#include "scenarios/campaign/campaign_files.h"
#include "scenarios/campaign/corpus.h"
#include "scenarios/campaign/nearest.h"
#include "scenarios/campaign/values.h"
#include "scenarios/cli/corpus_stage.h"
#include "scenarios/cli/flags.h"
#include "scenarios/cli/shell.h"

namespace wt::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using reports::RunRecord;
using scenarios::CorpusEntry;
using scenarios::Plan;

constexpr char kUsual[] = "tests/corpus";
constexpr size_t kShownWhy = 110;

struct Options {
  Common common{};
  std::string what;  // add, list, run
  std::string target;
  std::string why;
  std::string corpus;
  std::string jobs;
  std::string timeout = "60s";
  std::vector<std::string> set;
};

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

// ---- add

// As `repro` does it: a damaged plan is a file of ours that broke, no misuse of the program.
absl::StatusOr<Plan> PlanOf(const Shell& shell, const Options& options) {
  const scenarios::Tank& tank = shell.harness.tank;
  std::error_code ignored;
  if (options.target.ends_with(".json") || fs::is_regular_file(options.target, ignored)) {
    if (!options.set.empty()) return InvalidArgument("--set does not apply to a plan: edit it");
    WT_ASSIGN_OR_RETURN(const std::string text, scenarios::ReadWholeFile(options.target));
    return scenarios::PlanOfFile(tank, options.target, text);
  }
  WT_ASSIGN_OR_RETURN(const scenarios::RunId id, scenarios::ParseRunId(options.target));
  WT_ASSIGN_OR_RETURN(const scenarios::Scenario scenario,
                      Adjusted(shell, id.scenario, Assignments(options.set)));
  if (scenario.is_story()) {
    return InvalidArgument("%s is directed: it has no plan, and every campaign runs it as it is",
                           scenario.name);
  }
  return tank.draw_plan(scenario, id.seed);
}

// What the plan does in this build.
absl::StatusOr<RunRecord> Try(const Shell& shell, const Plan& plan,
                              scenarios::WallDuration timeout) {
  const std::vector<CorpusEntry> one = {{.name = plan.scenario, .plan = plan}};
  RunRecord record;
  WT_ASSIGN_OR_RETURN(const scenarios::CampaignEnd end,
                      RunCorpus(shell.harness.tank, one,
                                {.run_timeout = timeout,
                                 .stop = &StopSignal(),
                                 .on_run = [&](const RunRecord& run) { record = run; }}));
  if (end.interrupted) return Aborted("interrupted");
  return record;
}

// "every sync lies: acked-writes-survive: client 3 was told ... (torn-tail:0x36)".
std::string WhyOf(const Options& options, const Plan& plan, const RunRecord& record) {
  const std::string said = options.why.empty() ? plan.why : options.why;
  if (record.verdict == reports::Verdict::kPass) return said;
  const std::string found = absl::StrFormat("%s: %s (%s)", record.invariant, record.message,
                                            reports::RunName(plan.scenario, plan.seed));
  return said.empty() ? found : said + "; " + found;
}

absl::Status CheckNew(const scenarios::Tank& tank, const std::vector<CorpusEntry>& corpus,
                      const Plan& plan, const std::string& name) {
  if (const CorpusEntry* same = FindSame(tank, corpus, plan)) {
    return InvalidArgument("the same plan is kept already: %s", same->file);
  }
  for (const CorpusEntry& entry : corpus) {
    if (entry.name == name) {
      return InvalidArgument("a plan with the same scenario and signature is kept already: %s",
                             entry.file);
    }
  }
  return absl::OkStatus();
}

std::string EntryLine(const std::string& file, const std::string& name, const Plan& plan,
                      const std::string& why, const RunRecord* record) {
  Json json{{"kind", "corpus"},
            {"file", file},
            {"name", name},
            {"scenario", plan.scenario},
            {"seed", reports::Hex(plan.seed)},
            {"why", why}};
  if (record != nullptr) json["verdict"] = std::string(NameOf(record->verdict));
  return Dump(json);
}

absl::StatusOr<int> Add(const Shell& shell, const Options& options) {
  const scenarios::Tank& tank = shell.harness.tank;
  if (options.target.empty()) return InvalidArgument("add what? a plan's file, or SCENARIO:SEED");
  WT_ASSIGN_OR_RETURN(const std::string folder, CorpusFolder(options.corpus, /*make=*/true));
  WT_ASSIGN_OR_RETURN(const auto timeout, CorpusTimeout(options.timeout));
  WT_ASSIGN_OR_RETURN(const Plan plan, PlanOf(shell, options));
  WT_ASSIGN_OR_RETURN(const std::vector<CorpusEntry> corpus, LoadCorpus(tank, folder));
  WT_ASSIGN_OR_RETURN(const RunRecord record, Try(shell, plan, timeout));
  using reports::Verdict;
  if (record.verdict != Verdict::kPass && record.verdict != Verdict::kFail) {
    return InvalidArgument("%s: the run is %s, no regression test: %s", options.target,
                           NameOf(record.verdict), record.message);
  }
  const std::string name = CorpusName(tank, plan, record);
  WT_RETURN_IF_ERROR(CheckNew(tank, corpus, plan, name));
  const std::string file = folder + "/" + name + ".json";
  const std::string why = WhyOf(options, plan, record);
  WT_RETURN_IF_ERROR(scenarios::WriteWholeFile(file, CorpusText(tank, plan, why)));
  if (options.common.json) {
    Print(EntryLine(file, name, plan, why, &record));
  } else {
    Print(absl::StrFormat(
        "%s\n  %s\n", file,
        record.verdict == Verdict::kPass
            ? "passes in this build; it must go on to"
            : "fails in this build: " + record.invariant + "; fix it, and it keeps watch"));
  }
  return reports::kExitPassed;
}

// ---- list

std::string Shortened(std::string text) {
  if (reports::DisplayWidth(text) <= kShownWhy) return text;
  size_t end = kShownWhy;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

absl::StatusOr<int> List(const Shell& shell, const Options& options) {
  WT_ASSIGN_OR_RETURN(const std::string folder, CorpusFolder(options.corpus, /*make=*/false));
  WT_ASSIGN_OR_RETURN(const auto corpus, LoadCorpus(shell.harness.tank, folder));
  reports::Table table({{"plan"}, {"seed", reports::Align::kRight}, {"why"}});
  for (const CorpusEntry& entry : corpus) {
    if (options.common.json) {
      Print(EntryLine(entry.file, entry.name, entry.plan, entry.plan.why, nullptr));
    }
    table.AddRow({{entry.name}, {reports::Hex(entry.plan.seed)}, {Shortened(entry.plan.why)}});
  }
  if (!options.common.json) {
    Print(table.ToString(shell.terminal.out) +
          absl::StrFormat("\n%s in %s\n", reports::Plural(corpus.size(), "plan"), folder));
  }
  return reports::kExitPassed;
}

// ---- run

absl::StatusOr<int> RunAll(const Shell& shell, const Options& options) {
  WT_ASSIGN_OR_RETURN(const std::string folder, CorpusFolder(options.corpus, /*make=*/false));
  WT_ASSIGN_OR_RETURN(const auto timeout, CorpusTimeout(options.timeout));
  WT_ASSIGN_OR_RETURN(const uint32_t jobs, JobsFrom(options.jobs));
  WT_ASSIGN_OR_RETURN(const auto corpus, LoadCorpus(shell.harness.tank, folder));
  ProgressLine progress(shell.terminal);
  const scenarios::CampaignOptions how{
      .jobs = jobs,
      .run_timeout = timeout,
      .stop = &StopSignal(),
      .on_progress = [&](const scenarios::Progress& now) { progress.Show(now); }};
  WT_ASSIGN_OR_RETURN(const CorpusOutcome outcome, RunCorpusStage(shell, corpus, how));
  progress.Clear();
  for (const CorpusResult& result : outcome.results) {
    if (options.common.json)
      Print(CorpusRunLine(result) + "\n");
    else
      Print(CorpusText(result, shell.terminal.out));
  }
  Print(options.common.json
            ? Dump(Json{{"kind", "end"},
                        {"runs", outcome.results.size()},
                        {"failed", outcome.failed},
                        {"inconclusive", outcome.unclear},
                        {"errors", outcome.errors}})
            : absl::StrFormat("%s in %s: %s\n", reports::Plural(corpus.size(), "plan"), folder,
                              outcome.Words()));
  if (outcome.interrupted) return Interrupted("not every plan was run");
  return outcome.ExitCode();
}

absl::StatusOr<int> CorpusBody(const Shell& shell, const Options& options) {
  InstallStopHandler();
  if (options.what != "add" && !options.target.empty()) {
    return InvalidArgument("%s takes no plan: it is for all of them", options.what);
  }
  absl::StatusOr<int> code = 0;
  if (options.what == "add")
    code = Add(shell, options);
  else if (options.what == "list")
    code = List(shell, options);
  else if (options.what == "run")
    code = RunAll(shell, options);
  else {
    const std::vector<std::string> known = {"add", "list", "run"};
    return InvalidArgument("%s", scenarios::UnknownName("verb of corpus", options.what, known));
  }
  if (absl::IsAborted(code.status())) return Interrupted("nothing was kept");
  return code;
}

}  // namespace

absl::StatusOr<std::string> CorpusFolder(const std::string& named, bool make) {
  std::error_code error;
  std::string folder = named;
  if (folder.empty()) {
    fs::path at = fs::current_path(error);
    while (!fs::is_directory(at / kUsual, error) && at.has_relative_path()) at = at.parent_path();
    if (!fs::is_directory(at / kUsual, error)) {
      return NotFound("no folder %s here or above; name one by --corpus DIR", kUsual);
    }
    folder = fs::relative(at / kUsual, error).string();
    if (error) folder = (at / kUsual).string();
  }
  if (make) {
    fs::create_directories(folder, error);
    if (error) return Unavailable("make %s: %s", folder, error.message());
  }
  return folder;
}

absl::StatusOr<scenarios::WallDuration> CorpusTimeout(const std::string& text) {
  WT_ASSIGN_OR_RETURN(const Duration time, Parsed("timeout", text, scenarios::ParseDuration));
  if (time <= Duration::zero()) return InvalidArgument("--timeout: longer than nothing");
  return std::chrono::ceil<scenarios::WallDuration>(time);
}

Verb AddCorpus(CLI::App& program, const Shell& shell) {
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      program.add_subcommand("corpus", "failing plans kept as regression tests: add, list, run");
  verb->add_option("verb", options->what, "add, list or run")->required();
  verb->add_option("run", options->target, "to add: a plan's file, or SCENARIO:SEED");
  AddFlag(*verb, "corpus", &options->corpus, "its folder; default tests/corpus, here or above");
  AddFlag(*verb, "why", &options->why, "what a plan that is added has found");
  AddFlag(*verb, "set", &options->set, "key=value, of SCENARIO:SEED");
  AddFlag(*verb, "jobs", &options->jobs, "worker processes; default: one a core");
  AddFlag(*verb, "timeout", &options->timeout, "wall time after which a run hangs; default 60s");
  AddCommonFlags(*verb, &options->common);
  return {verb, [&shell, options] { return CorpusBody(shell, *options); }};
}

}  // namespace wt::cli
