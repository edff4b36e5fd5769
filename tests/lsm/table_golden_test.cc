// Proves that format version 1 stays what it is: the file in tests/golden was written when the
// version was new, opens with everything in it, and is what the builder still makes of the same
// entries.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/lsm/table_files.h"

namespace wt {
namespace {

using test::Access;
using test::OwnedEntry;

std::vector<OwnedEntry> GoldenEntries() {
  std::vector<OwnedEntry> entries;
  entries.push_back({"", 3, EntryKind::kPut, "the empty key"});
  for (uint64_t i = 0; i < 40; ++i) {
    const std::string key = absl::StrFormat("account/%04d", i * 3);
    if (i % 5 == 0) entries.push_back({key, 90 + i, EntryKind::kDelete, ""});
    entries.push_back({key, 10 + i, EntryKind::kPut, absl::StrFormat("balance %d", i * 1000)});
  }
  entries.push_back({std::string("zero\0byte", 9), 200, EntryKind::kPut, std::string(130, 'z')});
  entries.push_back({"\xff\xff", 201, EntryKind::kPut, ""});
  return entries;
}
constexpr TableIdentity kGoldenIdentity{.number = 42, .salt = 0x0123456789abcdef};
constexpr TableBuildOptions kGoldenOptions{
    .block_bytes = 512, .restart_interval = 4, .index_partition_blocks = 2};

std::string GoldenBytes() {
  std::ifstream file(WAVETANK_SOURCE_DIR "/tests/golden/table-v1.ldb", std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

TEST(TableGoldenTest, VersionOneOpensWithEverythingInIt) {
  const auto table = test::OpenTable(std::make_shared<std::string>(GoldenBytes()), Access::kRead,
                                     {}, kGoldenIdentity);
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_TRUE((*table)->VerifyAll().ok());
  EXPECT_EQ((*table)->info().content.ToString(), "c682ace5395b3df6b128408e88251946");
  EXPECT_GT((*table)->info().index_partitions, 1u);
  const auto it = (*table)->NewIterator();
  it->SeekToFirst();
  for (const OwnedEntry& want : GoldenEntries()) {
    ASSERT_TRUE(it->Valid());
    EXPECT_EQ(it->entry(), want.view());
    it->Next();
  }
  EXPECT_FALSE(it->Valid());
  EXPECT_TRUE(it->status().ok());
}

TEST(TableGoldenTest, VersionOneIsStillWrittenAsItWas) {
  const test::BuiltTable built = test::BuildTable(GoldenEntries(), kGoldenOptions, kGoldenIdentity);
  EXPECT_EQ(*built.bytes, GoldenBytes());
}

}  // namespace
}  // namespace wt
