// The driver: the clock of consensus, and proposals.
#include <algorithm>
#include <iterator>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "replicas/body.h"

namespace wt {
namespace {

// Of one proposal to consensus, which becomes one batch of the log.
constexpr uint64_t kMostBatchBytes = kMiB;
constexpr uint64_t kMostBatchEntries = 4096;

}  // namespace

void Replica::Body::DriveLoop() {
  for (;;) {
    Turn turn;
    {
      MutexLock lock(mu_);
      std::vector<Proposal> proposals;
      if (!AwaitDue(&proposals)) return;
      const Time now = env_.clock.Now();
      if (now >= consensus_->NextDeadline()) consensus_->Tick(now);
      WatchDisk(now);
      if (!proposals.empty()) ProposeBatch(now, std::move(proposals), turn);
      Settle(turn);
    }
    Deliver(turn);
  }
}

// Takes the proposals that wait, or waits for some or for a deadline. False when the replica has
// ended.
bool Replica::Body::AwaitDue(std::vector<Proposal>* proposals) {
  while (!has_ended()) {
    *proposals = TakeProposals();
    if (!proposals->empty()) break;
    const Time now = env_.clock.Now();
    const Time deadline = Deadline();
    if (deadline <= now) break;
    driver_wakes_at_ = deadline;
    driver_.WaitFor(mu_, deadline - now);
  }
  driver_wakes_at_ = Time();  // awake: nobody need call
  return !has_ended();
}

void Replica::Body::CallDriver() {
  if (Deadline() >= driver_wakes_at_) return;
  driver_wakes_at_ = Time();  // once is enough
  driver_.SignalOne();
}

Time Replica::Body::Deadline() const {
  Time deadline = consensus_->NextDeadline();
  if (writing_since_.has_value()) {
    const Time patience = std::max(*writing_since_ + options_.disk_stall,
                                   disk_checked_ + options_.consensus.election_timeout);
    deadline = std::min(deadline, patience);
  }
  for (const auto& [peer, offering] : offerings_) deadline = std::min(deadline, offering.due);
  return deadline;
}

// Judged by the oldest unfinished write: whoever waits for this disk had better find another
// primary.
void Replica::Body::WatchDisk(Time now) {
  if (writing_since_.has_value() && now - *writing_since_ >= options_.disk_stall &&
      now - disk_checked_ >= options_.consensus.election_timeout) {
    disk_checked_ = now;
    WT_SOMETIMES(env_.events, "replica.stepped_down_for_disk",
                 consensus_->role() == Role::kPrimary);
    watch_->Expect("its disk stalls");
    consensus_->DiskTrouble(now);
  }
}

std::vector<Replica::Body::Proposal> Replica::Body::TakeProposals() {
  std::vector<Proposal> batch;
  uint64_t bytes = 0;
  MutexLock lock(proposals_mu_);
  driver_waits_ = proposals_.empty();  // from here on until it holds mu_ no longer
  while (!proposals_.empty() && batch.size() < kMostBatchEntries && bytes < kMostBatchBytes) {
    bytes += proposals_.front().command.size();
    batch.push_back(std::move(proposals_.front()));
    proposals_.pop_front();
  }
  return batch;
}

void Replica::Body::ProposeBatch(Time now, std::vector<Proposal> batch, Turn& turn) {
  const WallTime stamp = std::max(last_stamp_, env_.clock.WallNow());
  std::vector<LogEntry> entries;
  entries.reserve(batch.size());
  for (Proposal& proposal : batch) {
    entries.push_back({.timestamp = stamp, .command = std::move(proposal.command)});
  }
  absl::StatusOr<LogIndex> first = absl::UnknownError("");
  if (waiters_.size() + batch.size() > options_.max_waiting) {
    first = ResourceExhausted("replica: %d proposals wait already, the limit is %d",
                              waiters_.size(), options_.max_waiting);
  } else {
    first = consensus_->Propose(now, std::move(entries));
  }
  if (!first.ok()) {
    for (Proposal& proposal : batch) {
      turn.answers.push_back({std::move(proposal.reply), first.status()});
    }
    return;
  }
  LogIndex index = *first;
  for (Proposal& proposal : batch) {
    waiters_.Add({.index = index,
                  .term = consensus_->term(),
                  .ack = proposal.ack,
                  .reply = std::move(proposal.reply)});
    ++index;
  }
}

void Replica::Body::Submit(Proposal proposal) {
  const uint64_t limit = options_.engine.log.max_entry_bytes;
  absl::Status refused;
  bool is_to_call = false;
  if (proposal.command.size() > limit) {
    refused =
        InvalidArgument("proposal: %d bytes, the limit is %d", proposal.command.size(), limit);
  } else {
    MutexLock lock(proposals_mu_);
    if (refuses_) {
      refused = FailedPrecondition("replica stopped");
    } else if (proposals_.size() >= options_.max_waiting) {
      refused = ResourceExhausted("replica: %d proposals wait already", proposals_.size());
    } else {
      proposals_.push_back(std::move(proposal));
      is_to_call = std::exchange(driver_waits_, false);
    }
  }
  if (refused.ok() && !is_to_call) return;
  Turn turn;
  {
    MutexLock lock(mu_);
    if (is_to_call) driver_.SignalOne();
    if (!refused.ok()) turn.answers.push_back({std::move(proposal.reply), refused});
    AnswerTasks(turn);
  }
  Deliver(turn);
}

}  // namespace wt
