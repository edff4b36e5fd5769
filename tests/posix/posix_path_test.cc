// Proves that no path given to the disk can leave the data folder or name nothing.
#include "engine/posix/posix_path.h"

#include <string>

#include "gtest/gtest.h"

namespace wt {
namespace {

TEST(PosixPathTest, RelativePathsAreGood) {
  for (const char* path : {"a", "a/b", "log/000001", "..a", "a..", ".hidden", "a b", "..."}) {
    EXPECT_TRUE(ValidateFilePath(path).ok()) << path;
    EXPECT_TRUE(ValidateDirectoryPath(path).ok()) << path;
  }
}

TEST(PosixPathTest, PathsOutOfTheFolderAreRefused) {
  for (const char* path : {"/", "/a", ".", "..", "../a", "a/..", "a/../b", "a//b", "a/", "./a"}) {
    EXPECT_EQ(ValidateFilePath(path).code(), absl::StatusCode::kInvalidArgument) << path;
    EXPECT_EQ(ValidateDirectoryPath(path).code(), absl::StatusCode::kInvalidArgument) << path;
  }
}

TEST(PosixPathTest, EmptyNamesTheRootOnlyAsADirectory) {
  EXPECT_FALSE(ValidateFilePath("").ok());
  EXPECT_TRUE(ValidateDirectoryPath("").ok());
}

TEST(PosixPathTest, NulAndOverlongNamesAreRefused) {
  using std::string_literals::operator""s;
  EXPECT_FALSE(ValidateFilePath("a\0b"s).ok());
  EXPECT_TRUE(ValidateFilePath(std::string(255, 'a')).ok());
  EXPECT_FALSE(ValidateFilePath(std::string(256, 'a')).ok());
  std::string deep = "a";
  while (deep.size() < 4096) deep += "/a";
  EXPECT_FALSE(ValidateFilePath(deep).ok());
}

}  // namespace
}  // namespace wt
