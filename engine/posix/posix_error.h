// The operating system's error numbers in the vocabulary of engine/base/status.h.
#ifndef WAVETANK_ENGINE_POSIX_POSIX_ERROR_H_
#define WAVETANK_ENGINE_POSIX_POSIX_ERROR_H_

#include <string_view>

#include "absl/status/status.h"

namespace wt {

// The code, as engine/env/disk.h promises it. An error number that is not known to be harmless is
// Unavailable: the outcome must be taken as unknown.
absl::StatusCode CodeOfErrno(int error);

// "log/000007: fdatasync: Input/output error". Requires: error is not 0.
absl::Status ErrnoStatus(int error, std::string_view operation, std::string_view path);

}  // namespace wt

#endif  // WAVETANK_ENGINE_POSIX_POSIX_ERROR_H_
