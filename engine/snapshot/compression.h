// zstd over one chunk. Deterministic for a given release of zstd: same bytes in, same bytes out.
#ifndef WAVETANK_ENGINE_SNAPSHOT_COMPRESSION_H_
#define WAVETANK_ENGINE_SNAPSHOT_COMPRESSION_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace wt {

// The compressed form, or an empty string where it does not save at least one byte in eight.
std::string CompressChunk(std::string_view content);

// Requires: length <= kMaxChunkBytes. Errors: DataLoss when `stored` is not the compressed form of
// exactly `length` bytes.
absl::StatusOr<std::string> DecompressChunk(std::string_view stored, uint64_t length);

}  // namespace wt

#endif  // WAVETANK_ENGINE_SNAPSHOT_COMPRESSION_H_
