// A disk that shows another one and changes nothing of it: what would change it is refused, or, for
// syncs, removals and locks, said to be done. A folder that is renamed is shown under its new name
// too from then on, and the listing of the folder around it as it is. For who looks with code that
// also mends. One task at a time.
#ifndef WAVETANK_ENGINE_READ_ONLY_DISK_H_
#define WAVETANK_ENGINE_READ_ONLY_DISK_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/env/disk.h"

namespace wt {

class ReadOnlyDisk final : public Disk {
 public:
  explicit ReadOnlyDisk(Disk& under) : under_(under) {}

  absl::StatusOr<std::unique_ptr<File>> Open(std::string_view path, OpenMode mode) override;
  absl::Status Rename(std::string_view from, std::string_view to) override;
  absl::Status Remove(std::string_view path) override;
  // OK where it is there.
  absl::Status CreateDirectory(std::string_view path) override;
  absl::StatusOr<std::vector<DirectoryEntry>> List(std::string_view directory) override;
  absl::Status SyncDirectory(std::string_view directory) override;
  absl::StatusOr<std::unique_ptr<FileLock>> Lock(std::string_view path) override;

 private:
  // Where it is really.
  std::string Real(std::string_view path) const;

  Disk& under_;
  std::map<std::string, std::string> renamed_;  // from the new name of a folder to its real one
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_READ_ONLY_DISK_H_
