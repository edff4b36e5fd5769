// The folder of a FileStorage: paths in it, and the one thing that must not be forgotten of it,
// that a sync of its names has failed.
#ifndef WAVETANK_ENGINE_STORAGE_STORAGE_FOLDER_H_
#define WAVETANK_ENGINE_STORAGE_STORAGE_FOLDER_H_

#include <string>
#include <string_view>
#include <vector>

#include "engine/env/disk.h"
#include "engine/env/mutex.h"
#include "engine/storage/storage.h"

namespace wt {

// Thread-safe.
class StorageFolder {
 public:
  StorageFolder(Disk& disk, Tasks& tasks, std::string path)
      : disk_(disk), path_(std::move(path)), sync_mu_(tasks), mu_(tasks) {}

  Disk& disk() { return disk_; }
  const std::string& path() const { return path_; }
  std::string PathOf(std::string_view name) const;

  // The names of its files, sorted.
  absl::StatusOr<std::vector<std::string>> List();

  // Whether a file of either of its names is there.
  absl::StatusOr<bool> Exists(const FileDesc& fd);

  // OK until a sync of the names has failed. From then on names may be lost although they show,
  // and a later sync would succeed without bringing them back: nothing may be changed any more.
  absl::Status CheckAlive();

  // Makes the names durable. One sync at a time: beside one that fails, another may say OK of names
  // that the first has lost. Errors: kDead; Unavailable, …, and the folder is dead from now on.
  absl::Status Sync();

 private:
  Disk& disk_;
  const std::string path_;
  Mutex sync_mu_;
  Mutex mu_;
  absl::Status failure_ ABSL_GUARDED_BY(mu_);
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_STORAGE_STORAGE_FOLDER_H_
