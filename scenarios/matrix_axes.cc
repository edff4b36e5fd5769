#include "scenarios/matrix_axes.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_format.h"
#include "scenarios/circumstances.h"
#include "scenarios/invariants.h"

namespace wt::scenarios {
namespace {

using faults::Area;
using faults::FaultInfo;
using faults::Severity;

// What runs in a scenario, as bits.
enum Home : uint8_t { kEngine = 1, kGroup = 2, kDatabase = 4, kLsm = 8, kAll = 15 };
constexpr uint8_t kLog = kEngine | kGroup;

uint8_t HomeOf(const Scenario& scenario) {
  if (scenario.database.has_value()) return kDatabase | kLsm;
  if (!scenario.group.has_value()) return kEngine;
  const auto& stores = scenario.group->stores;
  return std::ranges::find(stores, StateStore::kLsm) == stores.end() ? kGroup : kGroup | kLsm;
}

// In which columns an invariant can be evaluated at all.
enum class Columns : uint8_t { kAny, kCalm, kCalmOrFigures, kTold, kNone };

struct RowRule {
  std::string_view invariant;
  uint8_t homes;
  Columns columns;
  std::string_view reason;  // for what is ruled out
};

// Rows that are not here can be evaluated anywhere.
constexpr RowRule kRows[] = {
    {"snapshot-equivalence", kLog, Columns::kAny, "a database takes no snapshots"},
    {"election-safety", kGroup, Columns::kAny, "one machine elects nobody"},
    {"leader-completeness", kGroup, Columns::kAny, "one machine elects nobody"},
    {"ordered-scan", kDatabase, Columns::kAny, "only a database scans"},
    {"repeatable-view", kDatabase, Columns::kAny, "only a database has views"},
    {"read-barrier", kLog, Columns::kAny, "a database serves what it opened"},
    {"state-machine-safety", kLog, Columns::kAny, "a database has no state machine"},
    {"exactly-once", kGroup, Columns::kAny, "only a group's clients repeat themselves"},
    {"converges", kAll, Columns::kCalmOrFigures,
     "judged in calm, where no window is open; in the storm only where figures are promised"},
    {"no-leak", kAll, Columns::kCalm, "judged in calm: no window is open"},
    {"story", kAll, Columns::kTold, "only a story is told"},
    {"no-crash", kAll, Columns::kNone, "judged by the process above, not in the run"},
    {"no-hang", kAll, Columns::kNone, "judged by the process above, not in the run"},
    {"check", kAll, Columns::kNone, "judged where it is, at every assertion"},
};

struct PhaseRule {
  Phase phase;
  uint8_t homes;
  std::string_view reason;
};

constexpr PhaseRule kPhaseRules[] = {
    {Phase::kSnapshot, kLog, "a database takes no snapshots"},
    {Phase::kTransfer, kGroup, "one machine receives nothing"},
    {Phase::kElection, kGroup, "one machine elects nobody"},
    {Phase::kTables, kLsm, "a state in memory has no tables"},
};

std::string GroupOf(const FaultInfo& fault) {
  switch (fault.area) {
    case Area::kProcess:
      return "process";
    case Area::kDisk:
      return fault.severity == Severity::kHarmful ? "lies" : "disk";
    case Area::kClock:
      return "clock";
    case Area::kPartition:
      return "cuts";
    case Area::kLink:
      break;
  }
  return "links";
}

// Its machine may still have to recover when the calm begins.
bool ReachesIntoCalm(size_t column) {
  return column < kFirstFault ||
         KillsItsMachine(static_cast<faults::FaultKind>(column - kFirstFault));
}

bool Takes(const RowRule& rule, const Scenario& scenario, size_t column) {
  switch (rule.columns) {
    case Columns::kAny:
      return true;
    case Columns::kCalm:
      return ReachesIntoCalm(column);
    case Columns::kCalmOrFigures:
      return ReachesIntoCalm(column) || (scenario.group.has_value() && scenario.group->figures);
    case Columns::kTold:
      return column == kToldFault;
    case Columns::kNone:
      break;
  }
  return false;
}

bool IsPossible(std::string_view invariant, const Scenario& scenario, size_t column) {
  const auto* rule = std::ranges::find(kRows, invariant, &RowRule::invariant);
  if (rule == std::end(kRows)) return true;
  return (rule->homes & HomeOf(scenario)) != 0 && Takes(*rule, scenario, column);
}

bool IsPossible(Phase phase, uint8_t home) {
  const auto* found = std::ranges::find(kPhaseRules, phase, &PhaseRule::phase);
  return found == std::end(kPhaseRules) || (found->homes & home) != 0;
}

std::vector<size_t> ColumnsOf(const Scenario& scenario) {
  if (scenario.is_story()) return {kToldFault};
  std::vector<size_t> columns = {kNoFault};
  for (const FaultSpec& spec : scenario.faults) columns.push_back(ColumnOf(spec.kind));
  return columns;
}

void AddPossible(const Scenario& scenario, reports::MatrixAxes* axes) {
  const uint8_t home = HomeOf(scenario);
  const std::vector<size_t> columns = ColumnsOf(scenario);
  for (size_t row = 0; row < axes->invariants.size(); ++row) {
    for (size_t column : columns) {
      if (!IsPossible(axes->invariants[row], scenario, column)) continue;
      for (size_t phase = 0; phase < kPhases; ++phase) {
        if (!IsPossible(static_cast<Phase>(phase), home)) continue;
        axes->possible[axes->CellOf(row, column, phase)] = true;
      }
    }
  }
}

std::vector<std::string> Reasons() {
  std::vector<std::string> reasons;
  for (const RowRule& rule : kRows) {
    reasons.push_back(absl::StrFormat("%s: %s", rule.invariant, rule.reason));
  }
  for (const PhaseRule& rule : kPhaseRules) {
    reasons.push_back(
        absl::StrFormat("phase %s: %s", kPhaseNames[static_cast<size_t>(rule.phase)], rule.reason));
  }
  return reasons;
}

}  // namespace

size_t MatrixColumns() { return kFirstFault + faults::AllFaults().size(); }

std::optional<size_t> MatrixRowOf(std::string_view invariant) {
  const auto all = AllInvariants();
  const auto found = std::ranges::find(all, invariant, &InvariantInfo::name);
  if (found == all.end()) return std::nullopt;
  return static_cast<size_t>(found - all.begin());
}

reports::MatrixAxes MatrixAxesOf(std::span<const Scenario> scenarios) {
  reports::MatrixAxes axes;
  for (const InvariantInfo& invariant : AllInvariants()) {
    axes.invariants.emplace_back(invariant.name);
  }
  axes.faults = {{"none", "none"}, {"told", "told"}};
  for (const FaultInfo& fault : faults::AllFaults()) {
    axes.faults.push_back({std::string(fault.name), GroupOf(fault)});
  }
  axes.phases.assign(std::begin(kPhaseNames), std::end(kPhaseNames));
  axes.possible.assign(axes.cells(), false);
  for (const Scenario& scenario : scenarios) AddPossible(scenario, &axes);
  axes.reasons = Reasons();
  return axes;
}

}  // namespace wt::scenarios
