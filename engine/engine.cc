#include "engine/engine.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/snapshot/names.h"

namespace wt {
namespace {

constexpr uint64_t kReplayBytes = kMiB;       // entries read at a time while replaying
constexpr uint64_t kLittleReplayBytes = 1;    // one entry: a replay that takes its time
constexpr uint64_t kEntryOverheadBytes = 32;  // an entry's identifier in the log
constexpr uint64_t kPendingBytes = 64 * kMiB;
constexpr Duration kSnapshotRetry = std::chrono::milliseconds(500);
// An unreadable entry may become readable by itself.
constexpr Duration kDamagedRetry = std::chrono::milliseconds(500);

uint64_t SizeInLog(const LogEntry& entry) { return entry.command.size() + kEntryOverheadBytes; }

}  // namespace

Engine::Engine(Env env, EngineOptions options, StateMachine& machine)
    : env_(env),
      options_(std::move(options)),
      machine_(machine),
      replay_bytes_(env.random.Rarely("engine.replay_little") ? kLittleReplayBytes : kReplayBytes),
      snapshot_mu_(env.tasks),
      apply_mu_(env.tasks),
      append_mu_(env.tasks),
      hard_state_mu_(env.tasks),
      mu_(env.tasks),
      changed_(env.tasks),
      snapshot_due_(env.tasks) {}

Engine::~Engine() = default;

absl::Status Engine::Append(std::span<const LogEntry> entries) {
  WT_CHECK(!entries.empty());
  WT_RETURN_IF_ERROR(stopped_status());
  MutexLock order(append_mu_);
  absl::StatusOr<LogIndex> last =
      entries.size() == 1 ? log_->Append(entries.front()) : log_->AppendBatch(entries);
  if (!last.ok()) return RefusedOrStopped(last.status());
  WT_CHECK_EQ(*last, entries.back().index);
  MutexLock lock(mu_);
  for (const LogEntry& entry : entries) Keep(entry);
  if (SnapshotDue()) snapshot_due_.SignalAll();
  return absl::OkStatus();
}

// Refused before effect: the engine goes on. Anything else has poisoned the log.
absl::Status Engine::RefusedOrStopped(const absl::Status& status) {
  if (absl::IsResourceExhausted(status)) NoteFull();
  if (absl::IsInvalidArgument(status) || absl::IsResourceExhausted(status)) return status;
  return Stop(status);
}

void Engine::Keep(const LogEntry& entry) {
  bytes_since_snapshot_ += SizeInLog(entry);
  const bool follows = pending_.empty() || pending_.back().index + 1 == entry.index;
  if (!follows || pending_bytes_ + SizeInLog(entry) > kPendingBytes) return;
  pending_bytes_ += SizeInLog(entry);
  pending_.push_back(entry);
}

void Engine::ForgetPendingFrom(LogIndex from) {
  while (!pending_.empty() && pending_.back().index >= from) {
    pending_bytes_ -= SizeInLog(pending_.back());
    pending_.pop_back();
  }
}

absl::Status Engine::Truncate(LogIndex from) {
  WT_RETURN_IF_ERROR(stopped_status());
  MutexLock order(append_mu_);
  WT_CHECK_GT(from, commit_index());
  if (absl::Status cut = log_->Truncate(from); !cut.ok()) return RefusedOrStopped(cut);
  MutexLock lock(mu_);
  WT_CHECK_GT(from, commit_index_);
  ForgetPendingFrom(from);
  return absl::OkStatus();
}

absl::Status Engine::SetVote(Term term, uint64_t voted_for) {
  WT_RETURN_IF_ERROR(stopped_status());
  MutexLock one(hard_state_mu_);
  HardState state = log_->hard_state();
  WT_CHECK_GE(term, state.term);
  WT_CHECK(term > state.term || state.voted_for == 0 || state.voted_for == voted_for);
  state.term = term;
  state.voted_for = voted_for;
  const absl::Status set = log_->SetHardState(state);
  return set.ok() ? set : RefusedOrStopped(set);
}

absl::Status Engine::Sync() {
  WT_RETURN_IF_ERROR(stopped_status());
  absl::Status synced = log_->Sync();
  if (absl::IsResourceExhausted(synced)) NoteFull();
  if (synced.ok() || absl::IsResourceExhausted(synced)) return synced;
  return Stop(synced);
}

void Engine::AdvanceCommit(LogIndex index) {
  {
    MutexLock lock(mu_);
    const LogIndex last = log_->last_index();
    WT_CHECK_LE(index, last);
    if (index <= commit_index_) return;
    commit_index_ = index;
    env_.events.Emit({.kind = EventKind::kCommitAdvanced, .a = index.value(), .b = last.value()});
  }
  // A log that is poisoned by now fails the next Sync as well.
  (void)RememberCommit();
}

// Carried by the next batch. Not under mu_, for it may have to begin a segment first.
absl::Status Engine::RememberCommit() {
  MutexLock one(hard_state_mu_);
  HardState state = log_->hard_state();
  state.commit_index = std::max(state.commit_index, commit_index());
  return log_->SetHardState(state);
}

absl::Status Engine::ApplyCommitted() {
  const LogIndex through = commit_index();
  for (;;) {
    const uint64_t seen = repairs();
    const absl::Status applied = ApplyThrough(through);
    if (applied.ok()) return applied;
    // With salvage this is one damaged entry, which somebody else may still have.
    if (!options_.log.salvage || !absl::IsDataLoss(applied)) return Stop(applied);
    env_.events.Reached("engine.waited_for_repair");
    WT_RETURN_IF_ERROR(AwaitRepair(seen));
  }
}

absl::Status Engine::ApplyThrough(LogIndex through) {
  MutexLock apply(apply_mu_);
  while (last_applied() < through) WT_RETURN_IF_ERROR(ApplyNext(through));
  return absl::OkStatus();
}

uint64_t Engine::repairs() {
  MutexLock lock(mu_);
  return repairs_;
}

absl::Status Engine::AwaitRepair(uint64_t seen) {
  const Time deadline = env_.clock.Now() + kDamagedRetry;
  {
    MutexLock lock(mu_);
    while (failure_.ok() && !closing_ && repairs_ == seen) {
      const Duration left = deadline - env_.clock.Now();
      if (left <= Duration::zero() || !changed_.WaitFor(mu_, left)) break;
    }
  }
  return stopped_status();
}

absl::Status Engine::Repair(const LogEntry& entry) {
  WT_RETURN_IF_ERROR(stopped_status());
  const absl::Status repaired = log_->Repair(entry);
  if (absl::IsUnavailable(repaired)) return Stop(repaired);
  WT_RETURN_IF_ERROR(repaired);
  MutexLock lock(mu_);
  ++repairs_;
  changed_.SignalAll();
  return absl::OkStatus();
}

absl::Status Engine::ApplyNext(LogIndex through) {
  WT_RETURN_IF_ERROR(stopped_status());
  WT_ASSIGN_OR_RETURN(std::deque<LogEntry> entries, NextEntries(last_applied() + 1, through));
  WT_CHECK(!entries.empty());
  for (const LogEntry& entry : entries) WT_RETURN_IF_ERROR(ApplyOne(entry));
  return absl::OkStatus();
}

// From memory where the entries still are, from the log where they are not (replay).
absl::StatusOr<std::deque<LogEntry>> Engine::NextEntries(LogIndex from, LogIndex through) {
  std::deque<LogEntry> entries;
  {
    MutexLock lock(mu_);
    const auto take = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      LogEntry entry = std::move(pending_.front());
      pending_bytes_ -= SizeInLog(entry);
      pending_.pop_front();
      return entry;
    };
    while (!pending_.empty() && pending_.front().index < from) (void)take();
    if (!pending_.empty() && pending_.front().index == from) {
      while (!pending_.empty() && pending_.front().index <= through) entries.push_back(take());
      return entries;
    }
  }
  WT_ASSIGN_OR_RETURN(std::vector<LogEntry> read, log_->GetRange(from, through + 1, replay_bytes_));
  entries.assign(std::make_move_iterator(read.begin()), std::make_move_iterator(read.end()));
  return entries;
}

absl::Status Engine::ApplyOne(const LogEntry& entry) {
  WT_CHECK_EQ(entry.index, machine_.last_applied() + 1);
  WT_CHECK_GE(entry.term, last_applied_term_);
  const absl::Status prepared = machine_.Prepare(entry);
  if (!prepared.ok()) return StopForState(prepared);
  std::string result;
  {
    NoSuspendScope frozen(env_.tasks);
    result = machine_.Apply(entry);
  }
  const absl::Status settled = machine_.Settle();
  if (!settled.ok()) return StopForState(settled);
  last_applied_term_ = entry.term;
  WT_CHECK_EQ(machine_.last_applied(), entry.index);
  bool is_barrier = false;
  {
    MutexLock lock(mu_);
    WT_CHECK_LE(entry.index, commit_index_);
    last_applied_ = entry.index;
    is_barrier = !barrier_reached_ && last_applied_ >= barrier_;
    env_.events.Emit({.kind = EventKind::kEntryApplied,
                      .a = entry.index.value(),
                      .b = entry.term.value(),
                      .c = Hash64(result),
                      .d = machine_.Digest().low});
  }
  if (options_.on_applied) options_.on_applied(entry, std::move(result));
  if (is_barrier) NoteBarrierReached();
  return absl::OkStatus();
}

// Not DataLoss, whatever it was: that would be taken for an entry of the log, to be repaired. The
// next start builds the state anew, from a snapshot and the log.
absl::Status Engine::StopForState(const absl::Status& failed) {
  env_.events.Reached("engine.stopped_for_state");
  return Stop(Unavailable("state: %s", MessageOf(failed)));
}

void Engine::NoteBarrierReached() {
  MutexLock lock(mu_);
  if (barrier_reached_ || last_applied_ < barrier_) return;
  barrier_reached_ = true;
  env_.events.Emit({.kind = EventKind::kEngineRecovered,
                    .a = last_applied_.value(),
                    .b = commit_index_.value(),
                    .c = log_->last_index().value(),
                    .d = machine_.Digest().low});
  changed_.SignalAll();
  snapshot_due_.SignalAll();
}

absl::Status Engine::AwaitBarrier() {
  MutexLock lock(mu_);
  while (!barrier_reached_ && !closing_ && failure_.ok()) changed_.Wait(mu_);
  if (!failure_.ok()) return Aborted("engine stopped: %s", MessageOf(failure_));
  if (!barrier_reached_) return Aborted("engine closed while replaying");
  return absl::OkStatus();
}

absl::StatusOr<ReadResult> Engine::Query(std::string_view command) {
  WT_RETURN_IF_ERROR(AwaitBarrier());
  MutexLock apply(apply_mu_);
  WT_RETURN_IF_ERROR(stopped_status());
  ReadResult result;
  absl::StatusOr<std::string> value = machine_.Query(command);
  if (!value.ok()) {
    return absl::IsInvalidArgument(value.status()) ? value.status() : StopForState(value.status());
  }
  result.value = *std::move(value);
  MutexLock lock(mu_);
  result.at = last_applied_;
  WT_CHECK_GE(last_applied_, barrier_);
  env_.events.Emit(
      {.kind = EventKind::kReadServed, .a = last_applied_.value(), .b = barrier_.value()});
  return result;
}

absl::Status Engine::TakeSnapshot() {
  WT_RETURN_IF_ERROR(AwaitBarrier());
  MutexLock one(snapshot_mu_);
  std::unique_ptr<ChunkSource> frozen;
  LogIndex index;
  Term term;
  Hash128 digest;
  {
    MutexLock apply(apply_mu_);
    index = machine_.last_applied();
    term = last_applied_term_;
    digest = machine_.Digest();
    bool is_requested = false;
    {
      MutexLock lock(mu_);
      is_requested = std::exchange(snapshot_requested_, false);
      bytes_since_snapshot_ = 0;
    }
    if (index > snapshot_index_ || (is_requested && !HasSnapshotOf(index))) {
      frozen = machine_.Freeze();
    }
  }
  if (frozen == nullptr) return absl::OkStatus();
  WT_RETURN_IF_ERROR(ClearSnapshot(index, term));
  absl::StatusOr<Snapshot> created = snapshots_->Create(index, term, digest, *frozen);
  if (!created.ok()) {
    const std::string error = MessageOf(created.status());
    env_.events.Emit({.kind = EventKind::kSnapshotFailed, .a = index.value(), .text = error});
    if (absl::IsResourceExhausted(created.status())) NoteFull();
    return created.status();
  }
  snapshot_index_ = index;
  if (options_.snapshot_needed) {
    MutexLock lock(mu_);
    is_full_ = false;
  }
  return LetGoOfOldest();
}

void Engine::RequestSnapshot() {
  MutexLock lock(mu_);
  snapshot_requested_ = true;
  snapshot_due_.SignalAll();
}

// A good one: what is known to be damaged is not listed.
bool Engine::HasSnapshotOf(LogIndex index) {
  const std::vector<Snapshot> there = snapshots_->List();
  return std::any_of(there.begin(), there.end(),
                     [&](const Snapshot& one) { return one.index == index; });
}

// A whole one of this name is left of an install that failed; a damaged one is replaced.
absl::Status Engine::ClearSnapshot(LogIndex index, Term term) {
  const absl::Status cleared = snapshots_->DeleteWhole(SnapshotId({index, term}));
  // Closed to changes since a sync failed: without snapshots the log would grow until the next
  // start.
  if (absl::IsFailedPrecondition(cleared)) return Stop(cleared);
  return absl::IsNotFound(cleared) ? absl::OkStatus() : cleared;
}

void Engine::LetGoSoon() {
  MutexLock lock(mu_);
  room_wanted_ = true;
  snapshot_due_.SignalAll();
}

// What is kept for others is kept no longer. Nothing is ever kept for others by one node.
void Engine::NoteFull() {
  if (!options_.snapshot_needed) return;
  MutexLock lock(mu_);
  if (std::exchange(is_full_, true)) return;
  room_wanted_ = true;
  snapshot_due_.SignalAll();
}

bool Engine::TakeRoomWanted() {
  MutexLock lock(mu_);
  return std::exchange(room_wanted_, false);
}

// Only what a kept and durable snapshot covers goes: older snapshots first, then the log.
// One that has been received and not installed counts for nothing: it may yet be given up.
absl::Status Engine::LetGoOfOldest() {
  const LogIndex own = snapshot_index_;
  const std::vector<Snapshot> there = snapshots_->List();
  const auto ahead = static_cast<uint64_t>(
      std::ranges::count_if(there, [own](const Snapshot& one) { return one.index > own; }));
  WT_SOMETIMES(env_.events, "engine.snapshot_ahead", ahead > 0);
  WT_RETURN_IF_ERROR(snapshots_->Compact(options_.snapshots_kept + ahead, PinnedSnapshot()));
  // The oldest one. None: the last has just been found to be damaged.
  LogIndex covered(0);
  for (const Snapshot& one : snapshots_->List()) {
    if (one.index <= own) covered = one.index;
  }
  WT_SOMETIMES(env_.events, "engine.no_snapshot_covers_the_log", covered == LogIndex(0));
  if (covered == LogIndex(0)) return absl::OkStatus();
  absl::Status compacted = log_->Compact(NoLongerNeeded(covered));
  if (compacted.ok() || absl::IsResourceExhausted(compacted)) return compacted;
  return Stop(compacted);
}

LogIndex Engine::PinnedSnapshot() {
  if (!options_.snapshot_needed) return LogIndex(0);
  const LogIndex needed = options_.snapshot_needed();
  MutexLock lock(mu_);
  WT_SOMETIMES(env_.events, "engine.pin_given_up", is_full_ && needed > LogIndex(0));
  return is_full_ ? LogIndex(0) : needed;
}

LogIndex Engine::NoLongerNeeded(LogIndex covered) {
  if (!options_.log_needed) return covered;
  {
    MutexLock lock(mu_);
    if (is_full_) return covered;
  }
  const LogIndex needed = std::min(covered, options_.log_needed());
  const bool is_kept = needed < covered && log_->size_bytes() <= options_.log_kept_bytes;
  WT_SOMETIMES(env_.events, "engine.log_kept_for_others", is_kept);
  return is_kept ? needed : covered;
}

void Engine::ReplayLoop() {
  if (absl::Status applied = ApplyCommitted(); applied.ok()) NoteBarrierReached();
}

bool Engine::SnapshotDue() {
  if (snapshot_requested_ || room_wanted_) return true;
  return options_.snapshot_log_bytes > 0 && bytes_since_snapshot_ >= options_.snapshot_log_bytes;
}

// False when the engine is closing or has stopped.
bool Engine::AwaitSnapshotDue() {
  MutexLock lock(mu_);
  while (!closing_ && failure_.ok()) {
    const Time now = env_.clock.Now();
    if (!barrier_reached_ || !SnapshotDue()) {
      snapshot_due_.Wait(mu_);
    } else if (!room_wanted_ && now < snapshot_not_before_) {
      snapshot_due_.WaitFor(mu_, snapshot_not_before_ - now);
    } else {
      return true;
    }
  }
  return false;
}

void Engine::SnapshotLoop() {
  while (AwaitSnapshotDue()) {
    if (TakeRoomWanted()) {
      if (!options_.snapshot_needed) continue;  // nothing is kept for anybody
      MutexLock one(snapshot_mu_);
      if (snapshots_->List().empty()) continue;
      env_.events.Reached("engine.made_room");
      (void)LetGoOfOldest();  // what could not go goes with the next snapshot
      continue;
    }
    absl::Status taken = TakeSnapshot();
    if (taken.ok()) continue;
    // Not fatal: the log still has everything. Try again in a while, with what is there then.
    MutexLock lock(mu_);
    snapshot_requested_ = true;
    snapshot_not_before_ = env_.clock.Now() + kSnapshotRetry;
  }
}

absl::Status Engine::Stop(const absl::Status& failure) {
  WT_CHECK(!failure.ok());
  MutexLock lock(mu_);
  if (failure_.ok() && !closing_) {
    failure_ = failure;
    env_.events.Emit({.kind = EventKind::kEngineStopped, .text = MessageOf(failure)});
    changed_.SignalAll();
    snapshot_due_.SignalAll();
  }
  return failure;
}

absl::Status Engine::stopped_status() {
  MutexLock lock(mu_);
  if (!failure_.ok()) return FailedPrecondition("engine stopped: %s", MessageOf(failure_));
  if (closing_) return FailedPrecondition("engine is closed");
  return absl::OkStatus();
}

absl::Status Engine::AwaitStopped() {
  MutexLock lock(mu_);
  while (failure_.ok() && !closing_) changed_.Wait(mu_);
  return failure_;
}

absl::Status Engine::Close() {
  {
    MutexLock lock(mu_);
    if (std::exchange(closed_, true)) return absl::OkStatus();
    closing_ = true;
    changed_.SignalAll();
    snapshot_due_.SignalAll();
  }
  if (replay_task_ != nullptr) replay_task_->Join();
  if (snapshot_task_ != nullptr) snapshot_task_->Join();
  return log_->Close();
}

LogIndex Engine::last_applied() {
  MutexLock lock(mu_);
  return last_applied_;
}

LogIndex Engine::commit_index() {
  MutexLock lock(mu_);
  return commit_index_;
}

Hash128 Engine::state_digest() {
  MutexLock apply(apply_mu_);
  return machine_.Digest();
}

}  // namespace wt
