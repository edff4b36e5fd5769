#include "scenarios/catalog.h"
#include "scenarios/replicated/settings.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

// A disk that hangs is worse than one that fails: the primary is alive and does nothing.
Scenario SlowPrimaryDisk() {
  return {
      .name = "slow-primary-disk",
      .summary = "the disk of the primary is slow, hangs, fills up or fails; another takes over",
      .story =
          "Whoever is primary has a disk that takes a hundred times as long, hangs for seconds, "
          "is full, or fails to sync. It steps down, and nothing that depends on the disk is "
          "acknowledged.",
      .workload = {.clients = 4, .operations = 200, .keys = 40, .mix = kGroupMix},
      .knobs = kGroupKnobs,
      .faults =
          {
              {.kind = FaultKind::kSlowDisk,
               .every = Between(700ms, 2s),
               .lasts = Between(200ms, 1500ms),
               .amount = Between(10, 60),
               .on = Scope::kPrimary},
              {.kind = FaultKind::kHungDisk,
               .every = Between(1s, 3s),
               .lasts = Between(300ms, 3s),
               .on = Scope::kPrimary},
              {.kind = FaultKind::kFailedSync,
               .every = Between(700ms, 2s),
               .amount = Exactly(1),
               .on = Scope::kPrimary},
              {.kind = FaultKind::kWriteError,
               .every = Between(1s, 3s),
               .lasts = Between(50ms, 300ms),
               .amount = Between(10'000, 200'000),
               .on = Scope::kPrimary},
              {.kind = FaultKind::kFullDisk,
               .every = Between(1s, 3s),
               .lasts = Between(200ms, 1s),
               .amount = Between(0, 16 * kKiB),
               .on = Scope::kPrimary},
              {.kind = FaultKind::kPowerLoss,
               .every = Between(1s, 3s),
               .lasts = Between(0ms, 300ms)},
          },
      .storm = 3s,
      .calm = 15s,
      .group = Group{.trust = {DiskTrust::kVerified, DiskTrust::kBelieved},
                     .weathers = {Weather::kAsWritten, Weather::kSlowDisks}},
  };
}

}  // namespace wt::scenarios
