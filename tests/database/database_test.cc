// The embedded database on real files: what it refuses and how it says so, that refusals change
// nothing, many writers at once, and the other stores behind the same front.
#include "engine/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "absl/strings/str_format.h"
#include "engine/base/status.h"
#include "engine/posix/posix_world.h"
#include "engine/rocksdb/rocksdb_store.h"
#include "tests/database/model.h"
#include "tests/posix/temporary_folder.h"

namespace wt::test {
namespace {

using absl::StatusCode;
using testing::HasSubstr;
namespace fs = std::filesystem;

class DatabaseTest : public testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<Database>> Open(DatabaseOptions options = TinyOptions()) {
    return Database::Open(std::move(options), world_.env());
  }
  std::unique_ptr<Database> MustOpen(DatabaseOptions options = TinyOptions()) {
    auto opened = Open(std::move(options));
    EXPECT_TRUE(opened.ok()) << opened.status();
    WT_CHECK(opened.ok());
    return *std::move(opened);
  }
  // Writes enough for several tables, flushed.
  void Fill() {
    auto db = MustOpen();
    for (int i = 0; i < 300; ++i) {
      ASSERT_TRUE(db->Write(absl::StrFormat("k%03d", i), std::string(50, 'v')).ok());
    }
    ASSERT_TRUE(db->Flush().ok());
    ASSERT_TRUE(db->Write("unflushed", "v").ok());
    ASSERT_TRUE(db->Close().ok());
  }
  void ExpectRefused(StatusCode code, const std::string& what,
                     DatabaseOptions options = TinyOptions()) {
    const std::map<std::string, std::string> before = Files();
    const absl::Status status = Open(std::move(options)).status();
    EXPECT_EQ(status.code(), code) << status;
    EXPECT_THAT(MessageOf(status), HasSubstr(what));
    EXPECT_EQ(Files(), before) << "a refused open changed something";
  }

  // What is in the folder, but for the storage's own log.
  std::map<std::string, std::string> Files() {
    std::map<std::string, std::string> files;
    for (const auto& one : fs::recursive_directory_iterator(folder_.path())) {
      if (!one.is_regular_file() || one.path().filename() == "LOG") continue;
      std::ifstream in(one.path(), std::ios::binary);
      files[one.path().string()] = std::string(std::istreambuf_iterator<char>(in), {});
    }
    return files;
  }
  std::vector<fs::path> FilesEndingWith(std::string_view end) {
    std::vector<fs::path> found;
    for (const auto& [path, content] : Files()) {
      if (path.ends_with(end)) found.emplace_back(path);
    }
    return found;
  }
  static void FlipByte(const fs::path& path, uint64_t at) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    const char byte = static_cast<char>(file.get() ^ 0x40);
    file.seekp(static_cast<std::streamoff>(at));
    file.put(byte);
  }

  TemporaryFolder folder_;
  PosixWorld world_{{.root = folder_.path()}};
};

TEST_F(DatabaseTest, WhatWasWrittenIsThereAfterAReopen) {
  Fill();
  auto db = MustOpen();
  EXPECT_EQ(*db->Read("k007"), std::string(50, 'v'));
  EXPECT_EQ(*db->Read("unflushed"), "v");
  EXPECT_EQ(ReadAll(*db, false)->size(), 301u);
  EXPECT_TRUE(db->Verify().ok());
  EXPECT_TRUE(db->Close().ok());
  EXPECT_TRUE(db->Close().ok());
}

TEST_F(DatabaseTest, AfterAFlushTheLogBehindItGoes) {
  DatabaseOptions options = TinyOptions();
  options.log.segment_bytes = 20 * kKiB;
  auto db = MustOpen(options);
  for (int i = 0; i < 600; ++i) {
    ASSERT_TRUE(db->Write(absl::StrFormat("k%03d", i % 50), std::string(100, 'v')).ok());
  }
  ASSERT_TRUE(db->Flush().ok());
  EXPECT_GT(db->log().first_index(), LogIndex(300));
  EXPECT_TRUE(db->Close().ok());
}

TEST_F(DatabaseTest, ALockedFolderIsRefused) {
  auto db = MustOpen();
  EXPECT_EQ(Open().status().code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(db->Write("still", "works").ok());
  EXPECT_TRUE(db->Close().ok());
}

TEST_F(DatabaseTest, AFolderOfSomebodyElseIsRefused) {
  std::ofstream(folder_.path() + "/thesis.txt") << "words";
  ExpectRefused(StatusCode::kFailedPrecondition, "thesis.txt");
}

// As LevelDB and RocksDB leave it: they have a file of that name too.
TEST_F(DatabaseTest, ALockAloneDoesNotMakeAFolderOurs) {
  for (const char* name : {"CURRENT", "LOCK", "MANIFEST-000004", "000005.log"}) {
    std::ofstream(folder_.path() + "/" + name) << "theirs";
  }
  ExpectRefused(StatusCode::kFailedPrecondition, "not a database");
  EXPECT_FALSE(fs::exists(folder_.path() + "/tables"));
  for (const char* name : {"CURRENT", "MANIFEST-000004", "000005.log"}) {
    fs::remove(folder_.path() + "/" + name);
  }
  EXPECT_TRUE(MustOpen()->Close().ok());
}

// A power cut may leave just this of a first opening: the lock's name was not durable, nor the
// second half of the directory's.
TEST_F(DatabaseTest, AFolderThatIsOnlyJustBegunIsOurs) {
  fs::create_directory(folder_.path() + "/tables.tmp");
  auto db = MustOpen();
  EXPECT_TRUE(db->Write("k", "v").ok());
  EXPECT_TRUE(db->Close().ok());
  EXPECT_FALSE(fs::exists(folder_.path() + "/tables.tmp"));
}

TEST_F(DatabaseTest, WhetherItExistsMayBeAsked) {
  DatabaseOptions must_exist = TinyOptions();
  must_exist.create_if_missing = false;
  ExpectRefused(StatusCode::kNotFound, "no database", must_exist);
  Fill();
  DatabaseOptions must_be_new = TinyOptions();
  must_be_new.refuse_if_exists = true;
  ExpectRefused(StatusCode::kAlreadyExists, "already", must_be_new);
  EXPECT_TRUE(MustOpen(must_exist)->Close().ok());
}

TEST_F(DatabaseTest, AlsoWhereTheLogIsAFolderInAFolder) {
  DatabaseOptions must_exist = TinyOptions();
  must_exist.log.directory = "a/log";
  DatabaseOptions must_be_new = must_exist;
  must_exist.create_if_missing = false;
  must_be_new.refuse_if_exists = true;
  ExpectRefused(StatusCode::kNotFound, "no database", must_exist);
  EXPECT_TRUE(MustOpen(must_be_new)->Close().ok());
  ExpectRefused(StatusCode::kAlreadyExists, "already", must_be_new);
  EXPECT_TRUE(MustOpen(must_exist)->Close().ok());
}

TEST_F(DatabaseTest, AMissingTableIsNamed) {
  Fill();
  const fs::path table = FilesEndingWith(".ldb").front();
  fs::remove(table);
  ExpectRefused(StatusCode::kDataLoss, table.filename().string());
}

TEST_F(DatabaseTest, ADamagedTableIsNamed) {
  Fill();
  const fs::path table = FilesEndingWith(".ldb").front();
  FlipByte(table, fs::file_size(table) - 20);
  ExpectRefused(StatusCode::kDataLoss, table.filename().string());
}

TEST_F(DatabaseTest, AnotherTableInItsPlaceIsNamed) {
  Fill();
  const std::vector<fs::path> tables = FilesEndingWith(".ldb");
  ASSERT_GE(tables.size(), 2u);
  fs::copy_file(tables[1], tables[0], fs::copy_options::overwrite_existing);
  ExpectRefused(StatusCode::kDataLoss, tables[0].filename().string());
}

TEST_F(DatabaseTest, DamageInTheMiddleOfTheManifestIsNamed) {
  {
    auto db = MustOpen();
    for (int i = 0; i < 4; ++i) {
      ASSERT_TRUE(db->Write("k", "v").ok());
      ASSERT_TRUE(db->Flush().ok());
    }
    ASSERT_TRUE(db->Close().ok());
  }
  for (const auto& [path, content] : Files()) {
    if (path.find("MANIFEST-") != std::string::npos) FlipByte(path, 70);
  }
  ExpectRefused(StatusCode::kDataLoss, "MANIFEST-");
}

TEST_F(DatabaseTest, ALostPointerIsNotTakenForANewDatabase) {
  Fill();
  for (const auto& [path, content] : Files()) {
    if (path.find("CURRENT") != std::string::npos) fs::remove(path);
  }
  ExpectRefused(StatusCode::kDataLoss, "no pointer to a manifest");
}

TEST_F(DatabaseTest, ALostLogIsNotTakenForAnEmptyOne) {
  Fill();
  fs::remove_all(folder_.path() + "/log");
  const absl::Status status = Open().status();
  EXPECT_EQ(status.code(), StatusCode::kDataLoss) << status;
  EXPECT_THAT(MessageOf(status), HasSubstr("the log has lost its end"));
}

// Where nothing was flushed yet, the tables know of no entry, but that there was a log.
TEST_F(DatabaseTest, NorIsItWhereNothingWasFlushedYet) {
  for (const bool folder_too : {true, false}) {
    auto db = MustOpen();
    ASSERT_TRUE(db->Write("synced", "v").ok());
    ASSERT_EQ(db->store().durable_index(), LogIndex(0));
    ASSERT_TRUE(db->Close().ok());
    for (const fs::path& segment : FilesEndingWith(".wal")) fs::remove(segment);
    if (folder_too) fs::remove_all(folder_.path() + "/log");
    ExpectRefused(StatusCode::kDataLoss, "the log has no segment");
    ExpectRefused(StatusCode::kDataLoss, "the log has no segment");
    for (const auto& one : fs::directory_iterator(folder_.path())) fs::remove_all(one.path());
  }
}

TEST_F(DatabaseTest, DamageInATableIsToldByWhoReadsIt) {
  Fill();
  const fs::path table = FilesEndingWith(".ldb").front();
  FlipByte(table, 100);  // in its first block: opening does not read it
  auto db = MustOpen();
  EXPECT_EQ(db->RangeScan({}).status().code(), StatusCode::kDataLoss);
  const absl::Status verified = db->Verify();
  EXPECT_EQ(verified.code(), StatusCode::kDataLoss);
  EXPECT_THAT(MessageOf(verified), HasSubstr(table.filename().string()));
  EXPECT_TRUE(db->Close().ok());
}

TEST_F(DatabaseTest, WhatIsBeyondTheLimitsIsRefusedAndNothingHappens) {
  auto db = MustOpen();
  EXPECT_EQ(db->Write(std::string(kMaxStoreKeyBytes + 1, 'k'), "v").code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(db->Write("k", std::string(kMaxStoreValueBytes + 1, 'v')).code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(db->Read(std::string(kMaxStoreKeyBytes + 1, 'k')).status().code(),
            StatusCode::kInvalidArgument);
  WriteBatch large;
  for (int i = 0; i < 3; ++i) large.Put(absl::StrFormat("%d", i), std::string(6 * kMiB, 'v'));
  EXPECT_EQ(db->BatchWrite(large).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(db->last_applied(), LogIndex(0));
  EXPECT_TRUE(
      db->Write(std::string(kMaxStoreKeyBytes, 'k'), std::string(kMaxStoreValueBytes, 'v')).ok());
  EXPECT_TRUE(db->Close().ok());
}

TEST_F(DatabaseTest, OptionsThatCannotWorkAreRefused) {
  const auto refused = [&](const std::string& what, auto change) {
    DatabaseOptions options = TinyOptions();
    change(options);
    ExpectRefused(StatusCode::kInvalidArgument, what, options);
  };
  using O = DatabaseOptions;
  refused("memtable_bytes: 0", [](O& o) { o.lsm.memtable_bytes = 0; });
  refused("max_sealed: 0", [](O& o) { o.lsm.max_sealed = 0; });
  refused("table_bytes: 0", [](O& o) { o.lsm.table_bytes = 0; });
  refused("memtable_bytes: ", [](O& o) { o.lsm.memtable_bytes = kMaxMemtableBytes + 1; });
  refused("table_bytes: ", [](O& o) { o.lsm.table_bytes = kMaxBytesOfTable + 1; });
  refused("manifest_bytes: 134217729, want at most 134217728",
          [](O& o) { o.lsm.manifest_bytes = 128 * kMiB + 1; });
  refused("index_partition_blocks: 32769, want at most 32768",
          [](O& o) { o.lsm.table.index_partition_blocks = kMaxIndexPartitionBlocks + 1; });
  refused("room_patience: -1 ns", [](O& o) { o.lsm.room_patience = Duration(-1); });
  refused("level_ratio: 1", [](O& o) { o.lsm.level_ratio = 1; });
  refused("level0_trigger: 0", [](O& o) { o.lsm.level0_trigger = 0; });
  refused("level0_slowdown: 0", [](O& o) { o.lsm.level0_slowdown = 0; });
  refused("level0_stop: 3, want at least level0_trigger (4)", [](O& o) {
    o.lsm.level0_trigger = 4;
    o.lsm.level0_slowdown = o.lsm.level0_stop = 3;
  });
  refused("level0_slowdown: 5, want at most level0_stop (4)", [](O& o) {
    o.lsm.level0_trigger = o.lsm.level0_stop = 4;
    o.lsm.level0_slowdown = 5;
  });
  refused("restart_interval: 0", [](O& o) { o.lsm.table.restart_interval = 0; });
  refused("index_partition_blocks: 0", [](O& o) { o.lsm.table.index_partition_blocks = 0; });
  refused("filter_bits_per_key: 65", [](O& o) { o.lsm.table.filter_bits_per_key = 65; });
  refused("block_bytes: ", [](O& o) { o.lsm.table.block_bytes = kMaxTableValueBytes + 1; });
  refused("group_bytes: 0", [](O& o) { o.group_bytes = 0; });
  refused("sync_interval: 0", [](O& o) { o.sync_interval = Duration::zero(); });
  refused("segments of 1 bytes", [](O& o) { o.log.segment_bytes = 1; });
  refused("alignment 100", [](O& o) { o.log.alignment = 100; });
  refused("no directory", [](O& o) { o.log.directory.clear(); });
  EXPECT_TRUE(fs::is_empty(folder_.path())) << "nothing was begun";
}

// As far as they may go: level 0 stops writers at the very table that a compaction begins with.
TEST_F(DatabaseTest, TheNarrowestLevelZeroStillMoves) {
  DatabaseOptions options = TinyOptions();
  options.lsm.level0_trigger = options.lsm.level0_slowdown = options.lsm.level0_stop = 1;
  auto db = MustOpen(options);
  for (int i = 0; i < 100; ++i) {
    const std::string key = absl::StrFormat("k%03d", i);
    ASSERT_TRUE(db->Write(key, std::string(50, 'v'), Durability::kBuffered).ok());
  }
  EXPECT_TRUE(db->Compact().ok());
  EXPECT_TRUE(db->Close().ok());
}

TEST_F(DatabaseTest, AClosedDatabaseRefusesWrites) {
  auto db = MustOpen();
  EXPECT_TRUE(db->Close().ok());
  EXPECT_EQ(db->Write("k", "v").code(), StatusCode::kFailedPrecondition);
}

TEST_F(DatabaseTest, ManyWritersShareEntriesAndSyncs) {
  auto db = MustOpen();
  std::vector<std::thread> writers;
  for (int w = 0; w < 8; ++w) {
    writers.emplace_back([&, w] {
      for (int i = 0; i < 100; ++i) {
        const Durability durability = i % 2 == 0 ? Durability::kSynced : Durability::kBuffered;
        EXPECT_TRUE(db->Write(absl::StrFormat("%d.%d", w, i), "v", durability).ok());
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(ReadAll(*db, false)->size(), 800u);
  EXPECT_LE(db->last_applied(), LogIndex(800));
  EXPECT_TRUE(db->Close().ok());
  db = MustOpen();
  EXPECT_EQ(ReadAll(*db, true)->size(), 800u);
  EXPECT_TRUE(db->Close().ok());
}

TEST_F(DatabaseTest, OtherStoresGoBehindTheSameFront) {
  DatabaseOptions memory = TinyOptions();
  memory.backend = Backend::kMemory;
  DatabaseOptions rocksdb = TinyOptions();
  rocksdb.store = RocksDbStoreIn(folder_.path() + "/rocksdb", {.memtable_bytes = 64 * kKiB});
  for (const DatabaseOptions& options : {memory, rocksdb}) {
    for (int life = 0; life < 3; ++life) {
      auto db = MustOpen(options);
      for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(db->Write(absl::StrFormat("%d.%d", life, i), "v").ok());
      }
      EXPECT_EQ(ReadAll(*db, false)->size(), 100u * (life + 1));
      EXPECT_TRUE(db->Close().ok());
    }
    for (const auto& one : fs::directory_iterator(folder_.path())) fs::remove_all(one.path());
  }
}

}  // namespace
}  // namespace wt::test
