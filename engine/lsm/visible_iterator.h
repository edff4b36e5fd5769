// What a user sees at a version: each key once, with the newest value that is not newer than the
// version; keys whose newest such entry is a deletion are not there. In order, both ways.
//
//   VisibleIterator it(NewMergingIterator(...), version, {.lower = "a", .upper = "b"});
//   for (it.SeekToFirst(); it.Valid(); it.Next()) Use(it.key(), it.value());
//   WT_RETURN_IF_ERROR(it.status());
//
// The contract of iterator.h holds: nowhere with an OK status is the end, an error is an error.
// key() and value() live until the next move. Moves may suspend.
#ifndef WAVETANK_ENGINE_LSM_VISIBLE_ITERATOR_H_
#define WAVETANK_ENGINE_LSM_VISIBLE_ITERATOR_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/kv/key_range.h"
#include "engine/lsm/iterator.h"

namespace wt {

class VisibleIterator {
 public:
  VisibleIterator(std::unique_ptr<InternalIterator> entries, LogIndex version, KeyRange range = {});

  void SeekToFirst();
  void SeekToLast();
  // To the first key of the range at or after `key`.
  void Seek(std::string_view key);
  // To the last key of the range at or before `key`.
  void SeekForPrev(std::string_view key);
  // Require: Valid().
  void Next();
  void Prev();

  bool Valid() const { return place_ != Place::kNowhere; }
  const absl::Status& status() const { return entries_->status(); }

  // Require: Valid().
  std::string_view key() const;
  std::string_view value() const;
  LogIndex version() const;  // of the entry that wrote the value

 private:
  // So many entries of one key are passed one by one before the rest is jumped over.
  static constexpr int kPatience = 8;

  enum class Place {
    kNowhere,
    kOnEntry,  // entries_ is on what is shown
    kBehind,   // what is shown is kept here; entries_ is before all entries of its key
  };

  // From where entries_ is, to the first visible key that is not `passed`.
  void FindForward(bool has_passed);
  // From where entries_ is, to the last visible key.
  void FindBackward();
  void JumpPast(std::string_view key);
  bool IsBelowRange(std::string_view key) const { return range_.lower && key < *range_.lower; }
  bool IsAboveRange(std::string_view key) const { return range_.upper && key >= *range_.upper; }

  std::unique_ptr<InternalIterator> entries_;
  const LogIndex version_;
  const KeyRange range_;
  Place place_ = Place::kNowhere;
  std::string key_;  // kBehind: what is shown. FindForward: the key that is done with
  std::string value_;
  LogIndex shown_version_;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_LSM_VISIBLE_ITERATOR_H_
