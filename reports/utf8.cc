#include "reports/utf8.h"

#include <cstddef>

#include "engine/base/check.h"

namespace wt::reports {
namespace {

// Bytes of a character by its first one; 0: none begins so.
size_t LengthOf(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

// The character of `length` bytes that begins `text`, or kInvalid.
uint32_t Decode(std::string_view text, size_t length) {
  if (length == 0 || length > text.size()) return kInvalid;
  const auto first = static_cast<unsigned char>(text[0]);
  if (length == 1) return first;
  uint32_t c = first & (0x7f >> length);
  for (size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0) != 0x80) return kInvalid;
    c = c << 6 | (next & 0x3f);
  }
  constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = c >= 0xd800 && c < 0xe000;
  return c < kLeast[length] || surrogate || c > 0x10ffff ? kInvalid : c;
}

}  // namespace

void ForEachCharacter(std::string_view text,
                      const std::function<void(uint32_t c, std::string_view bytes)>& see) {
  WT_CHECK(see);
  while (!text.empty()) {
    size_t length = LengthOf(static_cast<unsigned char>(text.front()));
    const uint32_t c = Decode(text, length);
    if (c == kInvalid) length = 1;
    see(c, text.substr(0, length));
    text.remove_prefix(length);
  }
}

}  // namespace wt::reports
