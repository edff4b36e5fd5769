// A sorted table that is being read. It never changes.
//
// Every block passes its checksum before anything of it is believed: where the storage maps files,
// the first time that the block is touched (or each time, by option); else each time it is read
// into the cache. Damage is DataLoss that names file, offset, what was expected and what was found;
// it never shows as a missing key or as the end of an iteration.
//
// Thread-safe. Errors, everywhere: DataLoss (kCorrupted of engine/storage, with this file); the
// storage's own, when it cannot be read.
#ifndef WAVETANK_ENGINE_LSM_TABLE_H_
#define WAVETANK_ENGINE_LSM_TABLE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/lsm/block_cache.h"
#include "engine/lsm/filter.h"
#include "engine/lsm/index_block.h"
#include "engine/lsm/iterator.h"
#include "engine/lsm/table_format.h"
#include "engine/storage/storage.h"

namespace wt {

struct TableReadOptions {
  // For blocks that are not mapped, or compressed. Outlives the table. Null: each is read anew.
  BlockCache* cache = nullptr;
  // Check a mapped block each time it is touched, and not only the first.
  bool verify_always = false;
  bool use_mapping = true;
};

// What a point read found: the newest entry of the key that is not newer than the version.
struct FoundEntry {
  LogIndex version;
  EntryKind kind = EntryKind::kDelete;  // a deletion is an answer: look no further
  std::string_view value;               // lives as long as the table and the pin
  BlockPin pin;
};

class Table {
 public:
  // Checks header, footer, properties, filter and the index's root. `reader` is of place.file.
  // Suspends. Errors: FailedPrecondition = another format version, with its number.
  static absl::StatusOr<std::unique_ptr<Table>> Open(std::unique_ptr<StorageReader> reader,
                                                     const TablePlace& place,
                                                     const TableReadOptions& options = {});

  const TableInfo& info() const { return info_; }

  // Whether the key may be in here; never false for one that is. Does not suspend.
  bool MayContain(std::string_view key) const {
    return !filter_.has_value() || filter_->MayContain(FilterHash(key));
  }

  // Asks the filter first. Suspends.
  absl::StatusOr<std::optional<FoundEntry>> Get(InternalKey key) const;

  // The table outlives it.
  std::unique_ptr<InternalIterator> NewIterator() const;

  // Bytes of the file as they lie, unchecked, from the storage. Suspends. Errors: DataLoss where
  // the file ends before.
  absl::StatusOr<std::string> ReadBytes(uint64_t offset, uint64_t bytes) const {
    return ReadExactly(offset, bytes);
  }

  // Reads the whole file, from the storage and not from the mapping or the cache, and checks every
  // byte and every promise of the format: order, counts, index, filter, content hash. Suspends.
  // To have the bytes as well: table_verifier.h.
  absl::Status VerifyAll() const;

 private:
  friend class TableIterator;
  friend class TableVerifier;

  // A block's contents and what keeps them, if it is not the table itself.
  struct Block {
    std::string_view contents;
    BlockPin pin;
  };
  // A part of the index.
  struct Partition {
    uint32_t number = 0;
    IndexBlock index;
    BlockPin pin;
  };
  using Flags = std::vector<std::atomic<uint8_t>>;

  Table(std::unique_ptr<StorageReader> reader, const TablePlace& place,
        const TableReadOptions& options);
  absl::Status ReadEnds();
  absl::Status ReadInner(const BlockHandle& properties);

  bool IsPartitioned() const { return info_.index_partitions > 0; }
  // The data block that holds the first entry at or after the target, or none: data_blocks.
  // `partition` is kept from call to call; with number 0 and an empty index it holds none yet.
  absl::Status FindBlock(InternalKey target, Partition& partition, uint32_t* block) const;
  absl::Status HandleOf(uint32_t block, Partition& partition, BlockHandle* handle) const;
  absl::Status LoadPartition(uint32_t number, Partition& partition) const;
  absl::Status LoadData(uint32_t block, const BlockHandle& handle, Block& out) const;

  // `checked` tells whether this block's checksum has been seen to fit. Its setting is the
  // caller's.
  absl::Status Load(BlockType type, const BlockHandle& handle, bool checked, Block& out) const;
  absl::Status LoadUnmapped(BlockType type, const BlockHandle& handle, Block& out) const;
  absl::StatusOr<std::string> Contents(const BlockHandle& handle, const OpenedFrame& frame) const;
  absl::StatusOr<std::string> ReadExactly(uint64_t offset, uint64_t bytes) const;
  absl::Status Damage(std::string_view what) const { return CorruptedError(place_.file, what); }

  const std::unique_ptr<StorageReader> reader_;
  const TablePlace place_;
  const TableReadOptions options_;
  uint64_t cache_id_ = 0;
  std::unique_ptr<FileMapping> mapping_;
  std::string_view mapped_;  // empty: no mapping
  TableInfo info_;
  Block root_block_;
  IndexBlock root_;
  Block filter_block_;
  std::optional<Filter> filter_;
  // One for each data block and each partition: whether it has passed its checks.
  mutable Flags data_checked_;
  mutable Flags partition_checked_;
};

// What the header says that a file is: for who has no manifest. Suspends.
absl::StatusOr<TableIdentity> ReadTableIdentity(StorageReader& reader, const FileDesc& file);

}  // namespace wt

#endif  // WAVETANK_ENGINE_LSM_TABLE_H_
