// The write-ahead log on a disk: its options, and what opening it found.
//
//   WT_ASSIGN_OR_RETURN(std::unique_ptr<LogStorage> log, OpenWal(env, {.directory = "log"}));
//
// The bytes are described in FORMAT.md.
#ifndef WAVETANK_ENGINE_LOG_LOG_OPTIONS_H_
#define WAVETANK_ENGINE_LOG_LOG_OPTIONS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "engine/base/units.h"
#include "engine/env/env.h"
#include "engine/log/log_storage.h"

namespace wt {

enum class SyncPolicy {
  kEveryWrite,  // Append returns when the entry is durable
  kInterval,    // a background task syncs every `sync_interval`; its error poisons the log
  kManual,      // Sync() alone makes durable
};

// What an open found on the disk.
class EntryIndex;

struct LogRecovery {
  LogIndex first_index;
  LogIndex last_index;
  HardState hard_state;
  uint64_t segments = 0;  // where `accept` is asked, with those that are blank
  uint64_t records = 0;
  // Bytes behind last_index were given up as a torn tail.
  bool tail_cut = false;
  // They may have been a batch that was acknowledged and damaged since: nothing vouches for either.
  // A replica must not count its missing entries as "never had" until a quorum has answered.
  bool tail_ambiguous = false;
  // Set by Engine::Open under CommitRule::kReplicated: the log ended before the newest good
  // snapshot and was begun anew behind it. Either a crash cut off the install of a snapshot from
  // another replica, or the log lost its end; as with tail_ambiguous, nothing tells which.
  bool behind_snapshot = false;
  // Entries whose bytes are damaged though all else is intact; not 0 only with salvage.
  uint64_t damaged = 0;
  // Not OK (DataLoss): a segment before first_index is missing though older ones are there. Either
  // Compact had removed all of them and a failed directory sync let the older ones come back, or it
  // is lost. Who has a snapshot that reaches first_index - 1 need not care; without `accept` it is
  // refused.
  absl::Status gap;
  // Where the entries are, with their terms; only while `accept` looks, else null.
  const EntryIndex* entries = nullptr;
};

struct LogOptions {
  std::string directory = "log";
  // Of the machine that the log belongs to; a log of another is refused. 0 is a value like others.
  uint64_t cluster_id = 0;
  uint64_t node_id = 0;
  // Reserved on the disk when a segment begins. Larger entries get a larger segment.
  uint64_t segment_bytes = 64 * kMiB;
  // Where group commits start and end: 512 .. 65536, a power of two. 4096 keeps a device that tears
  // 4 KiB blocks away from what is durable.
  uint32_t alignment = 4096;
  // Each of the two buffers; one fills while the other is written. At least 64 KiB.
  uint64_t buffer_bytes = 256 * kKiB;
  // Small syncs write so many zeros behind them, into what is reserved: a sync of bytes that were
  // written before need not change what the file system knows of the file. 0: never.
  uint64_t zeros_ahead_bytes = 256 * kKiB;
  SyncPolicy sync_policy = SyncPolicy::kManual;
  Duration sync_interval = std::chrono::milliseconds(10);
  // After so long without appends an empty batch vouches for the last one; 0 = never. Close() does
  // it always.
  Duration mark_after = Duration::zero();
  uint64_t max_entry_bytes = 16 * kMiB;
  // Damage that is confined to the bytes of entries, in batches that are otherwise intact and that
  // something vouches for, does not refuse: see LogStorage::Damaged. Not for one node alone, which
  // has nobody to repair from.
  bool salvage = false;
  // With salvage: a read has found an entry damaged that was not known to be (Damaged lists it).
  // Called by the task that read, with no lock held.
  std::function<void()> on_damage = {};
  // Asked once per open, when all is read and nothing was changed yet; an error is OpenWal's own.
  // After OK, segments older than a `gap` are removed. Whoever must remember what was found (a torn
  // tail is told of once only) makes that durable here.
  std::function<absl::Status(const LogRecovery&)> accept = {};
};

// Errors: InvalidArgument: what cannot work, and what is wanted instead. OpenWal asks it first.
absl::Status CheckLogOptions(const LogOptions& options);

// Opens, or creates, the log in `options.directory`. When it returns OK, what it found is durable
// and a fresh segment stands ready. Suspends. Requires: nobody else has it open; whoever opened it
// with background work (kInterval, mark_after) calls Close() before the destructor, unless the
// machine died.
// Errors: DataLoss naming segment, offset, expected and found: acknowledged bytes are damaged or
//   missing, nothing was changed; Unavailable: a part could not be read, which is not the same as
//   its absence; FailedPrecondition: another version or another machine's log; InvalidArgument:
//   options; ResourceExhausted: no room for the fresh segment.
absl::StatusOr<std::unique_ptr<LogStorage>> OpenWal(Env env, LogOptions options,
                                                    LogRecovery* recovery = nullptr);

// The same contract without a disk, for tests and tools: durable means "synced", nothing survives.
std::unique_ptr<LogStorage> NewMemoryLog(Tasks& tasks, EventSink& events);

}  // namespace wt

#endif  // WAVETANK_ENGINE_LOG_LOG_OPTIONS_H_
