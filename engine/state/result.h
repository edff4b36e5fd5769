// Answers of the state machines, and their bytes (FORMAT.md).
#ifndef WAVETANK_ENGINE_STATE_RESULT_H_
#define WAVETANK_ENGINE_STATE_RESULT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "absl/status/statusor.h"

namespace wt {

// Why a command changed nothing. The numbers are in idempotency records: stable for ever.
enum class RefusalReason : uint8_t {
  kMalformed = 1,  // the command does not decode
  kNotServed = 2,  // this machine has no such family
  kOverflow = 3,   // a counter would leave int64
  kKeyReused = 4,  // an idempotency key came again with another command
};

struct Refused {
  RefusalReason reason = RefusalReason::kMalformed;
  std::string message;
  bool operator==(const Refused&) const = default;
};

struct KvSetResult {
  bool success = true;
  bool operator==(const KvSetResult&) const = default;
};
struct KvDeleteResult {
  bool success = false;  // there was something to delete
  bool operator==(const KvDeleteResult&) const = default;
};
struct KvGetResult {
  std::optional<std::string> value;
  bool operator==(const KvGetResult&) const = default;
};
struct KvBatchResult {
  uint32_t operations = 0;
  bool operator==(const KvBatchResult&) const = default;
};
struct KvCompareAndSetResult {
  bool success = false;
  std::optional<std::string> actual;  // what was there before
  bool operator==(const KvCompareAndSetResult&) const = default;
};
struct CounterIncrementResult {
  int64_t new_count = 0;
  bool operator==(const CounterIncrementResult&) const = default;
};
struct CounterDecrementResult {
  int64_t new_count = 0;
  bool operator==(const CounterDecrementResult&) const = default;
};
struct CounterSetResult {
  int64_t new_count = 0;
  bool operator==(const CounterSetResult&) const = default;
};
struct CounterGetResult {
  int64_t count = 0;
  bool operator==(const CounterGetResult&) const = default;
};

using Result = std::variant<Refused, KvSetResult, KvDeleteResult, KvGetResult, KvBatchResult,
                            KvCompareAndSetResult, CounterIncrementResult, CounterDecrementResult,
                            CounterSetResult, CounterGetResult>;

std::string EncodeResult(const Result& result);

// Errors: InvalidArgument saying what is wrong at which offset. The empty result, of an entry that
// is not a command, is one of them.
absl::StatusOr<Result> DecodeResult(std::string_view bytes);

}  // namespace wt

#endif  // WAVETANK_ENGINE_STATE_RESULT_H_
