#include "faults/fault.h"

#include <algorithm>
#include <tuple>

#include "engine/base/check.h"
#include "engine/base/random.h"

namespace wt::faults {
namespace {

constexpr FaultInfo kFaultInfo[] = {
#define WT_FAULT_INFO(kind, name, severity, unit, what) {name, Severity::severity, unit, what},
    WT_FAULTS(WT_FAULT_INFO)
#undef WT_FAULT_INFO
};

Duration DrawIn(wt::Draw& draw, const Range<Duration>& range) {
  return Duration(draw.Between(static_cast<uint64_t>(range.low.count()),
                               static_cast<uint64_t>(range.high.count())));
}

void DrawSpec(const FaultSpec& spec, uint32_t machine, Duration storm, uint64_t seed,
              std::vector<Fault>& out) {
  WT_CHECK(spec.every.low > Duration(0));
  wt::Draw draw(seed, {KeyOf("fault"), static_cast<uint64_t>(spec.kind), machine});
  for (Duration at = DrawIn(draw, spec.every); at < storm; at += DrawIn(draw, spec.every)) {
    Fault fault{.kind = spec.kind, .at = at, .machine = machine};
    fault.lasts = std::min(DrawIn(draw, spec.lasts), storm - at);
    fault.amount = draw.Between(spec.amount.low, spec.amount.high);
    fault.salt = draw.Next();
    out.push_back(fault);
  }
}

}  // namespace

std::span<const FaultInfo> AllFaults() { return kFaultInfo; }

const FaultInfo& InfoOf(FaultKind kind) { return kFaultInfo[static_cast<size_t>(kind)]; }

std::optional<FaultKind> FaultNamed(std::string_view name) {
  for (size_t i = 0; i < std::size(kFaultInfo); ++i) {
    if (kFaultInfo[i].name == name) return static_cast<FaultKind>(i);
  }
  return std::nullopt;
}

std::vector<Fault> Draw(std::span<const FaultSpec> specs, uint32_t machines, Duration storm,
                        uint64_t seed) {
  std::vector<Fault> faults;
  for (const FaultSpec& spec : specs) {
    for (uint32_t machine = 1; machine <= machines; ++machine) {
      DrawSpec(spec, machine, storm, seed, faults);
    }
  }
  std::stable_sort(faults.begin(), faults.end(), [](const Fault& a, const Fault& b) {
    return std::tie(a.at, a.machine, a.kind) < std::tie(b.at, b.machine, b.kind);
  });
  return faults;
}

}  // namespace wt::faults
