// Commands of the state machines, and their bytes (FORMAT.md).
//
//   entry.command = EncodeCommand(KvSet{.key = "color", .value = "red"});
//   WT_ASSIGN_OR_RETURN(Command command, DecodeCommand(bytes));
//
// A command that is longer than the limits below encodes all right and is refused when decoded: by
// the client library early, by every state machine alike.
#ifndef WAVETANK_ENGINE_STATE_COMMAND_H_
#define WAVETANK_ENGINE_STATE_COMMAND_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/units.h"

namespace wt {

inline constexpr uint64_t kMaxKeyBytes = 4 * kKiB;
inline constexpr uint64_t kMaxValueBytes = 512 * kKiB;
inline constexpr uint64_t kMaxCounterNameBytes = 256;
inline constexpr uint64_t kMaxBatchOperations = 4096;
inline constexpr uint64_t kMaxOnceNameBytes = 256;
inline constexpr Duration kMaxOnceTtl = std::chrono::hours(24 * 30);

// Which part of the state a command is for; also the first byte of that part's keys in the table.
enum class CommandFamily : uint8_t { kKv = 1, kCounter = 2, kOnce = 3 };

// --- Key-value. Keys and values are any bytes; both may be empty.

struct KvSet {
  std::string key;
  std::string value;
  bool operator==(const KvSet&) const = default;
};
struct KvDelete {
  std::string key;
  bool operator==(const KvDelete&) const = default;
};
// Reads only: allowed in the log (a linearizable read by proposal) and as a query.
struct KvGet {
  std::string key;
  bool operator==(const KvGet&) const = default;
};
// All operations in order, as one step: no reader sees a part of it.
struct KvBatch {
  std::vector<std::variant<KvSet, KvDelete>> operations;
  bool operator==(const KvBatch&) const = default;
};
// Sets `key` to `value` when it now is `expected`. No value means absent, on either side.
struct KvCompareAndSet {
  std::string key;
  std::optional<std::string> expected;
  std::optional<std::string> value;
  bool operator==(const KvCompareAndSet&) const = default;
};

// --- Counters. The counter called "" is the machine's own; any other name is one more counter,
// zero until it is written. A step that would leave int64 is refused and changes nothing.

struct CounterIncrement {
  int64_t delta = 1;
  std::string name = {};
  bool operator==(const CounterIncrement&) const = default;
};
struct CounterDecrement {
  int64_t delta = 1;
  std::string name = {};
  bool operator==(const CounterDecrement&) const = default;
};
struct CounterSet {
  int64_t value = 0;
  std::string name = {};
  bool operator==(const CounterSet&) const = default;
};
struct CounterGet {
  std::string name = {};
  bool operator==(const CounterGet&) const = default;
};

// --- Idempotence. Runs `command` unless (space, key) ran within its time to live, by log time;
// then the first answer is given again. The record is written in the same step as the effect.
struct Once {
  std::string space;    // of the business
  std::string key;      // of the request
  Duration ttl{};       // at least the longest time in which a client retries; at most kMaxOnceTtl
  std::string command;  // encoded; not itself a Once
  bool operator==(const Once&) const = default;
};

using Command = std::variant<KvSet, KvDelete, KvGet, KvBatch, KvCompareAndSet, CounterIncrement,
                             CounterDecrement, CounterSet, CounterGet, Once>;

std::string EncodeCommand(const Command& command);

// Never allocates more than a small multiple of bytes.size().
// Errors: InvalidArgument saying what is wrong at which offset.
absl::StatusOr<Command> DecodeCommand(std::string_view bytes);

CommandFamily FamilyOf(const Command& command);

}  // namespace wt

#endif  // WAVETANK_ENGINE_STATE_COMMAND_H_
