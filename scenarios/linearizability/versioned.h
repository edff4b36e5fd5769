// Engine "versioned": a store that says at which log index each operation took effect has given the
// order itself; what remains is whether that order keeps to real time. O(n log n), no budget, so it
// can run at the end of every run.
//
//   - An operation's index is not below that of any operation that had returned before its call; a
//     write's is above it.
//   - No two writes have one index.
//   - A read at index i of a key returns the value of the key's newest write at or below i.
//
// Sound and, for histories in which the index is known of all that returned, complete with regard
// to the order that the indexes claim: it finds what the other engines find, and besides violations
// which another order would explain away, while the store's own claim is false.
#ifndef WAVETANK_SCENARIOS_LINEARIZABILITY_VERSIONED_H_
#define WAVETANK_SCENARIOS_LINEARIZABILITY_VERSIONED_H_

#include <cstdint>
#include <optional>
#include <span>

#include "engine/base/units.h"

namespace wt::lin {

// An operation that returned.
struct VersionedOperation {
  uint32_t call = 0;  // ranks, as in operation.h
  uint32_t ret = 0;
  uint32_t key = 0;
  bool is_write = false;
  LogIndex index;                      // of the write itself; of a read, of the state that it saw
  std::optional<LogIndex> value_of{};  // of a read: the write that it saw, 0 for none
};

struct VersionViolation {
  enum class Kind {
    kWentBack,     // `second` was called after `first` had returned, and has an older index
    kSharedIndex,  // two writes
    kStaleValue,   // `second` is a read that does not show the write `first`
    kFromFuture,   // `second` is a read, of a value of a later index than its state
  };
  Kind kind = Kind::kWentBack;
  size_t first = 0;  // numbers in the span
  size_t second = 0;
};

// The first violation in the order of returns, if there is one.
std::optional<VersionViolation> CheckVersions(std::span<const VersionedOperation> operations);

}  // namespace wt::lin

#endif  // WAVETANK_SCENARIOS_LINEARIZABILITY_VERSIONED_H_
