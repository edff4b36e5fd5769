// Runs something that must fail a WT_CHECK, and says which one it was.
//
//   EXPECT_THAT(FailedCheck([&] { mutex.Unlock(); }), HasSubstr("HeldByMe"));
#ifndef WAVETANK_TESTS_BASE_FAILED_CHECK_H_
#define WAVETANK_TESTS_BASE_FAILED_CHECK_H_

#include <string>

#include "engine/base/check.h"

namespace wt {

// "" when no check failed. The check must fail on this thread, in code that may be unwound.
template <typename Body>
std::string FailedCheck(Body body) {
  const CheckHandler previous =
      SetCheckHandler([](const CheckFailure& failure) { throw CheckFailure(failure); });
  std::string what;
  try {
    body();
  } catch (const CheckFailure& failure) {
    what = failure.what;
  }
  SetCheckHandler(previous);
  return what;
}

}  // namespace wt

#endif  // WAVETANK_TESTS_BASE_FAILED_CHECK_H_
