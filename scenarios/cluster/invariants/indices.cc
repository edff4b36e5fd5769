#include "scenarios/cluster/invariants/indices.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "sim/machine.h"

namespace wt::scenarios {

void Indices::OnEvent(sim::Machine& machine, sim::SimTime, const Event& event) {
  const uint32_t id = machine.id();
  switch (event.kind) {
    case EventKind::kEngineOpening:
      lives_[id - 1] = {};
      return;
    case EventKind::kCommitAdvanced:
      return OnCommit(id, LogIndex(event.a), LogIndex(event.b));
    case EventKind::kEntryApplied:
      return OnApplied(id, LogIndex(event.a));
    case EventKind::kSnapshotRestored:
    case EventKind::kSnapshotInstalled:
      return OnRestored(id, LogIndex(event.a));
    case EventKind::kEngineRecovered:
      lives_[id - 1].recovered = true;
      return;
    case EventKind::kLogSuffixOverridden:
      return OnOverridden(id, LogIndex(event.a));
    case EventKind::kReadServed:
      return OnRead(id, LogIndex(event.a), LogIndex(event.b));
    case EventKind::kAckReleased:
      return OnAck(id, LogIndex(event.c));
    default:
      return;
  }
}

void Indices::OnCommit(uint32_t machine, LogIndex commit, LogIndex last) {
  Life& life = lives_[machine - 1];
  judge_.Evaluated("index-order");
  if (commit > last) {
    judge_.Fail("index-order",
                absl::StrFormat("machine %d: commit_index rose to %d, but the log ends with %d",
                                machine, commit.value(), last.value()));
  }
  if (commit > ledger_.committed()) {
    judge_.Fail(
        "index-order",
        absl::StrFormat("machine %d: commit_index rose to %d, but no primary committed more "
                        "than %d",
                        machine, commit.value(), ledger_.committed().value()));
  }
  if (commit < std::max(life.commit, life.applied)) {
    judge_.Fail(
        "index-order",
        absl::StrFormat("machine %d: commit_index fell to %d, was %d, and %d is applied", machine,
                        commit.value(), life.commit.value(), life.applied.value()));
  }
  const LogEnd entry{ledger_.CommittedTerm(commit).value_or(Term(0)), commit};
  if (commit >= ledger_.log(machine).base() && !ledger_.Holds(machine, entry)) {
    judge_.Fail(
        "index-order",
        absl::StrFormat("machine %d: commit_index rose to %d, but its entry there is not the "
                        "one that is committed",
                        machine, commit.value()));
  }
  if (!life.commit_known) life.opening_commit = commit;
  life.commit_known = true;
  life.commit = commit;
}

void Indices::OnApplied(uint32_t machine, LogIndex index) {
  Life& life = lives_[machine - 1];
  judge_.Evaluated("index-order");
  if (index > life.commit) {
    judge_.Fail("index-order",
                absl::StrFormat("machine %d applied entry %d, but commit_index is %d", machine,
                                index.value(), life.commit.value()));
  }
  if (index != life.applied + 1) {
    judge_.Fail("index-order", absl::StrFormat("machine %d applied entry %d behind entry %d",
                                               machine, index.value(), life.applied.value()));
  }
  life.applied = index;
}

void Indices::OnRestored(uint32_t machine, LogIndex index) {
  Life& life = lives_[machine - 1];
  judge_.Evaluated("index-order");
  if (index < life.applied) {
    judge_.Fail("index-order",
                absl::StrFormat("machine %d went back from entry %d to a snapshot of entry %d",
                                machine, life.applied.value(), index.value()));
  }
  life.applied = index;
  life.commit = std::max(life.commit, index);
}

void Indices::OnOverridden(uint32_t machine, LogIndex from) {
  const Life& life = lives_[machine - 1];
  judge_.Evaluated("index-order");
  if (from > life.commit) return;
  judge_.Fail("index-order",
              absl::StrFormat("machine %d removed entries from %d on, but commit_index is %d",
                              machine, from.value(), life.commit.value()));
}

void Indices::OnRead(uint32_t machine, LogIndex applied, LogIndex barrier) {
  const Life& life = lives_[machine - 1];
  judge_.Evaluated("read-barrier");
  if (life.recovered && applied >= barrier && barrier >= life.opening_commit) return;
  judge_.Fail("read-barrier",
              absl::StrFormat("machine %d answered a read from entry %d on, but %d entries were "
                              "committed when it started",
                              machine, applied.value(), life.opening_commit.value()));
}

void Indices::OnAck(uint32_t machine, LogIndex match) {
  if (match == LogIndex(0)) return;
  judge_.Evaluated("acked-writes-survive");
  if (match <= ledger_.log(machine).durable()) return;
  judge_.Fail("acked-writes-survive",
              absl::StrFormat("machine %d acknowledged entries up to %d, but only %d are durable",
                              machine, match.value(), ledger_.log(machine).durable().value()));
}

}  // namespace wt::scenarios
