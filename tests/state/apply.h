// Drives a state machine in tests: numbers the entries, encodes and decodes.
#ifndef WAVETANK_TESTS_STATE_APPLY_H_
#define WAVETANK_TESTS_STATE_APPLY_H_

#include <string>
#include <vector>

#include "engine/base/check.h"
#include "engine/log/log_entry.h"
#include "engine/snapshot/chunk_source.h"
#include "engine/state/command.h"
#include "engine/state/result.h"
#include "engine/state/state_machine.h"

namespace wt::test {

inline LogEntry EntryAfter(const StateMachine& machine, std::string command, Duration at = {}) {
  return {.term = Term(1),
          .index = machine.last_applied() + 1,
          .timestamp = WallTime(at),
          .command = std::move(command)};
}

inline Result Apply(StateMachine& machine, const Command& command, Duration at = {}) {
  absl::StatusOr<Result> result =
      DecodeResult(machine.Apply(EntryAfter(machine, EncodeCommand(command), at)));
  WT_CHECK(result.ok());
  return *result;
}

inline Result ApplyBytes(StateMachine& machine, std::string command) {
  absl::StatusOr<Result> result =
      DecodeResult(machine.Apply(EntryAfter(machine, std::move(command))));
  WT_CHECK(result.ok());
  return *result;
}

inline std::vector<std::string> AllChunks(ChunkSource& source) {
  std::vector<std::string> chunks;
  for (;;) {
    absl::StatusOr<std::string> chunk = source.Next();
    WT_CHECK(chunk.ok());
    if (chunk->empty()) return chunks;
    chunks.push_back(*std::move(chunk));
  }
}

// Gives the chunks it was made of.
class ChunkList : public ChunkSource {
 public:
  explicit ChunkList(std::vector<std::string> chunks) : chunks_(std::move(chunks)) {}
  absl::StatusOr<std::string> Next() override {
    return next_ == chunks_.size() ? std::string() : chunks_[next_++];
  }

 private:
  std::vector<std::string> chunks_;
  size_t next_ = 0;
};

}  // namespace wt::test

#endif  // WAVETANK_TESTS_STATE_APPLY_H_
