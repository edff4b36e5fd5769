// What GetMeta makes of pointer files as they may be found: the rows of LevelDB's table as data
// (the Go port's TestFileStorage_Meta), then what it cannot say. After each, CURRENT and
// CURRENT.bak are the only pointer files that are left, and a second look gives the same.
#include <gmock/gmock.h>

#include <algorithm>
#include <type_traits>

#include "tests/storage/pointer_states.h"
#include "tests/storage/worlds.h"

namespace wt::test {
namespace {

using ::testing::AnyOf;
using ::testing::UnorderedElementsAre;

enum class Place { kCurrent, kBackup, kOnItsWay };
enum class Target { kThere, kMissing };

struct Pointer {
  uint64_t number;
  Place place;
  Target target = Target::kThere;
  bool damaged = false;
};

constexpr uint64_t kNotFound = 1'000;
constexpr uint64_t kDamaged = 1'001;

struct Row {
  std::vector<Pointer> pointers;
  uint64_t expected;
};

const std::vector<Row>& Rows() {
  constexpr Place kCurrent = Place::kCurrent;
  constexpr Place kBackup = Place::kBackup;
  constexpr Place kOnItsWay = Place::kOnItsWay;
  constexpr Target kThere = Target::kThere;
  constexpr Target kMissing = Target::kMissing;
  static const std::vector<Row> rows = {
      {{{2, kBackup}, {1, kCurrent, kMissing}}, 2},
      {{{2, kBackup}, {1, kCurrent}}, 1},
      {{{2, kOnItsWay}, {3, kOnItsWay}, {4, kCurrent}}, 4},
      {{{2, kOnItsWay}, {3, kOnItsWay}, {4, kCurrent, kThere, true}}, 3},
      {{{2, kOnItsWay}, {3, kOnItsWay}, {5, kCurrent, kThere, true}, {4, kBackup}}, 4},
      {{{4, kOnItsWay}, {3, kOnItsWay}, {2, kCurrent}}, 4},
      {{{4, kOnItsWay, kThere, true}, {3, kOnItsWay}, {2, kCurrent}}, 3},
      {{{4, kOnItsWay, kThere, true}, {3, kOnItsWay, kThere, true}, {2, kCurrent}}, 2},
      {{{4, kOnItsWay, kMissing}, {3, kOnItsWay}, {2, kCurrent}}, 3},
      {{{4, kOnItsWay, kMissing}, {3, kOnItsWay}, {6, kCurrent, kMissing}, {5, kBackup}}, 5},
      {{{4, kOnItsWay, kMissing},
        {3, kOnItsWay, kMissing},
        {6, kCurrent, kMissing},
        {5, kBackup, kMissing}},
       kNotFound},
      {{{4, kOnItsWay, kMissing, true},
        {3, kOnItsWay, kMissing},
        {6, kCurrent, kMissing},
        {5, kBackup, kMissing}},
       kDamaged},
      // Beyond the Go port's: damage is told before absence, wherever it is.
      {{{6, kCurrent, kThere, true}}, kDamaged},
      {{{6, kCurrent, kThere, true}, {5, kBackup, kThere, true}}, kDamaged},
      {{{6, kCurrent, kMissing}, {5, kBackup, kThere, true}}, kDamaged},
      {{{6, kOnItsWay}}, 6},
      {{{6, kOnItsWay, kMissing}, {6, kBackup, kMissing}}, kNotFound},
      {{}, kNotFound},
  };
  return rows;
}

std::string NameOfPlace(const Pointer& pointer) {
  switch (pointer.place) {
    case Place::kCurrent:
      return "CURRENT";
    case Place::kBackup:
      return "CURRENT.bak";
    case Place::kOnItsWay:
      break;
  }
  return PendingNameOf(pointer.number);
}

// `cut`: how many bytes the damaged ones lack.
void PlantRow(Disk& disk, const Row& row, uint64_t cut) {
  for (const Pointer& pointer : row.pointers) {
    std::string content = PointerTo(Manifest(pointer.number));
    if (pointer.damaged) content.resize(content.size() - cut);
    PlantFile(disk, NameOfPlace(pointer), content);
    if (pointer.target == Target::kThere) PlantManifest(disk, pointer.number);
  }
}

uint64_t Outcome(const absl::StatusOr<FileDesc>& found) {
  FileDesc damaged{FileType::kTable, 1};
  if (IsCorrupted(found.status(), &damaged)) {
    EXPECT_EQ(damaged, FileDesc{});
    return kDamaged;
  }
  if (absl::IsNotFound(found.status())) return kNotFound;
  EXPECT_TRUE(found.ok()) << found.status();
  return found.ok() ? found->number : ~uint64_t{0};
}

std::vector<std::string> PointerFilesOf(Disk& disk) {
  std::vector<std::string> names;
  const std::vector<DirectoryEntry> entries = disk.List(kFolder).value();
  for (const DirectoryEntry& entry : entries) {
    if (entry.name.starts_with("CURRENT")) names.push_back(entry.name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

template <typename World>
class PointerTableTest : public testing::Test {};
using Worlds =
    testing::Types<PosixFolder, TankMachine, Encrypted<TankMachine>, Watched<TankMachine>>;
TYPED_TEST_SUITE(PointerTableTest, Worlds);

TYPED_TEST(PointerTableTest, EveryRow) {
  for (size_t i = 0; i < Rows().size(); ++i) {
    for (const uint64_t cut : {1, 2, 3}) {
      // Real syncs take their time.
      if (std::is_same_v<TypeParam, PosixFolder> && cut != 2) continue;
      TypeParam world;
      world.Run([&] {
        SCOPED_TRACE(testing::Message() << "row " << i << " cut " << cut);
        const Row& row = Rows()[i];
        Disk& disk = world.env().disk;
        PlantFile(disk, "LOCK", "");
        PlantRow(disk, row, cut);
        const std::vector<std::string> before = PointerFilesOf(disk);
        {
          absl::StatusOr<std::unique_ptr<Storage>> reading = world.Open(StorageMode::kReadOnly);
          ASSERT_TRUE(reading.ok()) << reading.status();
          EXPECT_EQ(Outcome((*reading)->GetMeta()), row.expected);
        }
        EXPECT_EQ(PointerFilesOf(disk), before);
        absl::StatusOr<std::unique_ptr<Storage>> storage = world.Open(StorageMode::kReadWrite);
        ASSERT_TRUE(storage.ok()) << storage.status();
        EXPECT_EQ(Outcome((*storage)->GetMeta()), row.expected);
        EXPECT_EQ(Outcome((*storage)->GetMeta()), row.expected);
        if (row.expected >= kNotFound) return;
        EXPECT_THAT(PointerFilesOf(disk), AnyOf(UnorderedElementsAre("CURRENT"),
                                                UnorderedElementsAre("CURRENT", "CURRENT.bak")));
        EXPECT_EQ(ReadWholeFile(disk, "storage/CURRENT", 100).value_or("?"),
                  PointerTo(Manifest(row.expected)));
      });
    }
  }
}

class PointerTest : public testing::Test {
 protected:
  absl::StatusOr<FileDesc> Get() {
    storage_.reset();
    absl::StatusOr<std::unique_ptr<Storage>> opened = OpenFileStorage(world_.env(), {});
    if (!opened.ok()) return opened.status();
    storage_ = *std::move(opened);
    return storage_->GetMeta();
  }
  Disk& disk() { return world_.disk; }

  MemoryEnv world_;
  std::unique_ptr<Storage> storage_;
};

// Edge 1: LevelDB's repair begins with copying the damaged CURRENT over the good backup.
TEST_F(PointerTest, AGoodBackupIsNeverReplacedByADamagedPointer) {
  PlantManifest(disk(), 3);
  PlantFile(disk(), "CURRENT", "MANIFEST-0000");
  PlantFile(disk(), "CURRENT.bak", PointerTo(Manifest(3)));
  EXPECT_EQ(Get().value_or(FileDesc{}), Manifest(3));
  EXPECT_EQ(world_.disk.Content("storage/CURRENT.bak"), PointerTo(Manifest(3)));
}

TEST_F(PointerTest, TheBackupIsWhatCurrentWas) {
  for (uint64_t number : {3, 7, 9}) PlantManifest(disk(), number);
  PlantFile(disk(), "CURRENT", PointerTo(Manifest(3)));
  ASSERT_TRUE(Get().ok());
  ASSERT_TRUE(storage_->SetMeta(Manifest(7)).ok());
  EXPECT_EQ(world_.disk.Content("storage/CURRENT.bak"), PointerTo(Manifest(3)));
  ASSERT_TRUE(storage_->SetMeta(Manifest(9)).ok());
  EXPECT_EQ(world_.disk.Content("storage/CURRENT.bak"), PointerTo(Manifest(7)));
}

// Edges 4, 5 and 6: what is not exactly a pointer to a manifest is damaged.
TEST_F(PointerTest, OnlyExactContentIsAPointer) {
  PlantManifest(disk(), 5);
  PlantFile(disk(), "000005.log", "journal");
  for (const std::string_view content :
       {"000005.log\n", "MANIFEST-5\n", "MANIFEST-000005", "MANIFEST-000005\r\n",
        "MANIFEST-000005\nMANIFEST-000005\n", " MANIFEST-000005\n", "MANIFEST-000005 \n", "\n", "",
        "MANIFEST-+00005\n", "MANIFEST-000005\n\n"}) {
    PlantFile(disk(), "CURRENT", content);
    EXPECT_EQ(Outcome(Get()), kDamaged) << content;
  }
  PlantFile(disk(), "CURRENT", std::string(100'000, 'M'));
  EXPECT_EQ(Outcome(Get()), kDamaged);
}

TEST_F(PointerTest, FilesWithOddNumbersAreNoSwitches) {
  PlantManifest(disk(), 3);
  PlantManifest(disk(), 10);
  PlantFile(disk(), "CURRENT", PointerTo(Manifest(3)));
  for (const std::string_view name : {"CURRENT.010", "CURRENT.x", "CURRENT.", "CURRENT.10.bak",
                                      "CURRENT.+10", "CURRENT.99999999999999999999"}) {
    PlantFile(disk(), name, PointerTo(Manifest(10)));
  }
  EXPECT_EQ(Get().value_or(FileDesc{}), Manifest(3));
}

TEST_F(PointerTest, SettingTheSameAgainCostsNothing) {
  PlantManifest(disk(), 3);
  ASSERT_TRUE(absl::IsNotFound(Get().status()));
  ASSERT_TRUE(storage_->SetMeta(Manifest(3)).ok());
  world_.disk.ResetCalls();
  ASSERT_TRUE(storage_->SetMeta(Manifest(3)).ok());
  EXPECT_EQ(world_.disk.calls(), 1u);  // that the manifest exists
}

// An unreadable pointer is not an absent one.
TEST_F(PointerTest, WhatCannotBeReadIsNotTakenForAbsent) {
  Plant(disk(), PointerStates()[3]);
  ASSERT_TRUE(Get().ok());
  world_.disk.ResetCalls();
  ASSERT_TRUE(storage_->GetMeta().ok());
  const uint64_t calls = world_.disk.calls();
  for (uint64_t n = 1; n <= calls; ++n) {
    storage_.reset();
    storage_ = OpenFileStorage(world_.env(), {.mode = StorageMode::kReadOnly}).value();
    world_.disk.FailAt(n, Unavailable("device"));
    const absl::StatusOr<FileDesc> found = storage_->GetMeta();
    // A read is tried again; everything else is told.
    EXPECT_TRUE(absl::IsUnavailable(found.status()) || found.value_or(FileDesc{}) == Manifest(3))
        << n << ": " << found.status();
  }
}

}  // namespace
}  // namespace wt::test
