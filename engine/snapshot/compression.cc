#include "engine/snapshot/compression.h"

#include <zstd.h>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/snapshot/chunk_source.h"

namespace wt {
namespace {

constexpr int kLevel = 1;  // snapshots are written while the engine serves: cheap before small

}  // namespace

std::string CompressChunk(std::string_view content) {
  WT_CHECK_LE(content.size(), kMaxChunkBytes);
  const size_t worth = content.size() - content.size() / 8;
  if (worth == 0 || worth == content.size()) return {};
  std::string out(worth, '\0');
  const size_t size = ZSTD_compress(out.data(), out.size(), content.data(), content.size(), kLevel);
  if (ZSTD_isError(size)) return {};  // it did not fit: not worth it
  WT_CHECK(size > 0 && size <= worth);
  out.resize(size);
  return out;
}

absl::StatusOr<std::string> DecompressChunk(std::string_view stored, uint64_t length) {
  WT_CHECK_LE(length, kMaxChunkBytes);
  std::string out(length, '\0');
  const size_t size = ZSTD_decompress(out.data(), out.size(), stored.data(), stored.size());
  if (ZSTD_isError(size)) return DataLoss("zstd: %s", ZSTD_getErrorName(size));
  if (size != length) return DataLoss("zstd: %d bytes, want %d", size, length);
  return out;
}

}  // namespace wt
