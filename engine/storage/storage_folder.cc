#include "engine/storage/storage_folder.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/storage/names.h"

namespace wt {

std::string StorageFolder::PathOf(std::string_view name) const {
  WT_CHECK(!name.empty());
  return path_.empty() ? std::string(name) : path_ + "/" + std::string(name);
}

absl::StatusOr<std::vector<std::string>> StorageFolder::List() {
  WT_ASSIGN_OR_RETURN(std::vector<DirectoryEntry> entries, disk_.List(path_));
  std::vector<std::string> names;
  for (DirectoryEntry& entry : entries) {
    if (!entry.is_directory) names.push_back(std::move(entry.name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<bool> StorageFolder::Exists(const FileDesc& fd) {
  for (const std::string& name : {NameOf(fd), OldNameOf(fd)}) {
    if (name.empty()) continue;
    const absl::Status opened = disk_.Open(PathOf(name), OpenMode::kReadOnly).status();
    if (opened.ok()) return true;
    if (!absl::IsNotFound(opened)) return opened;
  }
  return false;
}

absl::Status StorageFolder::CheckAlive() {
  MutexLock lock(mu_);
  return failure_.ok() ? absl::OkStatus() : DeadError("storage", failure_);
}

absl::Status StorageFolder::Sync() {
  MutexLock alone(sync_mu_);
  WT_RETURN_IF_ERROR(CheckAlive());
  const absl::Status synced = disk_.SyncDirectory(path_);
  if (synced.ok()) return synced;
  MutexLock lock(mu_);
  if (failure_.ok()) failure_ = synced;
  return synced;
}

}  // namespace wt
