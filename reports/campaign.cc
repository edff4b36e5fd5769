#include "reports/campaign.h"

#include <algorithm>
#include <tuple>

#include "engine/base/check.h"
#include "engine/base/checksum.h"
#include "engine/base/random.h"
#include "reports/matrix.h"
#include "reports/signature.h"
#include "reports/text.h"

namespace wt::reports {
namespace {

constexpr size_t kNamedRuns = 10;

using Counts = std::map<std::string, uint64_t>;

void AddAll(const Counts& from, Counts* to) {
  for (const auto& [name, count] : from) (*to)[name] += count;
}

std::vector<std::string> Unseen(const std::vector<std::string>& promised, const Counts& seen) {
  std::vector<std::string> missed;
  for (const std::string& name : promised) {
    const auto found = seen.find(name);
    if (found == seen.end() || found->second == 0) missed.push_back(name);
  }
  return missed;
}

std::vector<std::string> Gather(const std::vector<ScenarioTotals>& scenarios,
                                std::vector<std::string> (ScenarioTotals::*list)() const) {
  std::vector<std::string> all;
  for (const ScenarioTotals& scenario : scenarios) {
    for (const std::string& name : (scenario.*list)()) {
      all.push_back(scenario.promise.scenario + "/" + name);
    }
  }
  return all;
}

}  // namespace

uint64_t ScenarioTotals::fault_count() const {
  uint64_t count = 0;
  for (const auto& [kind, times] : faults) count += times;
  return count;
}

std::vector<std::string> ScenarioTotals::GoalsMissed() const {
  return Unseen(promise.goals, goals);
}

std::vector<std::string> ScenarioTotals::FaultsMissed() const {
  return Unseen(promise.faults, faults);
}

std::vector<std::string> ScenarioTotals::Vacuous() const {
  std::vector<std::string> vacuous;
  if (events == 0) vacuous.push_back("events");
  for (const auto& [name, times] : invariants) {
    if (times == 0) vacuous.push_back(name);
  }
  return vacuous;
}

std::vector<std::string> Totals::GoalsMissed() const {
  return Gather(scenarios, &ScenarioTotals::GoalsMissed);
}
std::vector<std::string> Totals::FaultsMissed() const {
  return Gather(scenarios, &ScenarioTotals::FaultsMissed);
}
std::vector<std::string> Totals::Vacuous() const {
  return Gather(scenarios, &ScenarioTotals::Vacuous);
}

bool Totals::Inconclusive(Goals goals) const {
  if (inconclusive > 0 || runs == 0) return true;
  if (goals == Goals::kAreNotJudged) return false;
  return !GoalsMissed().empty() || !Vacuous().empty();
}

uint64_t DigestTerm(const RunRecord& record) {
  const uint64_t name = Hash64(record.scenario);
  return Mix64(Mix64(Mix64(name) ^ record.seed) ^ record.digest);
}

Tally::Tally(const std::vector<Promise>& promises) {
  for (const Promise& promise : promises) totals_.scenarios.push_back({.promise = promise});
}

ScenarioTotals& Tally::Of(const std::string& scenario) {
  for (ScenarioTotals& totals : totals_.scenarios) {
    if (totals.promise.scenario == scenario) return totals;
  }
  WT_CHECK(false && "a run of a scenario that is not part of the campaign");
  return totals_.scenarios.front();
}

void Tally::Add(const RunRecord& record) {
  ScenarioTotals& scenario = Of(record.scenario);
  const uint64_t failed = record.verdict == Verdict::kFail;
  const uint64_t inconclusive = record.verdict == Verdict::kInconclusive;
  const uint64_t error = record.verdict == Verdict::kError;
  const auto count = [&](auto& totals) {
    totals.runs += 1;
    totals.failed += failed;
    totals.inconclusive += inconclusive;
    totals.errors += error;
    totals.events += record.events;
    totals.virtual_us += record.virtual_us;
  };
  count(scenario);
  count(totals_);
  AddAll(record.faults, &scenario.faults);
  AddAll(record.goals, &scenario.goals);
  AddAll(record.invariants, &scenario.invariants);
  AddTo(record.matrix, &totals_.matrix);
  if (failed != 0) ++scenario.failures[record.invariant];
  totals_.digest += DigestTerm(record);
  if (record.verdict != Verdict::kPass) AddFinding(record);
}

void Tally::AddFinding(const RunRecord& record) {
  Finding& finding = findings_[FolderOf(record)];
  if (finding.runs == 0 || record.events < finding.example.events) finding.example = record;
  ++finding.runs;
  if (finding.some.size() < kNamedRuns) {
    finding.some.push_back(RunName(record.scenario, record.seed));
  }
}

Totals Tally::totals() const {
  Totals totals = totals_;
  for (const auto& [signature, finding] : findings_) {
    totals.findings.push_back(finding);
    totals.findings.back().signature = signature;
  }
  std::ranges::stable_sort(totals.findings, {}, [](const Finding& finding) {
    // Broken runs and failures before those that merely did not get to an end.
    const bool mild = finding.example.verdict == Verdict::kInconclusive;
    return std::make_tuple(mild, finding.example.events, finding.signature);
  });
  return totals;
}

}  // namespace wt::reports
