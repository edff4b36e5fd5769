// Failed syncs, row by row of the table measured on Linux 6.18 (ext4, xfs, btrfs): what the error
// does to cache, platter and the handles, and who is told.
#include "tests/sim/disk_fixture.h"

namespace wt::sim {
namespace {

// A durable "AAA" per sector, overwritten by "BBB" that the next sync fails to write. The draw that
// decides whether all or some of the data is lost does not matter for one write.
struct FailedOverwrite : DiskRig {
  FailedOverwrite() {
    file = CreateDurable("f", Sectors('A', 2));
    other = Open("f");
    EXPECT_TRUE(WriteFully(*file, 0, Sectors('B', 2)).ok());
    disk.FailNextSyncs(1);
  }
  std::unique_ptr<File> file, other;
};

TEST(VirtualDiskSyncErrorTest, ReportedOncePerOldHandleAndNeverToANewOne) {
  FailedOverwrite rig;
  EXPECT_TRUE(absl::IsUnavailable(rig.file->Sync()));
  EXPECT_TRUE(rig.file->Sync().ok());
  EXPECT_TRUE(absl::IsUnavailable(rig.other->Sync()));
  EXPECT_TRUE(rig.other->Sync().ok());
  EXPECT_TRUE(rig.Open("f")->Sync().ok());
}

TEST(VirtualDiskSyncErrorTest, CacheKeepsTheDataAndThePlatterDoesNotGetIt) {
  FailedOverwrite rig;
  EXPECT_TRUE(absl::IsUnavailable(rig.file->Sync()));
  EXPECT_EQ(rig.Content("f"), Sectors('B', 2));
  EXPECT_TRUE(rig.file->Sync().ok());  // the retry "succeeds"
  EXPECT_EQ(rig.disk.DurableBytes("f"), Sectors('A', 2));
  rig.disk.DropCache("f");
  EXPECT_EQ(rig.Content("f"), Sectors('A', 2));
}

TEST(VirtualDiskSyncErrorTest, RestartOfTheMachineShowsTheOldData) {
  FailedOverwrite rig;
  EXPECT_TRUE(absl::IsUnavailable(rig.file->Sync()));
  EXPECT_TRUE(rig.file->Sync().ok());
  rig.PowerLossAndBoot();
  EXPECT_EQ(rig.Content("f"), Sectors('A', 2));
}

TEST(VirtualDiskSyncErrorTest, FailedAppendLeavesAZeroHoleUnderALaterDurableOne) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.CreateDurable("f", Sectors('A', 1));
  ASSERT_TRUE(WriteFully(*file, 512, Sectors('B', 1)).ok());
  rig.disk.FailNextSyncs(1);
  EXPECT_TRUE(absl::IsUnavailable(file->Sync()));
  ASSERT_TRUE(WriteFully(*file, 1024, Sectors('C', 1)).ok());
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_EQ(rig.disk.DurableBytes("f"), Sectors('A', 1) + Sectors('\0', 1) + Sectors('C', 1));
  EXPECT_EQ(rig.Content("f"), Sectors('A', 1) + Sectors('B', 1) + Sectors('C', 1));
}

TEST(VirtualDiskSyncErrorTest, RewritingTheLostBlockAfterTheReportMakesItGood) {
  FailedOverwrite rig;
  EXPECT_TRUE(absl::IsUnavailable(rig.file->Sync()));
  ASSERT_TRUE(WriteFully(*rig.file, 0, Sectors('C', 2)).ok());
  EXPECT_TRUE(rig.file->Sync().ok());
  EXPECT_EQ(rig.disk.DurableBytes("f"), Sectors('C', 2));
}

// background error: close is fine; the next opener's sync is told, once.
TEST(VirtualDiskSyncErrorTest, UnreportedBackgroundErrorGoesToTheNextOpener) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.CreateDurable("f", Sectors('A', 1));
  rig.disk.faults().background_error_ppm = 1'000'000;
  ASSERT_TRUE(WriteFully(*file, 0, Sectors('B', 1)).ok());
  rig.disk.faults().background_error_ppm = 0;
  EXPECT_TRUE(file->Close().ok());
  std::unique_ptr<File> next = rig.Open("f");
  EXPECT_TRUE(absl::IsUnavailable(next->Sync()));
  EXPECT_TRUE(next->Sync().ok());
  EXPECT_TRUE(rig.Open("f")->Sync().ok());
  EXPECT_EQ(rig.disk.DurableBytes("f"), Sectors('A', 1));
}

TEST(VirtualDiskSyncErrorTest, BackgroundErrorThenRewriteIsASpuriousErrorWithGoodData) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.CreateDurable("f", Sectors('A', 1));
  rig.disk.faults().background_error_ppm = 1'000'000;
  ASSERT_TRUE(WriteFully(*file, 0, Sectors('B', 1)).ok());
  rig.disk.faults().background_error_ppm = 0;
  ASSERT_TRUE(WriteFully(*file, 0, Sectors('B', 1)).ok());
  EXPECT_TRUE(absl::IsUnavailable(file->Sync()));
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_EQ(rig.disk.DurableBytes("f"), Sectors('B', 1));
}

TEST(VirtualDiskSyncErrorTest, TheErrorSurvivesAKillButNotAPowerLoss) {
  for (bool power : {false, true}) {
    DiskRig rig;
    std::unique_ptr<File> file = rig.CreateDurable("f", Sectors('A', 1));
    rig.disk.faults().background_error_ppm = 1'000'000;
    ASSERT_TRUE(WriteFully(*file, 0, Sectors('B', 1)).ok());
    rig.disk.faults().background_error_ppm = 0;
    if (power) {
      rig.PowerLossAndBoot();
    } else {
      rig.KillAndBoot();
    }
    EXPECT_EQ(rig.Open("f")->Sync().ok(), power);
  }
}

TEST(VirtualDiskSyncErrorTest, AFailedSyncLosesAllOrSomeOfTheWrites) {
  bool lost_all = false, lost_some = false;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    DiskRig rig(seed);
    std::unique_ptr<File> file = rig.CreateDurable("f", Sectors('A', 4));
    for (uint64_t i = 0; i < 4; ++i) {
      ASSERT_TRUE(WriteFully(*file, i * 512, Sectors('B', 1)).ok());
    }
    rig.disk.FailNextSyncs(1);
    EXPECT_TRUE(absl::IsUnavailable(file->Sync()));
    EXPECT_TRUE(file->Sync().ok());
    const std::string durable = *rig.disk.DurableBytes("f");
    ASSERT_NE(durable, Sectors('B', 4)) << "a failed sync that loses nothing";
    (durable == Sectors('A', 4) ? lost_all : lost_some) = true;
  }
  EXPECT_TRUE(lost_all);
  EXPECT_TRUE(lost_some);
}

TEST(VirtualDiskSyncErrorTest, DirectorySyncErrorMayLoseTheNamesForGood) {
  bool lost = false, kept = false;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    DiskRig rig(seed);
    rig.Create("f");
    rig.disk.FailNextSyncs(1);
    EXPECT_TRUE(absl::IsUnavailable(rig.files->SyncDirectory("")));
    EXPECT_TRUE(rig.files->SyncDirectory("").ok());
    EXPECT_EQ(rig.Content("f"), "");
    (rig.disk.DurableBytes("f").has_value() ? kept : lost) = true;
  }
  EXPECT_TRUE(lost);
  EXPECT_TRUE(kept);
}

// A sync lied of the name; the next one fails, and takes it out of the cache for good.
TEST(VirtualDiskSyncErrorTest, ANameThatWasPromisedAndThenLostIsHarmed) {
  bool lost = false;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    DiskRig rig(seed);
    rig.disk.LieNextSyncs(1);
    rig.Create("f");
    ASSERT_TRUE(rig.files->SyncDirectory("").ok());
    rig.disk.FailNextSyncs(1);
    ASSERT_TRUE(absl::IsUnavailable(rig.files->SyncDirectory("")));
    ASSERT_TRUE(rig.files->SyncDirectory("").ok());
    if (rig.disk.DurableBytes("f").has_value()) continue;
    lost = true;
    EXPECT_TRUE(rig.disk.Harmed("f", 0, 1));
    rig.PowerLossAndBoot();
    EXPECT_TRUE(rig.disk.Harmed("f", 0, 1));
  }
  EXPECT_TRUE(lost);
}

TEST(VirtualDiskSyncErrorTest, JournalAbortIsReadOnlyUntilThePowerGoes) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.CreateDurable("f", "abc");
  rig.disk.AbortJournal();
  EXPECT_TRUE(absl::IsFailedPrecondition(file->WriteAt(0, "x").status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(file->Sync()));
  EXPECT_TRUE(absl::IsFailedPrecondition(rig.files->SyncDirectory("")));
  EXPECT_TRUE(absl::IsFailedPrecondition(rig.files->Remove("f")));
  EXPECT_EQ(rig.Content("f"), "abc");
  rig.KillAndBoot();
  EXPECT_TRUE(absl::IsFailedPrecondition(rig.files->Remove("f")));
  rig.PowerLossAndBoot();
  EXPECT_TRUE(rig.files->Remove("f").ok());
}

TEST(VirtualDiskSyncErrorTest, JournalAbortUnderXfsShutsEverythingDown) {
  DiskRig rig(1, DiskProfile::kXfs);
  std::unique_ptr<File> file = rig.CreateDurable("f", "abc");
  rig.disk.AbortJournal();
  char buffer[4];
  EXPECT_TRUE(absl::IsUnavailable(file->ReadAt(0, buffer).status()));
  EXPECT_TRUE(absl::IsUnavailable(file->WriteAt(0, "x").status()));
  EXPECT_TRUE(absl::IsUnavailable(rig.files->List("").status()));
}

}  // namespace
}  // namespace wt::sim
