#include "replicas/entry_cache.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"

namespace wt {
namespace {

constexpr uint64_t kOverheadBytes = sizeof(LogEntry);

uint64_t SizeOf(const LogEntry& entry) { return entry.command.size() + kOverheadBytes; }

}  // namespace

LogIndex EntryCache::last() const { return held_.empty() ? LogIndex(0) : held_.back().last(); }

void EntryCache::Add(EntryBatch batch) {
  WT_CHECK(batch != nullptr && !batch->empty());
  const LogIndex first = batch->front().index;
  WT_CHECK_EQ(batch->back().index, first + (batch->size() - 1));
  Truncate(first);
  if (!held_.empty() && held_.back().last() + 1 != first) Clear();
  Held held{.batch = std::move(batch)};
  held.count = held.batch->size();
  for (const LogEntry& entry : *held.batch) held.bytes += SizeOf(entry);
  bytes_ += held.bytes;
  held_.push_back(std::move(held));
  while (bytes_ > limit_bytes_ && held_.size() > 1) {
    bytes_ -= held_.front().bytes;
    held_.pop_front();
  }
}

void EntryCache::Truncate(LogIndex from) {
  while (!held_.empty() && held_.back().first() >= from) {
    bytes_ -= held_.back().bytes;
    held_.pop_back();
  }
  if (held_.empty() || held_.back().last() < from) return;
  Held& cut = held_.back();
  while (cut.last() >= from) {
    const uint64_t bytes = SizeOf((*cut.batch)[cut.count - 1]);
    --cut.count;
    cut.bytes -= bytes;
    bytes_ -= bytes;
  }
  WT_CHECK(cut.count > 0);
}

void EntryCache::Clear() {
  held_.clear();
  bytes_ = 0;
}

std::vector<LogEntry> EntryCache::Read(LogIndex first, LogIndex end, uint64_t max_bytes) const {
  std::vector<LogEntry> entries;
  if (held_.empty() || first >= end || first < held_.front().first() || first > last()) {
    return entries;
  }
  auto at = std::upper_bound(held_.begin(), held_.end(), first,
                             [](LogIndex index, const Held& held) { return index < held.first(); });
  --at;
  uint64_t bytes = 0;
  entries.reserve(std::min(end, last() + 1) - first);
  for (LogIndex next = first; at != held_.end(); ++at) {
    for (; next < end && next <= at->last(); ++next) {
      const LogEntry& entry = (*at->batch)[next - at->first()];
      bytes += entry.command.size();
      if (bytes > max_bytes && !entries.empty()) return entries;
      entries.push_back(entry);
      WT_CHECK_EQ(entries.back().index, next);
    }
  }
  return entries;
}

}  // namespace wt
