#include "scenarios/linearizability/versioned.h"

#include <algorithm>
#include <map>
#include <vector>

#include "engine/base/check.h"

namespace wt::lin {
namespace {

using Kind = VersionViolation::Kind;
using Violation = std::optional<VersionViolation>;

struct Event {
  uint32_t rank;
  bool is_call;
  size_t operation;
};

std::vector<Event> EventsOf(std::span<const VersionedOperation> operations) {
  std::vector<Event> events;
  events.reserve(2 * operations.size());
  for (size_t i = 0; i < operations.size(); ++i) {
    WT_CHECK_LT(operations[i].call, operations[i].ret);
    events.push_back({operations[i].call, true, i});
    events.push_back({operations[i].ret, false, i});
  }
  std::sort(events.begin(), events.end(),
            [](const Event& a, const Event& b) { return a.rank < b.rank; });
  return events;
}

// Indexes against real time: one sweep with the newest index among what has returned.
Violation CheckOrder(std::span<const VersionedOperation> operations) {
  std::optional<size_t> newest;
  std::vector<std::optional<size_t>> newest_at_call(operations.size());
  for (const Event& event : EventsOf(operations)) {
    const VersionedOperation& operation = operations[event.operation];
    if (event.is_call) {
      newest_at_call[event.operation] = newest;
      continue;
    }
    if (const std::optional<size_t> before = newest_at_call[event.operation]) {
      const LogIndex floor = operations[*before].index;
      const bool fits = operation.is_write ? operation.index > floor : operation.index >= floor;
      if (!fits) return VersionViolation{Kind::kWentBack, *before, event.operation};
    }
    if (!newest || operations[*newest].index < operation.index) newest = event.operation;
  }
  return std::nullopt;
}

using Writes = std::map<LogIndex, size_t>;

// A write of which the outcome is not known may have any index: a value from an index that nobody
// was told is no violation, one that is older than a known write is.
Violation CheckValue(std::span<const VersionedOperation> operations, size_t number,
                     const Writes& writes) {
  const VersionedOperation& read = operations[number];
  if (read.is_write || !read.value_of) return std::nullopt;
  if (*read.value_of > read.index) return VersionViolation{Kind::kFromFuture, number, number};
  const auto after = writes.upper_bound(read.index);
  if (after == writes.begin()) return std::nullopt;
  const auto newest = std::prev(after);
  if (newest->first <= *read.value_of) return std::nullopt;
  return VersionViolation{Kind::kStaleValue, newest->second, number};
}

}  // namespace

std::optional<VersionViolation> CheckVersions(std::span<const VersionedOperation> operations) {
  std::map<LogIndex, size_t> all;
  std::map<uint32_t, Writes> writes;
  for (size_t i = 0; i < operations.size(); ++i) {
    if (!operations[i].is_write) continue;
    const auto [found, is_new] = all.try_emplace(operations[i].index, i);
    if (!is_new) return VersionViolation{Kind::kSharedIndex, found->second, i};
    writes[operations[i].key].emplace(operations[i].index, i);
  }
  if (Violation violation = CheckOrder(operations)) return violation;
  for (size_t i = 0; i < operations.size(); ++i) {
    if (Violation violation = CheckValue(operations, i, writes[operations[i].key]))
      return violation;
  }
  return std::nullopt;
}

}  // namespace wt::lin
