#include "scenarios/linearizability/client_history.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "scenarios/linearizability/operation_text.h"
#include "scenarios/linearizability/window.h"

namespace wt::lin {

ClientHistory::ClientHistory() {
  kv_.model = ModelKind::kRegister;
  counters_.model = ModelKind::kCounter;
  counters_.initial = 0;
}

History& ClientHistory::HistoryOf(Ticket ticket) {
  return ticket.family == Family::kKv ? kv_ : counters_;
}

HistoryBuilder& ClientHistory::BuilderOf(Ticket ticket) {
  return ticket.family == Family::kKv ? kv_builder_ : counter_builder_;
}

uint32_t ClientHistory::ValueOf(OptionalText value) {
  return value ? kv_.values.Intern(*value) : Values::kNil;
}

// Both families share one count of ranks, so that their operations compare.
ClientHistory::Ticket ClientHistory::Invoke(Family family, uint32_t client, std::string_view key,
                                            Function function, uint64_t argument,
                                            sim::SimTime now) {
  Ticket ticket{family, 0};
  HistoryBuilder& builder = BuilderOf(ticket);
  const Operation operation{
      .argument = argument, .client = client, .key = builder.KeyOf(key), .function = function};
  ticket.number = static_cast<uint32_t>(builder.Invoke(operation, now.count()));
  kv_.ranks = counters_.ranks = HistoryOf(ticket).ranks;
  return ticket;
}

void ClientHistory::Return(Ticket ticket, Function function, uint64_t result, sim::SimTime now) {
  BuilderOf(ticket).Return(ticket.number, function, result, now.count());
  kv_.ranks = counters_.ranks = HistoryOf(ticket).ranks;
}

ClientHistory::Ticket ClientHistory::Put(uint32_t client, std::string_view key,
                                         std::string_view value, sim::SimTime now) {
  return Invoke(Family::kKv, client, key, Function::kWrite, ValueOf(value), now);
}

ClientHistory::Ticket ClientHistory::Get(uint32_t client, std::string_view key, sim::SimTime now) {
  return Invoke(Family::kKv, client, key, Function::kRead, 0, now);
}

ClientHistory::Ticket ClientHistory::Delete(uint32_t client, std::string_view key,
                                            sim::SimTime now) {
  return Invoke(Family::kKv, client, key, Function::kDelete, 0, now);
}

ClientHistory::Ticket ClientHistory::CompareAndSet(uint32_t client, std::string_view key,
                                                   OptionalText expected, OptionalText desired,
                                                   sim::SimTime now) {
  const uint32_t from = ValueOf(expected);
  const uint32_t to = ValueOf(desired);
  return Invoke(Family::kKv, client, key, Function::kCompareAndSet, PackPair(from, to), now);
}

ClientHistory::Ticket ClientHistory::Increment(uint32_t client, std::string_view counter,
                                               int64_t by, sim::SimTime now) {
  return Invoke(Family::kCounter, client, counter, Function::kIncrement, static_cast<uint64_t>(by),
                now);
}

ClientHistory::Ticket ClientHistory::SetCount(uint32_t client, std::string_view counter,
                                              int64_t count, sim::SimTime now) {
  return Invoke(Family::kCounter, client, counter, Function::kWrite, static_cast<uint64_t>(count),
                now);
}

ClientHistory::Ticket ClientHistory::ReadCount(uint32_t client, std::string_view counter,
                                               sim::SimTime now) {
  return Invoke(Family::kCounter, client, counter, Function::kRead, 0, now);
}

void ClientHistory::Ok(Ticket ticket, sim::SimTime now) {
  const Function function = HistoryOf(ticket).operations.at(ticket.number).function;
  WT_CHECK(function == Function::kWrite || function == Function::kDelete ||
           function == Function::kIncrement);
  Return(ticket, function, kUnknown, now);
}

void ClientHistory::OkGet(Ticket ticket, OptionalText value, sim::SimTime now) {
  WT_CHECK(kv_.operations.at(ticket.number).function == Function::kRead);
  Return(ticket, Function::kRead, ValueOf(value), now);
}

void ClientHistory::OkDelete(Ticket ticket, bool existed, sim::SimTime now) {
  WT_CHECK(kv_.operations.at(ticket.number).function == Function::kDelete);
  Return(ticket, Function::kDelete, existed ? 1 : 0, now);
}

void ClientHistory::OkCompareAndSet(Ticket ticket, sim::SimTime now) {
  WT_CHECK(kv_.operations.at(ticket.number).function == Function::kCompareAndSet);
  Return(ticket, Function::kCompareAndSet, kUnknown, now);
}

void ClientHistory::CompareFailed(Ticket ticket, OptionalText found, sim::SimTime now) {
  WT_CHECK(kv_.operations.at(ticket.number).function == Function::kCompareAndSet);
  Return(ticket, Function::kCompareFailed, ValueOf(found), now);
}

void ClientHistory::OkCount(Ticket ticket, int64_t count, sim::SimTime now) {
  const Function function = counters_.operations.at(ticket.number).function;
  WT_CHECK(function == Function::kRead || function == Function::kIncrement);
  Return(ticket, function, static_cast<uint64_t>(count), now);
}

void ClientHistory::Fail(Ticket ticket) { BuilderOf(ticket).Drop(ticket.number); }

void ClientHistory::Unknown(Ticket ticket) {
  WT_CHECK(HistoryOf(ticket).operations.at(ticket.number).open());
}

void ClientHistory::TookEffectAt(Ticket ticket, LogIndex index) {
  AddVersion(ticket, {.is_write = true, .index = index});
}

void ClientHistory::SawState(Ticket ticket, LogIndex index, std::optional<LogIndex> value_of) {
  AddVersion(ticket, {.is_write = false, .index = index, .value_of = value_of});
}

void ClientHistory::AddVersion(Ticket ticket, VersionedOperation version) {
  const Operation& operation = HistoryOf(ticket).operations.at(ticket.number);
  WT_CHECK(!operation.open());
  version.call = operation.call;
  version.ret = operation.ret;
  version.key = 2 * operation.key + (ticket.family == Family::kCounter ? 1 : 0);
  versions_.push_back(version);
  version_tickets_.push_back(ticket);
}

// "client 3  write v412  ok  12.100s .. 12.118s  (log index 413)".
std::string ClientHistory::VersionText(size_t number) const {
  const Ticket ticket = version_tickets_[number];
  const VersionedOperation& version = versions_[number];
  const History& history = ticket.family == Family::kKv ? kv_ : counters_;
  const std::string& key = history.keys[history.operations[ticket.number].key];
  return absl::StrFormat("  %s  %s  (%s %d)\n", key, OperationLine(history, ticket.number),
                         version.is_write ? "log index" : "state of log index",
                         version.index.value());
}

std::string ClientHistory::ViolationText(const VersionViolation& violation) const {
  std::string text;
  switch (violation.kind) {
    case VersionViolation::Kind::kWentBack:
      text = "an operation was called after another had returned, and has an older log index\n";
      break;
    case VersionViolation::Kind::kSharedIndex:
      text = "two writes have one log index\n";
      break;
    case VersionViolation::Kind::kStaleValue:
      text = "a read does not show a write that its log index includes\n";
      break;
    case VersionViolation::Kind::kFromFuture:
      text = "a read shows a value newer than its log index\n";
      break;
  }
  text += VersionText(violation.first);
  if (violation.second != violation.first) text += VersionText(violation.second);
  return text;
}

CheckResult CheckHistory(const ClientHistory& history, const Budget& budget) {
  CheckResult result;
  if (const auto violation = CheckVersions(history.versions_)) {
    result.verdict = Verdict::kNotLinearizable;
    result.message = history.ViolationText(*violation);
    return result;
  }
  for (const History* family : {&history.kv_, &history.counters_}) {
    const Outcome outcome = Check(*family, budget);
    result.steps += outcome.steps;
    if (outcome.verdict == Verdict::kLinearizable) continue;
    result.verdict = outcome.verdict;
    result.message = outcome.verdict == Verdict::kNotLinearizable
                         ? Explain(*family, outcome)
                         : absl::StrFormat("%s: not decided within %d steps\n",
                                           SubjectText(*family, outcome.key), budget.steps);
    if (outcome.verdict == Verdict::kNotLinearizable) return result;
  }
  return result;
}

}  // namespace wt::lin
