// Names of files as the seam allows them: relative, '/'-separated, no way out of the root.
#ifndef WAVETANK_ENGINE_POSIX_POSIX_PATH_H_
#define WAVETANK_ENGINE_POSIX_POSIX_PATH_H_

#include <string_view>

#include "absl/status/status.h"

namespace wt {

// Errors: InvalidArgument for a path that is empty, absolute, ends in '/', has an empty component,
// '.', '..', a NUL byte, or a component longer than 255 bytes.
absl::Status ValidateFilePath(std::string_view path);

// The same, but "" is good: it names the root.
absl::Status ValidateDirectoryPath(std::string_view path);

}  // namespace wt

#endif  // WAVETANK_ENGINE_POSIX_POSIX_PATH_H_
