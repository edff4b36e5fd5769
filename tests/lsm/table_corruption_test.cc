// Proves that no damage to a table goes unseen or shows as something else. Every byte flipped,
// every stretch zeroed, every length cut, blocks swapped, blocks of another file and blocks of this
// file in another place: whatever is asked of the damaged table is answered rightly or with
// DataLoss that names the file; a walk never just ends; and VerifyAll always sees it.
#include <gtest/gtest.h>

#include <string>

#include "engine/base/coding.h"
#include "engine/storage/errors.h"
#include "tests/lsm/table_files.h"

namespace wt {
namespace {

using test::Access;
using test::BuildTable;
using test::BuiltTable;
using test::OpenTable;
using test::OwnedEntry;

// Two dozen data blocks, some compressed and some not, in a partitioned index, with a filter.
std::vector<OwnedEntry> SweepEntries() {
  std::vector<OwnedEntry> entries;
  Draw draw(77);
  for (uint64_t i = 0; i < 60; ++i) {
    OwnedEntry entry{.key = absl::StrFormat("key%05d", i),
                     .version = 100 + i % 7,
                     .kind = i % 9 == 0 ? EntryKind::kDelete : EntryKind::kPut,
                     .value = {}};
    if (entry.kind == EntryKind::kPut) {
      for (int n = 0; n < 24; ++n) {
        entry.value.push_back(i < 30 ? 'r' : static_cast<char>(draw.Next()));
      }
    }
    entries.push_back(entry);
  }
  return entries;
}
constexpr TableBuildOptions kSweepOptions{
    .block_bytes = 160, .compression = Compression::kLz4, .index_partition_blocks = 8};

// Damage is DataLoss, and names the file.
bool Blames(const absl::Status& status) {
  FileDesc damaged;
  return absl::IsDataLoss(status) && IsCorrupted(status, &damaged) &&
         damaged == FileDesc{FileType::kTable, 7} &&
         MessageOf(status).find("000007") != std::string::npos;
}

class Sweep {
 public:
  Sweep() : entries_(SweepEntries()), built_(BuildTable(entries_, kSweepOptions)) {}

  const std::string& good() const { return *built_.bytes; }
  const TableInfo& info() const { return built_.info; }

  // What is wrong with how a table of these bytes behaves, or "".
  std::string Examine(const std::string& bytes) const {
    for (const Access access : {Access::kMapped, Access::kRead}) {
      const auto table = OpenTable(std::make_shared<std::string>(bytes), access);
      if (!table.ok()) {
        if (!Blames(table.status())) return "open: " + table.status().ToString();
        continue;
      }
      const absl::Status verified = (*table)->VerifyAll();
      if (!Blames(verified)) return "VerifyAll: " + verified.ToString();
      for (const bool forward : {true, false}) {
        if (std::string wrong = ExamineWalk(**table, forward); !wrong.empty()) return wrong;
      }
      if (std::string wrong = ExamineGets(**table); !wrong.empty()) return wrong;
    }
    return "";
  }

 private:
  std::string ExamineWalk(const Table& table, bool forward) const {
    const auto it = table.NewIterator();
    size_t n = 0;
    for (forward ? it->SeekToFirst() : it->SeekToLast(); it->Valid();
         forward ? it->Next() : it->Prev(), ++n) {
      if (n == entries_.size()) return "the walk goes on too long";
      const OwnedEntry& want = entries_[forward ? n : entries_.size() - 1 - n];
      if (it->entry() != want.view()) return "the walk shows something else than " + want.key;
    }
    if (it->status().ok() && n < entries_.size()) return "the walk ends early";
    if (!it->status().ok() && !Blames(it->status())) return it->status().ToString();
    return "";
  }

  std::string ExamineGets(const Table& table) const {
    for (const OwnedEntry& want : entries_) {
      const auto found = table.Get({want.key, kMaxVersion});
      if (!found.ok()) {
        if (!Blames(found.status())) return found.status().ToString();
        continue;
      }
      if (!found->has_value()) return "Get misses " + want.key;
      if ((*found)->value != want.value || (*found)->kind != want.kind) {
        return "Get shows something else for " + want.key;
      }
    }
    return "";
  }

  std::vector<OwnedEntry> entries_;
  BuiltTable built_;
};

TEST(TableCorruptionTest, TheSweepHasEveryKindOfBlock) {
  const Sweep sweep;
  EXPECT_GT(sweep.info().data_blocks, 12u);
  EXPECT_GT(sweep.info().index_partitions, 1u);
  EXPECT_GT(sweep.info().filter.stored, 0u);
  EXPECT_LT(sweep.info().data_bytes, sweep.info().key_bytes + sweep.info().value_bytes + 60 * 16 +
                                         sweep.info().data_blocks * 40);
  const auto table = OpenTable(std::make_shared<std::string>(sweep.good()), Access::kRead);
  ASSERT_TRUE(table.ok());
  EXPECT_TRUE((*table)->VerifyAll().ok());
}

TEST(TableCorruptionTest, AnyFlippedBit) {
  const Sweep sweep;
  for (size_t at = 0; at < sweep.good().size(); ++at) {
    std::string bytes = sweep.good();
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8));
    ASSERT_EQ(sweep.Examine(bytes), "") << "bit flipped at " << at;
  }
}

TEST(TableCorruptionTest, AnyStretchOverwritten) {
  const Sweep sweep;
  for (const size_t length : {size_t{1}, size_t{8}, size_t{64}, size_t{512}}) {
    for (size_t at = 0; at < sweep.good().size(); at += length) {
      for (const char with : {'\0', '\xff', 'x'}) {
        std::string bytes = sweep.good();
        const size_t n = std::min(length, bytes.size() - at);
        bytes.replace(at, n, std::string(n, with));
        if (bytes == sweep.good()) continue;
        ASSERT_EQ(sweep.Examine(bytes), "") << length << " bytes at " << at;
      }
    }
  }
}

TEST(TableCorruptionTest, AnyTruncationAndAnythingBehindTheEnd) {
  const Sweep sweep;
  for (size_t length = 0; length < sweep.good().size(); ++length) {
    ASSERT_EQ(sweep.Examine(sweep.good().substr(0, length)), "") << "cut to " << length;
  }
  for (const size_t more : {1, 95, 96, 4096}) {
    ASSERT_EQ(sweep.Examine(sweep.good() + std::string(more, '\0')), "");
    ASSERT_EQ(sweep.Examine(sweep.good() + sweep.good().substr(0, more)), "");
  }
}

TEST(TableCorruptionTest, AnyByteMissingOrTwice) {
  const Sweep sweep;
  for (size_t at = 0; at < sweep.good().size(); at += 3) {
    std::string bytes = sweep.good();
    bytes.erase(at, 1);
    ASSERT_EQ(sweep.Examine(bytes), "") << "missing at " << at;
    bytes = sweep.good();
    bytes.insert(at, 1, bytes[at]);
    ASSERT_EQ(sweep.Examine(bytes), "") << "twice at " << at;
  }
}

// Four to a block, alike in all but digits, so that blocks fit each other's places.
std::vector<OwnedEntry> EqualEntries() {
  std::vector<OwnedEntry> entries = test::PlainEntries(64);
  for (size_t i = 0; i < entries.size(); ++i) {
    entries[i].key = absl::StrFormat("key%03d-%d", i / 4, i % 4);
  }
  return entries;
}

class EqualBlocks {
 public:
  explicit EqualBlocks(const TableIdentity& identity = test::kTestIdentity, char filling = '.')
      : entries_(EqualEntries()) {
    for (OwnedEntry& entry : entries_) entry.value.back() = filling;
    built_ = BuildTable(entries_, {.block_bytes = 320, .restart_interval = 1}, identity);
    WT_CHECK_EQ(built_.info.data_bytes % built_.info.data_blocks, 0u);
    const auto table = OpenTable(built_.bytes, Access::kRead, {}, identity);
    WT_CHECK(table.ok());
  }
  std::string bytes() const { return *built_.bytes; }
  uint64_t blocks() const { return built_.info.data_blocks; }
  uint64_t block_bytes() const { return built_.info.data_bytes / blocks(); }
  uint64_t at(uint64_t block) const { return kTableHeaderBytes + block * block_bytes(); }
  std::string block(uint64_t n) const { return built_.bytes->substr(at(n), block_bytes()); }

 private:
  std::vector<OwnedEntry> entries_;
  BuiltTable built_;
};

// Asks for all keys; the damaged block's are DataLoss, and nothing is wrong.
void ExpectSeen(const std::string& bytes, const std::string& filling) {
  const auto table = OpenTable(std::make_shared<std::string>(bytes), Access::kMapped);
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_TRUE(Blames((*table)->VerifyAll()));
  uint64_t refused = 0;
  for (const OwnedEntry& entry : EqualEntries()) {
    const auto found = (*table)->Get({entry.key, kMaxVersion});
    if (!found.ok()) {
      EXPECT_TRUE(Blames(found.status()));
      ++refused;
      continue;
    }
    ASSERT_TRUE(found->has_value());
    EXPECT_TRUE((*found)->value.ends_with(filling));
  }
  EXPECT_GT(refused, 0u);
  EXPECT_LT(refused, 64u);
}

TEST(TableCorruptionTest, BlocksThatChangedPlaces) {
  const EqualBlocks table;
  ASSERT_GT(table.blocks(), 8u);
  for (uint64_t a = 0; a + 2 < table.blocks(); ++a) {
    std::string bytes = table.bytes();
    bytes.replace(table.at(a), table.block_bytes(), table.block(a + 1));
    bytes.replace(table.at(a + 1), table.block_bytes(), table.block(a));
    ExpectSeen(bytes, ".");
  }
}

TEST(TableCorruptionTest, ABlockTwice) {
  const EqualBlocks table;
  std::string bytes = table.bytes();
  bytes.replace(table.at(3), table.block_bytes(), table.block(5));
  ExpectSeen(bytes, ".");
}

TEST(TableCorruptionTest, ABlockOfAnotherTable) {
  const EqualBlocks table;
  const EqualBlocks other({.number = 8, .salt = test::kTestIdentity.salt}, 'o');
  std::string bytes = table.bytes();
  bytes.replace(table.at(3), table.block_bytes(), other.block(3));
  ExpectSeen(bytes, ".");
}

// The number was given out again after a crash; the disk still has the earlier file's sectors.
TEST(TableCorruptionTest, ABlockOfAnEarlierTableWithThisNumber) {
  const EqualBlocks table;
  const EqualBlocks earlier({.number = test::kTestIdentity.number, .salt = 1}, 'o');
  std::string bytes = table.bytes();
  bytes.replace(table.at(3), table.block_bytes(), earlier.block(3));
  ExpectSeen(bytes, ".");
  const auto whole = OpenTable(std::make_shared<std::string>(earlier.bytes()), Access::kMapped);
  EXPECT_TRUE(Blames(whole.status())) << whole.status();
}

// As a builder with a bug would write it: checksums fit, entries do not parse.
TEST(TableCorruptionTest, ABlockThatDoesNotParseIsNoEnd) {
  const EqualBlocks table;
  std::string bytes = table.bytes();
  std::string block = table.block(3).substr(0, table.block_bytes() - kFrameTrailerBytes);
  const size_t second = block.find("key003-1");
  ASSERT_NE(second, block.npos);
  block[second - 8] = 77;  // its kind
  SealFrame(test::kTestIdentity, table.at(3),
            {.type = BlockType::kData, .content_bytes = block.size()}, block, 0);
  bytes.replace(table.at(3), table.block_bytes(), block);
  const auto opened = OpenTable(std::make_shared<std::string>(bytes), Access::kMapped);
  ASSERT_TRUE(opened.ok());
  const auto it = (*opened)->NewIterator();
  size_t seen = 0;
  for (it->SeekToFirst(); it->Valid(); it->Next()) ++seen;
  EXPECT_EQ(seen, 13u);
  EXPECT_TRUE(Blames(it->status())) << it->status();
  for (it->SeekToLast(); it->Valid(); it->Prev()) ++seen;
  EXPECT_EQ(seen, 13u + 50u);  // each entry can be reached by itself
  EXPECT_TRUE(Blames(it->status())) << it->status();
  EXPECT_TRUE(Blames((*opened)->Get({"key003-2", kMaxVersion}).status()));
  EXPECT_TRUE(Blames((*opened)->VerifyAll()));
}

// Made elsewhere as table 7, it lies here in file 12: that is the one to look for.
TEST(TableCorruptionTest, DamageOfAnAdoptedTableBlamesTheFileThatItLiesIn) {
  const BuiltTable built = BuildTable(test::PlainEntries(6), {.block_bytes = 100});
  const FileDesc file{FileType::kTable, 12};
  const auto blames_it = [&](const absl::Status& status) {
    FileDesc damaged;
    return IsCorrupted(status, &damaged) && damaged == file;
  };
  for (size_t at = 0; at < built.bytes->size(); ++at) {
    auto bytes = std::make_shared<std::string>(*built.bytes);
    (*bytes)[at] ^= 0x10;
    auto reader = std::make_unique<test::StringReader>(bytes, Access::kRead);
    const auto table = Table::Open(std::move(reader), {file, test::kTestIdentity});
    if (!table.ok()) {
      EXPECT_TRUE(blames_it(table.status())) << at << ": " << table.status();
      continue;
    }
    EXPECT_TRUE(blames_it((*table)->VerifyAll())) << at << ": " << (*table)->VerifyAll();
    const auto it = (*table)->NewIterator();
    for (it->SeekToFirst(); it->Valid();) it->Next();
    EXPECT_TRUE(blames_it(it->status())) << at << ": " << it->status();
  }
}

TEST(TableCorruptionTest, AMessageSaysWhereAndWhat) {
  const EqualBlocks table;
  std::string bytes = table.bytes();
  bytes[table.at(2) + 20] ^= 1;
  const auto opened = OpenTable(std::make_shared<std::string>(bytes), Access::kRead);
  ASSERT_TRUE(opened.ok());
  const std::string message = MessageOf((*opened)->VerifyAll());
  EXPECT_NE(message.find("000007"), message.npos) << message;
  EXPECT_NE(message.find(absl::StrFormat("block at %d: checksum", table.at(2))), message.npos)
      << message;
  EXPECT_NE(message.find(", want "), message.npos) << message;
}

TEST(TableCorruptionTest, RotBehindAMappingIsSeenAtTheFirstTouch) {
  const EqualBlocks table;
  const auto bytes = std::make_shared<std::string>(table.bytes());
  const auto opened = OpenTable(bytes, Access::kMapped);
  ASSERT_TRUE(opened.ok());
  (*bytes)[table.at(4) + 30] ^= 1;
  const auto it = (*opened)->NewIterator();
  it->SeekToFirst();
  while (it->Valid()) it->Next();
  EXPECT_TRUE(Blames(it->status()));
}

TEST(TableCorruptionTest, RotBehindATouchedMappingIsSeenByOptionAndByVerifyAll) {
  const EqualBlocks table;
  const auto bytes = std::make_shared<std::string>(table.bytes());
  const auto opened = OpenTable(bytes, Access::kMapped, {.verify_always = true});
  ASSERT_TRUE(opened.ok());
  const InternalKey key{"key000-0", kMaxVersion};
  ASSERT_TRUE((*opened)->Get(key).ok());
  (*bytes)[table.at(0) + 30] ^= 1;
  EXPECT_TRUE(Blames((*opened)->Get(key).status()));
  EXPECT_TRUE(Blames((*opened)->VerifyAll()));
}

TEST(TableCorruptionTest, AnotherFormatVersionIsRefusedWithItsNumber) {
  const EqualBlocks table;
  std::string bytes = table.bytes();
  StoreLittle<uint32_t>(bytes.data() + 8, 41);
  StoreLittle<uint64_t>(bytes.data() + 56, Hash64(std::string_view(bytes).substr(0, 56)));
  absl::Status status = OpenTable(std::make_shared<std::string>(bytes), Access::kRead).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_NE(MessageOf(status).find("version 41"), std::string::npos) << status;

  bytes = table.bytes();
  char* const footer = bytes.data() + bytes.size() - kTableFooterBytes;
  StoreLittle<uint32_t>(footer + 8, 42);
  const uint64_t seed = Mix64(test::kTestIdentity.number ^ Mix64(test::kTestIdentity.salt));
  const Hash128 checksum = HashBytes128({footer, kTableFooterBytes - 16}, seed);
  StoreLittle(footer + 80, checksum.low);
  StoreLittle(footer + 88, checksum.high);
  status = OpenTable(std::make_shared<std::string>(bytes), Access::kRead).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_NE(MessageOf(status).find("version 42"), std::string::npos) << status;
}

}  // namespace
}  // namespace wt
