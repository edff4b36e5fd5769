// Configurations: in force as soon as they are in the log, for as long as they are.
#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "replicas/consensus/consensus.h"

namespace wt {

absl::StatusOr<LogIndex> Consensus::ProposeConfiguration(Time now, WallTime stamp,
                                                         const Configuration& target) {
  WT_RETURN_IF_ERROR(CheckProposable());
  WT_RETURN_IF_ERROR(Validate(target));
  if (target.joint()) return InvalidArgument("%s is joint", target.ToString());
  if (!serving()) return Aborted("term %d has committed nothing yet", term_.value());
  if (configuration().joint() || configurations_.back().first > commit_) {
    return Aborted("the change to %s is not done", configuration().ToString());
  }
  if (target == configuration()) return InvalidArgument("%s is in force", target.ToString());
  AppendConfiguration(now, stamp, configuration().JointWith(target));
  const LogIndex index = log_.last();
  MaybeCommit(now);
  return index;
}

void Consensus::AppendConfiguration(Time now, WallTime stamp, const Configuration& configuration) {
  WT_CHECK(role_ == Role::kPrimary);
  LogEntry entry{.term = term_, .index = log_.last() + 1, .timestamp = stamp};
  entry.type = EntryType::kConfig;
  entry.command = EncodeConfiguration(configuration);
  AppendLocally({std::move(entry)}, std::nullopt);
  MatchPeersToMembers(now);
}

void Consensus::LearnConfiguration(const LogEntry& entry) {
  absl::StatusOr<Configuration> configuration = DecodeConfiguration(entry.command);
  WT_CHECK(configuration.ok());
  WT_CHECK_GT(entry.index, configurations_.back().first);
  configurations_.emplace_back(entry.index, *std::move(configuration));
}

void Consensus::ForgetConfigurationsFrom(LogIndex index) {
  // The first one is what the log began with.
  while (configurations_.size() > 1 && configurations_.back().first >= index) {
    configurations_.pop_back();
  }
}

void Consensus::ForgetConfigurationsThrough(LogIndex through) {
  while (configurations_.size() > 1 && configurations_[1].first <= through) {
    configurations_.erase(configurations_.begin());
  }
}

// The newest in which this replica votes; the newest, when it votes in none that can still matter.
// One that is leaving may be the only one with the log to be elected, until the others have
// committed it.
size_t Consensus::PlaceOfConfigurationToVoteIn() const {
  for (size_t at = configurations_.size(); at-- > 0;) {
    if (configurations_[at].second.IsVoter(options_.self)) return at;
    if (configurations_[at].first <= commit_) break;
  }
  return configurations_.size() - 1;
}

const Configuration& Consensus::ConfigurationToVoteIn() const {
  return configurations_[PlaceOfConfigurationToVoteIn()].second;
}

void Consensus::MatchPeersToMembers(Time now) {
  WT_CHECK(role_ == Role::kPrimary);
  const Configuration& members = configuration();
  std::erase_if(peers_, [&](const auto& peer) { return !members.IsMember(peer.first); });
  for (NodeId node : members.Members()) {
    if (node == options_.self || peers_.contains(node)) continue;
    Progress& peer = peers_[node];
    peer.Probe(log_.last() + 1);
    // It has an election timeout to say something.
    peer.heard = now;
    peer.trusted = true;
  }
  if (handover_.has_value() && !members.IsVoter(handover_->to)) handover_.reset();
}

void Consensus::AfterConfigurationCommit(Time now) {
  if (configurations_.back().first > commit_) return;
  if (configuration().joint()) {
    AppendConfiguration(now, last_stamp_, configuration().Left());
    MaybeCommit(now);
  } else if (!configuration().IsVoter(options_.self)) {
    Retire(now);
  }
}

// The others should not have to find out by waiting.
void Consensus::Retire(Time now) {
  Broadcast(now);
  const std::pair<const NodeId, Progress>* successor = nullptr;
  for (const auto& peer : peers_) {
    if (!peer.second.trusted || !configuration().IsVoter(peer.first)) continue;
    if (successor == nullptr || peer.second.match > successor->second.match) successor = &peer;
  }
  if (successor != nullptr) Send(successor->first, TakeOver{});
  BecomeReplica(now, term_, NodeId(0));
}

}  // namespace wt
