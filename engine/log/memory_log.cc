// LogStorage without a disk. What it promises about durability is the bookkeeping alone.
#include <algorithm>
#include <deque>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/env/mutex.h"
#include "engine/log/format.h"
#include "engine/log/log_options.h"

namespace wt {
namespace {

class MemoryLog final : public LogStorage {
 public:
  MemoryLog(Tasks& tasks, EventSink& events) : events_(events), mu_(tasks) {}

  absl::StatusOr<LogIndex> Append(const LogEntry& entry) override {
    return AppendBatch(std::span(&entry, 1));
  }

  absl::StatusOr<LogIndex> AppendBatch(std::span<const LogEntry> entries) override {
    MutexLock lock(mu_);
    WT_RETURN_IF_ERROR(Usable());
    if (entries.empty()) return InvalidArgument("log batch without entries");
    WT_RETURN_IF_ERROR(CheckOrder(entries));
    for (const LogEntry& entry : entries) {
      entries_.push_back(entry);
      events_.Emit({.kind = EventKind::kLogAppended,
                    .a = entry.index.value(),
                    .b = entry.term.value(),
                    .c = Hash64(entry.command),
                    .d = static_cast<uint64_t>(entry.timestamp.time_since_epoch().count())});
    }
    return Last();
  }

  absl::Status Sync() override {
    MutexLock lock(mu_);
    WT_RETURN_IF_ERROR(Usable());
    durable_ = Last();
    return absl::OkStatus();
  }

  absl::StatusOr<LogEntry> Get(LogIndex index) override {
    MutexLock lock(mu_);
    WT_RETURN_IF_ERROR(Usable());
    if (!Contains(index)) return Missing(index);
    return At(index);
  }

  absl::StatusOr<std::vector<LogEntry>> GetRange(LogIndex start, LogIndex end,
                                                 uint64_t max_bytes) override {
    MutexLock lock(mu_);
    WT_RETURN_IF_ERROR(Usable());
    if (start >= end || !Contains(start)) return Missing(start);
    std::vector<LogEntry> found;
    uint64_t bytes = 0;
    for (LogIndex i = start; i < end && Contains(i); ++i) {
      bytes += At(i).command.size();
      if (bytes > max_bytes && i != start) break;
      found.push_back(At(i));
    }
    return found;
  }

  LogIndex first_index() override {
    MutexLock lock(mu_);
    return base_ + 1;
  }
  LogIndex last_index() override {
    MutexLock lock(mu_);
    return Last();
  }
  LogIndex durable_index() override {
    MutexLock lock(mu_);
    return durable_;
  }
  Term last_term() override {
    MutexLock lock(mu_);
    return TermOf(Last());
  }

  absl::StatusOr<Term> TermAt(LogIndex index) override {
    MutexLock lock(mu_);
    if (!Contains(index) && index != base_) return Missing(index);
    return TermOf(index);
  }

  absl::Status Truncate(LogIndex from) override {
    MutexLock lock(mu_);
    WT_RETURN_IF_ERROR(Usable());
    if (from <= base_) {
      return InvalidArgument("log: cannot remove from index %d on, the first is %d", from.value(),
                             (base_ + 1).value());
    }
    if (from > Last()) return absl::OkStatus();
    entries_.resize(from - base_ - 1);
    durable_ = std::min(durable_, from - 1);
    events_.Emit({.kind = EventKind::kLogSuffixOverridden, .a = from.value()});
    return absl::OkStatus();
  }

  absl::Status Compact(LogIndex through) override {
    MutexLock lock(mu_);
    WT_RETURN_IF_ERROR(Usable());
    if (through > Last()) {
      return InvalidArgument("log: compaction through index %d, the last is %d", through.value(),
                             Last().value());
    }
    durable_ = Last();
    if (through <= base_) return absl::OkStatus();
    base_term_ = TermOf(through);
    entries_.erase(entries_.begin(), entries_.begin() + static_cast<ptrdiff_t>(through - base_));
    base_ = through;
    events_.Emit({.kind = EventKind::kLogCompacted, .a = through.value()});
    return absl::OkStatus();
  }

  absl::Status Reset(LogIndex index, Term term) override {
    MutexLock lock(mu_);
    WT_RETURN_IF_ERROR(Usable());
    entries_.clear();
    base_ = durable_ = index;
    base_term_ = term;
    events_.Emit({.kind = EventKind::kLogReset, .a = index.value(), .b = term.value()});
    return absl::OkStatus();
  }

  std::vector<DamagedEntry> Damaged() override { return {}; }

  absl::Status Repair(const LogEntry& entry) override {
    MutexLock lock(mu_);
    WT_RETURN_IF_ERROR(Usable());
    if (Contains(entry.index) && At(entry.index) == entry) return absl::OkStatus();
    return InvalidArgument("log: entry %d is not the one to repair", entry.index.value());
  }

  absl::Status SetHardState(const HardState& state) override {
    MutexLock lock(mu_);
    WT_RETURN_IF_ERROR(Usable());
    if (state.term < hard_state_.term) {
      return InvalidArgument("log: hard state of term %d behind term %d", state.term.value(),
                             hard_state_.term.value());
    }
    hard_state_ = state;
    return absl::OkStatus();
  }
  HardState hard_state() override {
    MutexLock lock(mu_);
    return hard_state_;
  }

  uint64_t size_bytes() override {
    MutexLock lock(mu_);
    uint64_t bytes = 0;
    for (const LogEntry& entry : entries_) bytes += kIdentBytes + entry.command.size();
    return bytes;
  }

  absl::Status Close() override {
    MutexLock lock(mu_);
    closed_ = true;
    return absl::OkStatus();
  }

 private:
  absl::Status Usable() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (closed_) return FailedPrecondition("log is closed");
    return absl::OkStatus();
  }
  LogIndex Last() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return base_ + entries_.size(); }
  bool Contains(LogIndex index) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return index > base_ && index <= Last();
  }
  const LogEntry& At(LogIndex index) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    WT_CHECK(Contains(index));
    return entries_[index - base_ - 1];
  }
  Term TermOf(LogIndex index) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return index == base_ ? base_term_ : At(index).term;
  }
  absl::Status Missing(LogIndex index) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return NotFound("log: no index %d, the log is %d .. %d", index.value(), (base_ + 1).value(),
                    Last().value());
  }
  absl::Status CheckOrder(std::span<const LogEntry> entries) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    LogIndex last = Last();
    Term term = TermOf(last);
    for (const LogEntry& entry : entries) {
      if (entry.index != last + 1 || entry.term < term) {
        return InvalidArgument("log entry: index %d, term %d; want index %d, term %d or more",
                               entry.index.value(), entry.term.value(), (last + 1).value(),
                               term.value());
      }
      last = entry.index;
      term = entry.term;
    }
    return absl::OkStatus();
  }

  EventSink& events_;
  Mutex mu_;
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  std::deque<LogEntry> entries_ ABSL_GUARDED_BY(mu_);
  LogIndex base_ ABSL_GUARDED_BY(mu_);
  Term base_term_ ABSL_GUARDED_BY(mu_);
  LogIndex durable_ ABSL_GUARDED_BY(mu_);
  HardState hard_state_ ABSL_GUARDED_BY(mu_);
};

}  // namespace

std::unique_ptr<LogStorage> NewMemoryLog(Tasks& tasks, EventSink& events) {
  return std::make_unique<MemoryLog>(tasks, events);
}

}  // namespace wt
