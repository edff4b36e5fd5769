// One way to walk entries in the order of internal_key.h, whatever holds them: a memtable, a block,
// a table, or many of these merged.
//
//   for (it->Seek({"a", kMaxVersion}); it->Valid(); it->Next()) Use(it->entry());
//   WT_RETURN_IF_ERROR(it->status());
//
// Contract, for every implementation:
//   - An iterator is on an entry (Valid()), or nowhere. A new one is nowhere.
//   - Nowhere with an OK status means that there is nothing more in the direction asked for. After
//     an error it is nowhere and status() tells the error: an error never looks like an end. Every
//     Seek… begins afresh and forgets an earlier error.
//   - key() and value() live until the next call that moves the iterator or destroys it.
//   - One task at a time. What it walks outlives it. Moves may suspend (they may read a disk).
#ifndef WAVETANK_ENGINE_LSM_ITERATOR_H_
#define WAVETANK_ENGINE_LSM_ITERATOR_H_

#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "engine/lsm/internal_key.h"

namespace wt {

class InternalIterator {
 public:
  InternalIterator() = default;
  InternalIterator(const InternalIterator&) = delete;
  InternalIterator& operator=(const InternalIterator&) = delete;
  virtual ~InternalIterator() = default;

  virtual void SeekToFirst() = 0;
  virtual void SeekToLast() = 0;
  // To the first entry at or after `target`: with (key, v), the newest version of `key` that is
  // not newer than v, or else the first entry of a later key.
  virtual void Seek(InternalKey target) = 0;
  // To the last entry at or before `target`. Mind the order of versions: with (key, v), the oldest
  // version of `key` that is not older than v, or else the last entry of an earlier key.
  virtual void SeekForPrev(InternalKey target) = 0;
  // Require: Valid().
  virtual void Next() = 0;
  virtual void Prev() = 0;

  bool Valid() const { return valid_; }
  const absl::Status& status() const { return status_; }

  // The entry that it is on. Require: Valid().
  const InternalEntry& entry() const {
    WT_CHECK(valid_);
    return entry_;
  }
  std::string_view key() const { return entry().key; }
  LogIndex version() const { return entry().version; }
  EntryKind kind() const { return entry().kind; }
  std::string_view value() const { return entry().value; }

 protected:
  // What the accessors show; set by every move. They are plain fields so that a scan pays for one
  // virtual call an entry.
  void SetNowhere() { valid_ = false; }
  void SetFailed(absl::Status status) {
    WT_CHECK(!status.ok());
    valid_ = false;
    status_ = std::move(status);
  }
  void ForgetFailure() { status_ = absl::OkStatus(); }

  InternalEntry entry_;
  bool valid_ = false;
  absl::Status status_;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_LSM_ITERATOR_H_
