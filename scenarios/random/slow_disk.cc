#include "scenarios/catalog.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

// The disk limps and hangs, and the power goes while requests pile up.
Scenario SlowDisk() {
  return {
      .name = "slow-disk",
      .summary = "the disk limps and hangs; answers come late, never wrong",
      .story =
          "Calls take up to two hundred times as long, or hang for seconds. Nothing is "
          "acknowledged before it is durable, concurrent writers share the few syncs there "
          "are, and everything pending is answered when the disk recovers.",
      .workload = {.clients = 8},
      .faults =
          {
              {.kind = FaultKind::kSlowDisk,
               .every = Between(300ms, 2s),
               .lasts = Between(200ms, 1500ms),
               .amount = Between(5, 200)},
              {.kind = FaultKind::kHungDisk, .every = Between(1s, 5s), .lasts = Between(50ms, 1s)},
              {.kind = FaultKind::kPause, .every = Between(2s, 5s), .lasts = Between(10ms, 500ms)},
              {.kind = FaultKind::kPowerLoss,
               .every = Between(1s, 4s),
               .lasts = Between(0ms, 200ms)},
          },
      .goals = {"log.sync_shared"},
  };
}

}  // namespace wt::scenarios
