// What must become durable, and how far that is. A write is known by its number, never by an index:
// an index may be written twice with different entries, and the completion of the first must not
// vouch for the second.
#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "replicas/consensus/consensus.h"

namespace wt {

Write& Consensus::NewWrite() {
  output_.writes.push_back({.number = next_write_++});
  unwritten_.push_back({.number = output_.writes.back().number});
  return output_.writes.back();
}

uint64_t Consensus::LastWrite() const { return unwritten_.empty() ? 0 : unwritten_.back().number; }

void Consensus::WriteVote() {
  Write& write = NewWrite();
  write.vote = {term_, vote_};
  vote_write_ = write.number;
}

void Consensus::WriteEpochs() { NewWrite().epochs = standing_.witness(); }

void Consensus::AppendLocally(std::vector<LogEntry> entries,
                              std::optional<LogIndex> truncate_from) {
  if (truncate_from.has_value()) {
    WT_CHECK_GT(*truncate_from, commit_);
    WT_CHECK_GT(*truncate_from, agreed_);
    log_.Truncate(*truncate_from);
    ForgetConfigurationsFrom(*truncate_from);
    LowerDurable(*truncate_from - 1);
  }
  for (const LogEntry& entry : entries) {
    log_.Append(entry.index, entry.term);
    last_stamp_ = std::max(last_stamp_, entry.timestamp);
    if (entry.type == EntryType::kConfig) LearnConfiguration(entry);
  }
  Write& write = NewWrite();
  write.truncate_from = truncate_from;
  write.entries = std::move(entries);
  unwritten_.back().through = log_.last();
}

void Consensus::LowerDurable(LogIndex to) {
  durable_ = std::min(durable_, to);
  for (Unwritten& write : unwritten_) write.through = std::min(write.through, to);
}

void Consensus::Persisted(Time now, uint64_t number) {
  WT_CHECK_LT(number, next_write_);
  while (!unwritten_.empty() && unwritten_.front().number <= number) {
    durable_ = std::max(durable_, unwritten_.front().through);
    unwritten_.pop_front();
  }
  WT_CHECK_LE(durable_, log_.last());
  persisted_ = std::max(persisted_, number);
  if (role_ == Role::kPrimary) {
    MaybeCommit(now);
  } else if (role_ == Role::kCandidate) {
    CountVotesNow(now);
  }
}

void Consensus::Compacted(LogIndex through) {
  WT_CHECK_LE(through, commit_);
  log_.Compact(through);
  ForgetConfigurationsThrough(through);
}

void Consensus::Install(Time now, LogEnd end, Configuration configuration) {
  WT_CHECK(Validate(configuration).ok());
  if (end.index <= commit_) {
    // The log leads there already, and beyond; but an entry on the way may be damaged.
    if (log_.TermAt(end.index) == end.term) NewWrite().install = end;
    return;
  }
  // Whoever offered it had been in that term: what follows must not go to the primary of an
  // earlier one.
  if (end.term > term_) BecomeReplica(now, end.term, NodeId(0));
  if (role_ == Role::kPrimary) return;
  const bool keeps_rest = log_.TermAt(end.index) == end.term;
  if (keeps_rest) {
    log_.Compact(end.index);
  } else {
    // Not one entry behind the snapshot is known to agree with it.
    LowerDurable(commit_);
    log_.Reset(end);
    ForgetConfigurationsFrom(LogIndex(0));
  }
  ForgetConfigurationsThrough(end.index);
  std::erase_if(configurations_, [&](const auto& known) { return known.first <= end.index; });
  configurations_.insert(configurations_.begin(), {end.index, std::move(configuration)});
  CommitTo(end.index);
  agreed_ = std::max(agreed_, end.index);
  Write& write = NewWrite();
  write.install = end;
  write.reset = !keeps_rest;
  unwritten_.back().through = end.index;
  if (primary_ != NodeId(0)) {
    SendAfterWrites(
        primary_,
        AppendResponse{.match = end.index, .prev = end.index, .witness = standing_.witness()},
        primary_session_);
  }
  SettleStanding(now);
}

void Consensus::Repaired() { damaged_ = false; }

void Consensus::Abandon(Time now, LogIndex from) {
  if (from <= std::max(commit_, agreed_) || from > log_.last()) return;
  if (role_ != Role::kReplica) BecomeReplica(now, term_, NodeId(0));
  AppendLocally({}, from);
}

}  // namespace wt
