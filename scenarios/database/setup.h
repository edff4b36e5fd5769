// A scenario of a Database: what a seed may choose of it, and what it has chosen.
#ifndef WAVETANK_SCENARIOS_DATABASE_SETUP_H_
#define WAVETANK_SCENARIOS_DATABASE_SETUP_H_

#include <cstdint>

#include "engine/base/units.h"
#include "engine/lsm/lsm_options.h"
#include "faults/fault.h"

namespace wt::scenarios {

// Small, so that a run of a thousand operations flushes, merges and rolls everything many times.
struct DatabaseSetup {
  faults::Range<uint64_t> memtable_bytes = {2 * kKiB, 24 * kKiB};
  faults::Range<uint64_t> table_bytes = {1 * kKiB, 16 * kKiB};
  faults::Range<uint64_t> block_bytes = {128, 2 * kKiB};
  faults::Range<uint64_t> level0_trigger = {1, 4};
  faults::Range<uint64_t> level1_bytes = {4 * kKiB, 64 * kKiB};
  faults::Range<uint64_t> level_ratio = {2, 4};
  faults::Range<uint64_t> manifest_bytes = {4 * kKiB, 64 * kKiB};
  faults::Range<uint64_t> sync_interval_ms = {5, 200};
  faults::Range<uint64_t> room_patience_ms = {10, 400};
  uint32_t no_filter_ppm = 200'000;
  uint32_t no_cache_ppm = 200'000;
  uint32_t verify_always_ppm = 200'000;
  uint32_t alone_ppm = 250'000;     // each writer an entry of its own: no groups
  uint32_t paced_ppm = 250'000;     // compactions are slowed down
  uint32_t buffered_ppm = 300'000;  // of the writes
  // How long a view is held, in all.
  faults::Range<Duration> view_held = {std::chrono::milliseconds(5),
                                       std::chrono::milliseconds(800)};
};

struct PlannedDatabase {
  uint64_t memtable_bytes = 0;
  uint64_t table_bytes = 0;
  uint64_t block_bytes = 0;
  uint64_t restart_interval = 1;
  uint64_t max_sealed = 1;
  uint64_t level0_trigger = 1;
  uint64_t level1_bytes = 0;
  uint64_t level_ratio = 2;
  uint64_t manifest_bytes = 0;
  uint64_t filter_bits = 0;
  uint64_t cache_bytes = 0;
  uint64_t group_bytes = 0;
  uint64_t compaction_bytes_per_second = 0;
  Duration sync_interval{};
  Duration room_patience = LsmOptions().room_patience;
  bool verify_always = false;
  bool operator==(const PlannedDatabase&) const = default;
};

struct ClientOp;

// Pure functions, as DrawPlan.
PlannedDatabase DrawDatabase(const DatabaseSetup& setup, uint64_t seed);
// What only an operation on a database has.
void DrawDatabaseManners(const DatabaseSetup& setup, uint64_t seed, uint32_t ordinal, ClientOp& op);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_DATABASE_SETUP_H_
