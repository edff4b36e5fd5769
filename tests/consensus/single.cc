#include "tests/consensus/single.h"

#include <algorithm>

#include "engine/base/check.h"

namespace wt::testing {

namespace {

constexpr uint64_t kSession = 77;

ConsensusOptions OptionsOf(const SingleOptions& options) {
  ConsensusOptions result = options.consensus;
  result.self = NodeId(options.self);
  return result;
}

ConsensusStart StartOf(const SingleOptions& options) {
  Configuration configuration;
  for (uint64_t voter : options.voters) configuration.voters.push_back(NodeId(voter));
  return {.hard_state = {.term = Term(options.term), .voted_for = options.vote},
          .log = ShapeOf(options.terms),
          .applied = LogIndex(options.applied),
          .configurations = {{LogIndex(0), configuration}},
          .session = kSession,
          .doubtful = options.doubtful,
          .damaged = options.damaged};
}

}  // namespace

Single::Single(SingleOptions options) : core_(OptionsOf(options), StartOf(options), now_) {
  for (size_t i = 0; i < options.terms.size(); ++i) {
    entries_.push_back(EntryOf(i + 1, options.terms[i]));
  }
  Collect();
}

ReplicaMessage Single::From(uint64_t from, uint64_t term, Body body) const {
  const bool answer = NameOf(body).ends_with("response");
  return {.from = NodeId(from),
          .to = NodeId(core_.Envelope(NodeId(from), TakeOver{}).from),
          .term = Term(term),
          .session = 1000 + from,
          .to_session = answer ? kSession : 0,
          .trusted = true,
          .body = std::move(body)};
}

void Single::Step(uint64_t from, uint64_t term, Body body) {
  Step(From(from, term, std::move(body)));
}

void Single::Step(ReplicaMessage message) {
  core_.Step(now_, message);
  Collect();
}

void Single::Persist() {
  persisted_ = written_;
  core_.Persisted(now_, written_);
  Collect();
  if (persisted_ < written_) Persist();
}

void Single::TimePasses() {
  now_ = std::max(now_, core_.NextDeadline());
  core_.Tick(now_);
  Collect();
}

void Single::Wait(Duration time) {
  now_ += time;
  core_.Tick(now_);
  Collect();
}

void Single::Elect() {
  for (int i = 0; i < 10 && core_.role() == Role::kReplica; ++i) TimePasses();
  const std::vector<NodeId> voters = core_.configuration().AllVoters();
  for (bool pre : {true, false}) {
    Persist();
    for (NodeId voter : voters) {
      const uint64_t term = core_.term().value() + (pre ? 1 : 0);
      const Role asking = pre ? Role::kPreCandidate : Role::kCandidate;
      if (core_.role() != asking) break;
      if (voter != core_.Envelope(voter, TakeOver{}).from) {
        Step(voter.value(), term, VoteResponse{.pre = pre, .granted = true});
      }
    }
  }
  WT_CHECK(core_.role() == Role::kPrimary);
  Persist();
  Sent();
}

std::optional<AppendRequest> Single::Append(uint64_t to) {
  const auto plan = core_.PlanAppend(NodeId(to));
  if (!plan.has_value()) return std::nullopt;
  std::vector<LogEntry> entries(entries_.begin() + static_cast<ptrdiff_t>(plan->prev.index.value()),
                                entries_.begin() + static_cast<ptrdiff_t>(plan->through.value()));
  const auto message = core_.FillAppend(now_, *plan, std::move(entries));
  if (!message.has_value()) return std::nullopt;
  return std::get<AppendRequest>(message->body);
}

std::vector<ReplicaMessage> Single::Sent() {
  std::vector<ReplicaMessage> sent;
  std::erase_if(held_, [&](Outgoing& outgoing) {
    if (outgoing.after > persisted_) return false;
    sent.push_back(std::move(outgoing.message));
    return true;
  });
  return sent;
}

void Single::Collect() {
  Output output = core_.Take();
  for (Write& write : output.writes) {
    written_ = write.number;
    if (write.truncate_from.has_value()) entries_.resize(write.truncate_from->value() - 1);
    entries_.insert(entries_.end(), write.entries.begin(), write.entries.end());
    writes_.push_back(std::move(write));
  }
  for (Outgoing& message : output.messages) held_.push_back(std::move(message));
  reads_.insert(reads_.end(), output.reads.begin(), output.reads.end());
}

std::vector<uint64_t> Single::Terms() const {
  std::vector<uint64_t> terms;
  const LogShape& log = core_.log();
  for (LogIndex index = log.first(); index <= log.last(); ++index) {
    terms.push_back(log.TermAt(index)->value());
  }
  return terms;
}

}  // namespace wt::testing
