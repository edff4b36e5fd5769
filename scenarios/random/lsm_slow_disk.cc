#include "scenarios/catalog.h"
#include "scenarios/random/lsm.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

// Flushes and merges fall behind, and writers wait.
Scenario LsmSlowDisk() {
  return {
      .name = "lsm-slow-disk",
      .summary = "a disk that is slow or hangs: memtables pile up, writers wait, nobody starves",
      .story =
          "The disk is up to two hundred times slower for a while, or hangs altogether. Sealed "
          "memtables and tables of level 0 pile up to their bounds, writers are slowed down and "
          "then wait, and everything is answered in the end.",
      .workload = DatabaseWorkload(),
      .knobs = DatabaseKnobs(),
      .faults =
          {
              {.kind = FaultKind::kSlowDisk,
               .every = Between(500ms, 2s),
               .lasts = Between(200ms, 2s),
               .amount = Between(5, 200)},
              {.kind = FaultKind::kHungDisk,
               .every = Between(1s, 4s),
               .lasts = Between(50ms, 800ms)},
              {.kind = FaultKind::kPause, .every = Between(1s, 4s), .lasts = Between(10ms, 400ms)},
              {.kind = FaultKind::kPowerLoss,
               .every = Between(1s, 4s),
               .lasts = Between(0ms, 200ms)},
          },
      .goals = {"lsm.tables_merged", "log.entry_shared"},
      .database = DatabaseSetup{},
  };
}

}  // namespace wt::scenarios
