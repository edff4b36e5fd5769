// What is known of the snapshots of a folder, in memory. No I/O, no lock.
#ifndef WAVETANK_ENGINE_SNAPSHOT_SNAPSHOT_CATALOG_H_
#define WAVETANK_ENGINE_SNAPSHOT_SNAPSHOT_CATALOG_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "absl/status/status.h"
#include "engine/snapshot/manifest.h"
#include "engine/snapshot/names.h"
#include "engine/snapshot/snapshot_manager.h"

namespace wt {

struct KnownSnapshot {
  std::shared_ptr<const Manifest> manifest;
  bool verified = false;  // every chunk was read and found right, since the open
};

struct DamagedSnapshot {
  absl::Status cause;
  std::shared_ptr<const Manifest> manifest;  // null when it cannot be read
};

class SnapshotCatalog {
 public:
  void Add(std::shared_ptr<const Manifest> manifest, bool verified);
  // Moves a snapshot to the damaged, or adds one whose manifest cannot be read.
  void MarkDamaged(SnapshotKey key, absl::Status cause);
  // Requires: Find(key) finds it.
  void MarkVerified(SnapshotKey key);
  void Remove(SnapshotKey key);

  const KnownSnapshot* Find(SnapshotKey key) const;
  const DamagedSnapshot* FindDamaged(SnapshotKey key) const;

  // Newest first.
  std::vector<KnownSnapshot> Valid() const;
  std::vector<Snapshot> List() const;
  std::vector<absl::Status> Damaged() const;
  // Oldest first.
  std::vector<SnapshotKey> DamagedBefore(SnapshotKey key) const;

  // The numbers of all chunk files that some readable manifest refers to.
  std::set<uint64_t> ReferencedFiles() const;
  // A manifest exists that might refer to any chunk file.
  bool MayReferToAny() const;

  // Rises with every change of what is valid.
  uint64_t version() const { return version_; }

 private:
  uint64_t version_ = 0;
  std::map<SnapshotKey, KnownSnapshot> valid_;
  std::map<SnapshotKey, DamagedSnapshot> damaged_;
};

Snapshot DescriptionOf(const Manifest& manifest);

}  // namespace wt

#endif  // WAVETANK_ENGINE_SNAPSHOT_SNAPSHOT_CATALOG_H_
