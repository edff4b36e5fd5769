#include "scenarios/catalog.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

// Bits flip at rest and sectors become unreadable, in the log and in snapshots.
Scenario BitRot() {
  return {
      .name = "bit-rot",
      .summary = "bits flip and sectors die at rest: the right answer or a refusal, never a lie",
      .story =
          "Durable bytes of the log and of snapshots change behind the engine's back. With "
          "one machine there is nobody to repair from: what is covered by another copy (an "
          "older snapshot and the log behind it) is used, everything else is refused with "
          "the file and the offset.",
      .faults =
          {
              {.kind = FaultKind::kBitRot, .every = Between(500ms, 4s), .amount = Between(1, 3)},
              {.kind = FaultKind::kLatentSector, .every = Between(2s, 6s), .amount = Between(1, 2)},
              {.kind = FaultKind::kStaleRead,
               .every = Between(3s, 8s),
               .lasts = Between(100ms, 1s),
               .amount = Between(10'000, 100'000)},
              {.kind = FaultKind::kPowerLoss,
               .every = Between(400ms, 2s),
               .lasts = Between(0ms, 200ms)},
          },
      .goals = {"survival.refused"},
  };
}

}  // namespace wt::scenarios
