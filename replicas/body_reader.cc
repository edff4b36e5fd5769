// The reader: what others need from this disk.
#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "replicas/body.h"

namespace wt {
namespace {

constexpr uint64_t kMostGivenBytes = kMiB;  // of damaged entries, in one message

}  // namespace

void Replica::Body::ReadLoop() {
  while (AwaitReading()) {
    FeedPeers();
    GiveEntries();
    GiveChunk();
    OfferSnapshots();
    LetGoOfPinned();
  }
}

// False when the replica has ended.
bool Replica::Body::AwaitReading() {
  MutexLock lock(mu_);
  while (!has_ended()) {
    if (!entries_wanted_.empty() || !to_offer_.empty()) return true;
    const Time now = env_.clock.Now();
    const bool may_feed = !to_feed_.empty() && now >= feed_after_;
    const bool may_give = !chunks_wanted_.empty() && now >= next_chunk_at_;
    std::optional<Time> until = pin_.Ends();
    if (may_feed || may_give || (until.has_value() && now >= *until)) return true;
    if (!to_feed_.empty()) until = std::min(until.value_or(feed_after_), feed_after_);
    if (!chunks_wanted_.empty()) until = std::min(until.value_or(next_chunk_at_), next_chunk_at_);
    if (until.has_value()) {
      reader_.WaitFor(mu_, *until - now);
    } else {
      reader_.Wait(mu_);
    }
  }
  return false;
}

void Replica::Body::FeedPeers() {
  std::set<NodeId> peers;
  {
    MutexLock lock(mu_);
    if (env_.clock.Now() >= feed_after_) peers = to_feed_;
  }
  for (NodeId peer : peers) Feed(peer);
}

// One append's worth of entries from the log. While a peer is in to_feed_, nobody else plans for
// it.
void Replica::Body::Feed(NodeId peer) {
  std::optional<AppendPlan> plan;
  {
    MutexLock lock(mu_);
    if (has_ended() || consensus_->role() != Role::kPrimary) return;
    plan = consensus_->PlanAppend(peer);
  }
  std::vector<LogEntry> entries;
  if (plan.has_value() && plan->through > plan->prev.index) {
    absl::StatusOr<std::vector<LogEntry>> read =
        engine_->log().GetRange(plan->prev.index + 1, plan->through + 1, BytesToSend(*plan));
    if (!read.ok()) return OnUnreadable();
    env_.events.Reached("replica.fed_from_disk");
    entries = *std::move(read);
  }
  Turn turn;
  {
    MutexLock lock(mu_);
    if (has_ended()) return;
    to_feed_.erase(peer);
    if (plan.has_value() && consensus_->role() == Role::kPrimary) {
      std::optional<ReplicaMessage> message =
          consensus_->FillAppend(env_.clock.Now(), *plan, std::move(entries));
      if (message.has_value()) turn.send.push_back(*std::move(message));
    }
    Settle(turn);  // plans on for this peer
  }
  Deliver(turn);
}

// The log was compacted meanwhile, its writer has not got that far, or an entry is damaged, which
// the repairer knows.
void Replica::Body::OnUnreadable() {
  const LogIndex first = engine_->log().first_index();
  Turn turn;
  {
    MutexLock lock(mu_);
    if (has_ended()) return;
    if (first > consensus_->log().first() && first - 1 <= applied_) {
      env_.events.Reached("replica.compacted_under_a_peer");
      Compacted(first - 1);
    } else {
      feed_after_ = env_.clock.Now() + options_.consensus.heartbeat;
    }
    Settle(turn);
  }
  Deliver(turn);
}

// Peers that need what is up to `through` are given a snapshot.
void Replica::Body::Compacted(LogIndex through) {
  consensus_->Compacted(through);
  to_feed_.clear();
}

// Only what is durable here, verified by the log as it is read.
void Replica::Body::GiveEntries() {
  std::deque<std::pair<NodeId, FetchEntries>> wanted;
  {
    MutexLock lock(mu_);
    wanted.swap(entries_wanted_);
  }
  const LogIndex durable = wanted.empty() ? LogIndex(0) : engine_->durable_index();
  for (const auto& [to, fetch] : wanted) {
    const std::vector<Snapshot> snapshots = engine_->snapshots().List();
    FetchedEntries found;
    bool is_covered = false;
    uint64_t bytes = 0;
    NoteNeverHad(fetch, found);
    for (const EntryWanted& one : fetch.wanted) {
      is_covered = is_covered || (!snapshots.empty() && one.index <= snapshots.front().index);
      if (one.index > durable || bytes > kMostGivenBytes) continue;
      absl::StatusOr<LogEntry> entry = engine_->log().Get(one.index);
      if (!entry.ok() || entry->term != one.term) continue;
      bytes += entry->command.size();
      found.entries.push_back(*std::move(entry));
    }
    SendOne(to, std::move(found));
    if (!fetch.or_snapshot || !is_covered) continue;
    env_.events.Reached("replica.offered_for_damage");
    if (std::optional<SnapshotOffer> offer = MakeOffer(to, snapshots.front().id)) {
      SendOne(to, *std::move(offer));
    }
  }
}

// Who may have forgotten something does not say so.
void Replica::Body::NoteNeverHad(const FetchEntries& fetch, FetchedEntries& found) {
  MutexLock lock(mu_);
  if (amnesiac_ || !consensus_->standing().trusted()) return;
  const LogShape& log = consensus_->log();
  for (const EntryWanted& one : fetch.wanted) {
    const std::optional<Term> term = log.TermAt(one.index);
    const bool never = one.index > log.last() || (term.has_value() && *term != one.term);
    if (never) found.never_had.push_back(one.index);
  }
}

void Replica::Body::GiveChunk() {
  std::pair<NodeId, FetchChunk> wanted;
  {
    MutexLock lock(mu_);
    if (chunks_wanted_.empty() || env_.clock.Now() < next_chunk_at_) return;
    wanted = std::move(chunks_wanted_.front());
    chunks_wanted_.pop_front();
    std::erase_if(chunks_wanted_, [&](const auto& other) {  // asked for again meanwhile
      return other == wanted;
    });
  }
  const FetchChunk& fetch = wanted.second;
  FetchedChunk answer{.checksum = fetch.checksum, .number = fetch.number, .gone = true};
  for (const Snapshot& snapshot : engine_->snapshots().List()) {
    if (snapshot.id != fetch.id || snapshot.checksum != fetch.checksum) continue;
    absl::StatusOr<std::string> bytes = engine_->snapshots().ReadChunk(fetch.id, fetch.number);
    answer.gone = !bytes.ok();
    if (bytes.ok()) {
      NotePin(wanted.first, snapshot);
      answer.bytes = *std::move(bytes);
    }
    if (absl::IsDataLoss(bytes.status()) || absl::IsUnavailable(bytes.status())) {
      env_.events.Reached("replica.replaced_damaged_snapshot");
      engine_->RequestSnapshot();
    }
  }
  if (options_.snapshot_bytes_per_second > 0) {
    const uint64_t nanoseconds =
        answer.bytes.size() * 1'000'000'000 / options_.snapshot_bytes_per_second;
    MutexLock lock(mu_);
    next_chunk_at_ = std::max(next_chunk_at_, env_.clock.Now()) + Duration(nanoseconds);
  }
  SendOne(wanted.first, std::move(answer));
}

void Replica::Body::OfferSnapshots() {
  std::vector<std::pair<NodeId, std::string>> offers;
  {
    MutexLock lock(mu_);
    for (NodeId peer : to_offer_) offers.emplace_back(peer, offerings_[peer].id);
    to_offer_.clear();
  }
  for (const auto& [peer, before] : offers) Offer(peer, before);
}

void Replica::Body::Offer(NodeId peer, const std::string& before) {
  std::optional<SnapshotOffer> offer = MakeOffer(peer, before);
  if (!offer.has_value()) return;
  {
    MutexLock lock(mu_);
    const auto offering = offerings_.find(peer);
    if (offering == offerings_.end()) return;
    offering->second.id = offer->id;
  }
  SendOne(peer, *std::move(offer));
}

void Replica::Body::NotePin(NodeId peer, const Snapshot& snapshot) {
  MutexLock lock(mu_);
  pin_.Heard(env_.clock.Now(), peer, snapshot);
}

// A transfer is over, and what was kept for its sake has become one snapshot too many.
void Replica::Body::LetGoOfPinned() {
  {
    MutexLock lock(mu_);
    if (has_ended() || !pin_.TakeEnd(env_.clock.Now())) return;
  }
  engine_->LetGoSoon();
}

// The one that was offered before, while it is there: the peer may have half of it. Else the one
// that another is being sent, which stays until it is over. Else the newest.
std::optional<SnapshotOffer> Replica::Body::MakeOffer(NodeId peer, const std::string& before) {
  const std::vector<Snapshot> snapshots = engine_->snapshots().List();
  if (snapshots.empty()) return std::nullopt;
  std::string pinned;
  {
    MutexLock lock(mu_);
    pinned = pin_.IdAt(env_.clock.Now());
  }
  const auto named = [&](const std::string& id) {
    return std::find_if(snapshots.begin(), snapshots.end(),
                        [&](const Snapshot& one) { return one.id == id; });
  };
  auto chosen = named(before);
  if (chosen == snapshots.end()) chosen = named(pinned);
  if (chosen == snapshots.end()) chosen = snapshots.begin();
  absl::StatusOr<std::vector<ChunkInfo>> chunks = engine_->snapshots().Chunks(chosen->id);
  if (!chunks.ok()) return std::nullopt;
  NotePin(peer, *chosen);
  env_.events.Emit({.kind = EventKind::kSnapshotOffered,
                    .a = peer.value(),
                    .b = chosen->index.value(),
                    .c = chosen->term.value(),
                    .d = chunks->size(),
                    .text = chosen->id});
  return SnapshotOffer{.id = chosen->id,
                       .end = {.term = chosen->term, .index = chosen->index},
                       .checksum = chosen->checksum,
                       .state_digest = chosen->state_digest,
                       .chunks = *std::move(chunks)};
}

void Replica::Body::SendOne(NodeId to, wt::Body body) {
  Turn turn;
  {
    MutexLock lock(mu_);
    if (has_ended()) return;
    turn.send.push_back(consensus_->Envelope(to, std::move(body)));
  }
  Deliver(turn);
}

}  // namespace wt
