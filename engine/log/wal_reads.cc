// Reading entries back: from the buffers, or from the files with their checksums.
#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/env/file_io.h"
#include "engine/log/segment_set.h"
#include "engine/log/wal.h"

namespace wt {
namespace {

constexpr uint64_t kMaxRun = kMiB;      // one read covers entries that lie within so much
constexpr uint64_t kMaxGap = 4 * kKiB;  // and this near to each other

}  // namespace

absl::StatusOr<LogEntry> Wal::Get(LogIndex index) {
  WT_ASSIGN_OR_RETURN(std::vector<LogEntry> entries, GetRange(index, index + 1, 1));
  WT_CHECK_EQ(entries.size(), size_t{1});
  return std::move(entries.front());
}

absl::StatusOr<std::vector<LogEntry>> Wal::GetRange(LogIndex start, LogIndex end,
                                                    uint64_t max_bytes) {
  WT_ASSIGN_OR_RETURN(std::vector<Wanted> wanted, Collect(start, end, max_bytes));
  const std::span<Wanted> all(wanted);
  for (size_t begin = 0; begin < all.size();) {
    const EntrySlot& first = all[begin].slot;
    size_t next = begin + 1;
    for (; all[begin].file != nullptr && next < all.size(); ++next) {
      const EntrySlot& slot = all[next].slot;
      const EntrySlot& last = all[next - 1].slot;
      if (all[next].file != all[begin].file || slot.offset + slot.length - first.offset > kMaxRun ||
          slot.offset - last.offset - last.length > kMaxGap) {
        break;
      }
    }
    const std::span<Wanted> run = all.subspan(begin, next - begin);
    const absl::Status read = ReadRun(run);
    if (!read.ok() && !(options_.salvage && absl::IsUnavailable(read))) return read;
    if (!read.ok()) ReadOneByOne(run);
    begin = next;
  }
  std::vector<LogEntry> entries;
  entries.reserve(wanted.size());
  for (Wanted& one : wanted) {
    const Wanted identity = {.index = one.index, .slot = one.slot};
    absl::StatusOr<LogEntry> entry = one.unread.ok() ? Verified(std::move(one)) : one.unread;
    if (!entry.ok()) {
      const absl::Status damage = NoteDamage(identity, entry.status());
      if (entries.empty() || !options_.salvage) return damage;
      break;
    }
    if (options_.salvage) NoteHealth(identity);
    entries.push_back(*std::move(entry));
  }
  return entries;
}

absl::StatusOr<std::vector<Wal::Wanted>> Wal::Collect(LogIndex start, LogIndex end,
                                                      uint64_t max_bytes) {
  MutexLock lock(mu_);
  if (closed_) return Usable();
  if (start >= end || !index_.Contains(start)) {
    return NotFound("log: no index %d, the log is %d .. %d", start.value(),
                    index_.first_index().value(), index_.last_index().value());
  }
  std::vector<Wanted> wanted;
  uint64_t bytes = 0;
  for (LogIndex i = start; i < end && index_.Contains(i); ++i) {
    bytes += index_.At(i).length;
    if (bytes > max_bytes && i != start) break;
    wanted.push_back(Want(i));
  }
  return wanted;
}

Wal::Wanted Wal::Want(LogIndex index) {
  const EntrySlot& slot = index_.At(index);
  Wanted wanted = {.index = index, .slot = slot};
  if (slot.segment == EntrySlot::kBuffered) {
    wanted.command = open_->Payload(slot.offset, slot.length);
    return wanted;
  }
  if (flight_.buffer != nullptr && slot.segment == flight_.header.segment &&
      slot.offset >= flight_.header.offset) {
    wanted.command = flight_.buffer->Payload(slot.offset - flight_.header.offset, slot.length);
    return wanted;
  }
  const auto segment =
      std::lower_bound(segments_.begin(), segments_.end(), slot.segment,
                       [](const Segment& a, uint64_t number) { return a.number() < number; });
  WT_CHECK(segment != segments_.end() && segment->number() == slot.segment);
  wanted.file = segment->file;
  return wanted;
}

absl::Status Wal::ReadRun(std::span<Wanted> run) {
  if (run.front().file == nullptr) return absl::OkStatus();
  const uint64_t begin = run.front().slot.offset;
  std::string bytes(run.back().slot.offset + run.back().slot.length - begin, '\0');
  absl::StatusOr<uint64_t> read = ReadFully(*run.front().file, begin, bytes);
  if (!read.ok()) {
    return Annotate(
        read.status(),
        absl::StrFormat("%s at %d", SegmentPath(options_.directory, run.front().slot.segment),
                        begin));
  }
  bytes.resize(*read);  // shorter only when somebody cut the file: the checksum tells
  for (Wanted& wanted : run) {
    const uint64_t at = std::min<uint64_t>(wanted.slot.offset - begin, bytes.size());
    wanted.command = bytes.substr(at, wanted.slot.length);
  }
  return absl::OkStatus();
}

// What lies near a bad sector may be well.
void Wal::ReadOneByOne(std::span<Wanted> run) {
  for (Wanted& wanted : run) wanted.unread = ReadRun(std::span(&wanted, 1));
}

bool Wal::IsStill(const Wanted& wanted) const {
  if (!index_.Contains(wanted.index)) return false;
  const EntrySlot& slot = index_.At(wanted.index);
  return slot.segment == wanted.slot.segment && slot.offset == wanted.slot.offset &&
         slot.segment != EntrySlot::kBuffered;
}

absl::Status Wal::NoteDamage(const Wanted& wanted, const absl::Status& what) {
  const EntrySlot& slot = wanted.slot;
  const auto tell = [&] {
    return wt::Damaged(env_.events, options_.directory, slot.segment, slot.offset, what);
  };
  if (!options_.salvage) return absl::IsDataLoss(what) ? tell() : what;
  if (!absl::IsDataLoss(what) && !absl::IsUnavailable(what)) return what;
  bool is_news = false;
  {
    MutexLock lock(mu_);
    is_news = IsStill(wanted) && damaged_.insert(wanted.index).second;
  }
  if (is_news) {
    env_.events.Reached("log.damage_found_by_read");
    const absl::Status told = tell();
    if (options_.on_damage) options_.on_damage();
    return told;
  }
  return DataLoss("%s at %d: %s", SegmentPath(options_.directory, slot.segment), slot.offset,
                  MessageOf(what));
}

void Wal::NoteHealth(const Wanted& wanted) {
  MutexLock lock(mu_);
  if (!damaged_.empty() && IsStill(wanted) && damaged_.erase(wanted.index) != 0) {
    env_.events.Reached("log.damaged_entry_read_after_all");
  }
}

absl::StatusOr<LogEntry> Wal::Verified(Wanted wanted) {
  const EntrySlot& slot = wanted.slot;
  const uint32_t found =
      RecordChecksum(wanted.index.value(), slot.type_term, slot.timestamp, wanted.command);
  if (found != slot.checksum || wanted.command.size() != slot.length) {
    return DataLoss("entry %d: checksum 0x%08x, want 0x%08x", wanted.index.value(), found,
                    slot.checksum);
  }
  const Ident ident = {.type_term = slot.type_term};
  return LogEntry{.term = ident.term(),
                  .index = wanted.index,
                  .timestamp = WallTime(Duration(slot.timestamp)),
                  .type = static_cast<EntryType>(ident.type()),
                  .command = std::move(wanted.command)};
}

}  // namespace wt
