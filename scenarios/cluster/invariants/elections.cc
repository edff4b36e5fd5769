#include "scenarios/cluster/invariants/elections.h"

#include "absl/strings/str_format.h"
#include "sim/machine.h"

namespace wt::scenarios {

void Elections::OnEvent(sim::Machine& machine, sim::SimTime, const Event& event) {
  const uint32_t id = machine.id();
  if (event.kind == EventKind::kVoteReleased) {
    return OnVote(id, Term(event.a), {event.b, event.c, honesty_.IsHonest(id)}, event.d);
  }
  if (event.kind == EventKind::kPrimaryElected) OnElected(id, Term(event.a));
}

void Elections::OnVote(uint32_t machine, Term term, const Vote& vote, uint64_t epoch) {
  judge_.Evaluated("election-safety");
  const auto [same_life, first] = votes_.insert({{machine, term, epoch}, vote});
  if (!first && same_life->second.candidate != vote.candidate) {
    judge_.Fail("election-safety",
                absl::StrFormat("machine %d voted for %d and for %d in term %d", machine,
                                same_life->second.candidate, vote.candidate, term.value()));
  }
  const auto [before, fresh] = by_term_.insert({{machine, term}, vote});
  if (!fresh && vote.honest && before->second.candidate != vote.candidate) {
    judge_.Fail(
        "election-safety",
        absl::StrFormat("machine %d has a healthy disk, and voted in term %d for %d and, in "
                        "another life, for %d",
                        machine, term.value(), before->second.candidate, vote.candidate));
  }
  before->second = vote;
}

void Elections::OnElected(uint32_t machine, Term term) {
  judge_.Evaluated("election-safety");
  const auto [before, first] = primaries_.insert({term, machine});
  if (first) return;
  judge_.Fail("election-safety", absl::StrFormat("machines %d and %d were both elected in term %d",
                                                 before->second, machine, term.value()));
}

}  // namespace wt::scenarios
