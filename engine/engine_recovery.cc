#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/engine.h"
#include "engine/log/entry_index.h"

namespace wt {

absl::StatusOr<std::unique_ptr<Engine>> Engine::Open(Env env, EngineOptions options,
                                                     StateMachine& machine) {
  WT_CHECK(machine.last_applied() == LogIndex(0));
  if (options.snapshots_kept == 0) return InvalidArgument("snapshots_kept: 0, want at least 1");
  env.events.Emit({.kind = EventKind::kEngineOpening});
  std::unique_ptr<Engine> engine(new Engine(env, std::move(options), machine));
  if (absl::Status recovered = engine->Recover(); !recovered.ok()) {
    if (absl::IsDataLoss(recovered)) {
      env.events.Emit({.kind = EventKind::kEngineRefused, .text = MessageOf(recovered)});
    }
    return recovered;
  }
  engine->BeginReplay();
  return engine;
}

absl::Status Engine::Recover() {
  WT_ASSIGN_OR_RETURN(lock_, env_.disk.Lock("LOCK"));
  WT_ASSIGN_OR_RETURN(snapshots_, OpenSnapshotManager(env_, options_.snapshot));
  absl::Status damage;
  WT_RETURN_IF_ERROR(RestoreNewestSnapshot(&damage));
  // Asked before the log changes anything: a refusal must leave the disk as it was.
  LogOptions log = options_.log;
  bool behind_snapshot = false;
  log.accept = [&](LogRecovery found) -> absl::Status {
    behind_snapshot = found.last_index < machine_.last_applied();
    found.behind_snapshot = behind_snapshot;
    WT_RETURN_IF_ERROR(CheckFit(found, damage));
    WT_RETURN_IF_ERROR(CheckSameHistory(*found.entries));
    return options_.log.accept ? options_.log.accept(found) : absl::OkStatus();
  };
  WT_ASSIGN_OR_RETURN(log_, OpenWal(env_, std::move(log), &recovery_));
  recovery_.behind_snapshot = behind_snapshot;
  if (options_.commit_rule != CommitRule::kReplicated) return absl::OkStatus();
  absl::Status finished = FinishInstall();
  if (!finished.ok()) log_->Close().IgnoreError();  // what works in its background ends
  return finished;
}

// An install makes the snapshot durable first, the log's new beginning then: a crash in between
// leaves a log that does not lead to the snapshot. Everything in it that was committed is in the
// snapshot.
absl::Status Engine::FinishInstall() {
  const LogIndex restored = machine_.last_applied();
  if (restored == LogIndex(0)) return absl::OkStatus();
  Term term;
  {
    MutexLock apply(apply_mu_);
    term = last_applied_term_;
  }
  const absl::StatusOr<Term> found = log_->TermAt(restored);
  if (found.ok() && *found == term) return absl::OkStatus();
  if (found.ok() && log_->hard_state().commit_index >= restored) {
    return DataLoss("%s: entry %d, which was committed, has term %d, but a snapshot of it has %d",
                    options_.log.directory, restored.value(), found->value(), term.value());
  }
  env_.events.Reached("engine.install_finished_at_open");
  return log_->Reset(restored, term);
}

// The newest snapshot that can be read, verifies and restores. An older one gives the same answer
// where the log still has every entry behind it, and so does the log alone: that is for CheckFit to
// say. `damage`: what is wrong with the newest of those that were passed over.
absl::Status Engine::RestoreNewestSnapshot(absl::Status* damage) {
  const std::string blank = machine_.GetState();
  for (const absl::Status& damaged : snapshots_->Damaged()) damage->Update(damaged);
  for (const Snapshot& snapshot : snapshots_->List()) {
    absl::Status restored = TryRestore(snapshot);
    if (restored.ok()) {
      WT_SOMETIMES(env_.events, "engine.restored_older_snapshot", !damage->ok());
      break;
    }
    if (!absl::IsDataLoss(restored) && !absl::IsUnavailable(restored)) return restored;
    damage->Update(restored);
    WT_RETURN_IF_ERROR(machine_.SetState(blank));  // nothing of what was found wrong may stay
  }
  return absl::OkStatus();
}

absl::Status Engine::TryRestore(const Snapshot& snapshot) {
  MutexLock one(snapshot_mu_);
  MutexLock apply(apply_mu_);
  absl::StatusOr<std::unique_ptr<ChunkSource>> source = snapshots_->Load(snapshot.id);
  const absl::Status restored = source.ok() ? RestoreFrom(**source, snapshot) : source.status();
  if (!restored.ok()) {
    // Else it is what the state is to lie on that has failed.
    if (!source.ok() || absl::IsDataLoss(restored)) {
      const std::string error = MessageOf(restored);
      env_.events.Emit({.kind = EventKind::kSnapshotDamaged, .text = error});
    }
    return restored;
  }
  snapshot_index_ = snapshot.index;
  last_applied_term_ = snapshot.term;
  env_.events.Emit({.kind = EventKind::kSnapshotRestored,
                    .a = snapshot.index.value(),
                    .b = snapshot.term.value(),
                    .d = machine_.Digest().low,
                    .text = snapshot.id});
  return absl::OkStatus();
}

absl::Status Engine::RestoreFrom(ChunkSource& source, const Snapshot& snapshot) {
  WT_RETURN_IF_ERROR(machine_.Restore(source));
  if (machine_.Digest() != snapshot.state_digest) {
    return DataLoss("snapshot/%s: state digest %s, want %s", snapshot.id,
                    machine_.Digest().ToString(), snapshot.state_digest.ToString());
  }
  if (machine_.last_applied() != snapshot.index) {
    return DataLoss("snapshot/%s: the state after entry %d, want %d", snapshot.id,
                    machine_.last_applied().value(), snapshot.index.value());
  }
  return absl::OkStatus();
}

// `damage`: why newer snapshots were passed over, or OK.
absl::Status Engine::CheckFit(const LogRecovery& log, const absl::Status& damage) const {
  const LogIndex restored = machine_.last_applied();
  if (log.first_index > restored + 1) {
    // Unreadable now is not the same as lost.
    if (!damage.ok() && !absl::IsDataLoss(damage)) return damage;
    if (!log.gap.ok()) return log.gap;
    const std::string why = damage.ok() ? "" : "; " + MessageOf(damage);
    return DataLoss("%s: begins with entry %d, but the newest good snapshot ends with %d%s",
                    options_.log.directory, log.first_index.value(), restored.value(), why);
  }
  if (log.last_index < restored && options_.commit_rule == CommitRule::kDurable) {
    return DataLoss("%s: ends with entry %d, but a snapshot of entry %d was taken from it",
                    options_.log.directory, log.last_index.value(), restored.value());
  }
  if (std::max(log.last_index, restored) < log.hard_state.commit_index) {
    return DataLoss("%s: ends with entry %d, but %d was committed", options_.log.directory,
                    log.last_index.value(), log.hard_state.commit_index.value());
  }
  return absl::OkStatus();
}

// Under kReplicated that is for FinishInstall to say.
absl::Status Engine::CheckSameHistory(const EntryIndex& entries) {
  const LogIndex restored = machine_.last_applied();
  if (options_.commit_rule != CommitRule::kDurable || restored == LogIndex(0)) {
    return absl::OkStatus();
  }
  MutexLock apply(apply_mu_);
  const Term found = entries.TermAt(restored);
  if (found == last_applied_term_) return absl::OkStatus();
  return DataLoss("%s: entry %d has term %d, but a snapshot of it has %d: not of one history",
                  options_.log.directory, restored.value(), found.value(),
                  last_applied_term_.value());
}

void Engine::BeginReplay() {
  const LogIndex restored = machine_.last_applied();
  const LogIndex last = log_->last_index();
  const bool durable_rules = options_.commit_rule == CommitRule::kDurable;
  {
    MutexLock lock(mu_);
    last_applied_ = restored;
    commit_index_ = durable_rules ? last : std::max(restored, log_->hard_state().commit_index);
    barrier_ = commit_index_;
    bytes_since_snapshot_ = log_->size_bytes();
    env_.events.Emit(
        {.kind = EventKind::kCommitAdvanced, .a = commit_index_.value(), .b = last.value()});
  }
  replay_task_ = env_.tasks.Spawn("replay", [this] { ReplayLoop(); });
  snapshot_task_ = env_.tasks.Spawn("snapshot", [this] { SnapshotLoop(); });
}

}  // namespace wt
