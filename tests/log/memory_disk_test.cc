// The disk that the sweeps of a layer run on refuses what a real one refuses.
#include "tests/support/memory_disk.h"

#include <gtest/gtest.h>

namespace wt::test {
namespace {

TEST(MemoryDiskTest, AFileIsNoDirectory) {
  MemoryDisk disk;
  ASSERT_TRUE(disk.CreateDirectory("d").ok());
  ASSERT_TRUE(disk.CreateDirectory("d").ok());
  ASSERT_TRUE(disk.Open("d/a", OpenMode::kCreate).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(disk.CreateDirectory("d/a")));
  EXPECT_TRUE(disk.Open("d/a", OpenMode::kReadOnly).ok());
}

}  // namespace
}  // namespace wt::test
