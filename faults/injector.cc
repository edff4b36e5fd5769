#include "faults/injector.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/random.h"
#include "sim/virtual_clock.h"
#include "sim/virtual_disk.h"

namespace wt::faults {
namespace {

using namespace std::chrono_literals;

std::string Human(Duration duration) {
  const int64_t us = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
  if (us >= 1'000'000) return absl::StrFormat("%d.%03d s", us / 1'000'000, us / 1000 % 1000);
  return us >= 1000 ? absl::StrFormat("%d ms", us / 1000) : absl::StrFormat("%d us", us);
}

// The signed amount of a clock fault: an odd salt turns it round.
int64_t Signed(const Fault& fault) {
  const auto amount = static_cast<int64_t>(fault.amount);
  return fault.salt % 2 == 1 ? -amount : amount;
}

using Places = std::vector<std::pair<std::string, uint64_t>>;  // path, size

// Where files say what they are: hit more often than their few bytes would be.
constexpr uint64_t kHeadBytes = 4 * kKiB;

// The place of byte `at` of that file, counted over all of them.
uint64_t HeadOf(const Places& places, uint64_t file, uint64_t at) {
  uint64_t before = 0;
  for (uint64_t i = 0; i < file; ++i) before += places[i].second;
  return before + at % places[file].second;
}

uint32_t Ppm(const Fault& fault) {
  return static_cast<uint32_t>(std::min<uint64_t>(fault.amount, 1'000'000));
}

}  // namespace

Injector::Injector(sim::Simulator& sim, Operator& who, std::vector<std::string> rot_prefixes)
    : sim_(sim), operator_(who), rot_prefixes_(std::move(rot_prefixes)) {}

sim::Machine& Injector::MachineOf(const Fault& fault) {
  WT_CHECK(fault.machine >= 1 && fault.machine <= sim_.machines().size());
  return *sim_.machines()[fault.machine - 1];
}

void Injector::Run(std::span<const Fault> faults) {
  for (const Fault& fault : faults) {
    EndBefore(fault.at);
    if (stopped_) return;
    if (fault.at > sim_.now()) sim_.SleepFor(fault.at - sim_.now());
    if (stopped_) return;
    Begin(fault);
  }
  EndBefore(sim::SimTime::max());
}

// Sleeps from the end of one window to the end of the next, as long as they lie before `time`.
void Injector::EndBefore(sim::SimTime time) {
  while (!open_.empty() && !stopped_) {
    const auto next = std::min_element(
        open_.begin(), open_.end(), [](const Open& a, const Open& b) { return a.until < b.until; });
    if (next->until > time) return;
    const Fault ending = next->fault;
    const sim::SimTime until = next->until;
    if (until > sim_.now()) sim_.SleepFor(until - sim_.now());
    if (stopped_) return;
    open_.erase(std::find_if(open_.begin(), open_.end(),
                             [&](const Open& open) { return open.fault == ending; }));
    End(ending);
  }
}

void Injector::Stop() {
  stopped_ = true;
  while (!open_.empty()) {
    const Fault ending = open_.back().fault;
    open_.pop_back();
    End(ending);
  }
}

void Injector::Count(FaultKind kind) { ++counts_[std::string(InfoOf(kind).name)]; }

std::string Injector::PhraseOf(const Fault& fault) const {
  const FaultInfo& info = InfoOf(fault.kind);
  std::string phrase(info.name);
  if (!info.unit.empty()) phrase += absl::StrFormat(" %d %s", fault.amount, info.unit);
  if (fault.lasts > 0ns) phrase += " for " + Human(fault.lasts);
  return phrase;
}

void Injector::Begin(const Fault& fault) {
  sim::Machine& machine = MachineOf(fault);
  sim_.host().Record(sim::TraceKind::kFault, static_cast<uint64_t>(fault.kind),
                     {fault.machine, fault.amount, fault.salt});
  Count(fault.kind);
  operator_.OnFault(machine, fault, true, PhraseOf(fault));
  if (BeginMoment(machine, fault)) return;
  open_.push_back({fault, sim_.now() + fault.lasts, machine.disk().used_bytes() + fault.amount});
  TurnDials(machine);
}

void Injector::End(const Fault& fault) {
  sim::Machine& machine = MachineOf(fault);
  operator_.OnFault(machine, fault, false, PhraseOf(fault));
  if (fault.kind == FaultKind::kPause && machine.state() == sim::Machine::State::kPaused) {
    machine.Resume();
  }
  if (fault.kind == FaultKind::kClockDrift) machine.clock().SetDrift(0);
  TurnDials(machine);
}

// Does what happens at once; false for what lasts and is a matter of dials.
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
      operator_.Kill(machine, 0ns);
      sim_.SleepFor(std::chrono::microseconds(fault.amount));
      operator_.CutPower(machine, fault.lasts);
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
      Rot(machine, fault);
      return true;
    case FaultKind::kWallClockJump:
      machine.clock().Jump(std::chrono::milliseconds(Signed(fault)));
      return true;
    case FaultKind::kClockFreeze:
      machine.clock().Freeze(fault.lasts);
      return true;
    case FaultKind::kDiskSwap:
      if (!backups_.contains(fault.machine)) {
        backups_.emplace(fault.machine, disk.SaveImage());  // the backup; the next one restores it
        operator_.OnBackup(machine);
        return true;
      }
      operator_.CutPower(machine, fault.lasts);
      disk.LoadImage(backups_.at(fault.machine));
      backups_.erase(fault.machine);
      operator_.OnDiskSwapped(machine);
      return true;
    case FaultKind::kPause:
      if (machine.state() != sim::Machine::State::kRunning) return true;
      machine.Pause();
      return false;
    case FaultKind::kClockDrift:
      machine.clock().SetDrift(static_cast<int32_t>(Signed(fault)));
      return false;
    default:
      return false;
  }
}

// All dials of a machine, from the windows that are open on it now.
void Injector::TurnDials(sim::Machine& machine) {
  sim::DiskFaults dials;
  const sim::DiskFaults before = machine.disk().faults();
  dials.latency_min = before.latency_min;
  dials.latency_max = before.latency_max;
  dials.sync_latency_min = before.sync_latency_min;
  dials.sync_latency_max = before.sync_latency_max;
  dials.garbled_sector_ppm = before.garbled_sector_ppm;
  for (const Open& open : open_) {
    const Fault& fault = open.fault;
    if (fault.machine != machine.id()) continue;
    switch (fault.kind) {
      case FaultKind::kShortIo:
        dials.short_read_ppm = dials.short_write_ppm = Ppm(fault);
        break;
      case FaultKind::kEarlyWriteback:
        dials.early_writeback_ppm = Ppm(fault);
        break;
      case FaultKind::kReadError:
        dials.read_error_ppm = Ppm(fault);
        break;
      case FaultKind::kWriteError:
        dials.write_error_ppm = Ppm(fault);
        break;
      case FaultKind::kMetadataError:
        dials.metadata_error_ppm = Ppm(fault);
        break;
      case FaultKind::kFullDisk:
        dials.capacity_bytes = open.capacity;
        dials.full_refuses_names = fault.salt % 4 == 0;
        break;
      case FaultKind::kSlowDisk:
        dials.slow_ppm = 1'000'000;
        dials.slow_factor = static_cast<uint32_t>(fault.amount);
        break;
      case FaultKind::kHungDisk:
        dials.hang_ppm = 1'000'000;
        dials.hang_for = std::max<Duration>(1ms, open.until - sim_.now());
        break;
      case FaultKind::kPhantomWrite:
        dials.phantom_write_ppm = Ppm(fault);
        break;
      case FaultKind::kMisdirectedWrite:
        dials.misdirected_write_ppm = Ppm(fault);
        break;
      case FaultKind::kStaleRead:
        dials.stale_read_ppm = Ppm(fault);
        break;
      case FaultKind::kCorruptWrite:
        dials.corrupt_write_ppm = Ppm(fault);
        break;
      default:
        break;
    }
  }
  machine.disk().faults() = dials;
}

void Injector::Rot(sim::Machine& machine, const Fault& fault) {
  sim::VirtualDisk& disk = machine.disk();
  Places places;
  uint64_t bytes = 0;
  for (const auto& [path, inode] : disk.platter().Walk()) {
    const sim::PlatterFile& file = *disk.platter().Find(inode);
    const bool may_rot = std::any_of(rot_prefixes_.begin(), rot_prefixes_.end(),
                                     [&](const std::string& p) { return path.starts_with(p); });
    const uint64_t promised =
        may_rot && !file.is_directory() ? std::min(file.promised_end(), file.size()) : 0;
    if (promised > 0) places.emplace_back(path, promised);
    bytes += promised;
  }
  if (bytes == 0) return;
  wt::Draw draw(fault.salt);
  for (uint64_t i = 0; i < fault.amount; ++i) {
    uint64_t at = draw.Below(bytes);
    const uint64_t bit = draw.Below(8);
    if (draw.OneIn(4)) {
      const uint64_t place = draw.Below(places.size());
      at = HeadOf(places, place, draw.Below(kHeadBytes));
    }
    for (const auto& [path, size] : places) {
      if (at >= size) {
        at -= size;
        continue;
      }
      if (fault.kind == FaultKind::kBitRot) {
        disk.FlipBit(path, at, static_cast<uint32_t>(bit));
      } else {
        disk.DamageSector(path, at / kSectorBytes);
      }
      break;
    }
  }
}

}  // namespace wt::faults
