#include "engine/lsm/block_compression.h"

#include <lz4.h>
#include <zstd.h>

#include "engine/base/check.h"
#include "engine/base/status.h"

namespace wt {
namespace {

constexpr int kZstdLevel = 1;  // tables are written while the engine serves: cheap before small

static_assert(kMaxBlockBytes <= LZ4_MAX_INPUT_SIZE);

size_t CompressInto(Compression compression, std::string_view contents, std::string& out) {
  if (compression == Compression::kZstd) {
    const size_t size =
        ZSTD_compress(out.data(), out.size(), contents.data(), contents.size(), kZstdLevel);
    return ZSTD_isError(size) ? 0 : size;
  }
  const int size = LZ4_compress_default(
      contents.data(), out.data(), static_cast<int>(contents.size()), static_cast<int>(out.size()));
  return size > 0 ? size : 0;
}

}  // namespace

bool CompressBlock(Compression compression, std::string_view contents, std::string& out) {
  if (compression == Compression::kNone) return false;  // only data is bounded
  WT_CHECK_LE(contents.size(), kMaxBlockBytes);
  const size_t worth = contents.size() - contents.size() / 8;
  if (worth == contents.size()) return false;
  out.resize(worth);
  const size_t size = CompressInto(compression, contents, out);
  if (size == 0) return false;  // it did not fit: not worth it
  WT_CHECK_LE(size, worth);
  out.resize(size);
  return true;
}

absl::Status DecompressBlock(Compression compression, std::string_view stored, std::string& out) {
  WT_CHECK(compression != Compression::kNone && out.size() <= kMaxBlockBytes);
  if (compression == Compression::kZstd) {
    const size_t size = ZSTD_decompress(out.data(), out.size(), stored.data(), stored.size());
    if (ZSTD_isError(size)) return DataLoss("zstd: %s", ZSTD_getErrorName(size));
    if (size != out.size()) return DataLoss("zstd: %d bytes, want %d", size, out.size());
    return absl::OkStatus();
  }
  if (stored.size() > kMaxBlockBytes) return DataLoss("lz4: %d bytes stored", stored.size());
  const int size = LZ4_decompress_safe(stored.data(), out.data(), static_cast<int>(stored.size()),
                                       static_cast<int>(out.size()));
  if (size < 0 || static_cast<size_t>(size) != out.size()) {
    return DataLoss("lz4: %d bytes, want %d", size, out.size());
  }
  return absl::OkStatus();
}

}  // namespace wt
