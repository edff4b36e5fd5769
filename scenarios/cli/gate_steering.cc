// The stage of `wavetank gate` that fills the vacuity matrix.
#include <algorithm>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/status.h"
#include "reports/campaign_text.h"
#include "reports/ci.h"
#include "reports/exit_code.h"
#include "scenarios/campaign/overrides.h"
#include "scenarios/cli/flags.h"
#include "scenarios/cli/gate_stages.h"
#include "scenarios/cli/shell.h"
#include "scenarios/cli/steering.h"

namespace wt::cli {
namespace {

using reports::Plural;
using reports::WithThousands;
using scenarios::Scenario;

// Of a heading in one round, by as many scenarios and seeds.
constexpr uint64_t kScenarios = 3;
constexpr uint64_t kSeeds = 2;
// Rounds that fill nothing, after which no more is to be expected.
constexpr uint64_t kDryRounds = 3;

std::string AimOf(const Heading& heading) { return "aim=" + heading.aim; }

class Steersman {
 public:
  Steersman(const GateContext& context, reports::MatrixCounts* counts)
      : context_(context),
        counts_(*counts),
        steering_(context.harness.tank.scenarios, context.harness.matrix_axes) {}

  absl::StatusOr<StageResult> Steer() {
    const uint64_t before = Seen();
    for (uint64_t dry = 0; dry < kDryRounds && !Over(); ++round_) {
      const uint64_t seen = Seen();
      const std::vector<Heading> headings = steering_.HeadingsFor(counts_);
      if (headings.empty()) break;
      for (const Heading& heading : headings) {
        if (Over()) break;
        WT_RETURN_IF_ERROR(Follow(heading));
      }
      dry = Seen() > seen ? 0 : dry + 1;
    }
    result_.figures = absl::StrFormat("%s at empty cells, %s filled", Plural(runs_, "run"),
                                      WithThousands(Seen() - before));
    result_.verdict = failed_ == 0 ? "passed" : WithThousands(failed_) + " failed";
    return std::move(result_);
  }

 private:
  uint64_t Seen() const { return ShareOf(context_.axes, counts_).seen; }
  bool Over() const {
    const auto budget = std::chrono::microseconds(context_.profile.steer_budget);
    return runs_ >= context_.profile.steered_runs ||
           std::chrono::microseconds(result_.wall_us) >= budget ||
           result_.exit_code == reports::kExitInterrupted;
  }

  std::vector<Scenario> CrewOf(const Heading& heading) const {
    const uint64_t all = heading.scenarios.size();
    std::vector<Scenario> crew;
    for (uint64_t i = 0; i < std::min(kScenarios, all); ++i) {
      crew.push_back(*heading.scenarios[(round_ * kScenarios + i) % all]);
      WT_CHECK(scenarios::ApplyOverride(AimOf(heading), &crew.back()).ok());
    }
    return crew;
  }

  absl::Status Follow(const Heading& heading) {
    const std::vector<Scenario> crew = CrewOf(heading);
    scenarios::Tank tank = context_.harness.tank;
    tank.scenarios = crew;
    std::vector<reports::Promise> promises;
    for (const Scenario& scenario : crew) promises.push_back({.scenario = scenario.name});
    reports::Tally tally(promises);
    scenarios::CampaignOptions how = context_.Manner();
    const uint64_t first = context_.base_seed + round_ * kSeeds;
    how.seeds = {first, first + kSeeds};
    how.on_run = [&](const reports::RunRecord& record) { tally.Add(record); };
    how.on_progress = nullptr;
    const absl::StatusOr<scenarios::CampaignEnd> end = RunCampaign(tank, how);
    if (!end.ok()) return end.status();
    const reports::Totals totals = tally.totals();
    reports::AddTo(totals.matrix, &counts_);
    runs_ += totals.runs;
    failed_ += totals.failed;
    result_.wall_us += end->wall_us;
    Take(totals, AsArguments({AimOf(heading)}));
    if (end->interrupted) result_.exit_code = reports::kExitInterrupted;
    Show();
    return absl::OkStatus();
  }

  void Take(const reports::Totals& totals, const std::string& arguments) {
    result_.exit_code =
        WorseExit(result_.exit_code, ExitCodeOf(totals, reports::Goals::kAreNotJudged));
    if (totals.findings.empty()) return;
    const reports::BlockOptions plain{.arguments = arguments};
    result_.blocks += FindingBlocks(totals, {.look = context_.look, .arguments = arguments});
    for (const reports::Finding& finding : totals.findings) {
      result_.lines.push_back(FindingLine(finding, ReproduceCommand(finding.example, plain)));
    }
    constexpr auto kGoals = reports::Goals::kAreNotJudged;
    result_.annotations.push_back(Annotations(totals, kGoals, plain));
    reports::JUnitSuite suite = CampaignSuite("steering", totals, kGoals, plain);
    result_.suite.name = suite.name;
    std::ranges::move(suite.cases, std::back_inserter(result_.suite.cases));
  }

  void Show() const {
    if (!context_.on_progress) return;
    context_.on_progress({.done = runs_,
                          .total = context_.profile.steered_runs,
                          .failed = failed_,
                          .wall_us = result_.wall_us});
  }

  const GateContext& context_;
  reports::MatrixCounts& counts_;
  const Steering steering_;
  StageResult result_{.name = "steering"};
  uint64_t round_ = 0;
  uint64_t runs_ = 0;
  uint64_t failed_ = 0;
};

}  // namespace

absl::StatusOr<StageResult> SteerStage(const GateContext& context, reports::MatrixCounts* counts) {
  if (!context.is_timed() && !context.is_short()) return Steersman(context, counts).Steer();
  return StageResult{
      .name = "steering",
      .figures = "0 runs",
      .verdict = context.is_timed() ? "not done with --for" : "not done with fewer seeds"};
}

}  // namespace wt::cli
