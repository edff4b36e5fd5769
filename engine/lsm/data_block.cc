#include "engine/lsm/data_block.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_format.h"
#include "engine/base/coding.h"
#include "engine/base/varint.h"
#include "engine/lsm/discriminator.h"
#include "engine/lsm/table_format.h"
#include "engine/storage/errors.h"

namespace wt {
namespace {

// Three lengths and the tag.
constexpr uint32_t kFewestHeadBytes = 3 + 8;

}  // namespace

void DataBlockIterator::Reset(std::string_view contents, BlockPlace place) {
  SetNowhere();
  ForgetFailure();
  entries_ = {};
  restart_count_ = 0;
  place_ = place;
  const uint64_t size = contents.size();
  const char* const end = contents.data() + size;
  const uint64_t count = size < 8 ? 0 : LoadLittle<uint32_t>(end - 4);
  const uint64_t common = size < 8 ? 0 : LoadLittle<uint32_t>(end - 8);
  if (count == 0 || size > kMaxBlockBytes || common + 12 * count + 8 >= size) {
    Fail(0, "no restart points");
    return;
  }
  restarts_ = end - 8 - 4 * count;
  discriminators_ = restarts_ - 8 * count;
  common_ = {discriminators_ - common, common};
  entries_ = contents.substr(0, common_.data() - contents.data());
  restart_count_ = static_cast<uint32_t>(count);
}

bool DataBlockIterator::Fail(uint32_t offset, std::string_view what) {
  restart_count_ = 0;  // nothing more is read of this block
  SetFailed(CorruptedError(place_.file, absl::StrFormat("data block at %d: entry at %d: %s",
                                                        place_.offset, offset, what)));
  return false;
}

void DataBlockIterator::SetKey(const char* rest, uint32_t shared, uint32_t rest_bytes) {
  if (shared == 0) {
    entry_.key = {rest, rest_bytes};
    return;
  }
  const uint32_t bytes = shared + rest_bytes;
  const char* const before = entry_.key.data();
  if (bytes > key_capacity_) {
    key_capacity_ = 2 * bytes;
    std::unique_ptr<char[]> larger(new char[key_capacity_]);
    std::memcpy(larger.get(), before, shared);
    long_key_ = std::move(larger);
    key_ = long_key_.get();
  } else if (before != key_) {
    std::memcpy(key_, before, shared);
  }
  if (rest_bytes > 0) std::memcpy(key_ + shared, rest, rest_bytes);
  entry_.key = {key_, bytes};
}

bool DataBlockIterator::Read(uint32_t offset) {
  if (offset >= entries_.size()) {
    SetNowhere();
    return false;
  }
  const char* at = entries_.data() + offset;
  const char* const end = entries_.data() + entries_.size();
  if (end - at < kFewestHeadBytes) return Fail(offset, "cut short");
  const uint32_t shared = static_cast<uint8_t>(at[0]);
  const uint32_t rest = static_cast<uint8_t>(at[1]);
  const uint32_t value = static_cast<uint8_t>(at[2]);
  if ((shared | rest | value) < 128) return ReadBody(offset, at + 3, shared, rest, value);
  uint32_t long_shared = 0, long_rest = 0, long_value = 0;
  at = GetVarint32(at, end, &long_shared);
  if (at != nullptr) at = GetVarint32(at, end, &long_rest);
  if (at != nullptr) at = GetVarint32(at, end, &long_value);
  if (at == nullptr) return Fail(offset, "lengths that are no numbers");
  return ReadBody(offset, at, long_shared, long_rest, long_value);
}

bool DataBlockIterator::ReadBody(uint32_t offset, const char* at, uint32_t shared, uint32_t rest,
                                 uint32_t value) {
  const char* const end = entries_.data() + entries_.size();
  if (static_cast<uint64_t>(end - at) < uint64_t{8} + rest + value) {
    return Fail(offset, "longer than the block");
  }
  if (shared > (valid_ ? entry_.key.size() : 0) || uint64_t{shared} + rest > kMaxTableKeyBytes) {
    return Fail(offset, "a key that cannot be");
  }
  const uint64_t tag = LoadLittle<uint64_t>(at);
  if (!IsEntryKind(tag & 0xff)) return Fail(offset, "of an unknown kind");
  const uint64_t most = KindOf(tag) == EntryKind::kPut ? kMaxTableValueBytes : 0;
  if (value > most) return Fail(offset, "a value that cannot be");
  at += 8;
  SetKey(at, shared, rest);
  entry_.version = VersionOf(tag);
  entry_.kind = KindOf(tag);
  entry_.value = {at + rest, value};
  current_ = offset;
  next_ = static_cast<uint32_t>(at + rest + value - entries_.data());
  valid_ = true;
  return true;
}

uint32_t DataBlockIterator::RestartOffset(uint32_t restart) const {
  WT_CHECK_LT(restart, restart_count_);
  return LoadLittle<uint32_t>(restarts_ + 4 * restart);
}

bool DataBlockIterator::ReadRestart(uint32_t restart) {
  const uint32_t offset = RestartOffset(restart);
  SetNowhere();  // so that the key must be whole
  return offset < entries_.size() ? Read(offset) : Fail(offset, "a restart point outside");
}

// The entries up to the next restart point, of which some will be read one after the other.
void DataBlockIterator::PrefetchRestart(uint32_t restart) const {
  constexpr uint64_t kMostBytes = 640;
  const uint64_t begin = RestartOffset(restart);
  const uint64_t end = std::min<uint64_t>(entries_.size(), begin + kMostBytes);
  for (uint64_t at = begin; at < end; at += 64) __builtin_prefetch(entries_.data() + at);
}

uint32_t DataBlockIterator::RestartBefore(InternalKey target) {
  const int order = target.key.substr(0, common_.size()).compare(common_);
  if (order != 0) return order < 0 ? 0 : restart_count_ - 1;
  const uint64_t sought = DiscriminatorOf(target.key.substr(common_.size()));
  auto [low, high] = EqualRange(discriminators_, restart_count_, sought);
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (!ReadRestart(middle)) return 0;
    if (entry_.internal_key() < target) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low > 0 ? low - 1 : 0;
}

void DataBlockIterator::SeekToFirst() {
  if (restart_count_ > 0) ReadRestart(0);
}

void DataBlockIterator::SeekToLast() {
  if (restart_count_ == 0 || !ReadRestart(restart_count_ - 1)) return;
  while (next_ < entries_.size()) {
    if (!Read(next_)) return;
  }
}

void DataBlockIterator::Seek(InternalKey target) {
  if (restart_count_ == 0) return;
  const uint32_t restart = RestartBefore(target);
  if (restart_count_ == 0) return;  // damaged
  PrefetchRestart(restart);
  if (!ReadRestart(restart)) return;
  while (entry_.internal_key() < target) {
    if (!Read(next_)) return;
  }
}

void DataBlockIterator::SeekForPrev(InternalKey target) {
  Seek(target);
  if (!status_.ok()) return;
  if (!valid_) {
    SeekToLast();
  } else if (entry_.internal_key() != target) {
    Prev();
  }
}

void DataBlockIterator::Next() {
  WT_CHECK(valid_);
  Read(next_);
}

void DataBlockIterator::Prev() {
  WT_CHECK(valid_);
  const uint32_t end = current_;
  if (end == 0) return SetNowhere();
  uint32_t low = 0;
  uint32_t high = restart_count_;
  while (high - low > 1) {
    const uint32_t middle = low + (high - low) / 2;
    (RestartOffset(middle) < end ? low : high) = middle;
  }
  if (!ReadRestart(low)) return;
  while (next_ < end) {
    if (!Read(next_)) return;
  }
  if (next_ != end) Fail(current_, "runs into the next one");
}

}  // namespace wt
