#include "faults/fault.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"

namespace wt::faults {
namespace {

constexpr FaultInfo kFaultInfo[] = {
#define WT_FAULT_INFO(kind, name, area, severity, unit, what) \
  {name, Severity::severity, unit, what, Area::area},
    WT_FAULTS(WT_FAULT_INFO)
#undef WT_FAULT_INFO
};

bool IsOneOf(uint32_t machine, uint32_t machines) { return machine >= 1 && machine <= machines; }

}  // namespace

std::span<const FaultInfo> AllFaults() { return kFaultInfo; }

const FaultInfo& InfoOf(FaultKind kind) {
  WT_CHECK(static_cast<size_t>(kind) < std::size(kFaultInfo));
  return kFaultInfo[static_cast<size_t>(kind)];
}

std::optional<FaultKind> FaultNamed(std::string_view name) {
  for (size_t i = 0; i < std::size(kFaultInfo); ++i) {
    if (kFaultInfo[i].name == name) return static_cast<FaultKind>(i);
  }
  return std::nullopt;
}

bool IsOfAllMachines(FaultKind kind) {
  switch (kind) {
    case FaultKind::kPartition:
    case FaultKind::kFlappingPartition:
    case FaultKind::kRing:
    case FaultKind::kRollingRestart:
    case FaultKind::kRollingKill:
      return true;
    default:
      return false;
  }
}

bool TakesTwo(FaultKind kind) {
  return kind == FaultKind::kDiskExchange || kind == FaultKind::kForeignDisk;
}

bool IsSudden(FaultKind kind) {
  return kind == FaultKind::kPowerLoss || kind == FaultKind::kKill ||
         kind == FaultKind::kKillThenPowerLoss;
}

std::string ProblemOf(const Fault& fault, uint32_t machines) {
  const FaultInfo& info = InfoOf(fault.kind);
  if (!IsOneOf(fault.machine, machines)) {
    return absl::StrFormat("machine: %d, want 1 to %d: a plan for another topology", fault.machine,
                           machines);
  }
  if (fault.kind == FaultKind::kWipe && machines == 1) {
    return "fault: nothing is left to judge when the only machine is wiped";
  }
  if (!TakesTwo(fault.kind)) {
    if (fault.other != 0) {
      return absl::StrFormat("other: %d, want 0: %s takes one machine", fault.other, info.name);
    }
  } else if (fault.target == Target::kEvery) {
    return absl::StrFormat("target: %s takes two machines, not every one", info.name);
  } else if (!IsOneOf(fault.other, machines) || fault.other == fault.machine) {
    return absl::StrFormat("other: %d, want 1 to %d and not machine %d", fault.other, machines,
                           fault.machine);
  }
  if (fault.cuts_clients && info.area != Area::kPartition) {
    return absl::StrFormat("cuts_clients: %s is no partition", info.name);
  }
  if (fault.aim > Duration(0) && !IsSudden(fault.kind)) {
    return absl::StrFormat("aim: %s ends nothing from one moment to the next", info.name);
  }
  return "";
}

}  // namespace wt::faults
