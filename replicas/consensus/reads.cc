// Heartbeats: each broadcast is a round, and who answers a round was of this term after it was
// sent. That confirms reads, keeps the lease, and shows a primary that is cut off that it is.
#include <algorithm>

#include "engine/base/check.h"
#include "replicas/consensus/consensus.h"
#include "replicas/consensus/quorum.h"

namespace wt {

void Consensus::Broadcast(Time now) {
  WT_CHECK(role_ == Role::kPrimary);
  // Before its own first entry is committed it does not know what earlier terms have.
  const LogIndex horizon = std::max(commit_, first_of_term_);
  rounds_.push_back({++round_, {now, horizon}});
  while (rounds_.front().horizon.at + options_.election_timeout < now) rounds_.pop_front();
  for (const auto& [node, peer] : peers_) {
    const LogIndex commit = std::min(commit_, peer.match);
    Send(node, Heartbeat{.commit = commit, .round = round_, .horizon = horizon});
  }
  NoteConfirmed(rounds_.back());  // alone, it asks nobody
}

void Consensus::On(Time now, const ReplicaMessage& message, const HeartbeatResponse& response) {
  Progress* peer = Hear(now, message);
  if (peer == nullptr || !CheckCounts(message) || response.round <= peer->round) return;
  const auto round = std::find_if(rounds_.begin(), rounds_.end(),
                                  [&](const Round& sent) { return sent.number == response.round; });
  if (round == rounds_.end()) return;
  peer->round = response.round;
  peer->confirmed = round->horizon.at;
  NoteConfirmed(*round);
  ReleaseReads(now);
}

// Whether a majority that counts has answered something that was sent, or at least was heard,
// since.
bool Consensus::HeardByQuorum(Time since) const {
  return CountVotes(configuration(), [&](NodeId node) -> std::optional<bool> {
           if (node == options_.self) return true;
           const Progress* peer = progress(node);
           return peer != nullptr && peer->trusted && peer->heard > since;
         }) == VoteOutcome::kWon;
}

void Consensus::ConfirmRead(Time now, uint64_t id) {
  if (role_ != Role::kPrimary) {
    output_.reads.push_back({.id = id, .refused = true});
    return;
  }
  // What earlier terms have committed it does not know before its own first entry is.
  if (!serving()) {
    early_reads_.push_back(id);
    return;
  }
  const bool idle = reads_.empty();
  reads_.push_back({.id = id, .index = commit_, .round = round_ + 1});
  if (idle) Broadcast(now);
  ReleaseReads(now);
}

bool Consensus::ConfirmedByQuorum(uint64_t round) const {
  return CountVotes(configuration(), [&](NodeId node) -> std::optional<bool> {
           if (node == options_.self) return true;
           const Progress* peer = progress(node);
           if (peer == nullptr || peer->round < round) return std::nullopt;
           return true;
         }) == VoteOutcome::kWon;
}

// No other primary had been elected when it was sent.
void Consensus::NoteConfirmed(const Round& round) {
  const bool is_news = !horizon_.has_value() || round.horizon.at > horizon_->at;
  if (is_news && ConfirmedByQuorum(round.number)) horizon_ = round.horizon;
}

void Consensus::ReleaseReads(Time now) {
  while (!reads_.empty() && reads_.front().round <= round_) {
    const uint64_t round = reads_.front().round;
    if (!ConfirmedByQuorum(round)) return;
    while (!reads_.empty() && reads_.front().round <= round) {
      output_.reads.push_back({.id = reads_.front().id, .index = reads_.front().index});
      reads_.pop_front();
    }
    // Those that came meanwhile are the next batch.
    if (!reads_.empty() && reads_.front().round > round_) Broadcast(now);
  }
}

void Consensus::ServePostponedReads(Time now) {
  if (!serving()) return;
  for (uint64_t id : std::exchange(early_reads_, {})) ConfirmRead(now, id);
}

void Consensus::RefuseReads() {
  for (const Read& read : reads_) output_.reads.push_back({.id = read.id, .refused = true});
  for (uint64_t id : early_reads_) output_.reads.push_back({.id = id, .refused = true});
  reads_.clear();
  early_reads_.clear();
}

std::optional<LogIndex> Consensus::LeaseRead(Time now) const {
  if (!serving() || handed_over_) return std::nullopt;
  // A voter refuses others for an election timeout of its own clock from when it heard of us, which
  // is after we sent; its clock may be fast, and ours slow.
  const Duration drift = options_.election_timeout / 1'000'000 * (2 * options_.max_clock_drift_ppm);
  const Time since = now - options_.election_timeout + drift;
  const VoteOutcome held = CountVotes(configuration(), [&](NodeId node) -> std::optional<bool> {
    if (node == options_.self) return true;
    const Progress* peer = progress(node);
    return peer != nullptr && peer->round > 0 && peer->trusted && peer->confirmed > since;
  });
  if (held != VoteOutcome::kWon) return std::nullopt;
  return commit_;
}

}  // namespace wt
