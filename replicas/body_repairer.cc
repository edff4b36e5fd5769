// The repairer: damaged entries are fetched from whoever has exactly them, and an amnesia ends when
// nothing of what was forgotten can matter any more.
#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "replicas/body.h"

namespace wt {
namespace {

constexpr size_t kMostWanted = 256;    // entries asked for at a time
constexpr uint64_t kRoundsInVain = 2;  // through all others, before damage is left as it is

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

// A read, whoever's, has met with damage.
void Replica::Body::NoteDamage() {
  MutexLock lock(mu_);
  wants_repair_ = true;
  repairer_.SignalOne();
}

// Asks one peer for what is missed, and takes what it sends; the next peer is asked the next time.
void Replica::Body::RepairSome() {
  const std::vector<DamagedEntry> missed = Missed();
  if (missed.empty()) return NoteRepaired();
  if (!AskForEntries(missed)) return Pause();
  for (const auto& [from, found] : AwaitFetched()) {
    NoteNeverHad(from, found, missed.front().index);
    if (absl::Status repaired = RepairWith(from, found.entries); !repaired.ok()) {
      return Stop(repaired);
    }
  }
  if (Missed().size() < missed.size()) {
    asked_in_vain_ = 0;
    return;
  }
  ++asked_in_vain_;
  if (AbandonUncommitted(missed.front().index)) return;
  LetGoOfDamage(missed);
  // Who has nothing says so at once: the next is asked in good time, not as fast as answers come.
  Pause();
}

std::vector<DamagedEntry> Replica::Body::Missed() {
  std::vector<DamagedEntry> missed = engine_->Damaged();
  MutexLock lock(mu_);
  std::erase_if(missed, [&](const DamagedEntry& one) { return one.index <= given_up_; });
  return missed;
}

void Replica::Body::NoteRepaired() {
  asked_in_vain_ = 0;
  Turn turn;
  {
    MutexLock lock(mu_);
    if (has_ended()) return;
    wants_repair_ = false;
    consensus_->Repaired();
    feed_after_ = Time();
    reader_.SignalOne();
    Settle(turn);
  }
  Deliver(turn);
}

// Where nobody had them, they are compacted, or away: a snapshot is as good, unless one comes
// already. False when there is nobody to ask.
bool Replica::Body::AskForEntries(const std::vector<DamagedEntry>& missed) {
  FetchEntries fetch;
  for (const DamagedEntry& one : missed) {
    if (fetch.wanted.size() == kMostWanted) break;
    fetch.wanted.push_back({one.index, one.term});
  }
  Turn turn;
  {
    MutexLock lock(mu_);
    if (has_ended()) return false;
    const std::vector<NodeId> donors = Others();
    if (donors.empty()) return false;
    fetch.or_snapshot = asked_in_vain_ >= donors.size() && intake_ == nullptr;
    const NodeId donor = donors[next_donor_++ % donors.size()];
    turn.send.push_back(consensus_->Envelope(donor, std::move(fetch)));
  }
  Deliver(turn);
  return true;
}

std::deque<std::pair<NodeId, FetchedEntries>> Replica::Body::AwaitFetched() {
  MutexLock lock(mu_);
  const Time until = env_.clock.Now() + resend_after();
  for (;;) {
    const Time now = env_.clock.Now();
    if (!fetched_.empty() || has_ended() || now >= until) return std::exchange(fetched_, {});
    repairer_.WaitFor(mu_, until - now);
  }
}

void Replica::Body::Pause() {
  MutexLock lock(mu_);
  const Time until = env_.clock.Now() + resend_after();
  for (Time now = env_.clock.Now(); now < until && !has_ended(); now = env_.clock.Now()) {
    repairer_.WaitFor(mu_, until - now);
  }
}

void Replica::Body::NoteNeverHad(NodeId from, const FetchedEntries& found, LogIndex first) {
  if (doubted_ != first) never_had_.clear();
  doubted_ = first;
  const bool never =
      std::find(found.never_had.begin(), found.never_had.end(), first) != found.never_had.end();
  never ? (void)never_had_.insert(from) : (void)never_had_.erase(from);
}

// An entry that every other member never had was never committed, however many of those disks lie
// that may.
bool Replica::Body::AbandonUncommitted(LogIndex first) {
  if (doubted_ != first) return false;
  Turn turn;
  {
    MutexLock lock(mu_);
    if (has_ended() || first <= consensus_->commit()) return false;
    const std::vector<NodeId> others = Others();
    const bool all = std::all_of(others.begin(), others.end(),
                                 [this](NodeId node) { return never_had_.count(node) > 0; });
    if (!all || others.empty()) return false;
    env_.events.Reached("replica.abandoned_damaged_entry");
    consensus_->Abandon(env_.clock.Now(), first);
    Settle(turn);
  }
  never_had_.clear();
  Deliver(turn);
  Pause();
  return true;
}

// What a snapshot of our own covers is needed only by peers, who can have the snapshot.
void Replica::Body::LetGoOfDamage(const std::vector<DamagedEntry>& missed) {
  const LogIndex applied = engine_->last_applied();
  LogIndex covered;
  for (const Snapshot& one : engine_->snapshots().List()) {
    if (one.index <= applied) covered = std::max(covered, one.index);
  }
  LogIndex through;
  for (const DamagedEntry& one : missed) {
    if (one.index <= covered) through = std::max(through, one.index);
  }
  Turn turn;
  {
    MutexLock lock(mu_);
    if (has_ended() || asked_in_vain_ < kRoundsInVain * Others().size()) return;
    if (through == LogIndex(0)) {
      WT_SOMETIMES(env_.events, "replica.snapshot_for_damage", missed.front().index <= applied);
      if (missed.front().index <= applied) engine_->RequestSnapshot();
      return;
    }
    env_.events.Reached("replica.gave_up_repair");
    given_up_ = through;
    Compacted(through);
    Settle(turn);
  }
  Deliver(turn);
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
    if (absl::IsFailedPrecondition(repaired)) {
      // It shares a sector with what nobody can give back: only a snapshot helps, or the engine has
      // stopped, which others see to.
      env_.events.Reached("replica.entry_beyond_repair");
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
