#include "scenarios/catalog.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

// A few dozen writes over several segments: every crash state of the log.
Scenario LogSmall() {
  return {
      .name = "log-small",
      .summary = "a few dozen writes over several log segments, for crash enumeration",
      .story =
          "Two clients write a few dozen values; the log rolls over several times. No faults: "
          "`wavetank crash` supplies every one that a power cut can leave.",
      .workload = {.clients = 2, .operations = 36, .keys = 8, .value_bytes = {20, 900}},
      .knobs = {.segment_bytes = {20 * kKiB, 20 * kKiB},
                .snapshot_log_bytes = {1024 * kKiB, 1024 * kKiB},
                .small_alignment_ppm = 1'000'000,
                .zeros_ahead_ppm = 0,
                .rarely_ppm = 0},
      .storm = 1s,
      .in_default_set = false,
      .crash = true,
  };
}

// The same with snapshots and compaction every few entries.
Scenario SnapshotSmall() {
  return {
      .name = "snapshot-small",
      .summary = "writes with snapshots and log compaction, for crash enumeration",
      .story =
          "Two clients write while a snapshot is taken every few entries and the log behind "
          "it is removed. `wavetank crash` supplies every state that a power cut can leave.",
      .workload = {.clients = 2, .operations = 40, .keys = 6, .value_bytes = {20, 700}},
      .knobs = {.segment_bytes = {20 * kKiB, 20 * kKiB},
                .snapshot_log_bytes = {6 * kKiB, 6 * kKiB},
                .snapshots_kept = {1, 2},
                .small_alignment_ppm = 1'000'000,
                .zeros_ahead_ppm = 0,
                .rarely_ppm = 0},
      .storm = 1s,
      .in_default_set = false,
      .crash = true,
  };
}

// A database: flushes, merges, edits and switches of the manifest, rolls of the log.
Scenario LsmSmall() {
  return {
      .name = "lsm-small",
      .summary = "a database that flushes, merges and rolls, for crash enumeration",
      .story =
          "Two clients write to a database whose memtable holds a few entries; tables are merged "
          "at once, the manifest is begun anew every few edits, and the log rolls over and is "
          "compacted behind the tables. `wavetank crash` supplies every state that a power cut can "
          "leave.",
      .workload = {.clients = 2,
                   .operations = 60,
                   .keys = 8,
                   .mix = {.put = 8,
                           .get = 0,
                           .remove = 3,
                           .batch = 3,
                           .increment = 0,
                           .flush = 1,
                           .compact = 1},
                   .value_bytes = {20, 500}},
      .knobs = {.segment_bytes = {20 * kKiB, 20 * kKiB},
                .small_alignment_ppm = 1'000'000,
                .zeros_ahead_ppm = 0,
                .rarely_ppm = 0},
      .storm = 1s,
      .database = DatabaseSetup{.memtable_bytes = {3 * kKiB, 3 * kKiB},
                                .table_bytes = {1 * kKiB, 1 * kKiB},
                                .block_bytes = {256, 256},
                                .level0_trigger = {2, 2},
                                .level1_bytes = {2 * kKiB, 2 * kKiB},
                                .level_ratio = {2, 2},
                                .manifest_bytes = {12 * kKiB, 12 * kKiB},
                                .paced_ppm = 0},
      .in_default_set = false,
      .crash = true,
  };
}

}  // namespace wt::scenarios
