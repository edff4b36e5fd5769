// Timeouts, pre-votes, votes, and the change of roles.
#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/random.h"
#include "replicas/consensus/consensus.h"
#include "replicas/consensus/quorum.h"

namespace wt {

void Consensus::DrawElectionDeadline(Time now) {
  const auto base = static_cast<uint64_t>(options_.election_timeout.count());
  Draw draw(session_, {KeyOf("consensus.election"), election_draws_++});
  const uint64_t wait = base + draw.Below(base);
  election_deadline_ = std::max(now, no_campaign_before_) + Duration(wait);
}

bool Consensus::MayCampaign(Time now) const {
  return standing_.trusted() && ConfigurationToVoteIn().IsVoter(options_.self) && !damaged_ &&
         standing_.floor_end() <= log_.end() && now >= no_campaign_before_;
}

bool Consensus::HearsPrimary(Time now) const {
  return role_ == Role::kPrimary || now < last_word_.value_or(began_) + options_.election_timeout;
}

void Consensus::ElectionTimeout(Time now) {
  WT_CHECK(role_ != Role::kPrimary);
  if (MayCampaign(now)) {
    Campaign(now, Role::kPreCandidate, false);
    return;
  }
  BecomeReplica(now, term_, NodeId(0));
}

void Consensus::Campaign(Time now, Role role, bool forced) {
  WT_CHECK(role == Role::kPreCandidate || role == Role::kCandidate);
  WT_CHECK(MayCampaign(now));
  role_ = role;
  primary_ = NodeId(0);
  forced_ = forced;
  votes_.clear();
  if (role == Role::kCandidate) EnterTerm(term_ + 1, options_.self);
  campaign_at_ = now;
  DrawElectionDeadline(now);
  const bool pre = role == Role::kPreCandidate;
  for (NodeId node : configuration().AllVoters()) {
    if (node == options_.self) continue;
    SendIn(pre ? term_ + 1 : term_, node,
           VoteRequest{.pre = pre, .forced = forced, .end = log_.end()}, 0);
  }
  CountVotesNow(now);
}

void Consensus::CountVotesNow(Time now) {
  if (role_ != Role::kPreCandidate && role_ != Role::kCandidate) return;
  const VoteOutcome outcome = CountVotes(configuration(), [&](NodeId node) -> std::optional<bool> {
    if (node == options_.self) {
      const bool given = role_ == Role::kPreCandidate || vote_write_ <= persisted_;
      return given ? std::optional(true) : std::nullopt;
    }
    const auto vote = votes_.find(node);
    if (vote == votes_.end() || !standing_.Counts(vote->second.from)) return std::nullopt;
    return vote->second.granted;
  });
  if (outcome == VoteOutcome::kPending) return;
  if (outcome == VoteOutcome::kLost) {
    role_ = Role::kReplica;
    return;
  }
  if (role_ == Role::kCandidate) {
    BecomePrimary(now);
  } else {
    Campaign(now, Role::kCandidate, forced_);
  }
}

bool Consensus::MayGrant(const ReplicaMessage& message, const VoteRequest& request) const {
  if (!standing_.trusted()) return false;
  // In the terms up to the floor's, a forgotten life may have voted.
  if (message.term <= standing_.floor_term()) return false;
  if (request.end < std::max(log_.end(), standing_.floor_end())) return false;
  if (message.term > term_) return true;  // a pre-vote
  if (primary_ != NodeId(0) && primary_ != message.from) return false;
  return vote_ == message.from || (vote_ == NodeId(0) && role_ == Role::kReplica);
}

void Consensus::On(Time now, const ReplicaMessage& message, const VoteRequest& request) {
  WT_CHECK(request.pre || message.term == term_);
  // Whoever asks believes that we vote, which our own log may not know yet: ask it back.
  if (!standing_.trusted()) SendIn(Term(0), message.from, standing_.Question(), 0);
  const bool granted = MayGrant(message, request);
  if (granted && !request.pre) {
    if (vote_ != message.from) {
      vote_ = message.from;
      WriteVote();
    }
    DrawElectionDeadline(now);
  }
  const VoteResponse response{
      .pre = request.pre, .granted = granted, .witness = standing_.witness()};
  SendIn(granted ? message.term : term_, message.from, response, message.session);
}

void Consensus::On(Time now, const ReplicaMessage& message, const VoteResponse& response) {
  standing_.Learn(response.witness);
  const Role asked = response.pre ? Role::kPreCandidate : Role::kCandidate;
  if (role_ != asked || !CheckCounts(message)) return;
  if (response.pre && response.granted && message.term != term_ + 1) return;
  Vote vote{.granted = response.granted, .from = message};
  vote.from.body = TakeOver{};
  votes_[message.from] = std::move(vote);
  CountVotesNow(now);
}

void Consensus::EnterTerm(Term term, NodeId vote) {
  WT_CHECK_GT(term, term_);
  term_ = term;
  vote_ = vote;
  // What another primary's log agreed with says nothing of this term's.
  agreed_ = commit_;
  knows_primary_ = false;
  heard_round_ = 0;
  WriteVote();
}

void Consensus::BecomeReplica(Time now, Term term, NodeId primary) {
  WT_CHECK_GE(term, term_);
  const bool new_term = term > term_;
  const bool changes = new_term || role_ != Role::kReplica;
  if (new_term) EnterTerm(term, NodeId(0));
  if (role_ == Role::kPrimary) {
    RefuseReads();
    peers_.clear();
    handover_.reset();
    uncommitted_.clear();
    uncommitted_bytes_ = 0;
  }
  role_ = Role::kReplica;
  primary_ = primary;
  if (changes || now >= election_deadline_) DrawElectionDeadline(now);
}

void Consensus::BecomePrimary(Time now) {
  WT_CHECK(role_ == Role::kCandidate && vote_ == options_.self);
  WT_CHECK_LE(vote_write_, persisted_);
  role_ = Role::kPrimary;
  primary_ = options_.self;
  tick_at_ = now + options_.heartbeat;
  rounds_.clear();
  handed_over_ = forced_ = false;
  peers_.clear();
  MatchPeersToMembers(now);
  first_of_term_ = log_.last() + 1;
  // No later primary had been elected as this one was voted for.
  horizon_ = {campaign_at_, first_of_term_};
  LogEntry first{.term = term_, .index = first_of_term_, .timestamp = last_stamp_};
  first.type = EntryType::kNoop;
  AppendLocally({std::move(first)}, std::nullopt);
  MaybeCommit(now);
}

void Consensus::DiskTrouble(Time now) {
  no_campaign_before_ = now + options_.election_timeout;
  BecomeReplica(now, term_, role_ == Role::kReplica ? primary_ : NodeId(0));
  DrawElectionDeadline(now);
}

}  // namespace wt
