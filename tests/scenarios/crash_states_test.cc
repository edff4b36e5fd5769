// Crash states: with few atoms every subset is tried, each is legal and its image is what it says;
// with many, the structured families are. What a point shows stays when the disk goes on.
#include "scenarios/crash_states.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/sim/disk_fixture.h"

namespace wt::scenarios {
namespace {

using sim::Atom;
using sim::AtomKind;
using sim::CrashFill;
using sim::CrashSubset;
using sim::DiskRig;
using sim::Sectors;

// A durable file of `durable` sectors of 'd', and `pending` overwritten by 'n' without a sync.
std::unique_ptr<File> Overwrite(DiskRig& rig, uint64_t durable, uint64_t pending) {
  std::unique_ptr<File> file = rig.CreateDurable("f", Sectors('d', durable));
  for (uint64_t i = 0; i < pending; ++i) {
    EXPECT_TRUE(WriteFully(*file, i * kSectorBytes, Sectors('n', 1)).ok());
  }
  return file;
}

std::vector<CrashSubset> Visit(const CrashPoint& point, const SubsetOptions& options) {
  std::vector<CrashSubset> visited;
  ForEachSubset(point, options, [&](const CrashSubset& subset) {
    visited.push_back(subset);
    return true;
  });
  return visited;
}

constexpr SubsetOptions kPlain = {.exhaustive_atoms = 10, .tears = false, .ghosts = false};

TEST(CrashStatesTest, FewAtomsGiveEverySubsetOnceAndEachIsLegal) {
  for (uint64_t m = 0; m <= 6; ++m) {
    DiskRig rig;
    auto file = Overwrite(rig, 8, m);
    const CrashPoint point(rig.disk, "here");
    ASSERT_EQ(point.atoms().size(), m);
    std::set<std::vector<bool>> kept;
    for (const CrashSubset& subset : Visit(point, kPlain)) {
      EXPECT_TRUE(Legal(sim::DiskProfile::kPosixMin, point.atoms(), subset));
      EXPECT_TRUE(kept.insert(subset.kept).second) << "twice";
    }
    EXPECT_EQ(kept.size(), uint64_t{1} << m);
  }
}

TEST(CrashStatesTest, TheImageHoldsWhatTheSubsetKeeps) {
  DiskRig rig;
  auto file = Overwrite(rig, 4, 4);
  const CrashPoint point(rig.disk, "here");
  std::set<std::string> contents;
  for (const CrashSubset& subset : Visit(point, kPlain)) {
    std::string expected;
    for (size_t i = 0; i < 4; ++i) expected += Sectors(subset.kept[i] ? 'n' : 'd', 1);
    EXPECT_EQ(point.Materialize(subset).BytesOf("f"), expected);
    contents.insert(expected);
  }
  EXPECT_EQ(contents.size(), 16u);
}

TEST(CrashStatesTest, APointStaysWhatItWasWhenTheDiskGoesOn) {
  DiskRig rig;
  auto file = Overwrite(rig, 2, 2);
  CrashPoint point(rig.disk, "before the sync");
  const CrashSubset all{.kept = {true, true}};
  const CrashSubset none{.kept = {false, false}};
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_TRUE(WriteFully(*file, 0, Sectors('x', 2)).ok());
  EXPECT_TRUE(rig.files->Remove("f").ok());
  const CrashPoint moved(std::move(point));
  EXPECT_EQ(moved.where(), "before the sync");
  EXPECT_EQ(moved.Materialize(all).BytesOf("f"), Sectors('n', 2));
  EXPECT_EQ(moved.Materialize(none).BytesOf("f"), Sectors('d', 2));
  EXPECT_NE(moved.Describe(none).find("before the sync"), std::string::npos);
  EXPECT_NE(moved.Describe(none).find("write f sector 0"), std::string::npos);
  EXPECT_EQ(moved.Describe(all).find("write f sector 0"), std::string::npos);
}

TEST(CrashStatesTest, ASizeThatSurvivesItsDataIsTriedWithEveryFill) {
  DiskRig rig;
  std::unique_ptr<File> gone = rig.CreateDurable("gone", Sectors('g', 2));
  EXPECT_TRUE(rig.files->Remove("gone").ok());
  gone.reset();
  EXPECT_TRUE(rig.files->SyncDirectory("").ok());
  std::unique_ptr<File> file = rig.CreateDurable("f", "");
  EXPECT_TRUE(WriteFully(*file, 0, Sectors('n', 1)).ok());
  const CrashPoint point(rig.disk, "here");
  EXPECT_GT(point.ghosts(), 0u);
  std::set<CrashFill> fills;
  std::set<std::string> contents;
  for (const CrashSubset& subset :
       Visit(point, {.exhaustive_atoms = 10, .tears = false, .ghosts = true})) {
    fills.insert(subset.fill);
    contents.insert(point.Materialize(subset).BytesOf("f").value_or("absent"));
  }
  EXPECT_EQ(fills.size(), 3u);
  EXPECT_TRUE(contents.contains(Sectors('n', 1)));
  EXPECT_TRUE(contents.contains(Sectors('\0', 1)));
  EXPECT_TRUE(contents.contains(Sectors('g', 1)));
  EXPECT_TRUE(contents.contains(""));
}

TEST(CrashStatesTest, TheNewestSectorOfAWriteIsTornInEveryWay) {
  DiskRig rig;
  auto file = Overwrite(rig, 4, 2);
  const CrashPoint point(rig.disk, "here");
  std::set<sim::TearKind> kinds;
  std::set<size_t> atoms;
  uint64_t torn = 0;
  for (const CrashSubset& subset : Visit(point, {.tears = true, .ghosts = false})) {
    if (!subset.tear.has_value()) continue;
    ++torn;
    kinds.insert(subset.tear->kind);
    atoms.insert(subset.tear->atom);
    const std::string content = *point.Materialize(subset).BytesOf("f");
    EXPECT_EQ(content.size(), 4 * kSectorBytes);
    EXPECT_EQ(content.substr(2 * kSectorBytes), Sectors('d', 2)) << "nobody wrote there";
    EXPECT_NE(point.Describe(subset).find("tear"), std::string::npos);
  }
  using sim::TearKind;
  EXPECT_EQ(kinds, (std::set{TearKind::kPrefixNew, TearKind::kSuffixNew, TearKind::kGarbage,
                             TearKind::kZeros, TearKind::kGarbled}));
  EXPECT_EQ(atoms, (std::set<size_t>{0, 1}));
  EXPECT_GE(torn, 16u);
}

TEST(CrashStatesTest, ManyAtomsGiveEveryPrefixAndEveryPrefixLessOne) {
  DiskRig rig;
  auto file = Overwrite(rig, 32, 20);
  const CrashPoint point(rig.disk, "here");
  std::set<std::vector<bool>> kept;
  for (const CrashSubset& subset : Visit(point, kPlain)) {
    EXPECT_TRUE(Legal(sim::DiskProfile::kPosixMin, point.atoms(), subset));
    kept.insert(subset.kept);
  }
  for (size_t n = 0; n <= 20; ++n) {
    std::vector<bool> prefix(20, false);
    std::fill(prefix.begin(), prefix.begin() + static_cast<ptrdiff_t>(n), true);
    EXPECT_TRUE(kept.contains(prefix)) << n;
    for (size_t one = 0; one < 20; ++one) {
      std::vector<bool> but_one = prefix;
      but_one[one] = !but_one[one];
      EXPECT_TRUE(kept.contains(but_one)) << n << " and " << one;
    }
  }
  EXPECT_LT(kept.size(), 1000u);
}

TEST(CrashStatesTest, TheVisitorMayStopAtAnyTime) {
  DiskRig rig;
  auto file = Overwrite(rig, 8, 6);
  const CrashPoint point(rig.disk, "here");
  for (uint64_t stop_at : {1, 5, 64, 70}) {
    uint64_t visited = 0;
    ForEachSubset(point, {}, [&](const CrashSubset&) { return ++visited < stop_at; });
    EXPECT_EQ(visited, stop_at);
  }
}

TEST(CrashStatesTest, NamesAreAtomsToo) {
  DiskRig rig;
  std::unique_ptr<File> file = rig.CreateDurable("old", Sectors('o', 1));
  EXPECT_TRUE(rig.files->Rename("old", "new").ok());
  const CrashPoint point(rig.disk, "here");
  std::set<std::pair<bool, bool>> seen;  // old there, new there
  for (const CrashSubset& subset : Visit(point, kPlain)) {
    const sim::DiskImage image = point.Materialize(subset);
    seen.emplace(image.BytesOf("old").has_value(), image.BytesOf("new").has_value());
  }
  EXPECT_TRUE(seen.contains({true, false}));
  EXPECT_TRUE(seen.contains({false, true}));
}

}  // namespace
}  // namespace wt::scenarios
