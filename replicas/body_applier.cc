// The applier: what is committed reaches the state machine, and its results those who wait.
#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "replicas/body.h"

namespace wt {

// Called by the engine: from its replay at first, later from ApplyCommitted of the applier alone.
void Replica::Body::OnApplied(const LogEntry& entry, std::string result) {
  if (options_.on_applied) options_.on_applied(entry, result);
  if (keeps_results_) results_.push_back({entry.index, entry.term, std::move(result)});
}

void Replica::Body::ApplyLoop() {
  if (!engine_->AwaitBarrier().ok()) return;
  {
    MutexLock lock(mu_);
    replayed_ = true;
    applied_ = std::max(applied_, engine_->last_applied());
    changed_.SignalAll();
  }
  for (;;) {
    const LogIndex target = AwaitApplicable();
    if (target == LogIndex(0)) return;
    engine_->AdvanceCommit(target);
    if (absl::Status applied = engine_->ApplyCommitted(); !applied.ok()) return Stop(applied);
    NoteApplied();
  }
}

// 0 when the replica has ended.
LogIndex Replica::Body::AwaitApplicable() {
  MutexLock lock(mu_);
  while (!has_ended() && Applicable() <= applied_) {
    applier_waits_ = true;
    applier_wants_append_ = consensus_->commit() > applied_;
    if (Applicable() > applied_) break;
    applier_.Wait(mu_);
  }
  applier_waits_ = false;
  applier_wants_append_ = false;
  if (has_ended()) return LogIndex(0);
  keeps_results_ = !waiters_.empty();
  return Applicable();
}

void Replica::Body::NoteApplied() {
  const LogIndex applied = engine_->last_applied();
  Turn turn;
  {
    MutexLock lock(mu_);
    if (has_ended()) return;
    WT_CHECK_GE(applied, applied_);
    applied_ = applied;
    for (Result& one : results_) {
      waiters_.OnApplied(one.index, one.term, one.result, turn.answers);
    }
    results_.clear();
    waiters_.OnPassed(applied, turn.answers);
    if (applied_waiters_ > 0) applied_changed_.SignalAll();
    Settle(turn);
  }
  Deliver(turn);
}

}  // namespace wt
