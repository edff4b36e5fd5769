// Atoms and crash states by name: all subsets of small scripts give exactly the predicted platters,
// profiles filter them by their rules, and materializing changes nothing.
#include <set>

#include "gmock/gmock.h"
#include "tests/sim/disk_fixture.h"

namespace wt::sim {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Describe(const std::vector<Atom>& atoms) {
  std::vector<std::string> text;
  for (const Atom& atom : atoms)
    text.push_back(atom.ToString().substr(atom.ToString().find(' ') + 1));
  return text;
}

std::string Describe(const DiskImage& image) {
  std::string text;
  for (const DurableFile& file : image.Files()) {
    text += file.path + "=";
    for (char c : file.bytes) {
      if (text.back() != (c == '\0' ? '0' : c)) text += c == '\0' ? '0' : c;
    }
    text += ":" + std::to_string(file.bytes.size()) + ";";
  }
  return text;
}

// Every subset that `profile` allows, with zeros as fill.
std::set<std::string> AllCrashes(DiskRig& rig) {
  std::set<std::string> images;
  const std::vector<Atom> atoms = rig.disk.PendingAtoms();
  for (uint64_t bits = 0; bits < uint64_t{1} << atoms.size(); ++bits) {
    CrashSubset subset{.kept = std::vector<bool>(atoms.size())};
    for (size_t i = 0; i < atoms.size(); ++i) subset.kept[i] = (bits >> i & 1) != 0;
    if (!Legal(rig.disk.profile(), atoms, subset)) continue;
    images.insert(Describe(rig.disk.MaterializeCrash(subset)));
  }
  return images;
}

void CreateWriteRename(DiskRig& rig) {
  std::unique_ptr<File> file = rig.Create("t");
  ASSERT_TRUE(WriteFully(*file, 0, Sectors('N', 1)).ok());
  ASSERT_TRUE(rig.files->Rename("t", "c").ok());
}

TEST(DiskAtomsTest, AreDescribed) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.Create("f");
  ASSERT_TRUE(WriteFully(*file, 500, std::string(600, 'x')).ok());
  ASSERT_TRUE(file->Truncate(700).ok());
  ASSERT_TRUE(file->Allocate(0, 4096).ok());
  ASSERT_TRUE(rig.files->Rename("f", "g").ok());
  EXPECT_THAT(Describe(rig.disk.PendingAtoms()),
              ElementsAre("name +f", "write g sector 0 [500, 512)", "write g sector 1 [512, 1024)",
                          "write g sector 2 [1024, 1100)", "size g to 1100", "truncate g to 700",
                          "allocate g [0, 4096)", "name +g", "name -f"));
  rig.disk.SetProfile(DiskProfile::kExt4);
  EXPECT_EQ(rig.disk.PendingAtoms().back().ToString(), "#5 name +g -f");
}

TEST(DiskEnumerationTest, AllSubsetsOfACreateWriteRename) {
  DiskRig rig;
  CreateWriteRename(rig);
  // create t | data | size | +c | -t: names x contents. Size without data reads as zeros.
  std::set<std::string> expected = {""};
  for (std::string body : {":0;", "0:512;", "N:512;"}) {
    expected.insert("t=" + body);
    expected.insert("c=" + body);
    expected.insert("c=" + body + "t=" + body);
  }
  EXPECT_EQ(AllCrashes(rig), expected);
}

TEST(DiskEnumerationTest, ProfilesFilterSubsets) {
  DiskRig xfs(1, DiskProfile::kXfs);
  CreateWriteRename(xfs);
  EXPECT_EQ(AllCrashes(xfs), (std::set<std::string>{"", "t=:0;", "t=N:512;", "c=:0;", "c=N:512;"}));
  DiskRig ext4(1, DiskProfile::kExt4);
  CreateWriteRename(ext4);
  EXPECT_EQ(AllCrashes(ext4), (std::set<std::string>{"", "t=:0;", "t=0:512;", "t=N:512;", "c=:0;",
                                                     "c=0:512;", "c=N:512;"}));
  DiskRig btrfs(1, DiskProfile::kBtrfs);
  CreateWriteRename(btrfs);
  EXPECT_EQ(AllCrashes(btrfs), (std::set<std::string>{"", "t=:0;", "t=N:512;", "c=N:512;"}));
}

TEST(DiskEnumerationTest, OverwriteTwiceThreeSectors) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.CreateDurable("f", Sectors('A', 3));
  ASSERT_TRUE(WriteFully(*file, 0, Sectors('B', 2)).ok());
  ASSERT_TRUE(WriteFully(*file, 512, Sectors('C', 2)).ok());
  std::set<std::string> expected;
  for (std::string first : {"A", "B"}) {
    for (std::string second : {"A", "B", "C"}) {
      for (std::string third : {"A", "C"}) {
        std::string text = "f=" + first;
        if (second != first) text += second;
        if (third != second) text += third;
        expected.insert(text + ":1536;");
      }
    }
  }
  EXPECT_EQ(AllCrashes(rig), expected);
}

TEST(DiskEnumerationTest, DataBeyondTheSizeIsInvisibleUntilALaterSizeCoversIt) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.CreateDurable("f", "");
  ASSERT_TRUE(WriteFully(*file, 0, Sectors('B', 1)).ok());
  ASSERT_TRUE(WriteFully(*file, 512, Sectors('C', 1)).ok());
  EXPECT_THAT(Describe(rig.disk.PendingAtoms()),
              ElementsAre("write f sector 0 [0, 512)", "size f to 512",
                          "write f sector 1 [512, 1024)", "size f to 1024"));
  EXPECT_EQ(Describe(rig.disk.MaterializeCrash({.kept = {true, false, false, false}})), "f=:0;");
  EXPECT_EQ(Describe(rig.disk.MaterializeCrash({.kept = {true, false, false, true}})),
            "f=B0:1024;");
  EXPECT_EQ(Describe(rig.disk.MaterializeCrash({.kept = {false, true, true, false}})), "f=0:512;");
}

TEST(DiskEnumerationTest, FillsAndTears) {
  DiskRig rig;
  rig.CreateDurable("gone", Sectors('G', 2));
  ASSERT_TRUE(rig.files->Remove("gone").ok());
  ASSERT_TRUE(rig.files->SyncDirectory("").ok());
  std::unique_ptr<File> file = rig.CreateDurable("f", "");
  ASSERT_TRUE(WriteFully(*file, 0, Sectors('B', 1)).ok());
  ASSERT_EQ(rig.disk.platter().ghosts().size(), 1u);
  EXPECT_EQ(Describe(rig.disk.MaterializeCrash({.kept = {false, true}, .fill = CrashFill::kGhost})),
            "f=G:512;");
  const auto torn = [&](TearKind kind, uint64_t at) {
    return *rig.disk
                .MaterializeCrash(
                    {.kept = {true, true}, .tear = CrashTear{.atom = 0, .at = at, .kind = kind}})
                .BytesOf("f");
  };
  EXPECT_EQ(torn(TearKind::kPrefixNew, 200), std::string(200, 'B') + std::string(312, '\0'));
  EXPECT_EQ(torn(TearKind::kSuffixNew, 200), std::string(200, '\0') + std::string(312, 'B'));
  EXPECT_EQ(torn(TearKind::kZeros, 0), Sectors('\0', 1));
  EXPECT_NE(torn(TearKind::kGarbage, 0), Sectors('B', 1));
  const std::vector<Atom> atoms = rig.disk.PendingAtoms();
  const CrashSubset tear{.kept = {true, true}, .tear = CrashTear{.atom = 0, .at = 1}};
  EXPECT_TRUE(Legal(DiskProfile::kPosixMin, atoms, tear));
  EXPECT_FALSE(Legal(DiskProfile::kExt4, atoms, tear));
}

TEST(DiskEnumerationTest, MaterializingChangesNothing) {
  DiskRig rig;
  CreateWriteRename(rig);
  const uint64_t before = HashImage(rig.disk.platter());
  const size_t atoms = rig.disk.PendingAtoms().size();
  const DiskImage all = rig.disk.MaterializeCrash({.kept = std::vector<bool>(atoms, true)});
  EXPECT_EQ(HashImage(rig.disk.platter()), before);
  EXPECT_NE(HashImage(all), before);
  EXPECT_EQ(rig.disk.PendingAtoms().size(), atoms);
  ASSERT_TRUE(rig.Open("c")->Sync().ok());
  ASSERT_TRUE(rig.files->SyncDirectory("").ok());
  EXPECT_EQ(HashImage(rig.disk.platter()), HashImage(all));
}

TEST(DiskEnumerationTest, AMaterializedCrashBoots) {
  DiskRig rig;
  CreateWriteRename(rig);
  const DiskImage image = rig.disk.MaterializeCrash({.kept = {true, true, true, true, false}});
  VirtualDisk other(rig.host, 9);
  other.LoadImage(image);
  Disk& files = other.NewIncarnation();
  EXPECT_EQ(*ReadWholeFile(files, "t", 4096), Sectors('N', 1));
  ASSERT_TRUE(files.Remove("t").ok());
  ASSERT_TRUE(files.SyncDirectory("").ok());
  EXPECT_EQ(*ReadWholeFile(files, "c", 4096), Sectors('N', 1));  // the other name of the same file
  std::unique_ptr<File> file = *files.Open("c", OpenMode::kReadWrite);
  ASSERT_TRUE(WriteFully(*file, 0, Sectors('M', 1)).ok());
  ASSERT_TRUE(file->Sync().ok());
  EXPECT_EQ(image.BytesOf("c"), Sectors('N', 1)) << "images share pages, but not writes";
}

TEST(DiskEnumerationTest, BarrierObserverSeesTheLargestEpoch) {
  class Epochs final : public DiskObserver {
   public:
    explicit Epochs(VirtualDisk& disk) : disk_(disk) {}
    void OnBarrier(std::string_view) override { atoms.push_back(disk_.PendingAtoms().size()); }
    std::vector<size_t> atoms;

   private:
    VirtualDisk& disk_;
  };
  DiskRig rig;
  Epochs epochs(rig.disk);
  rig.disk.AddObserver(&epochs);
  rig.CreateDurable("f", Sectors('A', 2));
  EXPECT_THAT(epochs.atoms, ElementsAre(4u, 1u));
}

}  // namespace
}  // namespace wt::sim
