#include "scenarios/catalog.h"
#include "scenarios/random/lsm.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

// Everything that an honest disk may do to a database in an ordinary bad week.
Scenario LsmStorm() {
  return {
      .name = "lsm-storm",
      .summary = "a database under power cuts, kills, short and failing I/O; nothing is lost",
      .story =
          "Clients write, delete, scan both ways, hold views, flush and compact a database of "
          "sorted tables while power is cut, the process is killed, reads and writes come back "
          "short or fail, and syncs fail. Every acknowledged synced write survives, batches are "
          "whole, buffered writes lose a suffix only, and no file is left behind.",
      .workload = DatabaseWorkload(),
      .knobs = DatabaseKnobs(),
      .faults =
          {
              {.kind = FaultKind::kPowerLoss,
               .every = Between(150ms, 1500ms),
               .lasts = Between(0ms, 150ms)},
              {.kind = FaultKind::kKill, .every = Between(500ms, 3s), .lasts = Between(0ms, 100ms)},
              {.kind = FaultKind::kKillThenPowerLoss,
               .every = Between(1s, 4s),
               .lasts = Between(0ms, 100ms),
               .amount = Between(50, 60'000)},
              {.kind = FaultKind::kShortIo,
               .every = Between(1s, 4s),
               .lasts = Between(200ms, 2s),
               .amount = Between(20'000, 300'000)},
              {.kind = FaultKind::kReadError,
               .every = Between(2s, 5s),
               .lasts = Between(50ms, 400ms),
               .amount = Between(10'000, 200'000)},
              {.kind = FaultKind::kWriteError,
               .every = Between(2s, 5s),
               .lasts = Between(50ms, 300ms),
               .amount = Between(5'000, 100'000)},
              {.kind = FaultKind::kFailedSync, .every = Between(1s, 4s), .amount = Between(1, 2)},
              {.kind = FaultKind::kMetadataError,
               .every = Between(2s, 5s),
               .lasts = Between(50ms, 400ms),
               .amount = Between(20'000, 300'000)},
          },
      .goals = {"lsm.tables_merged", "lsm.table_moved", "lsm.leftovers_removed",
                "lsm.manifest_rotated", "client.view_held", "client.buffered", "log.entry_shared",
                "log.compacted"},
      .database = DatabaseSetup{},
  };
}

}  // namespace wt::scenarios
