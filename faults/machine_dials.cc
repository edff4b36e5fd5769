#include "faults/machine_dials.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "sim/virtual_clock.h"
#include "sim/virtual_disk.h"

namespace wt::faults {
namespace {

using namespace std::chrono_literals;

constexpr uint64_t kMostDrift = 500'000;       // what a clock can do, in ppm
constexpr uint64_t kMostSlowness = 1'000'000;  // times
constexpr uint64_t kMostStepCost = 1'000'000;  // us

void Bend(const Window& window, sim::SimTime now, sim::DiskFaults& dials) {
  const Fault& fault = window.fault;
  const uint32_t ppm = PpmOf(fault);
  switch (fault.kind) {
    case FaultKind::kShortIo:
      dials.short_read_ppm = dials.short_write_ppm = ppm;
      break;
    case FaultKind::kEarlyWriteback:
      dials.early_writeback_ppm = ppm;
      break;
    case FaultKind::kReadError:
      dials.read_error_ppm = ppm;
      break;
    case FaultKind::kWriteError:
      dials.write_error_ppm = ppm;
      break;
    case FaultKind::kMetadataError:
      dials.metadata_error_ppm = ppm;
      break;
    case FaultKind::kFullDisk:
      dials.capacity_bytes = window.capacity;
      dials.full_refuses_names = fault.salt % 4 == 0;
      break;
    case FaultKind::kSlowDisk:
      dials.slow_ppm = 1'000'000;
      dials.slow_factor = static_cast<uint32_t>(std::min(fault.amount, kMostSlowness));
      break;
    case FaultKind::kHungDisk:
      dials.hang_ppm = 1'000'000;
      dials.hang_for = std::max<Duration>(1ms, window.until - now);
      break;
    case FaultKind::kPhantomWrite:
      dials.phantom_write_ppm = ppm;
      break;
    case FaultKind::kMisdirectedWrite:
      dials.misdirected_write_ppm = ppm;
      break;
    case FaultKind::kStaleRead:
      dials.stale_read_ppm = ppm;
      break;
    case FaultKind::kCorruptWrite:
      dials.corrupt_write_ppm = ppm;
      break;
    default:
      break;
  }
}

bool IsOnDiskOf(const Window& window, const sim::Machine& machine) {
  return window.fault.machine == machine.id() && InfoOf(window.fault.kind).area == Area::kDisk;
}

}  // namespace

void MachineDials::Turn(sim::Machine& machine, const Windows& windows, sim::SimTime now) {
  TurnDisk(machine, windows, now);
  TurnDrift(machine, windows);
  TurnProcess(machine, windows);
}

void MachineDials::TurnDisk(sim::Machine& machine, const Windows& windows, sim::SimTime now) {
  const bool any = std::any_of(windows.begin(), windows.end(), [&](const auto& entry) {
    return IsOnDiskOf(entry.second, machine);
  });
  if (!any && !bases_.contains(machine.id())) return;
  const auto base = bases_.try_emplace(machine.id(), machine.disk().faults()).first;
  sim::DiskFaults dials = base->second;
  for (const auto& [id, window] : windows) {
    if (IsOnDiskOf(window, machine)) Bend(window, now, dials);
  }
  machine.disk().faults() = dials;
  if (!any) bases_.erase(base);
}

// Of several windows, the latest; of none, no drift.
void MachineDials::TurnDrift(sim::Machine& machine, const Windows& windows) {
  int32_t drift = 0;
  for (const auto& [id, window] : windows) {
    const Fault& fault = window.fault;
    if (fault.machine != machine.id() || fault.kind != FaultKind::kClockDrift) continue;
    drift = static_cast<int32_t>(SignedOf(fault, kMostDrift));
  }
  int32_t& turned = turned_[machine.id()].drift_ppm;
  if (std::exchange(turned, drift) != drift) machine.clock().SetDrift(drift);
}

void MachineDials::TurnProcess(sim::Machine& machine, const Windows& windows) {
  bool paused = false;
  Duration cost{};
  for (const auto& [id, window] : windows) {
    const Fault& fault = window.fault;
    if (fault.machine != machine.id()) continue;
    paused = paused || fault.kind == FaultKind::kPause;
    if (fault.kind != FaultKind::kSlowProcessor) continue;
    const auto us = static_cast<int64_t>(std::min(fault.amount, kMostStepCost));
    cost = std::max<Duration>(cost, std::chrono::microseconds(us));
  }
  Turned& turned = turned_[machine.id()];
  if (std::exchange(turned.step_cost, cost) != cost) machine.SetStepCost(cost);
  // It was paused when its window opened; it may have died since, and run again.
  const bool was_paused = std::exchange(turned.paused, paused);
  if (was_paused && !paused && machine.state() == sim::Machine::State::kPaused) machine.Resume();
}

}  // namespace wt::faults
