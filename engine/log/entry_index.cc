#include "engine/log/entry_index.h"

namespace wt {

void EntryIndex::Reset(LogIndex base, Term base_term) {
  base_ = base;
  base_term_ = base_term;
  last_term_ = base_term;
  head_ = 0;
  count_ = 0;
  chunks_.clear();
}

Term EntryIndex::TermAt(LogIndex index) const {
  if (index == base_) return base_term_;
  return TermOf(At(index));
}

void EntryIndex::PopFrom(LogIndex from) {
  WT_CHECK(from > base_ && from <= last_index() + 1);
  last_term_ = TermAt(from - 1);
  count_ = from - first_index();
  const uint64_t chunks = (head_ + count_ + kChunk - 1) / kChunk;
  while (chunks_.size() > chunks) chunks_.pop_back();
}

void EntryIndex::DropThrough(LogIndex through) {
  WT_CHECK(through >= base_ && through <= last_index());
  base_term_ = TermAt(through);
  const uint64_t dropped = through - base_;
  base_ = through;
  head_ += dropped;
  count_ -= dropped;
  for (; head_ >= kChunk && !chunks_.empty(); head_ -= kChunk) chunks_.pop_front();
}

}  // namespace wt
