#include "reports/text.h"

#include "absl/strings/str_format.h"
#include "engine/base/check.h"

namespace wt::reports {
namespace {

// "12.4" of 12'437 thousandths: one decimal, cut off; integers only.
std::string OneDecimal(uint64_t thousandths, std::string_view unit) {
  if (thousandths >= 100'000) return absl::StrFormat("%d%s", thousandths / 1000, unit);
  return absl::StrFormat("%d.%d%s", thousandths / 1000, thousandths / 100 % 10, unit);
}

// Kibi-style thousandths without overflow for any 64-bit number of bytes.
std::string InUnit(uint64_t bytes, uint64_t unit, std::string_view name) {
  const uint64_t whole = bytes / unit;
  const uint64_t tenth = bytes % unit * 10 / unit;
  if (tenth == 0 || whole >= 100) return absl::StrFormat("%d %s", whole, name);
  return absl::StrFormat("%d.%d %s", whole, tenth, name);
}

}  // namespace

std::string WithThousands(uint64_t number) {
  std::string digits = std::to_string(number);
  for (size_t from_end = 3; from_end < digits.size(); from_end += 4) {
    digits.insert(digits.size() - from_end, 1, ',');
  }
  return digits;
}

std::string Plural(uint64_t number, std::string_view noun) {
  WT_CHECK(!noun.empty());
  return absl::StrFormat("%s %s%s", WithThousands(number), noun, number == 1 ? "" : "s");
}

std::string Seconds(uint64_t microseconds) {
  return absl::StrFormat("%d.%03ds", microseconds / 1'000'000, microseconds / 1000 % 1000);
}

std::string RoughTime(uint64_t microseconds) {
  const uint64_t seconds = microseconds / 1'000'000;
  if (microseconds < 1'000'000) return absl::StrFormat("%dms", microseconds / 1000);
  if (seconds < 60) return OneDecimal(microseconds / 1000, "s");
  if (seconds < 3600) return absl::StrFormat("%dm %02ds", seconds / 60, seconds % 60);
  return absl::StrFormat("%sh %02dm", WithThousands(seconds / 3600), seconds / 60 % 60);
}

std::string RoughNumber(uint64_t number) {
  if (number < 1000) return std::to_string(number);
  if (number < 1'000'000) return OneDecimal(number, "k");
  if (number < 1'000'000'000) return OneDecimal(number / 1000, "M");
  return OneDecimal(number / 1'000'000, "G");
}

std::string RoughBytes(uint64_t bytes) {
  if (bytes < 1024) return absl::StrFormat("%d B", bytes);
  if (bytes < 1024 * 1024) return InUnit(bytes, 1024, "KiB");
  if (bytes < 1024 * 1024 * 1024) return InUnit(bytes, 1024 * 1024, "MiB");
  return InUnit(bytes, 1024 * 1024 * 1024, "GiB");
}

std::string Hex(uint64_t number) { return absl::StrFormat("0x%x", number); }

std::string HexDigest(uint64_t digest) { return absl::StrFormat("0x%016x", digest); }

std::string RunName(std::string_view scenario, uint64_t seed) {
  return absl::StrFormat("%s:%s", scenario, Hex(seed));
}

size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  for (char c : text) width += (static_cast<uint8_t>(c) & 0xc0) != 0x80;
  return width;
}

std::string PadRight(std::string_view text, size_t width) {
  const size_t have = DisplayWidth(text);
  return std::string(text) + std::string(have < width ? width - have : 0, ' ');
}

std::string PadLeft(std::string_view text, size_t width) {
  const size_t have = DisplayWidth(text);
  return std::string(have < width ? width - have : 0, ' ') + std::string(text);
}

std::string Paint(Look look, Ink ink, std::string_view text) {
  if (!look.colour || ink == Ink::kPlain || text.empty()) return std::string(text);
  static constexpr std::string_view kCodes[] = {"0", "1", "2", "31", "32", "33", "36"};
  return absl::StrFormat("\x1b[%sm%s\x1b[0m", kCodes[static_cast<size_t>(ink)], text);
}

}  // namespace wt::reports
