#include "scenarios/shadow.h"

#include <algorithm>
#include <type_traits>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/checksum.h"
#include "engine/state/composite_state_machine.h"

namespace wt::scenarios {
namespace {

Violation Violated(std::string_view invariant, std::string message) {
  return {std::string(invariant), std::move(message)};
}

std::string Printable(std::string_view value) {
  return value.size() <= 24 ? std::string(value) : std::string(value.substr(0, 21)) + "...";
}

std::string DescribeCommand(const Command& command) {
  if (const auto* set = std::get_if<KvSet>(&command)) {
    return absl::StrFormat("SET %s=%s", set->key, Printable(set->value));
  }
  if (const auto* remove = std::get_if<KvDelete>(&command)) return "DELETE " + remove->key;
  if (const auto* batch = std::get_if<KvBatch>(&command)) {
    return absl::StrFormat("BATCH of %d", batch->operations.size());
  }
  if (const auto* cas = std::get_if<KvCompareAndSet>(&command)) return "CAS " + cas->key;
  if (const auto* step = std::get_if<CounterIncrement>(&command)) {
    return absl::StrFormat("INCREMENT %s by %d", step->name, step->delta);
  }
  if (const auto* once = std::get_if<Once>(&command)) {
    absl::StatusOr<Command> inner = DecodeCommand(once->command);
    return absl::StrFormat("ONCE(%s) %s", once->key, inner.ok() ? DescribeCommand(*inner) : "?");
  }
  return "a command";
}

// Of a refusal only the reason counts: how it is worded is the state machine's own.
bool SameAnswer(std::string_view result, std::string_view expected) {
  if (result == expected) return true;
  absl::StatusOr<Result> a = DecodeResult(result);
  absl::StatusOr<Result> b = DecodeResult(expected);
  if (!a.ok() || !b.ok()) return false;
  const auto* refused = std::get_if<Refused>(&*a);
  const auto* refusal = std::get_if<Refused>(&*b);
  return refused != nullptr && refusal != nullptr && refused->reason == refusal->reason;
}

}  // namespace

Shadow::Shadow() : Shadow([] { return std::make_unique<CompositeStateMachine>(); }) {}

Shadow::Shadow(MakeMachine make) : make_(std::move(make)), machine_(make_()) {}

void Shadow::Register(EntryType type, const std::string& command) {
  commands_.emplace(Hash64(command), Known{type, command});
}

void Shadow::RegisterAs(uint64_t hash, const std::string& command) {
  commands_.emplace(hash, Known{EntryType::kCommand, command});
}

MaybeViolation Shadow::OnAppended(LogIndex index, Term term, WallTime timestamp,
                                  uint64_t command_hash) {
  const auto [entry, fresh] = ledger_.emplace(std::pair(index, term), command_hash);
  if (!fresh && entry->second != command_hash) {
    return Violated("log-matching",
                    absl::StrFormat("entry (%d, term %d) was appended twice with different content",
                                    index.value(), term.value()));
  }
  if (index > last() + 1) {
    return Violated("log-matching", absl::StrFormat("entry %d was appended behind entry %d: a gap",
                                                    index.value(), last().value()));
  }
  live_.resize(index.value() - 1);
  live_.push_back({term, timestamp, command_hash});
  return std::nullopt;
}

void Shadow::OnRecovered(LogIndex last) {
  if (last < this->last()) live_.resize(last.value());
}

void Shadow::Rewind(LogIndex last) {
  OnRecovered(last);
  if (applied() <= last) return;
  after_.resize(last.value());
  model_.Rewind(last);
  machine_ = make_();
  for (uint64_t i = 1; i <= last.value(); ++i) machine_->Apply(EntryAt(LogIndex(i)));
}

void Shadow::ForgetFuture(LogIndex last) {
  ledger_.erase(ledger_.lower_bound({last + 1, Term(0)}), ledger_.end());
}

LogEntry Shadow::EntryAt(LogIndex index) const {
  WT_CHECK(index.value() >= 1 && index <= last());
  const Live& live = live_[index.value() - 1];
  const auto found = commands_.find(live.hash);
  const Known known = found == commands_.end() ? Known{} : found->second;
  return {.term = live.term,
          .index = index,
          .timestamp = live.timestamp,
          .type = known.type,
          .command = known.command};
}

bool Shadow::IsCommand(LogIndex index) const {
  WT_CHECK(index.value() >= 1 && index <= last());
  const auto found = commands_.find(live_[index.value() - 1].hash);
  return found != commands_.end() && found->second.type == EntryType::kCommand;
}

// Advances machine and model by one entry and compares the two.
MaybeViolation Shadow::ApplyNext() {
  const LogEntry entry = EntryAt(applied() + 1);
  std::string result = machine_->Apply(entry);
  if (entry.type != EntryType::kCommand) {
    model_.Skip(entry.index);
    after_.push_back({machine_->Digest().low, result});
    return std::nullopt;
  }
  absl::StatusOr<Command> command = DecodeCommand(entry.command);
  WT_CHECK(command.ok());
  const std::string expected = EncodeResult(model_.Apply(entry.index, *command));
  after_.push_back({machine_->Digest().low, result});
  if (SameAnswer(result, expected)) return std::nullopt;
  return Violated("state-machine-safety",
                  absl::StrFormat("entry %d (%s): the state machine's answer differs from the "
                                  "model's",
                                  entry.index.value(), Describe(entry.index)));
}

MaybeViolation Shadow::ApplyThrough(LogIndex index) {
  WT_CHECK_LE(index, last());
  while (applied() < index) {
    if (MaybeViolation wrong = ApplyNext()) return wrong;
  }
  return std::nullopt;
}

MaybeViolation Shadow::OnApplied(LogIndex index, Term term, uint64_t result_hash, uint64_t digest) {
  if (index > last()) {
    return Violated("no-phantom",
                    absl::StrFormat("entry %d was applied, but nobody appended it", index.value()));
  }
  if (live_[index.value() - 1].term != term) {
    return Violated(
        "log-matching",
        absl::StrFormat("entry %d was applied with term %d, but was appended with %d",
                        index.value(), term.value(), live_[index.value() - 1].term.value()));
  }
  const bool again = index <= applied();
  if (MaybeViolation wrong = ApplyThrough(index)) return wrong;
  const After& after = after_[index.value() - 1];
  const bool same_result = Hash64(after.result) == result_hash;
  if (same_result && after.digest == digest) return std::nullopt;
  return Violated(
      again ? "snapshot-equivalence" : "deterministic-apply",
      absl::StrFormat("after entry %d (%s) the %s differs from a full replay's", index.value(),
                      Describe(index), same_result ? "state" : "answer"));
}

std::optional<uint64_t> Shadow::DigestAt(LogIndex index) const {
  if (index == LogIndex(0)) return make_()->Digest().low;
  if (index > applied()) return std::nullopt;
  return after_[index.value() - 1].digest;
}

std::string_view Shadow::ResultAt(LogIndex index) const {
  if (index == LogIndex(0) || index > applied()) return {};
  return after_[index.value() - 1].result;
}

bool Shadow::Writes(LogIndex index, std::string_view key,
                    const std::optional<std::string>& value) const {
  if (index == LogIndex(0) || index > last()) return false;
  absl::StatusOr<Command> command = DecodeCommand(EntryAt(index).command);
  if (!command.ok()) return false;
  const auto gives = [&](const auto& operation) {
    using Operation = std::decay_t<decltype(operation)>;
    if constexpr (std::is_same_v<Operation, KvSet>) {
      return operation.key == key && value == operation.value;
    } else if constexpr (std::is_same_v<Operation, KvDelete>) {
      return operation.key == key && !value.has_value();
    } else {
      return false;
    }
  };
  if (const auto* batch = std::get_if<KvBatch>(&*command)) {
    return std::any_of(batch->operations.begin(), batch->operations.end(),
                       [&](const auto& one) { return std::visit(gives, one); });
  }
  return std::visit(gives, *command);
}

std::string Shadow::Describe(LogIndex index) const {
  if (index == LogIndex(0) || index > last()) return "unknown";
  absl::StatusOr<Command> command = DecodeCommand(EntryAt(index).command);
  return command.ok() ? DescribeCommand(*command) : "no command";
}

MaybeViolation Shadow::ReplayAll() const {
  const std::unique_ptr<StateMachine> first = make_();
  const std::unique_ptr<StateMachine> second = make_();
  for (LogIndex index(1); index <= applied(); ++index) {
    const LogEntry entry = EntryAt(index);
    const std::string one = first->Apply(entry);
    const std::string two = second->Apply(entry);
    const After& after = after_[index.value() - 1];
    if (one != two || one != after.result || first->Digest() != second->Digest() ||
        first->Digest().low != after.digest) {
      return Violated("deterministic-apply",
                      absl::StrFormat("entry %d (%s) applied again to the same state gives another "
                                      "result or state",
                                      index.value(), Describe(index)));
    }
  }
  return std::nullopt;
}

}  // namespace wt::scenarios
