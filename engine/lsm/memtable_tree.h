// The ordered index of a memtable: a B+-tree in an arena, for ONE writer at a time and any number
// of readers beside it, who take no lock.
//
// How they meet:
//   - A leaf's slots are written while no order names them, and named by one store of its order
//     word. Nothing is ever removed, so a slot that was named stays as it is until the leaf splits.
//   - A split makes a new leaf of the upper half, links it to the right, and only then shortens the
//     old leaf's order. Who comes too far left walks right; the least entry of a leaf never
//     changes.
//   - An inner node has two copies. The writer changes the one that nobody uses and flips.
//   - After reading slots, a reader looks whether the node's generation is still the one it started
//     with; if not, it looks at that node again. Each such look costs the writer a split of just
//     that child or leaf, so there are fewer of them than entries that the memtable takes.
//
// What was inserted before a reader started, or an iterator sought, is seen by it. What is inserted
// later may be.
#ifndef WAVETANK_ENGINE_LSM_MEMTABLE_TREE_H_
#define WAVETANK_ENGINE_LSM_MEMTABLE_TREE_H_

#include <atomic>
#include <cstdint>
#include <span>

#include "engine/lsm/arena.h"
#include "engine/lsm/memtable_node.h"

namespace wt::memtable {

// The leaf where an entry belongs, as the writer found it after so many splits.
struct Spot {
  Leaf* leaf = nullptr;  // null: not looked for
  uint32_t splits = 0;
};

class Tree {
 public:
  explicit Tree(Arena& arena);
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  // Walks down to all of them at once, so that it waits for memory once and not for each: who
  // inserts them next finds their leaves in the cache. Changes nothing.
  // Requires: at most kTogether; as many spots; the caller is the writer.
  static constexpr size_t kTogether = 16;
  void Approach(std::span<const Target> targets, std::span<Spot> spots);

  // Adds `entry`, which lives as long as the tree, or puts it in the place of the one with an equal
  // key and version. Requires: one caller at a time; a spot that Approach found for such a target,
  // however long ago, or none.
  enum class Outcome { kAdded, kReplaced };
  Outcome Insert(const Entry* entry, Spot spot = {});

  // A place in a leaf as a reader found it. entry == null: nowhere.
  struct Position {
    const Leaf* leaf = nullptr;
    const Entry* entry = nullptr;
    Order order{0};
    uint32_t rank = 0;
    uint32_t generation = 0;
  };
  Position First() const;
  Position Last() const;
  Position AtOrAfter(const Target& target) const;
  Position After(const Target& target) const;
  Position AtOrBefore(const Target& target) const;
  Position Before(const Target& target) const;
  // Require: at.entry != null.
  Position NextOf(const Position& at) const;
  Position PreviousOf(const Position& at) const;

 private:
  static constexpr uint32_t kMostLevels = 16;

  // `equal_is_below`: whether an entry that equals the target counts as below it.
  template <bool equal_is_below>
  const Node* Descend(const Target& target, uint32_t level) const;
  template <bool equal_is_below>
  const Leaf* LeafFor(const Target& target) const {
    return static_cast<const Leaf*>(Descend<equal_is_below>(target, 0));
  }
  template <bool equal_is_below>
  static const Node* ChildFor(const Inner& inner, const Target& target);
  // In this leaf or in those to its right.
  template <bool equal_is_below>
  static Position FirstNotBelow(const Leaf* leaf, const Target& target);
  template <bool equal_is_below>
  static Position LastBelow(const Leaf* leaf, const Target& target);

  static bool IsWhereItWas(Spot spot) {
    return spot.leaf != nullptr &&
           spot.leaf->generation.load(std::memory_order_relaxed) <= spot.splits;
  }
  Leaf* NewLeaf();
  Inner* NewInner(uint32_t level);
  static void AddToLeaf(Leaf* leaf, uint32_t rank, Prefix prefix, const Entry* entry);
  Leaf* SplitLeaf(Leaf* leaf);
  void AppendLeaf(Prefix prefix, const Entry* entry);
  void AddChild(const Entry* separator, Node* child, uint32_t level);
  Inner* SplitInner(Inner* inner, const Target& target);
  void GrowRoot(const Entry* separator, Node* right);

  Arena& arena_;
  std::atomic<Node*> root_;
  Leaf* const leftmost_;
  // The writer's.
  Leaf* rightmost_;      // where the greatest entry is
  uint32_t splits_ = 0;  // of leaves; what a leaf's generation is taken from
};

}  // namespace wt::memtable

#endif  // WAVETANK_ENGINE_LSM_MEMTABLE_TREE_H_
