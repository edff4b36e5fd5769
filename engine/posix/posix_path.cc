#include "engine/posix/posix_path.h"

#include <climits>

#include "engine/base/status.h"

namespace wt {
namespace {

bool IsGoodComponent(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.size() <= NAME_MAX;
}

}  // namespace

absl::Status ValidateFilePath(std::string_view path) {
  if (path.size() >= PATH_MAX || path.find('\0') != std::string_view::npos) {
    return InvalidArgument("a path of %d bytes is too long or has a NUL in it", path.size());
  }
  std::string_view rest = path;
  while (true) {
    const size_t slash = rest.find('/');
    if (!IsGoodComponent(rest.substr(0, slash))) {
      return InvalidArgument("\"%s\": want a relative path without empty parts, '.' or '..'", path);
    }
    if (slash == std::string_view::npos) return absl::OkStatus();
    rest.remove_prefix(slash + 1);
  }
}

absl::Status ValidateDirectoryPath(std::string_view path) {
  return path.empty() ? absl::OkStatus() : ValidateFilePath(path);
}

}  // namespace wt
