#include "scenarios/catalog.h"
#include "scenarios/replicated/settings.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

// Syncs that do nothing, writes that go astray: on a minority.
Scenario LyingMinority() {
  return {
      .name = "lying-minority",
      .summary = "the disks of a minority lie about syncs and writes; nothing acknowledged is lost",
      .story =
          "On less than half of the machines syncs say OK and do nothing, writes vanish, land "
          "elsewhere or are damaged on the way, reads show what was there before. Power is cut "
          "everywhere.",
      .workload = {.clients = 4, .operations = 200, .keys = 40, .mix = kGroupMix},
      .knobs = kGroupKnobs,
      .faults =
          {
              {.kind = FaultKind::kLostSync,
               .every = Between(400ms, 1500ms),
               .amount = Between(1, 6),
               .on = Scope::kMinority},
              {.kind = FaultKind::kPhantomWrite,
               .every = Between(700ms, 2s),
               .lasts = Between(50ms, 500ms),
               .amount = Between(5'000, 100'000),
               .on = Scope::kMinority},
              {.kind = FaultKind::kMisdirectedWrite,
               .every = Between(1s, 3s),
               .lasts = Between(50ms, 300ms),
               .amount = Between(5'000, 100'000),
               .on = Scope::kMinority},
              {.kind = FaultKind::kCorruptWrite,
               .every = Between(1s, 3s),
               .lasts = Between(50ms, 300ms),
               .amount = Between(5'000, 100'000),
               .on = Scope::kMinority},
              {.kind = FaultKind::kStaleRead,
               .every = Between(1s, 3s),
               .lasts = Between(50ms, 500ms),
               .amount = Between(5'000, 100'000),
               .on = Scope::kMinority},
              {.kind = FaultKind::kPowerLoss,
               .every = Between(500ms, 1500ms),
               .lasts = Between(0ms, 300ms)},
              {.kind = FaultKind::kPowerLoss,
               .every = Between(1500ms, 4s),
               .lasts = Between(0ms, 100ms),
               .on = Scope::kEvery},
          },
      .swarm = true,
      .storm = 3s,
      .calm = 15s,
      .group = Group{.voters = {3, 5}, .stores = AnyStore()},
  };
}

}  // namespace wt::scenarios
