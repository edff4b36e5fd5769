// Proves reads, writes and sizes of one file, and what happens when the kernel says no: failures
// are real error numbers from real system calls, arranged by a seccomp filter.
#include "engine/posix/posix_file.h"

#include <memory>
#include <string>

#include "engine/base/status.h"
#include "engine/env/file_io.h"
#include "engine/posix/posix_disk.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/posix/failing_syscall.h"
#include "tests/posix/temporary_folder.h"

namespace wt {
namespace {

using absl::StatusCode;
using testing::HasSubstr;

class PosixFileTest : public testing::Test {
 protected:
  PosixFileTest() : file_(*disk_.Open("f", OpenMode::kCreate)) {}

  std::string Content() { return *ReadWholeFile(disk_, "f", 1 << 24); }

  TemporaryFolder folder_;
  PosixDisk disk_{folder_.path()};
  std::unique_ptr<File> file_;
};

TEST_F(PosixFileTest, AGapReadsAsZeros) {
  ASSERT_EQ(*file_->WriteAt(4, "x"), 1u);
  EXPECT_EQ(Content(), std::string("\0\0\0\0x", 5));
  EXPECT_EQ(*file_->Size(), 5u);
}

TEST_F(PosixFileTest, ReadsAreShortAtTheEndAndEmptyBeyondIt) {
  ASSERT_TRUE(WriteFully(*file_, 0, "hello").ok());
  char out[8];
  EXPECT_EQ(*file_->ReadAt(3, out), 2u);
  EXPECT_EQ(*file_->ReadAt(5, out), 0u);
  EXPECT_EQ(*file_->ReadAt(500, out), 0u);
  EXPECT_EQ(*file_->ReadAt(0, std::span<char>()), 0u);
}

TEST_F(PosixFileTest, TruncateShrinksAndGrows) {
  ASSERT_TRUE(WriteFully(*file_, 0, "hello").ok());
  ASSERT_TRUE(file_->Truncate(2).ok());
  EXPECT_EQ(Content(), "he");
  ASSERT_TRUE(file_->Truncate(4).ok());
  EXPECT_EQ(Content(), std::string("he\0\0", 4));
}

TEST_F(PosixFileTest, AMappingShowsTheWholeFileAndOutlivesItsHandle) {
  ASSERT_TRUE(WriteFully(*file_, 0, "hello").ok());
  const std::unique_ptr<FileMapping> mapping = *file_->Map();
  file_ = nullptr;
  ASSERT_NE(mapping, nullptr);
  EXPECT_EQ(mapping->bytes(), "hello");
}

TEST_F(PosixFileTest, AMappingOfAnEmptyFileIsEmpty) {
  const std::unique_ptr<FileMapping> mapping = *file_->Map();
  ASSERT_NE(mapping, nullptr);
  EXPECT_EQ(mapping->bytes(), "");
}

TEST_F(PosixFileTest, AllocateExtendsTheSizeAndKeepsTheBytes) {
  ASSERT_TRUE(WriteFully(*file_, 0, "hello").ok());
  ASSERT_TRUE(file_->Allocate(0, 8192).ok());
  EXPECT_EQ(*file_->Size(), 8192u);
  EXPECT_EQ(Content(), "hello" + std::string(8187, '\0'));
  ASSERT_TRUE(file_->Allocate(0, 100).ok());  // never shrinks
  EXPECT_EQ(*file_->Size(), 8192u);
  EXPECT_TRUE(file_->Allocate(9000, 0).ok());  // nothing asked, nothing done
  EXPECT_EQ(*file_->Size(), 8192u);
}

TEST_F(PosixFileTest, AllocateWorksWhereTheFileSystemCannot) {
  ASSERT_TRUE(WriteFully(*file_, 0, "hello").ok());
  // The C library's stand-in asks the kernel once more, is refused as well, and writes blocks.
  WT_WITH_FAILING_SYSCALL(SYS_fallocate, EOPNOTSUPP, [&] {
    const absl::Status status = file_->Allocate(0, 8192);
    EXPECT_TRUE(status.ok()) << status;
  });
  EXPECT_EQ(*file_->Size(), 8192u);
  EXPECT_EQ(Content(), "hello" + std::string(8187, '\0'));
  WT_WITH_FAILING_SYSCALL(SYS_fallocate, ENOSPC, [&] {
    EXPECT_EQ(file_->Allocate(0, 16384).code(), StatusCode::kResourceExhausted);
  });
}

TEST_F(PosixFileTest, RangesBeyondTheLargestOffsetAreRefused) {
  char out[8];
  const uint64_t too_far = uint64_t{1} << 63;
  EXPECT_EQ(file_->ReadAt(too_far, out).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(file_->WriteAt(too_far - 4, "hello").status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(file_->Truncate(too_far).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(file_->Allocate(1, ~uint64_t{0}).code(), StatusCode::kInvalidArgument);
}

TEST_F(PosixFileTest, AReadOnlyHandleRefusesWrites) {
  std::unique_ptr<File> reader = *disk_.Open("f", OpenMode::kReadOnly);
  EXPECT_EQ(reader->WriteAt(0, "x").status().code(), StatusCode::kFailedPrecondition);
}

TEST_F(PosixFileTest, AClosedFileRefusesEverything) {
  ASSERT_TRUE(file_->Close().ok());
  char out[1];
  for (const absl::Status& status :
       {file_->ReadAt(0, out).status(), file_->WriteAt(0, "x").status(), file_->Sync(),
        file_->Truncate(0), file_->Allocate(0, 1), file_->Size().status(), file_->Close()}) {
    EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
    EXPECT_EQ(MessageOf(status), "f: the file is closed");
  }
}

TEST_F(PosixFileTest, AfterAFailedSyncTheFileIsDeadToWritersForGood) {
  ASSERT_TRUE(WriteFully(*file_, 0, "hello").ok());
  WT_WITH_FAILING_SYSCALL(SYS_fdatasync, EIO, [&] {
    const absl::Status status = file_->Sync();
    EXPECT_EQ(status.code(), StatusCode::kUnavailable);
    EXPECT_EQ(MessageOf(status), "f: fdatasync: Input/output error");
  });
  // The kernel would say yes now: it forgets a lost write once it has told of it.
  for (const absl::Status& status : {file_->Sync(), file_->WriteAt(0, "x").status(),
                                     file_->Truncate(0), file_->Allocate(0, 1)}) {
    EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
    EXPECT_THAT(MessageOf(status), HasSubstr("an earlier sync failed"));
  }
  EXPECT_EQ(Content(), "hello");  // readers may go on
  EXPECT_TRUE(file_->Close().ok());
}

TEST_F(PosixFileTest, AFullDeviceDoesNotKillTheFile) {
  WT_WITH_FAILING_SYSCALL(SYS_pwrite64, ENOSPC, [&] {
    EXPECT_EQ(file_->WriteAt(0, "x").status().code(), StatusCode::kResourceExhausted);
  });
  EXPECT_TRUE(file_->WriteAt(0, "x").ok());
  EXPECT_TRUE(file_->Sync().ok());
}

TEST_F(PosixFileTest, DeviceErrorsAreUnavailable) {
  char out[1];
  WT_WITH_FAILING_SYSCALL(SYS_pread64, EIO, [&] {
    EXPECT_EQ(file_->ReadAt(0, out).status().code(), StatusCode::kUnavailable);
  });
  WT_WITH_FAILING_SYSCALL(SYS_pwrite64, EIO, [&] {
    EXPECT_EQ(file_->WriteAt(0, "x").status().code(), StatusCode::kUnavailable);
  });
  WT_WITH_FAILING_SYSCALL(SYS_ftruncate, EIO,
                          [&] { EXPECT_EQ(file_->Truncate(0).code(), StatusCode::kUnavailable); });
}

TEST_F(PosixFileTest, AWriteOfNothingByTheKernelIsAnErrorAndNotALoop) {
  WT_WITH_FAILING_SYSCALL(SYS_pwrite64, 0, [&] {  // error 0: the call returns 0
    EXPECT_EQ(WriteFully(*file_, 0, "x").code(), StatusCode::kUnavailable);
  });
}

}  // namespace
}  // namespace wt
