// What comes of a change of consensus: writes, messages, answers, and who is to be woken.
#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "replicas/body.h"

namespace wt {

void Replica::Body::Settle(Turn& turn) {
  TakeOutput(turn);
  if (consensus_->role() == Role::kPrimary) {
    PumpAppends(turn);
    UpdateOffers();
    AnswerEverywhere(turn);
  }
  LookAround(turn);
  freshness_.Note(consensus_->horizon(), applied_);
  AnswerTasks(turn);
  WakeOthers();
}

void Replica::Body::TakeOutput(Turn& turn) {
  const size_t sent = turn.send.size();
  while (consensus_->HasOutput()) {
    Output output = consensus_->Take();
    // Before the writes: one of these may withdraw an answer that waits.
    for (Outgoing& outgoing : output.messages) {
      if (outgoing.after <= durable_write_) {
        turn.send.push_back(std::move(outgoing.message));
      } else {
        outbox_.Add(std::move(outgoing));
      }
    }
    for (Write& write : output.writes) Enqueue(std::move(write));
    for (const ReadReady& ready : output.reads) OnReadReady(ready, turn);
  }
  outbox_.Release(durable_write_, turn.send);
  for (size_t i = sent; i < turn.send.size(); ++i) {
    watch_->OnRelease(*consensus_, turn.send[i], env_.events);
  }
}

void Replica::Body::Enqueue(Write write) {
  QueuedWrite queued{.number = write.number,
                     .vote = write.vote,
                     .truncate_from = write.truncate_from,
                     .install = write.install,
                     .reset = write.reset,
                     .epochs = std::move(write.epochs)};
  if (write.truncate_from.has_value()) {
    env_.events.Reached("replica.truncated_suffix");
    cache_.Truncate(*write.truncate_from);
    waiters_.OnTruncated(*write.truncate_from);
    outbox_.Withdraw(write.number, *write.truncate_from);
  }
  if (!write.entries.empty()) {
    Stamp(write.entries);
    queued.entries = std::make_shared<const std::vector<LogEntry>>(std::move(write.entries));
    // A replica's cache serves nobody.
    if (consensus_->role() == Role::kPrimary) cache_.Add(queued.entries);
    if (env_.random.Rarely("replica.drop_cache")) cache_.Clear();
  }
  if (write.reset) {
    waiters_.OnTruncated(write.install->index + 1);
    outbox_.Withdraw(write.number, write.install->index + 1);
  }
  queue_.Push(std::move(queued), applied_);
}

// Log time goes forward. Entries of consensus' own come without a time.
void Replica::Body::Stamp(std::vector<LogEntry>& entries) {
  for (LogEntry& entry : entries) {
    if (entry.timestamp == WallTime() && consensus_->role() == Role::kPrimary) {
      entry.timestamp = env_.clock.WallNow();
    }
    if (consensus_->role() == Role::kPrimary) {
      entry.timestamp = std::max(last_stamp_, entry.timestamp);
    }
    last_stamp_ = std::max(last_stamp_, entry.timestamp);
    if (entry.type == EntryType::kConfig) last_configuration_ = entry.index;
  }
}

std::vector<NodeId> Replica::Body::Others() const {
  std::vector<NodeId> others = consensus_->configuration().Members();
  std::erase(others, self_);
  return others;
}

void Replica::Body::PumpAppends(Turn& turn) {
  for (NodeId peer : Others()) {
    if (to_feed_.count(peer) == 0) PumpPeer(peer, turn);
  }
}

void Replica::Body::PumpPeer(NodeId peer, Turn& turn) {
  while (std::optional<AppendPlan> plan = consensus_->PlanAppend(peer)) {
    std::vector<LogEntry> entries;
    if (plan->through > plan->prev.index) {
      entries = cache_.Read(plan->prev.index + 1, plan->through + 1, BytesToSend(*plan));
      if (entries.empty()) {
        to_feed_.insert(peer);
        reader_.SignalOne();
        return;
      }
    }
    std::optional<ReplicaMessage> message =
        consensus_->FillAppend(env_.clock.Now(), *plan, std::move(entries));
    if (!message.has_value()) return;
    turn.send.push_back(*std::move(message));
  }
}

uint64_t Replica::Body::BytesToSend(const AppendPlan& plan) {
  return env_.random.Rarely("replica.one_entry_per_append") ? 1 : plan.max_bytes;
}

// Who needs a snapshot is offered one, again and again until it is heard of. Who is away is not,
// but what it was offered is remembered: it may have half of it.
void Replica::Body::UpdateOffers() {
  const std::vector<NodeId> awaiting = consensus_->AwaitingSnapshot();
  if (awaiting.empty() && offerings_.empty()) return;
  const Time now = env_.clock.Now();
  for (auto& [peer, offering] : offerings_) {
    const bool awaits = std::find(awaiting.begin(), awaiting.end(), peer) != awaiting.end();
    if (awaits && offering.due == Time::max()) offering.due = now;
    if (awaits) continue;
    offering.due = Time::max();
    if (pin_.HasLog(peer, consensus_->MatchOf(peer))) reader_.SignalOne();
  }
  for (NodeId peer : awaiting) {
    Offering& offering = offerings_[peer];
    if (offering.due > now) continue;
    offering.due = now + options_.consensus.election_timeout;
    to_offer_.insert(peer);
    reader_.SignalOne();
  }
}

void Replica::Body::AnswerEverywhere(Turn& turn) {
  if (!waiters_.awaits_everywhere()) return;
  LogIndex everywhere = consensus_->durable();
  for (NodeId peer : Others()) everywhere = std::min(everywhere, consensus_->MatchOf(peer));
  waiters_.OnEverywhere(everywhere, turn.answers);
}

void Replica::Body::LookAround(Turn& turn) {
  const RoleWatch::Changes changes = watch_->Look(*consensus_, env_.events);
  if (changes.stepped_down) {
    waiters_.OnSteppedDown(turn.answers);
    cache_.Clear();
    // Whoever is primary next offers its own; who goes on asking here is heard of again.
    for (const auto& [peer, offering] : offerings_) pin_.Ended(peer);
    offerings_.clear();
    reader_.SignalOne();
    to_offer_.clear();
    to_feed_.clear();
  }
  const bool is_membership = changes.configuration || (changes.commit && membership_waiters_ > 0);
  if (changes.role || is_membership) changed_.SignalAll();
  if ((amnesiac_ && changes.commit) || changes.role) repairer_.SignalOne();
  // A log that has caught up needs no snapshot.
  if (intake_ != nullptr && intake_->offer().end.index <= applied_ && !intake_->cancelled()) {
    intake_->Cancel();
    intake_ready_.SignalAll();
  }
}

void Replica::Body::AnswerTasks(Turn& turn) {
  std::erase_if(turn.answers, [](Answer& answer) {
    if (answer.reply.pending == nullptr) return false;
    Pending& pending = *answer.reply.pending;
    WT_CHECK(!pending.is_answered);
    pending.is_answered = true;
    pending.result = std::move(answer.result);
    pending.answered.SignalOne();
    return true;
  });
}

// What the engine's log already holds and nothing will replace.
LogIndex Replica::Body::Applicable() const {
  return std::min({consensus_->commit(), queue_.Settled(), LogIndex(appended_.load())});
}

bool Replica::Body::MaySettleDoubt() const { return doubt_is_recorded_ && consensus_->settled(); }

void Replica::Body::WakeOthers() {
  if (!queue_.empty() || MaySettleDoubt()) writer_.SignalOne();
  if (applier_waits_ && consensus_->commit() > applied_) {
    applier_wants_append_ = true;  // before looking: the writer looks the other way round
    if (Applicable() > applied_) {
      applier_wants_append_ = false;
      applier_waits_ = false;
      applier_.SignalOne();
    }
  }
  CallDriver();
}

void Replica::Body::Deliver(Turn& turn) {
  std::string bytes;
  for (const ReplicaMessage& message : turn.send) {
    WT_CHECK(message.to != self_);
    bytes.clear();
    EncodeMessage(options_.cluster_id, message, bytes);
    env_.network.Send(message.to, bytes);
  }
  turn.send.clear();
  for (Answer& answer : turn.answers) answer.reply.done(std::move(answer.result));
  turn.answers.clear();
}

absl::Status Replica::Body::StoppedStatus() {
  if (!failure_.ok()) return FailedPrecondition("replica stopped: %s", MessageOf(failure_));
  if (stopping_) return FailedPrecondition("replica is closed");
  return absl::OkStatus();
}

// Nothing is acknowledged, voted or promised from now on; everybody who waits is told.
void Replica::Body::Stop(const absl::Status& failure) {
  Turn turn;
  {
    MutexLock lock(proposals_mu_);
    refuses_ = true;
    for (Proposal& proposal : proposals_) {
      turn.answers.push_back(
          {std::move(proposal.reply), FailedPrecondition("replica stopped: not proposed")});
    }
    proposals_.clear();
  }
  {
    MutexLock lock(mu_);
    if (!failure.ok() && failure_.ok() && !stopping_) {
      failure_ = failure;
      env_.events.Emit({.kind = EventKind::kReplicaStopped, .text = MessageOf(failure)});
    }
    if (failure.ok()) stopping_ = true;
    waiters_.FailAll(Unavailable("the replica has stopped"), turn.answers);
    for (auto& [id, read] : reads_) {
      if (read.local != nullptr) read.local->changed.SignalOne();
    }
    if (intake_ != nullptr) intake_->Cancel();
    AnswerTasks(turn);
    for (CondVar* waiting : {&driver_, &writer_, &applier_, &reader_, &intake_ready_, &repairer_,
                             &changed_, &ended_, &applied_changed_}) {
      waiting->SignalAll();
    }
  }
  Deliver(turn);
}

}  // namespace wt
