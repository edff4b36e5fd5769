// Nothing that nobody needs stays in the folder: not what was replaced, and not what could not be
// finished, even where the storage refuses to remove it at first. Over a storage in memory whose
// calls fail as told.
#include "engine/lsm/obsolete_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/kv/write_batch.h"
#include "engine/lsm/lsm_store.h"
#include "engine/posix/posix_world.h"
#include "engine/storage/faulty_storage.h"
#include "engine/storage/memory_storage.h"
#include "tests/posix/temporary_folder.h"

namespace wt {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

class ObsoleteFilesTest : public testing::Test {
 protected:
  ObsoleteFilesTest() {
    storage_ = std::make_unique<FaultyStorage>(
        world_.env().tasks, NewMemoryStorage(world_.env().tasks, std::make_shared<MemoryFiles>()));
    // Every edit makes the manifest too long.
    store_ = *LsmStore::Open(world_.env(), *storage_, {.compaction = false, .manifest_bytes = 1});
    WT_CHECK(store_->Begin().ok());
  }
  // Another table, and an edit that tells of it.
  absl::Status FlushOne() {
    WriteBatch batch;
    batch.Put("key", "value");
    WT_RETURN_IF_ERROR(store_->Apply(store_->applied_index() + 1, batch.bytes()));
    return store_->Flush();
  }
  // Until another manifest was begun, or was to be.
  void FlushUntilItIsLong() {
    const uint64_t before = ManifestsCreated();
    while (ManifestsCreated() == before) ASSERT_TRUE(FlushOne().ok());
  }
  uint64_t ManifestsCreated() {
    return storage_->Count(StorageCall::kCreate, FileType::kManifest).calls;
  }
  std::vector<FileDesc> Files(FileTypes types) { return *storage_->List(types); }

  TemporaryFolder folder_;
  PosixWorld world_{{.root = folder_.path()}};
  std::unique_ptr<FaultyStorage> storage_;
  std::unique_ptr<LsmStore> store_;
};

TEST_F(ObsoleteFilesTest, AManifestThatCouldNotBeFinishedIsRemovedLater) {
  storage_->Inject({.calls = StorageCall::kSetMeta, .when = Once()});
  storage_->Inject({.calls = StorageCall::kRemove, .types = FileType::kManifest, .when = Once()});
  FlushUntilItIsLong();
  ASSERT_TRUE(FlushOne().ok());
  ASSERT_TRUE(store_->Close().ok());
  EXPECT_EQ(storage_->Count(StorageCall::kRemove, FileType::kManifest).failed, 1u);
  EXPECT_THAT(Files(FileType::kManifest), ElementsAre(*storage_->GetMeta()));
}

TEST_F(ObsoleteFilesTest, AManifestThatWasReplacedIsRemovedLater) {
  storage_->Inject({.calls = StorageCall::kRemove, .types = FileType::kManifest, .when = Once()});
  FlushUntilItIsLong();
  ASSERT_TRUE(FlushOne().ok());
  ASSERT_TRUE(store_->Close().ok());
  EXPECT_EQ(storage_->Count(StorageCall::kRemove, FileType::kManifest).failed, 1u);
  EXPECT_THAT(Files(FileType::kManifest), ElementsAre(*storage_->GetMeta()));
}

TEST_F(ObsoleteFilesTest, ATableThatCouldNotBeFinishedIsRemovedLater) {
  storage_->Inject({.calls = StorageCall::kSync,
                    .types = FileType::kTable,
                    .when = Once(),
                    .error = absl::ResourceExhaustedError("no room")});
  storage_->Inject({.calls = StorageCall::kRemove, .types = FileType::kTable, .when = Once()});
  absl::Status flushed = FlushOne();
  while (!flushed.ok()) {
    ASSERT_TRUE(store_->AwaitRoom().ok());
    flushed = store_->Flush();
  }
  ASSERT_TRUE(FlushOne().ok());
  ASSERT_TRUE(store_->Close().ok());
  EXPECT_EQ(storage_->Count(StorageCall::kRemove, FileType::kTable).failed, 1u);
  EXPECT_THAT(Files(FileType::kTable), SizeIs(store_->levels()->level(0).size()));
}

}  // namespace
}  // namespace wt
