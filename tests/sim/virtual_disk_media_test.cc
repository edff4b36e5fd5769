// Damage at rest, the cache that hides it, the ledger that knows it, and what observers are told.
#include "gmock/gmock.h"
#include "tests/sim/disk_fixture.h"

namespace wt::sim {
namespace {

using ::testing::ElementsAre;

// "A" and "B" sectors, durable; a second version of sector 0 is "C".
struct MediaRig : DiskRig {
  MediaRig() {
    file = CreateDurable("f", Sectors('A', 1) + Sectors('B', 3));
    EXPECT_TRUE(WriteFully(*file, 0, Sectors('C', 1)).ok());
    EXPECT_TRUE(file->Sync().ok());
  }
  HarmCause OnlyCause(uint64_t sector) {
    const std::vector<Harm> harms = disk.Harms("f");
    EXPECT_EQ(harms.size(), 1u);
    if (harms.empty()) return {};
    EXPECT_EQ(harms[0].sector, sector);
    return harms[0].cause;
  }
  std::unique_ptr<File> file;
};

TEST(DiskMediaTest, FlippedBitShowsOnceTheCacheIsGone) {
  MediaRig rig;
  ASSERT_TRUE(rig.disk.FlipBit("f", 513, 2));
  EXPECT_EQ(rig.Content("f"), Sectors('C', 1) + Sectors('B', 3));
  rig.disk.DropCache("f");
  std::string expected = Sectors('C', 1) + Sectors('B', 3);
  expected[513] = static_cast<char>('B' ^ 4);
  EXPECT_EQ(rig.Content("f"), expected);
  EXPECT_EQ(rig.OnlyCause(1), HarmCause::kRot);
  rig.PowerLossAndBoot();
  EXPECT_EQ(rig.Content("f"), expected);
  EXPECT_FALSE(rig.disk.FlipBit("f", 4096, 0));
  EXPECT_FALSE(rig.disk.FlipBit("nowhere", 0, 0));
}

TEST(DiskMediaTest, FlippingTwiceIsNoHarm) {
  MediaRig rig;
  ASSERT_TRUE(rig.disk.FlipBit("f", 513, 2));
  ASSERT_TRUE(rig.disk.FlipBit("f", 513, 2));
  EXPECT_FALSE(rig.disk.HarmedAnywhere());
}

TEST(DiskMediaTest, LatentErrorFailsReadsAndShortensTheOneBefore) {
  MediaRig rig;
  ASSERT_TRUE(rig.disk.DamageSector("f", 2));
  EXPECT_TRUE(rig.Content("f").has_value());
  rig.PowerLossAndBoot();
  std::unique_ptr<File> file = rig.Open("f");
  char buffer[2048];
  EXPECT_EQ(*file->ReadAt(0, buffer), 1024u);
  EXPECT_TRUE(absl::IsUnavailable(file->ReadAt(1024, buffer).status()));
  EXPECT_TRUE(absl::IsUnavailable(file->ReadAt(1500, buffer).status()));
  EXPECT_EQ(*file->ReadAt(1536, buffer), 512u);
  EXPECT_EQ(rig.OnlyCause(2), HarmCause::kLatentError);
}

TEST(DiskMediaTest, WritingTheWholeSectorHealsALatentError) {
  MediaRig rig;
  ASSERT_TRUE(rig.disk.DamageSector("f", 2));
  rig.disk.DropCache();
  EXPECT_TRUE(absl::IsUnavailable(rig.file->WriteAt(1030, "partly").status()));
  ASSERT_TRUE(WriteFully(*rig.file, 1024, Sectors('D', 1)).ok());
  ASSERT_TRUE(rig.file->Sync().ok());
  rig.disk.DropCache();
  EXPECT_EQ(rig.Content("f"),
            Sectors('C', 1) + Sectors('B', 1) + Sectors('D', 1) + Sectors('B', 1));
  EXPECT_FALSE(rig.disk.HarmedAnywhere());
}

TEST(DiskMediaTest, WithoutRemappingALatentErrorStays) {
  MediaRig rig;
  rig.disk.faults().remap_on_write = false;
  ASSERT_TRUE(rig.disk.DamageSector("f", 2));
  ASSERT_TRUE(WriteFully(*rig.file, 1024, Sectors('D', 1)).ok());
  ASSERT_TRUE(rig.file->Sync().ok());
  rig.disk.DropCache();
  char byte[1];
  EXPECT_TRUE(absl::IsUnavailable(rig.file->ReadAt(1024, byte).status()));
}

TEST(DiskMediaTest, ZeroStaleAndSwappedSectors) {
  MediaRig rig;
  ASSERT_TRUE(rig.disk.ZeroSector("f", 3));
  EXPECT_EQ(rig.OnlyCause(3), HarmCause::kRot);
  EXPECT_EQ(rig.disk.DurableBytes("f"), Sectors('C', 1) + Sectors('B', 2) + Sectors('\0', 1));

  MediaRig stale;
  ASSERT_TRUE(stale.disk.StaleSector("f", 0));
  EXPECT_EQ(stale.OnlyCause(0), HarmCause::kStale);
  EXPECT_EQ(stale.disk.DurableBytes("f"), Sectors('A', 1) + Sectors('B', 3));

  MediaRig swapped;
  ASSERT_TRUE(swapped.disk.SwapSectors("f", 0, "f", 1));
  EXPECT_THAT(swapped.disk.Harms("f"),
              ElementsAre(Harm{0, HarmCause::kSwapped}, Harm{1, HarmCause::kSwapped}));
  EXPECT_EQ(swapped.disk.DurableBytes("f"), Sectors('B', 1) + Sectors('C', 1) + Sectors('B', 2));
}

TEST(DiskMediaTest, AnHonestRewriteCuresADamagedSector) {
  MediaRig rig;
  ASSERT_TRUE(rig.disk.ZeroSector("f", 1));
  ASSERT_TRUE(WriteFully(*rig.file, 512, Sectors('D', 1)).ok());
  EXPECT_TRUE(rig.disk.Harmed("f", 512, 513));
  ASSERT_TRUE(rig.file->Sync().ok());
  EXPECT_FALSE(rig.disk.HarmedAnywhere());
}

TEST(DiskMediaTest, APartialRewriteDoesNotCureTheRestOfTheSector) {
  MediaRig rig;
  ASSERT_TRUE(rig.disk.ZeroSector("f", 1));
  ASSERT_TRUE(WriteFully(*rig.file, 512, "DDD").ok());
  ASSERT_TRUE(rig.file->Sync().ok());
  EXPECT_EQ(rig.OnlyCause(1), HarmCause::kRot);
}

TEST(DiskMediaTest, DroppingTheCacheKeepsDirtyPages) {
  MediaRig rig;
  ASSERT_TRUE(WriteFully(*rig.file, 600, "dirty").ok());
  ASSERT_TRUE(rig.file->Truncate(5000).ok());
  const std::optional<std::string> before = rig.Content("f");
  rig.disk.DropCache();
  EXPECT_EQ(rig.Content("f"), before);
}

TEST(DiskMediaTest, AProgramMayDropTheCacheOfItsFile) {
  MediaRig rig;
  ASSERT_TRUE(WriteFully(*rig.file, 0, Sectors('D', 1)).ok());
  rig.disk.FailNextSyncs(1);
  EXPECT_TRUE(absl::IsUnavailable(rig.file->Sync()));
  EXPECT_EQ(rig.Content("f")->front(), 'D');
  ASSERT_TRUE(rig.file->DropCache().ok());
  EXPECT_EQ(rig.Content("f")->front(), 'C');
}

TEST(DiskMediaTest, HarmedAsksForOverlap) {
  MediaRig rig;
  ASSERT_TRUE(rig.disk.ZeroSector("f", 1));
  EXPECT_FALSE(rig.disk.Harmed("f", 0, 512));
  EXPECT_TRUE(rig.disk.Harmed("f", 511, 513));
  EXPECT_TRUE(rig.disk.Harmed("f", 1023, 1024));
  EXPECT_FALSE(rig.disk.Harmed("f", 1024, 2048));
  EXPECT_TRUE(rig.disk.HarmedAnywhere());
}

class Notes final : public DiskObserver {
 public:
  void OnCreate(std::string_view path) override { Note("create", path); }
  void OnWrite(std::string_view path, uint64_t offset, uint64_t size, uint64_t end) override {
    Note("write", path, offset, size, end);
  }
  void OnTruncate(std::string_view path, uint64_t size, uint64_t end) override {
    Note("truncate", path, size, end);
  }
  void OnSync(std::string_view path, uint64_t end) override { Note("sync", path, end); }
  void OnSyncDirectory(std::string_view path) override { Note("syncdir", path); }
  void OnRename(std::string_view from, std::string_view to) override {
    Note("rename", from);
    Note("to", to);
  }
  void OnRemove(std::string_view path, uint64_t end) override { Note("remove", path, end); }
  void OnBarrier(std::string_view path) override { Note("barrier", path); }

  std::vector<std::string> notes;

 private:
  template <typename... Numbers>
  void Note(std::string_view what, std::string_view path, Numbers... numbers) {
    std::string note = std::string(what) + " " + std::string(path);
    ((note += " " + std::to_string(numbers)), ...);
    notes.push_back(std::move(note));
  }
};

TEST(DiskObserverTest, SeesEffectsInOrderWithTheDurableEnd) {
  DiskRig rig;
  Notes notes;
  rig.disk.AddObserver(&notes);
  std::unique_ptr<File> file = rig.Create("f");
  ASSERT_TRUE(WriteFully(*file, 0, "abcd").ok());
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(WriteFully(*file, 2, "xyz").ok());
  ASSERT_TRUE(file->Truncate(1).ok());
  ASSERT_TRUE(rig.files->Rename("f", "g").ok());
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(rig.files->SyncDirectory("").ok());
  ASSERT_TRUE(rig.files->Remove("g").ok());
  rig.disk.RemoveObserver(&notes);
  rig.Create("h");
  EXPECT_THAT(notes.notes,
              ElementsAre("create f", "write f 0 4 0", "barrier f", "sync f 4", "write f 2 3 4",
                          "truncate f 1 4", "rename f", "to g", "barrier g", "sync g 1", "barrier ",
                          "syncdir ", "remove g 1"));
}

TEST(DiskObserverTest, DurableEndIsWhatWasPromisedEvenByALie) {
  DiskRig rig;
  Notes notes;
  std::unique_ptr<File> file = rig.CreateDurable("f", "ab");
  rig.disk.AddObserver(&notes);
  ASSERT_TRUE(WriteFully(*file, 2, "cd").ok());
  rig.disk.LieNextSyncs(1);
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(WriteFully(*file, 4, "ef").ok());
  EXPECT_EQ(notes.notes.back(), "write f 4 2 4");
}

}  // namespace
}  // namespace wt::sim
