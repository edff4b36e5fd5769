// An EntryTable is a std::map, and a frozen one is a copy of it: any run of changes and freezes,
// held against both; the sum depends on the content alone.
#include "engine/state/entry_table.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "engine/base/random.h"

namespace wt {
namespace {

using Model = std::map<std::string, std::string>;

Model ContentOf(const FrozenTable& frozen) {
  Model content;
  for (const auto& block : frozen) {
    EXPECT_FALSE(block->entries.empty());
    uint64_t bytes = 0;
    for (const TableEntry& entry : block->entries) {
      EXPECT_TRUE(content.empty() || content.rbegin()->first < entry.key);
      content[entry.key] = entry.value;
      bytes += EncodedEntryBytes(entry.key, entry.value);
    }
    EXPECT_EQ(block->bytes, bytes);
  }
  return content;
}

Hash128 SumOf(const Model& model) {
  EntryTable table;
  for (auto entry = model.rbegin(); entry != model.rend(); ++entry) {
    table.Set(entry->first, entry->second);
  }
  return table.sum();
}

// One run: `changes` draws from `keys` keys, with a freeze now and then.
void RunAgainstModel(uint64_t seed, uint64_t changes, uint64_t keys, uint64_t value_bytes) {
  Draw draw(seed);
  EntryTable table;
  Model model;
  std::vector<std::pair<FrozenTable, Model>> frozen;
  for (uint64_t i = 0; i < changes; ++i) {
    const std::string key = std::to_string(draw.Below(keys));
    const uint64_t action = draw.Below(100);
    if (action < 60) {
      const std::string value(draw.Below(value_bytes), static_cast<char>('a' + i % 26));
      table.Set(key, value);
      model[key] = value;
    } else if (action < 97 || frozen.size() == 20) {
      ASSERT_EQ(table.Erase(key), model.erase(key) == 1);
    } else {
      frozen.emplace_back(table.Freeze(), model);
    }
    const std::string* found = table.Find(key);
    ASSERT_EQ(found != nullptr, model.count(key) == 1);
    if (found != nullptr) {
      ASSERT_EQ(*found, model[key]);
    }
    const TableEntry* bound = table.LowerBound(key + "5");
    auto model_bound = model.lower_bound(key + "5");
    ASSERT_EQ(bound == nullptr, model_bound == model.end());
    if (bound != nullptr) {
      ASSERT_EQ(bound->key, model_bound->first);
    }
  }
  ASSERT_EQ(table.size(), model.size());
  ASSERT_EQ(table.sum(), SumOf(model));
  ASSERT_EQ(ContentOf(table.Freeze()), model);
  for (const auto& [then, content] : frozen) ASSERT_EQ(ContentOf(then), content);
}

RC_GTEST_PROP(EntryTablePropertyTest, IsAMapAndFreezesAreCopies, ()) {
  const auto seed = *rc::gen::arbitrary<uint64_t>();
  const auto changes = *rc::gen::inRange<uint64_t>(1, 600);
  const auto keys = *rc::gen::element<uint64_t>(3, 40, 1000);
  const auto value_bytes = *rc::gen::element<uint64_t>(1, 20, 3000);
  RunAgainstModel(seed, changes, keys, value_bytes);
  RC_ASSERT(!::testing::Test::HasFatalFailure());
}

TEST(EntryTableTest, ManyEntriesComeAndGo) {
  RunAgainstModel(/*seed=*/7, /*changes=*/60'000, /*keys=*/8'000, /*value_bytes=*/50);
}

TEST(EntryTableTest, SumTellsKeysFromValues) {
  EXPECT_NE(SumOf({{"ab", "c"}}), SumOf({{"a", "bc"}}));
  EXPECT_NE(SumOf({{"a", "b"}, {"c", "d"}}), SumOf({{"a", "d"}, {"c", "b"}}));
  EXPECT_NE(SumOf({{"a", ""}}), SumOf({}));
}

TEST(EntryTableTest, FreezeDoesNotCopyEntries) {
  EntryTable table;
  for (int i = 0; i < 10'000; ++i) table.Append(std::to_string(100'000 + i), "value");
  const FrozenTable one = table.Freeze();
  table.Set("105000", "changed");
  const FrozenTable two = table.Freeze();
  ASSERT_EQ(one.size(), two.size());
  size_t different = 0;
  for (size_t i = 0; i < one.size(); ++i) different += one[i] != two[i] ? 1 : 0;
  EXPECT_EQ(different, 1u);
}

}  // namespace
}  // namespace wt
