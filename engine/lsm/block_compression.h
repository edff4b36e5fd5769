// zstd and lz4 over one block. Deterministic for a given release of each: same bytes in, same out.
#ifndef WAVETANK_ENGINE_LSM_BLOCK_COMPRESSION_H_
#define WAVETANK_ENGINE_LSM_BLOCK_COMPRESSION_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "engine/lsm/table_format.h"

namespace wt {

// Puts the compressed form into `out` (whose content goes), or returns false where that does not
// save at least one byte in eight. kNone never does.
bool CompressBlock(Compression compression, std::string_view contents, std::string& out);

// Fills `out`, whose size is that of the contents. Requires: not kNone. Errors: DataLoss when
// `stored` is not the compressed form of exactly so many bytes.
absl::Status DecompressBlock(Compression compression, std::string_view stored, std::string& out);

}  // namespace wt

#endif  // WAVETANK_ENGINE_LSM_BLOCK_COMPRESSION_H_
