// An ordered table of (key, value) that can be frozen at a point in time for almost nothing.
//
//   table.Set("a", "1");
//   FrozenTable then = table.Freeze();
//   table.Set("a", "2");                 // `then` still says "1"
//
// Entries live in sorted blocks. Freeze() copies the list of blocks, not the blocks; a block that a
// frozen table may see is copied before it is changed ("copy on write", by epoch: no reference
// count is asked, so a reader in another thread needs no lock).
#ifndef WAVETANK_ENGINE_STATE_ENTRY_TABLE_H_
#define WAVETANK_ENGINE_STATE_ENTRY_TABLE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/checksum.h"
#include "engine/base/units.h"

namespace wt {

struct TableEntry {
  std::string key;
  std::string value;
  bool operator==(const TableEntry&) const = default;
};

struct TableBlock {
  uint64_t epoch = 0;
  uint64_t bytes = 0;               // of its entries, encoded
  std::vector<TableEntry> entries;  // ascending, never empty
};

// The encoded size of an entry (FORMAT.md) and its limit, which leaves room for it in a chunk.
constexpr uint64_t EncodedEntryBytes(std::string_view key, std::string_view value) {
  return 8 + key.size() + value.size();
}
inline constexpr uint64_t kMaxTableEntryBytes = 768 * kKiB;

// What an entry adds to sum(), and how sums are reckoned with: modulo 2^128.
Hash128 HashEntry(std::string_view key, std::string_view value);
Hash128 AddSums(Hash128 a, Hash128 b);
Hash128 SubtractSums(Hash128 a, Hash128 b);

// What Freeze() gives: immutable, and independent of the table it came from.
using FrozenTable = std::vector<std::shared_ptr<const TableBlock>>;

class EntryTable {
 public:
  EntryTable() = default;
  EntryTable(EntryTable&&) = default;
  EntryTable& operator=(EntryTable&&) = default;

  // The value, or null. Valid until the next change.
  const std::string* Find(std::string_view key) const;
  // The first entry with key >= `key`, or null. Valid until the next change.
  const TableEntry* LowerBound(std::string_view key) const;

  // Requires: EncodedEntryBytes(key, value) <= kMaxTableEntryBytes. The arguments must not point
  // into this table.
  void Set(std::string_view key, std::string_view value);
  bool Erase(std::string_view key);

  // Set() for a key behind all others. Requires: key > the last key.
  void Append(std::string_view key, std::string_view value);

  FrozenTable Freeze() const;

  uint64_t size() const { return size_; }
  // The sum, mod 2^128, of a hash of each entry: the same for the same entries, in whatever order
  // and by whatever detours they came. (Entries of one table are distinct, so none cancels out.)
  Hash128 sum() const { return sum_; }

 private:
  // The block that holds `key`, or would.
  size_t BlockFor(std::string_view key) const;
  // That block, owned by this epoch alone.
  TableBlock& Writable(size_t block);
  void SplitIfLarge(size_t block);
  void MergeIfSmall(size_t block);
  void Insert(size_t block, size_t at, std::string_view key, std::string_view value);
  void Add(std::string_view key, std::string_view value);
  void Subtract(std::string_view key, std::string_view value);

  std::vector<std::shared_ptr<TableBlock>> blocks_;
  uint64_t size_ = 0;
  Hash128 sum_;
  mutable uint64_t epoch_ = 1;  // counts the calls of Freeze
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_STATE_ENTRY_TABLE_H_
