// How values are written on the command line. Integers throughout: "1.5s" is read without floating
// point.
//
// Errors of every function: InvalidArgument, one line that says what was expected.
#ifndef WAVETANK_SCENARIOS_CAMPAIGN_VALUES_H_
#define WAVETANK_SCENARIOS_CAMPAIGN_VALUES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/base/units.h"
#include "faults/fault.h"

namespace wt::scenarios {

absl::StatusOr<uint64_t> ParseNumber(std::string_view text);    // "1000", "1,000", "0x3e8"
absl::StatusOr<Duration> ParseDuration(std::string_view text);  // "250ms", "1.5s", "10m", "0"
absl::StatusOr<uint64_t> ParseSize(std::string_view text);      // "4MiB", "64KiB", "512"
absl::StatusOr<bool> ParseSwitch(std::string_view text);        // on, off, true, false, 1, 0

// Decimal, "0x...", or a commit id of 40 hex digits, which is folded to 64 bits: its first 16
// digits, its next 16 and its last 8, each read as a number, exclusive-or'ed.
absl::StatusOr<uint64_t> ParseSeed(std::string_view text);

// Half-open.
struct SeedRange {
  uint64_t begin = 0;
  uint64_t end = 0;
  bool operator==(const SeedRange&) const = default;
};
// "A..B", or "A..+N" for N seeds from A on (for a commit id). Requires A < B.
absl::StatusOr<SeedRange> ParseSeedRange(std::string_view text);
absl::StatusOr<SeedRange> ParseRecordRange(std::string_view text);  // of a trace, likewise

// Part `index` of `count`, counted from 1.
struct Shard {
  uint32_t index = 1;
  uint32_t count = 1;
  bool operator==(const Shard&) const = default;
};
absl::StatusOr<Shard> ParseShard(std::string_view text);  // "2/4"

// "1/50" is 50: one in so many. "0" is 0: none.
absl::StatusOr<uint32_t> ParseShare(std::string_view text);

struct RunId {
  std::string scenario;
  uint64_t seed = 0;
  bool operator==(const RunId&) const = default;
};
absl::StatusOr<RunId> ParseRunId(std::string_view text);  // "torn-tail:0x51f0c2a7"

// "8..200", or one value for both ends. Requires low <= high.
absl::StatusOr<faults::Range<uint64_t>> ParseSizeRange(std::string_view text);
absl::StatusOr<faults::Range<Duration>> ParseDurationRange(std::string_view text);

// The shortest exact spelling that ParseDuration reads: "250ms", "1500us", "10s", "0s".
std::string Spell(Duration duration);

// As reports have it, rounded down. Requires: not negative.
uint64_t Micros(Duration duration);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CAMPAIGN_VALUES_H_
