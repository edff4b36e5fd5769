// Walks a table, block by block.
#ifndef WAVETANK_ENGINE_LSM_TABLE_ITERATOR_H_
#define WAVETANK_ENGINE_LSM_TABLE_ITERATOR_H_

#include "engine/lsm/data_block.h"
#include "engine/lsm/iterator.h"
#include "engine/lsm/table.h"

namespace wt {

class TableIterator final : public InternalIterator {
 public:
  explicit TableIterator(const Table& table) : table_(table) {}

  void SeekToFirst() override;
  void SeekToLast() override;
  void Seek(InternalKey target) override;
  void SeekForPrev(InternalKey target) override;
  void Next() override;
  void Prev() override;

 private:
  // Begins the walk of a data block; false after an error.
  bool Enter(uint32_t block);
  // Shows what the block's iterator is on, or goes on to the blocks behind (before) until there is
  // something to show.
  void ShowForward();
  void ShowBackward();
  bool Show();

  const Table& table_;
  Table::Partition partition_;
  uint32_t block_ = 0;
  Table::Block bytes_;
  DataBlockIterator at_;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_LSM_TABLE_ITERATOR_H_
