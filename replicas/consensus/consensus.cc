#include "replicas/consensus/consensus.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"

namespace wt {

std::string_view NameOf(Role role) {
  switch (role) {
    case Role::kReplica:
      return "replica";
    case Role::kPreCandidate:
      return "pre-candidate";
    case Role::kCandidate:
      return "candidate";
    case Role::kPrimary:
      return "primary";
  }
  return "?";
}

Consensus::Consensus(ConsensusOptions options, ConsensusStart start, Time now)
    : options_(std::move(options)),
      session_(start.session),
      term_(std::max(start.hard_state.term, start.log.LastTerm())),
      commit_(std::max(start.applied, start.log.base().index)),
      durable_(start.log.last()),
      log_(std::move(start.log)),
      configurations_(std::move(start.configurations)),
      standing_(options_.self, start.session, start.doubtful, start.amnesiac, start.epochs),
      amnesiac_(start.amnesiac),
      damaged_(start.damaged),
      agreed_(commit_),
      began_(now),
      no_campaign_before_(now),
      recall_at_(now) {
  WT_CHECK(!configurations_.empty());
  WT_CHECK_NE(options_.self, NodeId(0));
  WT_CHECK_LE(commit_, log_.last());
  for (const auto& [index, configuration] : configurations_) WT_CHECK(Validate(configuration).ok());
  if (start.hard_state.term == term_) vote_ = NodeId(start.hard_state.voted_for);
  DrawElectionDeadline(now);
  SettleStanding(now);
  output_.commit = commit_;
}

void Consensus::Step(Time now, const ReplicaMessage& message) {
  if (!Precheck(now, message)) return;
  std::visit([&](const auto& body) { On(now, message, body); }, message.body);
  SettleStanding(now);
}

template <typename Other>
void Consensus::On(Time, const ReplicaMessage&, const Other&) {
  WT_CHECK(false && "a message between drivers");
}

bool Consensus::Precheck(Time now, const ReplicaMessage& message) {
  WT_CHECK_EQ(message.to, options_.self);
  if (message.from == options_.self) return false;
  if (message.to_session != 0 && message.to_session != session_) return false;
  if (message.trusted) standing_.Learn(message.from, message.epoch);
  return message.term == Term(0) || MeetTerm(now, message);
}

// Returns whether the message speaks to this term.
bool Consensus::MeetTerm(Time now, const ReplicaMessage& message) {
  const auto* request = std::get_if<VoteRequest>(&message.body);
  if (request != nullptr && !request->forced && HearsPrimary(now)) {
    // A primary is alive. Not even the term is taken notice of, or the curious would depose it.
    if (request->pre) Answer(message, VoteResponse{.pre = true});
    return false;
  }
  const auto* response = std::get_if<VoteResponse>(&message.body);
  const bool hypothetical = (request != nullptr && request->pre) ||
                            (response != nullptr && response->pre && response->granted);
  if (hypothetical && message.term > term_) return true;
  if (message.term < term_) {
    AnswerStale(message);
    return false;
  }
  if (message.term > term_) BecomeReplica(now, message.term, NodeId(0));
  return true;
}

// Who lives in an earlier term must hear of this one, or two of the same term could shut each other
// out for ever: one that takes no word from below, one that campaigns no more.
void Consensus::AnswerStale(const ReplicaMessage& message) {
  if (const auto* append = std::get_if<AppendRequest>(&message.body)) {
    Answer(message, AppendResponse{.rejected = true, .prev = append->prev.index});
  } else if (std::holds_alternative<Heartbeat>(message.body)) {
    Answer(message, HeartbeatResponse{});
  } else if (const auto* request = std::get_if<VoteRequest>(&message.body)) {
    Answer(message, VoteResponse{.pre = request->pre});
  }
}

ReplicaMessage Consensus::Envelope(NodeId to, Body body) const {
  return {.from = options_.self,
          .to = to,
          .session = session_,
          .epoch = standing_.epoch(),
          .trusted = standing_.trusted(),
          .body = std::move(body)};
}

void Consensus::SendIn(Term term, NodeId to, Body body, uint64_t answers_session) {
  ReplicaMessage message = Envelope(to, std::move(body));
  message.term = term;
  message.to_session = answers_session;
  // A term must not be spoken of before it is durable: a restart would answer in an older one.
  const bool term_durable = term == Term(0) || vote_write_ <= persisted_;
  output_.messages.push_back({std::move(message), term_durable ? 0 : vote_write_});
}

void Consensus::Send(NodeId to, Body body, uint64_t answers_session) {
  SendIn(term_, to, std::move(body), answers_session);
}

void Consensus::SendAfterWrites(NodeId to, Body body, uint64_t answers_session) {
  Send(to, std::move(body), answers_session);
  output_.messages.back().after = LastWrite();
}

void Consensus::Answer(const ReplicaMessage& message, Body body) {
  Send(message.from, std::move(body), message.session);
}

void Consensus::Tick(Time now) {
  if (standing_.asking() && now >= recall_at_) AskRecall(now);
  if (role_ == Role::kPrimary) {
    TickPrimary(now);
  } else if (now >= election_deadline_) {
    ElectionTimeout(now);
  }
}

void Consensus::TickPrimary(Time now) {
  if (handover_.has_value() && now >= handover_->until) handover_.reset();
  if (now < tick_at_) return;
  if (!HeardByQuorum(now - options_.election_timeout)) {
    BecomeReplica(now, term_, NodeId(0));
    return;
  }
  tick_at_ = now + options_.heartbeat;
  RenewProbes(now);
  Broadcast(now);
  ReleaseReads(now);
}

Time Consensus::NextDeadline() const {
  Time next = role_ == Role::kPrimary ? tick_at_ : election_deadline_;
  if (handover_.has_value()) next = std::min(next, handover_->until);
  if (standing_.asking()) next = std::min(next, recall_at_);
  return next;
}

Output Consensus::Take() {
  output_.commit = commit_;
  Output taken = std::move(output_);
  output_ = {};
  output_.commit = commit_;
  return taken;
}

bool Consensus::HasOutput() const {
  return !output_.writes.empty() || !output_.messages.empty() || !output_.reads.empty() ||
         output_.commit != commit_;
}

bool Consensus::serving() const { return role_ == Role::kPrimary && commit_ >= first_of_term_; }

const Progress* Consensus::progress(NodeId peer) const {
  const auto found = peers_.find(peer);
  return found == peers_.end() ? nullptr : &found->second;
}

LogIndex Consensus::MatchOf(NodeId peer) const {
  if (role_ == Role::kPrimary && peer == options_.self) return durable_;
  const Progress* known = progress(peer);
  return known == nullptr ? LogIndex(0) : known->match;
}

}  // namespace wt
