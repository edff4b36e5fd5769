#include "scenarios/circumstances.h"

#include <algorithm>

#include "engine/base/check.h"
#include "sim/machine.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;
using faults::FaultKind;
using sim::SimTime;

constexpr Duration kAfterPhase = 2ms;
constexpr Duration kAfterFault = 50ms;
// Between two chunks of a snapshot that arrives, or its last chunk and the installation.
constexpr Duration kBetweenChunks = 200ms;

uint64_t BitOf(uint32_t machine) {
  WT_CHECK(machine < 64);
  return uint64_t{1} << machine;
}

}  // namespace

bool KillsItsMachine(FaultKind kind) {
  switch (kind) {
    case FaultKind::kPowerLoss:
    case FaultKind::kKill:
    case FaultKind::kKillThenPowerLoss:
    case FaultKind::kRestartStorm:
    case FaultKind::kWipe:
    case FaultKind::kDiskExchange:
    case FaultKind::kForeignDisk:
      return true;
    default:
      return false;
  }
}

void Circumstances::Open(Phase phase, uint32_t machine, SimTime at) {
  Of(phase).open |= BitOf(machine);
  begun_.try_emplace({phase, machine}, at);
  stale_at_ = {};
}

void Circumstances::Close(Phase phase, uint32_t machine, SimTime at) {
  Of(phase).open &= ~BitOf(machine);
  NoteMoment(phase, machine, at);
  Pass(phase, at);
}

void Circumstances::Pass(Phase phase, SimTime at) {
  Span& span = Of(phase);
  span.until = std::max(span.until, at + kAfterPhase);
  stale_at_ = {};
}

void Circumstances::NoteMoment(Phase phase, uint32_t machine, SimTime to) {
  const auto begun = begun_.find({phase, machine});
  if (begun == begun_.end()) return;  // its machine died of it
  moments_.push_back({phase, machine, begun->second, to});
  begun_.erase(begun);
}

// Those of its engine. An election is the group's.
void Circumstances::NoteMomentsOf(uint32_t machine, SimTime to) {
  for (size_t i = 0; i < kPhases; ++i) NoteMoment(static_cast<Phase>(i), machine, to);
}

// Nothing that its engine had begun goes on.
void Circumstances::Stop(uint32_t machine, SimTime at) {
  NoteMomentsOf(machine, at);
  for (size_t i = 0; i < kPhases; ++i) {
    if (static_cast<Phase>(i) != Phase::kElection) phases_[i].open &= ~BitOf(machine);
  }
  stale_at_ = {};
}

void Circumstances::Recover(uint32_t machine, SimTime at) {
  for (size_t i = 0; i < kPhases; ++i) {
    if ((phases_[i].open & BitOf(machine)) != 0) Close(static_cast<Phase>(i), machine, at);
  }
  for (Span& fault : faults_) {
    if ((fault.open & BitOf(machine)) == 0) continue;
    fault.open &= ~BitOf(machine);
    fault.until = std::max(fault.until, at + kAfterFault);
  }
  stale_at_ = {};
}

void Circumstances::OnElection(const Event& event, SimTime at) {
  if (event.kind == EventKind::kTermEntered) {
    term_ = std::max(term_, event.a);
    return Open(Phase::kElection, 0, at);
  }
  if (event.a >= term_) Close(Phase::kElection, 0, at);
}

void Circumstances::OnEvent(sim::Machine& machine, SimTime at, const Event& event) {
  const uint32_t id = machine.id();
  switch (event.kind) {
    case EventKind::kEngineOpening:
      // Whatever the last life had begun ended at a time that nobody has told.
      std::erase_if(begun_, [id](const auto& begun) { return begun.first.second == id; });
      return Open(Phase::kRecovery, id, at);
    case EventKind::kEngineRecovered:
    case EventKind::kEngineRefused:
      return Recover(id, at);
    case EventKind::kLogSegmentSealed:
      return Open(Phase::kRoll, id, at);
    case EventKind::kLogSegmentCreated:
      return Close(Phase::kRoll, id, at);
    case EventKind::kSnapshotStarted:
      return Open(Phase::kSnapshot, id, at);
    case EventKind::kSnapshotCreated:
    case EventKind::kSnapshotFailed:
      return Close(Phase::kSnapshot, id, at);
    case EventKind::kLogSegmentRemoved:
    case EventKind::kLogCompacted:
      moments_.push_back({Phase::kCompaction, id, at, at});
      return Pass(Phase::kCompaction, at);
    case EventKind::kSnapshotReceiving:
    case EventKind::kSnapshotReceived:
      moments_.push_back({Phase::kTransfer, id, at, at});
      return Pass(Phase::kTransfer, at + kBetweenChunks);
    case EventKind::kSnapshotInstalled:
      Of(Phase::kTransfer).until = at;
      return Pass(Phase::kTransfer, at);
    case EventKind::kTermEntered:
    case EventKind::kPrimaryServing:
      return OnElection(event, at);
    case EventKind::kEngineStopped:
    case EventKind::kReplicaStopped:
      return Stop(id, at);
    default:
      return;
  }
}

void Circumstances::OnFault(uint32_t machine, const faults::Fault& fault, SimTime at) {
  Span& span = faults_[ColumnOf(fault.kind)];
  if (KillsItsMachine(fault.kind)) {
    NoteMomentsOf(machine, at);
    span.open |= BitOf(machine);
  } else {
    span.until = std::max(span.until, at + fault.lasts + kAfterFault);
  }
  stale_at_ = {};
}

void Circumstances::OnStormOver(SimTime at) {
  for (Span& fault : faults_) fault.until = std::min(fault.until, at);
  stale_at_ = {};
}

void Circumstances::OnTable(uint32_t machine, SimTime at) { Open(Phase::kTables, machine, at); }

void Circumstances::OnManifest(uint32_t machine, SimTime at) {
  if ((Of(Phase::kTables).open & BitOf(machine)) != 0) Close(Phase::kTables, machine, at);
}

void Circumstances::Look(SimTime now) {
  now_ = {.faults = 0, .phases = 0};
  stale_at_ = SimTime::max();
  const auto look = [&](const auto& spans, uint64_t* bits) {
    for (size_t i = 0; i < spans.size(); ++i) {
      if (!spans[i].IsCurrent(now)) continue;
      *bits |= uint64_t{1} << i;
      if (spans[i].open == 0) stale_at_ = std::min(stale_at_, spans[i].until);
    }
  };
  look(faults_, &now_.faults);
  look(phases_, &now_.phases);
  if (told_) now_.faults |= uint64_t{1} << kToldFault;
  if (now_.faults == 0) now_.faults = uint64_t{1} << kNoFault;
  if (now_.phases == 0) now_.phases = 1;
}

}  // namespace wt::scenarios
