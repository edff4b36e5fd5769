// What follows from an input to a core, and the quiet world in which all goes well.
#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "replicas/consensus/quorum.h"
#include "tests/consensus/group.h"

namespace wt::testing {

void Group::Settle(NodeId id) {
  Machine& m = machines_.at(id);
  while (m.up() && m.core->HasOutput()) ApplyOutput(m);
  if (!m.up()) return;
  Watch(m);
  Release(m);
}

void Group::ApplyOutput(Machine& m) {
  Output output = m.core->Take();
  for (Write& write : output.writes) {
    WT_CHECK(!write.install.has_value() || installing_.has_value());
    Record record{.write = std::move(write)};
    if (record.write.install.has_value()) record.image = installing_;
    Remember(m, std::move(record));
  }
  for (Outgoing& message : output.messages) m.held.push_back(std::move(message));
  for (const ReadReady& read : output.reads) {
    const auto asked = m.reads.find(read.id);
    WT_CHECK(asked != m.reads.end());
    if (!read.refused) ledger_.ReadAnswered(m.id, read.index, asked->second);
    m.reads.erase(asked);
  }
}

void Group::Remember(Machine& m, Record record) {
  Term prev = record.write.entries.empty() ? Term(0) : Term(0);
  m.memory.Apply(record);
  if (!record.write.entries.empty()) {
    const LogIndex before = record.write.entries.front().index - 1;
    const LogEntry* entry = m.memory.Find(before);
    prev = entry != nullptr ? entry->term : m.memory.base.end.term;
  }
  for (const LogEntry& entry : record.write.entries) {
    ledger_.Entry(m.id, entry, prev);
    prev = entry.term;
  }
  m.unwritten.push_back(std::move(record));
}

void Group::Release(Machine& m) {
  std::deque<Outgoing> held = std::exchange(m.held, {});
  for (Outgoing& outgoing : held) {
    if (outgoing.after > m.persisted) {
      m.held.push_back(std::move(outgoing));
      continue;
    }
    ledger_.Released(outgoing.message, m.may_lie ? m.session : 0);
    Emit(m, {std::move(outgoing.message), std::nullopt});
  }
}

void Group::Emit(const Machine& m, Packet packet) {
  WT_CHECK_EQ(packet.message.from, m.id);
  ++sent_[packet.message.body.index()];
  if (!machines_.contains(packet.message.to) || cut_.contains({m.id, packet.message.to})) return;
  if (!lose(packet)) wire_.push_back(std::move(packet));
}

uint64_t Group::requests() const {
  uint64_t total = 0;
  for (const Body& body : {Body(VoteRequest{}), Body(AppendRequest{}), Body(Heartbeat{}),
                           Body(Recall{}), Body(TakeOver{})}) {
    total += sent_[body.index()];
  }
  return total;
}

void Group::Watch(Machine& m) {
  const Role role = m.core->role();
  if (role == Role::kPrimary) ledger_.Primary(m.id, m.core->term(), m.session, m.core->log());
  // One that may vote again must have been told of everything.
  const bool newly_trusted = m.core->standing().trusted() && !std::exchange(m.trusted, true);
  if (newly_trusted && !ledger_.committed().empty()) {
    const auto& [index, term] = *ledger_.committed().rbegin();
    CheckCompleteness(m, index, term);
  }
  const LogIndex commit = m.core->commit();
  ledger_.CommitMoved(m.id, m.commit, commit);
  for (LogIndex index = std::max(m.commit, m.memory.base.end.index - 1) + 1; index <= commit;
       ++index) {
    const std::optional<Term> term = m.core->log().TermAt(index);
    if (!term.has_value()) continue;
    if (ledger_.Committed(m.id, index, *term)) CheckCompleteness(m, index, *term);
  }
  m.commit = commit;
}

// Leader completeness, before it is too late: nobody without the entry may be able to win.
void Group::CheckCompleteness(const Machine& mover, LogIndex index, Term term) {
  const auto may_vote = [&](const Machine& m) {
    if (m.up()) return m.core->standing().trusted();
    return !options_.verified && !m.doubtful;
  };
  // What may be needed to outvote it: a doubtful life keeps nothing, an honest disk what is on it.
  const auto log_of = [&](const Machine& m) {
    return options_.verified || m.doubtful ? m.memory : m.disk;
  };
  for (const auto& [id, candidate] : machines_) {
    if (!may_vote(candidate)) continue;
    const Contents log = log_of(candidate);
    const LogEntry* entry = log.Find(index);
    const bool has = index <= log.base.end.index || (entry != nullptr && entry->term == term);
    const Configuration configuration = ConfigurationAt(log, log.last());
    if (has || !configuration.IsVoter(id)) continue;
    if (candidate.up() && candidate.core->standing().floor_end() > log.end()) continue;
    const VoteOutcome outcome = CountVotes(configuration, [&](NodeId node) -> std::optional<bool> {
      const auto voter = machines_.find(node);
      if (voter == machines_.end() || !may_vote(voter->second)) return false;
      LogEnd demanded = log_of(voter->second).end();
      if (voter->second.up()) {
        demanded = std::max(demanded, voter->second.core->standing().floor_end());
      }
      return demanded <= log.end();
    });
    if (outcome != VoteOutcome::kWon) continue;
    ledger_.Fail(absl::StrFormat(
        "leader-completeness: %d could win without (%d, term %d), seen as %d moved\n%s", id.value(),
        index.value(), term.value(), mover.id.value(), Describe()));
  }
}

bool Group::DoAll() {
  bool done = false;
  for (auto& [id, m] : machines_) {
    while (PersistNext(id)) done = true;
    PullAppends(id);
    SendSnapshots(id);
  }
  std::deque<Packet> packets = std::exchange(wire_, {});
  if (!packets.empty()) now_ += std::chrono::milliseconds(1);
  for (Packet& packet : packets) Deliver(std::move(packet));
  return done || !packets.empty();
}

Time Group::NextEvent() const {
  Time next = Time::max();
  for (const auto& [id, m] : machines_) {
    if (m.up()) next = std::min(next, m.core->NextDeadline());
  }
  return next;
}

void Group::RunFor(Duration time) {
  RunUntil([] { return false; }, time);
}

bool Group::RunUntil(const std::function<bool()>& done, Duration limit) {
  const Time end = now_ + limit;
  while (now_ < end) {
    if (done()) return true;
    if (DoAll()) continue;
    now_ = std::max(now_, std::min(end, NextEvent()));
    for (const auto& [id, m] : machines_) {
      if (m.up() && m.core->NextDeadline() <= now_) Tick(id);
    }
  }
  return done();
}

NodeId Group::Primary() const {
  NodeId primary;
  Term term;
  for (const auto& [id, m] : machines_) {
    if (!m.up() || m.core->role() != Role::kPrimary || m.core->term() < term) continue;
    term = m.core->term();
    primary = id;
  }
  return primary;
}

void Group::Isolate(NodeId id) {
  for (const auto& [other, m] : machines_) {
    if (other == id) continue;
    cut_.insert({id, other});
    cut_.insert({other, id});
  }
}

std::string Group::Describe() const {
  std::string out;
  for (const auto& [id, m] : machines_) {
    out += absl::StrFormat("%d: disk (%d, term %d)", id.value(), m.disk.last().value(),
                           m.disk.end().term.value());
    if (m.up()) {
      const Consensus& core = *m.core;
      out += absl::StrFormat(
          " %s term %d last (%d, term %d) commit %d %s epoch %d floor (%d, term %d) %s",
          NameOf(core.role()), core.term().value(), core.log().last().value(),
          core.log().LastTerm().value(), core.commit().value(),
          core.standing().trusted() ? "trusted" : "doubtful", core.standing().epoch(),
          core.standing().floor_end().index.value(), core.standing().floor_end().term.value(),
          core.configuration().ToString());
    }
    out += "\n";
  }
  return out;
}

}  // namespace wt::testing
