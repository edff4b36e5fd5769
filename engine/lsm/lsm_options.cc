#include "engine/lsm/lsm_options.h"

#include <string_view>

#include "engine/base/status.h"
#include "engine/lsm/manifest.h"

namespace wt {
namespace {

absl::Status CheckAtMost(std::string_view name, uint64_t value, uint64_t most) {
  if (value <= most) return absl::OkStatus();
  return InvalidArgument("lsm: %s: %d, want at most %d", name, value, most);
}

absl::Status CheckLevel0(const LsmOptions& options) {
  if (options.level0_trigger == 0 || options.level0_slowdown == 0) {
    return InvalidArgument("lsm: level0_trigger: %d and level0_slowdown: %d, want at least 1",
                           options.level0_trigger, options.level0_slowdown);
  }
  if (options.level0_stop < options.level0_trigger) {
    return InvalidArgument(
        "lsm: level0_stop: %d, want at least level0_trigger (%d), or writers wait for a "
        "compaction that never begins",
        options.level0_stop, options.level0_trigger);
  }
  if (options.level0_slowdown > options.level0_stop) {
    return InvalidArgument("lsm: level0_slowdown: %d, want at most level0_stop (%d)",
                           options.level0_slowdown, options.level0_stop);
  }
  return absl::OkStatus();
}

absl::Status CheckTable(const TableBuildOptions& table) {
  if (table.block_bytes > kMaxTableValueBytes) {
    return InvalidArgument("lsm: table.block_bytes: %d, want at most %d", table.block_bytes,
                           kMaxTableValueBytes);
  }
  if (table.restart_interval == 0 || table.index_partition_blocks == 0) {
    return InvalidArgument(
        "lsm: table.restart_interval: %d and table.index_partition_blocks: %d, want at least 1",
        table.restart_interval, table.index_partition_blocks);
  }
  WT_RETURN_IF_ERROR(CheckAtMost("table.index_partition_blocks", table.index_partition_blocks,
                                 kMaxIndexPartitionBlocks));
  if (table.filter_bits_per_key > kMaxFilterBitsPerKey) {
    return InvalidArgument("lsm: table.filter_bits_per_key: %d, want at most %d",
                           table.filter_bits_per_key, kMaxFilterBitsPerKey);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckLsmOptions(const LsmOptions& options) {
  if (options.memtable_bytes == 0 || options.max_sealed == 0 || options.table_bytes == 0) {
    return InvalidArgument(
        "lsm: memtable_bytes: %d, max_sealed: %d and table_bytes: %d, want at least 1",
        options.memtable_bytes, options.max_sealed, options.table_bytes);
  }
  WT_RETURN_IF_ERROR(CheckAtMost("memtable_bytes", options.memtable_bytes, kMaxMemtableBytes));
  WT_RETURN_IF_ERROR(CheckAtMost("table_bytes", options.table_bytes, kMaxBytesOfTable));
  WT_RETURN_IF_ERROR(CheckAtMost("manifest_bytes", options.manifest_bytes, kMaxManifestBytes / 2));
  if (options.room_patience < Duration::zero()) {
    return InvalidArgument("lsm: room_patience: %d ns, want at least 0",
                           options.room_patience.count());
  }
  if (options.level_ratio < 2) {
    return InvalidArgument("lsm: level_ratio: %d, want at least 2", options.level_ratio);
  }
  WT_RETURN_IF_ERROR(CheckLevel0(options));
  return CheckTable(options.table);
}

}  // namespace wt
