#include "engine/lsm/block_cache.h"

#include "engine/base/check.h"
#include "engine/base/random.h"

namespace wt {

BlockCache::BlockCache(Tasks& tasks, uint64_t capacity_bytes)
    : part_capacity_(capacity_bytes / kParts) {
  for (uint64_t i = 0; i < kParts; ++i) parts_.push_back(std::make_unique<Part>(tasks));
}

BlockCache::Part& BlockCache::PartOf(const Key& key) {
  return *parts_[Mix64(key.table ^ Mix64(key.offset)) % kParts];
}

BlockPin BlockCache::Find(const Key& key) {
  Part& part = PartOf(key);
  MutexLock lock(part.mutex);
  const auto found = part.by_key.find(key);
  if (found == part.by_key.end()) {
    ++part.counters.misses;
    return nullptr;
  }
  ++part.counters.hits;
  part.by_use.splice(part.by_use.begin(), part.by_use, found->second);
  return found->second->block;
}

BlockPin BlockCache::Insert(const Key& key, std::string contents) {
  BlockPin block = std::make_shared<const std::string>(std::move(contents));
  const uint64_t charge = ChargeOf(block);
  if (charge > part_capacity_) return block;
  Part& part = PartOf(key);
  MutexLock lock(part.mutex);
  if (const auto found = part.by_key.find(key); found != part.by_key.end()) {
    return found->second->block;
  }
  while (part.counters.bytes + charge > part_capacity_) {
    ++part.counters.evictions;
    Drop(part, std::prev(part.by_use.end()));
  }
  part.by_use.push_front({key, block});
  part.by_key.emplace(key, part.by_use.begin());
  part.counters.bytes += charge;
  ++part.counters.blocks;
  return block;
}

void BlockCache::Drop(Part& part, std::list<Kept>::iterator at) {
  const uint64_t charge = ChargeOf(at->block);
  WT_CHECK(part.counters.bytes >= charge && part.counters.blocks > 0);
  part.counters.bytes -= charge;
  --part.counters.blocks;
  WT_CHECK_EQ(part.by_key.erase(at->key), 1u);
  part.by_use.erase(at);
}

BlockCache::Counters BlockCache::counters() {
  Counters sum;
  for (const std::unique_ptr<Part>& part : parts_) {
    MutexLock lock(part->mutex);
    sum.hits += part->counters.hits;
    sum.misses += part->counters.misses;
    sum.evictions += part->counters.evictions;
    sum.blocks += part->counters.blocks;
    sum.bytes += part->counters.bytes;
  }
  return sum;
}

}  // namespace wt
