// The bytes of a sorted table that are not its blocks' contents: header, frames around blocks,
// properties, footer (FORMAT.md).
#ifndef WAVETANK_ENGINE_LSM_TABLE_FORMAT_H_
#define WAVETANK_ENGINE_LSM_TABLE_FORMAT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/base/checksum.h"
#include "engine/lsm/internal_key.h"
#include "engine/storage/file_desc.h"

namespace wt {

inline constexpr uint32_t kTableVersion = 1;
inline constexpr uint64_t kTableHeaderBytes = 64;
inline constexpr uint64_t kTableFooterBytes = 96;
inline constexpr uint64_t kFrameTrailerBytes = 16;
// A data block holds at least one entry, and only one when that is large; the key of the first is
// there twice.
inline constexpr uint64_t kMaxBlockBytes = kMaxTableValueBytes + 2 * kMaxTableKeyBytes + kKiB;

// Which file this is. The salt is drawn when the file is made (by who makes it), so that the blocks
// of an earlier file with this number, of which the disk may be full, are not taken for its own.
struct TableIdentity {
  uint64_t number = 0;
  uint64_t salt = 0;
  bool operator==(const TableIdentity&) const = default;
};

// A table in a storage: the file that an error blames, and what its checksums are seeded with. The
// numbers are not the same where a table that was made elsewhere was adopted.
struct TablePlace {
  FileDesc file;
  TableIdentity identity;
};

enum class BlockType : uint8_t { kData = 1, kFilter = 2, kIndex = 3, kProperties = 4 };

enum class Compression : uint8_t { kNone = 0, kZstd = 1, kLz4 = 2 };

// Where a frame lies: `stored` bytes, then the trailer.
struct BlockHandle {
  uint64_t offset = 0;
  uint32_t stored = 0;
  bool operator==(const BlockHandle&) const = default;
  uint64_t end() const { return offset + stored + kFrameTrailerBytes; }
};

// What a table says of itself: in its properties, but for bytes and content, which its footer has.
struct TableInfo {
  TableIdentity identity;
  uint64_t bytes = 0;  // of the file
  Hash128 content;     // over all of it before the footer: what the file may be named by

  uint64_t puts = 0;
  uint64_t deletes = 0;
  LogIndex min_version;
  LogIndex max_version;
  std::string smallest_key;  // with its newest version, the first entry
  LogIndex smallest_version;
  std::string largest_key;  // with its oldest version, the last entry
  LogIndex largest_version;
  uint64_t key_bytes = 0;    // of all entries, before any compression
  uint64_t value_bytes = 0;  // the same
  uint64_t data_bytes = 0;   // of data frames
  uint64_t filter_keys = 0;
  uint32_t data_blocks = 0;
  uint32_t index_partitions = 0;  // 0: the root leads to data blocks
  uint32_t partition_blocks = 0;  // data blocks to a partition, but for the last
  BlockHandle filter;             // stored == 0: none
  BlockHandle root;

  uint64_t entries() const { return puts + deletes; }
  InternalKey smallest() const { return {smallest_key, smallest_version}; }
  InternalKey largest() const { return {largest_key, largest_version}; }
  bool operator==(const TableInfo&) const = default;
};

// Errors, below: DataLoss, kCorrupted of engine/storage with the place's file; FailedPrecondition:
// another format version, with its number.

// ---- Header.

std::string EncodeTableHeader(const TableIdentity& identity);
// Requires: kTableHeaderBytes bytes.
absl::StatusOr<TableIdentity> ParseTableHeader(const FileDesc& file, std::string_view bytes);

// ---- Frames.

// Appends the trailer to `out`, whose bytes from `begin` on are the stored bytes of a block that
// will lie at `offset` of the file. Returns the hash of the frame.
struct FrameHead {
  BlockType type;
  Compression compression = Compression::kNone;
  uint64_t content_bytes = 0;
};
Hash128 SealFrame(const TableIdentity& identity, uint64_t offset, const FrameHead& head,
                  std::string& out, size_t begin);

struct OpenedFrame {
  std::string_view stored;
  Compression compression = Compression::kNone;
  uint32_t content_bytes = 0;  // of the block when it is not compressed
  Hash128 hash;                // what SealFrame returned
};
// Checks a whole frame, trailer included.
absl::StatusOr<OpenedFrame> OpenFrame(const TablePlace& place, const BlockHandle& handle,
                                      BlockType type, std::string_view frame);
// The same without the checksum, for a frame that was checked before.
absl::StatusOr<OpenedFrame> PeekFrame(const TablePlace& place, const BlockHandle& handle,
                                      BlockType type, std::string_view frame);

// The hash over hashes that ends as TableInfo::content.
Hash128 ChainHash(Hash128 chain, Hash128 next);

// ---- Properties and footer.

std::string EncodeTableProperties(const TableInfo& info);
// Fills all but identity, bytes and content.
absl::Status ParseTableProperties(const FileDesc& file, std::string_view contents, TableInfo& info);

struct TableFooter {
  uint64_t bytes = 0;  // of the file
  BlockHandle properties;
  Hash128 content;
};
std::string EncodeTableFooter(const TableIdentity& identity, const TableFooter& footer);
// Requires: kTableFooterBytes bytes.
absl::StatusOr<TableFooter> ParseTableFooter(const TablePlace& place, uint64_t file_bytes,
                                             std::string_view bytes);

}  // namespace wt

#endif  // WAVETANK_ENGINE_LSM_TABLE_FORMAT_H_
