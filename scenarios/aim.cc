#include "scenarios/aim.h"

#include <algorithm>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/random.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

constexpr uint64_t kFaults = 3;
// A window may be open for so long when the phase begins.
constexpr Duration kAhead = 10ms;

// Ends its machine at once: within the phase, then. What lasts begins before it, too.
bool StrikesWithin(FaultKind kind) {
  return faults::IsSudden(kind) || faults::InfoOf(kind).area == faults::Area::kProcess ||
         kind == FaultKind::kDiskSwap;
}

// Any time of a quiet run is as good as another.
Duration TimeIn(wt::Draw& draw, const Moment& moment, FaultKind kind) {
  if (StrikesWithin(kind) || moment.phase == Phase::kQuiet) {
    return Duration(draw.Between(static_cast<uint64_t>(moment.from.count()),
                                 static_cast<uint64_t>(moment.to.count())));
  }
  const Duration ahead = std::min<Duration>(kAhead, moment.from);
  const bool before = draw.OneIn(2);
  return before ? moment.from - Duration(draw.Below(static_cast<uint64_t>(ahead.count()) + 1))
                : moment.from;
}

// Right before an invariant is evaluated, so that it is evaluated under the fault.
std::vector<Moment> BeforeEvaluations(const Aim& aim, const Run& run) {
  std::vector<Moment> moments;
  for (const Evaluation& evaluation : run.evaluations) {
    if (evaluation.invariant != aim.invariant || evaluation.phase != aim.phase) continue;
    const Duration from = evaluation.at - std::min<Duration>(evaluation.at, kAhead);
    moments.push_back({.phase = aim.phase, .from = from, .to = evaluation.at});
  }
  return moments;
}

// Those of the aim, within the storm.
std::vector<Moment> MomentsOf(const Aim& aim, const Run& run, Duration storm) {
  const Duration last = storm - Duration(1);
  const bool any = aim.invariant.empty();
  if (any && aim.phase == Phase::kQuiet) return std::vector<Moment>(kFaults, {.to = last});
  std::vector<Moment> chosen;
  for (Moment moment : any ? run.moments : BeforeEvaluations(aim, run)) {
    // What begins with the calm is met by what still lasts then.
    if (moment.phase != aim.phase || (any && moment.from >= storm)) continue;
    moment.from = std::min<Duration>(moment.from, std::max(Duration(0), last - kAhead));
    moment.to = std::min<Duration>(moment.to, last);
    chosen.push_back(moment);
  }
  return chosen;
}

std::vector<const FaultSpec*> SpecsOf(const Scenario& scenario, FaultKind kind) {
  std::vector<const FaultSpec*> specs;
  for (const FaultSpec& spec : scenario.faults) {
    if (spec.kind == kind) specs.push_back(&spec);
  }
  WT_CHECK(!specs.empty());
  return specs;
}

}  // namespace

void TakeAim(const Scenario& scenario, const Run& run, Plan* plan) {
  WT_CHECK(scenario.aim.has_value());
  const Aim& aim = *scenario.aim;
  const std::vector<const FaultSpec*> specs = SpecsOf(scenario, aim.fault);
  const faults::Fleet fleet = FleetOf(scenario, *plan);
  const bool harmful = faults::InfoOf(aim.fault).severity == faults::Severity::kHarmful;
  if (harmful && !BearsHarm(*plan, fleet)) return;
  std::vector<Moment> left = MomentsOf(aim, run, plan->storm);
  wt::Draw draw(plan->seed,
                {KeyOf("aim"), static_cast<uint64_t>(aim.fault), static_cast<uint64_t>(aim.phase)});
  for (uint64_t ordinal = 0, added = 0; added < kFaults && !left.empty(); ++ordinal) {
    const uint64_t chosen = draw.Below(left.size());
    const Moment moment = left[chosen];
    left.erase(left.begin() + static_cast<ptrdiff_t>(chosen));
    const FaultSpec& spec = *specs[draw.Below(specs.size())];
    const Duration at = TimeIn(draw, moment, aim.fault);
    const auto fault =
        faults::DrawAt(spec, fleet, plan->storm, at, moment.machine, plan->seed, ordinal);
    if (!fault.has_value()) continue;
    plan->faults.push_back(*fault);
    ++added;
  }
  std::ranges::stable_sort(plan->faults, {}, &faults::Fault::at);
}

}  // namespace wt::scenarios
