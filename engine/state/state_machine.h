// A deterministic state machine over the log.
//
// Contract, for every implementation:
//   - Apply is a pure function of (state, entry): no clock, no randomness, no address. Entries come
//     in index order, each once per life of the state (Restore begins a new life).
//   - A malformed command is refused in its result, identically everywhere, and changes nothing.
//   - Digest() is a function of the state alone, however it was reached: by applying entry after
//     entry, or by restoring a snapshot of the same index.
//   - Not thread-safe: the engine calls it under its apply lock. No call suspends, except Restore.
#ifndef WAVETANK_ENGINE_STATE_STATE_MACHINE_H_
#define WAVETANK_ENGINE_STATE_STATE_MACHINE_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/checksum.h"
#include "engine/log/log_entry.h"
#include "engine/snapshot/chunk_source.h"

namespace wt {

class StateMachine {
 public:
  virtual ~StateMachine() = default;

  // Applies one entry and returns its encoded result (see the machine's codec).
  // Requires: entry.index == last_applied() + 1.
  virtual std::string Apply(const LogEntry& entry) = 0;

  // The same for consecutive entries; one result each.
  virtual std::vector<std::string> ApplyBatch(std::span<const LogEntry> entries);

  // Answers a command that only reads, without changing anything.
  // Errors: InvalidArgument for a malformed or a writing command.
  virtual absl::StatusOr<std::string> Query(std::string_view command) const = 0;

  // The state as it is now, to be read at leisure: later Apply calls do not change it. The chunks
  // are cut where the content says, so that an unchanged part of the state gives equal chunks in
  // the next snapshot.
  virtual std::unique_ptr<ChunkSource> Freeze() const = 0;

  // Replaces the whole state by what Freeze() gave. All or nothing: on an error the state is what
  // it was. Suspends (it reads from the source).
  // Errors: DataLoss (malformed), and the source's own.
  virtual absl::Status Restore(ChunkSource& source) = 0;

  // The state as bytes at one stroke, for small states, tools and tests; equal states give equal
  // bytes. SetState is all or nothing.
  virtual std::string GetState() const = 0;
  virtual absl::Status SetState(std::string_view state) = 0;

  virtual LogIndex last_applied() const = 0;
  virtual Hash128 Digest() const = 0;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_STATE_STATE_MACHINE_H_
