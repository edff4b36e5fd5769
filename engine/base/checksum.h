// Checksums of the formats. CRC-32C (Castagnoli, RFC 3720) guards one record or header; XXH3
// (xxHash 0.8, stable output since 0.8.0) guards what must not collide over 10^9 runs: chains,
// snapshots, state digests. Neither withstands an adversary.
#ifndef WAVETANK_ENGINE_BASE_CHECKSUM_H_
#define WAVETANK_ENGINE_BASE_CHECKSUM_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace wt {

// CRC-32C of `bytes`, continuing from `seed` (the CRC of what came before, or a salt). With a
// nonzero seed, a run of zero bytes does not have the CRC 0.
uint32_t Crc32c(uint32_t seed, std::string_view bytes);
inline uint32_t Crc32c(std::string_view bytes) { return Crc32c(0, bytes); }

// The table-driven form of the same function; a test holds them equal.
uint32_t Crc32cPortable(uint32_t seed, std::string_view bytes);

struct Hash128 {
  uint64_t low = 0;
  uint64_t high = 0;
  auto operator<=>(const Hash128&) const = default;
  std::string ToString() const;  // 32 hex digits
};

uint64_t Hash64(std::string_view bytes, uint64_t seed = 0);
Hash128 HashBytes128(std::string_view bytes, uint64_t seed = 0);

}  // namespace wt

#endif  // WAVETANK_ENGINE_BASE_CHECKSUM_H_
