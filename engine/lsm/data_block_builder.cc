#include "engine/lsm/data_block_builder.h"

#include "engine/base/check.h"
#include "engine/base/coding.h"
#include "engine/base/varint.h"
#include "engine/lsm/discriminator.h"

namespace wt {
DataBlockBuilder::DataBlockBuilder(uint32_t restart_interval)
    : restart_interval_(restart_interval) {
  WT_CHECK(restart_interval > 0);
}

uint64_t DataBlockBuilder::MostBytesOf(const InternalEntry& entry) {
  return 3 * kMaxVarint32Bytes + 8 + 2 * entry.key.size() + entry.value.size() + kRestartBytes;
}

void DataBlockBuilder::Add(const InternalEntry& entry) {
  WT_CHECK(entry.key.size() <= kMaxTableKeyBytes && entry.value.size() <= kMaxTableValueBytes);
  const bool restart = restarts_.empty() || since_restart_ == restart_interval_;
  if (restart) {
    restarts_.push_back(static_cast<uint32_t>(entries_.size()));
    since_restart_ = 0;
  }
  if (entries_.empty()) first_key_bytes_ = entry.key.size();
  const size_t shared = restart ? 0 : CommonPrefix(last_key_, entry.key).size();
  PutVarint32(entries_, static_cast<uint32_t>(shared));
  PutVarint32(entries_, static_cast<uint32_t>(entry.key.size() - shared));
  PutVarint32(entries_, static_cast<uint32_t>(entry.value.size()));
  PutU64(entries_, PackTag(entry.version, entry.kind));
  entries_.append(entry.key.substr(shared));
  entries_.append(entry.value);
  last_key_.replace(shared, last_key_.npos, entry.key.substr(shared));
  ++since_restart_;
}

std::string_view DataBlockBuilder::KeyAt(uint32_t restart) const {
  const char* at = entries_.data() + restart;
  const char* const end = entries_.data() + entries_.size();
  uint32_t shared = 0, key = 0, value = 0;
  at = GetVarint32(at, end, &shared);
  at = GetVarint32(at, end, &key);
  at = GetVarint32(at, end, &value);
  WT_CHECK(at != nullptr && shared == 0);
  return {at + 8, key};
}

std::string_view DataBlockBuilder::Finish() {
  WT_CHECK(!restarts_.empty());
  const std::string common(CommonPrefix(KeyAt(0), last_key_));
  std::string discriminators;
  for (const uint32_t restart : restarts_) {
    PutU64(discriminators, DiscriminatorOf(KeyAt(restart).substr(common.size())));
  }
  entries_.append(common);
  entries_.append(discriminators);
  for (const uint32_t restart : restarts_) PutU32(entries_, restart);
  PutU32(entries_, static_cast<uint32_t>(common.size()));
  PutU32(entries_, static_cast<uint32_t>(restarts_.size()));
  return entries_;
}

void DataBlockBuilder::Clear() {
  entries_.clear();
  restarts_.clear();
  last_key_.clear();
  since_restart_ = 0;
  first_key_bytes_ = 0;
}

}  // namespace wt
