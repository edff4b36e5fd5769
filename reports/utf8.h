// Text that may not be UTF-8, character by character.
#ifndef WAVETANK_REPORTS_UTF8_H_
#define WAVETANK_REPORTS_UTF8_H_

#include <cstdint>
#include <functional>
#include <string_view>

namespace wt::reports {

inline constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD
inline constexpr uint32_t kInvalid = 0xffffffff;

// `see` gets each character and its bytes; a byte that begins no valid character (overlong,
// surrogate, cut off, beyond U+10FFFF) comes alone, as kInvalid.
void ForEachCharacter(std::string_view text,
                      const std::function<void(uint32_t c, std::string_view bytes)>& see);

}  // namespace wt::reports

#endif  // WAVETANK_REPORTS_UTF8_H_
