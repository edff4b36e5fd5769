// Handing the reign to another voter, with no gap in service but the one of an election.
#include "engine/base/check.h"
#include "engine/base/status.h"
#include "replicas/consensus/consensus.h"

namespace wt {

absl::Status Consensus::TransferTo(Time now, NodeId to) {
  if (role_ != Role::kPrimary) return FailedPrecondition("not the primary");
  if (to == options_.self) return absl::OkStatus();
  const Progress* peer = progress(to);
  if (peer == nullptr || !configuration().IsVoter(to)) {
    return InvalidArgument("%d is no voter", to.value());
  }
  if (!peer->trusted) return InvalidArgument("%d is doubtful", to.value());
  handover_ = {to, now + options_.election_timeout};
  MaybeHandOver();
  return absl::OkStatus();
}

void Consensus::MaybeHandOver() {
  if (role_ != Role::kPrimary || !handover_.has_value()) return;
  const Progress* peer = progress(handover_->to);
  if (peer == nullptr || peer->match < log_.last()) return;
  // From here on it may be elected at any time, past everybody's patience with us.
  handed_over_ = true;
  Send(handover_->to, TakeOver{});
}

void Consensus::On(Time now, const ReplicaMessage& message, const TakeOver&) {
  if (role_ != Role::kReplica || primary_ != message.from || !MayCampaign(now)) return;
  Campaign(now, Role::kCandidate, true);
}

}  // namespace wt
