// The intake: a snapshot that a primary offers, pulled chunk by chunk, written, verified, and then
// given to consensus, which decides whether it replaces the log.
#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "replicas/body.h"

namespace wt {

// What the snapshot manager writes: chunks as they arrive, in order.
class Replica::Body::IntakeSource : public ChunkSource {
 public:
  IntakeSource(Body& body, std::shared_ptr<Intake> intake)
      : body_(body), intake_(std::move(intake)) {}

  absl::StatusOr<std::string> Next() override {
    MutexLock lock(body_.mu_);
    for (;;) {
      if (intake_->cancelled() || body_.has_ended()) return Aborted("the transfer was given up");
      if (intake_->exhausted()) return std::string();
      std::optional<std::string> chunk = intake_->TakeNext();
      if (chunk.has_value()) {
        if (first_.empty()) first_ = *chunk;
        body_.intake_ready_.SignalAll();
        return *std::move(chunk);
      }
      body_.intake_ready_.Wait(body_.mu_);
    }
  }

  // Of the snapshot, where the group's own state is.
  const std::string& first() const { return first_; }

 private:
  Body& body_;
  const std::shared_ptr<Intake> intake_;
  std::string first_;
};

void Replica::Body::OnOffer(Time now, NodeId from, SnapshotOffer offer, Turn& turn) {
  if (offer.end.index <= applied_) {
    turn.send.push_back(consensus_->Envelope(
        from, SnapshotProgress{.end = offer.end, .state = SnapshotProgress::State::kInstalled}));
    return;
  }
  if (offer.chunks.empty()) return Drop(from, "a snapshot without chunks");
  if (intake_ != nullptr && intake_->offer().checksum == offer.checksum) {
    // The same again: its sender is alive, and perhaps another than before.
    WT_SOMETIMES(env_.events, "replica.snapshot_from_another_primary",
                 intake_->taken() > 0 && intake_->from() != from);
    if (intake_->from() != from) intake_->GoOnWith(from);
    intake_ready_.SignalAll();
    return;
  }
  if (intake_ != nullptr) {
    const bool has_stalled = now - intake_->heard() > 2 * resend_after();
    // What moves gives way to the primary alone: others offer for damage, each its own.
    const bool is_primarys = intake_->from() != from && from == consensus_->primary();
    if (!is_primarys && !has_stalled) return;
    WT_SOMETIMES(env_.events, "replica.snapshot_superseded", true);
    intake_->Cancel();  // and this one when it is offered again
    intake_ready_.SignalAll();
    return;
  }
  intake_ = std::make_shared<Intake>(std::move(offer), from, options_.chunks_in_flight);
  intake_->Heard(now);
  turn.send.push_back(consensus_->Envelope(
      from,
      SnapshotProgress{.end = intake_->offer().end, .state = SnapshotProgress::State::kReceiving}));
  intake_ready_.SignalAll();
}

void Replica::Body::OnChunk(Time now, NodeId from, FetchedChunk chunk) {
  if (intake_ == nullptr || intake_->cancelled() || chunk.checksum != intake_->offer().checksum) {
    return;
  }
  const bool had_stalled = now - intake_->heard() > 2 * resend_after();
  if (chunk.gone) {
    if (from != intake_->from()) return;
    intake_->Cancel();
  } else if (!intake_->Arrived(now, chunk.number, std::move(chunk.bytes))) {
    return;
  }
  WT_SOMETIMES(env_.events, "replica.snapshot_resumed", had_stalled && intake_->taken() > 0);
  intake_ready_.SignalAll();
}

void Replica::Body::IntakeLoop() {
  while (std::shared_ptr<Intake> intake = AwaitIntake()) TakeIn(intake);
}

// Null when the replica has ended.
std::shared_ptr<Intake> Replica::Body::AwaitIntake() {
  MutexLock lock(mu_);
  while (intake_ == nullptr && !has_ended()) intake_ready_.Wait(mu_);
  return has_ended() ? nullptr : intake_;
}

void Replica::Body::TakeIn(const std::shared_ptr<Intake>& intake) {
  const SnapshotOffer& offer = intake->offer();
  env_.events.Emit({.kind = EventKind::kSnapshotReceiving,
                    .a = intake->from().value(),
                    .b = offer.end.index.value(),
                    .c = offer.end.term.value(),
                    .text = offer.id});
  absl::StatusOr<GroupState::Head> head = HeadOf(intake);
  if (!head.ok()) head = Receive(intake);
  const absl::Status done = head.ok() ? Adopt(intake, *head) : head.status();
  // Or the log has led there meanwhile.
  const bool has_it = done.ok() || offer.end.index <= engine_->last_applied();
  SnapshotProgress progress{.end = offer.end};
  progress.state = has_it ? SnapshotProgress::State::kInstalled : SnapshotProgress::State::kFailed;
  NodeId from;
  {
    MutexLock lock(mu_);
    from = intake->from();
    intake_ = nullptr;
  }
  SendOne(from, progress);
}

// Of a snapshot that was received before, but not adopted. Errors: NotFound when there is none.
absl::StatusOr<GroupState::Head> Replica::Body::HeadOf(const std::shared_ptr<Intake>& intake) {
  const SnapshotOffer& offer = intake->offer();
  for (const Snapshot& snapshot : engine_->snapshots().List()) {
    if (snapshot.index != offer.end.index || snapshot.term != offer.end.term) continue;
    if (snapshot.checksum != offer.checksum) continue;
    WT_ASSIGN_OR_RETURN(const std::string first, engine_->snapshots().ReadChunk(snapshot.id, 0));
    env_.events.Reached("replica.snapshot_was_there");
    return GroupState::DecodeHead(first);
  }
  return NotFound("%s is not here", offer.id);
}

absl::StatusOr<GroupState::Head> Replica::Body::Receive(const std::shared_ptr<Intake>& intake) {
  const SnapshotOffer& offer = intake->offer();
  IntakeSource source(*this, intake);
  std::unique_ptr<Task> fetcher =
      env_.tasks.Spawn("fetcher", [this, intake] { FetchLoop(intake); });
  absl::Status created = CreateSnapshot(offer, source);
  {
    MutexLock lock(mu_);
    if (!created.ok()) intake->Cancel();
    intake_ready_.SignalAll();
  }
  fetcher->Join();
  WT_RETURN_IF_ERROR(created);
  MutexLock lock(mu_);
  WT_SOMETIMES(env_.events, "replica.snapshot_reused_chunks", intake->reused_bytes() > 0);
  env_.events.Emit({.kind = EventKind::kSnapshotReceived,
                    .a = offer.end.index.value(),
                    .b = offer.end.term.value(),
                    .c = intake->sent_bytes(),
                    .d = intake->reused_bytes(),
                    .text = offer.id});
  return GroupState::DecodeHead(source.first());
}

// Durable and verified when it returns OK. One that is left of an earlier attempt has to go first,
// but not one that this machine has taken itself; one that its disk has damaged is replaced.
absl::Status Replica::Body::CreateSnapshot(const SnapshotOffer& offer, ChunkSource& source) {
  SnapshotManager& snapshots = engine_->snapshots();
  for (;;) {
    const absl::Status cleared = engine_->ClearReceived(offer.end.index, offer.end.term);
    // Closed to changes since a sync failed: what is waited for would never come.
    if (absl::IsFailedPrecondition(cleared)) Stop(cleared);
    WT_RETURN_IF_ERROR(cleared);
    absl::StatusOr<Snapshot> created =
        snapshots.Create(offer.end.index, offer.end.term, offer.state_digest, source);
    if (created.ok() && created->checksum != offer.checksum) {
      (void)engine_->ClearReceived(offer.end.index, offer.end.term);
      return DataLoss("%s: checksum %s, offered was %s", offer.id, created->checksum.ToString(),
                      offer.checksum.ToString());
    }
    if (!absl::IsFailedPrecondition(created.status())) return created.status();
    // Another is being created: nothing was taken from the source yet.
    MutexLock lock(mu_);
    if (has_ended()) return created.status();
    intake_ready_.WaitFor(mu_, options_.consensus.heartbeat);
  }
}

absl::Status Replica::Body::Adopt(const std::shared_ptr<Intake>& intake,
                                  const GroupState::Head& head) {
  const LogEnd end = intake->offer().end;
  uint64_t number = 0;
  Turn turn;
  {
    MutexLock lock(mu_);
    if (has_ended()) return Aborted("the replica has ended");
    consensus_->Install(env_.clock.Now(), end, head.configuration.value_or(options_.members));
    Settle(turn);
    number = queue_.last_number();
  }
  Deliver(turn);
  MutexLock lock(mu_);
  while (durable_write_ < number && !has_ended()) intake_ready_.Wait(mu_);
  if (has_ended()) return Aborted("the replica has ended");
  return absl::OkStatus();
}

void Replica::Body::FetchLoop(const std::shared_ptr<Intake>& intake) {
  while (FetchSome(intake)) {
  }
}

// Looks for a chunk here, or asks for some, or waits. False when there is nothing left to do.
bool Replica::Body::FetchSome(const std::shared_ptr<Intake>& intake) {
  std::optional<uint64_t> to_find;
  Turn turn;
  {
    MutexLock lock(mu_);
    if (has_ended() || intake->cancelled() || intake->exhausted()) return false;
    const Time now = env_.clock.Now();
    to_find = intake->NextToFind();
    for (uint64_t number : intake->ToAsk(now, resend_after())) {
      turn.send.push_back(consensus_->Envelope(
          intake->from(),
          FetchChunk{
              .id = intake->offer().id, .checksum = intake->offer().checksum, .number = number}));
    }
    if (!to_find.has_value() && turn.send.empty()) {
      const std::optional<Time> resend = intake->NextResend(resend_after());
      if (resend.has_value()) {
        intake_ready_.WaitFor(mu_, *resend - now);
      } else {
        intake_ready_.Wait(mu_);
      }
      return true;
    }
  }
  Deliver(turn);
  if (!to_find.has_value()) return true;
  absl::StatusOr<std::string> found =
      engine_->snapshots().FindChunk(intake->offer().chunks[*to_find]);
  MutexLock lock(mu_);
  std::optional<std::string> content;
  if (found.ok()) content = *std::move(found);
  intake->Found(*to_find, std::move(content));
  intake_ready_.SignalAll();
  return true;
}

}  // namespace wt
