#include "engine/lsm/index_block.h"

#include "engine/base/check.h"
#include "engine/base/coding.h"
#include "engine/base/status.h"
#include "engine/lsm/discriminator.h"

namespace wt {
namespace {

constexpr uint64_t kRecordBytes = 24;

}  // namespace

LogIndex ShortSeparator(InternalKey last, InternalKey next, std::string* separator) {
  WT_CHECK(last < next);
  *separator = last.key;
  if (last.key == next.key) return last.version;
  const size_t same = CommonPrefix(last.key, next.key).size();
  if (same < last.key.size()) {
    const uint8_t differs = static_cast<uint8_t>(last.key[same]);
    // Up to the first byte that differs, one more: still before `next` if there is room between.
    if (differs + 1 < static_cast<uint8_t>(next.key[same])) {
      separator->resize(same);
      separator->push_back(static_cast<char>(differs + 1));
    }
  }
  return LogIndex(0);  // behind every version of that key
}

InternalKey IndexBlockBuilder::KeyOf(size_t i) const {
  WT_CHECK_LT(i, entries_.size());
  const uint64_t begin = i == 0 ? 0 : entries_[i - 1].key_end;
  return {std::string_view(keys_).substr(begin, entries_[i].key_end - begin), entries_[i].version};
}

void IndexBlockBuilder::Add(InternalKey separator, const BlockHandle& handle) {
  WT_CHECK(entries_.empty() || last() < separator);
  keys_.append(separator.key);
  WT_CHECK_LE(keys_.size(), ~uint32_t{0});
  entries_.push_back({keys_.size(), separator.version, handle});
}

std::string IndexBlockBuilder::Finish() {
  const size_t count = entries_.size();
  const std::string_view common =
      count == 0 ? std::string_view() : CommonPrefix(KeyOf(0).key, KeyOf(count - 1).key);
  std::string out;
  PutU32(out, static_cast<uint32_t>(count));
  PutU32(out, static_cast<uint32_t>(common.size()));
  for (size_t i = 0; i < count; ++i) {
    PutU64(out, DiscriminatorOf(KeyOf(i).key.substr(common.size())));
  }
  for (size_t i = 0; i < count; ++i) {
    const Entry& entry = entries_[i];
    PutU64(out, entry.version.value());
    PutU64(out, entry.handle.offset);
    PutU32(out, entry.handle.stored);
    PutU32(out, static_cast<uint32_t>(entry.key_end - (i + 1) * common.size()));
  }
  out.append(common);
  for (size_t i = 0; i < count; ++i) out.append(KeyOf(i).key.substr(common.size()));
  keys_.clear();
  entries_.clear();
  return out;
}

absl::StatusOr<IndexBlock> IndexBlock::ParseAgain(std::string_view contents) {
  ByteReader in(contents);
  IndexBlock block;
  block.count_ = in.U32();
  const uint32_t common = in.U32();
  const uint64_t n = block.count_;
  block.discriminators_ = in.Raw(8 * n).data();
  block.records_ = in.Raw(kRecordBytes * n).data();
  block.common_ = in.Raw(common);
  if (!in.ok()) return InvalidArgument("%d bytes for %d blocks", contents.size(), n);
  block.rests_ = in.rest();
  const uint64_t end = n == 0 ? 0 : block.KeyEnd(block.count_ - 1);
  if (end != block.rests_.size()) {
    return InvalidArgument("%d bytes of separators, want %d", block.rests_.size(), end);
  }
  return block;
}

absl::StatusOr<IndexBlock> IndexBlock::Parse(std::string_view contents) {
  WT_ASSIGN_OR_RETURN(const IndexBlock block, ParseAgain(contents));
  for (uint32_t i = 0; i < block.count_; ++i) {
    const uint32_t begin = i == 0 ? 0 : block.KeyEnd(i - 1);
    const uint32_t end = block.KeyEnd(i);
    if (end < begin || end > block.rests_.size()) {
      return InvalidArgument("separator %d from %d to %d of %d", i, begin, end,
                             block.rests_.size());
    }
    if (DiscriminatorOf(block.separator_rest(i).key) != DiscriminatorAt(block.discriminators_, i)) {
      return InvalidArgument("separator %d does not begin as the array says", i);
    }
    if (i == 0) continue;
    if (block.separator_rest(i) <= block.separator_rest(i - 1)) {
      return InvalidArgument("separator %d is not after the one before", i);
    }
    if (block.handle(i).offset < block.handle(i - 1).end()) {
      return InvalidArgument("block %d at %d, inside the one before", i, block.handle(i).offset);
    }
  }
  return block;
}

const char* IndexBlock::Record(uint32_t i) const {
  WT_CHECK_LT(i, count_);
  return records_ + kRecordBytes * i;
}

uint32_t IndexBlock::KeyEnd(uint32_t i) const { return LoadLittle<uint32_t>(Record(i) + 20); }

BlockHandle IndexBlock::handle(uint32_t i) const {
  const char* const record = Record(i);
  return {LoadLittle<uint64_t>(record + 8), LoadLittle<uint32_t>(record + 16)};
}

InternalKey IndexBlock::separator_rest(uint32_t i) const {
  const uint32_t begin = i == 0 ? 0 : KeyEnd(i - 1);
  const uint32_t end = KeyEnd(i);
  WT_CHECK(begin <= end && end <= rests_.size());
  return {rests_.substr(begin, end - begin), LogIndex(LoadLittle<uint64_t>(Record(i)))};
}

uint32_t IndexBlock::Find(InternalKey target) const {
  const int order = target.key.substr(0, common_.size()).compare(common_);
  if (order != 0) return order < 0 ? 0 : count_;
  const InternalKey rest{target.key.substr(common_.size()), target.version};
  auto [low, high] = EqualRange(discriminators_, count_, DiscriminatorOf(rest.key));
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (separator_rest(middle) < rest) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace wt
