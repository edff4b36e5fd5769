// Proves the mapping that engine/env/disk.h promises, and that what is unknown counts as unknown.
#include "engine/posix/posix_error.h"

#include <cerrno>

#include "engine/base/status.h"
#include "engine/posix/file_descriptor.h"
#include "gtest/gtest.h"

namespace wt {
namespace {

TEST(PosixErrorTest, CodesAreTheContracts) {
  EXPECT_EQ(CodeOfErrno(EIO), absl::StatusCode::kUnavailable);
  EXPECT_EQ(CodeOfErrno(ENOSPC), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(CodeOfErrno(EDQUOT), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(CodeOfErrno(EROFS), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(CodeOfErrno(EBADF), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(CodeOfErrno(EADDRINUSE), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(CodeOfErrno(EADDRNOTAVAIL), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeOfErrno(ENOENT), absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeOfErrno(EEXIST), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(CodeOfErrno(EISDIR), absl::StatusCode::kInvalidArgument);
}

TEST(PosixErrorTest, AnErrorThatNobodyKnowsIsAnUnknownOutcome) {
  EXPECT_EQ(CodeOfErrno(ENODEV), absl::StatusCode::kUnavailable);
  EXPECT_EQ(CodeOfErrno(4000), absl::StatusCode::kUnavailable);
}

TEST(PosixErrorTest, MessageNamesFileOperationAndReason) {
  EXPECT_EQ(MessageOf(ErrnoStatus(EIO, "fdatasync", "log/000007")),
            "log/000007: fdatasync: Input/output error");
  EXPECT_EQ(MessageOf(ErrnoStatus(ENOENT, "open", "")),
            "data folder: open: No such file or directory");
}

TEST(RetryInterruptedTest, GoesOnUntilTheCallWasNotInterrupted) {
  int calls = 0;
  EXPECT_EQ(RetryInterrupted([&] {
              errno = EINTR;
              return ++calls < 3 ? -1 : 7;
            }),
            7);
  EXPECT_EQ(calls, 3);
}

TEST(RetryInterruptedTest, GivesOtherErrorsBackAtOnce) {
  int calls = 0;
  EXPECT_EQ(RetryInterrupted([&] {
              errno = EIO;
              ++calls;
              return -1;
            }),
            -1);
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace wt
