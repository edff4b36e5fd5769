#include "replicas/consensus/quorum.h"

#include <algorithm>
#include <functional>
#include <vector>

namespace wt {

LogIndex CommittedBy(std::span<const NodeId> voters, const AcknowledgedBy& acknowledged) {
  if (voters.empty()) return kEverything;
  std::vector<LogIndex> indices;
  for (NodeId voter : voters) indices.push_back(acknowledged(voter));
  std::sort(indices.begin(), indices.end(), std::greater<>());
  return indices[MajorityOf(voters.size()) - 1];
}

LogIndex CommittedBy(const Configuration& configuration, const AcknowledgedBy& acknowledged) {
  return std::min(CommittedBy(configuration.voters, acknowledged),
                  CommittedBy(configuration.old_voters, acknowledged));
}

VoteOutcome CountVotes(std::span<const NodeId> voters, const VoteOf& vote) {
  if (voters.empty()) return VoteOutcome::kWon;
  size_t granted = 0;
  size_t refused = 0;
  for (NodeId voter : voters) {
    const std::optional<bool> answer = vote(voter);
    if (answer.has_value()) ++(*answer ? granted : refused);
  }
  const size_t majority = MajorityOf(voters.size());
  if (granted >= majority) return VoteOutcome::kWon;
  return voters.size() - refused < majority ? VoteOutcome::kLost : VoteOutcome::kPending;
}

VoteOutcome CountVotes(const Configuration& configuration, const VoteOf& vote) {
  const VoteOutcome incoming = CountVotes(configuration.voters, vote);
  const VoteOutcome outgoing = CountVotes(configuration.old_voters, vote);
  if (incoming == VoteOutcome::kLost || outgoing == VoteOutcome::kLost) return VoteOutcome::kLost;
  return incoming == VoteOutcome::kWon ? outgoing : incoming;
}

}  // namespace wt
