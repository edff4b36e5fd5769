// A lock file: flock(2), which the kernel releases with the last descriptor, however the process
// ends. The file says who holds it, for the one who is refused.
#ifndef WAVETANK_ENGINE_POSIX_POSIX_LOCK_H_
#define WAVETANK_ENGINE_POSIX_POSIX_LOCK_H_

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/env/disk.h"
#include "engine/posix/file_descriptor.h"

namespace wt {

// Takes the lock on an open file. Does not wait. `path` is for messages.
// Errors: FailedPrecondition when another process, or another lock of this one, holds it.
absl::StatusOr<std::unique_ptr<FileLock>> LockDescriptor(FileDescriptor fd, std::string_view path);

}  // namespace wt

#endif  // WAVETANK_ENGINE_POSIX_POSIX_LOCK_H_
