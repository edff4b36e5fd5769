#include "scenarios/conclude.h"
#include "scenarios/campaign/values.h"

#include <utility>

#include "scenarios/stopper.h"
#include "sim/trace.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

constexpr uint64_t kMaxEvents = 30'000'000;

void SetVerdict(reports::RunRecord& record, const sim::RunEnd& end, const Story& story) {
  const bool deadlock = end.kind == sim::RunEnd::Kind::kDeadlock;
  const bool failed = end.kind == sim::RunEnd::Kind::kFailed;
  if (end.kind == sim::RunEnd::Kind::kFinished) return;
  record.message = end.message;
  if (end.kind == sim::RunEnd::Kind::kBudget || (failed && end.invariant == Stopper::kName)) {
    record.verdict = reports::Verdict::kInconclusive;
    return;
  }
  record.verdict = reports::Verdict::kFail;
  record.invariant = deadlock ? "converges" : end.invariant;
  record.failed_at_us = Micros(end.at);
  record.why = story.Tail(5);
}

}  // namespace

sim::SimulatorOptions SimOptionsOf(const Plan& plan, const ExecuteOptions& how) {
  sim::SimulatorOptions options;
  options.seed = plan.seed;
  options.policy = plan.policy;
  options.pct_depth = plan.pct_depth;
  options.max_events = kMaxEvents;
  options.rarely_ppm = plan.knobs.rarely_ppm;
  options.reseed_at = how.reseed.record;
  options.reseed = how.reseed.seed;
  return options;
}

Ending RunUntil(sim::Simulator& sim, const ExecuteOptions& options, Story& story,
                const std::function<void()>& harness) {
  if (options.routine) story.KeepRoutine();
  Stopper stopper(sim, story, options);
  sim::RunEnd end = sim.Run(harness);
  return {.end = std::move(end), .stopped = stopper.stopped()};
}

Run Conclude(const Plan& plan, const Ending& ending, sim::Simulator& sim, const Judge& judge,
             const Story& story, const std::map<std::string, uint64_t>& faults,
             const std::map<std::string, uint64_t>& goals) {
  const sim::RunEnd& end = ending.end;
  Run run{.stopped = ending.stopped};
  reports::RunRecord& record = run.record;
  record.scenario = plan.scenario;
  record.seed = plan.seed;
  record.virtual_us = Micros(end.at);
  record.events = sim.trace().count();
  record.digest = sim.trace().digest();
  record.faults = faults;
  for (const auto& [invariant, times] : judge.evaluated()) record.invariants[invariant] = times;
  record.matrix = judge.matrix();
  record.goals = goals;
  for (const auto& [goal, times] : sim.goals()) record.goals[std::string(goal)] += times;
  SetVerdict(record, end, story);
  run.story = story.steps();
  for (const sim::Trace::Checkpoint& point : sim.trace().checkpoints()) {
    run.checkpoints.push_back({point.number, point.digest, Micros(point.at)});
  }
  for (const sim::TraceRecord& captured : sim.trace().captured()) {
    run.trace.push_back(captured.ToString());
  }
  run.moments = judge.circumstances().moments();
  run.evaluations = judge.evaluations();
  return run;
}

}  // namespace wt::scenarios
