// Log + state machine + snapshots, under the index invariants:
//
//   last_applied <= commit_index <= last_log_index, each monotone;
//   snapshot + suffix replay = full replay.
//
// Engine decides nothing: it appends what it is given, applies what it is told is committed, and
// snapshots when the log has grown. Standalone (standalone.h) decides for one node, replicas/ for
// several.
//
// Life of a crash, in Open:
//   1. the newest snapshot that verifies                     (an older one, if the log reaches it)
//   2. the log: a torn tail ends it; damage before its durable end is DATA_LOSS
//   3. what both say must fit: no hole between them, the log not behind the snapshot
//   4. replay to the commit index, in the background; reads wait at the barrier until it is done
// Before 3 has succeeded, Open makes durable what it has read and removes the leftovers of
// unfinished snapshots; else it changes nothing.
//
// A failed write or sync stops the engine for good (fail-stop): everything later fails, and
// AwaitStopped returns. Reopen to go on. Thread-safe. Every call suspends.
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
  LogOptions log;
  SnapshotOptions snapshot;
  uint64_t snapshot_log_bytes = 64 * kMiB;  // a snapshot after so many bytes of entries; 0: never
  uint64_t snapshots_kept = 2;              // the log is kept back to the oldest of them
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

  // Entries up to `index` are committed. Requires: index <= last_log_index. Lower than before is
  // without effect.
  void AdvanceCommit(LogIndex index);

  // Applies up to the commit index as it is now; returns when last_applied has reached it.
  // Errors: DataLoss when the log cannot be read; the engine has then stopped.
  absl::Status ApplyCommitted();

  // Answers a reading command from the applied state. Waits at the barrier: until everything that
  // was committed when the engine opened is applied again. Errors: InvalidArgument; Aborted
  // when the engine stopped meanwhile.
  absl::StatusOr<ReadResult> Query(std::string_view command);

  // Waits until last_applied has reached what was committed at Open.
  absl::Status AwaitBarrier();

  // Writes a snapshot of the applied state now, then lets go of older ones and of the log before
  // the oldest kept. OK without effect when nothing was applied since the last.
  absl::Status TakeSnapshot();

  // Returns when the engine has stopped: its failure, or OK after Close.
  absl::Status AwaitStopped();

  // Stops background work and closes the log. Twice is fine.
  absl::Status Close();

  LogIndex last_applied();
  LogIndex commit_index();
  LogIndex last_log_index() { return log_->last_index(); }
  LogIndex durable_index() { return log_->durable_index(); }
  Hash128 state_digest();
  LogStorage& log() { return *log_; }
  SnapshotManager& snapshots() { return *snapshots_; }

 private:
  Engine(Env env, EngineOptions options, StateMachine& machine);

  // Recovery, in engine_recovery.cc.
  absl::Status Recover();
  absl::Status RestoreNewestSnapshot(absl::Status* damage);
  absl::Status TryRestore(const Snapshot& snapshot);
  absl::Status CheckFit(const LogRecovery& log, const absl::Status& damage) const;
  void BeginReplay();

  absl::Status ApplyNext(LogIndex through) ABSL_EXCLUSIVE_LOCKS_REQUIRED(apply_mu_);
  absl::StatusOr<std::deque<LogEntry>> NextEntries(LogIndex from, LogIndex through);
  void ApplyOne(const LogEntry& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(apply_mu_);
  void NoteBarrierReached();
  absl::Status Stop(const absl::Status& failure);  // returns it
  absl::Status stopped_status();

  void ReplayLoop();
  void SnapshotLoop();
  bool AwaitSnapshotDue();
  bool SnapshotDue() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status LetGoOfOldest();

  Env env_;
  const EngineOptions options_;
  StateMachine& machine_;
  const uint64_t replay_bytes_;  // entries read at a time while replaying
  std::unique_ptr<FileLock> lock_;
  std::unique_ptr<LogStorage> log_;
  std::unique_ptr<SnapshotManager> snapshots_;

  Mutex append_mu_;    // appends reach the log and pending_ in one order; before mu_
  Mutex apply_mu_;     // the state machine; before mu_
  Mutex snapshot_mu_;  // one snapshot at a time; before apply_mu_
  Mutex mu_;           // everything below
  CondVar changed_;    // progress_, closing_, failure_, bytes_since_snapshot_
  std::deque<LogEntry> pending_ ABSL_GUARDED_BY(mu_);  // appended, not yet applied
  LogIndex commit_index_ ABSL_GUARDED_BY(mu_);
  LogIndex last_applied_ ABSL_GUARDED_BY(mu_);
  LogIndex barrier_ ABSL_GUARDED_BY(mu_);
  bool barrier_reached_ ABSL_GUARDED_BY(mu_) = false;
  uint64_t bytes_since_snapshot_ ABSL_GUARDED_BY(mu_) = 0;
  bool snapshot_delayed_ ABSL_GUARDED_BY(mu_) = false;
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
