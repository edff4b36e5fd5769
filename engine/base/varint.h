// Unsigned numbers in one to five bytes, seven bits each, the low ones first; the high bit of a
// byte says that another follows. (LEB128, as in LevelDB's blocks.)
#ifndef WAVETANK_ENGINE_BASE_VARINT_H_
#define WAVETANK_ENGINE_BASE_VARINT_H_

#include <cstdint>
#include <string>

namespace wt {

inline constexpr int kMaxVarint32Bytes = 5;

inline void PutVarint32(std::string& out, uint32_t value) {
  char bytes[kMaxVarint32Bytes];
  int n = 0;
  for (; value >= 128; value >>= 7) bytes[n++] = static_cast<char>(value | 128);
  bytes[n++] = static_cast<char>(value);
  out.append(bytes, n);
}

// Reads from [at, end); returns where it ends, or null when there is no number of 32 bits.
inline const char* GetVarint32(const char* at, const char* end, uint32_t* value) {
  uint64_t result = 0;
  for (int shift = 0; shift < 7 * kMaxVarint32Bytes && at < end; shift += 7) {
    const uint64_t byte = static_cast<uint8_t>(*at++);
    result |= (byte & 127) << shift;
    if (byte < 128) {
      *value = static_cast<uint32_t>(result);
      return result <= ~uint32_t{0} ? at : nullptr;
    }
  }
  return nullptr;
}

}  // namespace wt

#endif  // WAVETANK_ENGINE_BASE_VARINT_H_
