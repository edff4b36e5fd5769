#include "engine/posix/posix_error.h"

#include <cerrno>
#include <system_error>

#include "engine/base/check.h"
#include "engine/base/status.h"

namespace wt {

absl::StatusCode CodeOfErrno(int error) {
  switch (error) {
    case ENOENT:
      return absl::StatusCode::kNotFound;
    case EEXIST:
      return absl::StatusCode::kAlreadyExists;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return absl::StatusCode::kResourceExhausted;
    case EROFS:
    case EBADF:
    case EACCES:
    case EPERM:
    case EBUSY:
    case ENOTEMPTY:
    case ETXTBSY:
    case EWOULDBLOCK:
    case EADDRINUSE:
      return absl::StatusCode::kFailedPrecondition;
    case EINVAL:
    case EISDIR:
    case ELOOP:
    case ENAMETOOLONG:
    case ENOTDIR:
    case EXDEV:
    case EADDRNOTAVAIL:
      return absl::StatusCode::kInvalidArgument;
    default:
      return absl::StatusCode::kUnavailable;
  }
}

absl::Status ErrnoStatus(int error, std::string_view operation, std::string_view path) {
  WT_CHECK(error != 0);
  return absl::Status(CodeOfErrno(error),
                      absl::StrFormat("%s: %s: %s", path.empty() ? "data folder" : path, operation,
                                      std::generic_category().message(error)));
}

}  // namespace wt
