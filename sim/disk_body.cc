#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/base/units.h"
#include "sim/disk_session.h"

namespace wt::sim {
namespace {

absl::Status Dead() { return FailedPrecondition("disk: the machine has lost this session"); }

constexpr uint64_t kLongestName = 255;

bool ValidComponent(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.size() <= kLongestName &&
         name.find('\0') == std::string_view::npos;
}

}  // namespace

absl::Status CheckPath(std::string_view path, RootPath root) {
  if (path.empty() && root == RootPath::kAllowed) return absl::OkStatus();
  std::string_view rest = path;
  for (;;) {
    const size_t slash = rest.find('/');
    if (!ValidComponent(rest.substr(0, slash))) return InvalidArgument("\"%s\": bad path", path);
    if (slash == std::string_view::npos) return absl::OkStatus();
    rest.remove_prefix(slash + 1);
  }
}

DiskBody::DiskBody(Host& host, uint32_t machine) : host(host) {
  dice = {.seed = host.seed(), .machine = machine, .faults = &faults};
}

absl::StatusOr<DiskCall> DiskBody::Admit(const DiskIncarnation& incarnation, DiskOp op) {
  if (!incarnation.alive) return Dead();
  return DiskCall{.op = op, .ordinal = ++calls, .through = core->effects()};
}

absl::Status DiskBody::Wait(const DiskIncarnation& incarnation, const DiskCall& call) {
  host.Pause(LatencyOf(call));
  return incarnation.alive ? absl::OkStatus() : Dead();
}

absl::StatusOr<DiskCall> DiskBody::Begin(const DiskIncarnation& incarnation, DiskOp op) {
  WT_ASSIGN_OR_RETURN(const DiskCall call, Admit(incarnation, op));
  WT_RETURN_IF_ERROR(Wait(incarnation, call));
  return call;
}

Duration DiskBody::LatencyOf(const DiskCall& call) const {
  const bool sync = call.op == DiskOp::kSync || call.op == DiskOp::kSyncDirectory;
  const Duration low = sync ? faults.sync_latency_min : faults.latency_min;
  const Duration high = std::max(low, sync ? faults.sync_latency_max : faults.latency_max);
  WT_CHECK_GE(low.count(), 0);
  Duration latency = low;
  if (high > low) {
    const uint64_t span = static_cast<uint64_t>((high - low).count());
    latency += Duration(dice.Roll(KeyOf("disk.latency"), call.ordinal).Between(0, span));
  }
  if (Chance(KeyOf("disk.slow"), faults.slow_ppm, call)) latency *= faults.slow_factor;
  if (Chance(KeyOf("disk.hang"), faults.hang_ppm, call)) latency = faults.hang_for;
  return std::max(latency, hung_until - host.now());
}

absl::Status DiskBody::CheckMutable(std::string_view path) const {
  if (mode == DiskMode::kWorking) return absl::OkStatus();
  WT_RETURN_IF_ERROR(CheckReadable(path));
  return FailedPrecondition("%s: the file system is read-only", path);
}

absl::Status DiskBody::CheckReadable(std::string_view path) const {
  if (mode == DiskMode::kAborted && profile == DiskProfile::kXfs) {
    return Unavailable("%s: the file system has shut down", path);
  }
  return absl::OkStatus();
}

void DiskBody::Record(const DiskCall& call, uint64_t inode, uint64_t offset, uint64_t size,
                      uint64_t hash, absl::StatusCode code) {
  host.Record(TraceKind::kDisk, static_cast<uint64_t>(call.op),
              {dice.machine, inode, offset, size, hash, static_cast<uint64_t>(code)});
}

uint64_t DiskBody::room() const {
  const uint64_t used = core->used_bytes();
  return faults.capacity_bytes > used ? faults.capacity_bytes - used : 0;
}

void DiskBody::WriteBack(Inode& inode, const DiskCall& call) {
  // A kernel does not hold dirty pages without bound either.
  constexpr uint64_t kMostDirtyBytes = 4 * kMiB;
  if (mode != DiskMode::kWorking || inode.pending.empty()) return;
  if (Chance(KeyOf("disk.background_error"), faults.background_error_ppm, call)) {
    core->LoseData(inode, core->effects(), dice.Roll(KeyOf("disk.background_lost"), call.ordinal));
  }
  const std::vector<PendingWrite>& records = inode.pending.records();
  if (inode.pending.bytes_held() > kMostDirtyBytes) {
    core->PersistFile(inode, records[records.size() / 2].op, dice);
  }
  if (!Chance(KeyOf("disk.early_writeback"), faults.early_writeback_ppm, call)) return;
  Draw draw = dice.Roll(KeyOf("disk.early_prefix"), call.ordinal);
  const uint64_t names_through = core->effects() - draw.Below(8);
  if (!records.empty()) {
    core->PersistFile(inode, records[draw.Below(records.size())].op, dice);
  }
  if (draw.OneIn(4)) core->PersistAllNames(names_through);
}

}  // namespace wt::sim
