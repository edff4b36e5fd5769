#include "scenarios/catalog.h"
#include "scenarios/replicated/settings.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

// CORDS (FAST 2017): corruption on the leader must not spread to the others. NATS 2.12.1 lost half
// of its messages by one bit on one of five.
Scenario PrimaryBitRot() {
  return {
      .name = "primary-bit-rot",
      .summary =
          "bits rot on a minority of the disks; entries are mended from the others, and nothing "
          "spreads",
      .story =
          "Bits flip at rest and sectors become unreadable on less than half of the machines, "
          "caches are dropped and machines restarted so that the damage is met.",
      .workload = {.clients = 4, .operations = 200, .keys = 40, .mix = kGroupMix},
      .knobs = kGroupKnobs,
      .faults =
          {
              {.kind = FaultKind::kBitRot,
               .every = Between(300ms, 1s),
               .amount = Between(1, 4),
               .on = Scope::kMinority},
              {.kind = FaultKind::kLatentSector,
               .every = Between(1s, 3s),
               .amount = Between(1, 2),
               .on = Scope::kMinority},
              {.kind = FaultKind::kDropCache, .every = Between(300ms, 1s)},
              {.kind = FaultKind::kKill, .every = Between(700ms, 2s), .lasts = Between(0ms, 200ms)},
              {.kind = FaultKind::kPowerLoss,
               .every = Between(700ms, 2s),
               .lasts = Between(0ms, 300ms)},
              {.kind = FaultKind::kIsolation,
               .every = Between(1s, 3s),
               .lasts = Between(200ms, 1s),
               .on = Scope::kPrimary},
          },
      .storm = 3s,
      .calm = 15s,
      .goals = {"log.repaired"},
      .group = Group{.voters = {3, 5}, .stores = AnyStore()},
  };
}

}  // namespace wt::scenarios
