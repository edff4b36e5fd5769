// A snapshot from another replica becomes this engine's state.
#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/engine.h"

namespace wt {
namespace {

// Ends with an error as soon as the engine has: a transfer must not outlive it by a whole state.
class GuardedSource : public ChunkSource {
 public:
  GuardedSource(ChunkSource& under, std::function<absl::Status()> guard)
      : under_(under), guard_(std::move(guard)) {}

  absl::StatusOr<std::string> Next() override {
    WT_RETURN_IF_ERROR(guard_());
    return under_.Next();
  }

 private:
  ChunkSource& under_;
  std::function<absl::Status()> guard_;
};

}  // namespace

absl::Status Engine::InstallSnapshot(LogIndex index, Term term, Hash128 state_digest,
                                     ChunkSource& state) {
  MutexLock one(snapshot_mu_);
  WT_RETURN_IF_ERROR(stopped_status());
  if (index <= last_applied()) return absl::OkStatus();
  WT_RETURN_IF_ERROR(CheckInstall(index, term));
  WT_ASSIGN_OR_RETURN(
      const Snapshot snapshot,
      HaveSnapshot({.index = index, .term = term, .state_digest = state_digest}, state));
  if (absl::Status adopted = Adopt(snapshot); !adopted.ok()) {
    // An engine that has stopped may have left a log that begins behind it. Where it stays, the
    // next open takes it. So does who tries again when there is room. A damaged one stays for who
    // looks what has become of it.
    const bool is_given_up = stopped_status().ok() && !absl::IsResourceExhausted(adopted);
    if (is_given_up) snapshots_->DeleteWhole(snapshot.id).IgnoreError();
    return adopted;
  }
  snapshot_index_ = std::max(snapshot_index_, index);
  WT_CHECK_GE(last_applied(), index);
  WT_CHECK_GE(commit_index(), index);
  // The install is done. What could not be let go of now goes with the next snapshot, unless the
  // engine has stopped over it.
  if (LetGoOfOldest().ok()) return absl::OkStatus();
  return stopped_status();
}

absl::Status Engine::ClearReceived(LogIndex index, Term term) {
  MutexLock one(snapshot_mu_);
  WT_RETURN_IF_ERROR(stopped_status());
  const LogIndex applied = last_applied();
  if (index <= applied) {
    return AlreadyExists("snapshot of entry %d: the state here is that of entry %d", index.value(),
                         applied.value());
  }
  WT_SOMETIMES(env_.events, "engine.received_cleared", HasSnapshotOf(index));
  return ClearSnapshot(index, term);
}

// Not written again when it is here: Adopt verifies it as it reads it.
absl::StatusOr<Snapshot> Engine::HaveSnapshot(const Snapshot& wanted, ChunkSource& state) {
  for (const Snapshot& here : snapshots_->List()) {
    const bool is_wanted = here.index == wanted.index && here.term == wanted.term &&
                           here.state_digest == wanted.state_digest;
    WT_SOMETIMES(env_.events, "engine.install_had_snapshot", is_wanted);
    if (is_wanted) return here;
  }
  WT_RETURN_IF_ERROR(ClearSnapshot(wanted.index, wanted.term));
  GuardedSource guarded(state, [this] { return stopped_status(); });
  return snapshots_->Create(wanted.index, wanted.term, wanted.state_digest, guarded);
}

// What is committed here is the same everywhere.
absl::Status Engine::CheckInstall(LogIndex index, Term term) {
  const absl::StatusOr<Term> known = log_->TermAt(index);
  if (index > commit_index() || !known.ok() || *known == term) return absl::OkStatus();
  return InvalidArgument("snapshot of entry %d, term %d: the entry is committed here with term %d",
                         index.value(), term.value(), known->value());
}

absl::Status Engine::Adopt(const Snapshot& snapshot) {
  WT_ASSIGN_OR_RETURN(std::unique_ptr<ChunkSource> source, snapshots_->Load(snapshot.id));
  MutexLock apply(apply_mu_);
  WT_RETURN_IF_ERROR(stopped_status());
  if (snapshot.index <= last_applied()) {
    env_.events.Reached("engine.install_overtaken");
    return absl::OkStatus();
  }
  if (snapshot.term < last_applied_term_) {
    return InvalidArgument("%s: term %d is applied here already", snapshot.id,
                           last_applied_term_.value());
  }
  const std::unique_ptr<ChunkSource> before = machine_.Freeze();
  const Hash128 digest_before = machine_.Digest();
  absl::Status adopted = RestoreFrom(*source, snapshot);
  if (adopted.ok()) adopted = ContinueBehind(snapshot);
  if (adopted.ok()) return adopted;
  // A restore that has failed has changed nothing, and another one might fail as well.
  if (machine_.Digest() == digest_before) {
    return absl::IsFailedPrecondition(adopted) ? StopForState(adopted) : adopted;
  }
  env_.events.Reached("engine.install_taken_back");
  if (absl::Status back = machine_.Restore(*before); !back.ok()) return Stop(back);
  WT_CHECK_EQ(machine_.last_applied(), last_applied());
  return adopted;
}

absl::Status Engine::ContinueBehind(const Snapshot& snapshot) {
  {
    MutexLock order(append_mu_);
    WT_RETURN_IF_ERROR(CheckInstall(snapshot.index, snapshot.term));
    const absl::StatusOr<Term> known = log_->TermAt(snapshot.index);
    const bool leads_there = known.ok() && *known == snapshot.term;
    WT_SOMETIMES(env_.events, "engine.install_kept_suffix", leads_there);
    WT_SOMETIMES(env_.events, "engine.install_reset_log", !leads_there);
    if (!leads_there) {
      absl::Status reset = log_->Reset(snapshot.index, snapshot.term);
      if (!reset.ok()) return RefusedOrStopped(reset);
    }
    last_applied_term_ = snapshot.term;
    MutexLock lock(mu_);
    if (!leads_there) ForgetPendingFrom(LogIndex(0));
    if (commit_index_ < snapshot.index) {
      commit_index_ = snapshot.index;
      env_.events.Emit({.kind = EventKind::kCommitAdvanced,
                        .a = commit_index_.value(),
                        .b = log_->last_index().value()});
    }
    WT_CHECK_LE(commit_index_, log_->last_index());
    last_applied_ = snapshot.index;
    bytes_since_snapshot_ = 0;
    ++repairs_;
    env_.events.Emit({.kind = EventKind::kSnapshotInstalled,
                      .a = snapshot.index.value(),
                      .b = snapshot.term.value(),
                      .c = snapshot.bytes,
                      .d = snapshot.reused_bytes,
                      .text = snapshot.id});
    changed_.SignalAll();
  }
  NoteBarrierReached();
  // As in AdvanceCommit: what a poisoned log refuses here, the next Sync tells.
  (void)RememberCommit();
  return absl::OkStatus();
}

}  // namespace wt
