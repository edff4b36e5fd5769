// Eight bytes that tell most keys apart, in arrays that lie close together: a binary search over
// them touches one or two cache lines where the keys themselves would cost one each.
#ifndef WAVETANK_ENGINE_LSM_DISCRIMINATOR_H_
#define WAVETANK_ENGINE_LSM_DISCRIMINATOR_H_

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "engine/base/coding.h"

namespace wt {

// The first eight bytes, padded with zeros, as a number: compares as the keys do unless equal.
inline uint64_t DiscriminatorOf(std::string_view key) {
  if (key.size() >= 8) return __builtin_bswap64(LoadLittle<uint64_t>(key.data()));
  char padded[8] = {};
  if (!key.empty()) std::memcpy(padded, key.data(), key.size());
  return __builtin_bswap64(LoadLittle<uint64_t>(padded));
}

// A packed array of them.
inline uint64_t DiscriminatorAt(const char* array, uint32_t i) {
  return LoadLittle<uint64_t>(array + 8 * size_t{i});
}

struct IndexRange {
  uint32_t low;   // those before it are below
  uint32_t high;  // those from it on may be looked at in vain, but need not be
};
// Where entries whose discriminators equal `sought` lie among `count` ascending ones.
inline IndexRange EqualRange(const char* array, uint32_t count, uint64_t sought) {
  uint32_t low = 0;
  for (uint32_t n = count; n > 0;) {
    const uint32_t half = n / 2;
    const bool below = DiscriminatorAt(array, low + half) < sought;
    low += below ? half + 1 : 0;
    n = below ? n - half - 1 : half;
  }
  uint32_t high = low;
  for (uint64_t step = 1; high < count && DiscriminatorAt(array, high) == sought; step *= 2) {
    high = static_cast<uint32_t>(std::min<uint64_t>(count, high + step));
  }
  return {low, high};
}

inline std::string_view CommonPrefix(std::string_view a, std::string_view b) {
  const size_t most = std::min(a.size(), b.size());
  size_t n = 0;
  while (n + 8 <= most &&
         LoadLittle<uint64_t>(a.data() + n) == LoadLittle<uint64_t>(b.data() + n)) {
    n += 8;
  }
  while (n < most && a[n] == b[n]) ++n;
  return a.substr(0, n);
}

}  // namespace wt

#endif  // WAVETANK_ENGINE_LSM_DISCRIMINATOR_H_
