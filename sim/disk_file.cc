// VirtualFile: one handle.
#include <algorithm>
#include <cstring>

#include "engine/base/check.h"
#include "engine/base/checksum.h"
#include "engine/base/status.h"
#include "engine/base/units.h"
#include "sim/disk_session.h"
#include "sim/virtual_disk.h"

namespace wt::sim {
namespace {

// No file of a simulated machine comes near; what does is a wild offset.
constexpr uint64_t kLargestFile = 64 * kGiB;

// Both ends of what was read: the bytes between follow from what was written, which the digest has
// in full, and hashing them again cost a tenth of a run.
uint64_t Fingerprint(std::string_view bytes) {
  constexpr size_t kEnd = 64;
  if (bytes.size() <= 2 * kEnd) return Hash64(bytes);
  return Hash64(bytes.substr(bytes.size() - kEnd), Hash64(bytes.substr(0, kEnd)));
}

}  // namespace

VirtualFile::VirtualFile(std::shared_ptr<DiskIncarnation> incarnation, Inode& inode, bool writable)
    : incarnation_(std::move(incarnation)),
      inode_(&inode),
      writable_(writable),
      // An error that nobody was told is told to the next who opens and syncs.
      seen_errors_(inode.error_reported ? inode.error_count : inode.error_count - 1) {
  WT_CHECK(incarnation_->alive);
  body().core->Opened(inode);
}

VirtualFile::~VirtualFile() { Drop(); }

void VirtualFile::Drop() {
  if (!closed_ && incarnation_->alive) body().core->Closed(*inode_);
  closed_ = true;
  inode_ = nullptr;
}

absl::Status VirtualFile::CheckOpen() const {
  if (closed_) return FailedPrecondition("file: the handle is closed");
  if (!incarnation_->alive) return FailedPrecondition("file: the machine has lost this handle");
  return absl::OkStatus();
}

absl::StatusOr<DiskCall> VirtualFile::Begin(DiskOp op) {
  WT_RETURN_IF_ERROR(CheckOpen());
  return body().Begin(*incarnation_, op);
}

absl::Status VirtualFile::DropCache() {
  WT_ASSIGN_OR_RETURN(const DiskCall call, Begin(DiskOp::kDropCache));
  WT_RETURN_IF_ERROR(body().CheckReadable(inode_->path));
  body().core->DropCache(*inode_);
  body().Record(call, inode_->number, 0, 0, 0, absl::StatusCode::kOk);
  return absl::OkStatus();
}

absl::Status VirtualFile::Close() {
  WT_RETURN_IF_ERROR(CheckOpen());
  Drop();
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> VirtualFile::Size() {
  WT_ASSIGN_OR_RETURN(const DiskCall call, Begin(DiskOp::kSize));
  absl::Status status = body().CheckReadable(inode_->path);
  if (status.ok() &&
      (body().Take(OneShotKind::kMetadata, inode_->path) ||
       body().Chance(KeyOf("disk.metadata_error"), body().faults.metadata_error_ppm, call))) {
    status = Unavailable("%s: device error", inode_->path);
  }
  const uint64_t size = inode_->cache.size();
  body().Record(call, inode_->number, 0, size, 0, status.code());
  if (!status.ok()) return status;
  return size;
}

// ---- Reading.

absl::StatusOr<uint64_t> VirtualFile::ReadAt(uint64_t offset, std::span<char> out) {
  WT_ASSIGN_OR_RETURN(const DiskCall call, Begin(DiskOp::kRead));
  absl::StatusOr<uint64_t> read = Read(call, offset, out);
  const uint64_t count = read.ok() ? *read : 0;
  body().Record(call, inode_->number, offset, count, Fingerprint({out.data(), count}),
                read.status().code());
  return read;
}

absl::StatusOr<uint64_t> VirtualFile::Read(const DiskCall& call, uint64_t offset,
                                           std::span<char> out) {
  DiskBody& disk = body();
  const DiskFaults& faults = disk.faults;
  WT_RETURN_IF_ERROR(disk.CheckReadable(inode_->path));
  if (disk.Take(OneShotKind::kRead, inode_->path) ||
      disk.Chance(KeyOf("disk.read_error"), faults.read_error_ppm, call)) {
    return Unavailable("%s: read at %d: device error", inode_->path, offset);
  }
  if (offset >= inode_->cache.size() || out.empty()) return 0;
  uint64_t count = std::min<uint64_t>(out.size(), inode_->cache.size() - offset);
  if (count > 1 && disk.Chance(KeyOf("disk.short_read"), faults.short_read_ppm, call)) {
    count = 1 + disk.dice.Roll(KeyOf("disk.short_read.count"), call.ordinal).Below(count - 1);
  }
  if (!inode_->unreadable.empty()) {
    auto bad = inode_->unreadable.lower_bound(offset / kSectorBytes);
    const uint64_t bad_from = bad == inode_->unreadable.end() ? ~uint64_t{0} : *bad * kSectorBytes;
    if (bad_from <= offset) {
      return Unavailable("%s: read at %d: sector %d is unreadable", inode_->path, offset, *bad);
    }
    count = std::min(count, bad_from - offset);
  }
  inode_->cache.Read(offset, out.first(count));
  DistortRead(call, offset, out.first(count));
  return count;
}

// Replaces the part of `out` that shows `sector`.
void VirtualFile::ServeSector(uint64_t sector, std::string_view content, uint64_t offset,
                              std::span<char> out) {
  const uint64_t start = sector * kSectorBytes;
  const uint64_t from = std::max(start, offset);
  const uint64_t to = std::min(start + kSectorBytes, offset + out.size());
  WT_CHECK_LT(from, to);
  std::memcpy(out.data() + (from - offset), content.data() + (from - start), to - from);
}

void VirtualFile::DistortRead(const DiskCall& call, uint64_t offset, std::span<char> out) {
  DiskBody& disk = body();
  const DiskFaults& faults = disk.faults;
  if ((faults.stale_read_ppm | faults.misdirected_read_ppm | faults.corrupt_read_ppm) == 0) return;
  Draw draw = disk.dice.Roll(KeyOf("disk.read.where"), call.ordinal);
  const uint64_t first = offset / kSectorBytes;
  const uint64_t last = (offset + out.size() - 1) / kSectorBytes;
  const uint64_t sector = draw.Between(first, last);
  const PlatterFile& platter = *disk.core->image().Find(inode_->number);
  // What is dirty comes from the cache; only clean sectors come from the device.
  const bool clean = inode_->pending.empty();
  if (clean && disk.Chance(KeyOf("disk.stale_read"), faults.stale_read_ppm, call)) {
    const std::string* older = platter.OlderSector(sector);
    if (older != nullptr) ServeSector(sector, *older, offset, out);
  }
  if (clean && platter.size() > 0 &&
      disk.Chance(KeyOf("disk.misdirected_read"), faults.misdirected_read_ppm, call)) {
    const uint64_t other = draw.Between(0, (platter.size() - 1) / kSectorBytes);
    ServeSector(sector, platter.Sector(other), offset, out);
  }
  if (disk.Chance(KeyOf("disk.corrupt_read"), faults.corrupt_read_ppm, call)) {
    char& byte = out[draw.Below(out.size())];
    byte = static_cast<char>(byte ^ (1 << draw.Below(8)));
  }
}

// ---- Writing.

absl::Status VirtualFile::CheckWritable(uint64_t offset, uint64_t length) const {
  if (!writable_) return FailedPrecondition("%s: opened for reading only", inode_->path);
  if (offset > kLargestFile || length > kLargestFile - offset) {
    return InvalidArgument("%s: [%d, +%d) is out of range", inode_->path, offset, length);
  }
  return body().CheckMutable(inode_->path);
}

absl::StatusOr<uint64_t> VirtualFile::WriteAt(uint64_t offset, std::string_view data) {
  if (incarnation_->alive && body().profile == DiskProfile::kDsync) {
    return WriteDirect(offset, data);
  }
  WT_ASSIGN_OR_RETURN(const DiskCall call, Begin(DiskOp::kWrite));
  absl::StatusOr<uint64_t> written = Write(call, offset, data);
  const uint64_t count = written.ok() ? *written : 0;
  body().Record(call, inode_->number, offset, count, Hash64(data.substr(0, count)),
                written.status().code());
  if (written.ok()) body().WriteBack(*inode_, call);
  return written;
}

// In flight while it waits: a crash then finds its atoms in doubt. Durable when it returns.
absl::StatusOr<uint64_t> VirtualFile::WriteDirect(uint64_t offset, std::string_view data) {
  WT_RETURN_IF_ERROR(CheckOpen());
  WT_ASSIGN_OR_RETURN(const DiskCall call, body().Admit(*incarnation_, DiskOp::kWrite));
  absl::StatusOr<uint64_t> written = Write(call, offset, data);
  const uint64_t count = written.ok() ? *written : 0;
  body().Record(call, inode_->number, offset, count, Hash64(data.substr(0, count)),
                written.status().code());
  const uint64_t through = body().core->effects();
  WT_RETURN_IF_ERROR(body().Wait(*incarnation_, call));
  if (count > 0) body().core->SyncFile(*inode_, through, body().profile, body().dice);
  return written;
}

// How much of `wanted` bytes at `offset` fits; at least one.
absl::StatusOr<uint64_t> VirtualFile::RoomFor(const DiskCall& call, uint64_t offset,
                                              uint64_t wanted) const {
  DiskBody& disk = body();
  const absl::Status full = ResourceExhausted("%s: no room at %d", inode_->path, offset);
  if (disk.Chance(KeyOf("disk.no_room"), disk.faults.no_room_ppm, call)) return full;
  const uint64_t size = inode_->cache.size();
  const uint64_t room = disk.room();
  if (offset + wanted <= size || room >= offset + wanted - size) return wanted;
  if (size + room <= offset) return full;
  return size + room - offset;
}

bool VirtualFile::TouchesUnreadable(uint64_t offset, uint64_t end) const {
  const bool cuts_first = offset % kSectorBytes != 0;
  const bool cuts_last = end % kSectorBytes != 0 && end < inode_->cache.size();
  return (cuts_first && inode_->unreadable.contains(offset / kSectorBytes)) ||
         (cuts_last && inode_->unreadable.contains(end / kSectorBytes));
}

absl::StatusOr<uint64_t> VirtualFile::Write(const DiskCall& call, uint64_t offset,
                                            std::string_view data) {
  DiskBody& disk = body();
  WT_RETURN_IF_ERROR(CheckWritable(offset, data.size()));
  if (disk.Take(OneShotKind::kWrite, inode_->path)) {
    return Unavailable("%s: write at %d: device error", inode_->path, offset);
  }
  if (data.empty()) return 0;
  WT_ASSIGN_OR_RETURN(uint64_t count, RoomFor(call, offset, data.size()));
  Draw draw = disk.dice.Roll(KeyOf("disk.write.count"), call.ordinal);
  const bool fails = disk.Chance(KeyOf("disk.write_error"), disk.faults.write_error_ppm, call);
  if (fails) {
    count = draw.Below(count + 1);
  } else if (count > 1 &&
             disk.Chance(KeyOf("disk.short_write"), disk.faults.short_write_ppm, call)) {
    count = 1 + draw.Below(count - 1);
  }
  if (TouchesUnreadable(offset, offset + count)) {
    return Unavailable("%s: write at %d: the rest of its sector is unreadable", inode_->path,
                       offset);
  }
  if (count > 0) {
    const uint64_t durable_end = disk.core->image().Find(inode_->number)->promised_end();
    disk.core->Write(*inode_, offset, data.substr(0, count), call.ordinal);
    for (DiskObserver* observer : disk.observers) {
      observer->OnContent(inode_->path, offset, data.substr(0, count));
      observer->OnWrite(inode_->path, offset, count, durable_end);
    }
  }
  if (fails) return Unavailable("%s: write at %d: device error", inode_->path, offset);
  return count;
}

absl::Status VirtualFile::Truncate(uint64_t size) {
  WT_ASSIGN_OR_RETURN(const DiskCall call, Begin(DiskOp::kTruncate));
  absl::Status done = ResizeNow(call, size, 0);
  body().Record(call, inode_->number, size, 0, 0, done.code());
  return done;
}

absl::Status VirtualFile::Allocate(uint64_t offset, uint64_t length) {
  WT_ASSIGN_OR_RETURN(const DiskCall call, Begin(DiskOp::kAllocate));
  absl::Status done = ResizeNow(call, offset, length);
  body().Record(call, inode_->number, offset, length, 0, done.code());
  return done;
}

absl::Status VirtualFile::ResizeNow(const DiskCall& call, uint64_t offset, uint64_t length) {
  DiskBody& disk = body();
  WT_RETURN_IF_ERROR(CheckWritable(offset, length));
  const bool allocates = call.op == DiskOp::kAllocate;
  if (allocates && length == 0) return absl::OkStatus();
  if (disk.Take(OneShotKind::kMetadata, inode_->path) ||
      disk.Chance(KeyOf("disk.metadata_error"), disk.faults.metadata_error_ppm, call)) {
    return Unavailable("%s: device error", inode_->path);
  }
  if (allocates) {
    WT_ASSIGN_OR_RETURN(const uint64_t room, RoomFor(call, offset, length));
    if (room < length) return ResourceExhausted("%s: no room at %d", inode_->path, offset);
    disk.core->Allocate(*inode_, offset, length, call.ordinal);
    return absl::OkStatus();
  }
  const uint64_t durable_end = disk.core->image().Find(inode_->number)->promised_end();
  disk.core->Truncate(*inode_, offset, call.ordinal);
  for (DiskObserver* observer : disk.observers) {
    observer->OnTruncate(inode_->path, offset, durable_end);
  }
  return absl::OkStatus();
}

// ---- Sync.

absl::Status VirtualFile::Sync() {
  WT_ASSIGN_OR_RETURN(const DiskCall call, Begin(DiskOp::kSync));
  absl::Status synced = SyncNow(call);
  body().Record(call, inode_->number, 0, 0, 0, synced.code());
  return synced;
}

absl::Status VirtualFile::SyncNow(const DiskCall& call) {
  DiskBody& disk = body();
  const DiskFaults& faults = disk.faults;
  WT_RETURN_IF_ERROR(disk.CheckMutable(inode_->path));
  for (DiskObserver* observer : disk.observers) observer->OnBarrier(inode_->path);
  if (disk.Chance(KeyOf("disk.journal_abort"), faults.journal_abort_ppm, call)) {
    disk.AbortJournal();
    return Unavailable("%s: the journal has aborted", inode_->path);
  }
  if (disk.Chance(KeyOf("disk.no_room"), faults.no_room_ppm, call)) {
    return ResourceExhausted("%s: no room to write back", inode_->path);
  }
  if (disk.Take(OneShotKind::kSync, inode_->path) ||
      disk.Chance(KeyOf("disk.sync_error"), faults.sync_error_ppm, call)) {
    disk.core->LoseData(*inode_, call.through,
                        disk.dice.Roll(KeyOf("disk.sync_lost"), call.ordinal));
  }
  if (inode_->error_count != seen_errors_) {
    seen_errors_ = inode_->error_count;
    inode_->error_reported = true;
    for (DiskObserver* observer : disk.observers) observer->OnSyncFailed(inode_->path);
    return Unavailable("%s: sync failed", inode_->path);
  }
  if (disk.Take(OneShotKind::kLieSync, inode_->path) ||
      disk.Chance(KeyOf("disk.lost_sync"), faults.lost_sync_ppm, call)) {
    disk.core->PromiseFile(*inode_, call.through);
  } else {
    disk.core->SyncFile(*inode_, call.through, disk.profile, disk.dice);
  }
  const uint64_t durable_end = disk.core->image().Find(inode_->number)->promised_end();
  for (DiskObserver* observer : disk.observers) observer->OnSync(inode_->path, durable_end);
  return absl::OkStatus();
}

}  // namespace wt::sim
