#include "engine/snapshot/snapshot_folder.h"

#include <algorithm>
#include <set>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/env/file_io.h"
#include "engine/snapshot/chunk_file.h"

namespace wt {
namespace {

using Kind = SnapshotFileName::Kind;

// 7 million chunks: a folder that holds more is not ours.
constexpr uint64_t kMaxManifestBytes = 256 * kMiB;

// Errors that tell of this one file, beside which others may be well. Whoever gets one of the rest
// has lost the disk.
bool IsDamage(const absl::Status& status) {
  return absl::IsDataLoss(status) || absl::IsUnavailable(status) ||
         absl::IsResourceExhausted(status);
}

void ReportDamage(const Env& env, const absl::Status& cause) {
  env.events.Emit({.kind = EventKind::kSnapshotDamaged, .text = MessageOf(cause)});
}

absl::StatusOr<Manifest> ReadManifest(Disk& disk, std::string_view directory, SnapshotKey key) {
  const std::string path = PathIn(directory, SnapshotId(key));
  absl::StatusOr<std::string> bytes = ReadWholeFile(disk, path, kMaxManifestBytes);
  if (!bytes.ok()) return Annotate(bytes.status(), path);
  return ParseManifestFile(key, *bytes);
}

absl::Status CheckChunkFiles(Disk& disk, std::string_view directory, const Manifest& manifest) {
  for (const ChunkFile& file : manifest.files) {
    const std::string path = PathIn(directory, ChunkFileName(file.number));
    absl::Status opened = ChunkFileReader::Open(disk, path, file).status();
    if (!opened.ok()) return Annotate(opened, SnapshotId(manifest.key));
  }
  return absl::OkStatus();
}

absl::Status ReadOne(const Env& env, std::string_view directory, SnapshotKey key,
                     SnapshotCatalog& catalog) {
  absl::StatusOr<Manifest> read = ReadManifest(env.disk, directory, key);
  absl::Status status = read.status();
  if (read.ok()) {
    auto manifest = std::make_shared<const Manifest>(*std::move(read));
    catalog.Add(manifest, /*verified=*/false);
    status = CheckChunkFiles(env.disk, directory, *manifest);
  }
  if (status.ok()) return status;
  if (!IsDamage(status)) return status;
  ReportDamage(env, status);
  catalog.MarkDamaged(key, std::move(status));
  return absl::OkStatus();
}

// Makes durable what can be seen of a file, and seen what is durable.
absl::Status SettleFile(Disk& disk, const std::string& path) {
  absl::StatusOr<std::unique_ptr<File>> file = disk.Open(path, OpenMode::kReadWrite);
  absl::Status status = file.status();
  if (status.ok()) status = (*file)->Sync();
  if (status.ok()) status = (*file)->DropCache();
  if (status.ok()) status = (*file)->Close();
  return Annotate(status, path);
}

absl::Status SettleAll(Disk& disk, std::string_view directory,
                       const std::vector<FolderEntry>& entries) {
  for (const FolderEntry& entry : entries) {
    if (entry.parsed.kind == Kind::kTemporary) continue;
    WT_RETURN_IF_ERROR(SettleFile(disk, PathIn(directory, entry.name)));
  }
  return disk.SyncDirectory(directory);
}

bool HasUnknownManifest(const std::vector<FolderEntry>& entries, const SnapshotCatalog& catalog) {
  return std::any_of(entries.begin(), entries.end(), [&catalog](const FolderEntry& entry) {
    const SnapshotKey key = entry.parsed.key;
    return entry.parsed.kind == Kind::kManifest && catalog.Find(key) == nullptr &&
           catalog.FindDamaged(key) == nullptr;
  });
}

}  // namespace

std::string PathIn(std::string_view directory, std::string_view name) {
  WT_CHECK(!name.empty());
  return directory.empty() ? std::string(name) : std::string(directory) + "/" + std::string(name);
}

absl::StatusOr<std::vector<FolderEntry>> ListFolder(Disk& disk, std::string_view directory) {
  WT_ASSIGN_OR_RETURN(std::vector<DirectoryEntry> listed, disk.List(directory));
  std::sort(listed.begin(), listed.end());
  std::vector<FolderEntry> ours;
  for (const DirectoryEntry& entry : listed) {
    if (entry.is_directory) continue;
    if (auto parsed = ParseSnapshotFileName(entry.name)) ours.push_back({entry.name, *parsed});
  }
  return ours;
}

absl::Status CreateFolder(Disk& disk, std::string_view directory) {
  if (directory.empty()) return absl::OkStatus();
  WT_RETURN_IF_ERROR(CreateFolder(disk, DirectoryOf(directory)));
  return CreateDurableDirectory(disk, directory);
}

absl::StatusOr<SnapshotCatalog> ReadFolder(const Env& env, std::string_view directory) {
  WT_ASSIGN_OR_RETURN(std::vector<FolderEntry> entries, ListFolder(env.disk, directory));
  WT_RETURN_IF_ERROR(SettleAll(env.disk, directory, entries));
  SnapshotCatalog catalog;
  for (const FolderEntry& entry : entries) {
    if (entry.parsed.kind != Kind::kManifest) continue;
    WT_RETURN_IF_ERROR(ReadOne(env, directory, entry.parsed.key, catalog));
  }
  return catalog;
}

absl::StatusOr<uint64_t> RemoveUnreferenced(const Env& env, std::string_view directory,
                                            const SnapshotCatalog& catalog) {
  WT_ASSIGN_OR_RETURN(std::vector<FolderEntry> entries, ListFolder(env.disk, directory));
  const std::set<uint64_t> referenced = catalog.ReferencedFiles();
  const bool keep_chunks = catalog.MayReferToAny() || HasUnknownManifest(entries, catalog);
  uint64_t removed = 0;
  for (const FolderEntry& entry : entries) {
    const bool unreferenced = entry.parsed.kind == Kind::kTemporary ||
                              (entry.parsed.kind == Kind::kChunks && !keep_chunks &&
                               referenced.count(entry.parsed.number) == 0);
    if (!unreferenced) continue;
    const std::string path = PathIn(directory, entry.name);
    if (absl::Status status = env.disk.Remove(path); !status.ok()) return Annotate(status, path);
    ++removed;
  }
  return removed;
}

}  // namespace wt
