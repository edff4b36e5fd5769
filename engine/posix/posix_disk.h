// A folder of a real file system as the engine's disk. Symbolic links that the operator places in
// it are followed (a log folder on another device); paths given here cannot leave it.
#ifndef WAVETANK_ENGINE_POSIX_POSIX_DISK_H_
#define WAVETANK_ENGINE_POSIX_POSIX_DISK_H_

#include <string>

#include "engine/env/disk.h"
#include "engine/posix/file_descriptor.h"

namespace wt {

class PosixDisk : public Disk {
 public:
  // Opens `root`, making it (one level, durably) when it is missing. Does not fail: when the folder
  // cannot be used, status() and every call say why.
  explicit PosixDisk(const std::string& root);

  const absl::Status& status() const { return status_; }

  absl::StatusOr<std::unique_ptr<File>> Open(std::string_view path, OpenMode mode) override;
  absl::Status Rename(std::string_view from, std::string_view to) override;
  absl::Status Remove(std::string_view path) override;
  absl::Status CreateDirectory(std::string_view path) override;
  absl::StatusOr<std::vector<DirectoryEntry>> List(std::string_view directory) override;
  // Errors, beside the contract's: InvalidArgument where the file system cannot do it.
  absl::Status SyncDirectory(std::string_view directory) override;
  absl::StatusOr<std::unique_ptr<FileLock>> Lock(std::string_view path) override;

 private:
  absl::Status OpenRoot(const std::string& root);
  absl::Status CheckUsable(const absl::Status& path_status) const;
  absl::StatusOr<FileDescriptor> OpenAt(std::string_view path, int flags) const;

  FileDescriptor root_;
  absl::Status status_;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_POSIX_POSIX_DISK_H_
