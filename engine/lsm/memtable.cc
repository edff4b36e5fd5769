#include "engine/lsm/memtable.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <vector>

namespace wt {
namespace {

class MemtableIterator final : public InternalIterator {
 public:
  explicit MemtableIterator(const memtable::Tree& tree) : tree_(tree) {}

  void SeekToFirst() override { Show(tree_.First()); }
  void SeekToLast() override { Show(tree_.Last()); }
  void Seek(InternalKey target) override { Show(tree_.AtOrAfter(memtable::Target(target))); }
  void SeekForPrev(InternalKey target) override {
    Show(tree_.AtOrBefore(memtable::Target(target)));
  }
  void Next() override {
    WT_CHECK(valid_);
    Show(tree_.NextOf(at_));
  }
  void Prev() override {
    WT_CHECK(valid_);
    Show(tree_.PreviousOf(at_));
  }

 private:
  void Show(const memtable::Tree::Position& found) {
    at_ = found;
    valid_ = found.entry != nullptr;
    if (valid_) entry_ = found.entry->view();
  }

  const memtable::Tree& tree_;
  memtable::Tree::Position at_;
};

}  // namespace

void Memtable::Insert(const InternalEntry& entry) { InsertAt({}, entry); }

void Memtable::InsertAt(memtable::Spot spot, const InternalEntry& entry) {
  if (tree_.Insert(NewEntry(entry), spot) == memtable::Tree::Outcome::kAdded) {
    entries_.store(entries_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }
}

void Memtable::InsertAll(std::span<const InternalEntry> entries) {
  if (entries.size() == 1) return Insert(entries.front());
  std::vector<memtable::Target> targets;
  targets.reserve(memtable::Tree::kTogether);
  memtable::Spot spots[memtable::Tree::kTogether];
  while (!entries.empty()) {
    const size_t count = std::min(entries.size(), memtable::Tree::kTogether);
    targets.clear();
    for (const InternalEntry& one : entries.first(count)) {
      targets.emplace_back(one.internal_key());
    }
    tree_.Approach(targets, std::span(spots).first(count));
    for (size_t i = 0; i < count; ++i) InsertAt(spots[i], entries[i]);
    entries = entries.subspan(count);
  }
}

const memtable::Entry* Memtable::NewEntry(const InternalEntry& entry) {
  WT_CHECK(entry.key.size() <= kMaxTableKeyBytes && entry.value.size() <= kMaxTableValueBytes);
  WT_CHECK(entry.kind == EntryKind::kPut || entry.value.empty());
  const size_t bytes = sizeof(memtable::Entry) + entry.key.size() + entry.value.size();
  memtable::Entry* const made = new (arena_.Allocate(bytes, alignof(memtable::Entry)))
      memtable::Entry{.key_bytes = static_cast<uint32_t>(entry.key.size()),
                      .value_bytes = static_cast<uint32_t>(entry.value.size()),
                      .tag = PackTag(entry.version, entry.kind)};
  char* const to = reinterpret_cast<char*>(made + 1);
  if (!entry.key.empty()) std::memcpy(to, entry.key.data(), entry.key.size());
  if (!entry.value.empty()) {
    std::memcpy(to + entry.key.size(), entry.value.data(), entry.value.size());
  }
  return made;
}

std::optional<InternalEntry> Memtable::Get(InternalKey key) const {
  const memtable::Entry* const found = tree_.AtOrAfter(memtable::Target(key)).entry;
  if (found == nullptr || found->key() != key.key) return std::nullopt;
  return found->view();
}

std::unique_ptr<InternalIterator> Memtable::NewIterator() const {
  return std::make_unique<MemtableIterator>(tree_);
}

}  // namespace wt
