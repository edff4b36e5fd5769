#include "scenarios/catalog.h"
#include "scenarios/replicated/settings.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

// Jepsen: clock jumps on every machine. Leases are not asked for: they assume clocks that run
// alike.
Scenario ClusterClockTrouble() {
  return {
      .name = "cluster-clock-trouble",
      .summary =
          "clocks jump, drift and stand still on every machine; nothing that is safe depends on "
          "them",
      .story =
          "Wall clocks jump by up to a day, clocks run up to a fifth too fast or too slow, or "
          "stand still, on one machine or on all. Primaries are cut off, or pause for longer than "
          "an election "
          "takes.",
      .workload = {.clients = 4, .operations = 200, .keys = 40, .mix = {.put = 5, .get = 9}},
      .knobs = kGroupKnobs,
      .faults =
          {
              {.kind = FaultKind::kWallClockJump,
               .every = Between(300ms, 1s),
               .amount = Between(1, 86'400'000)},
              {.kind = FaultKind::kWallClockJump,
               .every = Between(1s, 3s),
               .amount = Between(1, 86'400'000),
               .on = Scope::kEvery},
              {.kind = FaultKind::kClockDrift,
               .every = Between(700ms, 2s),
               .lasts = Between(500ms, 2s),
               .amount = Between(100, 200'000)},
              {.kind = FaultKind::kClockFreeze,
               .every = Between(700ms, 2s),
               .lasts = Between(50ms, 1s)},
              {.kind = FaultKind::kWallClockFreeze,
               .every = Between(1s, 3s),
               .lasts = Between(50ms, 1s)},
              {.kind = FaultKind::kPause,
               .every = Between(1s, 3s),
               .lasts = Between(100ms, 1500ms),
               .on = Scope::kPrimary},
              {.kind = FaultKind::kIsolation,
               .every = Between(700ms, 2s),
               .lasts = Between(700ms, 2s),
               .on = Scope::kPrimary},
              {.kind = FaultKind::kPowerLoss,
               .every = Between(1s, 3s),
               .lasts = Between(0ms, 200ms)},
          },
      .storm = 3s,
      .calm = 15s,
      .group = Group{.trust = {DiskTrust::kVerified, DiskTrust::kBelieved}},
  };
}

}  // namespace wt::scenarios
