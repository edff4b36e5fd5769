#include "scenarios/catalog.h"
#include "scenarios/random/lsm.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

// The next crash comes before the recovery from the last is over.
Scenario LsmCrashInRecovery() {
  return {
      .name = "lsm-crash-in-recovery",
      .summary = "a database dies again and again while it opens, by power or by kill",
      .story =
          "Openings are cut short at every step: while tables are verified, a new manifest is "
          "written, the pointer switched, leftovers removed, the log replayed into a memtable and "
          "that one flushed. What the last opening that came through promised holds.",
      .workload = DatabaseWorkload(),
      .knobs = DatabaseKnobs(),
      .faults =
          {
              {.kind = FaultKind::kPowerLoss, .every = Between(5ms, 400ms)},
              {.kind = FaultKind::kKill, .every = Between(5ms, 400ms)},
              {.kind = FaultKind::kKillThenPowerLoss,
               .every = Between(100ms, 1s),
               .amount = Between(50, 40'000)},
              {.kind = FaultKind::kSlowDisk,
               .every = Between(500ms, 2s),
               .lasts = Between(200ms, 1s),
               .amount = Between(5, 50)},
              {.kind = FaultKind::kFailedSync, .every = Between(500ms, 3s), .amount = Exactly(1)},
          },
      .goals = {"node.died_while_opening", "lsm.leftovers_removed"},
      .database = DatabaseSetup{},
  };
}

}  // namespace wt::scenarios
