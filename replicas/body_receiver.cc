// The receiver: what arrives, checked, for consensus and for the other tasks.
#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "replicas/body.h"

namespace wt {
namespace {

constexpr Duration kNoHurry = std::chrono::hours(24 * 365);
constexpr size_t kMostMessages = 64;  // handed to consensus at a time
constexpr uint64_t kLooks = 4;        // in vain, before most looks are left out
constexpr uint64_t kLookEvery = 8;
constexpr size_t kMostWanted = 64;  // reads for peers that wait; beyond, they ask again

}  // namespace

void Replica::Body::ReceiveLoop() {
  std::vector<ReplicaMessage> messages;
  uint64_t looks = 1;  // for more behind a first message: as long as that pays
  for (uint64_t turns = 0;; ++turns) {
    messages.clear();
    absl::StatusOr<Message> message = env_.network.Receive(kNoHurry);
    const bool is_to_look = looks > 0 || turns % kLookEvery == 0;
    while (message.ok()) {
      if (auto decoded = Decode(*message)) messages.push_back(*std::move(decoded));
      if (!is_to_look || messages.size() >= kMostMessages) break;
      message = env_.network.Receive(Duration::zero());
      looks = message.ok() ? kLooks : looks - std::min<uint64_t>(looks, 1);
    }
    if (absl::IsFailedPrecondition(message.status())) return;
    if (messages.empty()) continue;
    Turn turn;
    {
      MutexLock lock(mu_);
      if (has_ended()) return;
      const Time now = env_.clock.Now();
      for (ReplicaMessage& message : messages) Dispatch(now, message, turn);
      Settle(turn);
    }
    Deliver(turn);
  }
}

std::optional<ReplicaMessage> Replica::Body::Decode(const Message& message) {
  absl::StatusOr<ReplicaMessage> decoded = DecodeMessage(options_.cluster_id, message.bytes);
  if (!decoded.ok()) {
    Drop(message.from, MessageOf(decoded.status()));
  } else if (decoded->to != self_) {
    Drop(message.from, "for another replica");
  } else if (decoded->from != message.from || decoded->from == self_) {
    Drop(message.from, "not from who sent it");
  } else {
    return *std::move(decoded);
  }
  return std::nullopt;
}

void Replica::Body::Drop(NodeId from, std::string_view why) {
  env_.events.Emit({.kind = EventKind::kMessageDropped, .a = from.value(), .text = why});
}

void Replica::Body::Dispatch(Time now, ReplicaMessage& message, Turn& turn) {
  const NodeId from = message.from;
  wt::Body& body = message.body;
  if (auto* read = std::get_if<ReadRequest>(&body)) {
    OnReadRequest(now, message, *read);
  } else if (auto* answer = std::get_if<ReadResponse>(&body)) {
    OnReadResponse(from, *answer);
  } else if (auto* wanted = std::get_if<FetchEntries>(&body)) {
    if (entries_wanted_.size() >= kMostWanted) return;
    entries_wanted_.emplace_back(from, std::move(*wanted));
    reader_.SignalOne();
  } else if (auto* fetched = std::get_if<FetchedEntries>(&body)) {
    if (fetched_.size() >= kMostWanted) return;
    fetched_.emplace_back(from, std::move(*fetched));
    repairer_.SignalOne();
  } else if (auto* offer = std::get_if<SnapshotOffer>(&body)) {
    OnOffer(now, from, std::move(*offer), turn);
  } else if (auto* chunk_wanted = std::get_if<FetchChunk>(&body)) {
    if (chunks_wanted_.size() >= kMostWanted) return;
    chunks_wanted_.emplace_back(from, std::move(*chunk_wanted));
    reader_.SignalOne();
    OnProgress(now, from, {.end = {}, .state = SnapshotProgress::State::kReceiving});
  } else if (auto* chunk = std::get_if<FetchedChunk>(&body)) {
    OnChunk(now, from, std::move(*chunk));
  } else if (auto* progress = std::get_if<SnapshotProgress>(&body)) {
    OnProgress(now, from, *progress);
  } else {
    consensus_->Step(now, message);
  }
}

// A peer that is heard of is not offered anything meanwhile.
void Replica::Body::OnProgress(Time now, NodeId from, const SnapshotProgress& progress) {
  if (progress.state != SnapshotProgress::State::kReceiving) {
    pin_.Ended(from);
    reader_.SignalOne();
  }
  if (consensus_->role() != Role::kPrimary) return;
  const auto offering = offerings_.find(from);
  if (offering != offerings_.end()) {
    offering->second.due = now + options_.consensus.election_timeout;
    if (progress.state == SnapshotProgress::State::kFailed) {
      offering->second = {.due = now + options_.consensus.heartbeat};
    } else if (progress.state == SnapshotProgress::State::kInstalled) {
      offerings_.erase(offering);
    }
  }
  consensus_->OnSnapshotProgress(now, from, progress);
}

void Replica::Body::OnReadRequest(Time now, const ReplicaMessage& message,
                                  const ReadRequest& request) {
  if (reads_.size() >= options_.max_waiting) return;
  const uint64_t id = next_read_++;
  reads_[id] = {.local = nullptr, .peer = message.from, .peers_id = request.id};
  consensus_->ConfirmRead(now, id);
}

void Replica::Body::OnReadResponse(NodeId from, const ReadResponse& response) {
  const auto found = reads_.find(response.id);
  if (found == reads_.end() || found->second.local == nullptr || found->second.peer != from) return;
  LocalRead& read = *found->second.local;
  read.is_answered = true;
  read.refused = response.refused;
  read.index = response.index;
  read.changed.SignalOne();
  reads_.erase(found);
}

}  // namespace wt
