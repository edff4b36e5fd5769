// Snapshots by the chunk, for transfers to and from other replicas.
#include <algorithm>
#include <tuple>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/snapshot/file_snapshot_manager.h"

namespace wt {

absl::StatusOr<std::vector<ChunkInfo>> FileSnapshotManager::Chunks(std::string_view id) {
  WT_ASSIGN_OR_RETURN(const std::shared_ptr<const Manifest> manifest, FindManifest(id));
  std::vector<ChunkInfo> chunks;
  chunks.reserve(manifest->chunks.size());
  for (const ChunkRef& ref : manifest->chunks) chunks.push_back({ref.hash, ref.length});
  return chunks;
}

absl::StatusOr<std::string> FileSnapshotManager::ReadChunk(std::string_view id, uint64_t number) {
  WT_ASSIGN_OR_RETURN(const std::shared_ptr<const Manifest> manifest, FindManifest(id));
  if (number >= manifest->chunks.size()) {
    return NotFound("%s: chunk %d of %d", id, number, manifest->chunks.size());
  }
  absl::StatusOr<std::shared_ptr<SnapshotReader>> reader = ReaderFor(manifest);
  absl::StatusOr<std::string> content =
      reader.ok() ? (*reader)->ReadChunk(number) : absl::StatusOr<std::string>(reader.status());
  if (absl::IsDataLoss(content.status()) || absl::IsUnavailable(content.status())) {
    return NoteDamage(*manifest, Annotate(content.status(), id));
  }
  if (!content.ok()) return Annotate(content.status(), id);
  WT_CHECK_EQ(content->size(), uint64_t{manifest->chunks[number].length});
  return content;
}

std::shared_ptr<SnapshotReader> FileSnapshotManager::OpenReader(const Manifest& manifest) {
  const auto found = readers_.find(manifest.key);
  return found == readers_.end() ? nullptr : found->second;
}

absl::StatusOr<std::shared_ptr<SnapshotReader>> FileSnapshotManager::ReaderFor(
    const std::shared_ptr<const Manifest>& manifest) {
  {
    MutexLock lock(mu_);
    if (auto open = OpenReader(*manifest)) return open;
  }
  WT_ASSIGN_OR_RETURN(std::shared_ptr<SnapshotReader> opened,
                      SnapshotReader::Open(env_.disk, options_.directory, manifest));
  MutexLock lock(mu_);
  const KnownSnapshot* known = catalog_.Find(manifest->key);
  // Kept only for a snapshot that is there: a deleted one must give its room back.
  if (known != nullptr && known->manifest == manifest) readers_[manifest->key] = opened;
  return opened;
}

void FileSnapshotManager::CloseObsoleteReaders() {
  std::erase_if(readers_, [this](const auto& reader) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return catalog_.Find(reader.first) == nullptr;
  });
}

absl::StatusOr<std::string> FileSnapshotManager::FindChunk(const ChunkInfo& chunk) {
  for (const ChunkPlace& place : PlacesOf(chunk)) {
    absl::StatusOr<std::string> content = ReadChunk(SnapshotId(place.key), place.number);
    WT_SOMETIMES(env_.events, "snapshot.chunk_copy_unusable", !content.ok());
    if (!content.ok()) continue;
    WT_CHECK(HashBytes128(*content) == chunk.hash);
    return content;
  }
  return NotFound("no chunk of %d bytes with hash %s", chunk.bytes, chunk.hash.ToString());
}

std::vector<FileSnapshotManager::ChunkPlace> FileSnapshotManager::PlacesOf(const ChunkInfo& chunk) {
  MutexLock lock(mu_);
  if (places_version_ != catalog_.version()) IndexChunks();
  const auto [first, last] = std::equal_range(
      places_.begin(), places_.end(), ChunkPlace{.hash = chunk.hash, .bytes = chunk.bytes},
      [](const ChunkPlace& a, const ChunkPlace& b) {
        return std::tie(a.hash, a.bytes) < std::tie(b.hash, b.bytes);
      });
  return {first, last};
}

void FileSnapshotManager::IndexChunks() {
  places_.clear();
  for (const KnownSnapshot& snapshot : catalog_.Valid()) {
    const Manifest& manifest = *snapshot.manifest;
    for (uint64_t i = 0; i < manifest.chunks.size(); ++i) {
      const ChunkRef& ref = manifest.chunks[i];
      places_.push_back({ref.hash, ref.length, manifest.key, i});
    }
  }
  std::stable_sort(places_.begin(), places_.end(), [](const ChunkPlace& a, const ChunkPlace& b) {
    return std::tie(a.hash, a.bytes) < std::tie(b.hash, b.bytes);
  });
  places_version_ = catalog_.version();
}

}  // namespace wt
