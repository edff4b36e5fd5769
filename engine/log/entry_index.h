// Where each entry of the log is: 32 bytes of memory an entry, in index order.
//
// Live entries in index order are also in file order, because a conflicting suffix is overridden by
// records that come later in the file.
#ifndef WAVETANK_ENGINE_LOG_ENTRY_INDEX_H_
#define WAVETANK_ENGINE_LOG_ENTRY_INDEX_H_

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/units.h"
#include "engine/log/log_entry.h"

namespace wt {

struct EntrySlot {
  static constexpr uint32_t kBuffered = ~uint32_t{0};  // not in a file yet

  uint64_t type_term = 0;  // as in Ident
  int64_t timestamp = 0;
  uint32_t segment = 0;  // or kBuffered
  uint32_t offset = 0;   // of the payload in the file; when buffered, in the batch
  uint32_t length = 0;
  uint32_t checksum = 0;
};
static_assert(sizeof(EntrySlot) == 32);

class EntryIndex {
 public:
  // Empties it; the next entry is base + 1.
  void Reset(LogIndex base, Term base_term);

  LogIndex first_index() const { return base_ + 1; }
  LogIndex last_index() const { return base_ + count_; }
  Term last_term() const { return last_term_; }
  bool Contains(LogIndex index) const { return index > base_ && index <= last_index(); }

  // Requires: Contains(index), or index == first_index() - 1.
  Term TermAt(LogIndex index) const;

  // Requires: Contains(index).
  const EntrySlot& At(LogIndex index) const { return Slot(head_ + (index - base_) - 1); }
  EntrySlot& At(LogIndex index) { return const_cast<EntrySlot&>(std::as_const(*this).At(index)); }

  // Adds last_index() + 1.
  void Push(const EntrySlot& slot) {
    const uint64_t at = head_ + count_;
    if (at == chunks_.size() * kChunk) chunks_.push_back(std::make_unique<Chunk>());
    (*chunks_[at / kChunk])[at % kChunk] = slot;
    ++count_;
    last_term_ = TermOf(slot);
  }

  // Removes [from, last]. Requires: first_index() <= from <= last_index() + 1.
  void PopFrom(LogIndex from);
  // Removes [first, through]. Requires: first_index() - 1 <= through <= last_index().
  void DropThrough(LogIndex through);

 private:
  static constexpr uint64_t kChunk = 1024;
  using Chunk = std::array<EntrySlot, kChunk>;

  static Term TermOf(const EntrySlot& slot) {
    return Term(slot.type_term & ((uint64_t{1} << 56) - 1));
  }
  const EntrySlot& Slot(uint64_t at) const {
    WT_CHECK(at >= head_ && at < head_ + count_);
    return (*chunks_[at / kChunk])[at % kChunk];
  }

  LogIndex base_;
  Term base_term_;
  Term last_term_;
  uint64_t head_ = 0;  // slots before it in the first chunk are dropped
  uint64_t count_ = 0;
  std::deque<std::unique_ptr<Chunk>> chunks_;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_LOG_ENTRY_INDEX_H_
