// What others call.
#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "replicas/body.h"

namespace wt {

absl::StatusOr<Acknowledged> Replica::Body::Propose(std::string command,
                                                    const ProposeOptions& options) {
  const Time deadline = env_.clock.Now() + options.timeout;
  auto pending = std::make_shared<Pending>(env_.tasks);
  Submit({.command = std::move(command), .ack = options.ack, .reply = {.pending = pending}});
  MutexLock lock(mu_);
  while (!pending->is_answered) {
    const Time now = env_.clock.Now();
    if (now >= deadline) return Unavailable("proposal: no outcome is known in time");
    pending->answered.WaitFor(mu_, deadline - now);
  }
  return std::move(pending->result);
}

void Replica::Body::ProposeAsync(std::string command, Ack ack, Done done) {
  WT_CHECK(done != nullptr);
  Submit({.command = std::move(command), .ack = ack, .reply = {.done = std::move(done)}});
}

absl::Status Replica::Body::ChangeMembers(const Configuration& target, Duration timeout) {
  const Time deadline = env_.clock.Now() + timeout;
  WT_RETURN_IF_ERROR(Validate(target));
  if (target.joint()) return InvalidArgument("members: %s is joint", target.ToString());
  Turn turn;
  Term term;
  {
    MutexLock lock(mu_);
    WT_RETURN_IF_ERROR(StoppedStatus());
    const WallTime stamp = std::max(last_stamp_, env_.clock.WallNow());
    const bool is_there = consensus_->configuration() == target;
    if (!is_there || consensus_->role() != Role::kPrimary) {
      WT_RETURN_IF_ERROR(
          consensus_->ProposeConfiguration(env_.clock.Now(), stamp, target).status());
    }
    term = consensus_->term();
    Settle(turn);
  }
  Deliver(turn);
  MutexLock lock(mu_);
  ++membership_waiters_;
  absl::Status status = AwaitMembers(target, term, deadline);
  --membership_waiters_;
  return status;
}

absl::Status Replica::Body::AwaitMembers(const Configuration& target, Term term, Time deadline) {
  for (;;) {
    // Who is not among the new ones steps down as soon as it is done.
    if (consensus_->configuration() == target && consensus_->commit() >= last_configuration_) {
      return absl::OkStatus();
    }
    if (has_ended() || consensus_->term() != term || consensus_->role() != Role::kPrimary) {
      return Unavailable("members: the outcome is unknown, this is no longer the primary");
    }
    if (!AwaitChange(deadline)) return Unavailable("members: the outcome is not known in time");
  }
}

absl::Status Replica::Body::TransferTo(NodeId to, Duration timeout) {
  const Time deadline = env_.clock.Now() + timeout;
  Turn turn;
  {
    MutexLock lock(mu_);
    WT_RETURN_IF_ERROR(StoppedStatus());
    WT_RETURN_IF_ERROR(consensus_->TransferTo(env_.clock.Now(), to));
    Settle(turn);
  }
  Deliver(turn);
  MutexLock lock(mu_);
  for (;;) {
    WT_RETURN_IF_ERROR(StoppedStatus());
    const NodeId primary = consensus_->primary();
    if (primary != NodeId(0) && primary != self_) return absl::OkStatus();
    if (!AwaitChange(deadline)) {
      return Unavailable("transfer to %d: it did not happen in time", to.value());
    }
  }
}

ReplicaStatus Replica::Body::status() {
  ReplicaStatus status;
  status.self = self_;
  status.damaged = Missed();
  status.applied = engine_->last_applied();
  MutexLock lock(mu_);
  status.role = consensus_->role();
  status.serving = consensus_->serving();
  status.term = consensus_->term();
  status.primary = consensus_->primary();
  status.last = consensus_->log().last();
  status.durable = consensus_->durable();
  status.commit = consensus_->commit();
  status.configuration = consensus_->configuration();
  status.trusted = consensus_->standing().trusted();
  status.waits_for = consensus_->standing().Awaited(status.configuration);
  if (status.role != Role::kPrimary) return status;
  for (NodeId peer : Others()) {
    if (const Progress* progress = consensus_->progress(peer)) {
      status.peers.push_back({peer, *progress});
    }
  }
  return status;
}

absl::Status Replica::Body::AwaitStopped() {
  MutexLock lock(mu_);
  while (!has_ended()) ended_.Wait(mu_);
  return failure_;
}

absl::Status Replica::Body::Close() {
  {
    MutexLock lock(mu_);
    if (std::exchange(closed_, true)) return absl::OkStatus();
  }
  Stop(absl::OkStatus());
  env_.network.Close();
  // Before the tasks: one of them may wait in the engine for an entry to be repaired.
  absl::Status closed = engine_->Close();
  for (const std::unique_ptr<Task>& task : tasks_) task->Join();
  return closed;
}

}  // namespace wt
