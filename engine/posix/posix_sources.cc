#include "engine/posix/posix_sources.h"

#include <sys/random.h>

#include <chrono>

#include "engine/base/check.h"
#include "engine/posix/file_descriptor.h"

namespace wt {

Time PosixClock::Now() { return Time(std::chrono::steady_clock::now().time_since_epoch()); }

WallTime PosixClock::WallNow() {
  return WallTime(std::chrono::system_clock::now().time_since_epoch());
}

uint64_t PosixRandom::Next(std::string_view) {
  uint64_t number = 0;
  const ssize_t got = RetryInterrupted([&] { return ::getrandom(&number, sizeof(number), 0); });
  WT_CHECK_EQ(got, static_cast<ssize_t>(sizeof(number)));  // never short below 256 bytes
  return number;
}

}  // namespace wt
