// What a memtable is made of; see memtable_tree.h for how readers and the writer meet on it.
//
// Everything that changes after it was published is an atomic, stored with release and loaded with
// acquire: who sees a pointer or a word sees all that was written before it.
#ifndef WAVETANK_ENGINE_LSM_MEMTABLE_NODE_H_
#define WAVETANK_ENGINE_LSM_MEMTABLE_NODE_H_

#include <atomic>
#include <cstdint>
#include <cstring>

#include "engine/base/coding.h"
#include "engine/lsm/internal_key.h"

namespace wt::memtable {

// One entry: this head, the key, the value. Never changes.
struct Entry {
  uint32_t key_bytes;
  uint32_t value_bytes;
  uint64_t tag;

  const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
  std::string_view key() const { return {bytes(), key_bytes}; }
  std::string_view value() const { return {bytes() + key_bytes, value_bytes}; }
  InternalKey internal_key() const { return {key(), VersionOf(tag)}; }
  InternalEntry view() const { return {key(), VersionOf(tag), KindOf(tag), value()}; }
};

// The first 16 bytes of a key, padded with zeros, as a number: compares as the keys do unless
// equal.
using Prefix = unsigned __int128;

inline Prefix PrefixOf(std::string_view key) {
  char padded[16] = {};
  const char* from = key.data();
  if (key.size() < sizeof(padded)) {
    if (!key.empty()) std::memcpy(padded, key.data(), key.size());
    from = padded;
  }
  return Prefix{__builtin_bswap64(LoadLittle<uint64_t>(from))} << 64 |
         __builtin_bswap64(LoadLittle<uint64_t>(from + 8));
}

// What is looked for, with its prefix worked out once.
struct Target {
  explicit Target(InternalKey k) : prefix(PrefixOf(k.key)), key(k) {}
  Prefix prefix;
  InternalKey key;
};

struct SharedPrefix {
  std::atomic<uint64_t> high;
  std::atomic<uint64_t> low;

  void Store(Prefix value) {
    high.store(static_cast<uint64_t>(value >> 64), std::memory_order_release);
    low.store(static_cast<uint64_t>(value), std::memory_order_release);
  }
  Prefix Load() const {
    return Prefix{high.load(std::memory_order_acquire)} << 64 | low.load(std::memory_order_acquire);
  }
};

// Which slots of a leaf are taken, and in which order: the count in the low four bits, then one
// nibble a rank. Ranks from count on name the free slots. (Masstree, EuroSys 2012, section 4.6.2.)
class Order {
 public:
  static constexpr uint32_t kSlots = 14;

  constexpr explicit Order(uint64_t word) : word_(word) {}
  // Slot i has rank i.
  static constexpr Order Identity(uint32_t count) {
    uint64_t word = count;
    for (uint64_t i = 0; i < kSlots; ++i) word |= i << (4 + 4 * i);
    return Order(word);
  }

  constexpr uint64_t word() const { return word_; }
  constexpr uint32_t count() const { return word_ & 15; }
  constexpr uint32_t Slot(uint32_t rank) const { return (word_ >> (4 + 4 * rank)) & 15; }
  // The first free slot now has this rank. Requires: count() < kSlots, rank <= count().
  constexpr Order Insert(uint32_t rank) const {
    const uint64_t ranks = word_ >> 4;
    const uint64_t slot = Slot(count());
    const uint64_t below = ranks & ((uint64_t{1} << 4 * rank) - 1);
    const uint64_t through_new = (uint64_t{1} << 4 * count()) - 1;
    const uint64_t moved = (ranks & through_new) >> 4 * rank << 4 * (rank + 1);
    const uint64_t above = ranks >> 4 * (count() + 1) << 4 * (count() + 1);
    return Order((above | moved | slot << 4 * rank | below) << 4 | (count() + 1));
  }
  constexpr Order KeepFirst(uint32_t count) const { return Order((word_ & ~uint64_t{15}) | count); }

 private:
  uint64_t word_;
};

struct Node {
  uint32_t level;  // 0 = leaf; never changes
};

struct alignas(64) Leaf : Node {
  // Of the tree's splits the number of this leaf's last one: slots are used again only after one.
  std::atomic<uint32_t> generation;
  std::atomic<uint64_t> order;
  std::atomic<Leaf*> next;
  // The least entry it will ever hold; never changes. Null in the leftmost leaf.
  const Entry* low;
  SharedPrefix prefixes[Order::kSlots];
  std::atomic<const Entry*> entries[Order::kSlots];
};
static_assert(sizeof(Leaf) == 6 * 64);

struct Inner : Node {
  static constexpr uint32_t kChildren = 48;

  // Two copies: readers use one while the writer makes the next one.
  struct Side {
    std::atomic<uint32_t> count;  // of separators; one less than the children
    SharedPrefix prefixes[kChildren - 1];
    std::atomic<const Entry*> separators[kChildren - 1];  // child i + 1 holds what is >= this
    std::atomic<Node*> children[kChildren];
  };

  // Counts the changes; its low bit is the side that counts.
  std::atomic<uint32_t> generation;
  Side sides[2];
};

}  // namespace wt::memtable

#endif  // WAVETANK_ENGINE_LSM_MEMTABLE_NODE_H_
