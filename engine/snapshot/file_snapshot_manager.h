// SnapshotManager over a folder of files.
#ifndef WAVETANK_ENGINE_SNAPSHOT_FILE_SNAPSHOT_MANAGER_H_
#define WAVETANK_ENGINE_SNAPSHOT_FILE_SNAPSHOT_MANAGER_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/env/mutex.h"
#include "engine/snapshot/snapshot_catalog.h"
#include "engine/snapshot/snapshot_folder.h"
#include "engine/snapshot/snapshot_manager.h"
#include "engine/snapshot/snapshot_reader.h"
#include "engine/snapshot/snapshot_writer.h"

namespace wt {

class FileSnapshotManager : public SnapshotManager {
 public:
  // `catalog` is what ReadFolder gave.
  FileSnapshotManager(Env env, SnapshotOptions options, SnapshotCatalog catalog);

  // Removes what an earlier life left unfinished. Suspends.
  absl::Status RemoveLeftovers();

  absl::StatusOr<Snapshot> Create(LogIndex index, Term term, Hash128 state_digest,
                                  ChunkSource& state) override;
  absl::StatusOr<std::unique_ptr<ChunkSource>> Load(std::string_view id) override;
  absl::StatusOr<std::vector<ChunkInfo>> Chunks(std::string_view id) override;
  absl::StatusOr<std::string> ReadChunk(std::string_view id, uint64_t number) override;
  absl::StatusOr<std::string> FindChunk(const ChunkInfo& chunk) override;
  absl::Status Delete(std::string_view id) override;
  absl::Status DeleteWhole(std::string_view id) override;
  std::vector<Snapshot> List() override;
  std::vector<absl::Status> Damaged() override;
  using SnapshotManager::Compact;
  absl::Status Compact(uint64_t keep, LogIndex pinned) override;

 private:
  absl::StatusOr<Snapshot> CreateAlone(SnapshotKey key, Hash128 state_digest, ChunkSource& state)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(changes_);
  // Refuses an id that is taken; clears its temporary name; gives the rest of the task.
  absl::StatusOr<SnapshotTask> Prepare(SnapshotKey key) ABSL_EXCLUSIVE_LOCKS_REQUIRED(changes_);

  absl::Status DeleteIf(std::string_view id, bool damaged);

  // The manifest, or why there is none to load.
  absl::StatusOr<std::shared_ptr<const Manifest>> FindManifest(std::string_view id);
  // Reads all of it and remembers the outcome; the reader is then at its first chunk.
  absl::StatusOr<std::unique_ptr<SnapshotReader>> OpenVerified(
      std::shared_ptr<const Manifest> manifest);
  absl::Status NoteDamage(const Manifest& manifest, absl::Status cause);

  // For transfers, in file_snapshot_chunks.cc.
  struct ChunkPlace {
    Hash128 hash;
    uint64_t bytes = 0;
    SnapshotKey key;
    uint64_t number = 0;
  };
  absl::StatusOr<std::shared_ptr<SnapshotReader>> ReaderFor(
      const std::shared_ptr<const Manifest>& manifest);
  std::shared_ptr<SnapshotReader> OpenReader(const Manifest& manifest)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  std::vector<ChunkPlace> PlacesOf(const ChunkInfo& chunk);
  void IndexChunks() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Lets go of readers of what is no longer valid.
  void CloseObsoleteReaders() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  // The snapshots behind the newest `keep` good ones, oldest first.
  absl::StatusOr<std::vector<SnapshotKey>> BehindNewest(uint64_t keep);
  absl::Status RemoveManifests(const std::vector<SnapshotKey>& keys)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(changes_);
  absl::Status RemoveGarbage() ABSL_EXCLUSIVE_LOCKS_REQUIRED(changes_);

  absl::Status CheckUsable() ABSL_EXCLUSIVE_LOCKS_REQUIRED(changes_);
  // Makes names durable, or ends all changes for good.
  absl::Status SyncFolder() ABSL_EXCLUSIVE_LOCKS_REQUIRED(changes_);

  const Env env_;
  const SnapshotOptions options_;

  Mutex changes_;  // held for as long as files come and go; before mu_
  absl::Status folder_error_ ABSL_GUARDED_BY(changes_);
  // A manifest may be gone from the folder, and not durably: its chunks must stay.
  bool has_unsynced_removal_ ABSL_GUARDED_BY(changes_) = false;

  Mutex mu_;  // never held over I/O
  bool is_creating_ ABSL_GUARDED_BY(mu_) = false;
  SnapshotCatalog catalog_ ABSL_GUARDED_BY(mu_);
  // Of valid snapshots, from their first ReadChunk on.
  std::map<SnapshotKey, std::shared_ptr<SnapshotReader>> readers_ ABSL_GUARDED_BY(mu_);
  // Every chunk of every valid snapshot by content, the newest first; of catalog_ at that version.
  std::vector<ChunkPlace> places_ ABSL_GUARDED_BY(mu_);
  uint64_t places_version_ ABSL_GUARDED_BY(mu_) = ~uint64_t{0};
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_SNAPSHOT_FILE_SNAPSHOT_MANAGER_H_
