#include "scenarios/cluster/ledger.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "engine/base/check.h"
#include "engine/state/composite_state_machine.h"
#include "replicas/consensus/quorum.h"
#include "replicas/group_state.h"

namespace wt::scenarios {
namespace {

Violation Violated(std::string_view invariant, std::string message) {
  return {std::string(invariant), std::move(message)};
}

// What a replica runs: the group's own state around the user's machine, which must be there first.
struct UserMachine {
  CompositeStateMachine machine;
};
class WholeState final : private UserMachine, public GroupState {
 public:
  WholeState() : GroupState(machine) {}
};

std::optional<std::vector<NodeId>> ParseNodes(absl::string_view text) {
  std::vector<NodeId> nodes;
  for (absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    uint64_t number = 0;
    if (!absl::SimpleAtoi(word, &number)) return std::nullopt;
    nodes.push_back(NodeId(number));
  }
  return nodes;
}

// Cuts "head MARK tail" in two; no mark: all of it is the head.
std::pair<absl::string_view, absl::string_view> SplitAt(absl::string_view text,
                                                        absl::string_view mark) {
  const size_t at = text.find(mark);
  if (at == text.npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + mark.size())};
}

}  // namespace

std::optional<Configuration> ParseConfiguration(std::string_view text) {
  if (text.size() < 2 || text.front() != '{' || text.back() != '}') return std::nullopt;
  const absl::string_view inner(text.data() + 1, text.size() - 2);
  const auto [voting, learning] = SplitAt(inner, ", learning ");
  const auto [now, was] = SplitAt(voting, " | was ");
  const auto voters = ParseNodes(now);
  const auto old_voters = ParseNodes(was);
  const auto learners = ParseNodes(learning);
  if (!voters || !old_voters || !learners) return std::nullopt;
  return Configuration{.voters = *voters, .old_voters = *old_voters, .learners = *learners};
}

std::optional<Term> MachineLog::TermAt(LogIndex index) const {
  if (index < base_ || index > last()) return std::nullopt;
  return index == base_ ? base_term_ : terms_[index - base_ - 1];
}

LogEnd MachineLog::EndAt(LogIndex index) const {
  const LogIndex at = std::clamp(index, base_, last());
  return {*TermAt(at), at};
}

void MachineLog::Begin(LogEnd base) {
  base_ = durable_ = base.index;
  base_term_ = base.term;
  terms_.clear();
  removed_.reset();
}

std::unique_ptr<StateMachine> NewGroupMachine() { return std::make_unique<WholeState>(); }

Ledger::Ledger(uint32_t machines, Configuration members)
    : logs_(machines), shadow_(NewGroupMachine) {
  for (MachineLog& log : logs_) log.members_ = members;
}

const Ledger::Entry* Ledger::Find(LogIndex index, Term term) const {
  if (index.value() == 0 || index.value() > entries_.size()) return nullptr;
  for (const Entry& entry : entries_[index.value() - 1]) {
    if (entry.term == term) return &entry;
  }
  return nullptr;
}

MaybeViolation Ledger::OnAppended(uint32_t machine, LogIndex index, Term term, WallTime timestamp,
                                  uint64_t hash) {
  MachineLog& log = logs_[machine - 1];
  if (index != log.last() + 1) {
    return Violated("log-matching", absl::StrFormat("machine %d appended entry %d behind entry %d",
                                                    machine, index.value(), log.last().value()));
  }
  const Term previous = log.end().term;
  if (term < previous) {
    return Violated("log-matching",
                    absl::StrFormat("machine %d appended entry %d of term %d behind one of term %d",
                                    machine, index.value(), term.value(), previous.value()));
  }
  if (log.removed_ == LogEnd{term, index}) {
    return Violated("acked-writes-survive",
                    absl::StrFormat("machine %d removed entry (%d, term %d) from its log and then "
                                    "appended the same again: there was no conflict",
                                    machine, index.value(), term.value()));
  }
  log.removed_.reset();
  if (entries_.size() < index.value()) entries_.resize(index.value());
  if (const Entry* known = Find(index, term)) {
    if (known->hash != hash || known->timestamp != timestamp) {
      return Violated("log-matching",
                      absl::StrFormat("machine %d appended (%d, term %d) with other "
                                      "content than somebody else",
                                      machine, index.value(), term.value()));
    }
    if (known->previous != previous && !(index == log.base_ + 1 && previous == Term(0))) {
      return Violated("log-matching",
                      absl::StrFormat("machine %d has (%d, term %d) behind an entry of term %d, "
                                      "somebody else behind one of term %d",
                                      machine, index.value(), term.value(), previous.value(),
                                      known->previous.value()));
    }
  } else {
    entries_[index.value() - 1].push_back({term, previous, timestamp, hash});
    ++count_;
  }
  log.terms_.push_back(term);
  return std::nullopt;
}

void Ledger::OnSynced(uint32_t machine, LogIndex last) {
  MachineLog& log = logs_[machine - 1];
  const LogIndex durable = std::min(last, log.last());
  for (LogIndex index = log.durable_ + 1; index <= durable; ++index) {
    log.promised_[index] = *log.TermAt(index);
  }
  log.durable_ = std::max(log.durable_, durable);
}

// Nothing that is committed leaves a log, but by compaction.
MaybeViolation Ledger::CheckRemoval(uint32_t machine, LogIndex from) const {
  const MachineLog& log = logs_[machine - 1];
  for (LogIndex index = from; index <= std::min(log.last(), committed()); ++index) {
    if (log.TermAt(index) != CommittedTerm(index)) continue;
    return Violated("acked-writes-survive",
                    absl::StrFormat("machine %d removed entry %d (%s) from its log, and it is "
                                    "committed",
                                    machine, index.value(), Describe(index)));
  }
  return std::nullopt;
}

MaybeViolation Ledger::OnOverridden(uint32_t machine, LogIndex from) {
  MachineLog& log = logs_[machine - 1];
  if (from > log.last()) return std::nullopt;
  if (from <= log.base_) {
    return Violated(
        "acked-writes-survive",
        absl::StrFormat("machine %d removed entries from %d on, though a snapshot covers "
                        "them up to %d",
                        machine, from.value(), log.base_.value()));
  }
  if (MaybeViolation wrong = CheckRemoval(machine, from)) return wrong;
  log.removed_ = LogEnd{*log.TermAt(from), from};
  log.terms_.resize(from - log.base_ - 1);
  // Until the override is durable a crash may bring them back, and need not.
  log.durable_ = std::min(log.durable_, from - 1);
  return std::nullopt;
}

MaybeViolation Ledger::OnReset(uint32_t machine, LogIndex index, Term term) {
  MachineLog& log = logs_[machine - 1];
  MaybeViolation wrong;
  if (index > committed() || (index.value() > 0 && CommittedTerm(index) != term)) {
    wrong = Violated("log-matching",
                     absl::StrFormat("machine %d begins its log anew behind entry (%d, term %d), "
                                     "which is not committed",
                                     machine, index.value(), term.value()));
  } else if (index < log.last()) {
    wrong = CheckRemoval(machine, index + 1);
  }
  log.Begin({term, index});
  return wrong;
}

void Ledger::OnCompacted(uint32_t machine, LogIndex through) {
  MachineLog& log = logs_[machine - 1];
  const LogIndex base = std::min(through, log.last());
  if (base <= log.base_) return;
  const Term term = *log.TermAt(base);
  log.terms_.erase(log.terms_.begin(),
                   log.terms_.begin() + static_cast<ptrdiff_t>(base - log.base_));
  log.base_ = base;
  log.base_term_ = term;
  log.durable_ = std::max(log.durable_, base);
}

void Ledger::OnInstalled(uint32_t machine, LogIndex index) {
  MachineLog& log = logs_[machine - 1];
  log.durable_ = std::max(log.durable_, std::min(index, log.last()));
}

uint64_t Ledger::CommittedHash(LogIndex index) const {
  WT_CHECK(index.value() >= 1 && index <= committed());
  return Find(index, committed_[index.value() - 1])->hash;
}

// Whether the log that ends with `end` has (index, term).
bool Ledger::Contains(LogEnd end, LogIndex index, Term term) const {
  if (index > end.index) return false;
  while (end.index > index) {
    const Entry* entry = Find(end.index, end.term);
    if (entry == nullptr) return true;  // before what anybody saw: a snapshot's
    end = {entry->previous, end.index - 1};
  }
  return end.term == term;
}

MaybeViolation Ledger::OnRecovered(uint32_t machine, LogIndex first, LogIndex last, Term term,
                                   bool honest) {
  MachineLog& log = logs_[machine - 1];
  const MachineLog before = log;
  log.Begin({});
  std::vector<Term> terms;
  LogEnd at{term, last};
  for (; at.index >= first && at.index.value() > 0; at.index = at.index - 1) {
    const Entry* entry = Find(at.index, at.term);
    if (entry == nullptr) {
      return Violated("no-phantom", absl::StrFormat("machine %d found entry (%d, term %d) in its "
                                                    "log, which nobody ever appended",
                                                    machine, at.index.value(), at.term.value()));
    }
    terms.push_back(at.term);
    at.term = entry->previous;
  }
  log.Begin(at);
  log.terms_.assign(terms.rbegin(), terms.rend());
  log.durable_ = log.last();
  for (LogIndex index = log.base_ + 1; index <= log.last(); ++index) {
    log.promised_[index] = *log.TermAt(index);
  }
  if (!honest || before.durable_ <= log.base_) return std::nullopt;
  const LogEnd found = log.end();
  const LogEnd durable = before.durable_end();
  if (Contains(found, durable.index, durable.term)) return std::nullopt;
  return Violated(
      "acked-writes-survive",
      absl::StrFormat("machine %d has a healthy disk and had made (%d, term %d) durable; "
                      "after its restart the log ends with (%d, term %d)",
                      machine, durable.index.value(), durable.term.value(), found.index.value(),
                      found.term.value()));
}

void Ledger::OnConfiguration(uint32_t machine, const Configuration& members, sim::SimTime at) {
  shadow_.Register(EntryType::kConfig, EncodeConfiguration(members));
  MachineLog& log = logs_[machine - 1];
  log.previous_members_ = std::exchange(log.members_, members);
  log.members_since_ = at;
}

std::vector<Configuration> Ledger::DecidingMembers(uint32_t machine, sim::SimTime now) const {
  const MachineLog& log = logs_[machine - 1];
  std::vector<Configuration> deciding = {log.members_};
  const bool just_now = log.members_since_ == now && !log.previous_members_.voters.empty();
  if (just_now) deciding.push_back(log.previous_members_);
  return deciding;
}

MaybeViolation Ledger::OnCommitted(uint32_t machine, LogIndex index, Term term) {
  // It may have learned of the commit as a replica, and been elected in the same instant.
  const Term own = logs_[machine - 1].TermAt(index).value_or(term);
  LogEnd at{Find(index, term) != nullptr ? term : own, index};
  std::vector<const Entry*> fresh;
  for (; at.index > committed(); at.index = at.index - 1) {
    const Entry* entry = Find(at.index, at.term);
    if (entry == nullptr) {
      return Violated("acked-writes-survive",
                      absl::StrFormat("machine %d committed (%d, term %d), which nobody has in its "
                                      "log",
                                      machine, at.index.value(), at.term.value()));
    }
    fresh.push_back(entry);
    at.term = entry->previous;
  }
  if (index >= committed() && CommittedTerm(at.index) != at.term) {
    return Violated("state-machine-safety",
                    absl::StrFormat("machine %d committed entry %d of term %d; it was committed "
                                    "before with term %d",
                                    machine, at.index.value(), at.term.value(),
                                    CommittedTerm(at.index)->value()));
  }
  for (auto entry = fresh.rbegin(); entry != fresh.rend(); ++entry) {
    committed_.push_back((*entry)->term);
    if (MaybeViolation wrong =
            shadow_.OnAppended(committed(), (*entry)->term, (*entry)->timestamp, (*entry)->hash)) {
      return wrong;
    }
  }
  return shadow_.ApplyThrough(committed());
}

std::optional<Term> Ledger::CommittedTerm(LogIndex index) const {
  if (index.value() == 0) return Term(0);
  if (index > committed()) return std::nullopt;
  return committed_[index.value() - 1];
}

bool Ledger::HoldsAllCommitted(LogEnd end) const {
  if (end.index < committed()) return false;
  return committed().value() == 0 || Contains(end, committed(), committed_.back());
}

bool Ledger::Holds(uint32_t machine, LogEnd entry) const {
  const MachineLog& log = logs_[machine - 1];
  if (entry.index < log.base_) return CommittedTerm(entry.index) == entry.term;
  return log.TermAt(entry.index) == entry.term;
}

bool Ledger::HoldsDurably(uint32_t machine, LogEnd entry) const {
  return entry.index <= log(machine).durable() && Holds(machine, entry);
}

bool Ledger::Promised(uint32_t machine, LogEnd entry) const {
  const MachineLog& log = logs_[machine - 1];
  const auto found = log.promised_.find(entry.index);
  return HoldsDurably(machine, entry) ||
         (found != log.promised_.end() && found->second == entry.term);
}

bool Ledger::IsMajority(const Configuration& members, const std::function<bool(uint32_t)>& has) {
  const auto half = [&](const std::vector<NodeId>& voters) {
    const auto count = std::ranges::count_if(
        voters, [&](NodeId node) { return has(static_cast<uint32_t>(node.value())); });
    return voters.empty() || static_cast<size_t>(count) >= MajorityOf(voters.size());
  };
  return half(members.voters) && half(members.old_voters);
}

}  // namespace wt::scenarios
