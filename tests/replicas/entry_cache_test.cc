// The cache gives what was put in, never what was truncated, and keeps to its bound.
#include "replicas/entry_cache.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <string>

namespace wt {
namespace {

EntryBatch Batch(uint64_t first, uint64_t count, uint64_t term, uint64_t bytes = 10) {
  std::vector<LogEntry> entries;
  for (uint64_t i = first; i < first + count; ++i) {
    entries.push_back(
        {.term = Term(term), .index = LogIndex(i), .command = std::string(bytes, 'a' + i % 26)});
  }
  return std::make_shared<const std::vector<LogEntry>>(std::move(entries));
}

TEST(EntryCacheTest, ReadsAcrossBatches) {
  EntryCache cache(kMiB);
  cache.Add(Batch(5, 3, 1));
  cache.Add(Batch(8, 2, 1));
  const std::vector<LogEntry> read = cache.Read(LogIndex(6), LogIndex(10), kMiB);
  ASSERT_EQ(read.size(), 4u);
  EXPECT_EQ(read.front().index, LogIndex(6));
  EXPECT_EQ(read.back().index, LogIndex(9));
  EXPECT_TRUE(cache.Read(LogIndex(4), LogIndex(6), kMiB).empty());
  EXPECT_TRUE(cache.Read(LogIndex(10), LogIndex(11), kMiB).empty());
}

TEST(EntryCacheTest, IsCutShortButNeverEmpty) {
  EntryCache cache(kMiB);
  cache.Add(Batch(1, 5, 1, 100));
  EXPECT_EQ(cache.Read(LogIndex(1), LogIndex(6), 1).size(), 1u);
  EXPECT_EQ(cache.Read(LogIndex(1), LogIndex(6), 250).size(), 2u);
}

TEST(EntryCacheTest, ForgetsWhatWasTruncated) {
  EntryCache cache(kMiB);
  cache.Add(Batch(1, 5, 1));
  cache.Truncate(LogIndex(3));
  EXPECT_EQ(cache.last(), LogIndex(2));
  cache.Add(Batch(3, 2, 2));
  const std::vector<LogEntry> read = cache.Read(LogIndex(1), LogIndex(9), kMiB);
  ASSERT_EQ(read.size(), 4u);
  EXPECT_EQ(read[1].term, Term(1));
  EXPECT_EQ(read[2].term, Term(2));
}

TEST(EntryCacheTest, AGapBeginsAnew) {
  EntryCache cache(kMiB);
  cache.Add(Batch(1, 5, 1));
  cache.Add(Batch(9, 1, 1));
  EXPECT_TRUE(cache.Read(LogIndex(5), LogIndex(6), kMiB).empty());
  EXPECT_EQ(cache.Read(LogIndex(9), LogIndex(10), kMiB).size(), 1u);
}

TEST(EntryCacheTest, LetsGoOfTheOldest) {
  EntryCache cache(10'000);
  for (uint64_t i = 0; i < 100; ++i) cache.Add(Batch(1 + 10 * i, 10, 1, 100));
  EXPECT_LE(cache.bytes(), 10'000u);
  EXPECT_TRUE(cache.Read(LogIndex(1), LogIndex(2), kMiB).empty());
  EXPECT_EQ(cache.Read(LogIndex(1000), LogIndex(1001), kMiB).size(), 1u);
}

RC_GTEST_PROP(EntryCachePropertyTest, IsALogWithAForgottenBeginning, ()) {
  EntryCache cache(3000);
  std::map<uint64_t, uint64_t> model;  // index -> term
  uint64_t next = 1;
  for (uint64_t term = 1; term <= 30; ++term) {
    if (*rc::gen::inRange(0, 4) == 0 && next > 1) {
      next = *rc::gen::inRange<uint64_t>(1, next);
      cache.Truncate(LogIndex(next));
      model.erase(model.lower_bound(next), model.end());
    }
    const uint64_t count = *rc::gen::inRange<uint64_t>(1, 8);
    cache.Add(Batch(next, count, term));
    for (uint64_t i = next; i < next + count; ++i) model[i] = term;
    next += count;
    const uint64_t from = *rc::gen::inRange<uint64_t>(1, next + 1);
    const std::vector<LogEntry> read = cache.Read(LogIndex(from), LogIndex(next + 5), kMiB);
    RC_ASSERT(read.empty() || read.size() == next - from);
    RC_ASSERT(!cache.Read(LogIndex(next - 1), LogIndex(next), kMiB).empty());
    for (size_t i = 0; i < read.size(); ++i) {
      RC_ASSERT(read[i].index == LogIndex(from + i));
      RC_ASSERT(read[i].term == Term(model.at(from + i)));
    }
  }
}

}  // namespace
}  // namespace wt
