// Many entries of the log as a memtable takes them fastest: all operations in its own order. A log
// that is replayed is sorted so, part by part, in a task beside the one that inserts.
#ifndef WAVETANK_ENGINE_LSM_SORTED_BATCHES_H_
#define WAVETANK_ENGINE_LSM_SORTED_BATCHES_H_

#include <vector>

#include "engine/kv/key_value_store.h"
#include "engine/lsm/internal_key.h"

namespace wt {

class SortedBatches final : public KeyValueStore::Prepared {
 public:
  // Requires: as KeyValueStore::Prepare.
  explicit SortedBatches(const KeyValueStore::Batches& batches);

  LogIndex first() const { return first_; }
  LogIndex last() const { return last_; }
  // By key and version; of equal ones, which only operations of one entry can be, the later is the
  // later one. Views of the batches' bytes.
  const std::vector<InternalEntry>& entries() const { return entries_; }

 private:
  const LogIndex first_;
  const LogIndex last_;
  std::vector<InternalEntry> entries_;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_LSM_SORTED_BATCHES_H_
