// The pointer to the manifest as files of a folder, switched so that a crash at any step leaves the
// old target or the new one.
//
//   CURRENT        the name of the manifest that counts, and a line feed
//   CURRENT.bak    what CURRENT held before: used only when CURRENT is missing or damaged
//   CURRENT.<n>    a switch to manifest n on its way; wins over CURRENT when its target is newer
//   CURRENT.tmp    being written; never read
//
// A switch: CURRENT, if it is valid, is copied to CURRENT.bak; CURRENT.<n> is written; it is
// renamed to CURRENT; the folder is synced. Every file is written as CURRENT.tmp, synced and
// renamed, so that no name ever shows half a content. STORAGE.md tells what LevelDB does otherwise.
#ifndef WAVETANK_ENGINE_STORAGE_POINTER_FILES_H_
#define WAVETANK_ENGINE_STORAGE_POINTER_FILES_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/env/disk.h"
#include "engine/storage/storage.h"
#include "engine/storage/storage_folder.h"

namespace wt {

// Not thread-safe: one call at a time.
class PointerFiles {
 public:
  PointerFiles(StorageFolder& folder, StorageMode mode) : folder_(folder), mode_(mode) {}

  // Storage::SetMeta and GetMeta. GetMeta of a writable storage also settles: what it returns is
  // durable, whatever happened before, and no switch is left on its way.
  // Requires: fd is valid; for Set, the storage is writable.
  absl::Status Set(const FileDesc& fd);
  absl::StatusOr<FileDesc> Get();

 private:
  // What the files say, before any is changed.
  struct Findings {
    std::optional<FileDesc> winner;
    bool damaged = false;                   // a candidate was no pointer
    std::vector<std::string> on_their_way;  // CURRENT.<n>
  };

  absl::StatusOr<Findings> Look();
  // The target; nothing when the file is missing, is no pointer, or its target is missing.
  absl::StatusOr<std::optional<FileDesc>> Candidate(std::string_view name, bool* damaged);
  absl::StatusOr<std::optional<FileDesc>> FirstOf(const std::vector<std::string>& names,
                                                  bool* damaged);

  absl::Status Switch(const FileDesc& fd, const std::vector<std::string>& on_their_way);
  // What was written becomes CURRENT, by way of `pending`.
  absl::Status Publish(const std::string& pending, const std::vector<std::string>& on_their_way);
  absl::Status BackUp(const FileDesc& next);
  // `name` shows all of `content`, or what it showed before.
  absl::Status Put(std::string_view name, std::string_view content);
  absl::Status WriteScratch(std::string_view content);

  StorageFolder& folder_;
  const StorageMode mode_;
  // What this object has made durable itself, with nothing left on its way: then there is nothing
  // to look for, and the same target need not be set again.
  std::optional<FileDesc> settled_;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_STORAGE_POINTER_FILES_H_
