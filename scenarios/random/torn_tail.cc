#include "scenarios/catalog.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

// Power is cut in the middle of writes, again and again. Whatever was acknowledged must be there
// after every restart, and nothing may appear that was never written.
Scenario TornTail() {
  return {
      .name = "torn-tail",
      .summary = "power is cut mid-write; no acknowledged write may be lost",
      .story =
          "Clients write while the power is cut every few hundred milliseconds. Unsynced "
          "sectors survive in any combination, some of them torn; file names that were not "
          "synced may vanish. The log must end where the tear is, keep all that was "
          "acknowledged, and read none of the debris.",
      .faults =
          {
              {.kind = FaultKind::kPowerLoss,
               .every = Between(100ms, 1500ms),
               .lasts = Between(0ms, 200ms)},
              {.kind = FaultKind::kEarlyWriteback,
               .every = Between(1s, 3s),
               .lasts = Between(200ms, 1s),
               .amount = Between(50'000, 500'000)},
              {.kind = FaultKind::kShortIo,
               .every = Between(1s, 4s),
               .lasts = Between(200ms, 1s),
               .amount = Between(20'000, 300'000)},
          },
      .goals = {"log.tail_cut"},
  };
}

}  // namespace wt::scenarios
