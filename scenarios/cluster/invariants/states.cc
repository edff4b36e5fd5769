#include "scenarios/cluster/invariants/states.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "engine/base/checksum.h"
#include "sim/machine.h"

namespace wt::scenarios {

void States::OnEvent(sim::Machine& machine, sim::SimTime, const Event& event) {
  if (event.kind == EventKind::kEntryApplied) return OnApplied(machine.id(), event);
  if (event.kind == EventKind::kSnapshotRestored) {
    CheckSnapshot(machine.id(), LogIndex(event.a), Term(event.b), event.d, event.text);
  }
}

void States::OnApplied(uint32_t machine, const Event& event) {
  const LogIndex index(event.a);
  judge_.Evaluated("state-machine-safety");
  if (index > ledger_.committed()) {
    return judge_.Fail("state-machine-safety",
                       absl::StrFormat("machine %d applied entry %d, but %d is the last that is "
                                       "committed",
                                       machine, event.a, ledger_.committed().value()));
  }
  if (ledger_.CommittedTerm(index) != Term(event.b)) {
    return judge_.Fail(
        "state-machine-safety",
        absl::StrFormat("machine %d applied entry %d of term %d; the one of term %d "
                        "is committed",
                        machine, event.a, event.b, ledger_.CommittedTerm(index)->value()));
  }
  const bool again = index <= applied_[machine - 1];
  const std::string_view name = again ? "snapshot-equivalence" : "deterministic-apply";
  applied_[machine - 1] = std::max(applied_[machine - 1], index);
  judge_.Evaluated(name);
  const bool same_result = Hash64(ledger_.shadow().ResultAt(index)) == event.c;
  if (same_result && ledger_.shadow().DigestAt(index) == event.d) return;
  judge_.Fail(name, absl::StrFormat("machine %d: after entry %d (%s) the %s differs from a full "
                                    "replay's",
                                    machine, event.a, ledger_.Describe(index),
                                    same_result ? "state" : "answer"));
}

void States::CheckSnapshot(uint32_t machine, LogIndex index, Term term, uint64_t digest,
                           std::string_view id) {
  judge_.Evaluated("snapshot-equivalence");
  if (index > ledger_.committed() || ledger_.CommittedTerm(index) != term) {
    return judge_.Fail("snapshot-equivalence",
                       absl::StrFormat("machine %d: %s is of entry %d of term %d, which is not "
                                       "committed",
                                       machine, id, index.value(), term.value()));
  }
  if (ledger_.shadow().DigestAt(index) == digest) return;
  judge_.Fail("snapshot-equivalence",
              absl::StrFormat("machine %d: %s gives another state than a full replay to entry %d",
                              machine, id, index.value()));
}

}  // namespace wt::scenarios
