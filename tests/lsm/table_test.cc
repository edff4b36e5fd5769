// Proves what a sorted table promises: what was added is found and nothing else, at any block size,
// with any compression, mapped or read, with or without cache and filter, with one level of index
// or two; what it says of itself; that the same input gives the same bytes; and that errors of the
// device come through.
#include "engine/lsm/table.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/lsm/table_files.h"
#include "tests/support/memory_env.h"

namespace wt {
namespace {

using test::Access;
using test::BuildTable;
using test::BuiltTable;
using test::OpenTable;
using test::OwnedEntry;
using test::PlainEntries;

std::string Read(const Table& table, std::string_view key, LogIndex version = kMaxVersion) {
  const auto found = table.Get({key, version});
  if (!found.ok()) return found.status().ToString();
  if (!found->has_value()) return "nothing";
  return (*found)->kind == EntryKind::kDelete ? "deleted" : std::string((*found)->value);
}

TEST(TableTest, FindsWhatWasAddedAndNothingElse) {
  const std::vector<OwnedEntry> entries = PlainEntries(2000);
  const BuiltTable built = BuildTable(entries);
  for (const Access access : {Access::kMapped, Access::kRead}) {
    const auto table = OpenTable(built.bytes, access);
    ASSERT_TRUE(table.ok()) << table.status();
    EXPECT_EQ((*table)->info(), built.info);
    for (const OwnedEntry& entry : entries) {
      ASSERT_EQ(Read(**table, entry.key), entry.value);
      ASSERT_EQ(Read(**table, entry.key, LogIndex(4)), "nothing");
    }
    EXPECT_EQ(Read(**table, ""), "nothing");
    EXPECT_EQ(Read(**table, "key00000001"), "nothing");
    EXPECT_EQ(Read(**table, "key"), "nothing");
    EXPECT_EQ(Read(**table, "zzz"), "nothing");
    EXPECT_TRUE((*table)->VerifyAll().ok());
  }
}

TEST(TableTest, ManyVersionsOfOneKeySpanBlocks) {
  std::vector<OwnedEntry> entries;
  for (uint64_t version = 1000; version > 0; --version) {
    entries.push_back({"k", version, version % 3 == 0 ? EntryKind::kDelete : EntryKind::kPut,
                       version % 3 == 0 ? "" : std::to_string(version)});
  }
  const BuiltTable built = BuildTable(entries, {.block_bytes = 256, .index_partition_blocks = 4});
  EXPECT_GT(built.info.data_blocks, 16u);
  EXPECT_GT(built.info.index_partitions, 4u);
  const auto table = OpenTable(built.bytes, Access::kMapped);
  ASSERT_TRUE(table.ok());
  for (uint64_t version = 1; version <= 1000; ++version) {
    ASSERT_EQ(Read(**table, "k", LogIndex(version)),
              version % 3 == 0 ? "deleted" : std::to_string(version));
  }
  EXPECT_EQ(Read(**table, "k"), "1000");
  EXPECT_EQ(Read(**table, "k", LogIndex(0)), "nothing");
  EXPECT_EQ(built.info.filter_keys, 1u);
  EXPECT_TRUE((*table)->VerifyAll().ok());
}

TEST(TableTest, TellsWhatItHolds) {
  const std::vector<OwnedEntry> entries = {{"a", 9, EntryKind::kPut, "1"},
                                           {"a", 4, EntryKind::kDelete, ""},
                                           {"bb", 7, EntryKind::kPut, "22"},
                                           {"ccc", 30, EntryKind::kPut, "333"},
                                           {"ccc", 3, EntryKind::kPut, ""}};
  const BuiltTable built = BuildTable(entries);
  const TableInfo& info = built.info;
  EXPECT_EQ(info.identity, test::kTestIdentity);
  EXPECT_EQ(info.bytes, built.bytes->size());
  EXPECT_EQ(info.puts, 4u);
  EXPECT_EQ(info.deletes, 1u);
  EXPECT_EQ(info.min_version, LogIndex(3));
  EXPECT_EQ(info.max_version, LogIndex(30));
  EXPECT_EQ(info.smallest(), (InternalKey{"a", LogIndex(9)}));
  EXPECT_EQ(info.largest(), (InternalKey{"ccc", LogIndex(3)}));
  EXPECT_EQ(info.key_bytes, 10u);
  EXPECT_EQ(info.value_bytes, 6u);
  EXPECT_EQ(info.data_blocks, 1u);
  EXPECT_EQ(info.filter_keys, 3u);
  const auto table = OpenTable(built.bytes, Access::kRead);
  ASSERT_TRUE(table.ok());
  EXPECT_EQ((*table)->info(), info);
}

TEST(TableTest, ATableWithoutEntriesIsATable) {
  const BuiltTable built = BuildTable({});
  const auto table = OpenTable(built.bytes, Access::kMapped);
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ((*table)->info().entries(), 0u);
  EXPECT_EQ(Read(**table, ""), "nothing");
  const auto it = (*table)->NewIterator();
  it->SeekToFirst();
  EXPECT_FALSE(it->Valid());
  it->SeekToLast();
  EXPECT_FALSE(it->Valid());
  it->Seek({"", kMaxVersion});
  EXPECT_FALSE(it->Valid());
  it->SeekForPrev({"z", LogIndex(0)});
  EXPECT_FALSE(it->Valid());
  EXPECT_TRUE(it->status().ok());
  EXPECT_TRUE((*table)->VerifyAll().ok());
}

TEST(TableTest, TheLargestKeysAndLargeValues) {
  const std::vector<OwnedEntry> entries = {
      {"", 1, EntryKind::kPut, "empty"},
      {std::string(kMaxTableKeyBytes, 'k'), 1, EntryKind::kPut, std::string(5 * kMiB, 'v')},
      {std::string(kMaxTableKeyBytes, 'l'), 1, EntryKind::kDelete, ""},
      {"z", 1, EntryKind::kPut, ""}};
  for (const Compression compression : {Compression::kNone, Compression::kZstd}) {
    const BuiltTable built = BuildTable(entries, {.compression = compression});
    for (const Access access : {Access::kMapped, Access::kRead}) {
      const auto table = OpenTable(built.bytes, access);
      ASSERT_TRUE(table.ok());
      EXPECT_EQ(Read(**table, ""), "empty");
      EXPECT_EQ(Read(**table, entries[1].key), entries[1].value);
      EXPECT_EQ(Read(**table, entries[2].key), "deleted");
      EXPECT_EQ(Read(**table, "z"), "");
      EXPECT_TRUE((*table)->VerifyAll().ok());
    }
  }
}

TEST(TableTest, BlocksStayWithinTheirSize) {
  const BuiltTable built = BuildTable(PlainEntries(2000), {.block_bytes = 1000});
  EXPECT_GE(built.info.data_bytes / built.info.data_blocks, 800u);
  EXPECT_LE(built.info.data_bytes / built.info.data_blocks, 1000u + kFrameTrailerBytes);
}

TEST(TableTest, CompressionSaves) {
  const std::vector<OwnedEntry> entries = PlainEntries(2000, 200);
  const BuiltTable plain = BuildTable(entries);
  for (const Compression compression : {Compression::kZstd, Compression::kLz4}) {
    const BuiltTable built = BuildTable(entries, {.compression = compression});
    EXPECT_LT(built.info.data_bytes, plain.info.data_bytes / 2);
  }
}

TEST(TableTest, TheSameEntriesGiveTheSameBytes) {
  const std::vector<OwnedEntry> entries = PlainEntries(500);
  const BuiltTable one = BuildTable(entries);
  const BuiltTable two = BuildTable(entries);
  EXPECT_EQ(*one.bytes, *two.bytes);
  const BuiltTable other = BuildTable(entries, {}, {.number = 7, .salt = 1});
  EXPECT_NE(other.info.content, one.info.content);
  std::vector<OwnedEntry> changed = entries;
  changed[250].value[0] ^= 1;
  EXPECT_NE(BuildTable(changed).info.content, one.info.content);
}

TEST(TableTest, ItIsWrittenInLargeAppends) {
  test::StringWriter writer;
  TableBuilder builder(writer, test::kTestIdentity, {.append_bytes = 64 * kKiB});
  for (const OwnedEntry& entry : PlainEntries(20'000)) ASSERT_TRUE(builder.Add(entry.view()).ok());
  const uint64_t estimated = builder.EstimatedBytes();
  const auto info = builder.Finish();
  ASSERT_TRUE(info.ok());
  EXPECT_LE(writer.appends, writer.bytes.size() / (64 * kKiB) + 1);
  EXPECT_GE(estimated, info->bytes * 97 / 100);
  EXPECT_LE(estimated, info->bytes * 103 / 100);
}

TEST(TableTest, AFailedAppendFailsTheBuild) {
  const std::vector<OwnedEntry> entries = PlainEntries(2000);
  for (uint64_t fail_at = 1;; ++fail_at) {
    test::StringWriter writer;
    writer.fail_at = fail_at;
    TableBuilder builder(writer, test::kTestIdentity, {.append_bytes = 16 * kKiB});
    absl::Status status;
    for (const OwnedEntry& entry : entries) {
      status = builder.Add(entry.view());
      if (!status.ok()) break;
    }
    if (status.ok()) status = builder.Finish().status();
    if (status.ok()) {
      EXPECT_GT(fail_at, 5u);
      break;
    }
    EXPECT_TRUE(absl::IsUnavailable(status));
  }
}

TEST(TableTest, AFailedReadIsAnErrorAndNotAMiss) {
  const BuiltTable built = BuildTable(PlainEntries(2000));
  auto owned = std::make_unique<test::StringReader>(built.bytes, Access::kRead);
  test::StringReader& reader = *owned;
  const auto table = Table::Open(std::move(owned), test::kTestPlace);
  ASSERT_TRUE(table.ok());
  reader.fail_reads = true;
  EXPECT_TRUE(absl::IsUnavailable((*table)->Get({"key00000000", kMaxVersion}).status()));
  const auto it = (*table)->NewIterator();
  it->SeekToFirst();
  EXPECT_FALSE(it->Valid());
  EXPECT_TRUE(absl::IsUnavailable(it->status()));
  EXPECT_TRUE(absl::IsUnavailable((*table)->VerifyAll()));
  reader.fail_reads = false;
  it->SeekToFirst();
  EXPECT_TRUE(it->Valid());
  EXPECT_TRUE(it->status().ok());
}

TEST(TableTest, TheCacheSparesReads) {
  test::MemoryEnv world;
  BlockCache cache(world.tasks, 64 * kMiB);
  const std::vector<OwnedEntry> entries = PlainEntries(2000);
  for (const Compression compression : {Compression::kNone, Compression::kLz4}) {
    const BuiltTable built = BuildTable(entries, {.compression = compression});
    auto owned = std::make_unique<test::StringReader>(built.bytes, Access::kRead);
    test::StringReader& reader = *owned;
    const auto table = Table::Open(std::move(owned), test::kTestPlace, {.cache = &cache});
    ASSERT_TRUE(table.ok());
    for (const OwnedEntry& entry : entries) ASSERT_EQ(Read(**table, entry.key), entry.value);
    const uint64_t reads = reader.reads;
    EXPECT_LE(reads, built.info.data_blocks + 8u);
    for (const OwnedEntry& entry : entries) ASSERT_EQ(Read(**table, entry.key), entry.value);
    EXPECT_EQ(reader.reads, reads);
  }
}

TEST(TableTest, APinnedValueOutlivesItsPlaceInTheCache) {
  test::MemoryEnv world;
  BlockCache cache(world.tasks, 0);  // keeps nothing
  const BuiltTable built = BuildTable(PlainEntries(100));
  const auto table = OpenTable(built.bytes, Access::kRead, {.cache = &cache});
  ASSERT_TRUE(table.ok());
  const auto found = (*table)->Get({"key00000010", kMaxVersion});
  ASSERT_TRUE(found.ok() && found->has_value());
  EXPECT_EQ((*found)->value.substr(0, 20), "value of key00000010");
}

TEST(TableTest, TheFilterSparesBlocks) {
  const std::vector<OwnedEntry> entries = PlainEntries(5000);
  const BuiltTable built = BuildTable(entries);
  auto owned = std::make_unique<test::StringReader>(built.bytes, Access::kRead);
  test::StringReader& reader = *owned;
  const auto table = Table::Open(std::move(owned), test::kTestPlace);
  ASSERT_TRUE(table.ok());
  const uint64_t before = reader.reads;
  for (uint64_t i = 0; i < 5000; ++i) Read(**table, absl::StrFormat("key%08d", i * 2 + 1));
  EXPECT_LT(reader.reads - before, 5000 * 3 / 100u);
  const BuiltTable without = BuildTable(entries, {.filter_bits_per_key = 0});
  EXPECT_EQ(without.info.filter.stored, 0u);
  const auto bare = OpenTable(without.bytes, Access::kMapped);
  ASSERT_TRUE(bare.ok());
  EXPECT_TRUE((*bare)->MayContain("anything"));
  EXPECT_EQ(Read(**bare, "key00000001"), "nothing");
  EXPECT_EQ(Read(**bare, entries[7].key), entries[7].value);
}

TEST(TableTest, TheIdentityIsInTheFile) {
  const BuiltTable built = BuildTable(PlainEntries(10));
  test::StringReader reader(built.bytes, Access::kRead);
  const auto identity = ReadTableIdentity(reader, {FileType::kTable, 7});
  ASSERT_TRUE(identity.ok());
  EXPECT_EQ(*identity, test::kTestIdentity);
  const auto other_number = OpenTable(built.bytes, Access::kRead, {}, {8, identity->salt});
  EXPECT_TRUE(absl::IsDataLoss(other_number.status())) << other_number.status();
  const auto other_salt = OpenTable(built.bytes, Access::kRead, {}, {.number = 7, .salt = 1});
  EXPECT_TRUE(absl::IsDataLoss(other_salt.status())) << other_salt.status();
}

}  // namespace
}  // namespace wt
