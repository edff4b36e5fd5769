#include "tests/consensus/ledger.h"

#include "absl/strings/str_format.h"

namespace wt::testing {

void Ledger::Entry(NodeId node, const LogEntry& entry, Term prev_term) {
  const auto [found, news] =
      entries_.try_emplace({entry.index, entry.term}, Known{prev_term, entry});
  if (news || (found->second.prev_term == prev_term && found->second.entry == entry)) return;
  Fail(absl::StrFormat("log-matching: entry (%d, term %d) of %d differs from another's",
                       entry.index.value(), entry.term.value(), node.value()));
}

bool Ledger::Committed(NodeId node, LogIndex index, Term term) {
  const auto [found, news] = committed_.try_emplace(index, term);
  if (found->second != term) {
    Fail(absl::StrFormat("state-machine-safety: %d commits term %d at %d, which has term %d",
                         node.value(), term.value(), index.value(), found->second.value()));
  }
  return news;
}

void Ledger::CommitMoved(NodeId node, LogIndex from, LogIndex to) {
  if (to >= from) return;
  Fail(absl::StrFormat("index-order: commit of %d from %d back to %d", node.value(), from.value(),
                       to.value()));
}

void Ledger::Released(const ReplicaMessage& message, uint64_t life) {
  if (const auto* response = std::get_if<VoteResponse>(&message.body)) {
    if (response->granted && !response->pre) Voted(message.from, life, message.term, message.to);
  } else if (const auto* request = std::get_if<VoteRequest>(&message.body)) {
    if (!request->pre) Voted(message.from, life, message.term, message.from);
  }
}

void Ledger::Voted(NodeId voter, uint64_t life, Term term, NodeId candidate) {
  const auto [found, news] = votes_.try_emplace({voter, life, term}, candidate);
  if (found->second == candidate) return;
  Fail(absl::StrFormat("election-safety: %d votes for %d and %d in term %d", voter.value(),
                       found->second.value(), candidate.value(), term.value()));
}

void Ledger::Primary(NodeId node, Term term, uint64_t session, const LogShape& log) {
  const auto [found, news] = primaries_.try_emplace(term, node, session);
  if (found->second != std::pair(node, session)) {
    Fail(absl::StrFormat("election-safety: %d and %d are primaries of term %d",
                         found->second.first.value(), node.value(), term.value()));
  }
  if (!news) return;
  for (const auto& [index, committed_term] : committed_) {
    if (index <= log.base().index || log.TermAt(index) == committed_term) continue;
    // Committed by a later primary already: this one was elected before and comes late.
    if (committed_term > term) continue;
    Fail(absl::StrFormat("leader-completeness: %d, primary of term %d, lacks (%d, term %d)",
                         node.value(), term.value(), index.value(), committed_term.value()));
    return;
  }
}

void Ledger::ReadAnswered(NodeId node, LogIndex index, LogIndex committed_when_asked) {
  if (index >= committed_when_asked) return;
  Fail(absl::StrFormat("linearizable: %d reads at %d when %d was committed", node.value(),
                       index.value(), committed_when_asked.value()));
}

}  // namespace wt::testing
