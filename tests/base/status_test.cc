// Proves the error helpers: codes, formatted messages, context, and that the macros return early
// and move values out.
#include "engine/base/status.h"

#include <memory>
#include <string>

#include "gtest/gtest.h"

namespace wt {
namespace {

TEST(StatusTest, EachHelperHasItsCodeAndFormats) {
  EXPECT_EQ(NotFound("%s", "x").code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(AlreadyExists("%s", "x").code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(DataLoss("%s", "x").code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Unavailable("%s", "x").code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(FailedPrecondition("%s", "x").code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ResourceExhausted("%s", "x").code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(InvalidArgument("%s", "x").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Aborted("%s", "x").code(), absl::StatusCode::kAborted);
  EXPECT_EQ(DeadlineExceeded("%s", "x").code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(MessageOf(DataLoss("log/%06d at %d: checksum 0x%x, want 0x%x", 7, 40960, 0x1b2c, 0x99)),
            "log/000007 at 40960: checksum 0x1b2c, want 0x99");
}

TEST(StatusTest, AnnotateKeepsPayloads) {
  absl::Status status = NotFound("no such file");
  status.SetPayload("mark", absl::Cord("of what it is"));
  EXPECT_EQ(Annotate(status, "CURRENT").GetPayload("mark"), absl::Cord("of what it is"));
}

TEST(StatusTest, AnnotateKeepsTheCodeAndPutsContextFirst) {
  const absl::Status status = Annotate(NotFound("no such file"), "CURRENT");
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(MessageOf(status), "CURRENT: no such file");
  EXPECT_TRUE(Annotate(absl::OkStatus(), "CURRENT").ok());
}

absl::Status Chain(const absl::Status& first, int& reached) {
  WT_RETURN_IF_ERROR(first);
  ++reached;
  return absl::OkStatus();
}

TEST(StatusTest, ReturnIfErrorReturnsErrorsOnly) {
  int reached = 0;
  EXPECT_TRUE(Chain(absl::OkStatus(), reached).ok());
  EXPECT_EQ(reached, 1);
  EXPECT_EQ(Chain(Aborted("stop"), reached), absl::AbortedError("stop"));
  EXPECT_EQ(reached, 1);
}

absl::StatusOr<std::unique_ptr<int>> Make(int value) {
  if (value < 0) return InvalidArgument("negative: %d", value);
  return std::make_unique<int>(value);
}

absl::StatusOr<int> Sum(int a, int b) {
  WT_ASSIGN_OR_RETURN(std::unique_ptr<int> left, Make(a));
  std::unique_ptr<int> right;
  WT_ASSIGN_OR_RETURN(right, Make(b));
  return *left + *right;
}

TEST(StatusTest, AssignOrReturnMovesValuesAndReturnsErrors) {
  EXPECT_EQ(*Sum(2, 3), 5);
  EXPECT_EQ(Sum(-2, 3).status(), absl::InvalidArgumentError("negative: -2"));
  EXPECT_EQ(Sum(2, -3).status(), absl::InvalidArgumentError("negative: -3"));
}

}  // namespace
}  // namespace wt
