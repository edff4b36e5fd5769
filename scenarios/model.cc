#include "scenarios/model.h"

#include <algorithm>

#include "engine/base/check.h"

namespace wt::scenarios {
namespace {

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <typename... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

}  // namespace

const Model::Version* Model::Find(std::string_view key, LogIndex at) const {
  const auto found = values_.find(key);
  if (found == values_.end()) return nullptr;
  const Versions& versions = found->second;
  auto after = std::upper_bound(versions.begin(), versions.end(), at,
                                [](LogIndex index, const Version& v) { return index < v.index; });
  return after == versions.begin() ? nullptr : &*std::prev(after);
}

std::optional<std::string> Model::ValueAt(std::string_view key, LogIndex at) const {
  WT_CHECK_LE(at, last_);
  const Version* version = Find(key, at);
  return version == nullptr ? std::nullopt : version->value;
}

LogIndex Model::WriterAt(std::string_view key, LogIndex at) const {
  const Version* version = Find(key, at);
  return version == nullptr ? LogIndex(0) : version->index;
}

int64_t Model::CounterAt(std::string_view name, LogIndex at) const {
  const auto found = counters_.find(name);
  if (found == counters_.end()) return 0;
  int64_t count = 0;
  for (const auto& [index, value] : found->second) {
    if (index > at) break;
    count = value;
  }
  return count;
}

void Model::Write(LogIndex index, const std::string& key, std::optional<std::string> value) {
  Versions& versions = values_[key];
  if (!versions.empty() && versions.back().index == index) {
    versions.back().value = std::move(value);  // twice in one batch: the last wins
  } else {
    versions.push_back({index, std::move(value)});
  }
}

Result Model::Count(LogIndex index, const std::string& name, bool negative, int64_t delta) {
  const int64_t now = CounterAt(name, index - 1);
  int64_t next = 0;
  const bool overflow = negative ? __builtin_sub_overflow(now, delta, &next)
                                 : __builtin_add_overflow(now, delta, &next);
  if (overflow) return Refused{.reason = RefusalReason::kOverflow, .message = {}};
  counters_[name].emplace_back(index, next);
  if (negative) return CounterDecrementResult{next};
  return CounterIncrementResult{next};
}

void Model::Skip(LogIndex index) {
  WT_CHECK_EQ(index, last_ + 1);
  last_ = index;
}

Result Model::Apply(LogIndex index, const Command& command) {
  WT_CHECK_EQ(index, last_ + 1);
  const LogIndex before = last_;
  last_ = index;
  return Execute(index, before, command);
}

Result Model::ApplyOnce(LogIndex index, const Once& once) {
  const auto found = remembered_.find({once.space, once.key});
  if (found != remembered_.end()) {
    if (found->second.command != once.command) {
      return Refused{.reason = RefusalReason::kKeyReused, .message = {}};
    }
    ++repeated_;
    return found->second.result;
  }
  absl::StatusOr<Command> inner = DecodeCommand(once.command);
  WT_CHECK(inner.ok() && !std::holds_alternative<Once>(*inner));
  Result result = Execute(index, index - 1, *inner);
  remembered_.insert({{once.space, once.key}, {index, once.command, result}});
  return result;
}

Result Model::Execute(LogIndex index, LogIndex before, const Command& command) {
  return std::visit(
      Overloaded{
          [&](const KvSet& set) -> Result {
            Write(index, set.key, set.value);
            return KvSetResult{true};
          },
          [&](const KvDelete& remove) -> Result {
            const bool existed = ValueAt(remove.key, before).has_value();
            if (existed) Write(index, remove.key, std::nullopt);
            return KvDeleteResult{existed};
          },
          [&](const KvGet& get) -> Result { return KvGetResult{ValueAt(get.key, before)}; },
          [&](const KvBatch& batch) -> Result {
            for (const auto& operation : batch.operations) {
              if (const auto* set = std::get_if<KvSet>(&operation)) {
                Write(index, set->key, set->value);
              } else {
                Write(index, std::get<KvDelete>(operation).key, std::nullopt);
              }
            }
            return KvBatchResult{static_cast<uint32_t>(batch.operations.size())};
          },
          [&](const KvCompareAndSet& cas) -> Result {
            std::optional<std::string> actual = ValueAt(cas.key, before);
            const bool success = actual == cas.expected;
            if (success) Write(index, cas.key, cas.value);
            return KvCompareAndSetResult{success, std::move(actual)};
          },
          [&](const CounterIncrement& step) { return Count(index, step.name, false, step.delta); },
          [&](const CounterDecrement& step) { return Count(index, step.name, true, step.delta); },
          [&](const CounterSet& set) -> Result {
            counters_[set.name].emplace_back(index, set.value);
            return CounterSetResult{set.value};
          },
          [&](const CounterGet& get) -> Result {
            return CounterGetResult{CounterAt(get.name, before)};
          },
          [&](const Once& once) -> Result { return ApplyOnce(index, once); }},
      command);
}

void Model::Rewind(LogIndex index) {
  WT_CHECK_LE(index, last_);
  last_ = index;
  for (auto& [key, versions] : values_) {
    while (!versions.empty() && versions.back().index > index) versions.pop_back();
  }
  std::erase_if(remembered_, [&](const auto& one) { return one.second.index > index; });
  for (auto& [name, counts] : counters_) {
    while (!counts.empty() && counts.back().first > index) counts.pop_back();
  }
}

}  // namespace wt::scenarios
