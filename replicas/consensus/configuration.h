// Who belongs to the group. While two configurations overlap (joint consensus), every decision
// needs a majority of both halves.
#ifndef WAVETANK_REPLICAS_CONSENSUS_CONFIGURATION_H_
#define WAVETANK_REPLICAS_CONSENSUS_CONFIGURATION_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/env/network.h"

namespace wt {

using NodeId = PeerId;  // 0 is nobody

struct Configuration {
  std::vector<NodeId> voters;      // sorted; the new half while joint
  std::vector<NodeId> old_voters;  // sorted; empty unless joint
  // sorted: take the log, neither vote nor count. While joint, one of the old half may be listed:
  // it votes until the joint configuration is left.
  std::vector<NodeId> learners;

  bool joint() const { return !old_voters.empty(); }
  bool IsVoter(NodeId node) const;  // of either half
  bool IsMember(NodeId node) const;
  std::vector<NodeId> Members() const;  // sorted, each once
  std::vector<NodeId> AllVoters() const;

  // What a change from this one to `target` must pass through: `target` beside the present voters.
  // Requires: !joint() && !target.joint().
  Configuration JointWith(const Configuration& target) const;
  // The new half alone. Requires: joint().
  Configuration Left() const;

  std::string ToString() const;  // "{1 2 3}", "{1 2 4 | was 1 2 3}", "{1 2 3, learning 4}"
  bool operator==(const Configuration&) const = default;
};

// Errors: InvalidArgument naming what is wrong: no voters, a zero or repeated id, a learner that
// votes, unsorted.
absl::Status Validate(const Configuration& configuration);

std::string EncodeConfiguration(const Configuration& configuration);
// Errors: DataLoss (malformed), or as Validate.
absl::StatusOr<Configuration> DecodeConfiguration(std::string_view bytes);

}  // namespace wt

#endif  // WAVETANK_REPLICAS_CONSENSUS_CONFIGURATION_H_
