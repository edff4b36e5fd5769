// Proves that a failure is told with few operations, in columns, however long the history was.
#include "scenarios/linearizability/window.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace wt::lin {
namespace {

using ::testing::HasSubstr;

class WindowTest : public ::testing::Test {
 protected:
  WindowTest() { history_.keys = {"other", "k"}; }

  uint32_t Value(std::string_view text) { return history_.values.Intern(text); }
  void Do(Function function, uint64_t argument, uint64_t result = kUnknown, uint32_t key = 1) {
    const Function called =
        function == Function::kCompareFailed ? Function::kCompareAndSet : function;
    const size_t number = builder_.Invoke(
        {.argument = argument, .client = 4, .key = key, .function = called}, now_++);
    builder_.Return(number, function, result, now_++);
  }
  std::string Message() { return Explain(history_, Check(history_, {})); }

  History history_;
  HistoryBuilder builder_{&history_};
  int64_t now_ = 1'000'000'000;
};

TEST_F(WindowTest, ShowsOnlyWhatMatters) {
  history_.unit = StampUnit::kLine;
  now_ = 1;
  for (int i = 0; i < 20; ++i) {
    Do(Function::kWrite, Value("a"));
    Do(Function::kRead, 0, Value("a"));
    Do(Function::kWrite, Value("b"), kUnknown, /*key=*/0);
    Do(Function::kWrite, Value("b"));
    Do(Function::kCompareFailed, PackPair(Value("a"), Value("c")));
  }
  Do(Function::kRead, 0, Value("c"));
  Do(Function::kWrite, Value("d"));
  EXPECT_EQ(Message(),
            "key k (a register, at first nil): no order of anything explains this result\n"
            "  client 4  read  = c  line 201 .. line 202\n");
}

TEST_F(WindowTest, ShowsTheLastOfMany) {
  history_.model = ModelKind::kCounter;
  for (uint64_t i = 0; i < 50; ++i) Do(Function::kIncrement, 1);
  Do(Function::kRead, 0, 51);
  const std::string message = Message();
  EXPECT_EQ(std::count(message.begin(), message.end(), '\n'), 12);
  EXPECT_THAT(message, HasSubstr("no order of these 51 operations explains their results\n"
                                 "  ... 41 earlier ones\n"
                                 "  client 4  add 1  ok    1.000000s .. 1.000000s\n"));
  EXPECT_THAT(message, HasSubstr("  client 4  read   = 51"));
}

TEST_F(WindowTest, AnOpenWriteIsShownWhenItMatters) {
  builder_.Invoke({.argument = Value("x"), .client = 9, .key = 1, .function = Function::kWrite},
                  now_);
  Do(Function::kRead, 0, Value("x"));
  Do(Function::kRead, 0, Values::kNil);
  EXPECT_THAT(Message(), HasSubstr("client 9  write x  no answer  1.000000s ..\n"));
}

TEST_F(WindowTest, ABudgetEndsTheShrinking) {
  for (int i = 0; i < 5; ++i) Do(Function::kWrite, Value("a"));
  Do(Function::kRead, 0, Value("c"));
  const Window window = FindWindow(history_, Check(history_, {}), {.steps = 1});
  EXPECT_FALSE(window.minimal);
  EXPECT_EQ(Check(window.history, {}).verdict, Verdict::kNotLinearizable);
}

}  // namespace
}  // namespace wt::lin
