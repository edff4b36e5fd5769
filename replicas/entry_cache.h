// The newest entries of the log in memory, so that a peer that keeps up is never read for from the
// disk. Holds batches as they were proposed: the writer and the cache share them.
//
// Not thread-safe.
#ifndef WAVETANK_REPLICAS_ENTRY_CACHE_H_
#define WAVETANK_REPLICAS_ENTRY_CACHE_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "engine/log/log_entry.h"

namespace wt {

// Consecutive entries; shared, for nobody changes them any more.
using EntryBatch = std::shared_ptr<const std::vector<LogEntry>>;

class EntryCache {
 public:
  explicit EntryCache(uint64_t limit_bytes) : limit_bytes_(limit_bytes) {}

  // Takes `batch` in, and lets go of the oldest ones beyond the limit. Entries at or behind its
  // first are overwritten; a batch that does not follow what is there replaces all of it.
  // Requires: not empty.
  void Add(EntryBatch batch);
  // Forgets entries from `from` on.
  void Truncate(LogIndex from);
  void Clear();

  // Entries of [first, end), cut short after `max_bytes` of commands but never empty when `first`
  // is there; nothing when it is not.
  std::vector<LogEntry> Read(LogIndex first, LogIndex end, uint64_t max_bytes) const;

  uint64_t bytes() const { return bytes_; }
  LogIndex last() const;  // 0 when empty

 private:
  struct Held {
    EntryBatch batch;
    size_t count = 0;  // a truncation may have cut it
    uint64_t bytes = 0;
    LogIndex first() const { return batch->front().index; }
    LogIndex last() const { return first() + (count - 1); }
  };

  const uint64_t limit_bytes_;
  uint64_t bytes_ = 0;
  std::deque<Held> held_;  // consecutive, none empty
};

}  // namespace wt

#endif  // WAVETANK_REPLICAS_ENTRY_CACHE_H_
