// What a machine does whose memory is not to be trusted: it notes that it has forgotten, and puts
// what it has aside.
#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/engine.h"
#include "engine/env/file_io.h"

namespace wt {
namespace {

constexpr std::string_view kNote = "AMNESIA";
constexpr std::string_view kNoteTemporary = "AMNESIA.tmp";

absl::StatusOr<bool> Exists(Disk& disk, std::string_view path) {
  WT_ASSIGN_OR_RETURN(const std::vector<DirectoryEntry> entries, disk.List(DirectoryOf(path)));
  const size_t slash = path.rfind('/');
  const std::string_view name = slash == path.npos ? path : path.substr(slash + 1);
  return std::any_of(entries.begin(), entries.end(),
                     [name](const DirectoryEntry& entry) { return entry.name == name; });
}

// Under a temporary name first: the note is there whole or not at all. One that is there already is
// written anew, for a failed sync may have lost it although reads show it.
absl::Status WriteNote(Disk& disk, std::string_view why) {
  WT_ASSIGN_OR_RETURN(const bool is_left, Exists(disk, kNoteTemporary));
  if (is_left) WT_RETURN_IF_ERROR(disk.Remove(kNoteTemporary));
  WT_ASSIGN_OR_RETURN(std::unique_ptr<File> file, disk.Open(kNoteTemporary, OpenMode::kCreate));
  WT_RETURN_IF_ERROR(WriteFully(*file, 0, why));
  WT_RETURN_IF_ERROR(file->Sync());
  WT_RETURN_IF_ERROR(file->Close());
  WT_RETURN_IF_ERROR(disk.Rename(kNoteTemporary, kNote));
  return disk.SyncDirectory("");
}

// "a/b" -> "a-b": one level below the folder that everything is moved to.
std::string AsideName(std::string_view directory) {
  std::string name(directory);
  std::replace(name.begin(), name.end(), '/', '-');
  return name;
}

absl::StatusOr<bool> IsThere(Disk& disk, std::string_view directory) {
  // A parent that is missing has nothing below it.
  for (size_t slash = directory.find('/'); slash != directory.npos;
       slash = directory.find('/', slash + 1)) {
    WT_ASSIGN_OR_RETURN(const bool there, Exists(disk, directory.substr(0, slash)));
    if (!there) return false;
  }
  return Exists(disk, directory);
}

// The smallest number whose folder has none of these yet: also where a crash has stopped half way.
absl::StatusOr<std::string> ChooseFolder(Disk& disk, const std::vector<std::string>& directories) {
  for (uint64_t n = 0;; ++n) {
    const std::string folder = absl::StrFormat("aside-%d", n);
    WT_ASSIGN_OR_RETURN(const bool there, Exists(disk, folder));
    if (!there) return folder;
    WT_ASSIGN_OR_RETURN(const std::vector<DirectoryEntry> taken, disk.List(folder));
    const bool is_free = std::none_of(taken.begin(), taken.end(), [&](const DirectoryEntry& entry) {
      return std::any_of(directories.begin(), directories.end(), [&](const std::string& directory) {
        return entry.name == AsideName(directory);
      });
    });
    if (is_free) return folder;
  }
}

// The new name is durable before the loss of the old one is.
absl::Status MoveAside(Disk& disk, std::string_view directory, std::string_view folder) {
  const std::string target = absl::StrFormat("%s/%s", folder, AsideName(directory));
  WT_RETURN_IF_ERROR(disk.Rename(directory, target));
  WT_RETURN_IF_ERROR(disk.SyncDirectory(folder));
  return disk.SyncDirectory(DirectoryOf(directory));
}

}  // namespace

absl::Status Engine::SetAside(Env env, const EngineOptions& options, std::string_view why) {
  WT_ASSIGN_OR_RETURN(const std::unique_ptr<FileLock> lock, env.disk.Lock("LOCK"));
  WT_RETURN_IF_ERROR(WriteNote(env.disk, why));
  std::vector<std::string> directories;
  for (const std::string& directory : {options.log.directory, options.snapshot.directory}) {
    WT_CHECK(!directory.empty());
    WT_ASSIGN_OR_RETURN(const bool there, IsThere(env.disk, directory));
    if (there) directories.push_back(directory);
  }
  if (directories.empty()) return absl::OkStatus();
  WT_ASSIGN_OR_RETURN(const std::string folder, ChooseFolder(env.disk, directories));
  WT_RETURN_IF_ERROR(CreateDurableDirectory(env.disk, folder));
  for (const std::string& directory : directories) {
    WT_RETURN_IF_ERROR(MoveAside(env.disk, directory, folder));
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> Engine::Amnesiac(Env env) { return Exists(env.disk, kNote); }

absl::Status Engine::EndAmnesia(Env env) {
  const absl::Status removed = env.disk.Remove(kNote);
  if (!removed.ok() && !absl::IsNotFound(removed)) return removed;
  return env.disk.SyncDirectory("");
}

}  // namespace wt
