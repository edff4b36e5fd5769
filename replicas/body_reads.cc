// Reads: confirmed by a majority, by the lease, or not at all.
#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "replicas/body.h"

namespace wt {

absl::StatusOr<ReadResult> Replica::Body::Query(std::string_view command,
                                                const QueryOptions& options) {
  const Time deadline = env_.clock.Now() + options.timeout;
  if (options.consistency == Consistency::kStale) {
    {
      MutexLock lock(mu_);
      WT_RETURN_IF_ERROR(CheckFreshness(options));
    }
    WT_RETURN_IF_ERROR(AwaitApplied(LogIndex(0), deadline));
    return engine_->Query(command);
  }
  WT_ASSIGN_OR_RETURN(const LogIndex index, ConfirmRead(options, deadline));
  WT_RETURN_IF_ERROR(AwaitApplied(index, deadline));
  absl::StatusOr<ReadResult> result = engine_->Query(command);
  if (result.ok()) WT_CHECK_GE(result->at, index);
  return result;
}

absl::Status Replica::Body::CheckFreshness(const QueryOptions& options) {
  WT_RETURN_IF_ERROR(StoppedStatus());
  const std::optional<Time> reached = freshness_.reached();
  if (!reached.has_value()) return Unavailable("replica: how old its state is, is not known yet");
  const Duration age = env_.clock.Now() - *reached;
  if (age <= options.max_staleness) return absl::OkStatus();
  return Unavailable("replica: its state may be %d ns old, the limit is %d", age.count(),
                     options.max_staleness.count());
}

absl::StatusOr<LogIndex> Replica::Body::ConfirmRead(const QueryOptions& options, Time deadline) {
  for (;;) {
    auto read = std::make_shared<LocalRead>(env_.tasks);
    Turn turn;
    uint64_t id = 0;
    {
      MutexLock lock(mu_);
      WT_RETURN_IF_ERROR(StoppedStatus());
      const Time now = env_.clock.Now();
      if (now >= deadline) return Unavailable("read: not confirmed in time");
      if (options.consistency == Consistency::kLease) {
        if (std::optional<LogIndex> index = consensus_->LeaseRead(now)) {
          env_.events.Reached("replica.read_by_lease");
          return *index;
        }
      }
      id = Ask(now, read, turn);
      if (id == 0) {
        AwaitChange(deadline);
        continue;
      }
      Settle(turn);
    }
    Deliver(turn);
    MutexLock lock(mu_);
    AwaitAnswer(read, deadline);
    reads_.erase(id);
    if (read->is_answered && !read->refused) return read->index;
    // Whoever refused may not know yet that it is no longer the primary.
    if (!read->refused) continue;
    AwaitChange(std::min(deadline, env_.clock.Now() + options_.consensus.heartbeat));
  }
}

uint64_t Replica::Body::Ask(Time now, const std::shared_ptr<LocalRead>& read, Turn& turn) {
  const NodeId primary = consensus_->primary();
  const bool is_primary = consensus_->role() == Role::kPrimary;
  if (!is_primary && (primary == NodeId(0) || primary == self_)) return 0;
  const uint64_t id = next_read_++;
  reads_[id] = {.local = read, .peer = is_primary ? NodeId(0) : primary};
  if (is_primary) {
    consensus_->ConfirmRead(now, id);
  } else {
    turn.send.push_back(consensus_->Envelope(primary, ReadRequest{.id = id}));
  }
  return id;
}

// A request may be lost, and whoever was asked may be gone: not for longer than an election takes.
void Replica::Body::AwaitAnswer(const std::shared_ptr<LocalRead>& read, Time deadline) {
  const Time until = std::min(deadline, env_.clock.Now() + options_.consensus.election_timeout);
  while (!read->is_answered && !has_ended()) {
    const Time now = env_.clock.Now();
    if (now >= until) return;
    read->changed.WaitFor(mu_, until - now);
  }
}

void Replica::Body::OnReadReady(const ReadReady& ready, Turn& turn) {
  const auto found = reads_.find(ready.id);
  if (found == reads_.end()) return;
  const Read read = found->second;
  reads_.erase(found);
  if (read.local != nullptr) {
    read.local->is_answered = true;
    read.local->refused = ready.refused;
    read.local->index = ready.index;
    read.local->changed.SignalOne();
    return;
  }
  turn.send.push_back(consensus_->Envelope(
      read.peer,
      ReadResponse{.id = read.peers_id, .refused = ready.refused, .index = ready.index}));
}

absl::Status Replica::Body::AwaitApplied(LogIndex index, Time deadline) {
  MutexLock lock(mu_);
  ++applied_waiters_;
  absl::Status status;
  while (!(replayed_ && applied_ >= index)) {
    status = StoppedStatus();
    const Time now = env_.clock.Now();
    if (status.ok() && now >= deadline) {
      status = Unavailable("read: entry %d is not applied in time", index.value());
    }
    if (!status.ok()) break;
    // The replay ends with changed_, an entry is applied with applied_changed_.
    (replayed_ ? applied_changed_ : changed_).WaitFor(mu_, deadline - now);
  }
  --applied_waiters_;
  return status;
}

bool Replica::Body::AwaitChange(Time deadline) {
  const Time now = env_.clock.Now();
  if (now >= deadline) return false;
  changed_.WaitFor(mu_, deadline - now);
  return true;
}

}  // namespace wt
