// The index over blocks: for each a separator, at or after its last entry and before the first of
// the next block, and its handle. It is searched as it lies, without being unpacked: what all
// separators begin with is kept once, and the eight bytes behind that are an array of numbers
// (FORMAT.md).
#ifndef WAVETANK_ENGINE_LSM_INDEX_BLOCK_H_
#define WAVETANK_ENGINE_LSM_INDEX_BLOCK_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/lsm/internal_key.h"
#include "engine/lsm/table_format.h"

namespace wt {

// Writes to `*separator` a short key that is not before `last` and before `next`, and returns the
// version that goes with it. Requires: last < next.
LogIndex ShortSeparator(InternalKey last, InternalKey next, std::string* separator);

class IndexBlockBuilder {
 public:
  // Requires: separators ascend, handles too.
  void Add(InternalKey separator, const BlockHandle& handle);
  uint32_t size() const { return static_cast<uint32_t>(entries_.size()); }
  // Of the contents, roughly.
  uint64_t bytes() const { return 32 * entries_.size() + keys_.size(); }
  // The last separator. Requires: size() > 0.
  InternalKey last() const { return KeyOf(entries_.size() - 1); }

  // The contents; begins afresh.
  std::string Finish();

 private:
  struct Entry {
    uint64_t key_end;
    LogIndex version;
    BlockHandle handle;
  };
  InternalKey KeyOf(size_t i) const;

  std::string keys_;
  std::vector<Entry> entries_;
};

// A view of an index block's contents.
class IndexBlock {
 public:
  IndexBlock() = default;
  // Requires: nothing of the bytes. Errors: InvalidArgument saying what is wrong.
  static absl::StatusOr<IndexBlock> Parse(std::string_view contents);
  // The same for contents that Parse has seen before: checks only what keeps reads inside.
  static absl::StatusOr<IndexBlock> ParseAgain(std::string_view contents);

  uint32_t size() const { return count_; }
  // The first block whose separator is not before the target: the only one that can hold it or
  // what follows it. size() when there is none.
  uint32_t Find(InternalKey target) const;
  // Require: i < size().
  BlockHandle handle(uint32_t i) const;
  // Without what all separators begin with.
  InternalKey separator_rest(uint32_t i) const;
  std::string_view common_prefix() const { return common_; }

 private:
  const char* Record(uint32_t i) const;
  uint32_t KeyEnd(uint32_t i) const;

  uint32_t count_ = 0;
  std::string_view common_;
  const char* discriminators_ = nullptr;
  // For each block: u64 version, u64 offset, u32 stored bytes, u32 where its separator ends.
  const char* records_ = nullptr;
  std::string_view rests_;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_LSM_INDEX_BLOCK_H_
