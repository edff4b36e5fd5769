#include "engine/posix/posix_lock.h"

#include <sys/file.h>
#include <unistd.h>

#include <string>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/posix/posix_error.h"

namespace wt {
namespace {

class PosixLock : public FileLock {
 public:
  explicit PosixLock(FileDescriptor fd) : fd_(std::move(fd)) { WT_CHECK(fd_.valid()); }

 private:
  FileDescriptor fd_;
};

std::string HolderOf(int fd) {
  char text[128];
  const ssize_t size = ::pread(fd, text, sizeof(text), 0);
  if (size <= 0) return "another process";
  return std::string(text, text[size - 1] == '\n' ? size - 1 : size);
}

// For people only: a full disk must not keep the database shut, so errors are of no interest.
void WriteHolder(int fd) {
  char host[65] = "?";
  (void)::gethostname(host, sizeof(host) - 1);
  const std::string text = absl::StrFormat("process %d on %s\n", ::getpid(), host);
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, text.data(), text.size(), 0) < 0) return;
}

}  // namespace

absl::StatusOr<std::unique_ptr<FileLock>> LockDescriptor(FileDescriptor fd, std::string_view path) {
  if (RetryInterrupted([&] { return ::flock(fd.get(), LOCK_EX | LOCK_NB); }) != 0) {
    if (errno != EWOULDBLOCK) return ErrnoStatus(errno, "flock", path);
    return FailedPrecondition("%s: locked by %s", path, HolderOf(fd.get()));
  }
  WriteHolder(fd.get());
  return std::make_unique<PosixLock>(std::move(fd));
}

}  // namespace wt
