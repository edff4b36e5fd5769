#include "scenarios/catalog.h"
#include "scenarios/random/lsm.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

// Views that are held while everything below them is rewritten.
Scenario LsmViews() {
  return {
      .name = "lsm-views",
      .summary =
          "long views beside heavy compaction: each shows one state for as long as it is held",
      .story =
          "Half of the clients hold views for up to seconds and read them again and again, forward "
          "and backward, while others overwrite and delete the same few keys, flush and compact. "
          "The tables are so small that every version moves through several levels meanwhile. "
          "Power "
          "is cut now and then; views end with the process, and with nothing else.",
      .workload = {.clients = 6,
                   .operations = 1200,
                   .keys = 24,
                   .mix = {.put = 10,
                           .get = 2,
                           .remove = 6,
                           .batch = 4,
                           .increment = 0,
                           .scan = 3,
                           .walk = 3,
                           .view = 6,
                           .flush = 1,
                           .compact = 2},
                   .value_bytes = {4, 160}},
      .knobs = DatabaseKnobs(),
      .faults =
          {
              {.kind = FaultKind::kPowerLoss,
               .every = Between(2s, 5s),
               .lasts = Between(0ms, 50ms)},
              {.kind = FaultKind::kSlowDisk,
               .every = Between(2s, 5s),
               .lasts = Between(200ms, 1s),
               .amount = Between(3, 30)},
              {.kind = FaultKind::kDropCache, .every = Between(500ms, 2s)},
          },
      .goals = {"client.view_held", "lsm.tables_merged", "lsm.table_moved"},
      .database = DatabaseSetup{.memtable_bytes = {1 * kKiB, 4 * kKiB},
                                .table_bytes = {512, 2 * kKiB},
                                .block_bytes = {64, 512},
                                .level0_trigger = {1, 2},
                                .level1_bytes = {2 * kKiB, 8 * kKiB},
                                .level_ratio = {2, 3},
                                .paced_ppm = 0,
                                .view_held = {50ms, 2s}},
  };
}

}  // namespace wt::scenarios
