// Snapshots: states of the machine at an index, each whole or absent, whatever the disk does.
//
//   Create: chunks and manifest under temporary names -> sync -> read back and verify -> rename
//   -> directory sync. Only then does it exist, and only then may the log before it go.
//
// A snapshot is a manifest that lists its chunks; a chunk that the newest older snapshot already
// holds, byte for byte, is referred to instead of written again (incremental). See FORMAT.md.
//
// Contract, for every implementation:
//   - After an error, what was there before is there still. What failed is there whole or not at
//     all once the folder is opened again, and not visible until then.
//   - A failed sync is never tried again. When the folder itself could not be synced, every later
//     change is refused with FailedPrecondition: reopen to learn what survived.
//   - Thread-safe; changes wait for each other. One Create at a time (a second is
//     FailedPrecondition).
//   - Files in the folder whose names are not ours are left alone.
#ifndef WAVETANK_ENGINE_SNAPSHOT_SNAPSHOT_MANAGER_H_
#define WAVETANK_ENGINE_SNAPSHOT_SNAPSHOT_MANAGER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/checksum.h"
#include "engine/base/units.h"
#include "engine/env/env.h"
#include "engine/snapshot/chunk_source.h"

namespace wt {

struct SnapshotOptions {
  std::string directory = "snapshot";
  bool compress = true;     // zstd, per chunk, kept only where it gains
  bool incremental = true;  // refer to equal chunks of the newest older snapshot
};

struct Snapshot {
  std::string id;  // snapshot_{index}_{term}
  LogIndex index;
  Term term;
  WallTime timestamp;
  uint64_t bytes = 0;         // of the state, uncompressed
  uint64_t reused_bytes = 0;  // of these, held by older snapshots
  Hash128 checksum;           // over all chunks in order
  Hash128 state_digest;       // the state machine's own, at `index`
};

// A piece of a snapshot, by its content.
struct ChunkInfo {
  Hash128 hash;
  uint64_t bytes = 0;  // uncompressed
  bool operator==(const ChunkInfo&) const = default;
};

class SnapshotManager {
 public:
  virtual ~SnapshotManager() = default;

  // Writes what `state` yields; state.Next() must not call this manager. A damaged one of this id
  // stays until the new one is durable, which then takes its place. Suspends.
  // Errors: AlreadyExists (a whole one of this id); ResourceExhausted; Unavailable; DataLoss when
  //   what was read back differs. After an error nothing of it is visible in this life, and its
  //   temporary files are removed when the disk lets us, or at the next open.
  virtual absl::StatusOr<Snapshot> Create(LogIndex index, Term term, Hash128 state_digest,
                                          ChunkSource& state) = 0;

  // Verifies the whole snapshot first, then gives it chunk by chunk. The source stays good when the
  // snapshot is deleted: it holds the files open. Suspends.
  // Errors: NotFound; DataLoss naming file, offset, expected and found: the snapshot then moves to
  //   Damaged(). The source's own: DataLoss and Unavailable, should the disk change its mind.
  virtual absl::StatusOr<std::unique_ptr<ChunkSource>> Load(std::string_view id) = 0;

  // For a transfer, chunk by chunk and in any order: the chunks of a snapshot as its manifest lists
  // them. Does not touch the disk. Errors: NotFound (also after it was deleted meanwhile); DataLoss
  // when it is known to be damaged.
  virtual absl::StatusOr<std::vector<ChunkInfo>> Chunks(std::string_view id) = 0;

  // The content of chunk `number`, verified. Files stay open from one call to the next, until the
  // snapshot is deleted. Suspends.
  // Errors: NotFound: no such snapshot (any more), or no such chunk; DataLoss, Unavailable: it is
  //   damaged, or cannot be read: the snapshot then moves to Damaged(), for this life.
  virtual absl::StatusOr<std::string> ReadChunk(std::string_view id, uint64_t number) = 0;

  // A chunk with this content that any snapshot here holds, verified. Suspends. Errors: NotFound,
  // also when every copy is damaged or unreadable.
  virtual absl::StatusOr<std::string> FindChunk(const ChunkInfo& chunk) = 0;

  // Durable on return. Chunks that other snapshots refer to stay. A damaged snapshot can be deleted
  // too: only this gives its room back. Suspends. Errors: NotFound; Unavailable = unknown.
  virtual absl::Status Delete(std::string_view id) = 0;

  // The same, but a damaged one stays: NotFound. What makes room for Create, which replaces it: the
  // log may begin behind it, and there must be no moment without.
  virtual absl::Status DeleteWhole(std::string_view id) = 0;

  // Newest first. A snapshot that is known to be damaged is not in it, but in Damaged(), with what
  // is wrong with it. Do not touch the disk.
  virtual std::vector<Snapshot> List() = 0;
  virtual std::vector<absl::Status> Damaged() = 0;

  // Deletes all but the newest `keep` that verify: one of them that was not verified since the open
  // is read whole first, and does not count when it is damaged. Damaged ones go when they are older
  // than all of these. The one that ends with `pinned` (0: none) stays besides. Suspends.
  // Requires: keep >= 1. Errors: as Load and Delete.
  virtual absl::Status Compact(uint64_t keep, LogIndex pinned) = 0;
  absl::Status Compact(uint64_t keep) { return Compact(keep, LogIndex(0)); }
};

// Opens the folder, creating it when there is none: reads every manifest, makes durable what it
// relies on, then removes leftovers of unfinished work. A damaged snapshot does not stop it, but
// while a manifest is unreadable no chunks are removed, for they may be its. Suspends.
absl::StatusOr<std::unique_ptr<SnapshotManager>> OpenSnapshotManager(Env env,
                                                                     SnapshotOptions options);

}  // namespace wt

#endif  // WAVETANK_ENGINE_SNAPSHOT_SNAPSHOT_MANAGER_H_
