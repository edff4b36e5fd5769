// RocksDB behind the log: it flushes when it likes, and is never ahead of what the log has on the
// disk. The moment at which a process would die is the folder as it is then, copied.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>

#include "absl/strings/str_format.h"
#include "engine/base/status.h"
#include "engine/posix/posix_world.h"
#include "engine/rocksdb/rocksdb_store.h"
#include "tests/database/model.h"
#include "tests/engine/unreliable_disk.h"
#include "tests/posix/temporary_folder.h"

namespace wt::test {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

class RocksDbTest : public testing::Test {
 protected:
  static DatabaseOptions OptionsIn(const std::string& folder, uint64_t memtable_bytes = kMiB) {
    DatabaseOptions options = TinyOptions();
    options.sync_interval = std::chrono::hours(1);
    options.log.buffer_bytes = kMiB;  // more than is written here: nothing leaves it unasked
    options.log.segment_bytes = 4 * kMiB;
    options.store = RocksDbStoreIn(folder + "/rocksdb", {.memtable_bytes = memtable_bytes});
    return options;
  }
  std::unique_ptr<Database> MustOpen(uint64_t memtable_bytes = kMiB) {
    auto opened = Database::Open(OptionsIn(folder_.path(), memtable_bytes), env_);
    EXPECT_TRUE(opened.ok()) << opened.status();
    WT_CHECK(opened.ok());
    return *std::move(opened);
  }
  static void WriteBuffered(Database& db, int from, int to, uint64_t bytes = 10) {
    for (int i = from; i < to; ++i) {
      const std::string key = absl::StrFormat("k%04d", i);
      if (!db.Write(key, std::string(bytes, 'v'), Durability::kBuffered).ok()) return;
    }
  }
  // From now on the first write to the log finds what a death of the process would leave just then.
  void KeepWhatADeathLeaves() {
    disk_.SetBeforeLogWrite([this] {
      if (!kept_.exchange(true)) fs::copy(folder_.path(), copy_, fs::copy_options::recursive);
      return absl::OkStatus();
    });
  }
  // Of the copy; what was synced is there.
  void ExpectTheCopyOpens(uint64_t at_least) {
    ASSERT_TRUE(kept_);
    PosixWorld world({.root = copy_});
    auto again = Database::Open(OptionsIn(copy_), world.env());
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_GE(ReadAll(**again, false)->size(), at_least);
    EXPECT_TRUE((*again)->Write("more", "v").ok());
    EXPECT_TRUE((*again)->Close().ok());
  }

  TemporaryFolder folder_;
  TemporaryFolder elsewhere_;
  const std::string copy_ = elsewhere_.path() + "/copy";
  PosixWorld world_{{.root = folder_.path()}};
  UnreliableDisk disk_{world_.env().disk};
  Env env_{world_.env().clock,   world_.env().tasks,  disk_,
           world_.env().network, world_.env().events, world_.env().random};
  std::atomic<bool> kept_ = false;
};

TEST_F(RocksDbTest, AFlushWaitsForTheLog) {
  auto db = MustOpen();
  ASSERT_TRUE(db->Write("synced", "v").ok());
  KeepWhatADeathLeaves();
  WriteBuffered(*db, 0, 20);
  ASSERT_TRUE(db->Flush().ok());
  EXPECT_TRUE(db->Close().ok());
  ExpectTheCopyOpens(1);
}

TEST_F(RocksDbTest, SoDoesAFlushThatNobodyAskedFor) {
  auto db = MustOpen(64 * kKiB);
  ASSERT_TRUE(db->Write("synced", "v").ok());
  KeepWhatADeathLeaves();
  WriteBuffered(*db, 0, 200, kKiB);
  EXPECT_TRUE(db->Close().ok());
  ExpectTheCopyOpens(1);
}

TEST_F(RocksDbTest, SoDoesTheFlushOfAClose) {
  auto db = MustOpen();
  ASSERT_TRUE(db->Write("synced", "v").ok());
  KeepWhatADeathLeaves();
  WriteBuffered(*db, 0, 20);
  EXPECT_TRUE(db->Close().ok());
  ExpectTheCopyOpens(1);
}

TEST_F(RocksDbTest, WhereTheLogFailsNothingIsFlushed) {
  auto db = MustOpen();
  ASSERT_TRUE(db->Write("synced", "v").ok());
  ASSERT_TRUE(db->Flush().ok());
  const LogIndex durable = db->store().durable_index();
  WriteBuffered(*db, 0, 20);
  disk_.SetBeforeLogWrite([] { return Unavailable("the device is gone"); });
  EXPECT_FALSE(db->Flush().ok());
  EXPECT_EQ(db->store().durable_index(), durable);
  EXPECT_THAT(MessageOf(db->failure()), HasSubstr("the device is gone"));
  EXPECT_TRUE(absl::IsFailedPrecondition(db->Write("k", "v")));
  EXPECT_EQ(*db->Read("k0007"), std::string(10, 'v'));
  EXPECT_FALSE(db->Close().ok());
  disk_.SetBeforeLogWrite(nullptr);
  db = nullptr;
  db = MustOpen();
  EXPECT_EQ(*db->Read("synced"), "v");
  EXPECT_EQ(ReadAll(*db, false)->size(), 1u);
  EXPECT_TRUE(db->Close().ok());
}

}  // namespace
}  // namespace wt::test
