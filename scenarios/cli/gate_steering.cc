// The stage of `wavetank gate` that fills the vacuity matrix.
#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/status.h"
#include "reports/campaign_text.h"
#include "reports/ci.h"
#include "reports/exit_code.h"
#include "scenarios/campaign/overrides.h"
#include "scenarios/campaign/plan_pool.h"
#include "scenarios/campaign/values.h"
#include "scenarios/cli/flags.h"
#include "scenarios/cli/gate_stages.h"
#include "scenarios/cli/steering.h"

namespace wt::cli {
namespace {

using reports::Plural;
using reports::WithThousands;
using scenarios::Scenario;
using Clock = std::chrono::steady_clock;

// Runs between two looks at what is still empty.
constexpr size_t kVolley = 64;

class Steersman {
 public:
  Steersman(const GateContext& context, const Steering& steering, reports::MatrixCounts* counts)
      : context_(context),
        steering_(steering),
        counts_(*counts),
        pool_(context.harness.tank, {.jobs = context.jobs,
                                     .run_timeout = context.Manner().run_timeout,
                                     .stop = context.stop,
                                     .deadline = start_ + context.profile.steer_budget}) {}

  absl::StatusOr<StageResult> Steer() {
    const uint64_t before = Seen();
    for (bool filled = true; filled && runs_ < context_.profile.steered_runs; ++round_) {
      const uint64_t seen = Seen();
      const absl::Status status = Fire(steering_.ShotsAt(counts_, context_.base_seed, round_));
      if (absl::IsAborted(status)) result_.exit_code = reports::kExitInterrupted;
      is_cut_ = absl::IsDeadlineExceeded(status);
      if (absl::IsAborted(status) || is_cut_) break;
      if (!status.ok()) return status;
      filled = Seen() > seen;
    }
    result_.wall_us = ElapsedUs();
    result_.figures = absl::StrFormat("%s at empty cells, %s filled", Plural(runs_, "run"),
                                      WithThousands(Seen() - before));
    for (const Group& group : groups_) Tell(group);
    Conclude();
    return std::move(result_);
  }

 private:
  // Runs of one scenario that ended in the same way.
  struct Group {
    std::pair<std::string, std::string> kind;  // the scenario and the signature
    std::string arguments;                     // of the first; the others were aimed elsewhere
    reports::Tally first;
    uint64_t runs = 0;
  };

  uint64_t Seen() const { return ShareOf(context_.axes, counts_).seen; }
  uint64_t ElapsedUs() const {
    return static_cast<uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start_).count());
  }

  // All of them, but for those whose cell is filled by then.
  absl::Status Fire(const std::vector<Shot>& shots) {
    auto next = shots.begin();
    while (next != shots.end() && runs_ < context_.profile.steered_runs) {
      std::vector<const Shot*> volley;
      const uint64_t left = context_.profile.steered_runs - runs_;
      while (next != shots.end() && volley.size() < std::min<uint64_t>(kVolley, left)) {
        if (!counts_.contains(next->cell)) volley.push_back(&*next);
        ++next;
      }
      WT_RETURN_IF_ERROR(pool_.InOrder(
          volley.size(), [&](size_t i) { return PlanOf(*volley[i]); }, scenarios::ExecuteOptions{},
          [&](size_t i, const scenarios::Run& run) {
            Take(*volley[i], run.record);
            return true;
          }));
      Show();
    }
    return absl::OkStatus();
  }

  scenarios::Plan PlanOf(const Shot& shot) const {
    Scenario scenario = *shot.scenario;
    WT_CHECK(scenarios::ApplyOverride("aim=" + shot.aim, &scenario).ok());
    return context_.harness.tank.draw_plan(scenario, shot.seed);
  }

  void Take(const Shot& shot, const reports::RunRecord& record) {
    ++runs_;
    reports::AddTo(record.matrix, &counts_);
    if (record.verdict == reports::Verdict::kPass) return;
    ++(record.verdict == reports::Verdict::kFail ? failed_ : unclear_);
    const std::pair<std::string, std::string> kind(record.scenario, record.signature);
    auto group = std::ranges::find(groups_, kind, &Group::kind);
    if (group == groups_.end()) {
      reports::Tally first({{.scenario = record.scenario}});
      first.Add(record);
      groups_.push_back({kind, AsArguments({"aim=" + shot.aim}), std::move(first)});
      group = groups_.end() - 1;
    }
    ++group->runs;
  }

  void Conclude() {
    result_.verdict = "passed";
    if (failed_ + unclear_ > 0) {
      result_.verdict =
          absl::StrFormat("%s failed, %s unclear", WithThousands(failed_), WithThousands(unclear_));
    }
    if (!is_cut_) return;
    result_.verdict += "; cut after " + scenarios::Spell(context_.profile.steer_budget);
    result_.exit_code = WorseExit(result_.exit_code, reports::kExitInconclusive);
  }

  void Tell(const Group& group) {
    constexpr auto kGoals = reports::Goals::kAreNotJudged;
    const reports::Totals totals = group.first.totals();
    const std::string& arguments = group.arguments;
    const reports::BlockOptions plain{.arguments = arguments};
    result_.exit_code = WorseExit(result_.exit_code, ExitCodeOf(totals, kGoals));
    result_.blocks += FindingBlocks(totals, {.look = context_.look, .arguments = arguments});
    if (group.runs > 1) {
      result_.blocks += absl::StrFormat("  %s ended so\n", Plural(group.runs, "steered run"));
    }
    for (const reports::Finding& finding : totals.findings) {
      result_.lines.push_back(FindingLine(finding, ReproduceCommand(finding.example, plain)));
    }
    result_.annotations.push_back(Annotations(totals, kGoals, plain));
    reports::JUnitSuite suite = CampaignSuite("steering", totals, kGoals, plain);
    result_.suite.name = suite.name;
    std::ranges::copy_if(suite.cases, std::back_inserter(result_.suite.cases),
                         [](const reports::JUnitCase& one) {
                           return one.result != reports::JUnitCase::Result::kPassed;
                         });
  }

  void Show() const {
    if (!context_.on_progress) return;
    context_.on_progress({.done = runs_,
                          .total = context_.profile.steered_runs,
                          .failed = failed_,
                          .wall_us = ElapsedUs()});
  }

  const GateContext& context_;
  const Steering& steering_;
  reports::MatrixCounts& counts_;
  const Clock::time_point start_ = Clock::now();
  scenarios::PlanPool pool_;
  StageResult result_{.name = "steering"};
  uint64_t round_ = 0;
  uint64_t runs_ = 0;
  uint64_t failed_ = 0;
  uint64_t unclear_ = 0;
  bool is_cut_ = false;
  std::vector<Group> groups_;  // in order of their first
};

}  // namespace

absl::StatusOr<StageResult> SteerStage(const GateContext& context, const Steering& steering,
                                       reports::MatrixCounts* counts) {
  if (!context.is_timed() && !context.is_short()) {
    return Steersman(context, steering, counts).Steer();
  }
  return StageResult{
      .name = "steering",
      .figures = "0 runs",
      .verdict = context.is_timed() ? "not done with --for" : "not done with fewer seeds"};
}

}  // namespace wt::cli
