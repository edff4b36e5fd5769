// Proves that a failed check reaches this thread's handler with its place and its values, and that
// without a handler it ends the process.
#include "engine/base/check.h"

#include <string>
#include <thread>

#include "engine/base/units.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/base/failed_check.h"

namespace wt {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

TEST(CheckTest, TrueChecksSayNothing) {
  EXPECT_EQ(FailedCheck([] {
              WT_CHECK(1 < 2);
              WT_CHECK_EQ(1, 1);
              WT_CHECK_NE(1, 2);
              WT_CHECK_LE(1, 1);
              WT_CHECK_LT(1, 2);
              WT_CHECK_GE(1, 1);
              WT_CHECK_GT(2, 1);
            }),
            "");
}

TEST(CheckTest, AFailedCheckNamesItsExpression) {
  EXPECT_EQ(FailedCheck([] { WT_CHECK(2 + 2 == 5); }), "2 + 2 == 5");
}

TEST(CheckTest, AFailedComparisonShowsBothValues) {
  const int got = 3;
  const LogIndex index(7);
  EXPECT_EQ(FailedCheck([&] { WT_CHECK_EQ(got, 4); }), "got == 4 (3 vs. 4)");
  EXPECT_EQ(FailedCheck([&] { WT_CHECK_GT(index, LogIndex(9)); }), "index > LogIndex(9) (7 vs. 9)");
  const std::string name = "x";
  EXPECT_EQ(FailedCheck([&] { WT_CHECK_NE(name, "x"); }), "name != \"x\"");
}

TEST(CheckTest, OperandsAreEvaluatedOnce) {
  int calls = 0;
  EXPECT_NE(FailedCheck([&] { WT_CHECK_EQ(++calls, 5); }), "");
  EXPECT_EQ(calls, 1);
}

CheckFailure last_failure;  // of the test below

TEST(CheckTest, TheHandlerLearnsThePlace) {
  const CheckHandler previous = SetCheckHandler([](const CheckFailure& failure) {
    last_failure = failure;
    throw failure;
  });
  const int line = __LINE__ + 1;
  EXPECT_THROW(WT_CHECK(false), CheckFailure);
  EXPECT_THAT(last_failure.file, EndsWith("check_test.cc"));
  EXPECT_EQ(last_failure.line, line);
  EXPECT_NE(SetCheckHandler(previous), nullptr);
}

TEST(CheckTest, HandlersBelongToTheirThread) {
  const CheckHandler previous = SetCheckHandler([](const CheckFailure&) {});
  CheckHandler of_other = SetCheckHandler(SetCheckHandler(nullptr));
  std::thread([&] { of_other = SetCheckHandler(nullptr); }).join();
  EXPECT_EQ(of_other, nullptr);
  SetCheckHandler(previous);
}

TEST(CheckDeathTest, WithoutAHandlerTheProcessEnds) {
  EXPECT_DEATH(WT_CHECK_EQ(1, 2), "check_test.cc:[0-9]+: check failed: 1 == 2 \\(1 vs. 2\\)");
}

TEST(CheckDeathTest, AHandlerThatReturnsDoesNotSaveTheProcess) {
  EXPECT_DEATH(
      {
        SetCheckHandler([](const CheckFailure&) {});
        WT_CHECK(false);
      },
      "check failed");
}

}  // namespace
}  // namespace wt
