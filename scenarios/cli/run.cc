// `wavetank run`: a campaign.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <limits>
#include <memory>

#include <nlohmann/json.hpp>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "engine/base/check.h"
#include "engine/base/status.h"
#include "reports/campaign_text.h"
#include "reports/ci.h"
#include "reports/exit_code.h"
#include "reports/junit.h"
#include "reports/story.h"
#include "scenarios/campaign/campaign_files.h"
#include "scenarios/campaign/overrides.h"
#include "scenarios/campaign/runner.h"
#include "scenarios/campaign/verify.h"
#include "scenarios/cli/build_info.h"
#include "scenarios/cli/flags.h"
#include "scenarios/cli/shell.h"
#include "scenarios/shrink/shrink.h"

namespace wt::cli {
namespace {

using reports::HostFigures;
using reports::RunRecord;
using scenarios::CampaignFiles;
using scenarios::Scenario;
using scenarios::SeedRange;
using scenarios::WallDuration;

constexpr uint64_t kRunsOfAFinding = 500;  // spent on a smaller plan
constexpr SeedRange kDefaultSeeds{0, 100};
constexpr size_t kMostStories = 50;  // findings that are run once more for their story
constexpr size_t kSlowestRuns = 10;
constexpr size_t kMostShrunk = 3;  // findings
constexpr WallDuration kPatienceWithSmaller{
    10'000};  // a smaller plan that hangs is another failure

struct Options {
  Common common{};
  std::vector<std::string> scenarios;
  bool all = false;
  std::string seeds;
  std::string seed;
  std::string time;
  std::string jobs;
  std::string shard;
  std::vector<std::string> set;
  std::string out = "tank-out";
  bool until_fail = false;
  std::string verify;
  std::string shrink;  // empty: kRunsOfAFinding, or none for a shard
  std::string timeout = "60s";
  bool matrix = false;
  CiFiles ci{};
};

WallDuration InMilliseconds(Duration duration) { return std::chrono::ceil<WallDuration>(duration); }

// What was asked for, understood.
struct Campaign {
  std::string label;  // "default", "all", a name, several
  std::vector<Scenario> scenarios;
  std::vector<std::string> assignments;
  scenarios::CampaignOptions options;
  uint64_t shrink_runs = 0;  // of each of the first findings
  reports::CampaignHeader header;
  reports::Goals goals = reports::Goals::kMustBeReached;
};

absl::Status ChooseScenarios(const Shell& shell, const Options& options, Campaign* campaign) {
  if (options.all && !options.scenarios.empty()) {
    return InvalidArgument("either names or --all, not both");
  }
  std::vector<std::string> names;
  for (const std::string& name : options.scenarios) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  campaign->label =
      names.size() > 3 ? absl::StrFormat("%d-scenarios", names.size()) : absl::StrJoin(names, "+");
  if (names.empty()) {
    campaign->label = options.all ? "all" : "default";
    for (const Scenario& scenario : shell.harness.tank.scenarios) {
      if (options.all || scenario.in_default_set) names.push_back(scenario.name);
    }
  }
  const bool named = !options.scenarios.empty();
  for (const std::string& name : names) {
    // A set may hold directed scenarios, on which nothing can be set; they run as they are.
    WT_ASSIGN_OR_RETURN(const Scenario* found, FindScenario(shell, name));
    const bool adjustable = named || !found->directed;
    WT_ASSIGN_OR_RETURN(
        Scenario scenario,
        Adjusted(shell, name, adjustable ? campaign->assignments : std::vector<std::string>{}));
    campaign->scenarios.push_back(std::move(scenario));
  }
  if (names.empty()) return InvalidArgument("no scenario is in the default set: name one");
  return absl::OkStatus();
}

absl::Status ChooseSeeds(const Options& options, Campaign* campaign) {
  const int ways = !options.seeds.empty() + !options.seed.empty();
  if (ways > 1) return InvalidArgument("either --seeds or --seed, not both");
  SeedRange& seeds = campaign->options.seeds;
  seeds = kDefaultSeeds;
  if (!options.time.empty()) {
    WT_ASSIGN_OR_RETURN(const Duration time, Parsed("for", options.time, scenarios::ParseDuration));
    if (time <= Duration::zero()) return InvalidArgument("--for: longer than nothing");
    campaign->options.time_limit = InMilliseconds(time);
    seeds = {0, std::numeric_limits<uint64_t>::max()};
    campaign->header.seeds = "for-" + options.time;
  }
  if (!options.seeds.empty()) {
    WT_ASSIGN_OR_RETURN(seeds, Parsed("seeds", options.seeds, scenarios::ParseSeedRange));
  }
  if (!options.seed.empty()) {
    WT_ASSIGN_OR_RETURN(const uint64_t seed, Parsed("seed", options.seed, scenarios::ParseSeed));
    if (seed == std::numeric_limits<uint64_t>::max()) {
      return InvalidArgument("--seed: the largest 64-bit number is not a seed");
    }
    seeds = {seed, seed + 1};
    campaign->goals = reports::Goals::kAreNotJudged;
  }
  if (campaign->header.seeds.empty() || ways > 0) {
    campaign->header.seeds = absl::StrFormat("%d..%d", seeds.begin, seeds.end);
  }
  return absl::OkStatus();
}

absl::Status ChooseManner(const Options& options, Campaign* campaign) {
  scenarios::CampaignOptions& run = campaign->options;
  WT_ASSIGN_OR_RETURN(run.jobs, JobsFrom(options.jobs));
  run.until_fail = options.until_fail;
  if (!options.shard.empty()) {
    WT_ASSIGN_OR_RETURN(run.shard, Parsed("shard", options.shard, scenarios::ParseShard));
    campaign->header.shard = options.shard;
    campaign->goals = reports::Goals::kAreNotJudged;
  }
  if (!options.verify.empty()) {
    WT_ASSIGN_OR_RETURN(run.verify_one_in, Parsed("verify", options.verify, scenarios::ParseShare));
  }
  // Shards do not know each other's findings; whoever merges them does.
  campaign->shrink_runs = options.shard.empty() ? kRunsOfAFinding : 0;
  if (!options.shrink.empty()) {
    WT_ASSIGN_OR_RETURN(campaign->shrink_runs,
                        Parsed("shrink", options.shrink, scenarios::ParseNumber));
  }
  WT_ASSIGN_OR_RETURN(const Duration timeout,
                      Parsed("timeout", options.timeout, scenarios::ParseDuration));
  if (timeout <= Duration::zero()) return InvalidArgument("--timeout: longer than nothing");
  run.run_timeout = InMilliseconds(timeout);
  return absl::OkStatus();
}

absl::StatusOr<Campaign> Understand(const Shell& shell, const Options& options) {
  Campaign campaign;
  campaign.assignments = Assignments(options.set);
  WT_RETURN_IF_ERROR(ChooseScenarios(shell, options, &campaign));
  WT_RETURN_IF_ERROR(ChooseSeeds(options, &campaign));
  WT_RETURN_IF_ERROR(ChooseManner(options, &campaign));
  WT_ASSIGN_OR_RETURN(scenarios::Command worker, WorkerCommand(campaign.assignments));
  campaign.options.verifier = scenarios::MadeDifferent(std::move(worker));
  campaign.options.stop = &StopSignal();
  reports::CampaignHeader& header = campaign.header;
  for (const Scenario& scenario : campaign.scenarios) header.scenarios.push_back(scenario.name);
  header.overrides = campaign.assignments;
  WT_ASSIGN_OR_RETURN(header.build, scenarios::BuildId());
  header.name = scenarios::CampaignName(campaign.label, header);
  return campaign;
}

// Runs the campaign, and keeps the files and stdout up to date as it goes.
class CampaignRun {
 public:
  CampaignRun(const Shell& shell, const Options& options, Campaign campaign)
      : shell_(shell),
        options_(options),
        campaign_(std::move(campaign)),
        tank_(TankOf(shell, campaign_.scenarios)),
        tally_(PromisesOf(shell, campaign_.scenarios)),
        axes_(shell.harness.matrix_axes(campaign_.scenarios)),
        progress_(shell.terminal) {}

  absl::StatusOr<int> Run();

 private:
  void Connect();
  void OnRun(const RunRecord& record);
  void OnMismatch(const reports::Mismatch& mismatch);
  void RememberSlow(const RunRecord& record);
  void Emit(const std::string& line) { Emit(line, line); }
  void Emit(const std::string& for_file, const std::string& for_stdout);

  absl::Status WriteFindings(reports::Totals& totals, bool interrupted);
  absl::Status ShrinkFindings(reports::Totals& totals);
  bool CanShrink(const reports::Finding& finding) const;
  absl::Status ShrinkFinding(reports::Finding& finding);
  absl::Status WriteStory(const reports::Finding& finding);
  absl::Status WriteForCi(const reports::Totals& totals);
  absl::Status WriteHost();
  std::string Text(const reports::Totals& totals) const;
  // Names of files are relative to the campaign's folder, unless `folder` comes before them.
  reports::BlockOptions BlockLook(reports::Look look, std::string folder = "") const {
    return {
        .look = look, .arguments = AsArguments(campaign_.assignments), .folder = std::move(folder)};
  }

  const Shell& shell_;
  const Options& options_;
  Campaign campaign_;
  scenarios::Tank tank_;
  reports::Tally tally_;
  const reports::MatrixAxes axes_;
  ProgressLine progress_;
  std::unique_ptr<CampaignFiles> files_;
  reports::CampaignSpeed speed_;
  uint64_t events_ = 0;
  uint64_t runs_ = 0;
  std::vector<std::pair<uint64_t, std::string>> slowest_;
};

void CampaignRun::Emit(const std::string& for_file, const std::string& for_stdout) {
  files_->Result(for_file);
  if (options_.common.json) Print(for_stdout + "\n");
}

void CampaignRun::RememberSlow(const RunRecord& record) {
  slowest_.emplace_back(record.wall_us, reports::RunName(record.scenario, record.seed));
  std::ranges::sort(slowest_, std::greater<>());
  if (slowest_.size() > kSlowestRuns) slowest_.pop_back();
}

void CampaignRun::OnRun(const RunRecord& record) {
  tally_.Add(record);
  RememberSlow(record);
  ++runs_;
  events_ += record.events;
  Emit(reports::RunLine(record, HostFigures::kOmit),
       options_.common.json ? reports::RunLine(record, HostFigures::kInclude) : "");
}

void CampaignRun::OnMismatch(const reports::Mismatch& mismatch) {
  tally_.AddMismatch(mismatch);
  Emit(reports::MismatchLine(mismatch, AsArguments(campaign_.assignments)));
}

void CampaignRun::Connect() {
  scenarios::CampaignOptions& run = campaign_.options;
  run.on_run = [this](const RunRecord& record) { OnRun(record); };
  run.on_mismatch = [this](const reports::Mismatch& mismatch) { OnMismatch(mismatch); };
  run.on_progress = [this](const scenarios::Progress& progress) { progress_.Show(progress); };
}

// Runs the finding's example once more, for its story; what kills a worker tells none.
absl::Status CampaignRun::WriteStory(const reports::Finding& finding) {
  const RunRecord& example = finding.example;
  const std::string folder = "findings/" + finding.signature + "/";
  auto started = scenarios::WorkerProcess::Fork(
      [this](std::string_view line) { return scenarios::Serve(tank_, line); });
  if (!started.ok()) return started.status();
  scenarios::WorkerProcess& worker = **started;
  const scenarios::RunId id{example.scenario, example.seed};
  const scenarios::Request for_plan{
      .what = scenarios::Request::What::kPlan, .scenario = id.scenario, .seed = id.seed};
  const scenarios::Request for_story{
      .scenario = id.scenario, .seed = id.seed, .options = {.story = true}};
  worker.Send(ToLine(for_plan));
  worker.Send(ToLine(for_story));
  const WallDuration timeout = campaign_.options.run_timeout;
  const scenarios::Answer plan = worker.Await(timeout, &StopSignal());
  if (plan.line) {
    const absl::StatusOr<std::string> text = scenarios::PlanFromLine(*plan.line);
    if (text.ok()) WT_RETURN_IF_ERROR(files_->Write(folder + "plan.json", *text));
  }
  reports::BlockOptions look = BlockLook({});
  look.minimal = finding.minimal;
  std::string story = reports::FailureBlock(example, look);
  const scenarios::Answer answer =
      plan.line ? worker.Await(timeout, &StopSignal()) : scenarios::Answer{};
  if (answer.line) {
    const absl::StatusOr<scenarios::Run> run = scenarios::RunFromLine(*answer.line);
    if (run.ok()) story += "\n" + reports::StoryText(run->story, {});
  }
  return files_->Write(folder + "story.txt", story);
}

// What hangs is not shrunk: each run of it would take as long as the limit is. Nor is a story: it
// has no plan. Nor what kills its process, where drawing the plan means running it.
bool CampaignRun::CanShrink(const reports::Finding& finding) const {
  const RunRecord& example = finding.example;
  const Scenario* scenario = scenarios::FindIn(tank_.scenarios, example.scenario);
  WT_CHECK(scenario != nullptr);
  const bool fails = example.verdict == reports::Verdict::kFail;
  const bool draws_by_running = scenario->aim.has_value() && example.invariant == "no-crash";
  return fails && !scenario->is_story() && example.invariant != "no-hang" && !draws_by_running;
}

// A smaller plan with the same failure, beside the finding's own.
absl::Status CampaignRun::ShrinkFinding(reports::Finding& finding) {
  const RunRecord& example = finding.example;
  const Scenario* scenario = scenarios::FindIn(tank_.scenarios, example.scenario);
  const scenarios::ShrinkOptions how{
      .runs = campaign_.shrink_runs,
      .pool = {.jobs = campaign_.options.jobs,
               .run_timeout = std::min(campaign_.options.run_timeout, kPatienceWithSmaller),
               .stop = &StopSignal()},
      .on_progress = [&](const scenarios::ShrinkProgress& progress) {
        progress_.ShowText([&] {
          return "shrinking " + finding.signature + ": " + scenarios::ShrinkText(progress);
        });
      }};
  const absl::StatusOr<scenarios::Shrunk> shrunk =
      scenarios::Shrink(tank_, tank_.draw_plan(*scenario, example.seed), how);
  if (absl::IsAborted(shrunk.status())) return absl::OkStatus();
  if (!shrunk.ok()) return shrunk.status();
  if (shrunk->end == scenarios::ShrinkEnd::kNothingToDo) return absl::OkStatus();
  finding.minimal = "findings/" + finding.signature + "/minimal.json";
  return files_->Write(finding.minimal,
                       tank_.plan_to_json(scenarios::Explained(*shrunk, example.seed)));
}

absl::Status CampaignRun::ShrinkFindings(reports::Totals& totals) {
  size_t left = campaign_.shrink_runs == 0 ? 0 : kMostShrunk;
  for (reports::Finding& finding : totals.findings) {
    if (left == 0 || StopSignal() != 0) break;
    if (!CanShrink(finding)) continue;
    WT_RETURN_IF_ERROR(ShrinkFinding(finding));
    --left;
  }
  progress_.Clear();
  return absl::OkStatus();
}

absl::Status CampaignRun::WriteFindings(reports::Totals& totals, bool interrupted) {
  if (!interrupted) WT_RETURN_IF_ERROR(ShrinkFindings(totals));
  size_t told = 0;
  for (const reports::Finding& finding : totals.findings) {
    const reports::BlockOptions plain = BlockLook({});
    Emit(reports::FindingLine(finding, ReproduceCommand(finding.example, plain)));
    const std::string folder = "findings/" + finding.signature + "/";
    if (!finding.example.output.empty()) {
      WT_RETURN_IF_ERROR(files_->Write(folder + "output.txt", finding.example.output));
    }
    if (interrupted || ++told > kMostStories) {
      WT_RETURN_IF_ERROR(files_->Write(folder + "story.txt", FailureBlock(finding.example, plain)));
    } else {
      WT_RETURN_IF_ERROR(WriteStory(finding));
    }
  }
  return absl::OkStatus();
}

// In the campaign's folder, and where the flags say.
absl::Status CampaignRun::WriteForCi(const reports::Totals& totals) {
  const reports::BlockOptions plain = BlockLook({});
  const std::string summary =
      reports::SummaryMarkdown(campaign_.header, totals, campaign_.goals, plain,
                               reports::MatrixMarkdown(axes_, totals.matrix));
  const std::string junit = reports::JUnitXml(
      {reports::CampaignSuite(campaign_.header.name, totals, campaign_.goals, plain)});
  WT_RETURN_IF_ERROR(
      files_->Write("matrix.json", reports::MatrixToJson(axes_, totals.matrix, totals.runs)));
  WT_RETURN_IF_ERROR(files_->Write("summary.md", summary));
  WT_RETURN_IF_ERROR(files_->Write("junit.xml", junit));
  if (OnGitHub()) ToStandardError(reports::Annotations(totals, campaign_.goals, plain));
  return WriteAsked(options_.ci, summary, junit);
}

absl::Status CampaignRun::WriteHost() {
  nlohmann::ordered_json slowest = nlohmann::ordered_json::array();
  for (const auto& [wall_us, name] : slowest_) {
    slowest.push_back(nlohmann::ordered_json{{"run", name}, {"wall_us", wall_us}});
  }
  char name[256] = {};
  ::gethostname(name, sizeof(name) - 1);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const nlohmann::ordered_json host{
      {"campaign", campaign_.header.name},
      {"host", std::string(name)},
      {"cores", UsableCores()},
      {"jobs", campaign_.options.jobs},
      {"compiler", std::string(kCompiler)},
      {"build_type", std::string(kBuildType)},
      {"sanitizers", std::string(kSanitizers)},
      {"ended_at_unix_s", std::chrono::duration_cast<std::chrono::seconds>(now).count()},
      {"wall_us", speed_.wall_us},
      {"seeds_per_s", reports::PerSecond(runs_, speed_.wall_us)},
      {"events_per_s", reports::PerSecond(events_, speed_.wall_us)},
      {"slowest", std::move(slowest)}};
  return files_->Write("host.json", host.dump(1) + "\n");
}

std::string CampaignRun::Text(const reports::Totals& totals) const {
  const reports::Look look = shell_.terminal.out;
  std::string text = reports::ScenarioTable(totals, look);
  const std::string blocks =
      reports::FindingBlocks(totals, BlockLook(look, options_.out + "/latest/"));
  const std::string missed = reports::MissedText(totals, look);
  if (!blocks.empty()) text += "\n" + blocks;
  if (!missed.empty()) text += "\n" + missed;
  if (options_.matrix) text += "\n" + reports::MatrixText(axes_, totals.matrix, look);
  text += "\n" + reports::TotalsLine(totals, campaign_.goals, speed_, look);
  return text + absl::StrFormat("      %s  digest %s\n", files_->folder(),
                                reports::HexDigest(totals.digest));
}

absl::StatusOr<int> CampaignRun::Run() {
  WT_ASSIGN_OR_RETURN(files_, CampaignFiles::Create(options_.out, campaign_.header.name));
  Emit(reports::CampaignLine(campaign_.header));
  Connect();
  const absl::StatusOr<scenarios::CampaignEnd> end =
      scenarios::RunCampaign(tank_, campaign_.options);
  progress_.Clear();
  if (end.ok()) speed_ = {.wall_us = end->wall_us, .interrupted = end->interrupted};
  reports::Totals totals = tally_.totals();
  WT_RETURN_IF_ERROR(WriteFindings(totals, speed_.interrupted || !end.ok()));
  Emit(reports::EndLine(totals, speed_, HostFigures::kOmit),
       reports::EndLine(totals, speed_, HostFigures::kInclude));
  WT_RETURN_IF_ERROR(WriteForCi(totals));
  WT_RETURN_IF_ERROR(WriteHost());
  WT_RETURN_IF_ERROR(files_->Finish());
  if (!options_.common.json) Print(Text(totals));
  if (!end.ok()) return end.status();
  if (speed_.interrupted) return Interrupted("what was done is in " + files_->folder());
  return reports::ExitCodeOf(totals, campaign_.goals);
}

absl::StatusOr<int> RunVerb(const Shell& shell, const Options& options) {
  WT_ASSIGN_OR_RETURN(Campaign campaign, Understand(shell, options));
  InstallStopHandler();
  return CampaignRun(shell, options, std::move(campaign)).Run();
}

}  // namespace

Verb AddRun(CLI::App& program, const Shell& shell) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = program.add_subcommand("run", "a campaign: scenarios x seeds");
  verb->add_option("scenario", options->scenarios, "names; none: the default set");
  AddFlag(*verb, "all", &options->all, "every scenario");
  AddFlag(*verb, "seeds", &options->seeds, "A..B, half-open, or A..+N; default 0..100");
  AddFlag(*verb, "seed", &options->seed, "one: decimal, 0x..., or a 40-hex commit id");
  AddFlag(*verb, "for", &options->time, "new runs for so long: 10m");
  AddFlag(*verb, "jobs", &options->jobs, "worker processes; default: one a core");
  AddFlag(*verb, "shard", &options->shard, "i/n: part i of n, counted from 1");
  AddFlag(*verb, "set", &options->set,
          "key=value, may be repeated: " + absl::StrJoin(scenarios::OverrideKeys(), ", "));
  AddFlag(*verb, "out", &options->out, "where results go; default tank-out");
  AddCiFlags(*verb, &options->ci);
  AddFlag(*verb, "until-fail", &options->until_fail, "stop after the first failing seed");
  AddFlag(*verb, "verify", &options->verify, "1/50: run that share of runs twice, compare");
  AddFlag(*verb, "shrink", &options->shrink,
          "runs to spend on a smaller plan for each of the first 3 findings; 500 (a shard: 0)");
  AddFlag(*verb, "matrix", &options->matrix,
          "show how much of invariant x fault x phase of the engine was seen, and what never was");
  AddFlag(*verb, "timeout", &options->timeout, "wall time after which a run hangs; default 60s");
  AddCommonFlags(*verb, &options->common);
  return {verb, [&shell, options] { return RunVerb(shell, *options); }};
}

}  // namespace wt::cli
