// Refuse, not lie: whatever single sector of whatever file is flipped, zeroed, cut off or swapped
// with another, a load gives the right bytes or DATA_LOSS that names a file; other snapshots load.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/status.h"
#include "tests/snapshot/world.h"

namespace wt {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using test::NoiseBytes;
using test::SnapshotWorld;

struct Damage {
  const char* name;
  // Returns whether it changed anything.
  void (*apply)(std::string& content, size_t sector);
};

void Flip(std::string& content, size_t sector) {
  const size_t at = sector * kSectorBytes;
  content[at + (content.size() - at) / 2] ^= 0x10;
}
void Zero(std::string& content, size_t sector) {
  for (size_t i = sector * kSectorBytes; i < content.size() && i < (sector + 1) * kSectorBytes; ++i)
    content[i] = 0;
}
void Cut(std::string& content, size_t sector) { content.resize(sector * kSectorBytes); }
void Repeat(std::string& content, size_t sector) {
  const std::string first = content.substr(0, kSectorBytes);
  const size_t at = sector * kSectorBytes;
  content.replace(at, std::min(kSectorBytes, content.size() - at), first, 0,
                  std::min(kSectorBytes, content.size() - at));
}
constexpr Damage kDamages[] = {{"flip", Flip}, {"zero", Zero}, {"cut", Cut}, {"repeat", Repeat}};

class CorruptionTest : public ::testing::Test {
 protected:
  CorruptionTest() {
    world_.Open();
    std::vector<std::string> chunks = {NoiseBytes(1, 1500), std::string(2000, 'c'),
                                       NoiseBytes(3, 700)};
    WT_CHECK(world_.Create(1, chunks).ok());
    chunks[2] = NoiseBytes(4, 900);
    for (uint64_t i = 0; i < 20; ++i) chunks.push_back(NoiseBytes(10 + i, 50));
    WT_CHECK(world_.Create(2, chunks).ok());
    expected_ = world_.Contents();
    WT_CHECK(expected_.size() == 2);
  }

  // Opens the folder as it is now and checks that no snapshot lies; returns how many load.
  size_t CheckHonest(const std::string& damaged_path) {
    const std::string name = damaged_path.substr(damaged_path.rfind('/') + 1);
    world_.Open();
    size_t good = 0;
    for (const auto& [id, content] : expected_) {
      absl::StatusOr<std::string> loaded = LoadBytes(*world_.snapshots, id);
      if (loaded.ok()) {
        EXPECT_EQ(*loaded, content);
        ++good;
      } else {
        EXPECT_TRUE(absl::IsDataLoss(loaded.status())) << loaded.status();
        EXPECT_THAT(MessageOf(loaded.status()), HasSubstr(name));
      }
    }
    return good;
  }

  SnapshotWorld world_;
  std::map<std::string, std::string> expected_;
};

TEST_F(CorruptionTest, EverySectorOfEveryFile) {
  size_t cases = 0;
  for (const std::string& path : world_.env.disk.Paths()) {
    const std::string original = *world_.env.disk.Content(path);
    for (size_t sector = 0; sector * kSectorBytes < original.size(); ++sector) {
      for (const Damage& damage : kDamages) {
        std::string content = original;
        damage.apply(content, sector);
        if (content == original) continue;
        SCOPED_TRACE(path + " sector " + std::to_string(sector) + " " + damage.name);
        world_.env.disk.Plant(path, content);
        EXPECT_LT(CheckHonest(path), 2u);
        ++cases;
      }
    }
    world_.env.disk.Plant(path, original);
    EXPECT_EQ(CheckHonest(path), 2u);
  }
  EXPECT_GT(cases, 30u);
}

TEST_F(CorruptionTest, EveryMissingFile) {
  for (const std::string& path : world_.env.disk.Paths()) {
    const std::string original = *world_.env.disk.Content(path);
    const bool is_manifest = path.find("snapshot_") != std::string::npos;
    if (is_manifest) continue;
    SCOPED_TRACE(path);
    ASSERT_TRUE(world_.env.disk.Remove(path).ok());
    EXPECT_LT(CheckHonest(path), 2u);
    world_.env.disk.Plant(path, original);
    EXPECT_EQ(CheckHonest(path), 2u);
  }
}

TEST_F(CorruptionTest, FilesInEachOthersPlaces) {
  const std::string one = *world_.env.disk.Content("snapshot/chunks_000001");
  const std::string two = *world_.env.disk.Content("snapshot/chunks_000002");
  world_.env.disk.Plant("snapshot/chunks_000001", two);
  world_.env.disk.Plant("snapshot/chunks_000002", one);
  EXPECT_EQ(CheckHonest("snapshot/chunks_00000"), 0u);
  world_.env.disk.Plant("snapshot/chunks_000001", one);
  world_.env.disk.Plant("snapshot/chunks_000002", two);
  EXPECT_EQ(CheckHonest(""), 2u);
}

// Damage that comes between the verification and the reading of a load is told by the source.
TEST_F(CorruptionTest, DamageDuringALoad) {
  std::unique_ptr<ChunkSource> source = *world_.snapshots->Load("snapshot_1_1");
  ASSERT_TRUE(source->Next().ok());
  const std::string path = "snapshot/chunks_000001";
  std::unique_ptr<File> file = *world_.env.disk.Open(path, OpenMode::kReadWrite);
  const std::string original = *world_.env.disk.Content(path);
  ASSERT_TRUE(file->WriteAt(original.size() - 5, "?????").ok());
  absl::StatusOr<std::string> rest = ReadAllChunks(*source);
  EXPECT_TRUE(absl::IsDataLoss(rest.status()));
}

}  // namespace
}  // namespace wt
