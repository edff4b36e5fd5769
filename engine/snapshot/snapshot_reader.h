// One snapshot, read through its manifest.
#ifndef WAVETANK_ENGINE_SNAPSHOT_SNAPSHOT_READER_H_
#define WAVETANK_ENGINE_SNAPSHOT_SNAPSHOT_READER_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/env/disk.h"
#include "engine/snapshot/chunk_file.h"
#include "engine/snapshot/chunk_source.h"
#include "engine/snapshot/manifest.h"

namespace wt {

class SnapshotReader : public ChunkSource {
 public:
  // Opens every chunk file, and keeps it open: what becomes of the names does not matter then.
  // Suspends. Errors: as ChunkFileReader::Open.
  static absl::StatusOr<std::unique_ptr<SnapshotReader>> Open(
      Disk& disk, std::string_view directory, std::shared_ptr<const Manifest> manifest);

  // Reads every chunk. Does not move Next(). Suspends. Errors: as ChunkFileReader::Read.
  absl::Status Verify();

  absl::StatusOr<std::string> Next() override;

  // Beside Next(), from any number of tasks. Suspends. Requires: such a chunk exists.
  // Errors: as ChunkFileReader::Read.
  absl::StatusOr<std::string> ReadChunk(size_t number) const;

 private:
  explicit SnapshotReader(std::shared_ptr<const Manifest> manifest)
      : manifest_(std::move(manifest)) {}

  std::shared_ptr<const Manifest> manifest_;
  std::vector<std::unique_ptr<ChunkFileReader>> files_;  // as manifest_->files
  size_t next_ = 0;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_SNAPSHOT_SNAPSHOT_READER_H_
