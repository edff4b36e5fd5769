// One open file of a PosixDisk.
#ifndef WAVETANK_ENGINE_POSIX_POSIX_FILE_H_
#define WAVETANK_ENGINE_POSIX_POSIX_FILE_H_

#include <atomic>
#include <string>

#include "engine/env/disk.h"
#include "engine/posix/file_descriptor.h"

namespace wt {

// Stricter than the contract in one thing: after a failed Sync, every call that writes or syncs
// fails with FailedPrecondition. Linux reports a lost write once and then forgets it; here nobody
// can take the next success for durability.
class PosixFile : public File {
 public:
  // `path` is for messages.
  PosixFile(FileDescriptor fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  absl::StatusOr<uint64_t> ReadAt(uint64_t offset, std::span<char> out) override;
  absl::StatusOr<uint64_t> WriteAt(uint64_t offset, std::string_view data) override;
  absl::Status Sync() override;
  absl::Status DropCache() override;
  absl::Status Truncate(uint64_t size) override;
  absl::Status Allocate(uint64_t offset, uint64_t length) override;
  absl::StatusOr<uint64_t> Size() override;
  absl::StatusOr<std::unique_ptr<FileMapping>> Map() override;
  absl::Status Close() override;

 private:
  absl::Status CheckOpen() const;
  absl::Status CheckAlive() const;
  // InvalidArgument when [offset, offset + length) does not fit the kernel's signed offsets.
  absl::Status CheckRange(uint64_t offset, uint64_t length) const;
  absl::Status Error(std::string_view operation) const;  // of errno

  FileDescriptor fd_;
  const std::string path_;
  std::atomic<bool> dead_ = false;  // a Sync has failed; readers may run beside the writer
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_POSIX_POSIX_FILE_H_
