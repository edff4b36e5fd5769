// Proves what the block cache keeps and lets go, that a pin outlives both, and, on real threads,
// that it may be used from many at once.
#include "engine/lsm/block_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/random.h"
#include "engine/posix/posix_tasks.h"
#include "tests/support/memory_env.h"

namespace wt {
namespace {

class BlockCacheTest : public testing::Test {
 protected:
  test::MemoryEnv world_;
};

TEST_F(BlockCacheTest, FindsWhatWasInserted) {
  BlockCache cache(world_.tasks, kMiB);
  const uint64_t table = cache.NewTableId();
  EXPECT_NE(table, cache.NewTableId());
  EXPECT_EQ(cache.Find({table, 64}), nullptr);
  cache.Insert({table, 64}, "block");
  const BlockPin found = cache.Find({table, 64});
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(*found, "block");
  EXPECT_EQ(cache.Find({table, 65}), nullptr);
  EXPECT_EQ(cache.Find({table + 1, 64}), nullptr);
  const BlockCache::Counters counters = cache.counters();
  EXPECT_EQ(counters.hits, 1u);
  EXPECT_EQ(counters.misses, 3u);
  EXPECT_EQ(counters.blocks, 1u);
}

TEST_F(BlockCacheTest, TheFirstOfTwoStays) {
  BlockCache cache(world_.tasks, kMiB);
  cache.Insert({1, 64}, "first");
  EXPECT_EQ(*cache.Insert({1, 64}, "second"), "first");
  EXPECT_EQ(*cache.Find({1, 64}), "first");
  EXPECT_EQ(cache.counters().blocks, 1u);
}

TEST_F(BlockCacheTest, StaysWithinItsBytesAndKeepsWhatIsUsed) {
  constexpr uint64_t kCapacity = 512 * kKiB;
  BlockCache cache(world_.tasks, kCapacity);
  cache.Insert({1, 0}, std::string(1000, 'h'));
  for (uint64_t i = 1; i < 5000; ++i) {
    cache.Insert({1, i}, std::string(1000, 'b'));
    ASSERT_NE(cache.Find({1, 0}), nullptr) << i;
    ASSERT_LE(cache.counters().bytes, kCapacity);
  }
  const BlockCache::Counters counters = cache.counters();
  EXPECT_GT(counters.bytes, kCapacity * 8 / 10);
  EXPECT_EQ(counters.evictions + counters.blocks, 5000u);
  EXPECT_EQ(cache.Find({1, 1}), nullptr);
  EXPECT_NE(cache.Find({1, 4999}), nullptr);
}

TEST_F(BlockCacheTest, AnEvictedBlockLivesWhileItIsPinned) {
  BlockCache cache(world_.tasks, 64 * kKiB);
  const BlockPin pin = cache.Insert({1, 0}, std::string(1000, 'p'));
  for (uint64_t i = 1; i < 500; ++i) cache.Insert({1, i}, std::string(1000, 'b'));
  EXPECT_EQ(cache.Find({1, 0}), nullptr);
  EXPECT_EQ(*pin, std::string(1000, 'p'));
}

TEST_F(BlockCacheTest, WhatIsTooLargeIsReturnedButNotKept) {
  BlockCache cache(world_.tasks, 64 * kKiB);
  EXPECT_EQ(cache.Insert({1, 0}, std::string(10'000, 'l'))->size(), 10'000u);
  EXPECT_EQ(cache.Find({1, 0}), nullptr);
  EXPECT_EQ(cache.counters().bytes, 0u);
}

TEST(BlockCacheConcurrencyTest, ManyThreadsFindOnlyWhatBelongsThere) {
  PosixTasks tasks;
  BlockCache cache(tasks, 256 * kKiB);
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      Draw draw(t);
      for (int i = 0; i < 5000; ++i) {
        const uint64_t offset = draw.Below(1000);
        BlockPin pin = cache.Find({1, offset});
        if (pin == nullptr) pin = cache.Insert({1, offset}, std::string(500, 'a' + offset % 26));
        if (*pin != std::string(500, 'a' + offset % 26)) wrong.fetch_add(1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong.load(), 0);
  EXPECT_LE(cache.counters().bytes, 256 * kKiB);
}

}  // namespace
}  // namespace wt
