// Proves, for blocks by themselves: a data block walks like the entries that made it, at any
// restart interval; no damage to it makes a walk read outside, crash or go on for ever; an index
// block finds what a linear search finds; separators lie between; a filter never denies.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/base/varint.h"
#include "engine/lsm/block_compression.h"
#include "engine/lsm/data_block.h"
#include "engine/lsm/data_block_builder.h"
#include "engine/lsm/filter.h"
#include "engine/lsm/index_block.h"
#include "tests/lsm/lsm_model.h"

namespace wt {
namespace {

using test::DrawEntries;
using test::DrawKey;
using test::OwnedEntry;

std::string BlockOf(const std::vector<OwnedEntry>& entries, uint32_t restart_interval) {
  DataBlockBuilder builder(restart_interval);
  for (const OwnedEntry& entry : entries) {
    const uint64_t most = builder.bytes() + DataBlockBuilder::MostBytesOf(entry.view());
    builder.Add(entry.view());
    RC_ASSERT(builder.bytes() <= most);
  }
  const uint64_t bytes = builder.bytes();
  const std::string block(builder.Finish());
  RC_ASSERT(block.size() <= bytes);
  return block;
}

RC_GTEST_PROP(DataBlockPropertyTest, WalksLikeItsEntries, (uint64_t seed)) {
  Draw draw(seed);
  const auto count = *rc::gen::inRange<uint64_t>(1, 120);
  const auto sorted = DrawEntries(draw, count).Sorted();
  const std::string block = BlockOf(sorted, static_cast<uint32_t>(1 + draw.Below(20)));
  DataBlockIterator it;
  it.Reset(block, {});
  RC_ASSERT(test::Walk(it, sorted, draw, 300) == "");
}

// The walk owns exactly the block's bytes, so that the address sanitizer sees a step outside.
RC_GTEST_PROP(DataBlockPropertyTest, DamageEndsTheWalk, (uint64_t seed)) {
  Draw draw(seed);
  const auto sorted = DrawEntries(draw, 1 + draw.Below(60)).Sorted();
  const std::string block = BlockOf(sorted, static_cast<uint32_t>(1 + draw.Below(20)));
  std::vector<char> bytes(block.begin(), block.end());
  for (uint64_t n = 1 + draw.Below(4); n > 0; --n) {
    const uint64_t at = draw.Below(bytes.size());
    bytes[at] = static_cast<char>(draw.Next());
  }
  if (draw.OneIn(4)) bytes.resize(draw.Below(bytes.size()));
  bytes.shrink_to_fit();
  DataBlockIterator it;
  for (int i = 0; i < 20; ++i) {
    it.Reset({bytes.data(), bytes.size()}, {});
    const std::string key = DrawKey(draw);
    const uint64_t kind = draw.Below(4);
    if (kind == 0) it.SeekToFirst();
    if (kind == 1) it.SeekToLast();
    if (kind == 2) it.Seek({key, LogIndex(draw.Below(300))});
    if (kind == 3) it.SeekForPrev({key, LogIndex(draw.Below(300))});
    for (size_t steps = 0; it.Valid(); ++steps) {
      RC_ASSERT(steps <= bytes.size());
      draw.OneIn(3) && steps < 50 ? it.Prev() : it.Next();
    }
    RC_ASSERT(it.status().ok() || absl::IsDataLoss(it.status()));
  }
}

RC_GTEST_PROP(IndexBlockPropertyTest, SeparatorsLieBetween, (uint64_t seed)) {
  Draw draw(seed);
  const auto sorted = DrawEntries(draw, 2 + draw.Below(100)).Sorted();
  for (size_t i = 1; i < sorted.size(); ++i) {
    std::string key;
    const LogIndex version =
        ShortSeparator(sorted[i - 1].view().internal_key(), sorted[i].view().internal_key(), &key);
    const InternalKey separator{key, version};
    RC_ASSERT(sorted[i - 1].view().internal_key() <= separator);
    RC_ASSERT(separator < sorted[i].view().internal_key());
    RC_ASSERT(key.size() <= sorted[i - 1].key.size());
  }
}

RC_GTEST_PROP(IndexBlockPropertyTest, FindsWhatALinearSearchFinds, (uint64_t seed)) {
  Draw draw(seed);
  const auto count = *rc::gen::inRange<uint64_t>(0, 200);
  const auto sorted = DrawEntries(draw, count).Sorted();
  IndexBlockBuilder builder;
  for (size_t i = 0; i < sorted.size(); ++i) {
    builder.Add(sorted[i].view().internal_key(), {i * 1000, static_cast<uint32_t>(i)});
  }
  const std::string contents = builder.Finish();
  const auto block = IndexBlock::Parse(contents);
  RC_ASSERT(block.ok());
  RC_ASSERT(block->size() == sorted.size());
  for (int i = 0; i < 50; ++i) {
    const std::string key = DrawKey(draw);
    const InternalKey target{key, LogIndex(draw.Below(310))};
    uint32_t want = 0;
    while (want < sorted.size() && sorted[want].view().internal_key() < target) ++want;
    RC_ASSERT(block->Find(target) == want);
    if (want < sorted.size()) RC_ASSERT(block->handle(want).offset == want * 1000);
  }
}

RC_GTEST_PROP(IndexBlockPropertyTest, DamageDoesNotParseOrStaysInside, (uint64_t seed)) {
  Draw draw(seed);
  const auto sorted = DrawEntries(draw, 1 + draw.Below(60)).Sorted();
  IndexBlockBuilder builder;
  for (size_t i = 0; i < sorted.size(); ++i) {
    builder.Add(sorted[i].view().internal_key(), {i * 1000, 7});
  }
  const std::string contents = builder.Finish();
  std::vector<char> bytes(contents.begin(), contents.end());
  bytes[draw.Below(bytes.size())] ^= static_cast<char>(1 + draw.Below(255));
  if (draw.OneIn(4)) bytes.resize(draw.Below(bytes.size()));
  bytes.shrink_to_fit();
  const auto block = IndexBlock::Parse({bytes.data(), bytes.size()});
  if (!block.ok()) return;
  for (int i = 0; i < 20; ++i) {
    const std::string key = DrawKey(draw);
    const uint32_t found = block->Find({key, LogIndex(draw.Below(300))});
    RC_ASSERT(found <= block->size());
    if (found < block->size()) (void)block->handle(found);
  }
}

RC_GTEST_PROP(FilterPropertyTest, NeverDeniesAKeyThatWasAdded, (uint64_t seed)) {
  Draw draw(seed);
  FilterBuilder builder(static_cast<uint32_t>(1 + draw.Below(30)));
  std::vector<std::string> keys;
  for (uint64_t n = draw.Below(2000); n > 0; --n) {
    keys.push_back(DrawKey(draw) + std::to_string(draw.Next()));
    builder.Add(keys.back());
  }
  const std::string bytes = builder.Finish();
  RC_ASSERT(bytes.size() == builder.bytes());
  const auto filter = Filter::Parse(bytes);
  RC_ASSERT(filter.has_value());
  for (const std::string& key : keys) RC_ASSERT(filter->MayContain(FilterHash(key)));
}

TEST(FilterTest, OneForeignKeyInAHundredPasses) {
  for (const uint64_t keys : {uint64_t{100}, uint64_t{5'000}, uint64_t{200'000}}) {
    FilterBuilder builder(10);
    for (uint64_t i = 0; i < keys; ++i) builder.Add(absl::StrFormat("key%012d", i));
    const std::string bytes = builder.Finish();
    const auto filter = Filter::Parse(bytes);
    ASSERT_TRUE(filter.has_value());
    uint64_t passed = 0;
    constexpr uint64_t kForeign = 200'000;
    for (uint64_t i = 0; i < kForeign; ++i) {
      passed += filter->MayContain(FilterHash(absl::StrFormat("other%012d", i))) ? 1 : 0;
    }
    EXPECT_LE(passed, kForeign * 11 / 1000) << keys << " keys";
    EXPECT_LE(bytes.size(), keys * 10 / 8 + 64 + 8);
  }
}

TEST(FilterTest, WhatIsNoFilterDoesNotParse) {
  FilterBuilder builder(10);
  builder.Add("a");
  const std::string bytes = builder.Finish();
  EXPECT_TRUE(Filter::Parse(bytes).has_value());
  EXPECT_FALSE(Filter::Parse("").has_value());
  EXPECT_FALSE(Filter::Parse(bytes.substr(1)).has_value());
  EXPECT_FALSE(Filter::Parse(std::string(bytes.size(), '\0')).has_value());
  EXPECT_FALSE(Filter::Parse(std::string(bytes.size(), '\xff')).has_value());
}

TEST(ShortSeparatorTest, IsShortWhereThereIsRoom) {
  std::string key;
  EXPECT_EQ(ShortSeparator({"abcdef", LogIndex(5)}, {"abzz", LogIndex(9)}, &key), LogIndex(0));
  EXPECT_EQ(key, "abd");
  ShortSeparator({"abc", LogIndex(5)}, {"abd", LogIndex(9)}, &key);
  EXPECT_EQ(key, "abc");
  ShortSeparator({"ab", LogIndex(5)}, {"abd", LogIndex(9)}, &key);
  EXPECT_EQ(key, "ab");
  EXPECT_EQ(ShortSeparator({"ab", LogIndex(5)}, {"ab", LogIndex(3)}, &key), LogIndex(5));
  EXPECT_EQ(key, "ab");
  ShortSeparator({"a\xff\xff", LogIndex(5)}, {"b", LogIndex(3)}, &key);
  EXPECT_EQ(key, "a\xff\xff");
}

TEST(VarintTest, EveryLengthComesBackAndNothingIsReadBeyond) {
  for (const uint32_t value : {0u, 1u, 127u, 128u, 16383u, 16384u, 1u << 28, ~0u}) {
    std::string bytes;
    PutVarint32(bytes, value);
    uint32_t found = 0;
    const char* const begin = bytes.data();
    EXPECT_EQ(GetVarint32(begin, begin + bytes.size(), &found), begin + bytes.size());
    EXPECT_EQ(found, value);
    for (size_t cut = 0; cut < bytes.size(); ++cut) {
      EXPECT_EQ(GetVarint32(begin, begin + cut, &found), nullptr);
    }
  }
  const std::string too_large = "\xff\xff\xff\xff\x7f";
  const std::string too_long = "\x80\x80\x80\x80\x80\x01";
  uint32_t found = 0;
  EXPECT_EQ(GetVarint32(too_large.data(), too_large.data() + too_large.size(), &found), nullptr);
  EXPECT_EQ(GetVarint32(too_long.data(), too_long.data() + too_long.size(), &found), nullptr);
}

TEST(BlockCompressionTest, ComesBackOrIsRefused) {
  std::string contents;
  for (int i = 0; i < 500; ++i) contents += "row " + std::to_string(i % 10);
  for (const Compression compression : {Compression::kZstd, Compression::kLz4}) {
    std::string stored;
    ASSERT_TRUE(CompressBlock(compression, contents, stored));
    EXPECT_LE(stored.size(), contents.size() * 7 / 8);
    std::string back(contents.size(), '\0');
    ASSERT_TRUE(DecompressBlock(compression, stored, back).ok());
    EXPECT_EQ(back, contents);
    for (const size_t wrong : {contents.size() - 1, contents.size() + 1, size_t{1}}) {
      back.assign(wrong, '\0');
      EXPECT_TRUE(absl::IsDataLoss(DecompressBlock(compression, stored, back)));
    }
    back.assign(contents.size(), '\0');
    EXPECT_TRUE(absl::IsDataLoss(DecompressBlock(compression, stored.substr(3), back)));
  }
}

TEST(BlockCompressionTest, WhatSavesTooLittleStaysAsItIs) {
  Draw draw(1);
  std::string noise(4096, '\0');
  for (char& c : noise) c = static_cast<char>(draw.Next());
  std::string stored;
  EXPECT_FALSE(CompressBlock(Compression::kZstd, noise, stored));
  EXPECT_FALSE(CompressBlock(Compression::kLz4, noise, stored));
  EXPECT_FALSE(CompressBlock(Compression::kNone, std::string(4096, 'a'), stored));
  EXPECT_FALSE(CompressBlock(Compression::kLz4, "aaa", stored));
}

}  // namespace
}  // namespace wt
