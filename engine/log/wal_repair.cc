// Entries whose bytes are damaged: which they are, and writing them again where they were.
#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/env/file_io.h"
#include "engine/log/wal.h"

namespace wt {
namespace {

constexpr uint64_t SectorOf(uint64_t offset) { return offset & ~(kSectorBytes - 1); }

uint64_t EndOf(const EntrySlot& slot) { return uint64_t{slot.offset} + slot.length; }
uint64_t PaddedEndOf(const EntrySlot& slot) { return AlignUp(EndOf(slot), kPayloadAlignment); }

absl::StatusOr<bool> CanBeRead(File& file, uint64_t sector) {
  char bytes[kSectorBytes];
  const absl::Status read = ReadFully(file, sector, bytes).status();
  if (!read.ok() && !absl::IsUnavailable(read)) return read;
  return read.ok();
}

absl::Status SharesSector(LogIndex index, uint64_t sector) {
  return FailedPrecondition(
      "log entry %d: shares the unreadable sector at %d with what is no entry", index.value(),
      sector);
}

}  // namespace

std::vector<DamagedEntry> Wal::Damaged() {
  MutexLock lock(mu_);
  std::vector<DamagedEntry> damaged;
  for (LogIndex index : damaged_) {
    const EntrySlot& slot = index_.At(index);
    const Ident ident = {.type_term = slot.type_term};
    damaged.push_back({.index = index,
                       .term = ident.term(),
                       .type = static_cast<EntryType>(ident.type()),
                       .timestamp = WallTime(Duration(slot.timestamp)),
                       .bytes = slot.length,
                       .checksum = slot.checksum});
  }
  return damaged;
}

absl::Status Wal::CheckIdentity(const LogEntry& entry) const {
  if (!index_.Contains(entry.index)) {
    return InvalidArgument("log: repair of entry %d, the log is %d .. %d", entry.index.value(),
                           index_.first_index().value(), index_.last_index().value());
  }
  const EntrySlot& slot = index_.At(entry.index);
  const Ident want = {.type_term = slot.type_term};
  const bool is_same =
      slot.type_term == Ident::Pack(static_cast<uint8_t>(entry.type), entry.term) &&
      slot.timestamp == entry.timestamp.time_since_epoch().count() &&
      slot.length == entry.command.size() && slot.checksum == EntryChecksum(entry);
  if (is_same) return absl::OkStatus();
  return InvalidArgument(
      "log: repair of entry %d with term %d, %d bytes, checksum 0x%08x; want term %d, %d bytes, "
      "checksum 0x%08x",
      entry.index.value(), entry.term.value(), entry.command.size(), EntryChecksum(entry),
      want.term().value(), slot.length, slot.checksum);
}

absl::Status Wal::Repair(const LogEntry& entry) {
  Wanted damaged;
  {
    MutexLock lock(mu_);
    AwaitToken();
    WT_RETURN_IF_ERROR(Usable());
    if (entry.term.value() > Ident::kMaxTerm)
      return InvalidArgument("log: term %d", entry.term.value());
    WT_RETURN_IF_ERROR(CheckIdentity(entry));
    if (damaged_.count(entry.index) == 0) return absl::OkStatus();
    damaged = Want(entry.index);
    WT_CHECK(damaged.file != nullptr);
    busy_ = true;
  }
  absl::Status status = Rewrite(damaged, entry.command);
  if (absl::IsFailedPrecondition(status)) {
    WT_RETURN_IF_ERROR(Release(absl::OkStatus()));
    return status;
  }
  if (status.ok()) {
    MutexLock lock(mu_);
    if (IsStill(damaged)) damaged_.erase(entry.index);
    env_.events.Emit({.kind = EventKind::kLogRepaired,
                      .a = entry.index.value(),
                      .b = entry.term.value(),
                      .c = damaged.slot.segment,
                      .d = damaged.slot.offset});
  }
  return Release(status);
}

// The one write below the durable end. It puts back what was durable there: whichever of its
// sectors survive a crash, the entry is as damaged as before, less so, or mended.
absl::Status Wal::Rewrite(const Wanted& damaged, std::string_view command) {
  WT_CHECK_EQ(command.size(), uint64_t{damaged.slot.length});
  WT_ASSIGN_OR_RETURN(const Patch patch, PatchFor(damaged, command));
  absl::Status written = WriteFully(*damaged.file, patch.offset, patch.bytes);
  if (written.ok()) written = damaged.file->Sync();
  if (written.ok()) return written;
  return Unavailable("%s: repair of entry %d at %d: %s",
                     SegmentPath(options_.directory, damaged.slot.segment), damaged.index.value(),
                     damaged.slot.offset, MessageOf(written));
}

// The entry's own bytes. A sector that cannot be read heals when the whole of it is written, so
// where such a one lies across an edge, the patch covers it.
absl::StatusOr<Wal::Patch> Wal::PatchFor(const Wanted& damaged, std::string_view command) {
  Patch patch = {.offset = damaged.slot.offset, .bytes = std::string(command)};
  const uint64_t begin = patch.offset;
  const uint64_t end = begin + command.size();
  WT_ASSIGN_OR_RETURN(const bool low_is_well, CanBeRead(*damaged.file, SectorOf(begin)));
  WT_ASSIGN_OR_RETURN(const bool high_is_well, CanBeRead(*damaged.file, SectorOf(end)));
  MutexLock lock(mu_);
  if (!IsStill(damaged)) return patch;  // overridden meanwhile: these bytes say nothing any more
  if (!low_is_well) WT_RETURN_IF_ERROR(CoverLowEdge(damaged, patch));
  if (!high_is_well && end % kSectorBytes != 0) WT_RETURN_IF_ERROR(CoverHighEdge(damaged, patch));
  WT_CHECK(patch.offset <= begin && patch.offset + patch.bytes.size() >= end);
  return patch;
}

// What else was in an unreadable sector is lost. If it was entries, they are damaged as this one
// is, and zeros take their place until they are repaired. The head and the table of a batch are
// nobody's to give.
absl::Status Wal::CoverLowEdge(const Wanted& damaged, Patch& patch) {
  const uint64_t sector = SectorOf(damaged.slot.offset);
  uint64_t covered = damaged.slot.offset;
  for (LogIndex i = damaged.index; covered > sector; i = i - 1) {
    if (!index_.Contains(i - 1)) return SharesSector(damaged.index, sector);
    const EntrySlot& before = index_.At(i - 1);
    const bool adjoins = before.segment == damaged.slot.segment && PaddedEndOf(before) == covered;
    if (!adjoins) return SharesSector(damaged.index, sector);
    if (EndOf(before) > sector) damaged_.insert(i - 1);
    covered = before.offset;
  }
  patch.bytes.insert(0, damaged.slot.offset - sector, '\0');
  patch.offset = sector;
  return absl::OkStatus();
}

absl::Status Wal::CoverHighEdge(const Wanted& damaged, Patch& patch) {
  const uint64_t end = EndOf(damaged.slot);
  const uint64_t sector_end = SectorOf(end) + kSectorBytes;
  uint64_t covered = PaddedEndOf(damaged.slot);
  for (LogIndex i = damaged.index + 1; covered < sector_end; ++i) {
    const bool adjoins = index_.Contains(i) && index_.At(i).segment == damaged.slot.segment &&
                         index_.At(i).offset == covered;
    if (!adjoins) return SharesSector(damaged.index, SectorOf(end));
    if (index_.At(i).length > 0) damaged_.insert(i);
    covered = PaddedEndOf(index_.At(i));
  }
  patch.bytes.append(sector_end - end, '\0');
  return absl::OkStatus();
}

}  // namespace wt
