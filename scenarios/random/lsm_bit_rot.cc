#include "scenarios/catalog.h"
#include "scenarios/random/lsm.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

// Tables, manifest, pointer and log change behind the back of the database.
Scenario LsmBitRot() {
  return {
      .name = "lsm-bit-rot",
      .summary =
          "bits flip and sectors die in tables, manifest, pointer and log: never a wrong answer",
      .story =
          "Durable bytes rot at rest, in any file of a database, and stale sectors are read for a "
          "while. Every answer is right, or names the damage; what cannot be opened is refused "
          "with "
          "file and offset; no compaction carries damage into a new table.",
      .workload = DatabaseWorkload(),
      .knobs = DatabaseKnobs(),
      .faults =
          {
              {.kind = FaultKind::kBitRot, .every = Between(500ms, 4s), .amount = Between(1, 3)},
              {.kind = FaultKind::kLatentSector, .every = Between(2s, 6s), .amount = Between(1, 2)},
              {.kind = FaultKind::kStaleRead,
               .every = Between(3s, 8s),
               .lasts = Between(100ms, 1s),
               .amount = Between(10'000, 100'000)},
              {.kind = FaultKind::kDropCache, .every = Between(300ms, 2s)},
              {.kind = FaultKind::kPowerLoss,
               .every = Between(400ms, 2s),
               .lasts = Between(0ms, 200ms)},
          },
      .goals = {"survival.refused", "survival.damage_named"},
      .database = DatabaseSetup{},
  };
}

}  // namespace wt::scenarios
