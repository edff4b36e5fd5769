#include "replicas/waiters.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/status.h"

namespace wt {
namespace {

absl::Status Unknown(LogIndex index, std::string_view why) {
  return Unavailable("outcome of entry %d is unknown: %s", index.value(), why);
}

void Succeed(Waiters::Waiter& waiter, std::string result, Answers& out) {
  out.push_back(
      {std::move(waiter.reply), Acknowledged{waiter.index, waiter.term, std::move(result)}});
}

void Fail(Waiters::Waiter& waiter, absl::Status status, Answers& out) {
  WT_CHECK(!status.ok());
  out.push_back({std::move(waiter.reply), std::move(status)});
}

void FailFront(std::deque<Waiters::Waiter>& waiters, LogIndex through, std::string_view why,
               Answers& out) {
  while (!waiters.empty() && waiters.front().index <= through) {
    Fail(waiters.front(), Unknown(waiters.front().index, why), out);
    waiters.pop_front();
  }
}

}  // namespace

uint64_t Waiters::size() const {
  return async_.size() + live_.size() + overtaken_.size() + applied_.size();
}

void Waiters::Add(Waiter waiter) {
  std::deque<Waiter>& waiters = waiter.ack == Ack::kAsync ? async_ : live_;
  WT_CHECK(waiters.empty() || waiters.back().index < waiter.index);
  waiters.push_back(std::move(waiter));
}

void Waiters::OnDurable(LogIndex through, Term term, Answers& out) {
  while (!async_.empty() && async_.front().index <= through && async_.front().term == term) {
    Succeed(async_.front(), {}, out);
    async_.pop_front();
  }
}

void Waiters::OnApplied(LogIndex index, Term term, const std::string& result, Answers& out) {
  OnPassed(index - 1, out);  // what was not applied one by one, an installed snapshot has covered
  for (auto [at, end] = overtaken_.equal_range(index); at != end; at = overtaken_.erase(at)) {
    if (at->second.term == term) {
      Succeed(at->second, result, out);
    } else {
      Fail(at->second,
           Aborted("entry %d of term %d was overtaken: term %d was committed there", index.value(),
                   at->second.term.value(), term.value()),
           out);
    }
  }
  for (std::deque<Waiter>* waiters : {&async_, &live_}) {
    if (waiters->empty() || waiters->front().index > index) continue;
    Waiter& waiter = waiters->front();
    WT_CHECK_EQ(waiter.index, index);
    WT_CHECK_EQ(waiter.term, term);  // a truncation would have moved it
    if (waiter.ack == Ack::kAll) {
      applied_.push_back({std::move(waiter), result});
    } else {
      Succeed(waiter, result, out);
    }
    waiters->pop_front();
  }
}

void Waiters::OnPassed(LogIndex through, Answers& out) {
  constexpr std::string_view kWhy = "a snapshot took its place";
  FailFront(async_, through, kWhy, out);
  FailFront(live_, through, kWhy, out);
  while (!overtaken_.empty() && overtaken_.begin()->first <= through) {
    Fail(overtaken_.begin()->second, Unknown(overtaken_.begin()->first, kWhy), out);
    overtaken_.erase(overtaken_.begin());
  }
}

void Waiters::OnEverywhere(LogIndex through, Answers& out) {
  while (!applied_.empty() && applied_.front().waiter.index <= through) {
    Succeed(applied_.front().waiter, std::move(applied_.front().result), out);
    applied_.pop_front();
  }
}

void Waiters::OnTruncated(LogIndex from) {
  for (std::deque<Waiter>* waiters : {&async_, &live_}) {
    while (!waiters->empty() && waiters->back().index >= from) {
      const LogIndex index = waiters->back().index;
      overtaken_.emplace(index, std::move(waiters->back()));
      waiters->pop_back();
    }
  }
}

void Waiters::OnSteppedDown(Answers& out) {
  for (Applied& one : applied_) {
    Fail(one.waiter,
         Unknown(one.waiter.index,
                 "committed, but this is no longer the primary, which knows who "
                 "has it"),
         out);
  }
  applied_.clear();
}

void Waiters::FailAll(const absl::Status& status, Answers& out) {
  WT_CHECK(!status.ok());
  OnSteppedDown(out);
  const std::string why = MessageOf(status);
  for (std::deque<Waiter>* waiters : {&async_, &live_}) {
    for (Waiter& waiter : *waiters) Fail(waiter, Unknown(waiter.index, why), out);
    waiters->clear();
  }
  for (auto& [index, waiter] : overtaken_) Fail(waiter, Unknown(index, why), out);
  overtaken_.clear();
}

}  // namespace wt
