#include "tests/scenarios/cli_fake_tank.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <sstream>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/random.h"
#include "engine/base/status.h"

namespace wt::scenarios::fake {
namespace {

using reports::Verdict;

constexpr uint64_t kRecords = 400;  // of one run's trace
constexpr uint64_t kCheckpointEvery = 100;
constexpr uint64_t kWaversFrom = 137;

Run PassingRun(const Scenario& scenario, uint64_t seed) {
  Run run;
  run.record.scenario = scenario.name;
  run.record.seed = seed;
  run.record.virtual_us = 2'000'000;
  run.record.events = 1000 + seed;
  run.record.faults = {{"power-loss", 2}};
  run.record.invariants = {{"fake-holds", 5}};
  const char* matrix = std::getenv("FAKE_MATRIX");
  const std::string_view how = matrix == nullptr ? "" : matrix;
  run.record.matrix = {{0, 5}, {1, 4}, {2, 3}, {3, 1 + seed % 3}};
  if (how == "poor") run.record.matrix = {{0, 5}};
  if (how == "odd") run.record.matrix[4] = 2;
  if (how == "steered") run.record.matrix = {{0, 5}, {1, 4}};
  run.record.digest = Mix64(seed ^ scenario.workload.operations);
  run.story = {{1'000, "n1", "engine.opening", ""}, {2'500, "n1", "power lost", "power-loss #1"}};
  return run;
}

void Fail(Run* run, std::string invariant, std::string message) {
  run->record.verdict = Verdict::kFail;
  run->record.invariant = std::move(invariant);
  run->record.message = std::move(message);
  run->record.failed_at_us = 1'500'000;
  run->record.why = {{1'118'000, "n1", "log.synced upto 413", "lost-fsync #1"},
                     {1'500'000, "n1", "engine.recovered upto 412", ""}};
}

// Its trace and digest, as a simulator would compute them.
void Trace(Run* run, const ExecuteOptions& options, uint64_t odd_from) {
  uint64_t digest = run->record.digest;
  for (uint64_t record = 0; record < kRecords; ++record) {
    if (options.checkpoints && record % kCheckpointEvery == 0) {
      run->checkpoints.push_back({record, digest, record * 10});
    }
    const uint64_t word = record >= odd_from ? record + 1'000'000 : record;
    digest = Mix64(digest ^ word);
    if (record >= options.trace_from && record < options.trace_to) {
      run->trace.push_back(absl::StrFormat("%d word %d", record, word));
    }
  }
  run->record.digest = digest;
}

[[noreturn]] void Segfault() {
  std::fprintf(stderr, "about to step on a rake\n");
  ::raise(SIGSEGV);
  std::abort();
}

[[noreturn]] void Hang() {
  while (true) ::pause();
}

void Misbehave(Run* run) {
  const std::string& name = run->record.scenario;
  const uint64_t seed = run->record.seed;
  if (name == "fails-often" && seed % 10 == 7) {
    Fail(run, "acked-writes-survive", absl::StrFormat("key k%03d is missing", seed));
    if (seed == 17) run->record.events = 12;
  }
  if (name == "two-bugs" && seed == 2) Fail(run, "index-order", "applied 4 beyond committed 3");
  if (name == "two-bugs" && seed == 5) Fail(run, "no-phantom", "k005 holds what nobody wrote");
  if (name == "segfaults" && seed == 4) Segfault();
  if (name == "aborts" && seed == 4) WT_CHECK(seed == 5);
  if (name == "exits" && seed == 1) ::_exit(3);
  if (name == "hangs" && seed == 2) Hang();
  if (name == "unsure" && seed == 1) {
    run->record.verdict = Verdict::kInconclusive;
    run->record.message = "the budget of events is used up";
  }
  if (name == "broken") {
    run->record.verdict = Verdict::kError;
    run->record.message = "the harness lost its way";
  }
  if (name == "vacuous") run->record.invariants = {{"fake-holds", 0}};
  if (name == "calm" && seed == 3) run->record.goals = {{"fake.reached", 2}};
}

Scenario Named(std::string name, std::string summary) {
  return {.name = std::move(name), .summary = std::move(summary), .in_default_set = false};
}

std::vector<Scenario> MakeScenarios() {
  std::vector<Scenario> all;
  const auto add = [&](std::string name, std::string summary) -> Scenario& {
    return all.emplace_back(Named(std::move(name), std::move(summary)));
  };
  Scenario& calm = add("calm", "nothing goes wrong");
  calm.in_default_set = true;
  calm.goals = {"fake.reached"};
  calm.story =
      "A story that is long enough to be broken into two lines when it is described, "
      "because it goes on beyond the eightieth column.";
  calm.faults = {{.kind = FaultKind::kPowerLoss,
                  .every = Between(std::chrono::milliseconds(200), std::chrono::seconds(3)),
                  .lasts = Between(std::chrono::seconds(0), std::chrono::seconds(1))}};
  const std::vector<FaultSpec> cuts = calm.faults;
  add("fails-often", "one bug, many seeds");
  add("two-bugs", "two bugs");
  add("segfaults", "dies");
  add("aborts", "a check fails outside of a run");
  add("exits", "leaves");
  add("hangs", "does not end");
  add("unsure", "does not know");
  add("broken", "the tank itself is");
  add("vacuous", "proves nothing").goals = {"fake.never"};
  add("wavers", "is not deterministic");
  add("planted", "needs two faults");
  add("directed", "tells a story").directed = [](World&) {};
  for (const char* name : {"crash-ok", "crash-bad", "crash-dies"}) add(name, "").crash = true;
  add("grouped", "several machines").group =
      Group{.voters = {3, 5, 3, 1}, .weathers = {Weather::kCalm, Weather::kTinyFiles}};
  add("fails-aimed", "fails where it is sent").faults = cuts;
  return all;
}

std::string PlanJson(const Plan& plan) {
  std::string faults;
  for (const faults::Fault& fault : plan.faults) {
    faults += absl::StrFormat("%d@%d ", static_cast<int>(fault.kind), fault.at.count());
  }
  if (!faults.empty()) faults = ",\n \"faults\": \"" + faults + "\"";
  return absl::StrFormat("{\"scenario\": \"%s\",\n \"seed\": %d,\n \"why\": \"%s\"%s}\n",
                         plan.scenario, plan.seed, plan.why, faults);
}

void TakeFaults(std::string_view text, Plan* plan) {
  const size_t begin = text.find("\"faults\": \"");
  if (begin == text.npos) return;
  std::istringstream words{std::string(text.substr(begin + 11))};
  int kind = 0;
  char at = 0;
  int64_t when = 0;
  while (words >> kind >> at >> when) {
    plan->faults.push_back({.kind = static_cast<faults::FaultKind>(kind), .at = Duration(when)});
  }
}

// What was aimed at is its only fault, at as many nanoseconds as the phase's number.
Plan DrawPlan(const Scenario& scenario, uint64_t seed) {
  Plan plan{.scenario = scenario.name, .seed = seed};
  if (scenario.aim.has_value()) {
    const auto phase = static_cast<int64_t>(scenario.aim->phase);
    plan.faults = {{.kind = scenario.aim->fault, .at = Duration(phase)}};
  }
  if (scenario.name != "planted") return plan;
  plan.faults = {{.kind = faults::FaultKind::kLostSync, .at = std::chrono::seconds(1)},
                 {.kind = faults::FaultKind::kSlowDisk, .at = std::chrono::milliseconds(1500)},
                 {.kind = faults::FaultKind::kPowerLoss, .at = std::chrono::seconds(2)}};
  plan.storm = std::chrono::seconds(5);
  return plan;
}

// A run with a fault where it was aimed at.
void Meet(int64_t phase, Run* run) {
  const char* matrix = std::getenv("FAKE_MATRIX");
  if (matrix != nullptr && std::string_view(matrix) == "steered") {
    run->record.matrix = {{2 + static_cast<uint32_t>(phase), 1}};
  }
  if (run->record.scenario == "fails-aimed") Fail(run, "no-leak", "a file too many");
}

Run ExecuteAny(const Scenario& scenario, uint64_t seed, const ExecuteOptions& options) {
  Run run = ExecuteFake(scenario, seed, options);
  if (scenario.aim.has_value()) Meet(static_cast<int64_t>(scenario.aim->phase), &run);
  return run;
}

Run ExecutePlan(const Plan& plan, const ExecuteOptions& options) {
  Run run = ExecuteFake(*FindIn(Scenarios(), plan.scenario), plan.seed, options);
  if (plan.faults.size() == 1) Meet(plan.faults.front().at.count(), &run);
  const auto has = [&](faults::FaultKind kind) {
    return std::ranges::any_of(plan.faults, [&](const auto& one) { return one.kind == kind; });
  };
  if (plan.scenario == "planted" && has(faults::FaultKind::kLostSync) &&
      has(faults::FaultKind::kPowerLoss)) {
    Fail(&run, "acked-writes-survive", "after n1 restarted, k001 is missing");
  }
  return run;
}

absl::StatusOr<Plan> PlanOf(std::string_view text) {
  Plan plan;
  const size_t name = text.find("\"scenario\": \"");
  const size_t seed = text.find("\"seed\": ");
  if (name == text.npos || seed == text.npos) return InvalidArgument("line 2: want \"seed\"");
  const size_t begin = name + 13;
  plan.scenario = text.substr(begin, text.find('"', begin) - begin);
  plan.seed = std::strtoull(std::string(text.substr(seed + 8)).c_str(), nullptr, 10);
  const size_t why = text.find("\"why\": \"");
  if (why != text.npos) plan.why = text.substr(why + 8, text.find('"', why + 8) - why - 8);
  TakeFaults(text, &plan);
  return plan;
}

}  // namespace

std::span<const Scenario> Scenarios() {
  static const std::vector<Scenario> all = MakeScenarios();
  return all;
}

Run ExecuteFake(const Scenario& scenario, uint64_t seed, const ExecuteOptions& options) {
  Run run = PassingRun(scenario, seed);
  Misbehave(&run);
  const bool odd = scenario.name == "wavers" && std::getenv("MALLOC_PERTURB_") != nullptr;
  Trace(&run, options, odd ? kWaversFrom : kRecords);
  if (options.stop.set()) run.record.verdict = Verdict::kInconclusive;
  if (!options.story) run.story.clear();
  return run;
}

Tank MakeTank() {
  return {.scenarios = Scenarios(),
          .execute = ExecuteAny,
          .execute_plan = ExecutePlan,
          .draw_plan = DrawPlan,
          .plan_to_json = PlanJson,
          .plan_from_json = PlanOf};
}

Tank MakeTank(const std::vector<std::string_view>& names) {
  static std::deque<std::vector<Scenario>> kept;
  std::vector<Scenario>& chosen = kept.emplace_back();
  for (std::string_view name : names) {
    const Scenario* scenario = FindIn(Scenarios(), name);
    WT_CHECK(scenario != nullptr);
    chosen.push_back(*scenario);
  }
  Tank tank = MakeTank();
  tank.scenarios = chosen;
  return tank;
}

CrashResult EnumerateCrashes(const Scenario& scenario, const CrashOptions& options) {
  if (options.progress) options.progress(1, 2, 3);
  if (scenario.name == "crash-dies") Segfault();
  CrashResult result{.points = 412, .states = 9'870, .distinct = 3'114, .digest = options.seed};
  if (options.max_states < result.states) result.complete = false;
  if (scenario.name != "crash-bad") return result;
  for (uint64_t point : {20, 31}) {
    result.failures.push_back({"acked-writes-survive", "k001 is missing",
                               absl::StrFormat("point %d (log.synced), keep {0}", point)});
  }
  return result;
}

std::span<const InvariantInfo> Invariants() {
  static constexpr InvariantInfo kAll[] = {{"fake-holds", "what is fake stays fake"},
                                           {"index-order", "indices are in order"}};
  return kAll;
}

reports::MatrixAxes MatrixAxes() {
  return {.invariants = {"fake-holds", "index-order"},
          .faults = {{"none", "none"}, {"power-loss", "process"}},
          .phases = {"quiet", "recovery"},
          .possible = {true, true, true, true, false, false, false, false},
          .reasons = {"index-order: nobody judges it here"}};
}

}  // namespace wt::scenarios::fake
