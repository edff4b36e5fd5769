#include "engine/lsm/table_iterator.h"

#include "engine/base/check.h"

namespace wt {

std::unique_ptr<InternalIterator> Table::NewIterator() const {
  return std::make_unique<TableIterator>(*this);
}

bool TableIterator::Enter(uint32_t block) {
  BlockHandle handle;
  absl::Status status = table_.HandleOf(block, partition_, &handle);
  if (status.ok()) status = table_.LoadData(block, handle, bytes_);
  if (!status.ok()) {
    SetFailed(std::move(status));
    return false;
  }
  block_ = block;
  at_.Reset(bytes_.contents, {table_.place_.file, handle.offset});
  return true;
}

bool TableIterator::Show() {
  if (!at_.status().ok()) {
    SetFailed(at_.status());
    return true;
  }
  valid_ = at_.Valid();
  if (valid_) entry_ = at_.entry();
  return valid_;
}

void TableIterator::ShowForward() {
  while (!Show()) {
    if (block_ + 1 >= table_.info_.data_blocks) return SetNowhere();
    if (!Enter(block_ + 1)) return;
    at_.SeekToFirst();
  }
}

void TableIterator::ShowBackward() {
  while (!Show()) {
    if (block_ == 0) return SetNowhere();
    if (!Enter(block_ - 1)) return;
    at_.SeekToLast();
  }
}

void TableIterator::SeekToFirst() {
  ForgetFailure();
  if (table_.info_.data_blocks == 0) return SetNowhere();
  if (!Enter(0)) return;
  at_.SeekToFirst();
  ShowForward();
}

void TableIterator::SeekToLast() {
  ForgetFailure();
  if (table_.info_.data_blocks == 0) return SetNowhere();
  if (!Enter(table_.info_.data_blocks - 1)) return;
  at_.SeekToLast();
  ShowBackward();
}

void TableIterator::Seek(InternalKey target) {
  ForgetFailure();
  uint32_t block = 0;
  if (absl::Status found = table_.FindBlock(target, partition_, &block); !found.ok()) {
    return SetFailed(std::move(found));
  }
  if (block == table_.info_.data_blocks) return SetNowhere();
  if (!Enter(block)) return;
  at_.Seek(target);
  ShowForward();
}

void TableIterator::SeekForPrev(InternalKey target) {
  ForgetFailure();
  uint32_t block = 0;
  if (absl::Status found = table_.FindBlock(target, partition_, &block); !found.ok()) {
    return SetFailed(std::move(found));
  }
  if (block == table_.info_.data_blocks) return SeekToLast();
  if (!Enter(block)) return;
  at_.SeekForPrev(target);
  ShowBackward();
}

void TableIterator::Next() {
  WT_CHECK(valid_);
  at_.Next();
  ShowForward();
}

void TableIterator::Prev() {
  WT_CHECK(valid_);
  at_.Prev();
  ShowBackward();
}

}  // namespace wt
