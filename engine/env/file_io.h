// Whole reads and writes over the seam's short ones.
#ifndef WAVETANK_ENGINE_ENV_FILE_IO_H_
#define WAVETANK_ENGINE_ENV_FILE_IO_H_

#include <string>
#include <string_view>

#include "engine/env/disk.h"

namespace wt {

// Fills `out` from `offset` on; returns fewer bytes only when the file ends. A read that the device
// refuses is tried `kReadAttempts` times (a transient error heals), then returned. Suspends.
inline constexpr int kReadAttempts = 3;
absl::StatusOr<uint64_t> ReadFully(File& file, uint64_t offset, std::span<char> out);

// Writes all of `data`. On an error a prefix may have been written. A write is never retried after
// an error. Suspends.
absl::Status WriteFully(File& file, uint64_t offset, std::string_view data);

// The whole content of a file. Errors: ResourceExhausted beyond `limit` bytes. Suspends.
absl::StatusOr<std::string> ReadWholeFile(Disk& disk, std::string_view path, uint64_t limit);

// Creates `path` and makes its name durable. An empty directory that is there already may be one
// whose name a failed sync has lost: reads show it, and another sync succeeds without bringing it
// back. So it is named anew, by way of "PATH.tmp"; one that is found under that name, for a crash
// or a lying disk may stop it there, arrives with all that is in it. Requires: the parent exists.
// Suspends.
absl::Status CreateDurableDirectory(Disk& disk, std::string_view path);

// Whether there is anything of that name, and of the names above it. Suspends.
absl::StatusOr<bool> PathExists(Disk& disk, std::string_view path);

// "a/b/c" -> "a/b"; "c" -> "".
std::string_view DirectoryOf(std::string_view path);

}  // namespace wt

#endif  // WAVETANK_ENGINE_ENV_FILE_IO_H_
