// Numbers and strings as bytes: little endian, fixed width or length-prefixed. Every format of the
// project is written with these and read back with ByteReader, which never reads past its end.
//
//   std::string out;
//   PutU64(out, 7);
//   PutString(out, "key");
//   ByteReader in(out);
//   uint64_t n = in.U64();
//   std::string_view key = in.String();
//   if (!in.ok() || !in.empty()) return DataLoss(...);
#ifndef WAVETANK_ENGINE_BASE_CODING_H_
#define WAVETANK_ENGINE_BASE_CODING_H_

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace wt {

static_assert(std::endian::native == std::endian::little,
              "formats are little endian; a big-endian host needs byte swaps here");

template <typename T>
inline void StoreLittle(char* to, T value) {
  std::memcpy(to, &value, sizeof(T));
}
template <typename T>
inline T LoadLittle(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}
template <typename T>
inline void PutLittle(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(T));
}

inline void PutU8(std::string& out, uint8_t value) { out.push_back(static_cast<char>(value)); }
inline void PutU16(std::string& out, uint16_t value) { PutLittle(out, value); }
inline void PutU32(std::string& out, uint32_t value) { PutLittle(out, value); }
inline void PutU64(std::string& out, uint64_t value) { PutLittle(out, value); }
inline void PutI64(std::string& out, int64_t value) { PutLittle(out, value); }
// u32 length, then the bytes. Requires: fewer than 2^32 bytes.
inline void PutString(std::string& out, std::string_view bytes) {
  PutU32(out, static_cast<uint32_t>(bytes.size()));
  out.append(bytes);
}

// Reads what the functions above wrote. After the first read that does not fit, ok() is false for
// good and every read returns zero or empty.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes), size_(bytes.size()) {}

  uint8_t U8() { return Take<uint8_t>(); }
  uint16_t U16() { return Take<uint16_t>(); }
  uint32_t U32() { return Take<uint32_t>(); }
  uint64_t U64() { return Take<uint64_t>(); }
  int64_t I64() { return Take<int64_t>(); }
  std::string_view String() { return Raw(U32()); }
  // The next n bytes; they live as long as what was given to the constructor.
  std::string_view Raw(uint64_t n) {
    if (!ok_ || n > rest_.size()) return Fail();
    std::string_view taken = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return taken;
  }

  bool ok() const { return ok_; }
  bool empty() const { return rest_.empty(); }
  uint64_t offset() const { return size_ - rest_.size(); }
  std::string_view rest() const { return rest_; }

 private:
  template <typename T>
  T Take() {
    std::string_view raw = Raw(sizeof(T));
    return ok_ ? LoadLittle<T>(raw.data()) : T{};
  }
  std::string_view Fail() {
    ok_ = false;
    rest_ = {};
    return {};
  }

  std::string_view rest_;
  uint64_t size_;
  bool ok_ = true;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_BASE_CODING_H_
