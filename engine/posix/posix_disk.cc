#include "engine/posix/posix_disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cstdio>
#include <memory>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/posix/posix_error.h"
#include "engine/posix/posix_file.h"
#include "engine/posix/posix_lock.h"
#include "engine/posix/posix_path.h"
#include "engine/posix/suspend.h"

namespace wt {
namespace {

constexpr mode_t kFileMode = 0644;
constexpr mode_t kDirectoryMode = 0755;
constexpr int kDirectoryFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

int FlagsOf(OpenMode mode) {
  switch (mode) {
    case OpenMode::kReadOnly:
      return O_RDONLY;
    case OpenMode::kReadWrite:
      return O_RDWR;
    case OpenMode::kCreate:
      return O_RDWR | O_CREAT | O_EXCL;
  }
  WT_CHECK(!"an OpenMode");
  return 0;
}

bool IsDirectory(int parent, const char* name) {
  struct stat info;
  return ::fstatat(parent, name, &info, 0) == 0 && S_ISDIR(info.st_mode);
}

bool IsDirectory(DIR* parent, const dirent& entry) {
  if (entry.d_type == DT_DIR) return true;
  if (entry.d_type != DT_UNKNOWN && entry.d_type != DT_LNK) return false;
  return IsDirectory(::dirfd(parent), entry.d_name);
}

absl::Status SyncDescriptor(int fd, std::string_view path) {
  if (RetryInterrupted([&] { return ::fsync(fd); }) == 0) return absl::OkStatus();
  return ErrnoStatus(errno, "fsync of the directory", path);
}

// A new folder is a new name in its parent, which must last as long as what the folder will hold.
absl::Status MakeRoot(const std::string& root) {
  if (::mkdir(root.c_str(), kDirectoryMode) != 0) {
    return errno == EEXIST ? absl::OkStatus() : ErrnoStatus(errno, "mkdir", root);
  }
  FileDescriptor made(::open(root.c_str(), kDirectoryFlags));
  if (!made.valid()) return ErrnoStatus(errno, "open", root);
  FileDescriptor parent(::openat(made.get(), "..", kDirectoryFlags));
  if (!parent.valid()) return ErrnoStatus(errno, "open of the parent", root);
  return SyncDescriptor(parent.get(), root);
}

}  // namespace

PosixDisk::PosixDisk(const std::string& root) : status_(OpenRoot(root)) {}

absl::Status PosixDisk::OpenRoot(const std::string& root) {
  WT_RETURN_IF_ERROR(MakeRoot(root));
  root_ = FileDescriptor(::open(root.c_str(), kDirectoryFlags));
  return root_.valid() ? absl::OkStatus() : ErrnoStatus(errno, "open", root);
}

absl::StatusOr<std::unique_ptr<File>> PosixDisk::Open(std::string_view path, OpenMode mode) {
  CheckMaySuspend();
  WT_RETURN_IF_ERROR(CheckUsable(ValidateFilePath(path)));
  WT_ASSIGN_OR_RETURN(FileDescriptor fd, OpenAt(path, FlagsOf(mode)));
  struct stat info;
  if (::fstat(fd.get(), &info) != 0) return ErrnoStatus(errno, "fstat", path);
  if (!S_ISREG(info.st_mode)) return InvalidArgument("%s: not a file", path);
  return std::make_unique<PosixFile>(std::move(fd), std::string(path));
}

absl::Status PosixDisk::Rename(std::string_view from, std::string_view to) {
  CheckMaySuspend();
  WT_RETURN_IF_ERROR(CheckUsable(ValidateFilePath(from)));
  WT_RETURN_IF_ERROR(ValidateFilePath(to));
  const std::string old_name(from);
  const std::string new_name(to);
  if (::renameat(root_.get(), old_name.c_str(), root_.get(), new_name.c_str()) == 0) {
    return absl::OkStatus();
  }
  const int error = errno;
  return ErrnoStatus(error, absl::StrFormat("rename to %s", to), from);
}

absl::Status PosixDisk::Remove(std::string_view path) {
  CheckMaySuspend();
  WT_RETURN_IF_ERROR(CheckUsable(ValidateFilePath(path)));
  if (::unlinkat(root_.get(), std::string(path).c_str(), 0) == 0) return absl::OkStatus();
  return ErrnoStatus(errno, "unlink", path);
}

absl::Status PosixDisk::CreateDirectory(std::string_view path) {
  CheckMaySuspend();
  WT_RETURN_IF_ERROR(CheckUsable(ValidateFilePath(path)));
  const std::string name(path);
  if (::mkdirat(root_.get(), name.c_str(), kDirectoryMode) == 0) return absl::OkStatus();
  const int error = errno;
  if (error == EEXIST && IsDirectory(root_.get(), name.c_str())) return absl::OkStatus();
  return ErrnoStatus(error, "mkdir", path);
}

absl::StatusOr<std::vector<DirectoryEntry>> PosixDisk::List(std::string_view directory) {
  CheckMaySuspend();
  WT_RETURN_IF_ERROR(CheckUsable(ValidateDirectoryPath(directory)));
  WT_ASSIGN_OR_RETURN(FileDescriptor fd, OpenAt(directory, kDirectoryFlags));
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(fd.get()), &::closedir);
  if (stream == nullptr) return ErrnoStatus(errno, "opendir", directory);
  (void)fd.Release();  // the stream's now
  std::vector<DirectoryEntry> entries;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    entries.push_back({std::string(name), IsDirectory(stream.get(), *entry)});
  }
  if (errno != 0) return ErrnoStatus(errno, "readdir", directory);
  return entries;
}

absl::Status PosixDisk::SyncDirectory(std::string_view directory) {
  CheckMaySuspend();
  WT_RETURN_IF_ERROR(CheckUsable(ValidateDirectoryPath(directory)));
  WT_ASSIGN_OR_RETURN(FileDescriptor fd, OpenAt(directory, kDirectoryFlags));
  return SyncDescriptor(fd.get(), directory);
}

absl::StatusOr<std::unique_ptr<FileLock>> PosixDisk::Lock(std::string_view path) {
  CheckMaySuspend();
  WT_RETURN_IF_ERROR(CheckUsable(ValidateFilePath(path)));
  WT_ASSIGN_OR_RETURN(FileDescriptor fd, OpenAt(path, O_RDWR | O_CREAT));
  return LockDescriptor(std::move(fd), path);
}

absl::Status PosixDisk::CheckUsable(const absl::Status& path_status) const {
  return status_.ok() ? path_status : status_;
}

absl::StatusOr<FileDescriptor> PosixDisk::OpenAt(std::string_view path, int flags) const {
  const std::string name(path.empty() ? "." : path);
  FileDescriptor fd(RetryInterrupted(
      [&] { return ::openat(root_.get(), name.c_str(), flags | O_CLOEXEC, kFileMode); }));
  if (!fd.valid()) return ErrnoStatus(errno, "open", path);
  return fd;
}

}  // namespace wt
