// The write-ahead log on segment files.
//
// Two buffers: callers fill the open one under the lock while the other is in flight. Whoever needs
// I/O takes the I/O token (busy_), moves the open buffer into flight, releases the lock, writes and
// syncs, and wakes all who waited: many callers of Sync share one device sync. At most one batch is
// in flight, so batches reach the file in order.
//
// A segment's room is reserved when it begins, and an entry is taken in only where there is room
// for it: a full disk refuses an Append before a byte of it was written anywhere.
#ifndef WAVETANK_ENGINE_LOG_WAL_H_
#define WAVETANK_ENGINE_LOG_WAL_H_

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/env/env.h"
#include "engine/env/mutex.h"
#include "engine/log/batch_buffer.h"
#include "engine/log/entry_index.h"
#include "engine/log/log_options.h"
#include "engine/log/log_storage.h"
#include "engine/log/recovery.h"
#include "engine/log/segment_file.h"

namespace wt {

class Wal final : public LogStorage {
 public:
  Wal(Env env, LogOptions options, RecoveredLog recovered);

  // Begins the fresh segment and the background work. Once, before anything else. Suspends.
  absl::Status Start(std::span<const uint64_t> superfluous);

  absl::StatusOr<LogIndex> Append(const LogEntry& entry) override;
  absl::StatusOr<LogIndex> AppendBatch(std::span<const LogEntry> entries) override;
  absl::Status Sync() override;
  absl::StatusOr<LogEntry> Get(LogIndex index) override;
  absl::StatusOr<std::vector<LogEntry>> GetRange(LogIndex start, LogIndex end,
                                                 uint64_t max_bytes) override;
  LogIndex first_index() override;
  LogIndex last_index() override;
  LogIndex durable_index() override;
  Term last_term() override;
  absl::StatusOr<Term> TermAt(LogIndex index) override;
  absl::Status Truncate(LogIndex from) override;
  absl::Status Compact(LogIndex through) override;
  absl::Status Reset(LogIndex index, Term term) override;
  std::vector<DamagedEntry> Damaged() override;
  absl::Status Repair(const LogEntry& entry) override;
  absl::Status SetHardState(const HardState& state) override;
  HardState hard_state() override;
  uint64_t size_bytes() override;
  absl::Status Close() override;

 private:
  // The batch that is being written.
  struct Flight {
    std::unique_ptr<BatchBuffer> buffer;  // null when nothing is in flight
    BatchHeader header;
    uint64_t changes = 0;
    LogIndex last_index;
  };

  // What a piece of log needs of the open batch.
  struct Need {
    uint64_t payload = 0;
    uint64_t records = 0;
  };

  // An entry of a range, as the index had it, with its bytes when they were in memory.
  struct Wanted {
    LogIndex index;
    EntrySlot slot;
    std::shared_ptr<File> file;  // null when `command` is set
    std::string command;
    absl::Status unread;  // why there is no command
  };

  // Bytes to be written in place.
  struct Patch {
    uint64_t offset = 0;
    std::string bytes;
  };

  // wal.cc
  absl::Status Usable() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool SegmentFits(Need need) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool Fits(Need need) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status CheckOrder(std::span<const LogEntry> entries) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::StatusOr<Need> NeedOf(std::span<const LogEntry> entries) const;
  void AddEntry(const LogEntry& entry, uint32_t checksum) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void AddTruncate(LogIndex from) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Returns the number of the change, for SyncThrough.
  absl::StatusOr<uint64_t> AddEntries(std::span<const LogEntry> entries);
  absl::Status AfterAppend(uint64_t change);
  absl::Status SyncThrough(uint64_t change);

  // wal_io.cc: all of it with the I/O token held, except for who takes it.
  void AwaitToken() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status MakeRoom(Need need);
  absl::Status RollNow();
  absl::Status WriteNow();
  void StartBatch(uint32_t flags) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool HasUntaken() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return changes_ != taken_; }
  void PlaceBufferedEntries(uint64_t segment, uint64_t offset) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status WriteFlight();
  absl::Status SyncActive();
  void WriteZeros(File& file, uint64_t from, uint64_t until);
  absl::Status Seal();
  absl::Status Roll(uint64_t room);
  absl::StatusOr<Segment> NewSegment(const SegmentHeader& header);
  absl::Status BeginSegment(const SegmentHeader& header);
  SegmentHeader NextHeader(uint64_t room) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Gives the token back; an error other than ResourceExhausted poisons. Returns `status`.
  absl::Status Release(absl::Status status);
  void Poison(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Makes the names of segments durable, also without the I/O token. One at a time, and none after
  // one that failed: that may have lost names which the next would promise.
  absl::Status SyncNames() ABSL_LOCKS_EXCLUDED(mu_, names_mu_);

  // wal_reads.cc
  absl::StatusOr<std::vector<Wanted>> Collect(LogIndex start, LogIndex end, uint64_t max_bytes);
  Wanted Want(LogIndex index) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status ReadRun(std::span<Wanted> run);
  void ReadOneByOne(std::span<Wanted> run);
  absl::StatusOr<LogEntry> Verified(Wanted wanted);
  // With salvage: remembers that the entry is damaged, or is not. Returns what a Get says.
  absl::Status NoteDamage(const Wanted& wanted, const absl::Status& what);
  void NoteHealth(const Wanted& wanted);
  bool IsStill(const Wanted& wanted) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  // wal_repair.cc
  absl::Status CheckIdentity(const LogEntry& entry) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status Rewrite(const Wanted& damaged, std::string_view command);
  absl::StatusOr<Patch> PatchFor(const Wanted& damaged, std::string_view command);
  absl::Status CoverLowEdge(const Wanted& damaged, Patch& patch);
  absl::Status CoverHighEdge(const Wanted& damaged, Patch& patch);

  // wal_lifecycle.cc
  absl::Status RemoveOldest(LogIndex through, bool* removed);
  absl::Status RemoveAll(std::span<const uint64_t> segments);
  absl::Status InstallReset(LogIndex index, Term term);
  void DropEntriesOf(uint64_t segment) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void AwaitCompaction() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status WriteMark();
  absl::Status WriteWitness();
  bool AwaitTick(Duration period);
  void FlushLoop();
  void MarkLoop();

  Env env_;
  const LogOptions options_;
  Mutex names_mu_;  // before mu_
  Mutex mu_;
  CondVar progress_;  // the token is free, or something became durable, or poison
  CondVar stopping_;
  std::vector<std::unique_ptr<Task>> tasks_;

  absl::Status poison_ ABSL_GUARDED_BY(mu_);
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  bool stop_ ABSL_GUARDED_BY(mu_) = false;
  bool busy_ ABSL_GUARDED_BY(mu_) = false;        // the I/O token is taken
  bool rolling_ ABSL_GUARDED_BY(mu_) = false;     // nothing may be added to the open batch
  bool compacting_ ABSL_GUARDED_BY(mu_) = false;  // old segments are being removed

  EntryIndex index_ ABSL_GUARDED_BY(mu_);
  std::set<LogIndex> damaged_ ABSL_GUARDED_BY(mu_);  // of index_; only with salvage
  HardState hard_state_ ABSL_GUARDED_BY(mu_);
  std::unique_ptr<BatchBuffer> open_ ABSL_GUARDED_BY(mu_);
  std::unique_ptr<BatchBuffer> spare_ ABSL_GUARDED_BY(mu_);
  Flight flight_ ABSL_GUARDED_BY(mu_);

  // Every append, truncation and hard state is a change; these count how far each has come.
  uint64_t changes_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t last_truncation_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t taken_ ABSL_GUARDED_BY(mu_) = 0;  // into flight
  uint64_t written_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t durable_ ABSL_GUARDED_BY(mu_) = 0;
  LogIndex taken_last_ ABSL_GUARDED_BY(mu_);  // last index when the open batch was begun
  LogIndex written_last_ ABSL_GUARDED_BY(mu_);
  LogIndex durable_last_ ABSL_GUARDED_BY(mu_);

  std::vector<Segment> segments_ ABSL_GUARDED_BY(mu_);  // the last is the active one
  bool active_ ABSL_GUARDED_BY(mu_) = false;            // the last segment takes batches
  uint64_t end_ ABSL_GUARDED_BY(mu_) = 0;               // where the next batch goes
  uint64_t room_ ABSL_GUARDED_BY(mu_) = 0;              // reserved bytes of the active segment
  uint64_t durable_bytes_ ABSL_GUARDED_BY(mu_) = 0;     // of the active segment
  bool unvouched_ ABSL_GUARDED_BY(mu_) = false;         // no later batch vouches for the last one
  uint64_t next_segment_ ABSL_GUARDED_BY(mu_);
  uint64_t batch_seq_ ABSL_GUARDED_BY(mu_);
  const uint64_t incarnation_;
  // Belongs to who holds the I/O token.
  Hash128 chain_;
  uint64_t zeroed_ = 0;  // how far the active segment has been written, if only with zeros
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_LOG_WAL_H_
