// The state of a machine over an LSM as chunks, and back (FORMAT.md, "The image of an LSM").
//
// Tables are given as they lie, in pieces of one size: a table never changes, so the next snapshot
// that has it gives equal chunks, and a replica that has them is not sent them. What is only in
// memory follows as entries.
#ifndef WAVETANK_ENGINE_STATE_LSM_IMAGE_H_
#define WAVETANK_ENGINE_STATE_LSM_IMAGE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/lsm/lsm_install.h"
#include "engine/snapshot/chunk_source.h"
#include "engine/state/state_image.h"

namespace wt {

inline constexpr uint64_t kLargestPieceBytes = kMaxChunkBytes / 8;

// The chunks of `frozen`, which is the state of `head`. The very bytes of a table that are
// given are checked, and all of it before the last of them; `on_damage` hears of one that is not
// what it was. The store outlives it.
std::unique_ptr<ChunkSource> FreezeLsm(const StateHead& head, FrozenLsm frozen,
                                       uint64_t piece_bytes,
                                       std::function<void(const absl::Status&)> on_damage);

// Says DataLoss when an entry cannot be in such a state.
using EntryCheck = std::function<absl::Status(std::string_view key, std::string_view value)>;

// Puts what FreezeLsm gave into `install` and reads all of it once, to see that it is the state
// that its head names and keeps what FORMAT.md promises; then finishes the install. After an error
// it is to be abandoned. Suspends. Errors: DataLoss; the source's and the storage's own.
absl::StatusOr<StateHead> RestoreLsm(ChunkSource& source, LsmInstall& install,
                                     const EntryCheck& check);

}  // namespace wt

#endif  // WAVETANK_ENGINE_STATE_LSM_IMAGE_H_
