// The contract of engine/env/disk.h on an honest virtual disk: what reads, names, handles, locks
// and errors do, and what survives a kill and a power loss. No dial is turned.
#include <algorithm>
#include <set>

#include "gmock/gmock.h"
#include "tests/sim/disk_fixture.h"

namespace wt::sim {
namespace {

using ::testing::ElementsAre;

TEST(VirtualDiskTest, ReadsSeeWritesAtOnce) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.Create("a");
  ASSERT_EQ(*file->WriteAt(0, "hello"), 5u);
  EXPECT_EQ(rig.Content("a"), "hello");
  EXPECT_EQ(*file->Size(), 5u);
}

TEST(VirtualDiskTest, ReadAtOrPastTheEndIsZeroBytes) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.Create("a");
  ASSERT_TRUE(WriteFully(*file, 0, "hello").ok());
  char buffer[8];
  EXPECT_EQ(*file->ReadAt(5, buffer), 0u);
  EXPECT_EQ(*file->ReadAt(1'000'000, buffer), 0u);
  EXPECT_EQ(*file->ReadAt(3, buffer), 2u);
}

TEST(VirtualDiskTest, AGapReadsAsZeros) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.Create("a");
  ASSERT_TRUE(WriteFully(*file, 10'000, "x").ok());
  EXPECT_EQ(rig.Content("a"), std::string(10'000, '\0') + "x");
}

TEST(VirtualDiskTest, TruncatedBytesDoNotComeBackWhenTheFileGrows) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.Create("a");
  ASSERT_TRUE(WriteFully(*file, 0, std::string(9'000, 'x')).ok());
  ASSERT_TRUE(file->Truncate(100).ok());
  ASSERT_TRUE(file->Truncate(9'000).ok());
  EXPECT_EQ(rig.Content("a"), std::string(100, 'x') + std::string(8'900, '\0'));
}

TEST(VirtualDiskTest, AllocateExtendsWithZerosAndKeepsWhatIsThere) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.Create("a");
  ASSERT_TRUE(WriteFully(*file, 0, "abc").ok());
  ASSERT_TRUE(file->Allocate(0, 600).ok());
  EXPECT_EQ(rig.Content("a"), "abc" + std::string(597, '\0'));
  ASSERT_TRUE(file->Allocate(0, 100).ok());
  EXPECT_EQ(*file->Size(), 600u);
}

TEST(VirtualDiskTest, SyncedFileInSyncedDirectorySurvivesEveryPowerLoss) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    DiskRig rig(seed);
    rig.CreateDurable("a", "payload");
    rig.PowerLossAndBoot();
    EXPECT_EQ(rig.Content("a"), "payload");
  }
}

TEST(VirtualDiskTest, NothingUnsyncedIsPromised) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.CreateDurable("b", "old");
  rig.Create("a");
  ASSERT_TRUE(WriteFully(*file, 0, "new").ok());
  rig.LoseAllAndBoot();
  EXPECT_EQ(rig.Content("a"), std::nullopt);
  EXPECT_EQ(rig.Content("b"), "old");
}

TEST(VirtualDiskTest, WritesDuringASyncAreNotCoveredByIt) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.CreateDurable("a", "1");
  ASSERT_TRUE(WriteFully(*file, 0, "2").ok());
  bool wrote = false;
  rig.host.on_pause = [&] {
    if (wrote) return;
    wrote = true;
    ASSERT_TRUE(file->WriteAt(0, "3").ok());
  };
  ASSERT_TRUE(file->Sync().ok());
  rig.host.on_pause = nullptr;
  EXPECT_EQ(rig.Content("a"), "3");
  EXPECT_EQ(rig.disk.DurableBytes("a"), "2");
}

TEST(VirtualDiskTest, KillKeepsTheCache) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.Create("a");
  ASSERT_TRUE(WriteFully(*file, 0, "unsynced").ok());
  rig.KillAndBoot();
  EXPECT_EQ(rig.Content("a"), "unsynced");
  EXPECT_EQ(rig.disk.DurableBytes("a"), std::nullopt);
  rig.LoseAllAndBoot();
  EXPECT_EQ(rig.Content("a"), std::nullopt);
}

TEST(VirtualDiskTest, OpenModes) {
  DiskRig rig;
  EXPECT_TRUE(absl::IsNotFound(rig.files->Open("a", OpenMode::kReadOnly).status()));
  EXPECT_TRUE(absl::IsNotFound(rig.files->Open("a", OpenMode::kReadWrite).status()));
  rig.Create("a");
  EXPECT_TRUE(absl::IsAlreadyExists(rig.files->Open("a", OpenMode::kCreate).status()));
  std::unique_ptr<File> reader = rig.Open("a", OpenMode::kReadOnly);
  EXPECT_TRUE(absl::IsFailedPrecondition(reader->WriteAt(0, "x").status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(reader->Truncate(0)));
}

TEST(VirtualDiskTest, BadPathsAndRangesAreInvalidArguments) {
  DiskRig rig;
  for (std::string_view path : {"", "/a", "a/", "a//b", ".", "..", "a/../b", "a/."}) {
    EXPECT_TRUE(absl::IsInvalidArgument(rig.files->Open(path, OpenMode::kCreate).status())) << path;
    EXPECT_TRUE(absl::IsInvalidArgument(rig.files->Remove(path))) << path;
    EXPECT_TRUE(absl::IsInvalidArgument(rig.files->CreateDirectory(path))) << path;
  }
  const std::string long_name(256, 'n');
  EXPECT_TRUE(absl::IsInvalidArgument(rig.files->Open(long_name, OpenMode::kCreate).status()));
  std::unique_ptr<File> file = rig.Create("a");
  EXPECT_TRUE(absl::IsInvalidArgument(file->WriteAt(~uint64_t{0} - 1, "xyz").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(file->Allocate(~uint64_t{0}, 9)));
}

TEST(VirtualDiskTest, NamesNeedTheirDirectory) {
  DiskRig rig;
  EXPECT_TRUE(absl::IsNotFound(rig.files->Open("d/a", OpenMode::kCreate).status()));
  EXPECT_TRUE(absl::IsNotFound(rig.files->CreateDirectory("d/e")));
  EXPECT_TRUE(absl::IsNotFound(rig.files->SyncDirectory("d")));
  EXPECT_TRUE(absl::IsNotFound(rig.files->List("d").status()));
  ASSERT_TRUE(rig.files->CreateDirectory("d").ok());
  ASSERT_TRUE(rig.files->CreateDirectory("d").ok());
  rig.Create("d/a");
  EXPECT_TRUE(absl::IsAlreadyExists(rig.files->CreateDirectory("d/a")));
  EXPECT_TRUE(absl::IsInvalidArgument(rig.files->Remove("d")));
  EXPECT_TRUE(absl::IsNotFound(rig.files->Remove("d/b")));
}

TEST(VirtualDiskTest, ADirectoryIsDurableOnlyAfterItsParentIsSynced) {
  DiskRig rig;
  ASSERT_TRUE(rig.files->CreateDirectory("d").ok());
  rig.CreateDurable("d/a", "x");
  const DiskImage before = rig.disk.SaveImage();
  ASSERT_TRUE(rig.files->SyncDirectory("").ok());
  rig.LoseAllAndBoot();
  EXPECT_EQ(rig.Content("d/a"), "x");
  rig.disk.LoadImage(before);
  rig.files = &rig.disk.NewIncarnation();
  EXPECT_TRUE(absl::IsNotFound(rig.files->List("d").status()));
}

TEST(VirtualDiskTest, RenameReplacesAndIsDurableAfterDirectorySync) {
  DiskRig rig;
  rig.CreateDurable("a", "new");
  rig.CreateDurable("b", "old");
  ASSERT_TRUE(rig.files->Rename("a", "b").ok());
  EXPECT_EQ(rig.Content("b"), "new");
  EXPECT_EQ(rig.Content("a"), std::nullopt);
  EXPECT_EQ(rig.disk.DurableBytes("b"), "old");
  ASSERT_TRUE(rig.files->SyncDirectory("").ok());
  rig.LoseAllAndBoot();
  EXPECT_EQ(rig.Content("b"), "new");
  EXPECT_EQ(rig.Content("a"), std::nullopt);
}

TEST(VirtualDiskTest, RenameRefusesWhatCannotBe) {
  DiskRig rig;
  ASSERT_TRUE(rig.files->CreateDirectory("d").ok());
  rig.Create("a");
  EXPECT_TRUE(absl::IsNotFound(rig.files->Rename("x", "y")));
  EXPECT_TRUE(absl::IsNotFound(rig.files->Rename("a", "nowhere/a")));
  EXPECT_TRUE(absl::IsInvalidArgument(rig.files->Rename("d", "d/e")));
  EXPECT_TRUE(absl::IsInvalidArgument(rig.files->Rename("a", "d")));
  EXPECT_TRUE(rig.files->Rename("a", "a").ok());
  EXPECT_EQ(rig.Content("a"), "");
}

TEST(VirtualDiskTest, AnEmptyDirectoryMayBeReplacedByAnother) {
  DiskRig rig;
  ASSERT_TRUE(rig.files->CreateDirectory("d").ok());
  ASSERT_TRUE(rig.files->CreateDirectory("e").ok());
  rig.Create("d/a");
  EXPECT_TRUE(absl::IsFailedPrecondition(rig.files->Rename("e", "d")));
  EXPECT_TRUE(rig.files->Rename("d", "e").ok());
  EXPECT_EQ(rig.Content("e/a"), "");
  EXPECT_TRUE(absl::IsFailedPrecondition(rig.files->Rename("e/a", "e")));
  EXPECT_TRUE(absl::IsInvalidArgument(rig.files->Open("e/a/b", OpenMode::kCreate).status()));
}

TEST(VirtualDiskTest, MovingADirectoryMovesWhatIsInIt) {
  DiskRig rig;
  ASSERT_TRUE(rig.files->CreateDirectory("d").ok());
  rig.CreateDurable("d/a", "x");
  ASSERT_TRUE(rig.files->Rename("d", "e").ok());
  EXPECT_EQ(rig.Content("e/a"), "x");
  ASSERT_TRUE(rig.files->SyncDirectory("").ok());
  rig.LoseAllAndBoot();
  EXPECT_EQ(rig.Content("e/a"), "x");
}

TEST(VirtualDiskTest, RemovedFileStaysUsableThroughItsHandle) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.CreateDurable("a", "abc");
  ASSERT_TRUE(rig.files->Remove("a").ok());
  ASSERT_TRUE(WriteFully(*file, 3, "def").ok());
  std::string all(6, '\0');
  EXPECT_EQ(*ReadFully(*file, 0, all), 6u);
  EXPECT_EQ(all, "abcdef");
  EXPECT_EQ(rig.disk.used_bytes(), 6u);
  ASSERT_TRUE(file->Close().ok());
  EXPECT_EQ(rig.disk.used_bytes(), 0u);
}

TEST(VirtualDiskTest, RemovalIsDurableOnlyAfterDirectorySync) {
  DiskRig rig;
  rig.CreateDurable("a", "abc");
  ASSERT_TRUE(rig.files->Remove("a").ok());
  EXPECT_EQ(rig.disk.DurableBytes("a"), "abc");
  ASSERT_TRUE(rig.files->SyncDirectory("").ok());
  EXPECT_EQ(rig.disk.DurableBytes("a"), std::nullopt);
}

TEST(VirtualDiskTest, ListShowsOneLevelInKeyedOrder) {
  DiskRig rig;
  ASSERT_TRUE(rig.files->CreateDirectory("d").ok());
  rig.Create("d/below");
  for (int i = 0; i < 6; ++i) rig.Create("f" + std::to_string(i));
  std::set<std::vector<std::string>> orders;
  for (int i = 0; i < 20; ++i) {
    std::vector<DirectoryEntry> entries = *rig.files->List("");
    std::vector<std::string> names;
    for (const DirectoryEntry& entry : entries) {
      EXPECT_EQ(entry.is_directory, entry.name == "d");
      names.push_back(entry.name);
    }
    orders.insert(names);
    std::sort(names.begin(), names.end());
    EXPECT_THAT(names, ElementsAre("d", "f0", "f1", "f2", "f3", "f4", "f5"));
  }
  EXPECT_GT(orders.size(), 10u);
}

TEST(VirtualDiskTest, LockIsExclusiveAndDiesWithItsHolder) {
  DiskRig rig;
  absl::StatusOr<std::unique_ptr<FileLock>> lock = rig.files->Lock("LOCK");
  ASSERT_TRUE(lock.ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(rig.files->Lock("LOCK").status()));
  lock->reset();
  lock = rig.files->Lock("LOCK");
  ASSERT_TRUE(lock.ok());
  rig.KillAndBoot();
  absl::StatusOr<std::unique_ptr<FileLock>> next = rig.files->Lock("LOCK");
  ASSERT_TRUE(next.ok());
  lock->reset();  // of the dead incarnation: must not free the new lock
  EXPECT_TRUE(absl::IsFailedPrecondition(rig.files->Lock("LOCK").status()));
}

TEST(VirtualDiskTest, HandlesOfOlderIncarnationsAreInert) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.CreateDurable("a", "abc");
  Disk& old_files = *rig.files;
  rig.PowerLossAndBoot();
  char buffer[4];
  EXPECT_TRUE(absl::IsFailedPrecondition(file->ReadAt(0, buffer).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(file->WriteAt(0, "x").status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(file->Sync()));
  EXPECT_TRUE(absl::IsFailedPrecondition(file->Truncate(0)));
  EXPECT_TRUE(absl::IsFailedPrecondition(file->Allocate(0, 9)));
  EXPECT_TRUE(absl::IsFailedPrecondition(file->Size().status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(file->Close()));
  EXPECT_TRUE(absl::IsFailedPrecondition(old_files.Open("a", OpenMode::kReadOnly).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(old_files.Remove("a")));
  EXPECT_TRUE(absl::IsFailedPrecondition(old_files.List("").status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(old_files.SyncDirectory("")));
  EXPECT_TRUE(absl::IsFailedPrecondition(old_files.Lock("L").status()));
  EXPECT_EQ(rig.Content("a"), "abc");
}

TEST(VirtualDiskTest, ACallThatTheMachineDiesUnderTouchesNothing) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.CreateDurable("a", "abc");
  rig.host.on_pause = [&] { rig.disk.Kill(); };
  EXPECT_TRUE(absl::IsFailedPrecondition(file->WriteAt(0, "x").status()));
  rig.host.on_pause = nullptr;
  rig.files = &rig.disk.NewIncarnation();
  EXPECT_EQ(rig.Content("a"), "abc");
}

TEST(VirtualDiskTest, ClosedHandleRefuses) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.Create("a");
  ASSERT_TRUE(file->Close().ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(file->Close()));
  EXPECT_TRUE(absl::IsFailedPrecondition(file->WriteAt(0, "x").status()));
}

TEST(VirtualDiskTest, HandlesMayOutliveTheDisk) {
  std::unique_ptr<File> file;
  {
    DiskRig rig;
    file = rig.Create("a");
  }
  EXPECT_TRUE(absl::IsFailedPrecondition(file->Sync()));
}

TEST(VirtualDiskTest, WipeSwapAndOldBackup) {
  TestHost host;
  VirtualDisk one(host, 1), two(host, 2);
  DiskRig rig;
  Disk& files = one.NewIncarnation();
  ASSERT_TRUE((*files.Open("mine", OpenMode::kCreate))->Sync().ok());
  ASSERT_TRUE(files.SyncDirectory("").ok());
  const DiskImage backup = one.SaveImage();
  ASSERT_TRUE(files.Rename("mine", "newer").ok());
  ASSERT_TRUE(files.SyncDirectory("").ok());
  one.SwapWith(two);
  EXPECT_TRUE(one.DurableImage().empty());
  EXPECT_EQ(two.DurableBytes("newer"), "");
  two.LoadImage(backup);
  EXPECT_EQ(two.DurableBytes("newer"), std::nullopt);
  EXPECT_EQ(two.DurableBytes("mine"), "");
  two.Wipe();
  EXPECT_TRUE(two.DurableImage().empty());
}

TEST(VirtualDiskTest, SwappedDisksBringTheirPendingAtoms) {
  TestHost host;
  VirtualDisk one(host, 1), two(host, 2);
  std::unique_ptr<File> file = *one.NewIncarnation().Open("a", OpenMode::kCreate);
  ASSERT_TRUE(WriteFully(*file, 0, "x").ok());
  one.SwapWith(two);
  EXPECT_TRUE(one.PendingAtoms().empty());
  EXPECT_EQ(two.CachedBytes("a"), "x");
  EXPECT_EQ(two.PendingAtoms().size(), 3u);
}

}  // namespace
}  // namespace wt::sim
