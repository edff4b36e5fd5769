// The repairer: damaged entries are fetched from whoever has exactly them, and an amnesia ends when
// nothing of what was forgotten can matter any more.
#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "replicas/body.h"

namespace wt {
namespace {

constexpr size_t kMostWanted = 256;  // entries asked for at a time

}  // namespace

void Replica::Body::RepairLoop() {
  while (AwaitRepairWork()) {
    bool is_over = false;
    bool repair = false;
    {
      MutexLock lock(mu_);
      is_over = AmnesiaIsOver();
      repair = wants_repair_;
    }
    if (is_over) EndAmnesia();
    if (repair) RepairSome();
  }
}

bool Replica::Body::AwaitRepairWork() {
  MutexLock lock(mu_);
  while (!has_ended() && !wants_repair_ && !AmnesiaIsOver()) repairer_.Wait(mu_);
  return !has_ended();
}

// A committed entry of a later term than any that it may have voted in, or have promised an entry
// in, stands for all of those promises.
bool Replica::Body::AmnesiaIsOver() const {
  if (!amnesiac_ || !consensus_->standing().trusted()) return false;
  const std::optional<Term> term = consensus_->log().TermAt(consensus_->commit());
  return term.has_value() && *term > consensus_->standing().floor_term();
}

void Replica::Body::EndAmnesia() {
  const absl::Status ended = Engine::EndAmnesia(env_);
  if (!ended.ok()) return Stop(ended);
  MutexLock lock(mu_);
  amnesiac_ = false;
  env_.events.Reached("replica.amnesia_ended");
}

// Asks one peer for what is missing, and takes what it sends; the next peer is asked the next time.
void Replica::Body::RepairSome() {
  const std::vector<DamagedEntry> damaged = engine_->Damaged();
  Turn turn;
  {
    MutexLock lock(mu_);
    if (has_ended()) return;
    if (damaged.empty()) {
      wants_repair_ = false;
      consensus_->Repaired();
      feed_after_ = Time();
      reader_.SignalOne();
      Settle(turn);
    } else if (const std::vector<NodeId> donors = Others(); !donors.empty()) {
      FetchEntries fetch;
      for (const DamagedEntry& one : damaged) {
        if (fetch.wanted.size() == kMostWanted) break;
        fetch.wanted.push_back({one.index, one.term});
      }
      const NodeId donor = donors[next_donor_++ % donors.size()];
      turn.send.push_back(consensus_->Envelope(donor, std::move(fetch)));
    }
  }
  Deliver(turn);
  if (damaged.empty()) return;
  std::deque<std::pair<NodeId, FetchedEntries>> fetched;
  {
    MutexLock lock(mu_);
    const Time until = env_.clock.Now() + resend_after();
    for (;;) {
      const Time now = env_.clock.Now();
      if (!fetched_.empty() || has_ended() || now >= until) break;
      repairer_.WaitFor(mu_, until - now);
    }
    fetched.swap(fetched_);
  }
  for (const auto& [from, found] : fetched) {
    if (absl::Status repaired = RepairWith(from, found.entries); !repaired.ok()) {
      return Stop(repaired);
    }
  }
  // Who has nothing says so at once: the next is asked in good time, not as fast as answers come.
  if (engine_->Damaged().size() < damaged.size()) return;
  MutexLock lock(mu_);
  const Time until = env_.clock.Now() + resend_after();
  for (Time now = env_.clock.Now(); now < until && !has_ended(); now = env_.clock.Now()) {
    repairer_.WaitFor(mu_, until - now);
  }
}

absl::Status Replica::Body::RepairWith(NodeId from, const std::vector<LogEntry>& entries) {
  for (const LogEntry& entry : entries) {
    const std::vector<DamagedEntry> damaged = engine_->Damaged();
    const bool is_wanted = std::any_of(damaged.begin(), damaged.end(), [&](const auto& one) {
      return one.index == entry.index && one.term == entry.term;
    });
    if (!is_wanted) continue;
    const absl::Status repaired = engine_->Repair(entry);
    if (absl::IsInvalidArgument(repaired)) {
      Drop(from, "an entry that is not the one that is missing");
      continue;
    }
    WT_RETURN_IF_ERROR(repaired);
    env_.events.Reached("replica.repaired_entry");
    env_.events.Emit({.kind = EventKind::kEntryRepaired,
                      .a = entry.index.value(),
                      .b = entry.term.value(),
                      .c = from.value()});
  }
  return absl::OkStatus();
}

}  // namespace wt
