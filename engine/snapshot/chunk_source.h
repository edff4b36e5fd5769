// Bytes in order, a chunk at a time: how a state leaves one place and enters another.
#ifndef WAVETANK_ENGINE_SNAPSHOT_CHUNK_SOURCE_H_
#define WAVETANK_ENGINE_SNAPSHOT_CHUNK_SOURCE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace wt {

class ChunkSource {
 public:
  virtual ~ChunkSource() = default;

  // The next chunk, empty at the end (and from then on). At most kMaxChunkBytes. May suspend.
  virtual absl::StatusOr<std::string> Next() = 0;
};

inline constexpr uint64_t kMaxChunkBytes = 1 << 20;

}  // namespace wt

#endif  // WAVETANK_ENGINE_SNAPSHOT_CHUNK_SOURCE_H_
