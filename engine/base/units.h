// Numbers with a meaning are types, so that a term cannot be passed for an index.
#ifndef WAVETANK_ENGINE_BASE_UNITS_H_
#define WAVETANK_ENGINE_BASE_UNITS_H_

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>

namespace wt {

// A span of time; integers only: std::chrono's literals (200ms, 60s) work.
using Duration = std::chrono::nanoseconds;

// A 64-bit number of one kind. Counts up: supports +n, -n, ++, difference.
template <typename Tag>
class Ordinal {
 public:
  constexpr Ordinal() = default;
  constexpr explicit Ordinal(uint64_t value) : value_(value) {}
  constexpr uint64_t value() const { return value_; }
  constexpr auto operator<=>(const Ordinal&) const = default;
  constexpr Ordinal operator+(uint64_t n) const { return Ordinal(value_ + n); }
  constexpr Ordinal operator-(uint64_t n) const { return Ordinal(value_ - n); }
  constexpr uint64_t operator-(Ordinal other) const { return value_ - other.value_; }
  constexpr Ordinal& operator++() {
    ++value_;
    return *this;
  }
  std::string ToString() const { return std::to_string(value_); }

 private:
  uint64_t value_ = 0;
};

// Position of an entry in the log; the first entry has 1, 0 means "before the first".
using LogIndex = Ordinal<struct LogIndexTag>;
// The reign of one primary; 0 means "none yet".
using Term = Ordinal<struct TermTag>;

// An instant of a machine's monotonic clock; only differences mean anything.
struct MonotonicClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonotonicClock>;
  static constexpr bool is_steady = true;
};
using Time = MonotonicClock::time_point;

// An instant of a machine's wall clock, since the Unix epoch. May jump either way.
struct WallClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<WallClock>;
  static constexpr bool is_steady = false;
};
using WallTime = WallClock::time_point;

inline constexpr uint64_t kKiB = 1024;
inline constexpr uint64_t kMiB = 1024 * kKiB;
inline constexpr uint64_t kGiB = 1024 * kMiB;

}  // namespace wt

#endif  // WAVETANK_ENGINE_BASE_UNITS_H_
