// The messages of a recall, and what becomes of a replica that is trusted again. What is asked of
// whom, and when it is enough: standing.h.
#include <algorithm>

#include "engine/base/check.h"
#include "replicas/consensus/consensus.h"

namespace wt {

Term Consensus::TermOfConfiguration(LogIndex index) const {
  return log_.TermAt(index).value_or(log_.base().term);
}

Standing::Own Consensus::OwnView() const {
  const auto& [at, configuration] = configurations_[PlaceOfConfigurationToVoteIn()];
  return {.term = term_,
          .end = log_.end(),
          .configured = {TermOfConfiguration(at), at},
          .configuration = configuration};
}

void Consensus::AskRecall(Time now) {
  // One that only learns will see in the log when it is to vote, as long as somebody sends it.
  const bool voter = ConfigurationToVoteIn().IsVoter(options_.self);
  const bool urgent = voter && !standing_.trusted();
  recall_at_ = now + (urgent ? options_.heartbeat : options_.election_timeout);
  if (!voter && HearsPrimary(now)) return;
  for (NodeId node : standing_.Asked(OwnView())) SendIn(Term(0), node, standing_.Question(), 0);
}

void Consensus::On(Time, const ReplicaMessage& message, const Recall& question) {
  const uint64_t epoch = standing_.Give(message, question);
  AnswerRecall(message, epoch);
}

// The asker counts on our knowing the epoch from now on, whatever happens to us.
void Consensus::AnswerRecall(const ReplicaMessage& message, uint64_t epoch) {
  if (standing_.TakeNews()) WriteEpochs();
  const Standing::Own own = OwnView();
  const LogIndex configured = configurations_.back().first;
  RecallResponse answer{.epoch = epoch,
                        .amnesiac = amnesiac_,
                        .term = own.term,
                        .end = own.end,
                        .floor_end = std::max(own.end, standing_.floor_end()),
                        .configured = {TermOfConfiguration(configured), configured},
                        .configuration = configuration(),
                        .witness = standing_.witness()};
  SendIn(Term(0), message.from, std::move(answer), message.session);
  output_.messages.back().after = LastWrite();
}

void Consensus::On(Time now, const ReplicaMessage& message, const RecallResponse& answer) {
  standing_.Learn(answer.witness);
  if (standing_.Answered(message, answer)) AskRecall(now);
}

void Consensus::SettleStanding(Time now) {
  const bool newly_trusted = standing_.Settle(OwnView());
  if (!newly_trusted) return;
  WT_CHECK(role_ == Role::kReplica);
  WriteEpochs();
  // A forgotten life may have voted up to there, which is a promise to take part in nothing below.
  if (standing_.floor_term() > term_) BecomeReplica(now, standing_.floor_term(), NodeId(0));
}

// Whether what the sender promised counts. When it lives and only does not know its epoch, it is
// told.
bool Consensus::CheckCounts(const ReplicaMessage& message) {
  if (standing_.Counts(message)) return true;
  if (message.trusted) AnswerRecall(message, standing_.Known(message.from));
  return false;
}

}  // namespace wt
