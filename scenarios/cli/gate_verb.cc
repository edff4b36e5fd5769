// `wavetank gate`: what CI calls. Never green when something that was promised was not seen.
#include <chrono>
#include <cstdio>
#include <memory>

#include <nlohmann/json.hpp>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/status.h"
#include "reports/campaign_text.h"
#include "reports/ci.h"
#include "reports/exit_code.h"
#include "reports/table.h"
#include "scenarios/campaign/campaign_files.h"
#include "scenarios/campaign/nearest.h"
#include "scenarios/campaign/verify.h"
#include "scenarios/cli/corpus_stage.h"
#include "scenarios/cli/flags.h"
#include "scenarios/cli/gate_stages.h"
#include "scenarios/cli/shell.h"

namespace wt::cli {
namespace {

using Json = nlohmann::ordered_json;
using reports::Plural;

struct Options {
  Common common{};
  std::string profile = "ci";
  std::string base_seed;
  std::string time;
  std::string seeds;
  std::string jobs;
  std::string corpus;
  CiFiles ci{};
  bool describe = false;
};

absl::StatusOr<const GateProfile*> FindProfile(const std::string& name) {
  std::vector<std::string> known;
  for (const GateProfile& profile : GateProfiles()) {
    if (profile.name == name) return &profile;
    known.push_back(profile.name);
  }
  return InvalidArgument("--profile: %s", scenarios::UnknownName("profile", name, known));
}

std::string DescribeProfiles(const Shell& shell) {
  using scenarios::Spell;
  std::string text;
  for (const GateProfile& p : GateProfiles()) {
    text += absl::StrFormat(
        "%s  (%s)\n"
        "  corpus        every plan of tests/corpus\n"
        "  canaries      %d runs in which the harness lies to its judges: each must be caught\n"
        "  fresh seeds   %d of each of the %d scenarios, from the commit id on; at most %s\n"
        "  determinism   1 in %d of these runs once more, in a process that differs\n"
        "  goals         every goal of every scenario; where one is missed, up to %d x as many "
        "seeds more\n"
        "  steering      up to %d runs more, with a fault where something was never evaluated "
        "under "
        "it\n"
        "  matrix        %d %% of what is possible of invariant x fault x phase seen\n"
        "  crash states  depth %d, of databases 1, all of them; at most %s a workload\n\n",
        p.name, p.about, shell.harness.canaries.size(), p.seeds,
        shell.harness.tank.scenarios.size(), Spell(p.fresh_budget), p.verify_one_in, p.goal_rounds,
        p.steered_runs, p.matrix_floor, p.crash_depth, Spell(p.crash_budget));
  }
  return text +
         "A budget that is used up, a canary that is not caught, a goal that is missed, a "
         "matrix below its\nfloor and a stage that saw nothing are no success: exit 3.\n";
}

// The commit of the work tree that we are in; empty: in none.
std::string CurrentCommit() {
  std::FILE* git = ::popen("git rev-parse --verify HEAD 2>/dev/null", "re");
  if (git == nullptr) return "";
  char text[64] = {};
  const size_t got = std::fread(text, 1, 40, git);
  return ::pclose(git) == 0 && got == 40 ? std::string(text, 40) : "";
}

struct Base {
  uint64_t seed = 0;
  std::string from;
};

// Room is left above it for the seeds of a profile.
absl::StatusOr<Base> ChooseBase(const Options& options) {
  Base base{.from = options.base_seed.empty() ? CurrentCommit() : options.base_seed};
  if (base.from.empty()) {
    base.from = "no commit: not in a git work tree";
    return base;
  }
  WT_ASSIGN_OR_RETURN(base.seed, Parsed("base-seed", base.from, scenarios::ParseSeed));
  base.seed &= ~uint64_t{0} >> 1;
  return base;
}

class Gate {
 public:
  Gate(const Shell& shell, const Options& options, const GateProfile& profile)
      : shell_(shell),
        options_(options),
        context_{.harness = shell.harness, .profile = profile},
        progress_(shell.terminal) {}

  absl::StatusOr<int> Run();

 private:
  absl::Status Prepare();
  absl::StatusOr<StageResult> CorpusStage();
  absl::Status RunStages();
  void Done(StageResult stage);
  bool Stopped() const { return exit_code_ == reports::kExitInterrupted; }

  std::string Table(reports::Look look, bool times) const;
  std::string Verdict(reports::Look look) const;
  std::string Bound() const;
  std::string Summary() const;
  void Show() const;

  const Shell& shell_;
  const Options& options_;
  GateContext context_;
  ProgressLine progress_;
  Base base_;
  std::vector<StageResult> stages_;
  reports::Totals totals_;
  int exit_code_ = reports::kExitPassed;
  uint64_t wall_us_ = 0;
};

absl::Status Gate::Prepare() {
  WT_ASSIGN_OR_RETURN(base_, ChooseBase(options_));
  WT_ASSIGN_OR_RETURN(context_.jobs, JobsFrom(options_.jobs));
  WT_ASSIGN_OR_RETURN(scenarios::Command worker, WorkerCommand({}));
  if (!options_.time.empty()) {
    WT_ASSIGN_OR_RETURN(const Duration time,
                        Parsed("for", options_.time, scenarios::ParseDuration));
    if (time <= Duration::zero()) return InvalidArgument("--for: longer than nothing");
    context_.time_limit = std::chrono::ceil<scenarios::WallDuration>(time);
  }
  context_.seeds = context_.profile.seeds;
  if (!options_.seeds.empty()) {
    WT_ASSIGN_OR_RETURN(context_.seeds, Parsed("seeds", options_.seeds, scenarios::ParseNumber));
    if (context_.seeds == 0) return InvalidArgument("--seeds: at least 1");
    if (!options_.time.empty()) return InvalidArgument("either --seeds or --for");
  }
  context_.look = shell_.terminal.out;
  context_.base_seed = base_.seed;
  context_.verifier = scenarios::MadeDifferent(std::move(worker));
  context_.stop = &StopSignal();
  context_.axes = shell_.harness.matrix_axes(shell_.harness.tank.scenarios);
  context_.promises = PromisesOf(shell_, shell_.harness.tank.scenarios);
  context_.on_progress = [this](const scenarios::Progress& now) { progress_.Show(now); };
  return absl::OkStatus();
}

absl::StatusOr<StageResult> Gate::CorpusStage() {
  StageResult stage{.name = "corpus", .suite = {.name = "corpus"}};
  const auto start = std::chrono::steady_clock::now();
  WT_ASSIGN_OR_RETURN(const std::string folder, CorpusFolder(options_.corpus, /*make=*/false));
  WT_ASSIGN_OR_RETURN(const auto corpus, LoadCorpus(shell_.harness.tank, folder));
  WT_ASSIGN_OR_RETURN(
      const CorpusOutcome outcome,
      RunCorpusStage(
          shell_, corpus,
          {.jobs = context_.jobs, .stop = context_.stop, .on_progress = context_.on_progress}));
  stage.figures = Plural(corpus.size(), "plan") + " that once failed";
  stage.verdict = outcome.Words();
  stage.exit_code = outcome.interrupted ? reports::kExitInterrupted : outcome.ExitCode();
  for (const CorpusResult& result : outcome.results) {
    const reports::RunRecord& record = result.record;
    reports::JUnitCase one{.classname = "corpus", .name = record.scenario};
    if (record.verdict != reports::Verdict::kPass) {
      one.result = record.verdict == reports::Verdict::kFail ? reports::JUnitCase::Result::kFailed
                                                             : reports::JUnitCase::Result::kError;
      one.type = record.invariant;
      one.message = record.message;
      one.text = CorpusText(result, {});
      stage.blocks += CorpusText(result, context_.look);
      stage.lines.push_back(CorpusRunLine(result));
      stage.annotations.push_back(reports::Annotation("corpus " + record.scenario, record.message));
    }
    stage.suite.cases.push_back(std::move(one));
  }
  stage.wall_us = static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                            std::chrono::steady_clock::now() - start)
                                            .count());
  return stage;
}

void Gate::Done(StageResult stage) {
  progress_.Clear();
  const std::string time =
      stage.wall_us == 0 ? "" : "  (" + reports::RoughTime(stage.wall_us) + ")";
  Note(absl::StrFormat("%s: %s, %s%s", stage.name, stage.figures, stage.verdict, time));
  exit_code_ = WorseExit(exit_code_, stage.exit_code);
  wall_us_ += stage.wall_us;
  stages_.push_back(std::move(stage));
}

absl::Status Gate::RunStages() {
  WT_ASSIGN_OR_RETURN(StageResult corpus, CorpusStage());
  Done(std::move(corpus));
  if (Stopped()) return absl::OkStatus();
  WT_ASSIGN_OR_RETURN(StageResult canaries, CanaryStage(context_));
  Done(std::move(canaries));
  if (Stopped()) return absl::OkStatus();
  WT_ASSIGN_OR_RETURN(StageResult crashes, CrashStage(context_));
  Done(std::move(crashes));
  if (Stopped()) return absl::OkStatus();
  Steering steering(context_.harness.tank.scenarios, context_.harness.matrix_axes);
  WT_ASSIGN_OR_RETURN(FreshResult fresh, FreshStages(context_, &steering));
  totals_ = std::move(fresh.totals);
  Done(std::move(fresh.fresh));
  Done(std::move(fresh.twice));
  Done(std::move(fresh.goals));
  if (Stopped()) return absl::OkStatus();
  WT_ASSIGN_OR_RETURN(StageResult steered, SteerStage(context_, steering, &totals_.matrix));
  Done(std::move(steered));
  Done(MatrixResultOf(context_, totals_.matrix));
  return absl::OkStatus();
}

std::string Gate::Table(reports::Look look, bool times) const {
  std::vector<reports::Column> columns = {{"stage"}, {"what was done"}};
  if (times) columns.push_back({"time", reports::Align::kRight});
  columns.push_back({"verdict"});
  reports::Table table(columns);
  for (const StageResult& stage : stages_) {
    std::vector<reports::Cell> row = {{stage.name}, {stage.figures}};
    if (times) row.push_back({stage.wall_us == 0 ? "-" : reports::RoughTime(stage.wall_us)});
    const bool good = stage.exit_code == reports::kExitPassed;
    row.push_back({stage.verdict, good ? reports::Ink::kGreen : reports::Ink::kRed});
    table.AddRow(std::move(row));
  }
  return table.ToString(look);
}

std::string Gate::Verdict(reports::Look look) const {
  using reports::Ink;
  switch (exit_code_) {
    case reports::kExitPassed:
      return Paint(look, Ink::kGreen, "PASS");
    case reports::kExitFinding:
      return Paint(look, Ink::kRed, "FAIL");
    case reports::kExitInconclusive:
      return Paint(look, Ink::kYellow, "INCONCLUSIVE");
    case reports::kExitNotDeterministic:
      return Paint(look, Ink::kRed, "NOT DETERMINISTIC");
    case reports::kExitInterrupted:
      return Paint(look, Ink::kYellow, "INTERRUPTED");
    default:
      return Paint(look, Ink::kRed, "ERROR");
  }
}

std::string Gate::Bound() const {
  if (totals_.runs == 0 || totals_.failed > 0) return "";
  uint64_t fewest = totals_.runs;
  for (const auto& scenario : totals_.scenarios) fewest = std::min(fewest, scenario.runs);
  const std::string each =
      fewest < 3 ? "" : reports::BoundText(fewest) + " of each scenario's seeds, ";
  return absl::StrFormat(
      "no failure in n seeds bounds the share of those that fail by 3/n, at 95 %%:\n%s%s of all\n",
      each, reports::BoundText(totals_.runs));
}

// Nothing in it depends on the machine.
std::string Gate::Summary() const {
  std::string text = absl::StrFormat("# gate %s: %s\n\nBase seed %s (%s), digest %s.\n\n%s",
                                     context_.profile.name, Verdict({}), reports::Hex(base_.seed),
                                     base_.from, reports::HexDigest(totals_.digest),
                                     reports::Fenced(Table({}, /*times=*/false)));
  const std::string bounds = reports::BoundsMarkdown(totals_);
  const std::string matrix = reports::MatrixMarkdown(context_.axes, totals_.matrix);
  if (!bounds.empty()) text += "\n" + bounds;
  if (!matrix.empty()) text += "\n" + matrix;
  for (const StageResult& stage : stages_) {
    if (!stage.blocks.empty()) {
      text += absl::StrFormat("\n## %s\n\n%s", stage.name, reports::Fenced(stage.blocks));
    }
  }
  return reports::Fitted(std::move(text));
}

void Gate::Show() const {
  if (options_.common.json) {
    for (const StageResult& stage : stages_) {
      for (const std::string& line : stage.lines) Print(line + "\n");
      Print(Json{{"kind", "stage"},
                 {"stage", stage.name},
                 {"figures", stage.figures},
                 {"verdict", stage.verdict},
                 {"exit", stage.exit_code},
                 {"wall_us", stage.wall_us}}
                .dump() +
            "\n");
    }
    Print(Json{{"kind", "end"},
               {"profile", context_.profile.name},
               {"base_seed", reports::Hex(base_.seed)},
               {"runs", totals_.runs},
               {"failed", totals_.failed},
               {"digest", reports::HexDigest(totals_.digest)},
               {"wall_us", wall_us_},
               {"exit", exit_code_}}
              .dump() +
          "\n");
    return;
  }
  const reports::Look look = shell_.terminal.out;
  std::string text;
  for (const StageResult& stage : stages_) {
    if (!stage.blocks.empty()) text += stage.blocks + "\n";
  }
  text += Table(look, /*times=*/true) + "\n";
  if (exit_code_ == reports::kExitPassed) text += Bound() + "\n";
  Print(text + absl::StrFormat("%s  gate %s, seeds from %s (%s), in %s\n", Verdict(look),
                               context_.profile.name, reports::Hex(base_.seed), base_.from,
                               reports::RoughTime(wall_us_)));
}

absl::StatusOr<int> Gate::Run() {
  WT_RETURN_IF_ERROR(Prepare());
  WT_RETURN_IF_ERROR(RunStages());
  std::vector<reports::JUnitSuite> suites;
  std::string annotations;
  for (const StageResult& stage : stages_) {
    if (!stage.suite.name.empty()) suites.push_back(stage.suite);
    for (const std::string& line : stage.annotations) annotations += line;
  }
  if (OnGitHub()) ToStandardError(annotations);
  WT_RETURN_IF_ERROR(WriteAsked(options_.ci, Summary(), reports::JUnitXml(suites)));
  Show();
  if (Stopped()) return Interrupted("not every stage was finished");
  return exit_code_;
}

absl::StatusOr<int> GateBody(const Shell& shell, const Options& options) {
  if (options.describe) {
    Print(DescribeProfiles(shell));
    return reports::kExitPassed;
  }
  WT_ASSIGN_OR_RETURN(const GateProfile* profile, FindProfile(options.profile));
  InstallStopHandler();
  return Gate(shell, options, *profile).Run();
}

}  // namespace

Verb AddGate(CLI::App& program, const Shell& shell) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = program.add_subcommand(
      "gate", "corpus, canaries, crash states, fresh seeds, determinism, goals: what CI calls");
  AddFlag(*verb, "profile", &options->profile, "ci (the default) or nightly");
  AddFlag(*verb, "describe", &options->describe, "what the profiles hold; runs nothing");
  AddFlag(*verb, "base-seed", &options->base_seed,
          "first of the fresh seeds: decimal, 0x..., or a 40-hex commit id; default: HEAD's");
  AddFlag(*verb, "for", &options->time, "fresh seeds for so long, however many: 10m");
  AddFlag(*verb, "seeds", &options->seeds,
          "fresh seeds of each scenario; with fewer than the profile's, goals and matrix are not "
          "judged");
  AddFlag(*verb, "corpus", &options->corpus, "its folder; default tests/corpus, here or above");
  AddCiFlags(*verb, &options->ci);
  AddFlag(*verb, "jobs", &options->jobs, "worker processes; default: one a core");
  AddCommonFlags(*verb, &options->common);
  return {verb, [&shell, options] { return GateBody(shell, *options); }};
}

}  // namespace wt::cli
