// What a derived store makes of the tables that its last life has left: whole ones are adopted,
// lost and damaged ones passed over; but what only cannot be read now is an error, and still there
// for the next life. Over a storage in memory whose calls fail as told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "engine/base/check.h"
#include "engine/kv/write_batch.h"
#include "engine/lsm/lsm_install.h"
#include "engine/posix/posix_world.h"
#include "engine/storage/faulty_storage.h"
#include "engine/storage/memory_storage.h"
#include "tests/posix/temporary_folder.h"

namespace wt {
namespace {

class LsmDerivedTest : public testing::Test {
 protected:
  LsmDerivedTest() {
    const auto store = Open();
    WT_CHECK(store.ok() && (*store)->Begin().ok());
    WriteBatch batch;
    batch.Put("key", "value");
    WT_CHECK((*store)->Apply(LogIndex(1), batch.bytes()).ok() && (*store)->Flush().ok());
    left_ = (*store)->levels()->level(0).front()->record;
    WT_CHECK((*store)->Close().ok());
  }

  absl::StatusOr<std::unique_ptr<LsmStore>> Open() {
    storage_ = nullptr;
    storage_ = std::make_unique<FaultyStorage>(world_.env().tasks,
                                               NewMemoryStorage(world_.env().tasks, files_));
    for (const StorageFault& fault : faults_) storage_->Inject(fault);
    return LsmStore::Open(world_.env(), *storage_, {.use_mapping = false, .derived = true});
  }
  std::string& TableBytes() { return *files_->contents.at({FileType::kTable, left_.file()}); }
  // Of the table that was left, in the next life.
  uint64_t AdoptedBytes() {
    const std::string bytes = TableBytes();
    const auto store = Open();
    WT_CHECK(store.ok());
    LsmInstall install(**store);
    WT_CHECK(install.BeginTable(0, left_).ok() && install.AddPiece(bytes).ok());
    (void)install.EndTable();  // of damaged bytes it makes no table
    install.Abandon();
    return install.adopted_bytes();
  }

  TemporaryFolder folder_;
  PosixWorld world_{{.root = folder_.path()}};
  std::shared_ptr<MemoryFiles> files_ = std::make_shared<MemoryFiles>();
  std::vector<StorageFault> faults_;
  std::unique_ptr<FaultyStorage> storage_;
  TableRecord left_;
};

TEST_F(LsmDerivedTest, WhatCannotBeReadIsAnErrorAndNotLost) {
  const std::pair<StorageCall, FileType> places[] = {{StorageCall::kGetMeta, FileType::kManifest},
                                                     {StorageCall::kOpen, FileType::kManifest},
                                                     {StorageCall::kRead, FileType::kManifest},
                                                     {StorageCall::kOpen, FileType::kTable},
                                                     {StorageCall::kRead, FileType::kTable}};
  for (const auto& [call, type] : places) {
    SCOPED_TRACE(NameOf(call));
    for (const absl::Status& error :
         {absl::UnavailableError("device"), absl::ResourceExhaustedError("no room")}) {
      faults_ = {{.calls = call, .types = type, .when = Once(), .error = error}};
      EXPECT_EQ(Open().status().code(), error.code());
    }
    faults_.clear();
    EXPECT_EQ(AdoptedBytes(), left_.bytes);
  }
}

TEST_F(LsmDerivedTest, ADamagedTableIsPassedOver) {
  TableBytes().back() ^= 1;
  EXPECT_EQ(AdoptedBytes(), 0u);
}

TEST_F(LsmDerivedTest, AMissingTableIsPassedOver) {
  files_->contents.erase({FileType::kTable, left_.file()});
  EXPECT_TRUE(Open().ok());
}

TEST_F(LsmDerivedTest, ADamagedOrMissingManifestIsPassedOver) {
  const FileDesc manifest = *files_->pointer;
  (*files_->contents.at(manifest))[20] ^= 1;
  EXPECT_EQ(AdoptedBytes(), 0u);
  files_->contents.erase(manifest);
  EXPECT_TRUE(Open().ok());
  files_->pointer.reset();
  EXPECT_TRUE(Open().ok());
}

}  // namespace
}  // namespace wt
