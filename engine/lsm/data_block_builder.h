// Makes the contents of a data block: entries in order, each without what its key shares with the
// one before; at restart points a key is whole (FORMAT.md).
#ifndef WAVETANK_ENGINE_LSM_DATA_BLOCK_BUILDER_H_
#define WAVETANK_ENGINE_LSM_DATA_BLOCK_BUILDER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/lsm/internal_key.h"

namespace wt {

class DataBlockBuilder {
 public:
  // A key is whole every `restart_interval` entries. Requires: at least 1.
  explicit DataBlockBuilder(uint32_t restart_interval);

  // Requires: after the entry before, in the order of internal_key.h.
  void Add(const InternalEntry& entry);

  // Bytes that Finish will return, or somewhat more.
  uint64_t bytes() const {
    return entries_.size() + kRestartBytes * restarts_.size() + kTailBytes + first_key_bytes_;
  }
  // At most this many more when `entry` is added.
  static uint64_t MostBytesOf(const InternalEntry& entry);
  bool empty() const { return entries_.empty(); }

  // The contents; they live until the next call. Requires: !empty().
  std::string_view Finish();
  void Clear();

 private:
  static constexpr uint64_t kRestartBytes = 12;
  static constexpr uint64_t kTailBytes = 8;

  // The whole key at a restart point.
  std::string_view KeyAt(uint32_t restart) const;

  uint32_t restart_interval_;
  uint32_t since_restart_ = 0;
  std::vector<uint32_t> restarts_;
  std::string entries_;
  std::string last_key_;
  uint64_t first_key_bytes_ = 0;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_LSM_DATA_BLOCK_BUILDER_H_
