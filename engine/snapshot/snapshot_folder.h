// The snapshot folder on disk: what is in it, making it durable, and clearing away what nobody
// refers to.
#ifndef WAVETANK_ENGINE_SNAPSHOT_SNAPSHOT_FOLDER_H_
#define WAVETANK_ENGINE_SNAPSHOT_SNAPSHOT_FOLDER_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/env/env.h"
#include "engine/snapshot/names.h"
#include "engine/snapshot/snapshot_catalog.h"

namespace wt {

struct FolderEntry {
  std::string name;
  SnapshotFileName parsed;
};

std::string PathIn(std::string_view directory, std::string_view name);

// Our files, by name. Suspends.
absl::StatusOr<std::vector<FolderEntry>> ListFolder(Disk& disk, std::string_view directory);

// Makes the folder where there is none; durable on return. Suspends.
absl::Status CreateFolder(Disk& disk, std::string_view directory);

// Syncs every file and the folder, for after a kill what is seen may be in no more than a cache;
// then reads every manifest and the head of every chunk file. Damage is told in the catalog and as
// an event. Suspends. Errors: the disk's; DataLoss is not among them.
absl::StatusOr<SnapshotCatalog> ReadFolder(const Env& env, std::string_view directory);

// Removes temporary files, and chunk files that no manifest may refer to; returns how many. A
// manifest in the folder that cannot be read, or that `catalog` does not know, may refer to any.
// Requires: the manifests that `catalog` lacks are durably gone. Suspends.
absl::StatusOr<uint64_t> RemoveUnreferenced(const Env& env, std::string_view directory,
                                            const SnapshotCatalog& catalog);

}  // namespace wt

#endif  // WAVETANK_ENGINE_SNAPSHOT_SNAPSHOT_FOLDER_H_
