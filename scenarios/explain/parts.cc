#include "scenarios/explain/parts.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "reports/text.h"
#include "scenarios/campaign/values.h"
#include "scenarios/shrink/edits.h"
#include "scenarios/shrink/simpler.h"

namespace wt::scenarios {
namespace {

constexpr std::string_view kOpNames[] = {
    "put",  "get",  "remove", "batch", "increment", "compare-and-set",
    "scan", "walk", "view",   "flush", "compact",   "verify",
};

std::string WhomOf(const faults::Fault& fault) {
  if (faults::IsOfAllMachines(fault.kind)) return "all machines";
  if (fault.target == faults::Target::kEvery) return "every machine";
  if (fault.target == faults::Target::kPrimary) return "the primary";
  std::string whom = absl::StrFormat("n%d", fault.machine);
  if (faults::TakesTwo(fault.kind)) whom += absl::StrFormat(" and n%d", fault.other);
  return whom;
}

std::string DetailsOf(const faults::Fault& fault) {
  const faults::FaultInfo& info = faults::InfoOf(fault.kind);
  std::string details =
      absl::StrFormat("%s at %s", WhomOf(fault), reports::Seconds(Micros(fault.at)));
  if (fault.lasts > Duration(0)) details += " for " + Spell(fault.lasts);
  if (fault.aim > Duration(0)) details += " (waits " + Spell(fault.aim) + " for unsynced data)";
  if (info.unit == "factor") return details + absl::StrFormat(", %d times", fault.amount);
  if (!info.unit.empty()) details += absl::StrFormat(", %d %s", fault.amount, info.unit);
  return details;
}

std::string NameOf(const ClientOp& op) {
  const auto kind = static_cast<size_t>(op.kind);
  WT_CHECK_LT(kind, std::size(kOpNames));
  if (op.kind >= OpKind::kFlush) return std::string(kOpNames[kind]);
  return absl::StrFormat("%s k%03d", kOpNames[kind], op.key);
}

}  // namespace

std::string NameOfFault(const Plan& plan, size_t index) {
  WT_CHECK_LT(index, plan.faults.size());
  const faults::FaultKind kind = plan.faults[index].kind;
  const auto number =
      std::count_if(plan.faults.begin(), plan.faults.begin() + static_cast<ptrdiff_t>(index) + 1,
                    [kind](const faults::Fault& other) { return other.kind == kind; });
  return absl::StrFormat("%s #%d", faults::InfoOf(kind).name, number);
}

std::vector<LeftOut> FaultsOf(const Plan& plan) {
  std::vector<LeftOut> all;
  for (size_t i = 0; i < plan.faults.size(); ++i) {
    all.push_back({.part = {.kind = PartKind::kFault,
                            .at = {i},
                            .name = NameOfFault(plan, i),
                            .details = DetailsOf(plan.faults[i])},
                   .without = WithoutFaults(plan, i, i + 1)});
  }
  return all;
}

std::vector<LeftOut> PairsOfFaults(const Plan& plan) {
  std::vector<LeftOut> all;
  for (size_t j = 1; j < plan.faults.size(); ++j) {
    for (size_t i = 0; i < j; ++i) {
      const Plan without = WithoutFaults(WithoutFaults(plan, j, j + 1), i, i + 1);
      all.push_back({.part = {.kind = PartKind::kFault,
                              .at = {i, j},
                              .name = NameOfFault(plan, i) + " or " + NameOfFault(plan, j),
                              .details = "one of the two is enough"},
                     .without = without});
    }
  }
  return all;
}

std::vector<LeftOut> ChoresOf(const Plan& plan) {
  std::vector<LeftOut> all;
  for (size_t i = 0; i < plan.chores.size(); ++i) {
    const Chore& chore = plan.chores[i];
    const bool transfer = chore.kind == Chore::Kind::kTransfer;
    all.push_back({.part = {.kind = PartKind::kChore,
                            .at = {i},
                            .name = transfer ? absl::StrFormat("transfer to n%d", chore.to)
                                             : std::string("change of members"),
                            .details = "at " + reports::Seconds(Micros(chore.at))},
                   .without = WithoutChores(plan, i, i + 1)});
  }
  return all;
}

std::vector<LeftOut> OperationsOf(const Plan& plan) {
  std::vector<LeftOut> all;
  if (plan.operations.size() > kMostOperations) return all;
  const std::vector<Duration> starts = StartsOf(plan);
  for (size_t i = 0; i < plan.operations.size(); ++i) {
    const ClientOp& op = plan.operations[i];
    all.push_back({.part = {.kind = PartKind::kOperation,
                            .at = {i},
                            .name = NameOf(op),
                            .details = absl::StrFormat("client %d from %s", op.client,
                                                       reports::Seconds(Micros(starts[i])))},
                   .without = WithoutOperations(plan, i, i + 1)});
  }
  return all;
}

std::vector<LeftOut> KnobsOf(const Plan& plan, bool keep_pace) {
  std::vector<LeftOut> all;
  for (PlainKnob& knob : WithOneKnobPlain(plan, keep_pace ? Pace::kMustStay : Pace::kMayChange)) {
    all.push_back({.part = {.kind = PartKind::kKnob,
                            .name = std::move(knob.name),
                            .details = "at its plainest"},
                   .without = std::move(knob.plan)});
  }
  return all;
}

}  // namespace wt::scenarios
