#include "replicas/role_watch.h"

#include <string>
#include <utility>
#include <vector>

#include "engine/base/check.h"

namespace wt {

RoleWatch::RoleWatch(const Consensus& consensus)
    : role_(consensus.role()),
      term_(consensus.term()),
      primary_(consensus.primary()),
      serving_(consensus.serving()),
      trusted_(consensus.standing().trusted()),
      commit_(consensus.commit()),
      configuration_(consensus.configuration()) {}

RoleWatch::Changes RoleWatch::Look(const Consensus& consensus, EventSink& events) {
  Changes changes;
  const bool was_primary = role_ == Role::kPrimary;
  LookAtRole(consensus, events, changes);
  const Standing& standing = consensus.standing();
  if (standing.trusted() && !trusted_) {
    events.Emit({.kind = EventKind::kReplicaTrusted,
                 .a = standing.epoch(),
                 .b = standing.floor_term().value(),
                 .c = standing.floor_end().index.value()});
    changes.role = true;
  }
  trusted_ = standing.trusted();
  if (!trusted_) LookAtDoubt(consensus, events);
  if (consensus.configuration() != configuration_) {
    configuration_ = consensus.configuration();
    changes.configuration = true;
    events.Emit({.kind = EventKind::kConfigurationAdopted,
                 .a = consensus.log().last().value(),
                 .text = configuration_.ToString()});
  }
  if (consensus.commit() != commit_) {
    WT_CHECK_GT(consensus.commit(), commit_);
    commit_ = consensus.commit();
    changes.commit = true;
    // Who commits that it is no member any longer has stepped down by now.
    if (was_primary || role_ == Role::kPrimary) {
      const Term term = consensus.log().TermAt(commit_).value_or(term_);
      events.Emit({.kind = EventKind::kQuorumCommitted, .a = commit_.value(), .b = term.value()});
    }
  }
  return changes;
}

// Operators want to know whom to bring back.
void RoleWatch::LookAtDoubt(const Consensus& consensus, EventSink& events) {
  std::vector<NodeId> awaited = consensus.standing().Awaited(consensus.configuration());
  if (awaited == awaited_) return;
  awaited_ = std::move(awaited);
  std::string names;
  for (NodeId node : awaited_) names += (names.empty() ? "" : " ") + node.ToString();
  events.Emit({.kind = EventKind::kReplicaWaits, .text = names});
}

void RoleWatch::LookAtRole(const Consensus& consensus, EventSink& events, Changes& changes) {
  const Term term = consensus.term();
  const bool was_primary = role_ == Role::kPrimary;
  const bool is_primary = consensus.role() == Role::kPrimary;
  WT_CHECK_GE(term, term_);
  if (was_primary && (!is_primary || term != term_)) {
    const std::string_view why = !why_.empty() ? why_ : term > term_ ? "a later term" : "cut off";
    events.Emit({.kind = EventKind::kPrimarySteppedDown, .a = term_.value(), .text = why});
    changes.stepped_down = true;
  }
  if (term != term_) events.Emit({.kind = EventKind::kTermEntered, .a = term.value()});
  if (is_primary && (!was_primary || term != term_)) {
    const LogEnd end = consensus.log().end();
    events.Emit({.kind = EventKind::kPrimaryElected,
                 .a = term.value(),
                 .b = end.index.value(),
                 .c = end.term.value()});
  }
  const bool serving = consensus.serving();
  if (serving && (!serving_ || term != term_)) {
    events.Emit(
        {.kind = EventKind::kPrimaryServing, .a = term.value(), .b = consensus.commit().value()});
  }
  changes.role = consensus.role() != role_ || term != term_ || serving != serving_ ||
                 consensus.primary() != primary_;
  role_ = consensus.role();
  term_ = term;
  serving_ = serving;
  primary_ = consensus.primary();
  why_ = {};
}

void RoleWatch::OnRelease(const Consensus& consensus, const ReplicaMessage& message,
                          EventSink& events) {
  const auto vote = [&](NodeId candidate) {
    events.Emit({.kind = EventKind::kVoteReleased,
                 .a = message.term.value(),
                 .b = candidate.value(),
                 .c = message.session,
                 .d = message.epoch});
  };
  if (const auto* answer = std::get_if<VoteResponse>(&message.body)) {
    if (answer->granted && !answer->pre) vote(message.to);
  } else if (const auto* request = std::get_if<VoteRequest>(&message.body)) {
    if (request->pre || candidate_of_ == message.term) return;
    WT_CHECK_GE(consensus.term(), message.term);
    candidate_of_ = message.term;
    vote(message.from);
  } else if (const auto* append = std::get_if<AppendResponse>(&message.body)) {
    WT_SOMETIMES(events, "replica.append_rejected", append->rejected);
    if (append->rejected) return;
    events.Emit({.kind = EventKind::kAckReleased,
                 .a = message.to.value(),
                 .b = message.term.value(),
                 .c = append->match.value(),
                 .d = message.trusted ? 1u : 0u});
  }
}

}  // namespace wt
