// A state machine over one table. It serves the command families that it is made for and refuses
// the others; kv_state_machine.h and its neighbours name the usual choices.
//
// Apply decodes, then runs the one operation: a command takes effect whole, together with
// last_applied, in one call. The only time it knows is the log's: the latest timestamp of any entry
// that it applied.
#ifndef WAVETANK_ENGINE_STATE_TABLE_STATE_MACHINE_H_
#define WAVETANK_ENGINE_STATE_TABLE_STATE_MACHINE_H_

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/state/command.h"
#include "engine/state/command_runner.h"
#include "engine/state/result.h"
#include "engine/state/state_image.h"
#include "engine/state/state_machine.h"

namespace wt {

struct StateOptions {
  uint64_t target_chunk_bytes = 16 * kKiB;  // at most kMaxChunkBytes / 8
};

class TableStateMachine : public StateMachine {
 public:
  TableStateMachine(std::initializer_list<CommandFamily> families, StateOptions options);

  std::string Apply(const LogEntry& entry) override;
  absl::StatusOr<std::string> Query(std::string_view command) const override;
  std::unique_ptr<ChunkSource> Freeze() const override;
  absl::Status Restore(ChunkSource& source) override;
  std::string GetState() const override;
  absl::Status SetState(std::string_view state) override;
  LogIndex last_applied() const override { return state_.last_applied; }
  Hash128 Digest() const override { return DigestOf(state_); }

  // The value of a key, or none; the count of a counter. For tests, tools and local reads.
  std::optional<std::string> Value(std::string_view key) const;
  int64_t Count(std::string_view name = {}) const;
  // Entries of the table, of all families.
  uint64_t size() const { return state_.table.size(); }

 protected:
  // A count that is there before the first entry.
  void SetInitialCount(int64_t count);

 private:
  StateReader NewReader() const;
  // Takes over what was read, when it is whole.
  absl::Status Adopt(StateReader& reader);

  const CommandRunner runner_;
  StateOptions options_;
  MachineState state_;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_STATE_TABLE_STATE_MACHINE_H_
