// A deterministic state machine over the log.
//
// Contract, for every implementation:
//   - Apply is a pure function of (state, entry): no clock, no randomness, no address. Entries come
//     in index order, each once per life of the state (Restore begins a new life).
//   - A malformed command is refused in its result, identically everywhere, and changes nothing.
//   - Digest() is a function of the state alone, however it was reached: by applying entry after
//     entry, or by restoring a snapshot of the same index.
//   - Not thread-safe: the engine calls it under its apply lock.
//   - A state may be larger than memory. What Apply has to read is read before, by Prepare, and
//     what it has changed is put away behind it, by Settle: both may suspend and may fail, after
//     which the machine is of no use. Apply itself does not suspend and cannot fail, nor do
//     last_applied and Digest. All other calls may suspend.
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

  // What Apply(entry) will read is in memory when it returns OK. Whoever applies calls it first.
  // Errors: DataLoss, Unavailable: of what the state lies on; FailedPrecondition: it has stopped.
  virtual absl::Status Prepare(const LogEntry& entry);

  // What Apply has changed is where Query and Freeze will find it. Called behind each Apply, before
  // anything else. Errors: as Prepare.
  virtual absl::Status Settle();

  // Applies one entry and returns its encoded result (see the machine's codec).
  // Requires: entry.index == last_applied() + 1; Prepare(entry) has returned OK.
  virtual std::string Apply(const LogEntry& entry) = 0;

  // The same for consecutive entries, one result each, for machines in memory: those whose Prepare
  // and Settle do nothing.
  virtual std::vector<std::string> ApplyBatch(std::span<const LogEntry> entries);

  // Answers a command that only reads, without changing anything.
  // Errors: InvalidArgument for a malformed or a writing command; as Prepare.
  virtual absl::StatusOr<std::string> Query(std::string_view command) const = 0;

  // The state as it is now, to be read at leisure, within the machine's life: later Apply calls do
  // not change it. The chunks are cut so that an unchanged part of the state gives equal chunks in
  // the next snapshot.
  virtual std::unique_ptr<ChunkSource> Freeze() const = 0;

  // Replaces the whole state by what Freeze() gave. All or nothing: on an error the state is what
  // it was.
  // Errors: DataLoss (malformed), the source's own, and as Prepare.
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
