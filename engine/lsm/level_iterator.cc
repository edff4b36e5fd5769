#include <algorithm>

#include "engine/base/check.h"
#include "engine/lsm/levels.h"

namespace wt {
namespace {

class LevelIterator final : public InternalIterator {
 public:
  explicit LevelIterator(const TableList& tables) : tables_(tables) {}

  void SeekToFirst() override {
    Begin(0);
    if (current_ != nullptr) current_->SeekToFirst();
    SkipForward();
  }
  void SeekToLast() override {
    Begin(tables_.empty() ? 0 : tables_.size() - 1);
    if (current_ != nullptr) current_->SeekToLast();
    SkipBackward();
  }
  // All versions of a key are in one table: the first whose largest key is not before the target's.
  void Seek(InternalKey target) override {
    Begin(FirstNotBefore(target.key));
    if (current_ != nullptr) current_->Seek(target);
    SkipForward();
  }
  void SeekForPrev(InternalKey target) override {
    const size_t at = FirstNotBefore(target.key);
    Begin(at < tables_.size() || at == 0 ? at : at - 1);
    if (current_ != nullptr) current_->SeekForPrev(target);
    SkipBackward();
  }
  void Next() override {
    WT_CHECK(Valid());
    current_->Next();
    SkipForward();
  }
  void Prev() override {
    WT_CHECK(Valid());
    current_->Prev();
    SkipBackward();
  }

 private:
  size_t FirstNotBefore(std::string_view key) const {
    return static_cast<size_t>(
        std::partition_point(tables_.begin(), tables_.end(),
                             [&](const TableRef& one) { return one->record.largest_key < key; }) -
        tables_.begin());
  }

  void Begin(size_t at) {
    ForgetFailure();
    Open(at);
  }
  void Open(size_t at) {
    at_ = at;
    current_ = at < tables_.size() ? tables_[at]->table->NewIterator() : nullptr;
  }

  // To the next entry, in a later table when this one has no more.
  void SkipForward() {
    while (current_ != nullptr && !current_->Valid() && current_->status().ok()) {
      Open(at_ + 1);
      if (current_ != nullptr) current_->SeekToFirst();
    }
    Show();
  }
  void SkipBackward() {
    while (current_ != nullptr && !current_->Valid() && current_->status().ok()) {
      if (at_ == 0) {
        current_ = nullptr;
        break;
      }
      Open(at_ - 1);
      current_->SeekToLast();
    }
    Show();
  }
  void Show() {
    if (current_ == nullptr) return SetNowhere();
    if (!current_->status().ok()) return SetFailed(current_->status());
    entry_ = current_->entry();
    valid_ = true;
  }

  const TableList& tables_;
  size_t at_ = 0;
  std::unique_ptr<InternalIterator> current_;
};

}  // namespace

std::unique_ptr<InternalIterator> NewLevelIterator(const TableList& tables) {
  return std::make_unique<LevelIterator>(tables);
}

}  // namespace wt
