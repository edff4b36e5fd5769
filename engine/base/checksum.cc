#include "engine/base/checksum.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>

#include "absl/strings/str_format.h"
#include "engine/base/coding.h"

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace wt {
namespace {

constexpr std::array<uint32_t, 256> MakeCrcTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) ? 0x82f63b78u : 0u);
    table[i] = crc;
  }
  return table;
}
constexpr std::array<uint32_t, 256> kCrcTable = MakeCrcTable();

#if defined(__x86_64__)
// SSE4.2 is older than any machine that this engine is for, but the check costs one load.
__attribute__((target("sse4.2"))) uint32_t Crc32cHardware(uint32_t seed, std::string_view bytes) {
  uint64_t crc = ~seed;
  const char* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= 8; left -= 8, at += 8) crc = _mm_crc32_u64(crc, LoadLittle<uint64_t>(at));
  auto crc32 = static_cast<uint32_t>(crc);
  if (left >= 4) {
    crc32 = _mm_crc32_u32(crc32, LoadLittle<uint32_t>(at));
    left -= 4;
    at += 4;
  }
  for (; left > 0; --left, ++at) crc32 = _mm_crc32_u8(crc32, static_cast<uint8_t>(*at));
  return ~crc32;
}
#endif

}  // namespace

uint32_t Crc32cPortable(uint32_t seed, std::string_view bytes) {
  uint32_t crc = ~seed;
  for (char c : bytes) crc = kCrcTable[(crc ^ static_cast<uint8_t>(c)) & 0xff] ^ (crc >> 8);
  return ~crc;
}

uint32_t Crc32c(uint32_t seed, std::string_view bytes) {
#if defined(__x86_64__)
  static const bool has_hardware = __builtin_cpu_supports("sse4.2");
  if (has_hardware) return Crc32cHardware(seed, bytes);
#endif
  return Crc32cPortable(seed, bytes);
}

uint64_t Hash64(std::string_view bytes, uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

Hash128 HashBytes128(std::string_view bytes, uint64_t seed) {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(bytes.data(), bytes.size(), seed);
  return {hash.low64, hash.high64};
}

std::string Hash128::ToString() const { return absl::StrFormat("%016x%016x", high, low); }

}  // namespace wt
