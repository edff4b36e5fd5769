#include "scenarios/cluster/testimony.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/state/result.h"

namespace wt::scenarios {
namespace {

using Ticket = lin::ClientHistory::Ticket;

std::string Shown(const std::optional<std::string>& value) {
  if (!value.has_value()) return "nothing";
  return value->size() <= 24 ? *value : value->substr(0, 21) + "...";
}

std::optional<std::string_view> View(const std::optional<std::string>& value) {
  if (!value.has_value()) return std::nullopt;
  return *value;
}

}  // namespace

Testimony::Call Testimony::Begin(uint32_t client, const Command& command, std::string once_key) {
  Call call{.client = client, .command = command, .once_key = std::move(once_key), .floor = known_};
  const sim::SimTime now = judge_.sim().now();
  if (const auto* set = std::get_if<KvSet>(&command)) {
    call.tickets.push_back(history_.Put(client, set->key, set->value, now));
  } else if (const auto* remove = std::get_if<KvDelete>(&command)) {
    call.tickets.push_back(history_.Delete(client, remove->key, now));
  } else if (const auto* get = std::get_if<KvGet>(&command)) {
    call.tickets.push_back(history_.Get(client, get->key, now));
  } else if (const auto* cas = std::get_if<KvCompareAndSet>(&command)) {
    call.tickets.push_back(
        history_.CompareAndSet(client, cas->key, View(cas->expected), View(cas->value), now));
  } else if (const auto* step = std::get_if<CounterIncrement>(&command)) {
    call.tickets.push_back(history_.Increment(client, step->name, step->delta, now));
  } else if (const auto* count = std::get_if<CounterGet>(&command)) {
    call.tickets.push_back(history_.ReadCount(client, count->name, now));
  } else if (const auto* batch = std::get_if<KvBatch>(&command)) {
    for (const auto& part : batch->operations) {
      if (const auto* put = std::get_if<KvSet>(&part)) {
        call.tickets.push_back(history_.Put(client, put->key, put->value, now));
      } else {
        call.tickets.push_back(history_.Delete(client, std::get<KvDelete>(part).key, now));
      }
    }
  }
  return call;
}

void Testimony::Acknowledged(Call& call, LogIndex index, const std::string& result, bool again) {
  ++acknowledged_;
  judge_.Evaluated("linearizable");
  if (index <= call.floor) {
    judge_.Fail(
        "linearizable",
        absl::StrFormat("client %d was given index %d after somebody had been told of index "
                        "%d",
                        call.client, index.value(), call.floor.value()));
  }
  if (result != ledger_.shadow().ResultAt(index)) {
    judge_.Fail("linearizable",
                absl::StrFormat("client %d was told a wrong answer for %s (index %d)", call.client,
                                ledger_.Describe(index), index.value()));
  }
  if (!call.once_key.empty()) {
    judge_.Evaluated("exactly-once");
    const auto [first, fresh] = first_answers_.insert({call.once_key, result});
    if (!fresh && first->second != result) {
      judge_.Fail("exactly-once",
                  absl::StrFormat("client %d was told two answers for the idempotency key %s",
                                  call.client, call.once_key));
    }
  }
  absl::StatusOr<Result> decoded = DecodeResult(result);
  if (!decoded.ok()) {
    return judge_.Fail("linearizable", absl::StrFormat("client %d was told something that is no "
                                                       "answer (index %d)",
                                                       call.client, index.value()));
  }
  CloseTickets(call, *decoded, index, again);
  Raise(index);
}

void Testimony::CloseTickets(Call& call, const Result& result, LogIndex index, bool again) {
  const sim::SimTime now = judge_.sim().now();
  if (std::holds_alternative<wt::Refused>(result)) {  // as the model says too: no effect
    for (const Ticket ticket : call.tickets) history_.Fail(ticket);
    return;
  }
  const bool single = call.tickets.size() == 1;
  const Ticket first = call.tickets.front();
  if (const auto* removed = std::get_if<KvDeleteResult>(&result)) {
    history_.OkDelete(first, removed->success, now);
  } else if (const auto* cas = std::get_if<KvCompareAndSetResult>(&result)) {
    if (!cas->success) return history_.CompareFailed(first, View(cas->actual), now);
    history_.OkCompareAndSet(first, now);
  } else if (const auto* count = std::get_if<CounterIncrementResult>(&result)) {
    history_.OkCount(first, count->new_count, now);
  } else {
    for (const Ticket ticket : call.tickets) history_.Ok(ticket, now);
  }
  if (single && !again) history_.TookEffectAt(first, index);
}

void Testimony::JudgeFresh(const Call& call, LogIndex at, std::string_view what) {
  judge_.Evaluated("linearizable");
  if (at >= call.floor) return;
  judge_.Fail(
      "linearizable",
      absl::StrFormat("a read of %s was answered as of entry %d, but somebody had been told "
                      "of entry %d before it began",
                      what, at.value(), call.floor.value()));
}

void Testimony::JudgeValue(const Call& call, const ReadResult& read) {
  absl::StatusOr<Result> result = DecodeResult(read.value);
  if (read.at > ledger_.committed()) {
    return judge_.Fail("no-phantom", absl::StrFormat("a read was answered as of entry %d, which is "
                                                     "not committed",
                                                     read.at.value()));
  }
  const Model& model = ledger_.shadow().model();
  judge_.Evaluated("no-phantom");
  if (const auto* count = std::get_if<CounterGet>(&call.command)) {
    const auto* found = result.ok() ? std::get_if<CounterGetResult>(&*result) : nullptr;
    const int64_t expected = model.CounterAt(count->name, read.at);
    if (found != nullptr && found->count == expected) return;
    return judge_.Fail("no-phantom",
                       absl::StrFormat("counter %s is %d as of entry %d, but was read as something "
                                       "else",
                                       count->name, expected, read.at.value()));
  }
  const std::string& key = std::get<KvGet>(call.command).key;
  judge_.Evaluated("atomic-commit");
  const auto* found = result.ok() ? std::get_if<KvGetResult>(&*result) : nullptr;
  const std::optional<std::string> expected = model.ValueAt(key, read.at);
  if (found != nullptr && found->value == expected) return;
  const bool early = found != nullptr && read.at < ledger_.committed() &&
                     ledger_.shadow().Writes(read.at + 1, key, found->value);
  judge_.Fail(
      early ? "atomic-commit" : "no-phantom",
      absl::StrFormat("%s is %s as of entry %d, but was read as %s", key, Shown(expected),
                      read.at.value(), found != nullptr ? Shown(found->value) : "something else"));
}

void Testimony::Answered(Call& call, const ReadResult& read, bool linearizable) {
  ++answered_;
  JudgeValue(call, read);
  if (!linearizable) {
    for (const Ticket ticket : call.tickets) history_.Fail(ticket);
    return;
  }
  const sim::SimTime now = judge_.sim().now();
  const Ticket ticket = call.tickets.front();
  absl::StatusOr<Result> result = DecodeResult(read.value);
  if (!result.ok()) return;  // judged
  if (const auto* got = std::get_if<KvGetResult>(&*result)) {
    JudgeFresh(call, read.at, std::get<KvGet>(call.command).key);
    history_.OkGet(ticket, View(got->value), now);
  } else if (const auto* count = std::get_if<CounterGetResult>(&*result)) {
    JudgeFresh(call, read.at, std::get<CounterGet>(call.command).name);
    history_.OkCount(ticket, count->count, now);
  }
  history_.SawState(ticket, read.at);
  Raise(read.at);
}

void Testimony::Unknown(Call& call) {
  ++unknown_;
  for (const Ticket ticket : call.tickets) history_.Unknown(ticket);
}

void Testimony::Refused(Call& call) {
  ++refused_;
  for (const Ticket ticket : call.tickets) history_.Fail(ticket);
}

bool Testimony::CheckHistory() {
  constexpr lin::Budget kBudget = {.steps = 1'000'000};
  if (history_.operations() == 0) return true;
  judge_.Evaluated("linearizable");
  const lin::CheckResult checked = lin::CheckHistory(history_, kBudget);
  if (checked.verdict == lin::Verdict::kNotLinearizable) {
    judge_.Fail("linearizable", checked.message);
  }
  return checked.verdict != lin::Verdict::kUnknown;
}

}  // namespace wt::scenarios
