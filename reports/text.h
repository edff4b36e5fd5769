// Numbers, times and names as people read them, and as every page spells them.
#ifndef WAVETANK_REPORTS_TEXT_H_
#define WAVETANK_REPORTS_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace wt::reports {

std::string WithThousands(uint64_t number);                    // 1,234,567
std::string Plural(uint64_t number, std::string_view noun);    // "1 run", "2,000 runs"
std::string Seconds(uint64_t microseconds);                    // "12.481s"; cut off, not rounded
std::string RoughTime(uint64_t microseconds);                  // "87ms", "8.4s", "5m 03s", "3h 20m"
std::string RoughNumber(uint64_t number);                      // "871", "12.4k", "1.2M"
std::string RoughBytes(uint64_t bytes);                        // "512 B", "64 KiB", "1.5 GiB"
std::string Hex(uint64_t number);                              // "0x51f0c2a7"
std::string HexDigest(uint64_t digest);                        // "0x" and 16 digits
std::string RunName(std::string_view scenario, uint64_t seed); // "torn-tail:0x51f0c2a7"

// Columns that UTF-8 text takes on a terminal, each code point counted as one.
size_t DisplayWidth(std::string_view text);
std::string PadRight(std::string_view text, size_t width);
std::string PadLeft(std::string_view text, size_t width);

enum class Ink { kPlain, kBold, kDim, kRed, kGreen, kYellow, kCyan };

// What a page may use: nothing but bytes, unless somebody looks at it on a terminal.
struct Look {
  bool colour = false;
};
std::string Paint(Look look, Ink ink, std::string_view text);

}  // namespace wt::reports

#endif  // WAVETANK_REPORTS_TEXT_H_
