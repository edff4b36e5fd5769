// Between chunks and one string: for small states, tools and tests.
#ifndef WAVETANK_ENGINE_SNAPSHOT_BYTE_SOURCE_H_
#define WAVETANK_ENGINE_SNAPSHOT_BYTE_SOURCE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/snapshot/chunk_source.h"
#include "engine/snapshot/snapshot_manager.h"

namespace wt {

// The given bytes in chunks of equal size.
class ByteSource : public ChunkSource {
 public:
  explicit ByteSource(std::string bytes, uint64_t chunk_bytes = 64 * kKiB);
  absl::StatusOr<std::string> Next() override;

 private:
  std::string bytes_;
  uint64_t chunk_bytes_;
  uint64_t position_ = 0;
};

// All of it. Errors: the source's; ResourceExhausted beyond `limit` bytes. Suspends.
absl::StatusOr<std::string> ReadAllChunks(ChunkSource& source, uint64_t limit = kGiB);

// SnapshotManager's Create and Load with the data as one string. The state's digest is then the
// hash of the bytes. Suspends. Errors: as theirs.
absl::StatusOr<Snapshot> CreateFromBytes(SnapshotManager& snapshots, LogIndex index, Term term,
                                         std::string data);
absl::StatusOr<std::string> LoadBytes(SnapshotManager& snapshots, std::string_view id);

}  // namespace wt

#endif  // WAVETANK_ENGINE_SNAPSHOT_BYTE_SOURCE_H_
