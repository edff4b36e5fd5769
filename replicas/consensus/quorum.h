// Majorities, single and joint.
#ifndef WAVETANK_REPLICAS_CONSENSUS_QUORUM_H_
#define WAVETANK_REPLICAS_CONSENSUS_QUORUM_H_

#include <functional>
#include <optional>
#include <span>

#include "engine/base/units.h"
#include "replicas/consensus/configuration.h"

namespace wt {

inline constexpr LogIndex kEverything = LogIndex(~uint64_t{0});

constexpr size_t MajorityOf(size_t voters) { return voters / 2 + 1; }

// The highest index that a majority has acknowledged; kEverything for no voters. `acknowledged`
// gives 0 for who has not answered.
using AcknowledgedBy = std::function<LogIndex(NodeId)>;
LogIndex CommittedBy(std::span<const NodeId> voters, const AcknowledgedBy& acknowledged);
LogIndex CommittedBy(const Configuration& configuration, const AcknowledgedBy& acknowledged);

enum class VoteOutcome { kPending, kWon, kLost };

// No voters: won. `vote` gives nothing for who has not answered.
using VoteOf = std::function<std::optional<bool>(NodeId)>;
VoteOutcome CountVotes(std::span<const NodeId> voters, const VoteOf& vote);
VoteOutcome CountVotes(const Configuration& configuration, const VoteOf& vote);

}  // namespace wt

#endif  // WAVETANK_REPLICAS_CONSENSUS_QUORUM_H_
