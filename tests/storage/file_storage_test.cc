// FileStorage beyond the conformance suite: the lock between processes, old names, the log for
// people, and what a failed sync means for this life and the next.
#include "engine/storage/file_storage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/storage/log_file.h"
#include "tests/storage/pointer_states.h"
#include "tests/storage/worlds.h"

namespace wt::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr FileDesc kTable{FileType::kTable, 7};
constexpr FileDesc kJournal{FileType::kJournal, 8};
constexpr FileDesc kManifest{FileType::kManifest, 9};

class FileStorageTest : public testing::Test {
 protected:
  std::unique_ptr<Storage> Open(FileStorageOptions options = {}) {
    absl::StatusOr<std::unique_ptr<Storage>> storage =
        OpenFileStorage(world_.env(), std::move(options));
    EXPECT_TRUE(storage.ok()) << storage.status();
    return storage.ok() ? *std::move(storage) : nullptr;
  }
  void Plant(std::string_view name, std::string_view content) {
    PlantFile(world_.disk, name, content);
  }
  std::string Log() { return world_.disk.Content("storage/LOG").value_or("<none>"); }

  MemoryEnv world_;
};

TEST_F(FileStorageTest, OnlyOneWriterAtATime) {
  for (const bool closes : {true, false}) {
    std::unique_ptr<Storage> first = Open();
    const absl::Status second = OpenFileStorage(world_.env(), {}).status();
    EXPECT_TRUE(IsLocked(second)) << second;
    if (closes) {
      EXPECT_TRUE(first->Close().ok());
      EXPECT_NE(Open(), nullptr);  // though the closed one still lives
    }
  }
  EXPECT_NE(Open(), nullptr);
}

TEST_F(FileStorageTest, FoldersAreMadeAndDurable) {
  std::unique_ptr<Storage> storage = Open({.folder = "a/b/c"});
  ASSERT_TRUE(WriteWholeFile(*storage, kTable, "x").ok());
  storage.reset();
  world_.disk.Crash(CrashKind::kLoseUnsynced);
  EXPECT_EQ(ReadWholeFile(*Open({.folder = "a/b/c"}), kTable, 10).value_or("?"), "x");
}

TEST_F(FileStorageTest, TheDataFolderItselfCanBeTheFolder) {
  std::unique_ptr<Storage> storage = Open({.folder = ""});
  ASSERT_TRUE(WriteWholeFile(*storage, kTable, "x").ok());
  EXPECT_EQ(world_.disk.Content("000007.ldb"), "x");
}

TEST_F(FileStorageTest, ReadingMakesNothing) {
  EXPECT_TRUE(
      absl::IsNotFound(OpenFileStorage(world_.env(), {.mode = StorageMode::kReadOnly}).status()));
  EXPECT_THAT(world_.disk.Paths(), IsEmpty());
  Plant("000007.ldb", "x");
  const std::vector<std::string> before = world_.disk.Paths();
  std::unique_ptr<Storage> one = Open({.mode = StorageMode::kReadOnly});
  std::unique_ptr<Storage> two = Open({.mode = StorageMode::kReadOnly});
  std::unique_ptr<Storage> writer = Open();  // beside them
  std::unique_ptr<Storage> three = Open({.mode = StorageMode::kReadOnly});
  writer.reset();
  one->Log("not written");
  EXPECT_EQ(ReadWholeFile(*two, kTable, 10).value_or("?"), "x");
  std::vector<std::string> after = world_.disk.Paths();
  std::erase(after, "storage/LOCK");  // the writer's
  EXPECT_EQ(after, before);
}

TEST(FileStorageOnPosixTest, AFileIsNoFolder) {
  PosixFolder world;
  ASSERT_TRUE(world.env().disk.Open("storage", OpenMode::kCreate).ok());
  EXPECT_FALSE(world.Open(StorageMode::kReadWrite).ok());
  EXPECT_FALSE(world.Open(StorageMode::kReadOnly).ok());
}

TEST_F(FileStorageTest, OtherFilesAreNotListed) {
  for (const char* name : {"7.log", "000007.log.bak", "notes.txt", "CURRENT", "LOG"}) {
    Plant(name, "x");
  }
  ASSERT_TRUE(world_.disk.CreateDirectory("storage/000009.ldb").ok());
  EXPECT_THAT(Open()->List(kAllFileTypes).value_or(std::vector<FileDesc>{kTable}), IsEmpty());
}

// ---- Edge 7: tables under their old name.

TEST_F(FileStorageTest, OldTablesAreReadRenamedAndRemoved) {
  Plant("000007.sst", "old");
  Plant("000011.sst", "eleven");
  std::unique_ptr<Storage> storage = Open();
  EXPECT_THAT(storage->List(FileType::kTable).value_or(std::vector<FileDesc>{}),
              ElementsAre(kTable, FileDesc{FileType::kTable, 11}));
  EXPECT_EQ(ReadWholeFile(*storage, kTable, 10).value_or("?"), "old");
  EXPECT_TRUE(storage->Rename(kTable, {FileType::kTable, 12}).ok());
  EXPECT_EQ(world_.disk.Content("storage/000012.ldb"), "old");
  EXPECT_TRUE(storage->Remove({FileType::kTable, 11}).ok());
  EXPECT_THAT(storage->List(kAllFileTypes).value_or(std::vector<FileDesc>{}),
              ElementsAre(FileDesc{FileType::kTable, 12}));
}

TEST_F(FileStorageTest, ATableUnderBothNamesIsOneTable) {
  Plant("000007.sst", "old");
  Plant("000007.ldb", "new");
  std::unique_ptr<Storage> storage = Open();
  EXPECT_THAT(storage->List(kAllFileTypes).value_or(std::vector<FileDesc>{}), ElementsAre(kTable));
  EXPECT_EQ(ReadWholeFile(*storage, kTable, 10).value_or("?"), "new");
  EXPECT_TRUE(storage->Remove(kTable).ok());
  EXPECT_TRUE(absl::IsNotFound(storage->Open(kTable).status()));  // the old one does not show again
}

TEST_F(FileStorageTest, AnOldNameDoesNotOutliveItsReplacement) {
  Plant("000007.sst", "old");
  std::unique_ptr<Storage> storage = Open();
  ASSERT_TRUE(WriteWholeFile(*storage, kTable, "new").ok());
  EXPECT_EQ(world_.disk.Content("storage/000007.sst"), std::nullopt);
  EXPECT_EQ(ReadWholeFile(*storage, kTable, 10).value_or("?"), "new");
}

// ---- Durability. Edge 9: the first sync of a file makes its name durable, whatever its type.

TEST_F(FileStorageTest, SyncMakesTheNameDurable) {
  for (const FileType type : kFileTypes) {
    const FileDesc fd{type, 42};
    std::unique_ptr<Storage> storage = Open();
    absl::StatusOr<std::unique_ptr<StorageWriter>> writer = storage->Create(fd);
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE((*writer)->Append("synced").ok());
    ASSERT_TRUE((*writer)->Sync().ok());
    ASSERT_TRUE((*writer)->Append(" not synced").ok());
    writer->reset();
    storage.reset();
    world_.disk.Crash(CrashKind::kLoseUnsynced);
    EXPECT_EQ(ReadWholeFile(*Open(), fd, 100).value_or("?"), "synced") << fd.ToString();
  }
}

TEST_F(FileStorageTest, LaterSyncsOfAFileLeaveTheFolderAlone) {
  std::unique_ptr<Storage> storage = Open();
  absl::StatusOr<std::unique_ptr<StorageWriter>> writer = storage->Create(kJournal);
  ASSERT_TRUE(writer.ok());
  world_.disk.ResetCalls();
  ASSERT_TRUE((*writer)->Sync().ok());
  EXPECT_EQ(world_.disk.calls(), 2u);
  world_.disk.ResetCalls();
  ASSERT_TRUE((*writer)->Sync().ok());
  EXPECT_EQ(world_.disk.calls(), 1u);
}

TEST_F(FileStorageTest, AWriterIsDeadAfterAFailure) {
  std::unique_ptr<Storage> storage = Open();
  for (const bool append : {true, false}) {
    absl::StatusOr<std::unique_ptr<StorageWriter>> writer = storage->Create(kTable);
    ASSERT_TRUE(writer.ok());
    world_.disk.FailAt(1, Unavailable("device"));
    EXPECT_TRUE(absl::IsUnavailable(append ? (*writer)->Append("x") : (*writer)->Sync()));
    EXPECT_EQ(StorageErrorOf((*writer)->Append("x")), StorageError::kDead);
    EXPECT_EQ(StorageErrorOf((*writer)->Sync()), StorageError::kDead);
    EXPECT_TRUE((*writer)->Close().ok());
  }
}

// Later syncs of the folder would say OK, and names would be lost all the same.
TEST_F(FileStorageTest, TheStorageIsDeadAfterAFailedSyncOfTheFolder) {
  std::unique_ptr<Storage> storage = Open();
  ASSERT_TRUE(WriteWholeFile(*storage, kManifest, "m").ok());
  absl::StatusOr<std::unique_ptr<StorageWriter>> other = storage->Create(kJournal);
  absl::StatusOr<std::unique_ptr<StorageWriter>> writer = storage->Create(kTable);
  ASSERT_TRUE(writer.ok() && other.ok());
  world_.disk.FailAt(2, Unavailable("device"));  // the file, then the folder
  EXPECT_TRUE(absl::IsUnavailable((*writer)->Sync()));
  for (const absl::Status& status :
       {(*other)->Sync(), storage->Create({FileType::kTemp, 1}).status(),
        storage->Remove(kManifest), storage->Rename(kManifest, {FileType::kTemp, 1}),
        storage->SetMeta(kManifest), storage->GetMeta().status()}) {
    EXPECT_EQ(StorageErrorOf(status), StorageError::kDead) << status;
  }
  EXPECT_EQ(ReadWholeFile(*storage, kManifest, 10).value_or("?"), "m");
  writer->reset();
  other->reset();
  storage.reset();
  EXPECT_TRUE(WriteWholeFile(*Open(), kTable, "x").ok());
}

// The cache of the system shows what a failed sync has lost; a journal that is read does not.
TEST_F(FileStorageTest, AJournalShowsOnlyWhatIsDurable) {
  for (const FileDesc& fd : {kJournal, kManifest}) {
    std::unique_ptr<Storage> storage = Open();
    absl::StatusOr<std::unique_ptr<StorageWriter>> writer = storage->Create(fd);
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE((*writer)->Append("durable").ok());
    ASSERT_TRUE((*writer)->Sync().ok());
    ASSERT_TRUE((*writer)->Append(" lost").ok());
    world_.disk.FailAt(1, Unavailable("device"));
    EXPECT_FALSE((*writer)->Sync().ok());
    writer->reset();
    storage.reset();
    EXPECT_EQ(ReadWholeFile(*Open(), fd, 100).value_or("?").substr(0, 12), "durable");
  }
}

TEST_F(FileStorageTest, ARenameIsDurable) {
  std::unique_ptr<Storage> storage = Open();
  ASSERT_TRUE(WriteWholeFile(*storage, {FileType::kTemp, 1}, "x").ok());
  ASSERT_TRUE(storage->Rename({FileType::kTemp, 1}, kTable).ok());
  storage.reset();
  world_.disk.Crash(CrashKind::kLoseUnsynced);
  storage = Open();
  EXPECT_EQ(ReadWholeFile(*storage, kTable, 10).value_or("?"), "x");
  EXPECT_THAT(storage->List(kAllFileTypes).value_or(std::vector<FileDesc>{}), ElementsAre(kTable));
}

// ---- The log for people.

TEST_F(FileStorageTest, LogHasTimesAndABannerPerDay) {
  std::unique_ptr<Storage> storage = Open();
  world_.clock.Advance(std::chrono::hours(10) + std::chrono::microseconds(1'000'042));
  storage->Log("first");
  storage->Log("second\nline");
  world_.clock.Advance(std::chrono::hours(24 * 31));  // the same day of the next month
  storage->Log("later");
  EXPECT_EQ(Log(),
            "=============== Dec 20, 2019 (UTC) ===============\n"
            "10:00:01.000042 first\n"
            "10:00:01.000042 second line\n"
            "=============== Jan 20, 2020 (UTC) ===============\n"
            "10:00:01.000042 later\n");
}

TEST_F(FileStorageTest, DaysAndTimesAreThoseOfTheCalendar) {
  const auto at = [](int64_t seconds) { return WallTime(std::chrono::seconds(seconds)); };
  EXPECT_EQ(DayOf(at(0)), "Jan 1, 1970 (UTC)");
  EXPECT_EQ(DayOf(at(951'782'400)), "Feb 29, 2000 (UTC)");
  EXPECT_EQ(TimeOfDay(at(951'782'399)), "23:59:59.000000");
  EXPECT_EQ(DayOf(at(-1)), "Dec 31, 1969 (UTC)");
  EXPECT_EQ(TimeOfDay(at(-1)), "23:59:59.000000");
}

TEST_F(FileStorageTest, ALargeLogIsPutAside) {
  std::unique_ptr<Storage> storage = Open({.log_limit = 200});
  storage->Log(std::string(200, 'a'));
  storage->Log("b");
  EXPECT_THAT(Log(), HasSubstr(" b\n"));
  EXPECT_EQ(Log().find("aaa"), std::string::npos);
  EXPECT_THAT(world_.disk.Content("storage/LOG.old").value_or(""), HasSubstr("aaa"));
  storage.reset();
  Open({.log_limit = 200})->Log("c");
  EXPECT_THAT(Log(), HasSubstr(" b\n"));  // goes on where it was
  EXPECT_THAT(Log(), HasSubstr(" c\n"));
}

TEST_F(FileStorageTest, ALogThatCannotBeWrittenDropsLinesAndGoesOn) {
  for (uint64_t n = 1; n <= 5; ++n) {
    MemoryEnv world;
    std::unique_ptr<Storage> storage = OpenFileStorage(world.env(), {.log_limit = 100}).value();
    storage->Log(std::string(150, 'a'));
    world.disk.FailAt(n, Unavailable("device"));
    for (int i = 0; i < 4; ++i) storage->Log("line " + std::to_string(i));
    const std::string log = world.disk.Content("storage/LOG").value_or("");
    EXPECT_THAT(log, HasSubstr("line 3\n")) << n;
  }
}

TEST_F(FileStorageTest, CloseTellsOfFilesLeftOpen) {
  std::unique_ptr<Storage> storage = Open();
  ASSERT_TRUE(WriteWholeFile(*storage, kTable, "x").ok());
  absl::StatusOr<std::unique_ptr<StorageReader>> reader = storage->Open(kTable);
  ASSERT_TRUE(storage->Close().ok());
  EXPECT_THAT(Log(), HasSubstr("closed with 1 files open"));
}

// ---- Every call to the disk fails once: never a wrong content, and the next life works.

TEST_F(FileStorageTest, EveryCallMayFailOnce) {
  const auto play = [](MemoryEnv& world) -> absl::Status {
    WT_ASSIGN_OR_RETURN(const std::unique_ptr<Storage> storage, OpenFileStorage(world.env(), {}));
    WT_RETURN_IF_ERROR(WriteWholeFile(*storage, {FileType::kTemp, 1}, std::string(5000, 'x')));
    WT_RETURN_IF_ERROR(storage->Rename({FileType::kTemp, 1}, kTable));
    WT_RETURN_IF_ERROR(WriteWholeFile(*storage, kManifest, "m"));
    WT_RETURN_IF_ERROR(storage->SetMeta(kManifest));
    WT_RETURN_IF_ERROR(ReadWholeFile(*storage, kManifest, 10).status());
    WT_RETURN_IF_ERROR(storage->List(kAllFileTypes).status());
    return storage->Close();
  };
  MemoryEnv undisturbed;
  ASSERT_TRUE(play(undisturbed).ok());
  const uint64_t calls = undisturbed.disk.calls();
  ASSERT_GT(calls, 25u);
  for (const FailureEffect effect : {FailureEffect::kNone, FailureEffect::kDone}) {
    for (const absl::Status& error : {Unavailable("device"), ResourceExhausted("no room")}) {
      for (uint64_t n = 1; n <= calls; ++n) {
        MemoryEnv world;
        world.disk.FailAt(n, error, effect);
        const absl::Status failed = play(world);
        world.disk.Crash(CrashKind::kMixed, n);
        std::unique_ptr<Storage> storage = OpenFileStorage(world.env(), {}).value();
        const absl::StatusOr<FileDesc> pointer = storage->GetMeta();
        EXPECT_TRUE(pointer.ok() || absl::IsNotFound(pointer.status())) << pointer.status();
        if (pointer.ok()) {
          EXPECT_EQ(ReadWholeFile(*storage, kTable, 10'000).value_or("?"), std::string(5000, 'x'))
              << n;
        }
        EXPECT_TRUE(pointer.ok() || !failed.ok());
      }
    }
  }
}

}  // namespace
}  // namespace wt::test
