#include "replicas/consensus/standing.h"

#include <algorithm>

#include "engine/base/check.h"
#include "replicas/consensus/quorum.h"

namespace wt {

namespace {

bool Has(std::span<const NodeId> nodes, NodeId node) {
  return std::binary_search(nodes.begin(), nodes.end(), node);
}

}  // namespace

Standing::Standing(NodeId self, uint64_t session, bool doubtful, bool amnesiac,
                   const Witness& recorded)
    : self_(self), session_(session), trusted_(!doubtful), amnesiac_(amnesiac) {
  WT_CHECK_NE(session, 0u);
  for (const KnownEpoch& known : recorded) known_[known.node] = known.epoch;
  epoch_ = Known(self) + (doubtful ? 1 : 0);
}

std::vector<NodeId> Standing::Awaited(const Configuration& configuration) const {
  std::vector<NodeId> awaited;
  if (trusted_) return awaited;
  for (NodeId node : configuration.AllVoters()) {
    if (node != self_ && !TrustedAnswerOf(node)) awaited.push_back(node);
  }
  return awaited;
}

uint64_t Standing::Known(NodeId node) const {
  const auto found = known_.find(node);
  return found == known_.end() ? 0 : found->second;
}

Witness Standing::witness() const {
  Witness witness;
  for (const auto& [node, epoch] : known_) witness.push_back({node, epoch});
  return witness;
}

void Standing::Learn(NodeId node, uint64_t epoch) {
  // Whether an epoch was given to this life of ours only its giver knows: it answers us itself.
  if (epoch <= Known(node) || (node == self_ && !trusted_)) return;
  known_[node] = epoch;
  sessions_.erase(node);
  news_ = true;
  if (node == self_) epoch_ = epoch;
}

void Standing::Learn(const Witness& witness) {
  for (const KnownEpoch& known : witness) Learn(known.node, known.epoch);
}

bool Standing::Counts(const ReplicaMessage& message) const {
  return message.trusted && message.epoch >= Known(message.from);
}

uint64_t Standing::Give(const ReplicaMessage& message, const Recall& question) {
  const uint64_t known = Known(message.from);
  const auto session = sessions_.find(message.from);
  const bool same = session != sessions_.end() && session->second == message.session;
  // Another life: whatever we knew was an earlier one's.
  const uint64_t least = question.doubtful && !same ? known + 1 : known;
  const uint64_t given = std::max(least, question.epoch);
  if (given != known) {
    known_[message.from] = given;
    news_ = true;
  }
  sessions_[message.from] = message.session;
  return given;
}

bool Standing::TakeNews() { return std::exchange(news_, false); }

Recall Standing::Question() const { return {.doubtful = !trusted_, .epoch = epoch_}; }

std::vector<NodeId> Standing::Asked(const Own& own) const {
  const Configuration& configuration = Newest(own);
  const bool voter = configuration.IsVoter(self_);
  if (!trusted_ && voter) return Awaited(configuration);
  // One that does not vote asks whether it has come to.
  std::vector<NodeId> asked = configuration.AllVoters();
  std::erase_if(asked,
                [&](NodeId node) { return node == self_ || (voter && AnswerOf(node) != nullptr); });
  return asked;
}

bool Standing::Answered(const ReplicaMessage& message, const RecallResponse& answer) {
  answers_[message.from] = {answer, message.trusted, message.epoch};
  if (trusted_) {
    Learn(self_, answer.epoch);
    return false;
  }
  if (answer.epoch <= epoch_) return false;
  epoch_ = answer.epoch;
  return true;
}

const Configuration& Standing::Newest(const Own& own) const {
  const Configuration* newest = &own.configuration;
  LogEnd at = own.configured;
  for (const auto& [node, answer] : answers_) {
    const Configuration& theirs = answer.response.configuration;
    if (answer.response.configured <= at || !theirs.IsVoter(self_)) continue;
    if (!Validate(theirs).ok()) continue;
    at = answer.response.configured;
    newest = &answer.response.configuration;
  }
  return *newest;
}

const Standing::Answer* Standing::AnswerOf(NodeId node) const {
  const auto found = answers_.find(node);
  if (found == answers_.end() || found->second.response.epoch < epoch_) return nullptr;
  return &found->second;
}

bool Standing::TrustedAnswerOf(NodeId node) const {
  const Answer* answer = AnswerOf(node);
  return answer != nullptr && answer->trusted && answer->epoch >= Known(node);
}

bool Standing::MajorityAnswered(std::span<const NodeId> half) const {
  const auto answered = std::count_if(half.begin(), half.end(), [&](NodeId node) {
    return node != self_ && TrustedAnswerOf(node);
  });
  return static_cast<size_t>(answered) >= MajorityOf(half.size());
}

bool Standing::AllAnswered(std::span<const NodeId> half) const {
  size_t forgetful = amnesiac_ ? 1 : 0;
  for (NodeId node : half) {
    if (node == self_) continue;
    const Answer* answer = AnswerOf(node);
    if (answer == nullptr) return false;
    if (answer->response.amnesiac && !answer->trusted) ++forgetful;
  }
  return forgetful <= half.size() - MajorityOf(half.size());
}

bool Standing::AllAnswered(const Configuration& configuration) const {
  for (const auto* half : {&configuration.voters, &configuration.old_voters}) {
    if (Has(*half, self_) && !AllAnswered(*half)) return false;
  }
  return true;
}

bool Standing::Enough(std::span<const NodeId> half) const {
  return !Has(half, self_) || MajorityAnswered(half) || AllAnswered(half);
}

bool Standing::Settle(const Own& own) {
  if (trusted_) {
    LowerFloor(own);
    return false;
  }
  const Configuration& configuration = Newest(own);
  if (!configuration.IsVoter(self_)) return false;
  if (!Enough(configuration.voters) || !Enough(configuration.old_voters)) return false;
  SetFloor(own, configuration);
  trusted_ = true;
  known_[self_] = epoch_;
  news_ = true;
  answers_.clear();
  return true;
}

void Standing::SetFloor(const Own& own, const Configuration& configuration) {
  floor_term_ = own.term;
  // With everybody's own word there is no need of what they heard from others, which may be of
  // logs that exist no longer.
  floor_end_ = HighestLog(own, configuration);
  const bool all = AllAnswered(configuration);
  for (const auto& [node, answer] : answers_) {
    floor_term_ = std::max(floor_term_, answer.response.term);
    if (!all) floor_end_ = std::max(floor_end_, answer.response.floor_end);
  }
  if (floor_end_ <= own.end) floor_end_ = {};
}

LogEnd Standing::HighestLog(const Own& own, const Configuration& configuration) const {
  LogEnd highest = own.end;
  for (NodeId node : configuration.AllVoters()) {
    if (const Answer* answer = AnswerOf(node)) highest = std::max(highest, answer->response.end);
  }
  return highest;
}

void Standing::LowerFloor(const Own& own) {
  if (floor_end_ == LogEnd{}) return;
  const Configuration& configuration = Newest(own);
  if (floor_end_ > own.end && AllAnswered(configuration)) {
    floor_end_ = std::min(floor_end_, HighestLog(own, configuration));
    answers_.clear();
  }
  if (floor_end_ > own.end) return;
  floor_end_ = {};
  answers_.clear();
}

}  // namespace wt
