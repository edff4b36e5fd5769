#include "scenarios/campaign/values.h"

#include <charconv>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "engine/base/check.h"
#include "engine/base/status.h"

namespace wt::scenarios {
namespace {

constexpr size_t kCommitDigits = 40;

struct Unit {
  std::string_view name;
  uint64_t factor;
};
constexpr Unit kTimes[] = {{"ns", 1},
                           {"us", 1'000},
                           {"ms", 1'000'000},
                           {"s", 1'000'000'000},
                           {"m", 60'000'000'000},
                           {"h", 3'600'000'000'000}};
constexpr Unit kSizes[] = {{"B", 1},      {"KiB", kKiB},     {"MiB", kMiB},        {"GiB", kGiB},
                           {"kB", 1'000}, {"MB", 1'000'000}, {"GB", 1'000'000'000}};

std::optional<uint64_t> Digits(std::string_view text, int base) {
  uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, base);
  if (error != std::errc() || stop != end || text.empty()) return std::nullopt;
  return number;
}

const Unit* UnitNamed(std::span<const Unit> units, std::string_view name) {
  for (const Unit& unit : units) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

// whole.fraction times factor, exactly; nothing if it is not a whole number of the smallest unit.
std::optional<uint64_t> Scaled(std::string_view number, uint64_t factor) {
  const size_t point = number.find('.');
  const std::optional<uint64_t> whole = Digits(number.substr(0, point), 10);
  if (!whole) return std::nullopt;
  unsigned __int128 total = static_cast<unsigned __int128>(*whole) * factor;
  if (point != std::string_view::npos) {
    const std::string_view decimals = number.substr(point + 1);
    const std::optional<uint64_t> fraction = Digits(decimals, 10);
    if (!fraction || decimals.size() > 9) return std::nullopt;
    unsigned __int128 part = static_cast<unsigned __int128>(*fraction) * factor;
    for (size_t i = 0; i < decimals.size(); ++i) {
      if (part % 10 != 0) return std::nullopt;
      part /= 10;
    }
    total += part;
  }
  if (total > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return std::nullopt;
  return static_cast<uint64_t>(total);
}

std::optional<uint64_t> WithUnit(std::string_view text, std::span<const Unit> units,
                                 std::string_view default_unit) {
  size_t split = 0;
  while (split < text.size() && (absl::ascii_isdigit(text[split]) || text[split] == '.')) ++split;
  std::string_view name = text.substr(split);
  while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
  if (name.empty()) name = text.substr(0, split) == "0" ? units.front().name : default_unit;
  const Unit* unit = UnitNamed(units, name);
  if (unit == nullptr) return std::nullopt;
  return Scaled(text.substr(0, split), unit->factor);
}

uint64_t FoldCommit(std::string_view digits) {
  WT_CHECK_EQ(digits.size(), kCommitDigits);
  return *Digits(digits.substr(0, 16), 16) ^ *Digits(digits.substr(16, 16), 16) ^
         *Digits(digits.substr(32), 16);
}

bool IsCommit(std::string_view text) {
  if (text.size() != kCommitDigits) return false;
  for (char c : text) {
    if (!absl::ascii_isxdigit(c)) return false;
  }
  return true;
}

// The two sides of "A..B"; both are the whole text when there are no dots.
std::pair<std::string_view, std::string_view> Sides(std::string_view text) {
  const size_t dots = text.find("..");
  if (dots == std::string_view::npos) return {text, text};
  return {text.substr(0, dots), text.substr(dots + 2)};
}

struct Fraction {
  uint32_t above = 0;
  uint32_t below = 0;
};

std::optional<Fraction> ParseFraction(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::optional<uint64_t> above = Digits(text.substr(0, slash), 10);
  const std::optional<uint64_t> below = Digits(text.substr(slash + 1), 10);
  constexpr uint64_t kMost = 1'000'000'000;
  if (!above || !below || *above > kMost || *below > kMost) return std::nullopt;
  return Fraction{static_cast<uint32_t>(*above), static_cast<uint32_t>(*below)};
}

template <typename T, typename Parse>
absl::StatusOr<faults::Range<T>> ParseRange(std::string_view text, Parse parse) {
  const auto [first, second] = Sides(text);
  WT_ASSIGN_OR_RETURN(const T low, parse(first));
  WT_ASSIGN_OR_RETURN(const T high, parse(second));
  if (high < low) return InvalidArgument("\"%s\": the range ends before it begins", text);
  return faults::Range<T>{low, high};
}

absl::StatusOr<SeedRange> ParseRange(std::string_view text, std::string_view of,
                                     absl::StatusOr<uint64_t> (*parse)(std::string_view)) {
  const auto [first, second] = Sides(text);
  if (first.size() == text.size()) {
    return InvalidArgument("\"%s\" is not a range of %s such as 0..100", text, of);
  }
  WT_ASSIGN_OR_RETURN(const uint64_t begin, parse(first));
  const bool counted = second.starts_with('+');
  WT_ASSIGN_OR_RETURN(uint64_t end, parse(counted ? second.substr(1) : second));
  if (counted && end > std::numeric_limits<uint64_t>::max() - begin) {
    return InvalidArgument("\"%s\" goes beyond 64 bits", text);
  }
  if (counted) end += begin;
  if (begin >= end) return InvalidArgument("\"%s\" is empty; A..B holds B-A %s", text, of);
  return SeedRange{begin, end};
}

}  // namespace

absl::StatusOr<uint64_t> ParseNumber(std::string_view text) {
  std::string plain;
  for (char c : text) {
    if (c != ',' && c != '\'') plain += c;
  }
  const std::optional<uint64_t> number =
      plain.starts_with("0x") ? Digits(std::string_view(plain).substr(2), 16) : Digits(plain, 10);
  if (!number) return InvalidArgument("\"%s\" is not a whole number of at most 64 bits", text);
  return *number;
}

absl::StatusOr<Duration> ParseDuration(std::string_view text) {
  const std::optional<uint64_t> nanoseconds = WithUnit(text, kTimes, "");
  if (nanoseconds) return Duration(static_cast<int64_t>(*nanoseconds));
  return InvalidArgument("\"%s\" is not a duration such as 250ms, 1.5s or 10m", text);
}

absl::StatusOr<uint64_t> ParseSize(std::string_view text) {
  const std::optional<uint64_t> bytes = WithUnit(text, kSizes, "B");
  if (bytes) return *bytes;
  return InvalidArgument("\"%s\" is not a size such as 512, 64KiB or 4MiB", text);
}

absl::StatusOr<bool> ParseSwitch(std::string_view text) {
  if (text == "on" || text == "true" || text == "1" || text == "yes") return true;
  if (text == "off" || text == "false" || text == "0" || text == "no") return false;
  return InvalidArgument("\"%s\" is neither on nor off", text);
}

absl::StatusOr<uint64_t> ParseSeed(std::string_view text) {
  if (IsCommit(text)) return FoldCommit(text);
  absl::StatusOr<uint64_t> seed = ParseNumber(text);
  if (seed.ok()) return seed;
  return InvalidArgument("\"%s\" is not a seed: decimal, 0x..., or a commit id of 40 hex digits",
                         text);
}

absl::StatusOr<SeedRange> ParseSeedRange(std::string_view text) {
  return ParseRange(text, "seeds", ParseSeed);
}

absl::StatusOr<SeedRange> ParseRecordRange(std::string_view text) {
  return ParseRange(text, "records", ParseNumber);
}

absl::StatusOr<Shard> ParseShard(std::string_view text) {
  const std::optional<Fraction> shard = ParseFraction(text);
  if (!shard || shard->above == 0 || shard->above > shard->below) {
    return InvalidArgument("\"%s\" is not a shard such as 1/4 (the first of four)", text);
  }
  return Shard{shard->above, shard->below};
}

absl::StatusOr<uint32_t> ParseShare(std::string_view text) {
  if (text == "0") return 0;
  if (text == "1") return 1;
  const std::optional<Fraction> share = ParseFraction(text);
  if (!share || share->above != 1 || share->below == 0) {
    return InvalidArgument("\"%s\" is not a share such as 1/50", text);
  }
  return share->below;
}

absl::StatusOr<RunId> ParseRunId(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) {
    return InvalidArgument("\"%s\" is not SCENARIO:SEED", text);
  }
  WT_ASSIGN_OR_RETURN(const uint64_t seed, ParseSeed(text.substr(colon + 1)));
  return RunId{std::string(text.substr(0, colon)), seed};
}

absl::StatusOr<faults::Range<uint64_t>> ParseSizeRange(std::string_view text) {
  return ParseRange<uint64_t>(text, ParseSize);
}

absl::StatusOr<faults::Range<Duration>> ParseDurationRange(std::string_view text) {
  return ParseRange<Duration>(text, ParseDuration);
}

uint64_t Micros(Duration duration) {
  WT_CHECK(duration >= Duration::zero());
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(duration).count());
}

std::string Spell(Duration duration) {
  const int64_t count = duration.count();
  if (count == 0) return "0s";
  const Unit* best = &kTimes[0];
  for (const Unit& unit : kTimes) {
    if (count % static_cast<int64_t>(unit.factor) == 0) best = &unit;
  }
  return absl::StrFormat("%d%s", count / static_cast<int64_t>(best->factor), best->name);
}

}  // namespace wt::scenarios
