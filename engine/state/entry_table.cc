#include "engine/state/entry_table.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/coding.h"

namespace wt {
namespace {

constexpr size_t kMaxBlockEntries = 64;
constexpr size_t kMinBlockEntries = 16;
constexpr uint64_t kMaxBlockBytes = 32 * kKiB;

unsigned __int128 Wide(Hash128 hash) {
  return static_cast<unsigned __int128>(hash.high) << 64 | hash.low;
}
Hash128 Narrow(unsigned __int128 wide) {
  return {static_cast<uint64_t>(wide), static_cast<uint64_t>(wide >> 64)};
}

size_t LowerBoundIn(const TableBlock& block, std::string_view key) {
  auto at = std::lower_bound(block.entries.begin(), block.entries.end(), key,
                             [](const TableEntry& e, std::string_view k) { return e.key < k; });
  return static_cast<size_t>(at - block.entries.begin());
}

bool HasKeyAt(const TableBlock& block, size_t at, std::string_view key) {
  return at < block.entries.size() && block.entries[at].key == key;
}

}  // namespace

// Hashes the value under a seed that is made of the key, so that neither can lend bytes to the
// other, and mixes the key's other half in.
Hash128 HashEntry(std::string_view key, std::string_view value) {
  const Hash128 of_key = HashBytes128(key);
  const Hash128 of_value = HashBytes128(value, of_key.low);
  char both[32];
  StoreLittle(both, of_key.low);
  StoreLittle(both + 8, of_key.high);
  StoreLittle(both + 16, of_value.low);
  StoreLittle(both + 24, of_value.high);
  return HashBytes128(std::string_view(both, sizeof(both)));
}

Hash128 AddSums(Hash128 a, Hash128 b) { return Narrow(Wide(a) + Wide(b)); }

Hash128 SubtractSums(Hash128 a, Hash128 b) { return Narrow(Wide(a) - Wide(b)); }

size_t EntryTable::BlockFor(std::string_view key) const {
  auto after = std::upper_bound(
      blocks_.begin(), blocks_.end(), key,
      [](std::string_view k, const auto& block) { return k < block->entries.front().key; });
  return after == blocks_.begin() ? 0 : static_cast<size_t>(after - blocks_.begin()) - 1;
}

const std::string* EntryTable::Find(std::string_view key) const {
  if (blocks_.empty()) return nullptr;
  const TableBlock& block = *blocks_[BlockFor(key)];
  const size_t at = LowerBoundIn(block, key);
  return HasKeyAt(block, at, key) ? &block.entries[at].value : nullptr;
}

const TableEntry* EntryTable::LowerBound(std::string_view key) const {
  if (blocks_.empty()) return nullptr;
  const size_t index = BlockFor(key);
  const size_t at = LowerBoundIn(*blocks_[index], key);
  if (at < blocks_[index]->entries.size()) return &blocks_[index]->entries[at];
  return index + 1 < blocks_.size() ? &blocks_[index + 1]->entries.front() : nullptr;
}

void EntryTable::Set(std::string_view key, std::string_view value) {
  WT_CHECK_LE(EncodedEntryBytes(key, value), kMaxTableEntryBytes);
  if (blocks_.empty()) return Append(key, value);
  const size_t index = BlockFor(key);
  const size_t at = LowerBoundIn(*blocks_[index], key);
  if (!HasKeyAt(*blocks_[index], at, key)) return Insert(index, at, key, value);
  TableBlock& block = Writable(index);
  std::string& old = block.entries[at].value;
  Subtract(key, old);
  Add(key, value);
  block.bytes += value.size();
  block.bytes -= old.size();
  old.assign(value);
  SplitIfLarge(index);
}

void EntryTable::Append(std::string_view key, std::string_view value) {
  WT_CHECK_LE(EncodedEntryBytes(key, value), kMaxTableEntryBytes);
  if (blocks_.empty() || blocks_.back()->entries.size() >= kMaxBlockEntries / 2) {
    WT_CHECK(blocks_.empty() || blocks_.back()->entries.back().key < key);
    blocks_.push_back(std::make_shared<TableBlock>(TableBlock{.epoch = epoch_}));
  }
  const TableBlock& last = *blocks_.back();
  WT_CHECK(last.entries.empty() || last.entries.back().key < key);
  Insert(blocks_.size() - 1, last.entries.size(), key, value);
}

void EntryTable::Insert(size_t index, size_t at, std::string_view key, std::string_view value) {
  TableBlock& block = Writable(index);
  block.entries.insert(block.entries.begin() + static_cast<ptrdiff_t>(at),
                       TableEntry{std::string(key), std::string(value)});
  block.bytes += EncodedEntryBytes(key, value);
  Add(key, value);
  ++size_;
  SplitIfLarge(index);
}

bool EntryTable::Erase(std::string_view key) {
  if (blocks_.empty()) return false;
  const size_t index = BlockFor(key);
  const size_t at = LowerBoundIn(*blocks_[index], key);
  if (!HasKeyAt(*blocks_[index], at, key)) return false;
  TableBlock& block = Writable(index);
  Subtract(key, block.entries[at].value);
  block.bytes -= EncodedEntryBytes(key, block.entries[at].value);
  block.entries.erase(block.entries.begin() + static_cast<ptrdiff_t>(at));
  WT_CHECK(size_ > 0);
  --size_;
  MergeIfSmall(index);
  return true;
}

FrozenTable EntryTable::Freeze() const {
  ++epoch_;
  return FrozenTable(blocks_.begin(), blocks_.end());
}

TableBlock& EntryTable::Writable(size_t index) {
  std::shared_ptr<TableBlock>& block = blocks_[index];
  if (block->epoch != epoch_) {
    WT_CHECK_LT(block->epoch, epoch_);
    block = std::make_shared<TableBlock>(*block);
    block->epoch = epoch_;
  }
  return *block;
}

void EntryTable::SplitIfLarge(size_t index) {
  TableBlock& block = Writable(index);
  const bool large = block.entries.size() > kMaxBlockEntries || block.bytes > kMaxBlockBytes;
  if (!large || block.entries.size() < 2) return;
  auto upper = std::make_shared<TableBlock>(TableBlock{.epoch = epoch_});
  auto middle = block.entries.begin() + static_cast<ptrdiff_t>(block.entries.size() / 2);
  upper->entries.assign(std::make_move_iterator(middle),
                        std::make_move_iterator(block.entries.end()));
  block.entries.erase(middle, block.entries.end());
  for (const TableEntry& e : upper->entries) upper->bytes += EncodedEntryBytes(e.key, e.value);
  WT_CHECK_LT(upper->bytes, block.bytes);
  block.bytes -= upper->bytes;
  blocks_.insert(blocks_.begin() + static_cast<ptrdiff_t>(index) + 1, std::move(upper));
}

void EntryTable::MergeIfSmall(size_t index) {
  TableBlock& block = Writable(index);
  if (block.entries.empty()) {
    WT_CHECK_EQ(block.bytes, 0u);
    blocks_.erase(blocks_.begin() + static_cast<ptrdiff_t>(index));
    return;
  }
  if (block.entries.size() >= kMinBlockEntries || index + 1 == blocks_.size()) return;
  const TableBlock& next = *blocks_[index + 1];
  if (block.entries.size() + next.entries.size() > kMaxBlockEntries / 2 ||
      block.bytes + next.bytes > kMaxBlockBytes / 2) {
    return;
  }
  block.entries.insert(block.entries.end(), next.entries.begin(), next.entries.end());
  block.bytes += next.bytes;
  blocks_.erase(blocks_.begin() + static_cast<ptrdiff_t>(index) + 1);
}

void EntryTable::Add(std::string_view key, std::string_view value) {
  sum_ = AddSums(sum_, HashEntry(key, value));
}

void EntryTable::Subtract(std::string_view key, std::string_view value) {
  sum_ = SubtractSums(sum_, HashEntry(key, value));
}

}  // namespace wt
