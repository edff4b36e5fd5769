// The one log: an ordered, gap-free run of entries, first_index() .. last_index().
//
//   WT_ASSIGN_OR_RETURN(LogIndex index, log.Append(entry));   // in the buffer, in order
//   WT_RETURN_IF_ERROR(log.Sync());                           // durable; many callers, one sync
//
// Contract, for every implementation:
//   - An entry is durable only when Sync() has returned OK after it was appended, or
//   durable_index()
//     has reached it. After a crash the log is a prefix of what was appended that holds at least
//     every durable entry.
//   - AppendBatch is atomic over a crash: all of its entries are there, or none.
//   - After any failed write or sync the log is poisoned: every later Append, Sync, Truncate and
//     Compact fails with FailedPrecondition, and nothing is ever acknowledged again. Reopen to
//     learn what survived. ResourceExhausted poisons too when part of a batch may be on disk;
//     refused before any byte was written, it does not.
//   - An entry is given whole or not at all. With LogOptions::salvage, damage that is confined to
//     the bytes of entries is listed instead of refused (Damaged), and mended by who has the entry
//     elsewhere (Repair).
//   - Thread-safe. Calls may be made from many tasks at once.
#ifndef WAVETANK_ENGINE_LOG_LOG_STORAGE_H_
#define WAVETANK_ENGINE_LOG_LOG_STORAGE_H_

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/log/log_entry.h"

namespace wt {

// An entry whose bytes are damaged or unreadable: everything that is known of it but those.
struct DamagedEntry {
  LogIndex index;
  Term term;
  EntryType type = EntryType::kCommand;
  WallTime timestamp;
  uint64_t bytes = 0;     // of the command
  uint32_t checksum = 0;  // EntryChecksum (format.h) of the whole entry
  bool operator==(const DamagedEntry&) const = default;
};

class LogStorage {
 public:
  virtual ~LogStorage() = default;

  // Adds one entry behind the last; returns its index. With sync policy kEveryWrite it is durable
  // on return. Suspends.
  // Requires: entry.index == last_index() + 1, entry.term >= last_term().
  // Errors: InvalidArgument (order, or larger than the limit; nothing appended);
  //   ResourceExhausted; Unavailable or FailedPrecondition = poisoned, outcome unknown.
  virtual absl::StatusOr<LogIndex> Append(const LogEntry& entry) = 0;

  // The same for consecutive entries, atomically; returns the last index. Requires: not empty.
  virtual absl::StatusOr<LogIndex> AppendBatch(std::span<const LogEntry> entries) = 0;

  // Makes everything appended before the call durable. Concurrent callers share one device sync.
  // Suspends.
  virtual absl::Status Sync() = 0;

  // Suspends. Errors: NotFound outside first..last; DataLoss naming segment, offset, expected,
  // found; Unavailable when it cannot be read (with salvage: DataLoss, and the entry is listed).
  virtual absl::StatusOr<LogEntry> Get(LogIndex index) = 0;

  // Entries of [start, end), cut short after `max_bytes` of commands but never empty when start
  // exists; with salvage also before a damaged one. Errors: as Get. Suspends.
  virtual absl::StatusOr<std::vector<LogEntry>> GetRange(LogIndex start, LogIndex end,
                                                         uint64_t max_bytes) = 0;

  // first_index() == last_index() + 1 when the log is empty. These four do not suspend for long:
  // they take the log's lock.
  virtual LogIndex first_index() = 0;
  virtual LogIndex last_index() = 0;
  virtual LogIndex durable_index() = 0;
  virtual Term last_term() = 0;

  // The term of an entry, or of first_index() - 1 as Compact or Reset left it.
  // Errors: NotFound.
  virtual absl::StatusOr<Term> TermAt(LogIndex index) = 0;

  // Removes entries from `from` to the last by appending a record that says so; the bytes of the
  // removed entries stay where they are. Durable with the next Sync. Suspends.
  // Requires: first_index() <= from. OK and without effect when from > last_index().
  virtual absl::Status Truncate(LogIndex from) = 0;

  // Entries up to and including `through` are no longer needed. Whole segments go; first_index()
  // may stay below through + 1. Requires: through <= last_index(). Suspends.
  virtual absl::Status Compact(LogIndex through) = 0;

  // Empties the log and continues behind (index, term): after a snapshot was installed that the
  // log does not reach. Durable on return. Suspends.
  // Errors: ResourceExhausted: nothing has changed; others: poisoned, it may have happened.
  virtual absl::Status Reset(LogIndex index, Term term) = 0;

  // Entries that are known to be damaged, by index: found at the open, or by a Get since. One that
  // is truncated, compacted, repaired or read well after all is no longer among them. Always empty
  // without salvage.
  virtual std::vector<DamagedEntry> Damaged() = 0;

  // Writes the bytes of a damaged entry again where they were, durable on return. OK without effect
  // when the entry is not damaged. A crash on the way leaves it damaged or mended. Suspends.
  // Errors: InvalidArgument: not the entry that the log has at this index, nothing was changed;
  //   FailedPrecondition: it shares an unreadable sector with what no entry can mend (the log is
  //   not poisoned by this), or poisoned before; Unavailable: poisoned by this.
  virtual absl::Status Repair(const LogEntry& entry) = 0;

  // Remembered with the next batch, durable with the next Sync.
  virtual absl::Status SetHardState(const HardState& state) = 0;
  virtual HardState hard_state() = 0;

  // Bytes that the log occupies; grows by appends, shrinks by Compact.
  virtual uint64_t size_bytes() = 0;

  // Syncs, stops background work. Suspends. Twice is fine. Later calls: FailedPrecondition.
  virtual absl::Status Close() = 0;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_LOG_LOG_STORAGE_H_
