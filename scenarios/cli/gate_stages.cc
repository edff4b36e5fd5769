#include "scenarios/cli/gate_stages.h"

#include <algorithm>
#include <limits>
#include <ranges>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "engine/base/check.h"
#include "reports/campaign_text.h"
#include "reports/ci.h"
#include "reports/exit_code.h"
#include "reports/json_lines.h"
#include "scenarios/campaign/crash_record.h"
#include "scenarios/campaign/values.h"

namespace wt::cli {
namespace {

using namespace std::chrono_literals;
using reports::Plural;
using reports::RunRecord;
using reports::Verdict;
using reports::WithThousands;
using scenarios::Canary;
using scenarios::Scenario;
using JUnitResult = reports::JUnitCase::Result;

constexpr auto kRunTimeout = 60s;
constexpr size_t kMostNever = 20;

// ---- Canaries

// How one canary fared, as the campaign tells it run by run.
struct Bird {
  const Canary* canary = nullptr;
  std::string caught_by;  // of its first failing run; empty: of none
  uint64_t runs = 0;      // until then
};

void Note(const RunRecord& record, Bird* bird) {
  if (!bird->caught_by.empty() || bird->runs >= bird->canary->seeds) return;
  ++bird->runs;
  if (record.verdict == Verdict::kFail) bird->caught_by = record.invariant;
}

reports::JUnitCase CaseOf(const Bird& bird) {
  const Canary& canary = *bird.canary;
  reports::JUnitCase one{.classname = "canary", .name = canary.name};
  if (bird.caught_by == canary.caught_by) return one;
  one.result = JUnitResult::kFailed;
  one.type = "canary-not-caught";
  one.message = absl::StrFormat(
      "%s, and %s", canary.lie,
      bird.caught_by.empty()
          ? absl::StrFormat("%s did not object in %s", canary.caught_by,
                            Plural(canary.seeds, "run"))
          : absl::StrFormat("%s objected instead of %s", bird.caught_by, canary.caught_by));
  return one;
}

StageResult ResultOf(const std::vector<Bird>& birds, reports::Look look) {
  StageResult result{.name = "canaries", .suite = {.name = "canaries"}};
  uint64_t lost = 0;
  for (const Bird& bird : birds) {
    const reports::JUnitCase one = CaseOf(bird);
    result.suite.cases.push_back(one);
    if (one.result == JUnitResult::kPassed) continue;
    ++lost;
    result.blocks +=
        absl::StrFormat("%s  %s\n  %s\n", Paint(look, reports::Ink::kRed, "CANARY NOT CAUGHT"),
                        one.name, one.message);
    result.annotations.push_back(reports::Annotation("canary not caught " + one.name, one.message));
  }
  result.figures = Plural(birds.size(), "run") + " in which the harness lies to its judges";
  result.verdict = lost == 0 ? "all caught" : absl::StrFormat("%d not caught", lost);
  if (lost > 0 || birds.empty()) result.exit_code = reports::kExitInconclusive;
  return result;
}

// ---- Fresh seeds

struct Fresh {
  reports::Tally tally;
  Steering& steering;
  uint64_t verified = 0;
  uint64_t wall_us = 0;
  bool interrupted = false;
};

// Adds one campaign to what was seen before.
absl::Status RunMore(const GateContext& context, std::span<const Scenario> scenarios,
                     scenarios::CampaignOptions how, Fresh* fresh) {
  scenarios::Tank tank = context.harness.tank;
  tank.scenarios = scenarios;
  how.on_run = [&](const RunRecord& record) {
    fresh->tally.Add(record);
    fresh->steering.Note(record);
  };
  how.on_mismatch = [&](const reports::Mismatch& mismatch) { fresh->tally.AddMismatch(mismatch); };
  const absl::StatusOr<scenarios::CampaignEnd> end = RunCampaign(tank, how);
  if (!end.ok()) return end.status();
  fresh->verified += end->verified;
  fresh->wall_us += end->wall_us;
  fresh->interrupted = fresh->interrupted || end->interrupted;
  return absl::OkStatus();
}

std::vector<Scenario> WithMissedGoals(const GateContext& context, const reports::Totals& totals) {
  std::vector<Scenario> chosen;
  for (const reports::ScenarioTotals& scenario : totals.scenarios) {
    if (scenario.GoalsMissed().empty() && scenario.Vacuous().empty()) continue;
    const Scenario* found =
        scenarios::FindIn(context.harness.tank.scenarios, scenario.promise.scenario);
    WT_CHECK(found != nullptr);
    chosen.push_back(*found);
  }
  return chosen;
}

StageResult FreshResultOf(const GateContext& context, const reports::Totals& totals,
                          uint64_t wanted) {
  const auto scenarios = context.harness.tank.scenarios.size();
  StageResult result{.name = "fresh seeds",
                     .exit_code = ExitCodeOf(totals, reports::Goals::kAreNotJudged)};
  if (result.exit_code == reports::kExitNotDeterministic) {
    result.exit_code = totals.failed > 0 ? reports::kExitFinding : reports::kExitPassed;
  }
  result.figures =
      absl::StrFormat("%s of %s, %s events", Plural(totals.runs, "run"),
                      Plural(scenarios, "scenario"), reports::RoughNumber(totals.events));
  if (totals.failed + totals.errors + totals.inconclusive > 0) {
    result.verdict = absl::StrFormat("%s failed, %s unclear", WithThousands(totals.failed),
                                     WithThousands(totals.errors + totals.inconclusive));
  } else {
    result.verdict = "passed";
  }
  if (wanted > 0 && totals.runs < wanted) {
    result.verdict += absl::StrFormat("; stopped by its budget before run %s of %s",
                                      WithThousands(totals.runs + 1), WithThousands(wanted));
    result.exit_code = WorseExit(result.exit_code, reports::kExitInconclusive);
  }
  return result;
}

StageResult TwiceResultOf(const Fresh& fresh, const reports::Totals& totals) {
  StageResult result{.name = "determinism",
                     .figures = Plural(fresh.verified, "run") + " twice, in processes that differ",
                     .verdict = "all the same"};
  if (fresh.verified == 0) {
    result.verdict = "none was run twice";
    result.exit_code = reports::kExitInconclusive;
  }
  if (!totals.mismatches.empty()) {
    result.verdict = absl::StrFormat("%d differ", totals.mismatches.size());
    result.exit_code = reports::kExitNotDeterministic;
  }
  return result;
}

// Of the search for goals; --for bounds it as it bounds the fresh seeds.
scenarios::WallDuration GoalBudget(const GateContext& context) {
  const scenarios::WallDuration budget = context.profile.goal_budget;
  return context.is_timed() ? std::min(budget, context.time_limit) : budget;
}

// `more` runs sought what was missed; `cut`: there was no time for all that were to.
StageResult GoalsResultOf(const GateContext& context, const reports::Totals& totals, uint64_t more,
                          bool cut) {
  uint64_t promised = 0;
  for (const auto& scenario : totals.scenarios) promised += scenario.promise.goals.size();
  StageResult result{
      .name = "goals", .figures = Plural(promised, "goal"), .verdict = "all reached"};
  if (more > 0)
    result.figures += absl::StrFormat(", some sought in %s more runs", WithThousands(more));
  const std::vector<std::string> missed = totals.GoalsMissed();
  const std::vector<std::string> vacuous = totals.Vacuous();
  if (missed.empty() && vacuous.empty()) return result;
  if (context.is_short()) {
    result.verdict = "not judged with fewer seeds";
    return result;
  }
  result.exit_code = reports::kExitInconclusive;
  result.verdict = absl::StrFormat("%d missed, %d vacuous", missed.size(), vacuous.size());
  if (cut) {
    result.verdict += "; the search was cut after " + scenarios::Spell(GoalBudget(context));
  }
  result.blocks = MissedText(totals, context.look);
  return result;
}

// ---- Crash states

reports::JUnitCase CrashCase(const RunRecord& record, const std::string& command) {
  reports::JUnitCase one{.classname = record.scenario, .name = "every crash state recovers"};
  if (record.verdict == Verdict::kPass) return one;
  one.result = record.verdict == Verdict::kFail ? JUnitResult::kFailed : JUnitResult::kError;
  one.type = record.invariant.empty() ? std::string(NameOf(record.verdict)) : record.invariant;
  one.message = record.message;
  one.text = FailureBlock(record, {.command = command});
  return one;
}

}  // namespace

const std::vector<GateProfile>& GateProfiles() {
  static const std::vector<GateProfile> all = {
      {.name = "ci",
       .about = "each change; about three minutes on two free cores",
       .seeds = 150,
       .verify_one_in = 25,
       .goal_rounds = 8,
       .steered_runs = 1500,
       .matrix_floor = 85,
       .crash_depth = 1,
       .fresh_budget = 8min,
       .goal_budget = 3min,
       .steer_budget = 8min,
       .crash_budget = 3min},
      {.name = "nightly",
       .about = "once a day; about two hours on two free cores",
       .seeds = 3000,
       .verify_one_in = 20,
       .goal_rounds = 4,
       .steered_runs = 40'000,
       .matrix_floor = 90,
       .crash_depth = 2,
       .fresh_budget = 4h,
       .goal_budget = 1h,
       .steer_budget = 2h,
       .crash_budget = 1h},
  };
  return all;
}

scenarios::CampaignOptions GateContext::Manner() const {
  return {.jobs = jobs,
          .run_timeout = kRunTimeout,
          .verifier = verifier,
          .stop = stop,
          .on_progress = on_progress};
}

int WorseExit(int a, int b) {
  static constexpr int kWorstFirst[] = {reports::kExitInterrupted, reports::kExitBroken,
                                        reports::kExitNotDeterministic, reports::kExitFinding,
                                        reports::kExitInconclusive};
  for (int code : kWorstFirst) {
    if (a == code || b == code) return code;
  }
  return reports::kExitPassed;
}

StageResult MatrixResultOf(const GateContext& context, const reports::MatrixCounts& counts) {
  const bool timed = context.is_timed();
  const bool judged = !timed && !context.is_short();
  const uint32_t floor = context.profile.matrix_floor;
  const reports::MatrixShare share = ShareOf(context.axes, counts);
  StageResult result{.name = "matrix", .figures = ShareText(share)};
  result.verdict = judged  ? absl::StrFormat("above its floor of %d %%", floor)
                   : timed ? "not judged with --for"
                           : "not judged with fewer seeds";
  if (judged && share.per_myriad() < uint64_t{floor} * 100) {
    result.exit_code = reports::kExitInconclusive;
    result.verdict = absl::StrFormat("below its floor of %d %%", floor);
    result.blocks += "never evaluated (invariant × fault: phases), the emptiest first:\n";
    const std::vector<std::string> never = NeverEvaluated(context.axes, counts);
    for (const std::string& line : never | std::views::take(kMostNever)) {
      result.blocks += "  " + line + "\n";
    }
  }
  // Not red: what is rare would make some change red by chance.
  for (const std::string& name :
       SeenThoughImpossible(context.axes, counts) | std::views::take(kMostNever)) {
    result.blocks += "seen, though declared impossible: " + name + "\n";
  }
  if (result.exit_code != reports::kExitPassed) {
    result.annotations.push_back(reports::Annotation("matrix", result.verdict));
  }
  return result;
}

absl::StatusOr<StageResult> CanaryStage(const GateContext& context) {
  std::vector<Bird> birds;
  std::vector<Scenario> scenarios;
  std::vector<reports::Promise> promises;
  uint64_t seeds = 1;
  for (const Canary& canary : context.harness.canaries) {
    birds.push_back({.canary = &canary});
    scenarios.push_back(ScenarioOf(canary));
    promises.push_back({.scenario = canary.name, .goals = scenarios.back().goals});
    seeds = std::max(seeds, canary.seeds);
  }
  if (birds.empty()) return ResultOf(birds, context.look);
  const auto bird_of = [&](const std::string& name) {
    return std::ranges::find(birds, name, [](const Bird& bird) { return bird.canary->name; });
  };
  reports::Tally tally(promises);
  scenarios::Tank tank = WithCanaries(context.harness.tank, context.harness.canaries);
  tank.scenarios = scenarios;
  scenarios::CampaignOptions how = context.Manner();
  how.seeds = {0, seeds};
  how.verify_one_in = 1;
  how.on_run = [&](const RunRecord& record) {
    tally.Add(record);
    Note(record, &*bird_of(record.scenario));
  };
  how.on_mismatch = [&](const reports::Mismatch& mismatch) {
    std::string& caught_by = bird_of(mismatch.scenario)->caught_by;
    if (caught_by.empty()) caught_by = scenarios::kByTwoDigests;
  };
  const absl::StatusOr<scenarios::CampaignEnd> end = RunCampaign(tank, how);
  if (!end.ok()) return end.status();
  for (const std::string& missed : tally.totals().GoalsMissed()) {
    std::string& caught_by = bird_of(missed.substr(0, missed.find('/')))->caught_by;
    if (caught_by.empty()) caught_by = scenarios::kByMissedGoal;
  }
  StageResult result = ResultOf(birds, context.look);
  result.wall_us = end->wall_us;
  if (end->interrupted) result.exit_code = reports::kExitInterrupted;
  return result;
}

absl::StatusOr<FreshResult> FreshStages(const GateContext& context, Steering* steering) {
  const std::span<const Scenario> all = context.harness.tank.scenarios;
  const uint64_t seeds = context.seeds;
  const bool timed = context.is_timed();
  scenarios::CampaignOptions how = context.Manner();
  how.seeds = {context.base_seed, context.base_seed + seeds};
  if (timed) how.seeds.end = std::numeric_limits<uint64_t>::max();
  how.time_limit = timed ? context.time_limit : context.profile.fresh_budget;
  how.verify_one_in = context.profile.verify_one_in;
  Fresh fresh{.tally = reports::Tally(context.promises), .steering = *steering};
  absl::Status status = RunMore(context, all, how, &fresh);
  if (!status.ok()) return status;
  FreshResult result;
  result.fresh = FreshResultOf(context, fresh.tally.totals(), timed ? 0 : seeds * all.size());
  result.fresh.wall_us = fresh.wall_us;
  // What is rare may need more seeds than what is common: they come from further on.
  const uint64_t first_runs = fresh.tally.totals().runs;
  how.verify_one_in = 0;
  const uint64_t rounds = context.is_short() ? 0 : context.profile.goal_rounds;
  for (uint64_t round = 1; round <= rounds && !fresh.interrupted; ++round) {
    const std::vector<Scenario> missing = WithMissedGoals(context, fresh.tally.totals());
    if (missing.empty() || result.fresh.exit_code != reports::kExitPassed) break;
    const uint64_t spent_ms = (fresh.wall_us - result.fresh.wall_us) / 1000;
    how.time_limit = GoalBudget(context) - scenarios::WallDuration(spent_ms);
    if (how.time_limit.count() <= 0) break;  // what is missed by now stays missed
    how.seeds = {context.base_seed + round * seeds, context.base_seed + (round + 1) * seeds};
    status = RunMore(context, missing, how, &fresh);
    if (!status.ok()) return status;
  }
  result.totals = fresh.tally.totals();
  result.twice = TwiceResultOf(fresh, result.totals);
  const uint64_t sought_us = fresh.wall_us - result.fresh.wall_us;
  result.goals = GoalsResultOf(context, result.totals, result.totals.runs - first_runs,
                               std::chrono::microseconds(sought_us) >= GoalBudget(context));
  result.goals.wall_us = sought_us;
  // A run that failed while a goal was sought.
  result.fresh.exit_code =
      WorseExit(result.fresh.exit_code, result.totals.failed > 0 ? reports::kExitFinding : 0);
  result.fresh.blocks = FindingBlocks(result.totals, {.look = context.look});
  for (const reports::Finding& finding : result.totals.findings) {
    result.fresh.lines.push_back(FindingLine(finding, ReproduceCommand(finding.example, {})));
  }
  const auto goals =
      context.is_short() ? reports::Goals::kAreNotJudged : reports::Goals::kMustBeReached;
  result.fresh.annotations.push_back(Annotations(result.totals, goals, {}));
  result.fresh.suite = CampaignSuite("fresh seeds", result.totals, goals, {});
  if (fresh.interrupted) result.fresh.exit_code = reports::kExitInterrupted;
  return result;
}

// The second crashes of a database are too many to end.
scenarios::CrashOptions CrashOptionsOf(const GateContext& context, const Scenario& scenario) {
  return {.depth = scenario.database ? 1 : context.profile.crash_depth};
}

absl::StatusOr<StageResult> CrashStage(const GateContext& context) {
  std::vector<Scenario> small;
  for (const Scenario& scenario : context.harness.tank.scenarios) {
    if (scenario.crash) small.push_back(scenario);
  }
  StageResult result{.name = "crash states", .suite = {.name = "crash states"}};
  if (small.empty()) {
    result.verdict = "nothing to enumerate";
    result.exit_code = reports::kExitInconclusive;
    return result;
  }
  const uint64_t seed = scenarios::CrashOptions{}.seed;
  scenarios::Tank tank = context.harness.tank;
  tank.scenarios = small;
  tank.execute = [&](const Scenario& scenario, uint64_t, const scenarios::ExecuteOptions&) {
    return RunOf(context.harness.enumerate_crashes(scenario, CrashOptionsOf(context, scenario)),
                 scenario);
  };
  scenarios::CampaignOptions how = context.Manner();
  how.seeds = {seed, seed + 1};
  how.run_timeout = context.profile.crash_budget;
  uint64_t points = 0;
  uint64_t states = 0;
  uint64_t failed = 0;
  how.on_run = [&](const RunRecord& record) {
    states += record.events;
    if (record.faults.contains("points")) points += record.faults.at("points");
    failed += record.verdict != Verdict::kPass;
    const Scenario* of = scenarios::FindIn(small, record.scenario);
    WT_CHECK(of != nullptr);
    const std::string command =
        absl::StrFormat("wavetank crash %s --seed %d --depth %d", record.scenario, seed,
                        CrashOptionsOf(context, *of).depth);
    result.suite.cases.push_back(CrashCase(record, command));
    if (record.verdict == Verdict::kPass) return;
    result.exit_code = WorseExit(result.exit_code, reports::ExitCodeOf(record.verdict));
    result.blocks += FailureBlock(record, {.look = context.look, .command = command});
    result.annotations.push_back(reports::Annotation(record.invariant + " " + record.scenario,
                                                     record.message + "\n" + command));
    result.lines.push_back(reports::RunLine(record, reports::HostFigures::kOmit));
  };
  const absl::StatusOr<scenarios::CampaignEnd> end = RunCampaign(tank, how);
  if (!end.ok()) return end.status();
  result.wall_us = end->wall_us;
  result.figures = absl::StrFormat("%s, %s points, %s states", Plural(small.size(), "workload"),
                                   WithThousands(points), WithThousands(states));
  result.verdict =
      failed == 0 ? "all recovered" : absl::StrFormat("%d of %d failed", failed, small.size());
  if (end->interrupted) result.exit_code = reports::kExitInterrupted;
  return result;
}

}  // namespace wt::cli
