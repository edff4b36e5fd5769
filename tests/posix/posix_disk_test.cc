// Proves that a folder behaves as engine/env/disk.h says a disk does, name by name: on a real file
// system, in a folder of its own.
#include "engine/posix/posix_disk.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/env/file_io.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/posix/failing_syscall.h"
#include "tests/posix/temporary_folder.h"

namespace wt {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class PosixDiskTest : public testing::Test {
 protected:
  void Put(std::string_view path, std::string_view content) {
    auto file = disk_.Open(path, OpenMode::kCreate);
    ASSERT_TRUE(file.ok()) << file.status();
    ASSERT_TRUE(WriteFully(**file, 0, content).ok());
    ASSERT_TRUE((*file)->Close().ok());
  }
  std::string Get(std::string_view path) {
    absl::StatusOr<std::string> content = ReadWholeFile(disk_, path, kMiB);
    return content.ok() ? *content : content.status().ToString();
  }
  std::vector<DirectoryEntry> Sorted(std::string_view directory) {
    absl::StatusOr<std::vector<DirectoryEntry>> entries = disk_.List(directory);
    EXPECT_TRUE(entries.ok()) << entries.status();
    std::sort(entries->begin(), entries->end());
    return *entries;
  }

  static constexpr uint64_t kMiB = 1 << 20;
  TemporaryFolder folder_;
  PosixDisk disk_{folder_.path()};
};

TEST_F(PosixDiskTest, WhatWasWrittenIsReadBack) {
  Put("a", "hello");
  EXPECT_EQ(Get("a"), "hello");
}

TEST_F(PosixDiskTest, OpenModesMindWhetherTheNameIsTaken) {
  EXPECT_EQ(disk_.Open("a", OpenMode::kReadOnly).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(disk_.Open("a", OpenMode::kReadWrite).status().code(), StatusCode::kNotFound);
  Put("a", "x");
  EXPECT_EQ(disk_.Open("a", OpenMode::kCreate).status().code(), StatusCode::kAlreadyExists);
  EXPECT_TRUE(disk_.Open("a", OpenMode::kReadWrite).ok());
  EXPECT_EQ(Get("a"), "x");
}

TEST_F(PosixDiskTest, AFolderIsNotAFile) {
  ASSERT_TRUE(disk_.CreateDirectory("d").ok());
  EXPECT_EQ(disk_.Open("d", OpenMode::kReadOnly).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(disk_.Open("d", OpenMode::kReadWrite).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(disk_.Remove("d").code(), StatusCode::kInvalidArgument);
}

TEST_F(PosixDiskTest, RenameReplaces) {
  Put("new", "2");
  Put("old", "1");
  ASSERT_TRUE(disk_.Rename("new", "old").ok());
  EXPECT_EQ(Get("old"), "2");
  EXPECT_THAT(Sorted(""), ElementsAre(DirectoryEntry{"old", false}));
  EXPECT_EQ(disk_.Rename("new", "old").code(), StatusCode::kNotFound);
}

TEST_F(PosixDiskTest, ARemovedFileStaysUsableThroughItsHandle) {
  Put("a", "still here");
  auto file = disk_.Open("a", OpenMode::kReadOnly);
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE(disk_.Remove("a").ok());
  EXPECT_EQ(disk_.Remove("a").code(), StatusCode::kNotFound);
  std::string content(10, '\0');
  EXPECT_EQ(*ReadFully(**file, 0, content), 10u);
  EXPECT_EQ(content, "still here");
}

TEST_F(PosixDiskTest, CreateDirectoryIsIdempotentAndOneLevelDeep) {
  EXPECT_TRUE(disk_.CreateDirectory("d").ok());
  EXPECT_TRUE(disk_.CreateDirectory("d").ok());
  EXPECT_EQ(disk_.CreateDirectory("x/y").code(), StatusCode::kNotFound);
  Put("f", "");
  EXPECT_EQ(disk_.CreateDirectory("f").code(), StatusCode::kAlreadyExists);
}

TEST_F(PosixDiskTest, ListShowsOneLevel) {
  EXPECT_THAT(Sorted(""), IsEmpty());
  ASSERT_TRUE(disk_.CreateDirectory("d").ok());
  Put("a", "");
  Put("d/b", "");
  EXPECT_THAT(Sorted(""), ElementsAre(DirectoryEntry{"a", false}, DirectoryEntry{"d", true}));
  EXPECT_THAT(Sorted("d"), ElementsAre(DirectoryEntry{"b", false}));
  EXPECT_EQ(disk_.List("none").status().code(), StatusCode::kNotFound);
  EXPECT_EQ(disk_.List("a").status().code(), StatusCode::kInvalidArgument);
}

TEST_F(PosixDiskTest, ALinkToAFolderIsAFolder) {
  ASSERT_TRUE(disk_.CreateDirectory("d").ok());
  ASSERT_EQ(::symlink("d", (folder_.path() + "/link").c_str()), 0);
  ASSERT_EQ(::symlink("nowhere", (folder_.path() + "/dangling").c_str()), 0);
  EXPECT_THAT(Sorted(""), ElementsAre(DirectoryEntry{"d", true}, DirectoryEntry{"dangling", false},
                                      DirectoryEntry{"link", true}));
  Put("link/a", "through the link");
  EXPECT_EQ(Get("d/a"), "through the link");
}

TEST_F(PosixDiskTest, SyncDirectoryWorksOnTheRootAndBelow) {
  ASSERT_TRUE(disk_.CreateDirectory("d").ok());
  EXPECT_TRUE(disk_.SyncDirectory("").ok());
  EXPECT_TRUE(disk_.SyncDirectory("d").ok());
  EXPECT_EQ(disk_.SyncDirectory("none").code(), StatusCode::kNotFound);
}

TEST_F(PosixDiskTest, AFailedDirectorySyncIsAnUnknownOutcome) {
  WT_WITH_FAILING_SYSCALL(SYS_fsync, EIO, [&] {
    const absl::Status status = disk_.SyncDirectory("");
    EXPECT_EQ(status.code(), StatusCode::kUnavailable);
    EXPECT_THAT(MessageOf(status), HasSubstr("data folder: fsync of the directory"));
  });
}

TEST_F(PosixDiskTest, BadPathsAreRefusedByEveryCall) {
  const std::string outside = "../x";
  EXPECT_EQ(disk_.Open(outside, OpenMode::kCreate).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(disk_.Rename(outside, "a").code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(disk_.Rename("a", outside).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(disk_.Remove(outside).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(disk_.CreateDirectory(outside).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(disk_.List(outside).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(disk_.SyncDirectory(outside).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(disk_.Lock(outside).status().code(), StatusCode::kInvalidArgument);
}

TEST_F(PosixDiskTest, AMissingRootIsMadeOneLevelDeep) {
  PosixDisk made(folder_.path() + "/data");
  EXPECT_TRUE(made.status().ok()) << made.status();
  EXPECT_TRUE(made.Open("a", OpenMode::kCreate).ok());
  PosixDisk too_deep(folder_.path() + "/no/data");
  EXPECT_EQ(too_deep.status().code(), StatusCode::kNotFound);
}

TEST_F(PosixDiskTest, ARootThatCannotBeUsedSpeaksThroughEveryCall) {
  Put("file", "");
  PosixDisk disk(folder_.path() + "/file");
  EXPECT_FALSE(disk.status().ok());
  EXPECT_EQ(disk.Open("a", OpenMode::kCreate).status(), disk.status());
  EXPECT_EQ(disk.List("").status(), disk.status());
  EXPECT_EQ(disk.SyncDirectory(""), disk.status());
}

}  // namespace
}  // namespace wt
