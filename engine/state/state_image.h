// The state as bytes: cut into chunks for a snapshot, and read back (FORMAT.md).
#ifndef WAVETANK_ENGINE_STATE_STATE_IMAGE_H_
#define WAVETANK_ENGINE_STATE_STATE_IMAGE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/units.h"
#include "engine/snapshot/chunk_source.h"
#include "engine/state/entry_table.h"

namespace wt {

// Everything that a state machine remembers.
struct MachineState {
  LogIndex last_applied;
  int64_t log_time = 0;  // the latest timestamp of any entry applied, ns since the Unix epoch
  EntryTable table;
};

// What says of a state which one it is.
struct StateHead {
  LogIndex last_applied;
  int64_t log_time = 0;
  uint64_t entries = 0;
  Hash128 sum;  // as EntryTable::sum
  bool operator==(const StateHead&) const = default;
};
StateHead HeadOf(const MachineState& state);

inline constexpr uint64_t kStateHeadBytes = 52;
std::string EncodeHead(const StateHead& head);
// Requires: nothing. Errors: DataLoss.
absl::StatusOr<StateHead> DecodeHead(std::string_view bytes);
// As it stands in StateBytes, behind the head.
void PutEntry(std::string& out, std::string_view key, std::string_view value);

// A function of the state alone.
Hash128 DigestOf(const StateHead& head);
inline Hash128 DigestOf(const MachineState& state) { return DigestOf(HeadOf(state)); }

// The head, then the entries in order, in chunks of about `target_bytes`. A chunk ends behind an
// entry whose key's hash says so, whatever stands before it: inserting or removing an entry moves
// only the cuts near it, and all other chunks stay equal, byte for byte.
std::unique_ptr<ChunkSource> FreezeState(const MachineState& state, uint64_t target_bytes);

// All chunks of FreezeState in one string; the same whatever the target is.
std::string StateBytes(const MachineState& state);

// Reads them back. Each chunk holds whole entries; the head is in the first.
class StateReader {
 public:
  // Says DataLoss when an entry cannot be in such a machine.
  using EntryCheck = std::function<absl::Status(std::string_view key, std::string_view value)>;

  explicit StateReader(EntryCheck check) : check_(std::move(check)) {}

  // Errors: DataLoss saying what is wrong at which offset. After an error, none of it is usable.
  absl::Status Add(std::string_view chunk);

  // Errors: DataLoss when entries are missing, too many or not those that were written.
  absl::StatusOr<MachineState> Finish();

 private:
  absl::Status AddEntry(uint64_t at, std::string_view key, std::string_view value);

  EntryCheck check_;
  MachineState state_;
  std::string last_key_;
  uint64_t read_ = 0;  // bytes before this chunk
  bool has_head_ = false;
  StateHead want_;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_STATE_STATE_IMAGE_H_
