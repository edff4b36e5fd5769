// Faults from specs.
#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>
#include <tuple>

#include "engine/base/check.h"
#include "engine/base/random.h"
#include "faults/fault.h"

namespace wt::faults {
namespace {

using Machines = std::vector<uint32_t>;

Duration DrawIn(wt::Draw& draw, const Range<Duration>& range) {
  return Duration(draw.Between(static_cast<uint64_t>(range.low.count()),
                               static_cast<uint64_t>(range.high.count())));
}

Machines AllOf(uint32_t machines) {
  Machines all(machines);
  std::iota(all.begin(), all.end(), 1);
  return all;
}

Machines Without(Machines machines, uint32_t one) {
  std::erase(machines, one);
  return machines;
}

Target TargetOf(Scope scope) {
  switch (scope) {
    case Scope::kAny:
    case Scope::kMinority:
      return Target::kMachine;
    case Scope::kPrimary:
      return Target::kPrimary;
    case Scope::kEvery:
      return Target::kEvery;
  }
  WT_CHECK(false);
}

// `lasts` is the time between two turns: all of them must fit into the storm.
bool TakesTurns(FaultKind kind) {
  return kind == FaultKind::kRollingRestart || kind == FaultKind::kRollingKill;
}

// Draws the faults of one spec, the `nth` of its kind.
class SpecDraw {
 public:
  SpecDraw(const FaultSpec& spec, uint64_t nth, const Fleet& fleet, uint64_t seed)
      : spec_(spec), nth_(nth), seed_(seed), all_(AllOf(fleet.machines)), within_(all_) {
    WT_CHECK(spec.every.low > Duration(0));
    WT_CHECK(spec.cut_clients_ppm == 0 || InfoOf(spec.kind).area == Area::kPartition);
    WT_CHECK(spec.on != Scope::kEvery || !TakesTwo(spec.kind));
    if (spec.on == Scope::kEvery) within_ = {1};
    if (spec.on == Scope::kMinority) {
      const std::set<uint32_t> victims = VictimsOf(fleet, seed);
      within_.assign(victims.begin(), victims.end());
    }
    first_ = within_;
  }

  // When, how long and how strongly comes from one stream; on whom, from a key of its own.
  void DrawAll(Duration storm, std::vector<Fault>& out) const {
    wt::Draw draw(seed_, {KeyOf("fault"), static_cast<uint64_t>(spec_.kind), 1 + nth_});
    uint64_t ordinal = 0;
    for (Duration at = DrawIn(draw, spec_.every); at < storm; at += DrawIn(draw, spec_.every)) {
      Fault fault = DrawStrength(draw, storm, at);
      if (DrawMachines(fault, ordinal++)) out.push_back(fault);
    }
  }

  std::optional<Fault> DrawOne(Duration storm, Duration at, uint32_t machine, uint64_t ordinal) {
    wt::Draw draw(seed_, {KeyOf("fault.at"), static_cast<uint64_t>(spec_.kind), nth_, ordinal});
    Fault fault = DrawStrength(draw, storm, at);
    if (machine != 0 && fault.target == Target::kMachine) {
      if (std::ranges::find(within_, machine) == within_.end()) return std::nullopt;
      first_ = {machine};
    }
    if (!DrawMachines(fault, ordinal)) return std::nullopt;
    fault.aim = {};
    return fault;
  }

 private:
  Fault DrawStrength(wt::Draw& draw, Duration storm, Duration at) const {
    const int64_t turns = TakesTurns(spec_.kind) ? static_cast<int64_t>(all_.size()) : 1;
    Fault fault{.kind = spec_.kind, .at = at, .target = TargetOf(spec_.on)};
    fault.lasts = std::min(DrawIn(draw, spec_.lasts), (storm - at) / turns);
    fault.amount = draw.Between(spec_.amount.low, spec_.amount.high);
    fault.salt = draw.Next();
    return fault;
  }

  wt::Draw For(uint64_t what, uint64_t ordinal) const {
    return wt::Draw(seed_, {what, static_cast<uint64_t>(spec_.kind), nth_, ordinal});
  }

  // False when there are not as many as it takes.
  bool DrawMachines(Fault& fault, uint64_t ordinal) const {
    if (first_.empty() || (spec_.kind == FaultKind::kWipe && all_.size() == 1)) return false;
    wt::Draw draw = For(KeyOf("fault.machine"), ordinal);
    fault.machine = first_[draw.Below(first_.size())];
    fault.cuts_clients = For(KeyOf("fault.clients"), ordinal).Chance(spec_.cut_clients_ppm);
    const bool aimed = For(KeyOf("fault.aim"), ordinal).Chance(spec_.aimed_ppm);
    if (aimed && IsSudden(spec_.kind)) fault.aim = kAim;
    if (!TakesTwo(spec_.kind)) return true;
    // A disk that is only copied is not harmed.
    const bool copies = spec_.kind == FaultKind::kForeignDisk;
    const Machines others = Without(copies ? all_ : within_, fault.machine);
    if (others.empty()) return false;
    fault.other = others[draw.Below(others.size())];
    return true;
  }

  const FaultSpec& spec_;
  const uint64_t nth_;
  const uint64_t seed_;
  const Machines all_;
  Machines within_;  // its scope
  Machines first_;   // those of them of which one is drawn
};

}  // namespace

std::set<uint32_t> VictimsOf(const Fleet& fleet, uint64_t seed) {
  WT_CHECK(fleet.machines >= 1 && fleet.voters <= fleet.machines);
  if (fleet.machines == 1) return {1};
  const uint32_t voters = fleet.voters == 0 ? fleet.machines : fleet.voters;
  Machines left = AllOf(fleet.machines);
  std::set<uint32_t> victims;
  wt::Draw draw(seed, {KeyOf("fault.victims")});
  while (victims.size() < (voters - 1) / 2) {
    const uint64_t at = draw.Below(left.size());
    victims.insert(left[at]);
    left.erase(left.begin() + static_cast<ptrdiff_t>(at));
  }
  return victims;
}

std::vector<Fault> Draw(std::span<const FaultSpec> specs, const Fleet& fleet, Duration storm,
                        uint64_t seed) {
  std::vector<Fault> faults;
  std::map<FaultKind, uint64_t> seen;
  for (const FaultSpec& spec : specs) {
    SpecDraw(spec, seen[spec.kind]++, fleet, seed).DrawAll(storm, faults);
  }
  std::stable_sort(faults.begin(), faults.end(), [](const Fault& a, const Fault& b) {
    return std::tie(a.at, a.machine, a.kind) < std::tie(b.at, b.machine, b.kind);
  });
  return faults;
}

std::vector<Fault> Draw(std::span<const FaultSpec> specs, uint32_t machines, Duration storm,
                        uint64_t seed) {
  return Draw(specs, Fleet{.machines = machines}, storm, seed);
}

std::optional<Fault> DrawAt(const FaultSpec& spec, const Fleet& fleet, Duration storm, Duration at,
                            uint32_t machine, uint64_t seed, uint64_t ordinal) {
  WT_CHECK(at < storm);
  return SpecDraw(spec, 0, fleet, seed).DrawOne(storm, at, machine, ordinal);
}

std::set<uint32_t> HarmedBy(std::span<const Fault> faults, uint32_t machines) {
  const Machines all = AllOf(machines);
  std::set<uint32_t> harmed;
  for (const Fault& fault : faults) {
    if (InfoOf(fault.kind).severity != Severity::kHarmful) continue;
    if (fault.target != Target::kMachine) return {all.begin(), all.end()};
    harmed.insert(fault.machine);
    if (fault.kind == FaultKind::kDiskExchange) harmed.insert(fault.other);
  }
  return harmed;
}

}  // namespace wt::faults
