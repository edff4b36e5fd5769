#include "scenarios/catalog.h"
#include "scenarios/random/every_fault.h"
#include "scenarios/random/lsm.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

// The swarm, on a database with levels as small as they can be.
Scenario LsmEverything() {
  return {
      .name = "lsm-everything",
      .summary = "a swarm on a database: each seed mixes its own storm from every fault there is",
      .story =
          "Every fault of the catalogue is in the hat. A seed leaves out about half of them, "
          "scales the pace of the rest, and draws memtables, tables and blocks of a few hundred "
          "bytes and up, levels of a few kilobytes, filters, compression, groups, and the rare "
          "paths of log and tables.",
      .workload = DatabaseWorkload(),
      .knobs = {.segment_bytes = {20 * kKiB, 128 * kKiB}, .rarely_ppm = 500'000},
      .faults = EveryFault(),
      .swarm = true,
      .database = DatabaseSetup{.memtable_bytes = {512, 16 * kKiB},
                                .table_bytes = {256, 8 * kKiB},
                                .block_bytes = {64, 1 * kKiB},
                                .level0_trigger = {1, 4},
                                .level1_bytes = {1 * kKiB, 32 * kKiB},
                                .level_ratio = {2, 4},
                                .manifest_bytes = {1 * kKiB, 48 * kKiB}},
  };
}

}  // namespace wt::scenarios
