#include "scenarios/cluster/invariants/completeness.h"

#include "absl/strings/str_format.h"
#include "sim/machine.h"

namespace wt::scenarios {

void Completeness::OnEvent(sim::Machine& machine, sim::SimTime at, const Event& event) {
  if (event.kind == EventKind::kPrimaryElected) {
    OnElected(machine.id(), Term(event.a));
  } else if (event.kind == EventKind::kQuorumCommitted) {
    OnCommitted(machine.id(), at, LogIndex(event.a));
  }
}

// Who is elected has its own vote durable, and so all of its log that was there before it.
void Completeness::OnElected(uint32_t machine, Term term) {
  if (ledger_.committed() == LogIndex(0)) return;
  // Its votes may have reached it late, when a later term had committed already: it can do no harm.
  if (term < *ledger_.CommittedTerm(ledger_.committed())) return;
  judge_.Evaluated("leader-completeness");
  const LogEnd end = ledger_.log(machine).end();
  if (ledger_.HoldsAllCommitted(end)) return;
  judge_.Fail(
      "leader-completeness",
      absl::StrFormat("machine %d was elected in term %d with a log that ends with (%d, term "
                      "%d), but entry %d of term %d is committed",
                      machine, term.value(), end.index.value(), end.term.value(),
                      ledger_.committed().value(),
                      ledger_.CommittedTerm(ledger_.committed())->value()));
}

void Completeness::OnCommitted(uint32_t machine, sim::SimTime at, LogIndex index) {
  judge_.Evaluated("acked-writes-survive");
  const LogEnd entry{*ledger_.CommittedTerm(index), index};
  // Who has lost it since counts all the same: the group still holds it, or is told so by a recall.
  const auto holds = [&](uint32_t voter) {
    return honesty_.IsHonest(voter) ? ledger_.HoldsDurably(voter, entry)
                                    : ledger_.Promised(voter, entry);
  };
  bool held = false;
  for (const Configuration& members : ledger_.DecidingMembers(machine, at)) {
    if (held || !Ledger::IsMajority(members, holds)) continue;
    held = true;
    if (honesty_.harmed().empty()) Predict(machine, members, entry);
  }
  if (!held) {
    judge_.Fail("acked-writes-survive",
                absl::StrFormat("machine %d committed entry %d (%s), which is not durable on a "
                                "majority of %s",
                                machine, index.value(), ledger_.Describe(index),
                                ledger_.members(machine).ToString()));
  }
}

void Completeness::Predict(uint32_t machine, const Configuration& members, LogEnd entry) {
  for (const NodeId node : members.AllVoters()) {
    const auto voter = static_cast<uint32_t>(node.value());
    if (ledger_.HoldsDurably(voter, entry)) continue;
    judge_.Evaluated("leader-completeness");
    const LogEnd end = ledger_.log(voter).durable_end();
    const bool electable = Ledger::IsMajority(
        members, [&](uint32_t other) { return ledger_.log(other).durable_end() <= end; });
    if (!electable) continue;
    judge_.Fail(
        "leader-completeness",
        absl::StrFormat("machine %d committed entry %d of term %d, but machine %d, whose "
                        "durable log ends with (%d, term %d) and lacks it, could be elected",
                        machine, entry.index.value(), entry.term.value(), voter, end.index.value(),
                        end.term.value()));
  }
}

}  // namespace wt::scenarios
