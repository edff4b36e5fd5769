// How an LSM behaves. The defaults are for a real machine with some GiB of memory.
#ifndef WAVETANK_ENGINE_LSM_LSM_OPTIONS_H_
#define WAVETANK_ENGINE_LSM_LSM_OPTIONS_H_

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "engine/base/units.h"
#include "engine/kv/key_value_store.h"
#include "engine/lsm/table_builder.h"

namespace wt {

struct LsmOptions {
  // A memtable that has grown to this is sealed, and flushed in the background. Up to a GiB of its
  // memory is kept for those that follow.
  uint64_t memtable_bytes = 128 * kMiB;
  // So many sealed ones may wait; then the writer does.
  uint32_t max_sealed = 2;

  // How long a writer waits when that is for want of room on the disk; then it is refused, until
  // there is room. Duration::max(): for as long as it takes.
  Duration room_patience = std::chrono::seconds(1);

  // Level 0 counts tables, the others bytes: level n holds level1_bytes * level_ratio^(n-1).
  // Requires: trigger and slowdown are at least 1, and neither is beyond stop.
  uint32_t level0_trigger = 4;
  uint32_t level0_slowdown = 12;  // from here on writers are slowed down, more and more,
  uint32_t level0_stop = 36;      // until here
  uint64_t level1_bytes = 256 * kMiB;
  uint32_t level_ratio = 10;
  // A table that has grown to this ends, before the next user key.
  uint64_t table_bytes = 64 * kMiB;
  bool compaction = true;
  // What compactions may write; 0: no limit.
  uint64_t compaction_bytes_per_second = 0;

  TableBuildOptions table = {};
  // For blocks that are not mapped.
  uint64_t block_cache_bytes = 64 * kMiB;
  bool use_mapping = true;
  bool verify_always = false;

  // A manifest longer than this, and than twice what it has to say, is begun anew; however long
  // that is, before it is longer than can be read (kMaxManifestBytes).
  uint64_t manifest_bytes = kMiB;

  // What it holds is a copy of what a log and snapshots have: a state machine's. It then begins
  // empty, whatever its manifest says; the tables of its last life are spare (lsm_install.h), and
  // what is damaged, lost or half-recorded of it is passed over at Open. What cannot be read is
  // still an error: it may be read the next time.
  bool derived = false;

  // Called before entries become durable in tables: until it has returned OK they may be in the
  // log's memory only, and tables must not know more than the log.
  MakeLogDurable make_log_durable = {};
};

// The most that CheckLsmOptions takes: with these no block of a table grows beyond what its length
// can say, and no manifest beyond what can be read.
inline constexpr uint64_t kMaxMemtableBytes = 8 * kGiB;
inline constexpr uint64_t kMaxBytesOfTable = 4 * kGiB;
inline constexpr uint32_t kMaxIndexPartitionBlocks = 32 * kKiB;

// Errors: InvalidArgument: what cannot work, and what is wanted instead.
absl::Status CheckLsmOptions(const LsmOptions& options);

}  // namespace wt

#endif  // WAVETANK_ENGINE_LSM_LSM_OPTIONS_H_
