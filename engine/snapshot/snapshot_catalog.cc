#include "engine/snapshot/snapshot_catalog.h"

#include <algorithm>

#include "engine/base/check.h"

namespace wt {

Snapshot DescriptionOf(const Manifest& manifest) {
  return {.id = SnapshotId(manifest.key),
          .index = manifest.key.index,
          .term = manifest.key.term,
          .timestamp = manifest.timestamp,
          .bytes = manifest.bytes,
          .reused_bytes = manifest.reused_bytes,
          .checksum = manifest.checksum,
          .state_digest = manifest.state_digest};
}

void SnapshotCatalog::Add(std::shared_ptr<const Manifest> manifest, bool verified) {
  ++version_;
  const SnapshotKey key = manifest->key;
  WT_CHECK(valid_.count(key) == 0 && damaged_.count(key) == 0);
  valid_[key] = {std::move(manifest), verified};
}

void SnapshotCatalog::MarkDamaged(SnapshotKey key, absl::Status cause) {
  WT_CHECK(!cause.ok());
  ++version_;
  DamagedSnapshot damaged{std::move(cause), nullptr};
  if (auto found = valid_.find(key); found != valid_.end()) {
    damaged.manifest = found->second.manifest;
    valid_.erase(found);
  }
  damaged_[key] = std::move(damaged);
}

void SnapshotCatalog::MarkVerified(SnapshotKey key) {
  auto found = valid_.find(key);
  WT_CHECK(found != valid_.end());
  found->second.verified = true;
}

void SnapshotCatalog::Remove(SnapshotKey key) {
  ++version_;
  const size_t removed = valid_.erase(key) + damaged_.erase(key);
  WT_CHECK_EQ(removed, 1u);
}

const KnownSnapshot* SnapshotCatalog::Find(SnapshotKey key) const {
  auto found = valid_.find(key);
  return found == valid_.end() ? nullptr : &found->second;
}

const DamagedSnapshot* SnapshotCatalog::FindDamaged(SnapshotKey key) const {
  auto found = damaged_.find(key);
  return found == damaged_.end() ? nullptr : &found->second;
}

std::vector<KnownSnapshot> SnapshotCatalog::Valid() const {
  std::vector<KnownSnapshot> all;
  for (const auto& [key, snapshot] : valid_) all.push_back(snapshot);
  std::reverse(all.begin(), all.end());
  return all;
}

std::vector<Snapshot> SnapshotCatalog::List() const {
  std::vector<Snapshot> list;
  for (const KnownSnapshot& snapshot : Valid()) list.push_back(DescriptionOf(*snapshot.manifest));
  return list;
}

std::vector<absl::Status> SnapshotCatalog::Damaged() const {
  std::vector<absl::Status> causes;
  for (const auto& [key, damaged] : damaged_) causes.push_back(damaged.cause);
  return causes;
}

std::vector<SnapshotKey> SnapshotCatalog::DamagedBefore(SnapshotKey key) const {
  std::vector<SnapshotKey> before;
  for (const auto& [damaged, what] : damaged_) {
    if (damaged < key) before.push_back(damaged);
  }
  return before;
}

std::set<uint64_t> SnapshotCatalog::ReferencedFiles() const {
  std::set<uint64_t> numbers;
  for (const auto& [key, snapshot] : valid_) {
    for (const ChunkFile& file : snapshot.manifest->files) numbers.insert(file.number);
  }
  for (const auto& [key, damaged] : damaged_) {
    if (damaged.manifest == nullptr) continue;
    for (const ChunkFile& file : damaged.manifest->files) numbers.insert(file.number);
  }
  return numbers;
}

bool SnapshotCatalog::MayReferToAny() const {
  return std::any_of(damaged_.begin(), damaged_.end(),
                     [](const auto& entry) { return entry.second.manifest == nullptr; });
}

}  // namespace wt
