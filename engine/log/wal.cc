#include "engine/log/wal.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/status.h"

namespace wt {
namespace {

Ident IdentOf(const LogEntry& entry, uint32_t checksum) {
  return {.index = entry.index.value(),
          .type_term = Ident::Pack(static_cast<uint8_t>(entry.type), entry.term),
          .timestamp = entry.timestamp.time_since_epoch().count(),
          .length = static_cast<uint32_t>(entry.command.size()),
          .checksum = checksum};
}

}  // namespace

Wal::Wal(Env env, LogOptions options, RecoveredLog recovered)
    : env_(env),
      options_(std::move(options)),
      names_mu_(env.tasks),
      mu_(env.tasks),
      progress_(env.tasks),
      stopping_(env.tasks),
      index_(std::move(recovered.index)),
      damaged_(std::move(recovered.damaged)),
      hard_state_(recovered.hard_state),
      open_(std::make_unique<BatchBuffer>(options_.buffer_bytes, options_.alignment)),
      taken_last_(index_.last_index()),
      written_last_(index_.last_index()),
      durable_last_(index_.last_index()),
      segments_(std::move(recovered.segments)),
      next_segment_(recovered.next_segment),
      batch_seq_(recovered.batch_seq),
      incarnation_(recovered.incarnation + 1),
      chain_(recovered.chain) {
  WT_CHECK(ValidLogAlignment(options_.alignment));
}

absl::Status Wal::Usable() const {
  if (closed_) return FailedPrecondition("log %s is closed", options_.directory);
  if (poison_.ok()) return absl::OkStatus();
  return FailedPrecondition("log %s is poisoned: %s", options_.directory, MessageOf(poison_));
}

bool Wal::SegmentFits(Need need) const {
  // The seal always has its place, so a segment can be closed on a full disk.
  return active_ &&
         end_ + open_->BytesWith(need.payload, need.records) + options_.alignment <= room_;
}

bool Wal::Fits(Need need) const {
  return !rolling_ && SegmentFits(need) && open_->Fits(need.payload, need.records);
}

absl::StatusOr<Wal::Need> Wal::NeedOf(std::span<const LogEntry> entries) const {
  Need need = {.payload = 0, .records = entries.size()};
  for (const LogEntry& entry : entries) {
    if (entry.command.size() > options_.max_entry_bytes) {
      return InvalidArgument("log entry %d: %d bytes, the limit is %d", entry.index.value(),
                             entry.command.size(), options_.max_entry_bytes);
    }
    need.payload += BatchBuffer::PayloadBytes(entry.command);
  }
  if (need.payload + need.records * kIdentBytes > kMaxSegmentBytes / 2) {
    return InvalidArgument("log batch of %d entries: %d bytes, the limit is %d", entries.size(),
                           need.payload, kMaxSegmentBytes / 2);
  }
  return need;
}

absl::Status Wal::CheckOrder(std::span<const LogEntry> entries) const {
  LogIndex last = index_.last_index();
  Term term = index_.last_term();
  for (const LogEntry& entry : entries) {
    if (entry.index != last + 1 || entry.term < term || entry.term.value() > Ident::kMaxTerm) {
      return InvalidArgument("log entry: index %d, term %d; want index %d, term %d or more",
                             entry.index.value(), entry.term.value(), (last + 1).value(),
                             term.value());
    }
    last = entry.index;
    term = entry.term;
  }
  return absl::OkStatus();
}

void Wal::AddEntry(const LogEntry& entry, uint32_t checksum) {
  const Ident ident = IdentOf(entry, checksum);
  const uint32_t offset = open_->Add(ident, entry.command);
  index_.Push({.type_term = ident.type_term,
               .timestamp = ident.timestamp,
               .segment = EntrySlot::kBuffered,
               .offset = offset,
               .length = ident.length,
               .checksum = checksum});
  env_.events.Emit({.kind = EventKind::kLogAppended,
                    .a = ident.index,
                    .b = entry.term.value(),
                    .c = Hash64(entry.command),
                    .d = static_cast<uint64_t>(entry.timestamp.time_since_epoch().count())});
}

absl::StatusOr<uint64_t> Wal::AddEntries(std::span<const LogEntry> entries) {
  WT_CHECK(!entries.empty());
  WT_ASSIGN_OR_RETURN(const Need need, NeedOf(entries));
  // Computed before the lock is taken where there is one entry, the case of many callers.
  const uint32_t first_checksum = EntryChecksum(entries.front());
  for (;;) {
    {
      MutexLock lock(mu_);
      WT_RETURN_IF_ERROR(Usable());
      WT_RETURN_IF_ERROR(CheckOrder(entries));
      if (Fits(need)) {
        AddEntry(entries.front(), first_checksum);
        for (const LogEntry& entry : entries.subspan(1)) AddEntry(entry, EntryChecksum(entry));
        return ++changes_;
      }
    }
    WT_RETURN_IF_ERROR(MakeRoom(need));
  }
}

absl::Status Wal::AfterAppend(uint64_t change) {
  if (options_.sync_policy == SyncPolicy::kEveryWrite) return SyncThrough(change);
  if (env_.random.Rarely("log.write_early")) return WriteNow();
  return absl::OkStatus();
}

absl::StatusOr<LogIndex> Wal::Append(const LogEntry& entry) {
  return AppendBatch(std::span(&entry, 1));
}

absl::StatusOr<LogIndex> Wal::AppendBatch(std::span<const LogEntry> entries) {
  if (entries.empty()) return InvalidArgument("log batch without entries");
  if (env_.random.Rarely("log.roll_now")) WT_RETURN_IF_ERROR(RollNow());
  WT_ASSIGN_OR_RETURN(const uint64_t change, AddEntries(entries));
  WT_RETURN_IF_ERROR(AfterAppend(change));
  return entries.back().index;
}

absl::Status Wal::Truncate(LogIndex from) {
  for (;;) {
    {
      MutexLock lock(mu_);
      WT_RETURN_IF_ERROR(Usable());
      if (from < index_.first_index()) {
        return InvalidArgument("log: cannot remove from index %d on, the first is %d", from.value(),
                               index_.first_index().value());
      }
      if (from > index_.last_index()) return absl::OkStatus();
      if (Fits({.records = 1})) {
        AddTruncate(from);
        return absl::OkStatus();
      }
    }
    WT_RETURN_IF_ERROR(MakeRoom({.records = 1}));
  }
}

void Wal::AddTruncate(LogIndex from) {
  Ident ident = {.index = from.value(),
                 .type_term = Ident::Pack(kTruncateType, index_.TermAt(from - 1))};
  ident.checksum = RecordChecksum(ident.index, ident.type_term, ident.timestamp, {});
  open_->Add(ident, {});
  index_.PopFrom(from);
  damaged_.erase(damaged_.lower_bound(from), damaged_.end());
  // What comes next at these indices is not what was written or synced before.
  durable_last_ = std::min(durable_last_, from - 1);
  written_last_ = std::min(written_last_, from - 1);
  flight_.last_index = std::min(flight_.last_index, from - 1);
  last_truncation_ = ++changes_;
  env_.events.Emit({.kind = EventKind::kLogSuffixOverridden, .a = from.value()});
  env_.events.Reached("log.suffix_overridden");
}

absl::Status Wal::SetHardState(const HardState& state) {
  for (;;) {
    {
      MutexLock lock(mu_);
      WT_RETURN_IF_ERROR(Usable());
      if (state.term < hard_state_.term) {
        return InvalidArgument("log: hard state of term %d behind term %d", state.term.value(),
                               hard_state_.term.value());
      }
      if (state == hard_state_) return absl::OkStatus();
      if (Fits({})) {
        hard_state_ = state;
        ++changes_;
        return absl::OkStatus();
      }
    }
    WT_RETURN_IF_ERROR(MakeRoom({}));
  }
}

absl::Status Wal::Sync() {
  uint64_t target;
  {
    MutexLock lock(mu_);
    WT_RETURN_IF_ERROR(Usable());
    target = changes_;
  }
  return SyncThrough(target);
}

absl::Status Wal::SyncThrough(uint64_t change) {
  for (;;) {
    {
      MutexLock lock(mu_);
      while (busy_ && durable_ < change && poison_.ok()) progress_.Wait(mu_);
      if (!poison_.ok()) return poison_;
      if (durable_ >= change) return absl::OkStatus();
      if (closed_) return Usable();
      busy_ = true;
      if (HasUntaken()) StartBatch(0);
    }
    absl::Status status = WriteFlight();
    if (status.ok()) status = SyncActive();
    WT_RETURN_IF_ERROR(Release(status));
  }
}

LogIndex Wal::first_index() {
  MutexLock lock(mu_);
  return index_.first_index();
}

LogIndex Wal::last_index() {
  MutexLock lock(mu_);
  return index_.last_index();
}

LogIndex Wal::durable_index() {
  MutexLock lock(mu_);
  return durable_last_;
}

Term Wal::last_term() {
  MutexLock lock(mu_);
  return index_.last_term();
}

HardState Wal::hard_state() {
  MutexLock lock(mu_);
  return hard_state_;
}

absl::StatusOr<Term> Wal::TermAt(LogIndex index) {
  MutexLock lock(mu_);
  if (index_.Contains(index) || index + 1 == index_.first_index()) return index_.TermAt(index);
  return NotFound("log: no term of index %d, the log is %d .. %d", index.value(),
                  index_.first_index().value(), index_.last_index().value());
}

uint64_t Wal::size_bytes() {
  MutexLock lock(mu_);
  uint64_t bytes = 0;
  for (const Segment& segment : segments_) bytes += segment.valid_bytes;
  return bytes;
}

}  // namespace wt
