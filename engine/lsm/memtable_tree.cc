#include "engine/lsm/memtable_tree.h"

#include <new>

namespace wt::memtable {
namespace {

constexpr auto kAcquire = std::memory_order_acquire;
constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr auto kRelease = std::memory_order_release;

// How many of n ascending prefixes are below `limit`. Without branches on the outcome: those would
// be guessed wrong every second time.
template <typename PrefixAt>
uint32_t CountBelow(uint32_t n, Prefix limit, const PrefixAt& prefix_at) {
  uint32_t base = 0;
  while (n > 1) {
    const uint32_t half = n / 2;
    base += half & -static_cast<uint32_t>(prefix_at(base + half - 1) < limit);
    n -= half;
  }
  return base + (n == 1 && prefix_at(base) < limit ? 1 : 0);
}

// The place among entries whose prefixes are equal to the target's: [low, high) narrows to a point.
// A null entry is in a slot that is being written: the generation will say so.
template <typename IsBelow, typename EntryAt>
uint32_t CountBelowAmongEqual(uint32_t low, uint32_t high, const EntryAt& entry_at,
                              const IsBelow& is_below) {
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    const Entry* const entry = entry_at(middle);
    if (entry != nullptr && is_below(*entry)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

template <typename PrefixAt, typename EntryAt, typename IsBelow>
uint32_t Rank(uint32_t n, Prefix prefix, const PrefixAt& prefix_at, const EntryAt& entry_at,
              const IsBelow& is_below) {
  const uint32_t low = CountBelow(n, prefix, prefix_at);
  uint32_t high = low;
  while (high < n && prefix_at(high) == prefix) ++high;
  return low == high ? low : CountBelowAmongEqual(low, high, entry_at, is_below);
}

template <bool equal_is_below>
auto Below(const Target& target) {
  return [&target](const Entry& entry) {
    const std::strong_ordering order = entry.internal_key() <=> target.key;
    return equal_is_below ? order <= 0 : order < 0;
  };
}

template <bool equal_is_below>
uint32_t RankInLeaf(const Leaf& leaf, Order order, const Target& target) {
  return Rank(
      order.count(), target.prefix,
      [&](uint32_t rank) { return leaf.prefixes[order.Slot(rank)].Load(); },
      [&](uint32_t rank) { return leaf.entries[order.Slot(rank)].load(kAcquire); },
      Below<equal_is_below>(target));
}

template <bool equal_is_below>
uint32_t RankInSide(const Inner::Side& side, const Target& target) {
  return Rank(
      side.count.load(kAcquire), target.prefix, [&](uint32_t i) { return side.prefixes[i].Load(); },
      [&](uint32_t i) { return side.separators[i].load(kAcquire); }, Below<equal_is_below>(target));
}

void PrefetchLeaf(const Node* leaf) {
  const char* const at = reinterpret_cast<const char*>(leaf);
  for (size_t line = 0; line < sizeof(Leaf); line += 64) __builtin_prefetch(at + line);
}

void PrefetchPrefixes(const Inner::Side& side) {
  const char* const at = reinterpret_cast<const char*>(side.prefixes);
  for (size_t line = 0; line < sizeof(side.prefixes); line += 64) __builtin_prefetch(at + line);
}

void SetSeparator(Inner::Side& side, uint32_t i, const Entry* separator) {
  side.prefixes[i].Store(PrefixOf(separator->key()));
  side.separators[i].store(separator, kRelease);
}

// Makes `to` the separators [from, from + count) of `side` and the children beside them.
void CopySide(const Inner::Side& side, uint32_t from, uint32_t count, Inner::Side& to) {
  for (uint32_t i = 0; i < count; ++i) {
    to.prefixes[i].Store(side.prefixes[from + i].Load());
    to.separators[i].store(side.separators[from + i].load(kRelaxed), kRelease);
  }
  for (uint32_t i = 0; i <= count; ++i) {
    to.children[i].store(side.children[from + i].load(kRelaxed), kRelease);
  }
  to.count.store(count, kRelease);
}

const Inner::Side& Shown(const Inner& inner) {
  return inner.sides[inner.generation.load(kRelaxed) & 1];
}
Inner::Side& Hidden(Inner& inner) { return inner.sides[~inner.generation.load(kRelaxed) & 1]; }
void Flip(Inner& inner) { inner.generation.store(inner.generation.load(kRelaxed) + 1, kRelease); }

}  // namespace

Tree::Tree(Arena& arena) : arena_(arena), leftmost_(NewLeaf()), rightmost_(leftmost_) {
  root_.store(leftmost_, kRelease);
}

Leaf* Tree::NewLeaf() {
  Leaf* const leaf = new (arena_.Allocate(sizeof(Leaf), alignof(Leaf))) Leaf();
  leaf->order.store(Order::Identity(0).word(), kRelaxed);
  return leaf;
}

Inner* Tree::NewInner(uint32_t level) {
  WT_CHECK(level > 0 && level < kMostLevels);
  Inner* const inner = new (arena_.Allocate(sizeof(Inner), 64)) Inner();
  inner->level = level;
  return inner;
}

// ---- Readers.

template <bool equal_is_below>
const Node* Tree::ChildFor(const Inner& inner, const Target& target) {
  for (;;) {
    const uint32_t generation = inner.generation.load(kAcquire);
    const Inner::Side& side = inner.sides[generation & 1];
    PrefetchPrefixes(side);
    const Node* const child =
        side.children[RankInSide<equal_is_below>(side, target)].load(kAcquire);
    if (inner.generation.load(kRelaxed) == generation) return child;
  }
}

template <bool equal_is_below>
const Node* Tree::Descend(const Target& target, uint32_t level) const {
  const Node* node = root_.load(kAcquire);
  while (node->level > level) {
    const bool to_leaf = node->level == 1;
    node = ChildFor<equal_is_below>(static_cast<const Inner&>(*node), target);
    if (to_leaf) PrefetchLeaf(node);
  }
  WT_CHECK_EQ(node->level, level);
  return node;
}

template <bool equal_is_below>
Tree::Position Tree::FirstNotBelow(const Leaf* leaf, const Target& target) {
  while (leaf != nullptr) {
    const uint32_t generation = leaf->generation.load(kAcquire);
    const Order order(leaf->order.load(kAcquire));
    const uint32_t rank = RankInLeaf<equal_is_below>(*leaf, order, target);
    const bool here = rank < order.count();
    const Entry* const entry = here ? leaf->entries[order.Slot(rank)].load(kAcquire) : nullptr;
    if (leaf->generation.load(kRelaxed) != generation) continue;
    if (here) return {leaf, entry, order, rank, generation};
    leaf = leaf->next.load(kAcquire);
  }
  return {};
}

template <bool equal_is_below>
Tree::Position Tree::LastBelow(const Leaf* leaf, const Target& target) {
  for (;;) {
    const uint32_t generation = leaf->generation.load(kAcquire);
    const Order order(leaf->order.load(kAcquire));
    const uint32_t rank = RankInLeaf<equal_is_below>(*leaf, order, target);
    const Entry* const entry =
        rank > 0 ? leaf->entries[order.Slot(rank - 1)].load(kAcquire) : nullptr;
    if (leaf->generation.load(kRelaxed) != generation) continue;
    if (rank == order.count()) {
      // All of this leaf is below: a split may have moved what is sought to the right.
      const Leaf* const next = leaf->next.load(kAcquire);
      if (next != nullptr && Below<equal_is_below>(target)(*next->low)) {
        leaf = next;
        continue;
      }
    }
    if (rank > 0) return {leaf, entry, order, rank - 1, generation};
    WT_CHECK(leaf->low == nullptr);  // else its least entry is below the target
    return {};
  }
}

void Tree::Approach(std::span<const Target> targets, std::span<Spot> spots) {
  WT_CHECK(targets.size() <= kTogether && targets.size() == spots.size());
  Node* const root = root_.load(kRelaxed);
  Node* at[kTogether];
  for (size_t i = 0; i < targets.size(); ++i) at[i] = root;
  for (uint32_t level = root->level; level > 0; --level) {
    for (size_t i = 0; i < targets.size(); ++i) {
      PrefetchPrefixes(Shown(static_cast<const Inner&>(*at[i])));
    }
    for (size_t i = 0; i < targets.size(); ++i) {
      at[i] = const_cast<Node*>(ChildFor<true>(static_cast<const Inner&>(*at[i]), targets[i]));
      level == 1 ? PrefetchLeaf(at[i]) : __builtin_prefetch(at[i]);
    }
  }
  for (size_t i = 0; i < targets.size(); ++i) spots[i] = {static_cast<Leaf*>(at[i]), splits_};
}

Tree::Position Tree::AtOrAfter(const Target& target) const {
  return FirstNotBelow<false>(LeafFor<true>(target), target);
}
Tree::Position Tree::After(const Target& target) const {
  return FirstNotBelow<true>(LeafFor<true>(target), target);
}
Tree::Position Tree::AtOrBefore(const Target& target) const {
  return LastBelow<true>(LeafFor<true>(target), target);
}
Tree::Position Tree::Before(const Target& target) const {
  return LastBelow<false>(LeafFor<false>(target), target);
}

Tree::Position Tree::First() const {
  // The empty key in its newest version: nothing is before it.
  return FirstNotBelow<false>(leftmost_, Target({"", kMaxVersion}));
}

Tree::Position Tree::Last() const {
  const Node* node = root_.load(kAcquire);
  while (node->level > 0) {
    const Inner& inner = static_cast<const Inner&>(*node);
    const uint32_t generation = inner.generation.load(kAcquire);
    const Inner::Side& side = inner.sides[generation & 1];
    const Node* const child = side.children[side.count.load(kAcquire)].load(kAcquire);
    if (inner.generation.load(kRelaxed) == generation) node = child;
  }
  const Leaf* leaf = static_cast<const Leaf*>(node);
  for (;;) {
    const uint32_t generation = leaf->generation.load(kAcquire);
    const Order order(leaf->order.load(kAcquire));
    if (const Leaf* const next = leaf->next.load(kAcquire); next != nullptr) {
      leaf = next;
      continue;
    }
    if (order.count() == 0) return {};
    const uint32_t rank = order.count() - 1;
    const Entry* const entry = leaf->entries[order.Slot(rank)].load(kAcquire);
    if (leaf->generation.load(kRelaxed) == generation)
      return {leaf, entry, order, rank, generation};
  }
}

Tree::Position Tree::NextOf(const Position& at) const {
  WT_CHECK(at.entry != nullptr);
  const uint32_t rank = at.rank + 1;
  if (rank < at.order.count()) {
    const Entry* const entry = at.leaf->entries[at.order.Slot(rank)].load(kAcquire);
    if (at.leaf->generation.load(kRelaxed) == at.generation) {
      return {at.leaf, entry, at.order, rank, at.generation};
    }
  }
  // Looks into this leaf again if it has changed; the next one may begin with what was seen here.
  // The order alone does not tell: a split and as many inserts can bring the same word back.
  const Target target(at.entry->internal_key());
  const bool changed = at.leaf->order.load(kAcquire) != at.order.word() ||
                       at.leaf->generation.load(kAcquire) != at.generation;
  const Position found =
      FirstNotBelow<true>(changed ? at.leaf : at.leaf->next.load(kAcquire), target);
  for (uint32_t i = found.rank; i < found.order.count(); ++i) {
    __builtin_prefetch(found.leaf->entries[found.order.Slot(i)].load(kRelaxed));
  }
  return found;
}

Tree::Position Tree::PreviousOf(const Position& at) const {
  WT_CHECK(at.entry != nullptr);
  if (at.rank > 0) {
    const uint32_t rank = at.rank - 1;
    const Entry* const entry = at.leaf->entries[at.order.Slot(rank)].load(kAcquire);
    if (at.leaf->generation.load(kRelaxed) == at.generation) {
      return {at.leaf, entry, at.order, rank, at.generation};
    }
  }
  return Before(Target(at.entry->internal_key()));
}

// ---- The writer.

Tree::Outcome Tree::Insert(const Entry* entry, Spot spot) {
  const Target target(entry->internal_key());
  Leaf* leaf = rightmost_;
  Order order(leaf->order.load(kRelaxed));
  uint32_t rank = order.count();
  const bool appends =
      rank > 0 && leaf->entries[order.Slot(rank - 1)].load(kRelaxed)->internal_key() < target.key;
  if (!appends) {
    // The nodes are this writer's own: nothing moves between the descent and the change.
    leaf = IsWhereItWas(spot) ? spot.leaf : const_cast<Leaf*>(LeafFor<true>(target));
    order = Order(leaf->order.load(kRelaxed));
    rank = RankInLeaf<false>(*leaf, order, target);
    // An entry's own memory is far away: it is asked only where the prefix does not tell.
    if (const uint32_t slot = order.Slot(rank);
        rank < order.count() && leaf->prefixes[slot].Load() == target.prefix &&
        leaf->entries[slot].load(kRelaxed)->internal_key() == target.key) {
      leaf->entries[slot].store(entry, kRelease);
      return Outcome::kReplaced;
    }
  }
  if (order.count() < Order::kSlots) {
    AddToLeaf(leaf, rank, target.prefix, entry);
  } else if (appends) {
    AppendLeaf(target.prefix, entry);
  } else {
    Leaf* const right = SplitLeaf(leaf);
    const uint32_t kept = Order(leaf->order.load(kRelaxed)).count();
    // At the border it goes left: a leaf never holds less than its first entry.
    if (rank <= kept) {
      AddToLeaf(leaf, rank, target.prefix, entry);
    } else {
      AddToLeaf(right, rank - kept, target.prefix, entry);
    }
  }
  return Outcome::kAdded;
}

void Tree::AddToLeaf(Leaf* leaf, uint32_t rank, Prefix prefix, const Entry* entry) {
  const Order order(leaf->order.load(kRelaxed));
  WT_CHECK(order.count() < Order::kSlots && rank <= order.count());
  const uint32_t slot = order.Slot(order.count());
  leaf->prefixes[slot].Store(prefix);
  leaf->entries[slot].store(entry, kRelease);
  leaf->order.store(order.Insert(rank).word(), kRelease);
}

Leaf* Tree::SplitLeaf(Leaf* leaf) {
  const Order order(leaf->order.load(kRelaxed));
  const uint32_t kept = order.count() / 2;
  WT_CHECK_EQ(order.count(), Order::kSlots);
  Leaf* const right = NewLeaf();
  for (uint32_t rank = kept; rank < order.count(); ++rank) {
    const uint32_t from = order.Slot(rank);
    right->prefixes[rank - kept].Store(leaf->prefixes[from].Load());
    right->entries[rank - kept].store(leaf->entries[from].load(kRelaxed), kRelaxed);
  }
  right->low = right->entries[0].load(kRelaxed);
  right->order.store(Order::Identity(order.count() - kept).word(), kRelaxed);
  right->next.store(leaf->next.load(kRelaxed), kRelaxed);
  if (leaf == rightmost_) rightmost_ = right;
  leaf->next.store(right, kRelease);
  AddChild(right->low, right, 1);
  // From here on the upper slots are free. The generation comes after the order and before the
  // first slot that is used again: a reader who sees such a slot sees the new generation too.
  leaf->order.store(order.KeepFirst(kept).word(), kRelease);
  leaf->generation.store(++splits_, kRelease);
  return right;
}

// Sorted input fills every leaf to the brim. No slot is given up, but what was found to belong into
// the left leaf may belong into the new one: that is a split too.
void Tree::AppendLeaf(Prefix prefix, const Entry* entry) {
  Leaf* const right = NewLeaf();
  right->low = entry;
  AddToLeaf(right, 0, prefix, entry);
  rightmost_->generation.store(++splits_, kRelease);
  rightmost_->next.store(right, kRelease);
  rightmost_ = right;
  AddChild(entry, right, 1);
}

void Tree::AddChild(const Entry* separator, Node* child, uint32_t level) {
  if (root_.load(kRelaxed)->level < level) return GrowRoot(separator, child);
  const Target target(separator->internal_key());
  Inner* inner = static_cast<Inner*>(const_cast<Node*>(Descend<true>(target, level)));
  if (Shown(*inner).count.load(kRelaxed) == Inner::kChildren - 1) {
    inner = SplitInner(inner, target);
  }
  const Inner::Side& shown = Shown(*inner);
  Inner::Side& hidden = Hidden(*inner);
  const uint32_t count = shown.count.load(kRelaxed);
  const uint32_t at = RankInSide<false>(shown, target);
  CopySide(shown, 0, count, hidden);
  for (uint32_t i = count; i > at; --i) {
    hidden.prefixes[i].Store(hidden.prefixes[i - 1].Load());
    hidden.separators[i].store(hidden.separators[i - 1].load(kRelaxed), kRelease);
    hidden.children[i + 1].store(hidden.children[i].load(kRelaxed), kRelease);
  }
  SetSeparator(hidden, at, separator);
  hidden.children[at + 1].store(child, kRelease);
  hidden.count.store(count + 1, kRelease);
  Flip(*inner);
}

// Returns the half that the target belongs to.
Inner* Tree::SplitInner(Inner* inner, const Target& target) {
  const Inner::Side& shown = Shown(*inner);
  const uint32_t count = shown.count.load(kRelaxed);
  // Sorted input comes always at the end: there the left node stays full.
  const bool at_end = RankInSide<false>(shown, target) == count;
  const uint32_t middle = at_end ? count - 1 : count / 2;
  const Entry* const separator = shown.separators[middle].load(kRelaxed);
  Inner* const right = NewInner(inner->level);
  CopySide(shown, middle + 1, count - middle - 1, right->sides[0]);
  // Both nodes lead to the upper children until the left one lets go of them.
  AddChild(separator, right, inner->level + 1);
  CopySide(shown, 0, middle, Hidden(*inner));
  Flip(*inner);
  return Below<true>(target)(*separator) ? right : inner;
}

void Tree::GrowRoot(const Entry* separator, Node* right) {
  Node* const left = root_.load(kRelaxed);
  WT_CHECK_EQ(left->level, right->level);
  Inner* const root = NewInner(left->level + 1);
  Inner::Side& side = root->sides[0];
  SetSeparator(side, 0, separator);
  side.children[0].store(left, kRelaxed);
  side.children[1].store(right, kRelaxed);
  side.count.store(1, kRelaxed);
  root_.store(root, kRelease);
}

}  // namespace wt::memtable
