// The newest writes of an LSM: ordered, in memory, with all their versions.
//
// ONE task at a time writes; any number read beside it, without locks: no reader ever waits, for
// the writer or for another reader. What was inserted before a read began, or before an iterator's
// last seek, is seen by it; what comes later may be (a reader that wants one state reads at a
// version).
//
// Nothing suspends. Keys, values and entries live as long as the memtable.
#ifndef WAVETANK_ENGINE_LSM_MEMTABLE_H_
#define WAVETANK_ENGINE_LSM_MEMTABLE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "engine/lsm/arena.h"
#include "engine/lsm/internal_key.h"
#include "engine/lsm/iterator.h"
#include "engine/lsm/memtable_tree.h"

namespace wt {

class Memtable {
 public:
  // Its memory goes back to the pool with it; see arena.h.
  explicit Memtable(std::shared_ptr<ChunkPool> pool = nullptr) : arena_(std::move(pool)) {}
  Memtable(const Memtable&) = delete;
  Memtable& operator=(const Memtable&) = delete;

  // Takes the place of an entry with an equal key and version. Sorted input is the fast case.
  // Requires: one caller at a time; key and value within the limits of internal_key.h; the value
  // of a deletion is empty.
  void Insert(const InternalEntry& entry);
  // The same for several, in this order: faster than one by one, where they lie far apart.
  void InsertAll(std::span<const InternalEntry> entries);

  // The newest entry of the key that is not newer than the version: a put, or a deletion, which is
  // an answer as well. Nothing when this memtable knows of none.
  std::optional<InternalEntry> Get(InternalKey key) const;

  // The memtable outlives it.
  std::unique_ptr<InternalIterator> NewIterator() const;

  // What to compare with the size at which a memtable is flushed: entries and index.
  uint64_t ApproximateBytes() const { return arena_.used_bytes(); }
  // Entries; those that were replaced are not counted.
  uint64_t entry_count() const { return entries_.load(std::memory_order_acquire); }
  bool empty() const { return entry_count() == 0; }

 private:
  void InsertAt(memtable::Spot spot, const InternalEntry& entry);
  const memtable::Entry* NewEntry(const InternalEntry& entry);

  Arena arena_;
  memtable::Tree tree_{arena_};
  std::atomic<uint64_t> entries_{0};
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_LSM_MEMTABLE_H_
