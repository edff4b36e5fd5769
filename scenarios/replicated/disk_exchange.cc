#include "scenarios/catalog.h"
#include "scenarios/replicated/settings.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

// Disks of a minority are wiped, exchanged, copied from another machine or put back from a backup.
Scenario DiskExchange() {
  return {
      .name = "disk-exchange",
      .summary =
          "a minority of the disks are wiped, exchanged or old; nothing acknowledged is lost",
      .story =
          "A machine comes back with an empty disk, another one's, or its own of some time ago. "
          "It does not vote before it knows what it may have forgotten, and fetches what it "
          "lacks.",
      .workload = {.clients = 4, .operations = 200, .keys = 40, .mix = kGroupMix},
      .knobs = kGroupKnobs,
      .faults =
          {
              {.kind = FaultKind::kWipe,
               .every = Between(700ms, 2s),
               .lasts = Between(0ms, 300ms),
               .on = Scope::kMinority},
              {.kind = FaultKind::kDiskSwap,
               .every = Between(700ms, 2s),
               .lasts = Between(0ms, 300ms),
               .on = Scope::kMinority},
              {.kind = FaultKind::kForeignDisk,
               .every = Between(1s, 3s),
               .lasts = Between(0ms, 300ms),
               .on = Scope::kMinority},
              {.kind = FaultKind::kDiskExchange,
               .every = Between(1s, 3s),
               .lasts = Between(0ms, 300ms),
               .on = Scope::kMinority},
              {.kind = FaultKind::kPowerLoss,
               .every = Between(700ms, 2s),
               .lasts = Between(0ms, 300ms)},
              {.kind = FaultKind::kIsolation,
               .every = Between(1s, 3s),
               .lasts = Between(200ms, 1s)},
          },
      .swarm = true,
      .storm = 3s,
      .calm = 15s,
      .goals = {"replica.set_aside"},
      .group = Group{.voters = {3, 5}, .stores = AnyStore()},
  };
}

}  // namespace wt::scenarios
