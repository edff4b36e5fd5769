// Log + state machine + snapshots, under the index invariants:
//
//   last_applied <= commit_index <= last_log_index, each monotone;
//   snapshot + suffix replay = full replay.
//
// Engine decides nothing: it appends what it is given, applies what it is told is committed, and
// snapshots when the log has grown. Standalone (standalone.h) decides for one node, replicas/ for
// several.
//
// A replica tells it more: entries to remove again (Truncate), terms and votes (SetVote), a
// snapshot from another replica (InstallSnapshot), damaged entries mended from another (Repair),
// and that the machine's memory is not to be trusted (SetAside).
//
// Life of a crash, in Open:
//   1. the newest snapshot that verifies                     (an older one, if the log reaches it)
//   2. the log: a torn tail ends it; damage before its durable end is DATA_LOSS
//   3. what both say must fit: no hole between them, the log not behind the snapshot; under
//      kReplicated a log behind the newest snapshot is begun anew behind it, for that is what an
//      install looks like that was cut off (see LogRecovery::behind_snapshot)
//   4. replay to the commit index, in the background; reads wait at the barrier until it is done
// Before 3 has succeeded, Open makes durable what it has read and removes the leftovers of
// unfinished snapshots; else it changes nothing.
//
// A failed write or sync stops the engine for good (fail-stop): everything later fails, and
// AwaitStopped returns. Reopen to go on. Thread-safe. Every call suspends. Snapshots are written
// and installed beside everything else: Append, Sync and AdvanceCommit do not wait for them.
#ifndef WAVETANK_ENGINE_ENGINE_H_
#define WAVETANK_ENGINE_ENGINE_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/env/env.h"
#include "engine/env/mutex.h"
#include "engine/log/log_options.h"
#include "engine/log/log_storage.h"
#include "engine/snapshot/snapshot_manager.h"
#include "engine/state/state_machine.h"

namespace wt {

// Who says what is committed.
enum class CommitRule {
  kDurable,     // one node: what is durable is committed, after a restart too
  kReplicated,  // the replicas: after a restart, only what the log's hard state says
};

struct EngineOptions {
  // `log.accept` is asked when the engine itself has nothing against what it found.
  LogOptions log;
  SnapshotOptions snapshot;
  uint64_t snapshot_log_bytes = 64 * kMiB;  // a snapshot after so many bytes of entries; 0: never
  uint64_t snapshots_kept = 2;              // the log is kept back to the oldest of them
  // Entries behind this index are kept for others although a snapshot covers them, unless the log
  // occupies more than `log_kept_bytes`. Asked at each compaction. Must not call the engine.
  std::function<LogIndex()> log_needed = {};
  uint64_t log_kept_bytes = 0;
  // The snapshot that ends with this index stays although newer ones are there, and the log behind
  // it; 0: none. Asked at each compaction; not while the disk is full. Must not call the engine.
  std::function<LogIndex()> snapshot_needed = {};
  CommitRule commit_rule = CommitRule::kDurable;
  // Called for each entry as it is applied, in order, with its result. Must not call the engine.
  std::function<void(const LogEntry& entry, std::string result)> on_applied = {};
};

struct ReadResult {
  std::string value;
  LogIndex at;  // the state that answered: exactly the entries up to here
};

class Engine {
 public:
  // `machine` is fresh, lives longer than the engine, and belongs to it until then.
  // Errors: DataLoss (what, where, expected, found: nothing was changed); FailedPrecondition
  // (locked by another); the disk's own.
  static absl::StatusOr<std::unique_ptr<Engine>> Open(Env env, EngineOptions options,
                                                      StateMachine& machine);
  ~Engine();

  // Adds consecutive entries behind the last, atomically over a crash. Not durable yet.
  // Errors: as LogStorage::AppendBatch.
  absl::Status Append(std::span<const LogEntry> entries);

  // Makes what was appended durable. Errors: outcome unknown, the engine has stopped; or
  // ResourceExhausted: outcome unknown, try again when there is room.
  absl::Status Sync();

  // Removes what was appended from `from` on. Durable with the next Sync. Without effect when from
  // > last_log_index. Requires: from > commit_index. Errors: as Append.
  absl::Status Truncate(LogIndex from);

  // The term, and the vote in it (0: nobody). Carried by the next batch, durable with the next
  // Sync. Requires: not an older term, and not another vote in the same. Errors: as Append.
  absl::Status SetVote(Term term, uint64_t voted_for);

  // Entries up to `index` are committed. Requires: index <= last_log_index. Lower than before is
  // without effect.
  void AdvanceCommit(LogIndex index);

  // Applies up to the commit index as it is now; returns when last_applied has reached it, be it by
  // InstallSnapshot. At an entry that is damaged (log.salvage) it waits, holding no lock, until it
  // is repaired; everything else goes on meanwhile, but for Query and TakeSnapshot before the
  // barrier. Errors: DataLoss when the log cannot be read: the engine has then stopped;
  // FailedPrecondition when it stopped or was closed meanwhile. Where what the state lies on fails
  // the machine, the engine has stopped.
  absl::Status ApplyCommitted();

  // Answers a reading command from the applied state; entries are not applied meanwhile. Waits at
  // the barrier: until everything that was committed when the engine opened is applied again.
  // Errors: InvalidArgument; Aborted when the engine stopped meanwhile; Unavailable: what the state
  // lies on failed, and the engine has stopped.
  absl::StatusOr<ReadResult> Query(std::string_view command);

  // Waits until last_applied has reached what was committed at Open.
  absl::Status AwaitBarrier();

  // Writes a snapshot of the applied state now, then lets go of older ones and of the log before
  // the oldest kept. OK without effect when nothing was applied since the last.
  absl::Status TakeSnapshot();

  // A snapshot soon, also where nothing was applied since one that turned out to be damaged. Does
  // not wait for it.
  void RequestSnapshot();

  // Soon, and not only at the next snapshot, lets go of what was kept for others and is needed no
  // longer (log_needed, snapshot_needed). Does not wait for it.
  void LetGoSoon();

  // Takes over a snapshot from another replica: a committed state of the same history. It is made
  // durable here and verified before anything changes; then the state machine is restored from it,
  // the log goes on behind it (and keeps what it has behind an entry of this index and term),
  // commit_index and last_applied are at least `index`. One that is here already, whole, is taken
  // as it is, and `state` is not read. The entries that it covers are never given to on_applied.
  // OK without effect when index <= last_applied. After a crash anywhere, Open has none or all of
  // it (kReplicated). `state` must yield what Freeze() gave. A closed or stopped engine breaks it
  // off at the next chunk, for which Close may wait; it must have returned before the engine goes.
  // Errors: InvalidArgument: contradicts what is committed here; DataLoss (damaged),
  //   ResourceExhausted, Unavailable, and the source's own: nothing has changed, unless the engine
  //   has stopped (of ResourceExhausted a whole snapshot may stay, for the next try);
  //   FailedPrecondition: stopped or closed.
  absl::Status InstallSnapshot(LogIndex index, Term term, Hash128 state_digest, ChunkSource& state);

  // Makes room in snapshots() for one that another replica sends: a whole one of this name, left
  // of an earlier attempt, goes. Errors: AlreadyExists: the state here is as far, and what has the
  // name may be the engine's own; FailedPrecondition: stopped or closed, and it stops where the
  // folder takes no changes any more; else as SnapshotManager::DeleteWhole.
  absl::Status ClearReceived(LogIndex index, Term term);

  // See LogStorage; Repair wakes whoever waits for the entry.
  std::vector<DamagedEntry> Damaged() { return log_->Damaged(); }
  absl::Status Repair(const LogEntry& entry);

  // Returns when the engine has stopped: its failure, or OK after Close.
  absl::Status AwaitStopped();

  // Stops background work and closes the log. Twice is fine.
  absl::Status Close();

  LogIndex last_applied();
  LogIndex commit_index();
  LogIndex last_log_index() { return log_->last_index(); }
  LogIndex durable_index() { return log_->durable_index(); }
  Hash128 state_digest();
  HardState hard_state() { return log_->hard_state(); }
  // What Open found of the log, before it changed anything.
  const LogRecovery& recovery() const { return recovery_; }
  LogStorage& log() { return *log_; }
  SnapshotManager& snapshots() { return *snapshots_; }

  // For a machine whose log or snapshots are beyond repair, or another's: writes a durable note
  // that it has forgotten ("AMNESIA", saying `why`), then moves both folders to "aside-<n>/", n
  // being the smallest number where neither is. Nothing is ever deleted. Where it was cut off it is
  // to be called again; when there is nothing to move it only writes the note. Suspends. Errors:
  // FailedPrecondition while an engine is open here; the disk's own.
  static absl::Status SetAside(Env env, const EngineOptions& options, std::string_view why);
  // Whether the note is there. Suspends.
  static absl::StatusOr<bool> Amnesiac(Env env);
  // Removes the note, durably. OK when there is none. Suspends. Errors: it may come back.
  static absl::Status EndAmnesia(Env env);

 private:
  Engine(Env env, EngineOptions options, StateMachine& machine);

  // Recovery, in engine_recovery.cc.
  absl::Status Recover();
  absl::Status RestoreNewestSnapshot(absl::Status* damage);
  absl::Status TryRestore(const Snapshot& snapshot);
  absl::Status CheckFit(const LogRecovery& log, const absl::Status& damage) const;
  absl::Status FinishInstall();
  absl::Status CheckSameHistory(const EntryIndex& entries);
  void BeginReplay();

  // The machine becomes what `source` gives, which must be the state of `snapshot`.
  absl::Status RestoreFrom(ChunkSource& source, const Snapshot& snapshot)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(apply_mu_);

  // What a failed change of the log means: refused, or the engine stops. Returns `status`.
  absl::Status RefusedOrStopped(const absl::Status& status);
  void Keep(const LogEntry& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void ForgetPendingFrom(LogIndex from) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status RememberCommit();

  absl::Status ApplyThrough(LogIndex through);
  uint64_t repairs();
  absl::Status AwaitRepair(uint64_t seen);
  absl::Status ApplyNext(LogIndex through) ABSL_EXCLUSIVE_LOCKS_REQUIRED(apply_mu_);
  absl::StatusOr<std::deque<LogEntry>> NextEntries(LogIndex from, LogIndex through);
  absl::Status ApplyOne(const LogEntry& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(apply_mu_);
  absl::Status StopForState(const absl::Status& failed);
  void NoteBarrierReached();
  absl::Status Stop(const absl::Status& failure);  // returns it
  absl::Status stopped_status();

  bool HasSnapshotOf(LogIndex index);
  void ReplayLoop();
  void SnapshotLoop();
  bool AwaitSnapshotDue();
  bool SnapshotDue() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status ClearSnapshot(LogIndex index, Term term);
  absl::Status LetGoOfOldest();
  LogIndex PinnedSnapshot();
  LogIndex NoLongerNeeded(LogIndex covered);
  void NoteFull();
  bool TakeRoomWanted();

  // Installing, in engine_install.cc.
  absl::Status CheckInstall(LogIndex index, Term term);
  absl::StatusOr<Snapshot> HaveSnapshot(const Snapshot& wanted, ChunkSource& state);
  absl::Status Adopt(const Snapshot& snapshot);
  absl::Status ContinueBehind(const Snapshot& snapshot) ABSL_EXCLUSIVE_LOCKS_REQUIRED(apply_mu_);

  Env env_;
  const EngineOptions options_;
  StateMachine& machine_;
  const uint64_t replay_bytes_;  // entries read at a time while replaying
  std::unique_ptr<FileLock> lock_;
  std::unique_ptr<LogStorage> log_;
  LogRecovery recovery_;
  std::unique_ptr<SnapshotManager> snapshots_;

  // In this order, where more than one is held:
  Mutex snapshot_mu_;     // one snapshot at a time
  Mutex apply_mu_;        // the state machine
  Mutex append_mu_;       // appends reach the log and pending_ in one order
  Mutex hard_state_mu_;   // the log's hard state: read, changed and written in one step
  Mutex mu_;              // everything below; never held over I/O
  CondVar changed_;       // barrier_reached_, repairs_, closing_, failure_
  CondVar snapshot_due_;  // bytes_since_snapshot_, barrier_reached_, closing_, failure_
  // Appended, not yet applied; as many as kPendingBytes allow, the log has them all.
  std::deque<LogEntry> pending_ ABSL_GUARDED_BY(mu_);
  uint64_t pending_bytes_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t repairs_ ABSL_GUARDED_BY(mu_) = 0;  // counts what may end the wait for a damaged entry
  LogIndex commit_index_ ABSL_GUARDED_BY(mu_);
  LogIndex last_applied_ ABSL_GUARDED_BY(mu_);
  LogIndex barrier_ ABSL_GUARDED_BY(mu_);
  bool barrier_reached_ ABSL_GUARDED_BY(mu_) = false;
  uint64_t bytes_since_snapshot_ ABSL_GUARDED_BY(mu_) = 0;
  bool snapshot_requested_ ABSL_GUARDED_BY(mu_) = false;
  Time snapshot_not_before_ ABSL_GUARDED_BY(mu_) = Time();  // the last one has failed
  bool is_full_ ABSL_GUARDED_BY(mu_) = false;               // until a snapshot finds room
  bool room_wanted_ ABSL_GUARDED_BY(mu_) = false;
  bool closing_ ABSL_GUARDED_BY(mu_) = false;
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  absl::Status failure_ ABSL_GUARDED_BY(mu_);

  Term last_applied_term_ ABSL_GUARDED_BY(apply_mu_);
  LogIndex snapshot_index_ ABSL_GUARDED_BY(snapshot_mu_);

  std::unique_ptr<Task> replay_task_;
  std::unique_ptr<Task> snapshot_task_;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_ENGINE_H_
