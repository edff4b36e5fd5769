#include "scenarios/catalog.h"
#include "scenarios/random/lsm.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

// Room runs out at any byte of a flush, a merge, an edit or a write.
Scenario LsmDiskFull() {
  return {
      .name = "lsm-disk-full",
      .summary = "a database on a disk that fills up and is freed again; no write is lost",
      .story =
          "Room runs out in the middle of a table, an edit of the manifest, a switch of the "
          "pointer, a segment of the log. What waits in memory goes on waiting, writes are refused "
          "or taken, none of those taken is lost, a restart on the full disk works, and all goes "
          "on "
          "when there is room.",
      .workload = DatabaseWorkload(),
      .knobs = DatabaseKnobs(),
      .faults =
          {
              {.kind = FaultKind::kFullDisk,
               .every = Between(400ms, 2500ms),
               .lasts = Between(100ms, 1500ms),
               .amount = Between(0, 96 * kKiB)},
              {.kind = FaultKind::kPowerLoss,
               .every = Between(700ms, 3s),
               .lasts = Between(0ms, 200ms)},
              {.kind = FaultKind::kShortIo,
               .every = Between(2s, 4s),
               .lasts = Between(200ms, 1s),
               .amount = Between(20'000, 200'000)},
          },
      .goals = {"client.refused", "lsm.manifest_had_no_room", "lsm.refused_for_room",
                "lsm.memtable_beyond_its_limit", "lsm.tables_merged"},
      .database = DatabaseSetup{},
  };
}

}  // namespace wt::scenarios
