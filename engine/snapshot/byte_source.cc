#include "engine/snapshot/byte_source.h"

#include "engine/base/check.h"
#include "engine/base/status.h"

namespace wt {

ByteSource::ByteSource(std::string bytes, uint64_t chunk_bytes)
    : bytes_(std::move(bytes)), chunk_bytes_(chunk_bytes) {
  WT_CHECK(chunk_bytes > 0 && chunk_bytes <= kMaxChunkBytes);
}

absl::StatusOr<std::string> ByteSource::Next() {
  WT_CHECK_LE(position_, bytes_.size());
  std::string chunk = bytes_.substr(position_, chunk_bytes_);
  position_ += chunk.size();
  return chunk;
}

absl::StatusOr<std::string> ReadAllChunks(ChunkSource& source, uint64_t limit) {
  std::string all;
  for (;;) {
    WT_ASSIGN_OR_RETURN(std::string chunk, source.Next());
    if (chunk.empty()) return all;
    if (chunk.size() > limit - all.size()) {
      return ResourceExhausted("more than the limit of %d bytes", limit);
    }
    all.append(chunk);
  }
}

absl::StatusOr<Snapshot> CreateFromBytes(SnapshotManager& snapshots, LogIndex index, Term term,
                                         std::string data) {
  const Hash128 digest = HashBytes128(data);
  ByteSource source(std::move(data));
  return snapshots.Create(index, term, digest, source);
}

absl::StatusOr<std::string> LoadBytes(SnapshotManager& snapshots, std::string_view id) {
  WT_ASSIGN_OR_RETURN(std::unique_ptr<ChunkSource> source, snapshots.Load(id));
  return ReadAllChunks(*source);
}

}  // namespace wt
