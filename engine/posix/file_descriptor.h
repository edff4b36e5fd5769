// A file descriptor that is closed with its owner.
#ifndef WAVETANK_ENGINE_POSIX_FILE_DESCRIPTOR_H_
#define WAVETANK_ENGINE_POSIX_FILE_DESCRIPTOR_H_

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace wt {

class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor() { Close(); }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int Release() { return std::exchange(fd_, -1); }

  // Returns the error number, or 0. The descriptor is gone either way: Linux frees it even where
  // close() says EINTR, and a second close() could hit another thread's file.
  int Close() {
    if (fd_ < 0 || ::close(std::exchange(fd_, -1)) == 0) return 0;
    return errno == EINTR ? 0 : errno;
  }

 private:
  int fd_ = -1;
};

// Repeats a system call that a signal interrupted before it did anything.
template <typename Call>
auto RetryInterrupted(Call call) {
  while (true) {
    auto result = call();
    if (result >= 0 || errno != EINTR) return result;
  }
}

}  // namespace wt

#endif  // WAVETANK_ENGINE_POSIX_FILE_DESCRIPTOR_H_
