#include "engine/posix/posix_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <limits>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/posix/posix_error.h"
#include "engine/posix/suspend.h"

namespace wt {

namespace {

class PosixMapping final : public FileMapping {
 public:
  explicit PosixMapping(std::string_view bytes) : bytes_(bytes) {}
  ~PosixMapping() override {
    if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
  }
  PosixMapping(const PosixMapping&) = delete;
  PosixMapping& operator=(const PosixMapping&) = delete;

  std::string_view bytes() const override { return bytes_; }

 private:
  const std::string_view bytes_;
};

}  // namespace

static_assert(sizeof(off_t) == 8, "files above 2 GiB need 64-bit offsets");

absl::StatusOr<uint64_t> PosixFile::ReadAt(uint64_t offset, std::span<char> out) {
  CheckMaySuspend();
  WT_RETURN_IF_ERROR(CheckOpen());
  WT_RETURN_IF_ERROR(CheckRange(offset, out.size()));
  const ssize_t read =
      RetryInterrupted([&] { return ::pread(fd_.get(), out.data(), out.size(), offset); });
  if (read < 0) return Error("pread");
  WT_CHECK_LE(static_cast<uint64_t>(read), out.size());
  return static_cast<uint64_t>(read);
}

absl::StatusOr<uint64_t> PosixFile::WriteAt(uint64_t offset, std::string_view data) {
  CheckMaySuspend();
  WT_RETURN_IF_ERROR(CheckAlive());
  WT_RETURN_IF_ERROR(CheckRange(offset, data.size()));
  if (data.empty()) return uint64_t{0};
  const ssize_t written =
      RetryInterrupted([&] { return ::pwrite(fd_.get(), data.data(), data.size(), offset); });
  if (written < 0) return Error("pwrite");
  // A caller that goes on until all is written would spin on this for ever.
  if (written == 0) return Unavailable("%s: pwrite of %d bytes wrote none", path_, data.size());
  WT_CHECK_LE(static_cast<uint64_t>(written), data.size());
  return static_cast<uint64_t>(written);
}

// fdatasync leaves out the times of the inode, not its size: POSIX counts what is needed to read
// the data back among the data, and Linux' file systems follow.
absl::Status PosixFile::Sync() {
  CheckMaySuspend();
  WT_RETURN_IF_ERROR(CheckAlive());
  if (RetryInterrupted([&] { return ::fdatasync(fd_.get()); }) == 0) return absl::OkStatus();
  dead_ = true;
  return Error("fdatasync");
}

absl::Status PosixFile::Truncate(uint64_t size) {
  CheckMaySuspend();
  WT_RETURN_IF_ERROR(CheckAlive());
  WT_RETURN_IF_ERROR(CheckRange(size, 0));
  if (RetryInterrupted([&] { return ::ftruncate(fd_.get(), size); }) == 0) return absl::OkStatus();
  return Error("ftruncate");
}

absl::Status PosixFile::Allocate(uint64_t offset, uint64_t length) {
  CheckMaySuspend();
  WT_RETURN_IF_ERROR(CheckAlive());
  WT_RETURN_IF_ERROR(CheckRange(offset, length));
  if (length == 0) return absl::OkStatus();
  if (RetryInterrupted([&] { return ::fallocate(fd_.get(), 0, offset, length); }) == 0) {
    return absl::OkStatus();
  }
  if (errno != EOPNOTSUPP) return Error("fallocate");
  // The C library's stand-in touches every block; it returns the error number.
  errno = ::posix_fallocate(fd_.get(), offset, length);
  return errno == 0 ? absl::OkStatus() : Error("posix_fallocate");
}

absl::StatusOr<uint64_t> PosixFile::Size() {
  CheckMaySuspend();
  WT_RETURN_IF_ERROR(CheckOpen());
  struct stat info;
  if (::fstat(fd_.get(), &info) != 0) return Error("fstat");
  WT_CHECK(info.st_size >= 0);
  return static_cast<uint64_t>(info.st_size);
}

absl::StatusOr<std::unique_ptr<FileMapping>> PosixFile::Map() {
  WT_ASSIGN_OR_RETURN(const uint64_t size, Size());
  // The kernel refuses a mapping of nothing.
  if (size == 0) return std::make_unique<PosixMapping>(std::string_view());
  void* const begin = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd_.get(), 0);
  if (begin == MAP_FAILED) return Error("mmap");
  return std::make_unique<PosixMapping>(std::string_view(static_cast<const char*>(begin), size));
}

// A hint to the kernel, which Linux follows for clean pages that nobody maps: measured on ext4, xfs
// and btrfs (6.18), reads then show what a failed sync had lost.
absl::Status PosixFile::DropCache() {
  CheckMaySuspend();
  WT_RETURN_IF_ERROR(CheckOpen());
  const int error = ::posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_DONTNEED);
  return error == 0 ? absl::OkStatus() : ErrnoStatus(error, "posix_fadvise", path_);
}

absl::Status PosixFile::Close() {
  CheckMaySuspend();
  WT_RETURN_IF_ERROR(CheckOpen());
  const int error = fd_.Close();
  return error == 0 ? absl::OkStatus() : ErrnoStatus(error, "close", path_);
}

absl::Status PosixFile::CheckOpen() const {
  return fd_.valid() ? absl::OkStatus() : FailedPrecondition("%s: the file is closed", path_);
}

absl::Status PosixFile::CheckAlive() const {
  if (!dead_) return CheckOpen();
  return FailedPrecondition("%s: the file is dead: an earlier sync failed", path_);
}

absl::Status PosixFile::CheckRange(uint64_t offset, uint64_t length) const {
  constexpr uint64_t kEnd = std::numeric_limits<off_t>::max();
  if (offset <= kEnd && length <= kEnd - offset) return absl::OkStatus();
  return InvalidArgument("%s: %d bytes at %d reach beyond the largest file offset", path_, length,
                         offset);
}

absl::Status PosixFile::Error(std::string_view operation) const {
  return ErrnoStatus(errno, operation, path_);
}

}  // namespace wt
