// A directory whose name is made durable: whatever a failed or a lying sync, or a crash between two
// renames, has left behind, what was put into it is found in it.
#include <gtest/gtest.h>

#include "engine/env/file_io.h"
#include "tests/engine/engine_world.h"

namespace wt::test {
namespace {

class DurableDirectoryTest : public WorldTest {};
INSTANTIATE_TEST_SUITE_P(Worlds, DurableDirectoryTest, testing::ValuesIn(Worlds()), NameOf);

void Put(Disk& disk, const std::string& path) {
  absl::StatusOr<std::unique_ptr<File>> file = disk.Open(path, OpenMode::kCreate);
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE(WriteFully(**file, 0, "content").ok());
  ASSERT_TRUE((*file)->Sync().ok());
  ASSERT_TRUE((*file)->Close().ok());
}

std::vector<std::string> NamesIn(Disk& disk, std::string_view directory) {
  std::vector<std::string> names;
  const auto entries = disk.List(directory);
  if (!entries.ok()) return {std::string(entries.status().message())};
  for (const DirectoryEntry& entry : *entries) names.push_back(entry.name);
  return names;
}
using Names = std::vector<std::string>;

TEST_P(DurableDirectoryTest, TwiceIsFineAndKeepsWhatIsInIt) {
  InWorld([](Rig& rig) {
    ASSERT_TRUE(CreateDurableDirectory(rig.disk, "d").ok());
    ASSERT_TRUE(CreateDurableDirectory(rig.disk, "d").ok());
    Put(rig.disk, "d/file");
    ASSERT_TRUE(CreateDurableDirectory(rig.disk, "d").ok());
    EXPECT_EQ(NamesIn(rig.disk, "d"), Names{"file"});
    EXPECT_EQ(NamesIn(rig.disk, ""), Names{"d"});
  });
}

// The second rename did not last; nothing took its place yet.
TEST_P(DurableDirectoryTest, WhatWasOnItsWayArrives) {
  InWorld([](Rig& rig) {
    ASSERT_TRUE(rig.disk.CreateDirectory("d.tmp").ok());
    Put(rig.disk, "d.tmp/file");
    ASSERT_TRUE(CreateDurableDirectory(rig.disk, "d").ok());
    EXPECT_EQ(NamesIn(rig.disk, "d"), Names{"file"});
    EXPECT_EQ(NamesIn(rig.disk, ""), Names{"d"});
  });
}

TEST_P(DurableDirectoryTest, WhatWasOnItsWayTakesThePlaceOfAnEmptyOne) {
  InWorld([](Rig& rig) {
    ASSERT_TRUE(rig.disk.CreateDirectory("d").ok());
    ASSERT_TRUE(rig.disk.CreateDirectory("d.tmp").ok());
    Put(rig.disk, "d.tmp/file");
    ASSERT_TRUE(CreateDurableDirectory(rig.disk, "d").ok());
    EXPECT_EQ(NamesIn(rig.disk, "d"), Names{"file"});
    EXPECT_EQ(NamesIn(rig.disk, ""), Names{"d"});
  });
}

TEST_P(DurableDirectoryTest, TwoEmptyOnesBecomeOne) {
  InWorld([](Rig& rig) {
    ASSERT_TRUE(rig.disk.CreateDirectory("d").ok());
    ASSERT_TRUE(rig.disk.CreateDirectory("d.tmp").ok());
    ASSERT_TRUE(CreateDurableDirectory(rig.disk, "d").ok());
    EXPECT_EQ(NamesIn(rig.disk, ""), Names{"d"});
  });
}

TEST_P(DurableDirectoryTest, OneThatIsInUseStays) {
  InWorld([](Rig& rig) {
    ASSERT_TRUE(rig.disk.CreateDirectory("d").ok());
    Put(rig.disk, "d/newer");
    ASSERT_TRUE(rig.disk.CreateDirectory("d.tmp").ok());
    Put(rig.disk, "d.tmp/older");
    ASSERT_TRUE(CreateDurableDirectory(rig.disk, "d").ok());
    EXPECT_EQ(NamesIn(rig.disk, "d"), Names{"newer"});
    EXPECT_EQ(NamesIn(rig.disk, "d.tmp"), Names{"older"});
  });
}

}  // namespace
}  // namespace wt::test
