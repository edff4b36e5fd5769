// Blocks in memory, by table and offset: the least recently used go when the bytes are used up.
//
//   BlockCache cache(tasks, 256 * kMiB);
//   BlockPin block = cache.Find({table_id, offset});          // null: not there
//   block = cache.Insert({table_id, offset}, std::move(contents));
//
// Who holds a pin keeps the block, whether or not the cache still does. The blocks of a table that
// was removed are asked for no more, and go with time. Thread-safe: sixteen parts, each with its
// lock; no I/O under one. What is kept depends only on the order of calls.
#ifndef WAVETANK_ENGINE_LSM_BLOCK_CACHE_H_
#define WAVETANK_ENGINE_LSM_BLOCK_CACHE_H_

#include <atomic>
#include <compare>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "engine/env/mutex.h"

namespace wt {

using BlockPin = std::shared_ptr<const std::string>;

class BlockCache {
 public:
  struct Key {
    uint64_t table = 0;  // as NewTableId() gave it
    uint64_t offset = 0;
    auto operator<=>(const Key&) const = default;
  };
  struct Counters {
    uint64_t hits = 0;
    uint64_t misses = 0;
    uint64_t evictions = 0;
    uint64_t blocks = 0;
    uint64_t bytes = 0;
  };

  BlockCache(Tasks& tasks, uint64_t capacity_bytes);

  // A number that no other table of this cache has or had. Does not suspend.
  uint64_t NewTableId() { return ++last_table_; }

  // Suspends.
  BlockPin Find(const Key& key);
  // Keeps the block, unless it is larger than a part of the cache, and returns it; when another
  // task was faster, returns that one's. Suspends.
  BlockPin Insert(const Key& key, std::string contents);

  // Suspends.
  Counters counters();

 private:
  static constexpr uint64_t kParts = 16;
  static constexpr uint64_t kBlockOverhead = 128;  // of its places in map and list, roughly

  struct Kept {
    Key key;
    BlockPin block;
  };
  struct Part {
    explicit Part(Tasks& tasks) : mutex(tasks) {}
    Mutex mutex;
    // The most recently used first.
    std::list<Kept> by_use ABSL_GUARDED_BY(mutex);
    absl::btree_map<Key, std::list<Kept>::iterator> by_key ABSL_GUARDED_BY(mutex);
    Counters counters ABSL_GUARDED_BY(mutex);
  };
  Part& PartOf(const Key& key);
  static uint64_t ChargeOf(const BlockPin& block) { return block->size() + kBlockOverhead; }
  static void Drop(Part& part, std::list<Kept>::iterator at)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(part.mutex);

  uint64_t part_capacity_;
  std::atomic<uint64_t> last_table_{0};
  std::vector<std::unique_ptr<Part>> parts_;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_LSM_BLOCK_CACHE_H_
