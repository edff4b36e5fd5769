#include "engine/lsm/visible_iterator.h"

#include <utility>

#include "engine/base/check.h"

namespace wt {
namespace {

// Behind every version of a key.
constexpr LogIndex kOldest{0};

}  // namespace

VisibleIterator::VisibleIterator(std::unique_ptr<InternalIterator> entries, LogIndex version,
                                 KeyRange range)
    : entries_(std::move(entries)), version_(version), range_(std::move(range)) {
  WT_CHECK(entries_ != nullptr && version_ <= kMaxVersion);
}

std::string_view VisibleIterator::key() const {
  WT_CHECK(Valid());
  return place_ == Place::kOnEntry ? entries_->key() : std::string_view(key_);
}
std::string_view VisibleIterator::value() const {
  WT_CHECK(Valid());
  return place_ == Place::kOnEntry ? entries_->value() : std::string_view(value_);
}
LogIndex VisibleIterator::version() const {
  WT_CHECK(Valid());
  return place_ == Place::kOnEntry ? entries_->version() : shown_version_;
}

void VisibleIterator::SeekToFirst() {
  if (range_.lower) {
    entries_->Seek({*range_.lower, version_});
  } else {
    entries_->SeekToFirst();
  }
  FindForward(/*has_passed=*/false);
}

void VisibleIterator::SeekToLast() {
  if (range_.upper) {
    entries_->SeekForPrev({*range_.upper, kMaxVersion});
  } else {
    entries_->SeekToLast();
  }
  FindBackward();
}

void VisibleIterator::Seek(std::string_view key) {
  if (IsBelowRange(key)) return SeekToFirst();
  entries_->Seek({key, version_});
  FindForward(/*has_passed=*/false);
}

void VisibleIterator::SeekForPrev(std::string_view key) {
  if (IsAboveRange(key)) return SeekToLast();
  entries_->SeekForPrev({key, kOldest});
  FindBackward();
}

void VisibleIterator::Next() {
  WT_CHECK(Valid());
  if (place_ == Place::kOnEntry) {
    key_ = entries_->key();
    entries_->Next();
  } else {
    entries_->Seek({key_, kOldest});
  }
  FindForward(/*has_passed=*/true);
}

void VisibleIterator::Prev() {
  WT_CHECK(Valid());
  if (place_ == Place::kOnEntry) {
    key_ = entries_->key();
    // All versions of this key are passed over; the newest may be as new as can be.
    entries_->SeekForPrev({key_, kMaxVersion});
    while (entries_->Valid() && entries_->key() == key_) entries_->Prev();
  }
  FindBackward();
}

void VisibleIterator::JumpPast(std::string_view key) {
  entries_->Seek({key, kOldest});
  if (entries_->Valid() && entries_->key() == key) entries_->Next();
}

void VisibleIterator::FindForward(bool has_passed) {
  place_ = Place::kNowhere;
  for (int passed_here = 0; entries_->Valid();) {
    const std::string_view key = entries_->key();
    if (IsAboveRange(key)) return;
    if (has_passed && key == key_) {
      if (++passed_here <= kPatience) {
        entries_->Next();
      } else {
        JumpPast(key_);
      }
    } else if (entries_->version() > version_) {
      // Too new; what may be seen of this key is one seek away.
      if (++passed_here <= kPatience) {
        entries_->Next();
      } else {
        key_ = key;
        has_passed = false;
        entries_->Seek({key_, version_});
        passed_here = 0;
      }
    } else if (entries_->kind() == EntryKind::kDelete) {
      key_ = key;
      has_passed = true;
      passed_here = 0;
      entries_->Next();
    } else {
      place_ = Place::kOnEntry;
      return;
    }
  }
}

void VisibleIterator::FindBackward() {
  place_ = Place::kNowhere;
  bool found = false;  // key_, value_ and shown_version_ hold what is visible of the key so far
  for (; entries_->Valid(); entries_->Prev()) {
    const std::string_view key = entries_->key();
    if (found && key != key_) break;
    if (IsBelowRange(key)) return;
    // From old to new: each entry that may be seen replaces what was seen of its key.
    if (IsAboveRange(key) || entries_->version() > version_) continue;
    found = entries_->kind() == EntryKind::kPut;
    key_ = key;
    if (!found) continue;
    value_ = entries_->value();
    shown_version_ = entries_->version();
  }
  if (found && entries_->status().ok()) place_ = Place::kBehind;
}

}  // namespace wt
