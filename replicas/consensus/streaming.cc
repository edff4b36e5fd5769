// What the primary sends to each peer, and when.
#include <algorithm>

#include "engine/base/check.h"
#include "replicas/consensus/consensus.h"

namespace wt {

void Progress::Probe(LogIndex from) {
  WT_CHECK_GT(from, match);
  state = State::kProbing;
  next = from;
  probed = false;
  in_flight.clear();
  bytes_in_flight = 0;
}

void Progress::Sent(Time now, LogIndex through, uint64_t bytes) {
  if (in_flight.empty()) moved = now;
  in_flight.push_back({through, bytes});
  bytes_in_flight += bytes;
}

void Progress::Acknowledged(Time now, LogIndex through) {
  probed = false;
  while (!in_flight.empty() && in_flight.front().through <= through) {
    bytes_in_flight -= in_flight.front().bytes;
    in_flight.pop_front();
    moved = now;
  }
}

// Notes who speaks, and in which life. Nothing when it is no peer.
Progress* Consensus::Hear(Time now, const ReplicaMessage& message) {
  const auto found = peers_.find(message.from);
  if (role_ != Role::kPrimary || found == peers_.end()) return nullptr;
  Progress& peer = found->second;
  peer.heard = now;
  const bool new_life = peer.session != message.session;
  const bool new_standing = peer.trusted != message.trusted || peer.epoch != message.epoch;
  // A new life may hold less; one of another standing must acknowledge anew what is to count.
  if (peer.session != 0 && new_life) peer.match = LogIndex(0);
  const bool first_word = peer.session == 0;
  peer.session = message.session;
  peer.trusted = message.trusted;
  peer.epoch = message.epoch;
  if (!first_word && (new_life || new_standing)) {
    const LogIndex guess = std::min(log_.last(), peer.next - 1);
    peer.Probe((peer.match > LogIndex(0) ? peer.match : guess) + 1);
  }
  return &peer;
}

void Consensus::Rejected(Progress& peer, const AppendResponse& response) {
  const bool probing = peer.state == Progress::State::kProbing;
  if (peer.state == Progress::State::kSnapshot) return;
  if (probing ? response.prev != peer.next - 1 : response.prev <= peer.match) return;
  const LogEnd hint = response.hint;
  LogIndex place = log_.LastAtOrBelow(std::min(hint.index, response.prev - 1), hint.term);
  // Behind the beginning of our log: only a snapshot helps.
  const LogEnd base = log_.base();
  if (base.index > LogIndex(0) && (hint.index < base.index || *log_.TermAt(place) > hint.term)) {
    place = base.index - 1;
  }
  peer.Probe(std::max(place, peer.match) + 1);
}

bool Consensus::NeedsSnapshot(const Progress& peer) const { return peer.next < log_.first(); }

bool Consensus::Active(const Progress& peer, Time now) const {
  return now < peer.heard + options_.election_timeout;
}

// Whatever has been unanswered for too long is taken for lost.
void Consensus::RenewProbes(Time now) {
  for (auto& [node, peer] : peers_) {
    peer.probed = false;
    const bool stuck = !peer.in_flight.empty() && now >= peer.moved + options_.election_timeout;
    const bool silent =
        peer.state == Progress::State::kSnapshot && now >= peer.moved + options_.election_timeout;
    if (stuck || silent) peer.Probe(peer.match + 1);
  }
}

std::optional<AppendPlan> Consensus::PlanAppend(NodeId to) const {
  const Progress* peer = role_ == Role::kPrimary ? progress(to) : nullptr;
  if (peer == nullptr || peer->state == Progress::State::kSnapshot || NeedsSnapshot(*peer)) {
    return std::nullopt;
  }
  return PlanStream(to, *peer);
}

std::optional<AppendPlan> Consensus::PlanStream(NodeId to, const Progress& peer) const {
  AppendPlan plan{.to = to, .term = term_, .prev = {*log_.TermAt(peer.next - 1), peer.next - 1}};
  const LogIndex most = plan.prev.index + options_.max_append_entries;
  plan.through = std::min(log_.last(), most);
  plan.max_bytes = options_.max_append_bytes;
  if (peer.state == Progress::State::kProbing) {
    if (peer.probed) return std::nullopt;
    // Nobody knows whether somebody listens: not with all these bytes.
    if (!Active(peer, tick_at_ - options_.heartbeat)) plan.through = plan.prev.index;
    return plan;
  }
  const bool room = peer.bytes_in_flight < options_.max_bytes_in_flight &&
                    peer.in_flight.size() < options_.max_appends_in_flight;
  if (plan.through > plan.prev.index) return room ? std::optional(plan) : std::nullopt;
  // News of the commit travel with entries while there are any.
  if (peer.in_flight.empty() && commit_ > peer.told) return plan;
  return std::nullopt;
}

std::optional<ReplicaMessage> Consensus::FillAppend(Time now, const AppendPlan& plan,
                                                    std::vector<LogEntry> entries) {
  if (role_ != Role::kPrimary || term_ != plan.term) return std::nullopt;
  const std::optional<AppendPlan> valid = PlanAppend(plan.to);
  if (!valid.has_value() || valid->prev != plan.prev) return std::nullopt;
  if (entries.empty() && plan.through > plan.prev.index) return std::nullopt;
  uint64_t bytes = 0;
  LogIndex index = plan.prev.index;
  for (const LogEntry& entry : entries) {
    index = index + 1;
    if (entry.index != index || log_.TermAt(index) != entry.term) return std::nullopt;
    bytes += entry.command.size();
  }
  WT_CHECK_LE(index, std::max(plan.through, plan.prev.index));
  Progress& peer = peers_.at(plan.to);
  peer.told = commit_;
  if (peer.state == Progress::State::kProbing) {
    peer.probed = true;
  } else {
    peer.next = index + 1;
    if (!entries.empty()) peer.Sent(now, index, bytes);
  }
  ReplicaMessage message = Envelope(
      plan.to, AppendRequest{.prev = plan.prev, .commit = commit_, .entries = std::move(entries)});
  message.term = term_;
  return message;
}

std::vector<NodeId> Consensus::AwaitingSnapshot() const {
  std::vector<NodeId> waiting;
  for (const auto& [node, peer] : peers_) {
    const bool heard = Active(peer, tick_at_ - options_.heartbeat);
    if (heard && (peer.state == Progress::State::kSnapshot || NeedsSnapshot(peer))) {
      waiting.push_back(node);
    }
  }
  return waiting;
}

void Consensus::OnSnapshotProgress(Time now, NodeId node, const SnapshotProgress& progress) {
  const auto found = peers_.find(node);
  if (role_ != Role::kPrimary || found == peers_.end()) return;
  // Of no term: it is no sign that the peer is still in this one.
  Progress& peer = found->second;
  switch (progress.state) {
    case SnapshotProgress::State::kReceiving:
      if (!NeedsSnapshot(peer)) break;
      peer.state = Progress::State::kSnapshot;
      peer.moved = now;
      break;
    case SnapshotProgress::State::kFailed:
      if (peer.state == Progress::State::kSnapshot) peer.Probe(peer.match + 1);
      break;
    case SnapshotProgress::State::kInstalled:
      if (progress.end.index > log_.last()) break;
      if (progress.end.index >= peer.next || peer.state == Progress::State::kSnapshot) {
        peer.Probe(std::max(peer.match, progress.end.index) + 1);
      }
      break;
  }
}

}  // namespace wt
