// Opening, closing, the background tasks, and what removes segments.
#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/log/wal.h"

namespace wt {

absl::Status CheckLogOptions(const LogOptions& options) {
  const uint64_t smallest = kSegmentHeaderBytes + 4 * uint64_t{options.alignment};
  if (options.directory.empty()) return InvalidArgument("log: no directory");
  if (!ValidLogAlignment(options.alignment)) {
    return InvalidArgument("log: alignment %d, want a power of two in %d .. %d", options.alignment,
                           kMinLogAlignment, kMaxLogAlignment);
  }
  if (options.segment_bytes < smallest || options.segment_bytes > kMaxSegmentBytes / 2) {
    return InvalidArgument("log: segments of %d bytes, want %d .. %d", options.segment_bytes,
                           smallest, kMaxSegmentBytes / 2);
  }
  if (options.buffer_bytes < 64 * kKiB || options.buffer_bytes > kMaxSegmentBytes / 4) {
    return InvalidArgument("log: buffers of %d bytes, want %d .. %d", options.buffer_bytes,
                           64 * kKiB, kMaxSegmentBytes / 4);
  }
  if (options.max_entry_bytes > kMaxEntryBytes) {
    return InvalidArgument("log: entries of %d bytes, the limit is %d", options.max_entry_bytes,
                           kMaxEntryBytes);
  }
  if (options.sync_interval <= Duration::zero() || options.mark_after < Duration::zero()) {
    return InvalidArgument("log: intervals must be positive");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<LogStorage>> OpenWal(Env env, LogOptions options,
                                                    LogRecovery* recovery) {
  WT_RETURN_IF_ERROR(CheckLogOptions(options));
  WT_ASSIGN_OR_RETURN(RecoveredLog recovered, RecoverLog(env, options));
  const LogRecovery found = recovered.found;
  const Term last_term = recovered.index.last_term();
  const std::vector<uint64_t> superfluous = recovered.superfluous;
  auto wal = std::make_unique<Wal>(env, std::move(options), std::move(recovered));
  WT_RETURN_IF_ERROR(wal->Start(superfluous));
  env.events.Emit({.kind = EventKind::kLogRecovered,
                   .a = found.first_index.value(),
                   .b = found.last_index.value(),
                   .c = found.segments,
                   .d = last_term.value()});
  if (recovery != nullptr) *recovery = found;
  return wal;
}

absl::Status Wal::Start(std::span<const uint64_t> superfluous) {
  {
    MutexLock lock(mu_);
    WT_CHECK(!busy_ && !active_);
    busy_ = true;
    rolling_ = true;
  }
  WT_RETURN_IF_ERROR(Release(Roll(options_.segment_bytes)));
  if (!superfluous.empty()) {
    // The hard state has no other place when these are gone. A header that is lost passes for one
    // that was never finished, unless there is a batch.
    WT_RETURN_IF_ERROR(WriteWitness());
    WT_RETURN_IF_ERROR(RemoveAll(superfluous));
  }
  if (options_.sync_policy == SyncPolicy::kInterval) {
    tasks_.push_back(env_.tasks.Spawn("log.flush", [this] { FlushLoop(); }));
  }
  if (options_.mark_after > Duration::zero()) {
    tasks_.push_back(env_.tasks.Spawn("log.mark", [this] { MarkLoop(); }));
  }
  return absl::OkStatus();
}

absl::Status Wal::Close() {
  {
    MutexLock lock(mu_);
    stop_ = true;
    stopping_.SignalAll();
  }
  for (std::unique_ptr<Task>& task : tasks_) task->Join();
  tasks_.clear();
  {
    MutexLock lock(mu_);
    AwaitToken();
    if (!poison_.ok()) {
      closed_ = true;
      return poison_;
    }
    if (closed_) return absl::OkStatus();
    closed_ = true;
    busy_ = true;
    rolling_ = true;
    if (HasUntaken()) StartBatch(0);
  }
  absl::Status status = WriteFlight();
  // The seal vouches for what was synced before it: after a clean end, no damage passes for a torn
  // tail.
  if (status.ok()) status = SyncActive();
  if (status.ok()) status = Seal();
  return Release(status);
}

// True when `period` has passed; false when it is time to end.
bool Wal::AwaitTick(Duration period) {
  MutexLock lock(mu_);
  while (!stop_ && poison_.ok()) {
    if (!stopping_.WaitFor(mu_, period)) break;
  }
  return !stop_ && poison_.ok();
}

void Wal::FlushLoop() {
  while (AwaitTick(options_.sync_interval)) {
    // An error has poisoned the log: every later call tells it.
    Sync().IgnoreError();
  }
}

void Wal::MarkLoop() {
  uint64_t changes_before = 0;
  while (AwaitTick(options_.mark_after)) {
    bool idle;
    {
      MutexLock lock(mu_);
      idle = changes_ == changes_before && durable_ == changes_;
      changes_before = changes_;
    }
    if (idle) WriteMark().IgnoreError();  // as above
  }
}

absl::Status Wal::WriteMark() {
  {
    MutexLock lock(mu_);
    AwaitToken();
    WT_RETURN_IF_ERROR(Usable());
    if (!unvouched_ || HasUntaken() || !SegmentFits({})) return absl::OkStatus();
    busy_ = true;
    StartBatch(kBatchMark);
  }
  absl::Status status = WriteFlight();
  if (status.ok()) status = SyncActive();
  env_.events.Reached("log.mark_written");
  return Release(status);
}

absl::Status Wal::WriteWitness() {
  {
    MutexLock lock(mu_);
    WT_CHECK(!busy_ && !HasUntaken());
    busy_ = true;
    StartBatch(kBatchMark);
  }
  absl::Status status = WriteFlight();
  if (status.ok()) status = SyncActive();
  return Release(status);
}

void Wal::AwaitCompaction() {
  while (compacting_) progress_.Wait(mu_);
}

absl::Status Wal::Compact(LogIndex through) {
  uint64_t target;
  {
    MutexLock lock(mu_);
    AwaitCompaction();
    WT_RETURN_IF_ERROR(Usable());
    if (through > index_.last_index()) {
      return InvalidArgument("log: compaction through index %d, the last is %d", through.value(),
                             index_.last_index().value());
    }
    compacting_ = true;
    target = changes_;
  }
  absl::Status status = SyncThrough(target);
  for (bool removed = true; status.ok() && removed;) status = RemoveOldest(through, &removed);

  MutexLock lock(mu_);
  compacting_ = false;
  if (!status.ok()) {
    Poison(status);
  } else {
    env_.events.Emit({.kind = EventKind::kLogCompacted, .a = through.value()});
  }
  progress_.SignalAll();
  return status;
}

// One segment at a time, oldest first, each durably gone before the next: no crash leaves a gap.
absl::Status Wal::RemoveOldest(LogIndex through, bool* removed) {
  uint64_t oldest;
  uint64_t truncation;
  {
    MutexLock lock(mu_);
    *removed = false;
    WT_RETURN_IF_ERROR(Usable());
    oldest = segments_.front().number();
    const LogIndex next = std::max(through + 1, index_.first_index());
    const bool needed = index_.Contains(next) && index_.At(next).segment == oldest;
    if (segments_.size() == 1 || needed) return absl::OkStatus();
    truncation = last_truncation_;
  }
  // It may be what made this segment obsolete: it must not get lost when that is gone.
  WT_RETURN_IF_ERROR(SyncThrough(truncation));
  WT_RETURN_IF_ERROR(RemoveAll(std::span(&oldest, 1)));
  MutexLock lock(mu_);
  WT_CHECK_EQ(segments_.front().number(), oldest);
  segments_.erase(segments_.begin());
  DropEntriesOf(oldest);
  *removed = true;
  return absl::OkStatus();
}

void Wal::DropEntriesOf(uint64_t segment) {
  LogIndex next = index_.first_index();
  while (index_.Contains(next) && index_.At(next).segment == segment) ++next;
  index_.DropThrough(next - 1);
  damaged_.erase(damaged_.begin(), damaged_.lower_bound(next));
}

absl::Status Wal::RemoveAll(std::span<const uint64_t> segments) {
  for (uint64_t segment : segments) {
    WT_RETURN_IF_ERROR(env_.disk.Remove(SegmentPath(options_.directory, segment)));
  }
  WT_RETURN_IF_ERROR(SyncNames());
  for (uint64_t segment : segments) {
    env_.events.Emit({.kind = EventKind::kLogSegmentRemoved, .a = segment});
  }
  return absl::OkStatus();
}

absl::Status Wal::Reset(LogIndex index, Term term) {
  if (term.value() > Ident::kMaxTerm) return InvalidArgument("log: term %d", term.value());
  {
    MutexLock lock(mu_);
    while ((compacting_ || busy_) && poison_.ok()) progress_.Wait(mu_);
    WT_RETURN_IF_ERROR(Usable());
    busy_ = true;
    rolling_ = true;
    compacting_ = true;
  }
  const absl::Status status = InstallReset(index, term);
  {
    MutexLock lock(mu_);
    compacting_ = false;
  }
  return Release(status);
}

// The header of the new segment is the whole of it: once it is durable, what was before is not part
// of the log, in whatever order it disappears.
absl::Status Wal::InstallReset(LogIndex index, Term term) {
  SegmentHeader header;
  {
    MutexLock lock(mu_);
    header = NextHeader(options_.segment_bytes);
    header.reset = true;
    header.previous = {.last_index = index, .last_term = term};
  }
  absl::StatusOr<Segment> segment = NewSegment(header);
  if (!segment.ok()) return segment.status();
  chain_ = segment->header.hash;

  std::vector<uint64_t> old;
  {
    MutexLock lock(mu_);
    for (const Segment& gone : segments_) old.push_back(gone.number());
    segments_.clear();
    segments_.push_back(*std::move(segment));
    open_->Clear();
    index_.Reset(index, term);
    damaged_.clear();
    taken_last_ = written_last_ = durable_last_ = index;
    taken_ = written_ = durable_ = changes_;
    active_ = true;
    end_ = durable_bytes_ = kSegmentHeaderBytes;
    room_ = header.reserved_bytes;
    unvouched_ = false;
  }
  env_.events.Emit({.kind = EventKind::kLogReset, .a = index.value(), .b = term.value()});
  // It has happened: whatever the code, this is no refusal.
  if (absl::Status removed = RemoveAll(old); !removed.ok()) {
    return Unavailable("log reset to index %d: %s", index.value(), MessageOf(removed));
  }
  return absl::OkStatus();
}

}  // namespace wt
