// Writes a sorted table: entries in order, then Finish.
//
//   TableBuilder builder(*writer, {.number = 7, .salt = salt}, options);
//   for (it->SeekToFirst(); it->Valid(); it->Next()) WT_RETURN_IF_ERROR(builder.Add(it->entry()));
//   WT_RETURN_IF_ERROR(it->status());
//   WT_ASSIGN_OR_RETURN(TableInfo info, builder.Finish());
//   WT_RETURN_IF_ERROR(writer->Sync());     // the caller's: when to sync, when to close
//
// The same entries, identity and options give the same bytes.
#ifndef WAVETANK_ENGINE_LSM_TABLE_BUILDER_H_
#define WAVETANK_ENGINE_LSM_TABLE_BUILDER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/lsm/data_block_builder.h"
#include "engine/lsm/filter.h"
#include "engine/lsm/index_block.h"
#include "engine/lsm/table_format.h"
#include "engine/storage/storage.h"

namespace wt {

struct TableBuildOptions {
  // A data block's contents stay within this, unless one entry alone is larger.
  uint64_t block_bytes = 4 * kKiB;
  uint32_t restart_interval = 4;
  // Of data blocks, where it saves an eighth.
  Compression compression = Compression::kNone;
  // 0: no filter.
  uint32_t filter_bits_per_key = 10;
  // An index of more data blocks than this gets a second level.
  uint32_t index_partition_blocks = 1024;
  // How much is gathered for one Append.
  uint64_t append_bytes = kMiB;
};

class TableBuilder {
 public:
  // `writer` is at the beginning of its file and outlives the builder.
  TableBuilder(StorageWriter& writer, const TableIdentity& identity,
               const TableBuildOptions& options = {});
  TableBuilder(const TableBuilder&) = delete;
  TableBuilder& operator=(const TableBuilder&) = delete;

  // Requires: after the entry before; within the limits of internal_key.h; the value of a deletion
  // is empty; not after an error or Finish. Errors: the writer's; the file is useless then.
  // Suspends.
  absl::Status Add(const InternalEntry& entry);

  // Completes the file and tells what it holds. Does not sync. A table without entries is a table.
  // Requires: once, not after an error. Errors: the writer's. Suspends.
  absl::StatusOr<TableInfo> Finish();

  // What the file will have, roughly: for who decides when to begin the next one.
  uint64_t EstimatedBytes() const;
  uint64_t entries() const { return info_.entries(); }

 private:
  void Count(const InternalEntry& entry);
  absl::Status FinishDataBlock();
  // The block that was finished last gets its place in the index. `next` is what follows, if any.
  void IndexPending(std::optional<InternalKey> next);
  absl::Status FinishFilter();
  absl::Status FinishIndex();
  absl::StatusOr<BlockHandle> AppendFrame(BlockType type, std::string_view contents,
                                          Compression compression = Compression::kNone);
  absl::Status Flush(uint64_t at_least);

  StorageWriter& writer_;
  const TableIdentity identity_;
  const TableBuildOptions options_;
  DataBlockBuilder block_;
  std::optional<FilterBuilder> filter_;
  IndexBlockBuilder index_;
  struct Partition {
    std::string separator;
    LogIndex version;
    std::string contents;
  };
  std::vector<Partition> partitions_;  // finished ones
  uint64_t partition_bytes_ = 0;
  std::optional<BlockHandle> pending_;
  std::string last_key_;
  LogIndex last_version_;
  TableInfo info_;
  std::string buffer_;     // the end of the file, not given to the writer yet
  uint64_t appended_ = 0;  // bytes before buffer_
  std::string compressed_;
  bool finished_ = false;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_LSM_TABLE_BUILDER_H_
