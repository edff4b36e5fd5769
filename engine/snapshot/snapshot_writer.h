// One attempt to write a snapshot, up to the point where it has its names.
#ifndef WAVETANK_ENGINE_SNAPSHOT_SNAPSHOT_WRITER_H_
#define WAVETANK_ENGINE_SNAPSHOT_SNAPSHOT_WRITER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/env/env.h"
#include "engine/snapshot/chunk_file.h"
#include "engine/snapshot/chunk_source.h"
#include "engine/snapshot/manifest.h"
#include "engine/snapshot/snapshot_manager.h"

namespace wt {

struct SnapshotTask {
  SnapshotKey key;
  Hash128 state_digest;
  uint64_t chunk_file_number = 0;        // of the file for new chunks; unused so far
  std::shared_ptr<const Manifest> base;  // whose chunks may be referred to; may be null
  bool replaces = false;                 // a damaged one of this name
};

class SnapshotWriter {
 public:
  SnapshotWriter(const Env& env, const SnapshotOptions& options, SnapshotTask task);

  // Writes, syncs, reads back and compares, all under temporary names. Suspends.
  absl::StatusOr<Manifest> Write(ChunkSource& state);

  // Gives it its names, the chunks durably before the manifest; durable on return. `sync_folder`
  // makes names durable. Suspends. Requires: Write succeeded.
  absl::Status Publish(const std::function<absl::Status()>& sync_folder);

  // After a failure of either: takes back what it can, and tells nobody of what it cannot, for the
  // next open removes the rest. Suspends.
  void Discard();

 private:
  // A chunk that the base holds; `file` is its position in the base.
  using ChunkKey = std::pair<Hash128, uint32_t>;

  void ChooseReusable();
  absl::Status AddChunk(const std::string& content);
  // The base's chunk with this content, read back and compared; or none.
  std::optional<ChunkRef> FindReusable(const std::string& content, Hash128 hash);
  ChunkFileReader* BaseFile(uint32_t file);
  absl::StatusOr<ChunkRef> WriteNew(const std::string& content, Hash128 hash);
  // The position of `file` in the new manifest.
  uint32_t PositionOf(const ChunkFile& file);
  absl::Status FinishChunks();
  absl::Status WriteManifest();
  absl::Status Verify();

  std::string Temporary(std::string_view name) const;
  std::string Final(std::string_view name) const;

  Env env_;
  SnapshotOptions options_;
  SnapshotTask task_;
  Manifest manifest_;
  ChunkFile new_file_;
  std::unique_ptr<ChunkFileWriter> chunks_;  // made with the first new chunk
  bool has_chunks_ = false;
  bool is_publishing_ = false;  // the manifest may have its final name
  std::string encoded_;         // the manifest
  std::map<ChunkKey, ChunkRef> reusable_;
  std::map<uint32_t, std::unique_ptr<ChunkFileReader>> base_files_;  // null = does not open
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_SNAPSHOT_SNAPSHOT_WRITER_H_
