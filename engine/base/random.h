// Keyed randomness: a draw is a pure function of what it is for.
//
//   Draw draw(seed, {kDomainDisk, machine, site, ordinal});
//   if (draw.OneIn(8)) ...                       // first number of this key
//   uint64_t offset = draw.Below(file_size);     // second number of this key
//
// A stream shared by many users would shift every later draw when one user draws once more. Here a
// new draw in one place moves nothing elsewhere, so a seed survives most changes to the code.
// Integers only: no floating point takes part in a decision.
#ifndef WAVETANK_ENGINE_BASE_RANDOM_H_
#define WAVETANK_ENGINE_BASE_RANDOM_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "engine/base/check.h"

namespace wt {

// SplitMix64's finaliser (Steele, Lea and Flood, OOPSLA 2014): a bijection that mixes every bit.
constexpr uint64_t Mix64(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// FNV-1a at compile time: names as key parts ("disk.sync" and the like). Stable for ever.
constexpr uint64_t KeyOf(std::string_view name) {
  uint64_t hash = 0xcbf29ce484222325;
  for (char c : name) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  return hash;
}

class Draw {
 public:
  constexpr explicit Draw(uint64_t seed) : state_(Mix64(seed)) {}
  constexpr Draw(uint64_t seed, std::initializer_list<uint64_t> key) : state_(Mix64(seed)) {
    // The rotation keeps a seed apart from an equal key part, and {} from {0}.
    for (uint64_t part : key) state_ = Mix64(std::rotl(state_, 1) ^ Mix64(part));
  }

  constexpr uint64_t Next() {
    state_ += 0x9e3779b97f4a7c15;
    return Mix64(state_);
  }
  // Uniform in [0, n). Requires: n > 0. (Lemire's multiply-shift; bias below n / 2^64.)
  constexpr uint64_t Below(uint64_t n) {
    WT_CHECK(n > 0);
    return static_cast<uint64_t>((static_cast<unsigned __int128>(Next()) * n) >> 64);
  }
  // Uniform in [low, high]. Requires: low <= high.
  constexpr uint64_t Between(uint64_t low, uint64_t high) {
    WT_CHECK(low <= high);
    return high - low == ~uint64_t{0} ? Next() : low + Below(high - low + 1);
  }
  constexpr bool OneIn(uint64_t n) { return Below(n) == 0; }
  // True with a chance of `ppm` in a million.
  constexpr bool Chance(uint32_t ppm) { return Below(1'000'000) < ppm; }

 private:
  uint64_t state_;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_BASE_RANDOM_H_
