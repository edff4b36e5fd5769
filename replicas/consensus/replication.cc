// The log: proposals, what a replica takes over, and what is committed.
#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "replicas/consensus/consensus.h"
#include "replicas/consensus/quorum.h"

namespace wt {

absl::Status Consensus::CheckProposable() const {
  if (role_ != Role::kPrimary) {
    return FailedPrecondition("not the primary of term %d, which is %d", term_.value(),
                              primary_.value());
  }
  if (handover_.has_value()) {
    return FailedPrecondition("handing over to %d", handover_->to.value());
  }
  return absl::OkStatus();
}

absl::StatusOr<LogIndex> Consensus::Propose(Time now, std::vector<LogEntry> entries) {
  WT_CHECK(!entries.empty());
  WT_RETURN_IF_ERROR(CheckProposable());
  uint64_t bytes = 0;
  for (const LogEntry& entry : entries) bytes += entry.command.size();
  if (uncommitted_bytes_ > 0 && uncommitted_bytes_ + bytes > options_.max_uncommitted_bytes) {
    return ResourceExhausted("%d bytes are uncommitted, %d more would pass %d", uncommitted_bytes_,
                             bytes, options_.max_uncommitted_bytes);
  }
  const LogIndex first = log_.last() + 1;
  for (size_t i = 0; i < entries.size(); ++i) {
    WT_CHECK(entries[i].type != EntryType::kConfig);
    entries[i].term = term_;
    entries[i].index = first + i;
  }
  AppendLocally(std::move(entries), std::nullopt);
  uncommitted_.push_back({log_.last(), bytes});
  uncommitted_bytes_ += bytes;
  MaybeCommit(now);
  return first;
}

// ---- As a replica

// A network may repeat itself, long afterwards: what a primary has said before is no sign that it
// lives, and does not hold up the election of another.
void Consensus::Follow(Time now, const ReplicaMessage& message, bool is_news) {
  // Two primaries in a term: nothing that follows could be right.
  WT_CHECK(role_ != Role::kPrimary);
  if (std::exchange(knows_primary_, true) && !is_news) return;
  last_word_ = now;
  if (role_ != Role::kReplica || primary_ != message.from) BecomeReplica(now, term_, message.from);
  primary_session_ = message.session;
  DrawElectionDeadline(now);
}

// Whether the log has this entry, as far as it can be told: what is committed, every primary has.
bool Consensus::Holds(LogEnd entry) const {
  const std::optional<Term> term = log_.TermAt(entry.index);
  if (entry.index > commit_) return term == entry.term;
  WT_CHECK(!term.has_value() || *term == entry.term);
  return true;
}

void Consensus::On(Time now, const ReplicaMessage& message, const AppendRequest& request) {
  const LogIndex through = request.prev.index + request.entries.size();
  const bool is_news = Holds(request.prev) && (through > agreed_ || request.commit > commit_);
  Follow(now, message, is_news);
  for (size_t i = 0; i < request.entries.size(); ++i) {
    if (request.entries[i].index != request.prev.index + i + 1) return;
  }
  if (!Holds(request.prev)) return Reject(message, request);
  const LogIndex match = AppendBehind(request);
  agreed_ = std::max(agreed_, match);
  CommitTo(std::min(request.commit, match));
  SendAfterWrites(
      message.from,
      AppendResponse{.match = match, .prev = request.prev.index, .witness = standing_.witness()},
      message.session);
}

void Consensus::Reject(const ReplicaMessage& message, const AppendRequest& request) {
  // Terms ascend along a log: the primary's entries up to `prev` have its term at most, so behind
  // our last entry of such a term nothing can agree.
  const LogIndex place =
      log_.LastAtOrBelow(std::min(request.prev.index, log_.last()), request.prev.term);
  Answer(message, AppendResponse{.rejected = true,
                                 .prev = request.prev.index,
                                 .hint = {log_.TermAt(place).value(), place},
                                 .witness = standing_.witness()});
}

// Returns up to where the log is the primary's now. Entries that agree are left alone: an append
// may be old, and what we have behind it newer.
LogIndex Consensus::AppendBehind(const AppendRequest& request) {
  const LogIndex through = request.prev.index + request.entries.size();
  for (const LogEntry& entry : request.entries) {
    if (Holds({entry.term, entry.index})) continue;
    std::optional<LogIndex> truncate_from;
    if (entry.index <= log_.last()) truncate_from = entry.index;
    const auto from = static_cast<ptrdiff_t>(entry.index - request.prev.index - 1);
    AppendLocally({request.entries.begin() + from, request.entries.end()}, truncate_from);
    break;
  }
  return through;
}

void Consensus::On(Time now, const ReplicaMessage& message, const Heartbeat& heartbeat) {
  const bool is_news = heartbeat.round > heard_round_;
  Follow(now, message, is_news);
  if (is_news) horizon_ = {now, heartbeat.horizon};
  heard_round_ = std::max(heard_round_, heartbeat.round);
  // What of our log is the primary's we know better than it does: it may mean an earlier life.
  CommitTo(std::min(heartbeat.commit, agreed_));
  Answer(message, HeartbeatResponse{.round = heartbeat.round});
}

void Consensus::CommitTo(LogIndex index) {
  WT_CHECK_LE(index, log_.last());
  commit_ = std::max(commit_, index);
}

// ---- As the primary

void Consensus::On(Time now, const ReplicaMessage& message, const AppendResponse& response) {
  standing_.Learn(response.witness);
  Progress* peer = Hear(now, message);
  if (peer == nullptr) return;
  if (response.rejected) return Rejected(*peer, response);
  if (response.match > log_.last()) return;
  peer->match = std::max(peer->match, response.match);
  peer->next = std::max(peer->next, peer->match + 1);
  peer->Acknowledged(now, response.match);
  if (CheckCounts(message)) {
    const bool same_life = peer->counted_epoch == message.epoch;
    peer->counted = same_life ? std::max(peer->counted, response.match) : response.match;
    peer->counted_epoch = message.epoch;
  }
  const bool reachable = log_.TermAt(peer->match).has_value();
  if (peer->state != Progress::State::kStreaming && reachable) {
    peer->state = Progress::State::kStreaming;
    peer->next = peer->match + 1;
  }
  MaybeCommit(now);
  MaybeHandOver();
}

LogIndex Consensus::CountedOf(NodeId node) const {
  if (node == options_.self) return durable_;
  const Progress* peer = progress(node);
  if (peer == nullptr || peer->counted_epoch < standing_.Known(node)) return LogIndex(0);
  return peer->counted;
}

void Consensus::MaybeCommit(Time now) {
  if (role_ != Role::kPrimary) return;
  const LogIndex index =
      CommittedBy(configuration(), [this](NodeId node) { return CountedOf(node); });
  // Figure 8: an entry of an earlier term on a majority may still be replaced.
  if (index <= commit_ || log_.TermAt(index) != term_) return;
  CommitTo(index);
  AfterCommit(now);
}

void Consensus::AfterCommit(Time now) {
  while (!uncommitted_.empty() && uncommitted_.front().through <= commit_) {
    uncommitted_bytes_ -= uncommitted_.front().bytes;
    uncommitted_.pop_front();
  }
  ServePostponedReads(now);
  AfterConfigurationCommit(now);
}

}  // namespace wt
