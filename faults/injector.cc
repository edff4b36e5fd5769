#include "faults/injector.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/random.h"
#include "faults/rot.h"
#include "sim/virtual_clock.h"
#include "sim/virtual_disk.h"

namespace wt::faults {
namespace {

using namespace std::chrono_literals;

// Ten years: what a wall clock jumps at most, in ms.
constexpr uint64_t kMostJump = uint64_t{10} * 365 * 24 * 3600 * 1000;
constexpr uint64_t kMostKills = 10'000;

std::string Human(Duration duration) {
  const int64_t us = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
  if (us >= 1'000'000) return absl::StrFormat("%d.%03d s", us / 1'000'000, us / 1000 % 1000);
  return us >= 1000 ? absl::StrFormat("%d ms", us / 1000) : absl::StrFormat("%d us", us);
}

// An amount in `unit`, as a time that no run outlives.
Duration TimeOf(uint64_t amount, Duration unit) {
  const auto most = static_cast<uint64_t>(sim::kForever / unit);
  return unit * static_cast<int64_t>(std::min(amount, most));
}

Duration Times(Duration each, int64_t times) {
  return times == 0 ? Duration::zero() : std::min<Duration>(each, sim::kForever / times) * times;
}

// Half of a flapping partition's period.
Duration HalfPeriodOf(const Fault& fault) {
  return std::max<Duration>(1us, TimeOf(fault.amount, 1ms) / 2);
}

// In which order machines take turns.
std::vector<uint32_t> TurnsOf(const Fault& fault, uint32_t machines) {
  std::vector<uint32_t> turns(machines);
  std::iota(turns.begin(), turns.end(), 1);
  wt::Draw draw(fault.salt, {KeyOf("fault.turns")});
  for (size_t i = turns.size(); i > 1; --i) std::swap(turns[i - 1], turns[draw.Below(i)]);
  return turns;
}

}  // namespace

Injector::Injector(sim::Simulator& sim, Operator& who, std::vector<std::string> rot_prefixes)
    : sim_(sim), operator_(who), rot_prefixes_(std::move(rot_prefixes)), links_(sim) {}

uint32_t Injector::machines() const { return static_cast<uint32_t>(sim_.machines().size()); }

sim::Machine& Injector::MachineOf(uint32_t id) {
  WT_CHECK(id >= 1 && id <= machines());
  return *sim_.machines()[id - 1];
}

// ---- The agenda.

void Injector::Schedule(sim::SimTime at, What what, Due due) {
  agenda_.emplace(std::tuple(at, what, scheduled_++), std::move(due));
}

void Injector::Run(std::span<const Fault> faults) {
  for (const Fault& fault : faults) Schedule(fault.at, What::kBegin, {.fault = fault});
  while (!agenda_.empty() && !stopped_) {
    const auto [at, what, order] = agenda_.begin()->first;
    if (at > sim_.now()) {
      sim_.SleepFor(at - sim_.now());
      continue;
    }
    const Due due = agenda_.extract(agenda_.begin()).mapped();
    switch (what) {
      case What::kBegin:
        Begin(due.fault);
        break;
      case What::kStep:
        Step(due);
        break;
      case What::kEnd:
        End(due.window);
        break;
    }
  }
}

void Injector::Stop() {
  stopped_ = true;
  while (!open_.empty()) End(open_.rbegin()->first);
  WT_CHECK(cut_from_clients_.empty());
}

// ---- Beginnings and ends.

std::string Injector::PhraseOf(const Fault& fault) const {
  const FaultInfo& info = InfoOf(fault.kind);
  std::string phrase(info.name);
  if (!info.unit.empty()) phrase += absl::StrFormat(" %d %s", fault.amount, info.unit);
  if (TakesTwo(fault.kind)) phrase += " with " + sim_.machines()[fault.other - 1]->name();
  if (info.area == Area::kPartition) phrase += " " + SidesInWords(fault, machines());
  if (fault.lasts > 0ns) phrase += " for " + Human(fault.lasts);
  return phrase;
}

// Whom it falls on now: the same fault, once per machine.
std::vector<Fault> Injector::FallsOn(const Fault& fault) {
  Fault one = fault;
  one.target = Target::kMachine;
  if (fault.target == Target::kPrimary) {
    const sim::Machine* const primary = operator_.Primary();
    if (primary != nullptr) one.machine = primary->id();
    if (one.machine == one.other) one.other = fault.machine;
  }
  if (fault.target != Target::kEvery || IsOfAllMachines(fault.kind)) return {one};
  std::vector<Fault> all;
  for (uint32_t machine = 1; machine <= machines(); ++machine) {
    one.machine = machine;
    one.salt = wt::Draw(fault.salt, {machine}).Next();
    all.push_back(one);
  }
  return all;
}

// Whether an aimed fault had better come later: nothing is in doubt now on a machine that runs.
bool Injector::WaitsForDoubt(const Fault& fault) {
  if (sim_.now() >= fault.at + fault.aim) return false;
  bool any_runs = false;
  for (const Fault& one : FallsOn(fault)) {
    sim::Machine& machine = MachineOf(one.machine);
    if (machine.state() == sim::Machine::State::kOff) continue;
    any_runs = true;
    if (!machine.disk().PendingAtoms().empty()) return false;
  }
  return any_runs;
}

void Injector::Begin(const Fault& fault) {
  WT_CHECK(ProblemOf(fault, machines()).empty());
  if (WaitsForDoubt(fault)) {
    // At another pace each: the moment lies anywhere between a write and its sync.
    const uint64_t us = wt::Draw(fault.salt, {KeyOf("fault.aim")}).Between(20, 400);
    const auto look_again = sim_.now() + std::chrono::microseconds(us);
    return Schedule(std::min(look_again, fault.at + fault.aim), What::kBegin, {.fault = fault});
  }
  ++counts_[std::string(InfoOf(fault.kind).name)];
  for (const Fault& one : FallsOn(fault)) BeginOn(one);
}

void Injector::BeginOn(const Fault& fault) {
  sim::Machine& machine = MachineOf(fault.machine);
  sim_.host().Record(sim::TraceKind::kFault, static_cast<uint64_t>(fault.kind),
                     {fault.machine, fault.amount, fault.salt});
  operator_.OnFault(machine, fault, true, PhraseOf(fault));
  if (BeginMoment(machine, fault)) return;
  const uint64_t used = machine.disk().used_bytes();
  const uint64_t room = std::min(fault.amount, std::numeric_limits<uint64_t>::max() - used);
  const sim::SimTime until = sim_.now() + fault.lasts;
  const uint64_t window = opened_++;
  open_[window] = {.fault = fault, .until = until, .capacity = used + room};
  Schedule(until, What::kEnd, {.window = window});
  if (fault.kind == FaultKind::kFlappingPartition) ScheduleTurn(window);
  Turn(fault);
}

void Injector::End(uint64_t window) {
  const Fault fault = open_.extract(window).mapped().fault;
  operator_.OnFault(MachineOf(fault.machine), fault, false, PhraseOf(fault));
  Turn(fault);
}

// After a window of this fault has opened, closed or changed.
void Injector::Turn(const Fault& fault) {
  const Area area = InfoOf(fault.kind).area;
  if (area != Area::kPartition && area != Area::kLink) {
    return dials_.Turn(MachineOf(fault.machine), open_, sim_.now());
  }
  links_.Turn(open_);
  TurnClients();
}

void Injector::TurnClients() {
  const std::set<uint32_t> before = std::exchange(cut_from_clients_, links_.CutFromClients(open_));
  for (uint32_t machine = 1; machine <= machines(); ++machine) {
    const bool cut = cut_from_clients_.contains(machine);
    if (cut != before.contains(machine)) operator_.OnClientsCut(MachineOf(machine), cut);
  }
}

// ---- What happens at once, and in steps.

// False for what lasts and is a matter of dials.
bool Injector::BeginMoment(sim::Machine& machine, const Fault& fault) {
  sim::VirtualDisk& disk = machine.disk();
  switch (fault.kind) {
    case FaultKind::kPowerLoss:
      operator_.CutPower(machine, fault.lasts);
      return true;
    case FaultKind::kKill:
      operator_.Kill(machine, fault.lasts);
      return true;
    case FaultKind::kKillThenPowerLoss:
    case FaultKind::kRestartStorm:
    case FaultKind::kRollingRestart:
    case FaultKind::kRollingKill:
      ScheduleSteps(fault);
      return true;
    case FaultKind::kFailedSync:
      disk.FailNextSyncs(fault.amount);
      return true;
    case FaultKind::kLostSync:
      disk.LieNextSyncs(fault.amount);
      return true;
    case FaultKind::kDropCache:
      disk.DropCache();
      return true;
    case FaultKind::kBitRot:
    case FaultKind::kLatentSector:
      RotAtRest(disk, fault, rot_prefixes_);
      return true;
    case FaultKind::kWallClockJump:
      machine.clock().Jump(std::chrono::milliseconds(SignedOf(fault, kMostJump)));
      return true;
    case FaultKind::kClockFreeze:
      machine.clock().Freeze(fault.lasts);
      return true;
    case FaultKind::kWallClockFreeze:
      machine.clock().FreezeWall(fault.lasts);
      return true;
    case FaultKind::kDiskSwap:
      SwapInBackup(machine, fault);
      return true;
    case FaultKind::kWipe:
    case FaultKind::kDiskExchange:
    case FaultKind::kForeignDisk:
      Replace(machine, fault);
      return true;
    case FaultKind::kPause:
      if (machine.state() == sim::Machine::State::kOff) return true;
      if (machine.state() == sim::Machine::State::kRunning) machine.Pause();
      return false;
    default:
      return false;
  }
}

// The first of these faults takes a backup, the next one restores it.
void Injector::SwapInBackup(sim::Machine& machine, const Fault& fault) {
  sim::VirtualDisk& disk = machine.disk();
  const auto backup = backups_.find(fault.machine);
  if (backup == backups_.end()) {
    backups_.emplace(fault.machine, disk.SaveImage());
    return operator_.OnBackup(machine);
  }
  operator_.CutPower(machine, fault.lasts);
  disk.LoadImage(backup->second);
  backups_.erase(backup);
  operator_.OnDiskSwapped(machine);
}

void Injector::Replace(sim::Machine& machine, const Fault& fault) {
  operator_.CutPower(machine, fault.lasts);
  WT_CHECK(machine.state() == sim::Machine::State::kOff);
  if (fault.kind == FaultKind::kWipe) {
    machine.disk().Wipe();
    return operator_.OnWiped(machine);
  }
  sim::Machine& other = MachineOf(fault.other);
  if (fault.kind == FaultKind::kForeignDisk) {
    machine.disk().LoadImage(other.disk().SaveImage());
    return operator_.OnDiskCopied(machine, other);
  }
  operator_.CutPower(other, fault.lasts);
  WT_CHECK(other.state() == sim::Machine::State::kOff);
  machine.disk().SwapWith(other.disk());
  operator_.OnDisksExchanged(machine, other);
}

// The first step is taken now.
void Injector::ScheduleSteps(const Fault& fault) {
  const bool is_storm = fault.kind == FaultKind::kRestartStorm;
  const bool is_pair = fault.kind == FaultKind::kKillThenPowerLoss;
  const uint64_t steps = is_pair ? 2 : is_storm ? std::min(fault.amount, kMostKills) : machines();
  for (uint64_t step = 0; step < steps; ++step) {
    const auto nth = static_cast<int64_t>(step);
    const Duration apart = is_pair    ? TimeOf(fault.amount, 1us)
                           : is_storm ? fault.lasts / static_cast<int64_t>(steps)
                                      : fault.lasts;
    const Due due{.fault = fault, .step = step};
    if (step == 0) {
      Step(due);
    } else {
      Schedule(sim_.now() + Times(apart, nth), What::kStep, due);
    }
  }
}

// Half a period from now, unless the window closes before.
void Injector::ScheduleTurn(uint64_t window) {
  const Window& open = open_.at(window);
  const sim::SimTime at = sim_.now() + HalfPeriodOf(open.fault);
  if (at < open.until) Schedule(at, What::kStep, {.fault = open.fault, .window = window});
}

void Injector::Step(const Due& due) {
  const Fault& fault = due.fault;
  switch (fault.kind) {
    case FaultKind::kKillThenPowerLoss:
      if (due.step == 0) return operator_.Kill(MachineOf(fault.machine), 0ns);
      return operator_.CutPower(MachineOf(fault.machine), fault.lasts);
    case FaultKind::kRestartStorm:
      return operator_.Kill(MachineOf(fault.machine), 0ns);
    case FaultKind::kRollingRestart:
    case FaultKind::kRollingKill: {
      sim::Machine& machine = MachineOf(TurnsOf(fault, machines())[due.step]);
      const Duration down_for = TimeOf(fault.amount, 1ms);
      if (fault.kind == FaultKind::kRollingKill) return operator_.Kill(machine, down_for);
      return operator_.Close(machine, down_for);
    }
    case FaultKind::kFlappingPartition: {
      Window& window = open_.at(due.window);
      window.is_resting = !window.is_resting;
      ScheduleTurn(due.window);
      return Turn(fault);
    }
    default:
      WT_CHECK(false);
  }
}

}  // namespace wt::faults
