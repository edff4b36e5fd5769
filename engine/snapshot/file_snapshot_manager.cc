#include "engine/snapshot/file_snapshot_manager.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/status.h"

namespace wt {
namespace {

std::optional<SnapshotKey> KeyOfId(std::string_view id) {
  std::optional<SnapshotFileName> parsed = ParseSnapshotFileName(id);
  if (!parsed.has_value() || parsed->kind != SnapshotFileName::Kind::kManifest) return std::nullopt;
  return parsed->key;
}

}  // namespace

FileSnapshotManager::FileSnapshotManager(Env env, SnapshotOptions options, SnapshotCatalog catalog)
    : env_(env),
      options_(std::move(options)),
      changes_(env.tasks),
      mu_(env.tasks),
      catalog_(std::move(catalog)) {}

absl::Status FileSnapshotManager::RemoveLeftovers() {
  MutexLock changes(changes_);
  return RemoveGarbage();
}

absl::StatusOr<Snapshot> FileSnapshotManager::Create(LogIndex index, Term term,
                                                     Hash128 state_digest, ChunkSource& state) {
  {
    MutexLock lock(mu_);
    if (is_creating_) return FailedPrecondition("snapshot: another is being created");
    is_creating_ = true;
  }
  absl::StatusOr<Snapshot> created = absl::UnknownError("");
  {
    MutexLock changes(changes_);
    created = CreateAlone({index, term}, state_digest, state);
  }
  MutexLock lock(mu_);
  WT_CHECK(is_creating_);
  is_creating_ = false;
  return created;
}

absl::StatusOr<Snapshot> FileSnapshotManager::CreateAlone(SnapshotKey key, Hash128 state_digest,
                                                          ChunkSource& state) {
  WT_ASSIGN_OR_RETURN(SnapshotTask task, Prepare(key));
  task.state_digest = state_digest;
  env_.events.Emit(
      {.kind = EventKind::kSnapshotStarted, .a = key.index.value(), .b = key.term.value()});
  const bool replaces = task.replaces;
  SnapshotWriter writer(env_, options_, std::move(task));
  absl::StatusOr<Manifest> written = writer.Write(state);
  absl::Status status = written.status();
  if (status.ok()) {
    status = writer.Publish([this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return SyncFolder(); });
  }
  if (!status.ok()) {
    writer.Discard();
    env_.events.Emit(
        {.kind = EventKind::kSnapshotFailed, .a = key.index.value(), .text = MessageOf(status)});
    return Annotate(status, SnapshotId(key));
  }
  Snapshot snapshot = DescriptionOf(*written);
  {
    MutexLock lock(mu_);
    if (replaces) catalog_.Remove(key);
    catalog_.Add(std::make_shared<const Manifest>(*std::move(written)), /*verified=*/true);
    CloseObsoleteReaders();
  }
  WT_SOMETIMES(env_.events, "snapshot.replaced_damaged", replaces);
  // The chunks of the damaged one. Those that stay now go with the next that is deleted.
  if (replaces) RemoveGarbage().IgnoreError();
  env_.events.Emit({.kind = EventKind::kSnapshotCreated,
                    .a = key.index.value(),
                    .b = key.term.value(),
                    .c = snapshot.bytes,
                    .d = snapshot.reused_bytes,
                    .text = snapshot.id});
  return snapshot;
}

absl::StatusOr<SnapshotTask> FileSnapshotManager::Prepare(SnapshotKey key) {
  WT_RETURN_IF_ERROR(CheckUsable());
  const std::string id = SnapshotId(key);
  WT_ASSIGN_OR_RETURN(std::vector<FolderEntry> entries, ListFolder(env_.disk, options_.directory));
  uint64_t highest = 0;
  bool is_taken = false;
  bool has_temporary = false;
  for (const FolderEntry& entry : entries) {
    highest = std::max(highest, entry.parsed.number);
    is_taken = is_taken || entry.name == id;
    has_temporary = has_temporary || entry.name == TemporaryName(id);
  }
  SnapshotTask task{.key = key};
  {
    MutexLock lock(mu_);
    task.replaces = catalog_.FindDamaged(key) != nullptr;
    is_taken = (is_taken && !task.replaces) || catalog_.Find(key) != nullptr;
    const std::set<uint64_t> referenced = catalog_.ReferencedFiles();
    if (!referenced.empty()) highest = std::max(highest, *referenced.rbegin());
    const std::vector<KnownSnapshot> valid = catalog_.Valid();
    if (options_.incremental && !valid.empty()) task.base = valid.front().manifest;
  }
  if (is_taken) return AlreadyExists("%s exists", id);
  if (has_temporary) {
    WT_RETURN_IF_ERROR(env_.disk.Remove(PathIn(options_.directory, TemporaryName(id))));
  }
  task.chunk_file_number = highest + 1;
  return task;
}

absl::StatusOr<std::unique_ptr<ChunkSource>> FileSnapshotManager::Load(std::string_view id) {
  WT_ASSIGN_OR_RETURN(std::shared_ptr<const Manifest> manifest, FindManifest(id));
  WT_ASSIGN_OR_RETURN(std::unique_ptr<SnapshotReader> reader, OpenVerified(manifest));
  env_.events.Emit({.kind = EventKind::kSnapshotLoaded,
                    .a = manifest->key.index.value(),
                    .b = manifest->key.term.value(),
                    .d = manifest->state_digest.low,
                    .text = id});
  return std::unique_ptr<ChunkSource>(std::move(reader));
}

absl::StatusOr<std::shared_ptr<const Manifest>> FileSnapshotManager::FindManifest(
    std::string_view id) {
  const std::optional<SnapshotKey> key = KeyOfId(id);
  if (!key.has_value()) return NotFound("%s: not the name of a snapshot", id);
  MutexLock lock(mu_);
  if (const DamagedSnapshot* damaged = catalog_.FindDamaged(*key)) return damaged->cause;
  const KnownSnapshot* known = catalog_.Find(*key);
  if (known == nullptr) return NotFound("%s does not exist", id);
  return known->manifest;
}

absl::StatusOr<std::unique_ptr<SnapshotReader>> FileSnapshotManager::OpenVerified(
    std::shared_ptr<const Manifest> manifest) {
  absl::StatusOr<std::unique_ptr<SnapshotReader>> reader =
      SnapshotReader::Open(env_.disk, options_.directory, manifest);
  absl::Status status = reader.status();
  if (status.ok()) status = (*reader)->Verify();
  if (absl::IsDataLoss(status)) {
    return NoteDamage(*manifest, Annotate(status, SnapshotId(manifest->key)));
  }
  if (!status.ok()) return Annotate(status, SnapshotId(manifest->key));
  MutexLock lock(mu_);
  const KnownSnapshot* known = catalog_.Find(manifest->key);
  if (known != nullptr && known->manifest == manifest) catalog_.MarkVerified(manifest->key);
  return reader;
}

absl::Status FileSnapshotManager::NoteDamage(const Manifest& manifest, absl::Status cause) {
  {
    MutexLock lock(mu_);
    const KnownSnapshot* known = catalog_.Find(manifest.key);
    const bool is_gone = known == nullptr || known->manifest.get() != &manifest;
    WT_SOMETIMES(env_.events, "snapshot.deleted_while_loading", is_gone);
    if (is_gone) return NotFound("%s was deleted meanwhile", SnapshotId(manifest.key));
    catalog_.MarkDamaged(manifest.key, cause);
    CloseObsoleteReaders();
  }
  env_.events.Emit({.kind = EventKind::kSnapshotDamaged, .text = MessageOf(cause)});
  return cause;
}

absl::Status FileSnapshotManager::Delete(std::string_view id) {
  return DeleteIf(id, /*damaged=*/true);
}

absl::Status FileSnapshotManager::DeleteWhole(std::string_view id) {
  return DeleteIf(id, /*damaged=*/false);
}

absl::Status FileSnapshotManager::DeleteIf(std::string_view id, bool damaged) {
  const std::optional<SnapshotKey> key = KeyOfId(id);
  if (!key.has_value()) return NotFound("%s: not the name of a snapshot", id);
  MutexLock changes(changes_);
  WT_RETURN_IF_ERROR(CheckUsable());
  {
    MutexLock lock(mu_);
    const bool is_damaged = catalog_.FindDamaged(*key) != nullptr;
    if (is_damaged && !damaged) return NotFound("%s is damaged: it stays", id);
    if (!is_damaged && catalog_.Find(*key) == nullptr) return NotFound("%s does not exist", id);
  }
  return RemoveManifests({*key});
}

absl::Status FileSnapshotManager::Compact(uint64_t keep, LogIndex pinned) {
  WT_CHECK(keep >= 1);
  MutexLock changes(changes_);
  WT_RETURN_IF_ERROR(CheckUsable());
  WT_ASSIGN_OR_RETURN(std::vector<SnapshotKey> old, BehindNewest(keep));
  const uint64_t spared =
      std::erase_if(old, [pinned](const SnapshotKey& key) { return key.index == pinned; });
  WT_SOMETIMES(env_.events, "snapshot.pinned", spared > 0);
  return RemoveManifests(old);
}

absl::StatusOr<std::vector<SnapshotKey>> FileSnapshotManager::BehindNewest(uint64_t keep) {
  std::vector<KnownSnapshot> valid;
  {
    MutexLock lock(mu_);
    valid = catalog_.Valid();
  }
  std::vector<SnapshotKey> behind;
  uint64_t kept = 0;
  std::optional<SnapshotKey> oldest_kept;
  for (const KnownSnapshot& snapshot : valid) {
    if (kept == keep) {
      behind.push_back(snapshot.manifest->key);
      continue;
    }
    absl::Status status =
        snapshot.verified ? absl::OkStatus() : OpenVerified(snapshot.manifest).status();
    WT_SOMETIMES(env_.events, "snapshot.compact_passed_over_damaged", absl::IsDataLoss(status));
    if (absl::IsDataLoss(status)) continue;
    WT_RETURN_IF_ERROR(status);
    ++kept;
    oldest_kept = snapshot.manifest->key;
  }
  if (kept == keep) {
    MutexLock lock(mu_);
    const std::vector<SnapshotKey> damaged = catalog_.DamagedBefore(*oldest_kept);
    WT_SOMETIMES(env_.events, "snapshot.damaged_let_go", !damaged.empty());
    behind.insert(behind.end(), damaged.begin(), damaged.end());
  }
  std::sort(behind.begin(), behind.end());
  return behind;
}

absl::Status FileSnapshotManager::RemoveManifests(const std::vector<SnapshotKey>& keys) {
  for (SnapshotKey key : keys) {
    const std::string path = PathIn(options_.directory, SnapshotId(key));
    has_unsynced_removal_ = true;
    const absl::Status removed = env_.disk.Remove(path);
    if (!removed.ok() && !absl::IsNotFound(removed)) return Annotate(removed, path);
    MutexLock lock(mu_);
    catalog_.Remove(key);
    CloseObsoleteReaders();
  }
  if (has_unsynced_removal_) WT_RETURN_IF_ERROR(SyncFolder());
  for (SnapshotKey key : keys) {
    env_.events.Emit({.kind = EventKind::kSnapshotDeleted,
                      .a = key.index.value(),
                      .b = key.term.value(),
                      .text = SnapshotId(key)});
  }
  return RemoveGarbage();
}

absl::Status FileSnapshotManager::RemoveGarbage() {
  SnapshotCatalog catalog;
  {
    MutexLock lock(mu_);
    catalog = catalog_;
  }
  WT_ASSIGN_OR_RETURN(const uint64_t removed,
                      RemoveUnreferenced(env_, options_.directory, catalog));
  WT_SOMETIMES(env_.events, "snapshot.garbage_removed", removed > 0);
  return removed > 0 ? SyncFolder() : absl::OkStatus();
}

std::vector<Snapshot> FileSnapshotManager::List() {
  MutexLock lock(mu_);
  return catalog_.List();
}

std::vector<absl::Status> FileSnapshotManager::Damaged() {
  MutexLock lock(mu_);
  return catalog_.Damaged();
}

absl::Status FileSnapshotManager::CheckUsable() {
  if (folder_error_.ok()) return absl::OkStatus();
  return FailedPrecondition("%s: closed to changes since a sync failed: %s", options_.directory,
                            MessageOf(folder_error_));
}

absl::Status FileSnapshotManager::SyncFolder() {
  WT_RETURN_IF_ERROR(CheckUsable());
  absl::Status synced = env_.disk.SyncDirectory(options_.directory);
  if (synced.ok()) {
    has_unsynced_removal_ = false;
    return synced;
  }
  WT_SOMETIMES(env_.events, "snapshot.folder_sync_failed", true);
  folder_error_ = synced;
  return Annotate(synced, options_.directory);
}

absl::StatusOr<std::unique_ptr<SnapshotManager>> OpenSnapshotManager(Env env,
                                                                     SnapshotOptions options) {
  WT_RETURN_IF_ERROR(CreateFolder(env.disk, options.directory));
  WT_ASSIGN_OR_RETURN(SnapshotCatalog catalog, ReadFolder(env, options.directory));
  auto manager = std::make_unique<FileSnapshotManager>(env, std::move(options), std::move(catalog));
  WT_RETURN_IF_ERROR(manager->RemoveLeftovers());
  return std::unique_ptr<SnapshotManager>(std::move(manager));
}

}  // namespace wt
