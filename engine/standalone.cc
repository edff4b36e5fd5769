#include "engine/standalone.h"

#include "engine/base/check.h"
#include "engine/base/status.h"

namespace wt {

absl::StatusOr<std::unique_ptr<Standalone>> Standalone::Open(Env env, EngineOptions options,
                                                             StateMachine& machine) {
  std::unique_ptr<Standalone> node(new Standalone(env));
  options.commit_rule = CommitRule::kDurable;
  options.on_applied = [raw = node.get()](const LogEntry& entry, std::string result) {
    raw->OnApplied(entry.index, std::move(result));
  };
  WT_ASSIGN_OR_RETURN(node->engine_, Engine::Open(env, std::move(options), machine));
  if (absl::Status begun = node->BeginTerm(); !begun.ok()) {
    (void)node->Close();
    return begun;
  }
  return node;
}

// Durable before the first entry of the term can be.
absl::Status Standalone::BeginTerm() {
  LogStorage& log = engine_->log();
  HardState state = log.hard_state();
  term_ = std::max(state.term, log.last_term()) + 1;
  state.term = term_;
  WT_RETURN_IF_ERROR(log.SetHardState(state));
  return engine_->Sync();
}

absl::StatusOr<Committed> Standalone::Propose(std::string command) {
  auto outcome = std::make_shared<Outcome>();
  WT_ASSIGN_OR_RETURN(const LogEntry entry, AppendNext(std::move(command), outcome));
  const absl::Status done = MakeDurableAndApply();
  MutexLock lock(outcomes_mu_);
  outcomes_.erase(entry.index);
  if (outcome->known) return Committed{entry.index, entry.term, std::move(outcome->result)};
  WT_CHECK(!done.ok());
  return Unavailable("outcome of entry %d is unknown: %s", entry.index.value(), MessageOf(done));
}

absl::StatusOr<LogEntry> Standalone::AppendNext(std::string command,
                                                std::shared_ptr<Outcome> outcome) {
  MutexLock order(order_mu_);
  LogEntry entry{.term = term_,
                 .index = engine_->last_log_index() + 1,
                 .timestamp = env_.clock.WallNow(),
                 .command = std::move(command)};
  {
    // Before the append: another proposer's sync may commit and apply it at once.
    MutexLock lock(outcomes_mu_);
    outcomes_[entry.index] = std::move(outcome);
  }
  absl::Status appended = engine_->Append({&entry, 1});
  if (appended.ok()) return entry;
  Forget(entry.index);
  // Part of it may be on the disk: only a clean refusal is one.
  if (absl::IsInvalidArgument(appended) || absl::IsResourceExhausted(appended) ||
      absl::IsFailedPrecondition(appended)) {
    return appended;
  }
  return Unavailable("outcome of entry %d is unknown: %s", entry.index.value(),
                     MessageOf(appended));
}

absl::Status Standalone::MakeDurableAndApply() {
  WT_RETURN_IF_ERROR(engine_->Sync());
  engine_->AdvanceCommit(engine_->durable_index());
  return engine_->ApplyCommitted();
}

void Standalone::OnApplied(LogIndex index, std::string result) {
  MutexLock lock(outcomes_mu_);
  auto found = outcomes_.find(index);
  if (found == outcomes_.end()) return;  // replayed, or its proposer gave up
  found->second->known = true;
  found->second->result = std::move(result);
}

void Standalone::Forget(LogIndex index) {
  MutexLock lock(outcomes_mu_);
  outcomes_.erase(index);
}

}  // namespace wt
