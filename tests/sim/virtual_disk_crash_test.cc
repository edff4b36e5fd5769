// Power loss, by outcome: over many seeds, what the catalogue calls possible under POSIX_MIN
// happens, what a profile forbids never does, and the same seed always gives the same platter.
#include <set>

#include "gmock/gmock.h"
#include "tests/sim/disk_fixture.h"

namespace wt::sim {
namespace {

using ::testing::Contains;
using ::testing::Not;
using Script = std::function<void(DiskRig&)>;
using Outcomes = std::set<std::string>;

constexpr uint64_t kSeeds = 400;
constexpr DiskProfile kProfiles[] = {DiskProfile::kPosixMin, DiskProfile::kExt4, DiskProfile::kXfs,
                                     DiskProfile::kBtrfs, DiskProfile::kDsync};

// Run-length form: "A2" = 1024 bytes of A, "0" = zeros, "?" = anything else.
std::string Shape(std::string_view bytes) {
  std::string shape;
  for (size_t at = 0; at < bytes.size(); at += 512) {
    const std::string_view sector = bytes.substr(at, 512);
    char mark = sector[0] == '\0' ? '0' : sector[0];
    if (sector != std::string(sector.size(), sector[0])) mark = '~';
    shape += mark;
  }
  return shape;
}

std::string Shape(const DiskImage& image, std::string_view path) {
  std::optional<std::string> bytes = image.BytesOf(path);
  if (!bytes.has_value()) return "absent";
  return bytes->empty() ? "empty" : Shape(*bytes);
}

// What power losses after the script leave of `paths`, over many seeds.
Outcomes Crash(DiskProfile profile, const Script& script, const std::vector<std::string>& paths,
               uint32_t torn_ppm = 0, uint32_t garbage_ppm = 0) {
  Outcomes outcomes;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    DiskRig rig(seed, profile);
    rig.disk.faults().torn_sector_ppm = torn_ppm;
    rig.disk.faults().garbage_fill_ppm = garbage_ppm;
    script(rig);
    rig.disk.PowerLoss();
    std::string outcome;
    for (const std::string& path : paths) {
      outcome += (outcome.empty() ? "" : " ") + Shape(rig.disk.platter(), path);
    }
    outcomes.insert(outcome);
  }
  return outcomes;
}

void Append(DiskRig& rig) {
  std::unique_ptr<File> file = rig.CreateDurable("f", Sectors('A', 1));
  ASSERT_TRUE(WriteFully(*file, 512, Sectors('B', 2)).ok());
}

TEST(DiskCrashTest, PosixMinAppendLosesSizeOrDataOrBothOrNeither) {
  const Outcomes outcomes = Crash(DiskProfile::kPosixMin, Append, {"f"});
  EXPECT_EQ(outcomes, (Outcomes{"A", "ABB", "A00", "AB0", "A0B"}));
}

TEST(DiskCrashTest, Ext4AppendIsZerosButNeverStale) {
  const Outcomes outcomes = Crash(DiskProfile::kExt4, Append, {"f"}, 1'000'000, 1'000'000);
  EXPECT_EQ(outcomes, (Outcomes{"A", "ABB", "A00", "AB0", "A0B"}));
}

TEST(DiskCrashTest, XfsSizeComesAfterItsData) {
  EXPECT_EQ(Crash(DiskProfile::kXfs, Append, {"f"}, 1'000'000, 1'000'000), (Outcomes{"A", "ABB"}));
}

TEST(DiskCrashTest, BtrfsWritesAreWhole) {
  EXPECT_EQ(Crash(DiskProfile::kBtrfs, Append, {"f"}, 1'000'000, 1'000'000),
            (Outcomes{"A", "ABB"}));
}

void Overwrite(DiskRig& rig) {
  std::unique_ptr<File> file = rig.CreateDurable("f", Sectors('A', 3));
  ASSERT_TRUE(WriteFully(*file, 0, Sectors('B', 3)).ok());
}

TEST(DiskCrashTest, OverwriteMixesOldAndNewSectors) {
  const Outcomes all = {"AAA", "AAB", "ABA", "ABB", "BAA", "BAB", "BBA", "BBB"};
  EXPECT_EQ(Crash(DiskProfile::kPosixMin, Overwrite, {"f"}), all);
  EXPECT_EQ(Crash(DiskProfile::kExt4, Overwrite, {"f"}), all);
  EXPECT_EQ(Crash(DiskProfile::kXfs, Overwrite, {"f"}), all);
  EXPECT_EQ(Crash(DiskProfile::kBtrfs, Overwrite, {"f"}), (Outcomes{"AAA", "BBB"}));
  EXPECT_EQ(Crash(DiskProfile::kDsync, Overwrite, {"f"}), (Outcomes{"BBB"}));
}

TEST(DiskCrashTest, SectorsTearInsideOnlyWhereTheProfileSaysSo) {
  const auto one = [](DiskRig& rig) {
    std::unique_ptr<File> file = rig.CreateDurable("f", Sectors('A', 1));
    ASSERT_TRUE(WriteFully(*file, 0, Sectors('B', 1)).ok());
  };
  EXPECT_EQ(Crash(DiskProfile::kPosixMin, one, {"f"}, 500'000), (Outcomes{"A", "B", "~", "0"}));
  EXPECT_EQ(Crash(DiskProfile::kExt4, one, {"f"}, 500'000), (Outcomes{"A", "B"}));
  EXPECT_EQ(Crash(DiskProfile::kXfs, one, {"f"}, 500'000), (Outcomes{"A", "B"}));
  EXPECT_EQ(Crash(DiskProfile::kBtrfs, one, {"f"}, 500'000), (Outcomes{"A", "B"}));
}

TEST(DiskCrashTest, TearsSpareSyncedBytesOfTheSectorUnlessGarbled) {
  for (uint32_t garbled_ppm : {0u, 1'000'000u}) {
    bool spared = true;
    for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
      DiskRig rig(seed);
      rig.disk.faults().torn_sector_ppm = 1'000'000;
      rig.disk.faults().garbled_sector_ppm = garbled_ppm;
      std::unique_ptr<File> file = rig.CreateDurable("f", std::string(100, 'A'));
      ASSERT_TRUE(WriteFully(*file, 100, std::string(100, 'B')).ok());
      rig.disk.PowerLoss();
      spared &= rig.disk.DurableBytes("f")->starts_with(std::string(100, 'A'));
      EXPECT_FALSE(rig.disk.HarmedAnywhere()) << "a torn sector is a crash, not a harm";
    }
    EXPECT_EQ(spared, garbled_ppm == 0);
  }
}

TEST(DiskCrashTest, GhostsOfRemovedFilesShowInExtendedOnes) {
  const auto recycled = [](DiskRig& rig) {
    rig.CreateDurable("gone", Sectors('G', 3));
    ASSERT_TRUE(rig.files->Remove("gone").ok());
    ASSERT_TRUE(rig.files->SyncDirectory("").ok());
    std::unique_ptr<File> file = rig.CreateDurable("f", "");
    ASSERT_TRUE(WriteFully(*file, 0, Sectors('B', 2)).ok());
  };
  const Outcomes outcomes = Crash(DiskProfile::kPosixMin, recycled, {"f"}, 0, 1'000'000);
  EXPECT_THAT(outcomes, Contains("GG"));
  EXPECT_THAT(outcomes, Contains("~~"));
  EXPECT_THAT(outcomes, Contains("BG"));
  EXPECT_THAT(Crash(DiskProfile::kExt4, recycled, {"f"}, 0, 1'000'000), Not(Contains("GG")));
}

TEST(DiskCrashTest, AllocatedTailIsZerosOrGhosts) {
  const auto allocate = [](DiskRig& rig) {
    rig.CreateDurable("gone", Sectors('G', 3));
    ASSERT_TRUE(rig.files->Remove("gone").ok());
    std::unique_ptr<File> file = rig.CreateDurable("f", Sectors('A', 1));
    ASSERT_TRUE(file->Allocate(0, 1024).ok());
  };
  EXPECT_EQ(Crash(DiskProfile::kPosixMin, allocate, {"f"}, 0, 0), (Outcomes{"A", "A0"}));
  EXPECT_EQ(Crash(DiskProfile::kPosixMin, allocate, {"f"}, 0, 500'000),
            (Outcomes{"A", "A0", "AG", "A~"}));
}

TEST(DiskCrashTest, TruncatedBytesComeBackUntilSynced) {
  const auto cut = [](DiskRig& rig) {
    std::unique_ptr<File> file = rig.CreateDurable("f", Sectors('A', 3));
    ASSERT_TRUE(file->Truncate(512).ok());
  };
  EXPECT_EQ(Crash(DiskProfile::kPosixMin, cut, {"f"}), (Outcomes{"A", "AAA"}));
  const auto cut_and_synced = [&](DiskRig& rig) {
    cut(rig);
    ASSERT_TRUE(rig.Open("f")->Sync().ok());
  };
  EXPECT_EQ(Crash(DiskProfile::kPosixMin, cut_and_synced, {"f"}), (Outcomes{"A"}));
}

// Create, write, sync the file, never its directory.
TEST(DiskCrashTest, SyncedFileWithoutDirectorySync) {
  const auto script = [](DiskRig& rig) {
    std::unique_ptr<File> file = rig.Create("f");
    ASSERT_TRUE(WriteFully(*file, 0, Sectors('N', 2)).ok());
    ASSERT_TRUE(file->Sync().ok());
  };
  EXPECT_EQ(Crash(DiskProfile::kPosixMin, script, {"f"}), (Outcomes{"absent", "NN"}));
  EXPECT_EQ(Crash(DiskProfile::kExt4, script, {"f"}), (Outcomes{"NN"}));
  EXPECT_EQ(Crash(DiskProfile::kXfs, script, {"f"}), (Outcomes{"NN"}));
  EXPECT_EQ(Crash(DiskProfile::kBtrfs, script, {"f"}), (Outcomes{"NN"}));
}

// Create, write, sync the directory only.
TEST(DiskCrashTest, DirectorySyncAloneSavesTheNameOnly) {
  const auto script = [](DiskRig& rig) {
    std::unique_ptr<File> file = rig.Create("f");
    ASSERT_TRUE(WriteFully(*file, 0, Sectors('N', 2)).ok());
    ASSERT_TRUE(rig.files->SyncDirectory("").ok());
  };
  EXPECT_EQ(Crash(DiskProfile::kExt4, script, {"f"}), (Outcomes{"empty", "00", "0N", "N0", "NN"}));
  EXPECT_EQ(Crash(DiskProfile::kXfs, script, {"f"}), (Outcomes{"empty", "NN"}));
  EXPECT_EQ(Crash(DiskProfile::kBtrfs, script, {"f"}), (Outcomes{"empty", "NN"}));
}

// Write tmp, no sync, rename over cur, sync another file.
void RenameOver(DiskRig& rig) {
  rig.CreateDurable("cur", Sectors('O', 2));
  std::unique_ptr<File> other = rig.CreateDurable("other", "");
  std::unique_ptr<File> tmp = rig.Create("tmp");
  ASSERT_TRUE(WriteFully(*tmp, 0, Sectors('N', 2)).ok());
  ASSERT_TRUE(rig.files->Rename("tmp", "cur").ok());
  ASSERT_TRUE(WriteFully(*other, 0, "x").ok());
  ASSERT_TRUE(other->Sync().ok());
}

TEST(DiskCrashTest, UnsyncedRenameOver) {
  EXPECT_THAT(Crash(DiskProfile::kXfs, RenameOver, {"cur"}), (Outcomes{"empty", "NN"}));
  EXPECT_THAT(Crash(DiskProfile::kBtrfs, RenameOver, {"cur"}), (Outcomes{"OO", "NN"}));
  const Outcomes posix = Crash(DiskProfile::kPosixMin, RenameOver, {"cur"});
  for (const char* state : {"OO", "NN", "empty", "00", "N0"}) EXPECT_THAT(posix, Contains(state));
}

TEST(DiskCrashTest, Ext4RenameOverBringsItsDataAlong) {
  const auto no_other_sync = [](DiskRig& rig) {
    rig.CreateDurable("cur", Sectors('O', 2));
    std::unique_ptr<File> tmp = rig.Create("tmp");
    ASSERT_TRUE(WriteFully(*tmp, 0, Sectors('N', 2)).ok());
    ASSERT_TRUE(rig.files->Rename("tmp", "cur").ok());
  };
  EXPECT_THAT(Crash(DiskProfile::kExt4, no_other_sync, {"cur"}), (Outcomes{"OO", "NN"}));
}

TEST(DiskCrashTest, PosixMinRenameSplitsBothWays) {
  const auto rename = [](DiskRig& rig) {
    rig.CreateDurable("a", Sectors('A', 1));
    ASSERT_TRUE(rig.files->Rename("a", "b").ok());
  };
  EXPECT_EQ(Crash(DiskProfile::kPosixMin, rename, {"a", "b"}),
            (Outcomes{"A absent", "absent A", "A A", "absent absent"}));
  for (DiskProfile profile : {DiskProfile::kExt4, DiskProfile::kXfs, DiskProfile::kBtrfs}) {
    EXPECT_EQ(Crash(profile, rename, {"a", "b"}), (Outcomes{"A absent", "absent A"}));
  }
}

TEST(DiskCrashTest, RenameWhoseCreateIsLostKeepsTheFileUnderItsNewName) {
  const auto script = [](DiskRig& rig) {
    std::unique_ptr<File> tmp = rig.Create("tmp");
    ASSERT_TRUE(WriteFully(*tmp, 0, Sectors('N', 1)).ok());
    ASSERT_TRUE(tmp->Sync().ok());
    ASSERT_TRUE(rig.files->Rename("tmp", "cur").ok());
  };
  const Outcomes outcomes = Crash(DiskProfile::kPosixMin, script, {"tmp", "cur"});
  EXPECT_EQ(outcomes, (Outcomes{"absent absent", "N absent", "absent N", "N N"}));
}

// Unlink durable before an earlier rename.
TEST(DiskCrashTest, NamesReorderUnderPosixMinOnly) {
  const auto script = [](DiskRig& rig) {
    rig.CreateDurable("tmp", Sectors('N', 1));
    rig.CreateDurable("old", Sectors('O', 1));
    ASSERT_TRUE(rig.files->Rename("tmp", "cur").ok());
    ASSERT_TRUE(rig.files->Remove("old").ok());
  };
  EXPECT_THAT(Crash(DiskProfile::kPosixMin, script, {"cur", "old"}), Contains("absent absent"));
  for (DiskProfile profile : {DiskProfile::kExt4, DiskProfile::kXfs, DiskProfile::kDsync}) {
    EXPECT_EQ(Crash(profile, script, {"cur", "old"}), (Outcomes{"absent O", "N O", "N absent"}));
  }
  EXPECT_THAT(Crash(DiskProfile::kBtrfs, script, {"cur", "old"}), Contains("absent absent"));
}

// Two files, the second synced.
TEST(DiskCrashTest, SyncOfOneFileSaysNothingOfAnother) {
  const auto script = [](DiskRig& rig) {
    std::unique_ptr<File> one = rig.CreateDurable("one", Sectors('O', 1));
    std::unique_ptr<File> two = rig.CreateDurable("two", Sectors('O', 1));
    ASSERT_TRUE(WriteFully(*one, 0, Sectors('N', 1)).ok());
    ASSERT_TRUE(WriteFully(*two, 0, Sectors('N', 1)).ok());
    ASSERT_TRUE(two->Sync().ok());
  };
  for (DiskProfile profile : kProfiles) {
    const Outcomes outcomes = Crash(profile, script, {"one", "two"});
    if (profile == DiskProfile::kDsync) {
      EXPECT_EQ(outcomes, (Outcomes{"N N"}));
    } else {
      EXPECT_EQ(outcomes, (Outcomes{"N N", "O N"})) << NameOf(profile);
    }
  }
}

TEST(DiskCrashTest, CrossDirectoryRenameNeedsBothSyncs) {
  const auto script = [](DiskRig& rig) {
    ASSERT_TRUE(rig.files->CreateDirectory("d").ok());
    ASSERT_TRUE(rig.files->SyncDirectory("").ok());
    rig.CreateDurable("a", Sectors('A', 1));
    ASSERT_TRUE(rig.files->Rename("a", "d/a").ok());
    ASSERT_TRUE(rig.files->SyncDirectory("d").ok());
  };
  EXPECT_EQ(Crash(DiskProfile::kPosixMin, script, {"a", "d/a"}), (Outcomes{"A A", "absent A"}));
  EXPECT_EQ(Crash(DiskProfile::kXfs, script, {"a", "d/a"}), (Outcomes{"absent A"}));
}

TEST(DiskCrashTest, DsyncLosesOnlyWhatIsInFlight) {
  Outcomes outcomes;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    DiskRig rig(seed, DiskProfile::kDsync);
    std::unique_ptr<File> file = rig.CreateDurable("f", Sectors('A', 2));
    ASSERT_TRUE(WriteFully(*file, 0, Sectors('B', 1)).ok());
    rig.host.on_pause = [&] { rig.disk.PowerLoss(); };
    EXPECT_TRUE(absl::IsFailedPrecondition(file->WriteAt(512, Sectors('C', 1)).status()));
    outcomes.insert(Shape(rig.disk.platter(), "f"));
  }
  EXPECT_EQ(outcomes, (Outcomes{"BA", "BC"}));
}

TEST(DiskCrashTest, AfterALieAnythingPromisedMayGoAndTheLedgerKnows) {
  bool survived = false, lost = false;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    DiskRig rig(seed);
    std::unique_ptr<File> file = rig.CreateDurable("f", Sectors('A', 1));
    ASSERT_TRUE(WriteFully(*file, 0, Sectors('B', 1)).ok());
    rig.disk.LieNextSyncs(1);
    ASSERT_TRUE(file->Sync().ok());
    rig.disk.PowerLoss();
    const bool is_lost = rig.disk.DurableBytes("f") == Sectors('A', 1);
    (is_lost ? lost : survived) = true;
    EXPECT_EQ(rig.disk.Harmed("f", 0, 512), is_lost);
  }
  EXPECT_TRUE(survived);
  EXPECT_TRUE(lost);
}

TEST(DiskCrashTest, KillThenPowerLossDecidesOnlyOnce) {
  // What recovery read from the cache after a kill is still in doubt until it is synced.
  bool kept = false, lost = false;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    DiskRig rig(seed);
    Append(rig);
    rig.KillAndBoot();
    ASSERT_EQ(Shape(*rig.Content("f")), "ABB");
    rig.PowerLossAndBoot();
    (*rig.Content("f") == Sectors('A', 1) + Sectors('B', 2) ? kept : lost) = true;
  }
  EXPECT_TRUE(kept);
  EXPECT_TRUE(lost);
}

uint64_t RunOnce(uint64_t seed, uint64_t* digest) {
  DiskRig rig(seed);
  rig.disk.faults().torn_sector_ppm = 300'000;
  rig.disk.faults().garbage_fill_ppm = 300'000;
  rig.disk.faults().early_writeback_ppm = 100'000;
  RenameOver(rig);
  Append(rig);
  rig.PowerLossAndBoot();
  *digest = rig.host.digest;
  return HashImage(rig.disk.platter());
}

TEST(DiskCrashTest, SameSeedSamePlatterAndDigest) {
  std::set<uint64_t> images, digests;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    uint64_t digest = 0, digest_again = 0;
    const uint64_t image = RunOnce(seed, &digest);
    EXPECT_EQ(image, RunOnce(seed, &digest_again));
    EXPECT_EQ(digest, digest_again);
    images.insert(image);
    digests.insert(digest);
  }
  EXPECT_GT(images.size(), 15u);
  EXPECT_GE(digests.size(), images.size());
}

TEST(DiskCrashTest, EveryDrawnOutcomeIsLegal) {
  // PowerLoss itself checks this (DrawOutcome); here it meets long, mixed pending lists.
  for (DiskProfile profile : kProfiles) {
    for (uint64_t seed = 1; seed <= 60; ++seed) {
      DiskRig rig(seed, profile);
      RenameOver(rig);
      Append(rig);
      ASSERT_TRUE(rig.files->Rename("f", "g").ok());
      ASSERT_TRUE(rig.files->Rename("g", "cur").ok());
      ASSERT_TRUE(rig.Open("cur")->Truncate(100).ok());
      rig.PowerLossAndBoot();
    }
  }
}

}  // namespace
}  // namespace wt::sim
