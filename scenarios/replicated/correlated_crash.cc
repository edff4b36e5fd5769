#include "scenarios/catalog.h"
#include "scenarios/replicated/settings.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

// PACE (EuroSys 2016 and after): all replicas lose power at once, and each keeps another part of
// what it had not synced.
Scenario CorrelatedCrash() {
  return {
      .name = "correlated-crash",
      .summary = "all machines lose power at the same moment; nothing acknowledged is lost",
      .story =
          "Power fails for the whole room, in the middle of writes, elections and snapshots. "
          "Each disk keeps what it promised and some of the rest.",
      .workload = {.clients = 4, .operations = 200, .keys = 40, .mix = kGroupMix},
      .knobs = kGroupKnobs,
      .faults =
          {
              {.kind = FaultKind::kPowerLoss,
               .every = Between(400ms, 1500ms),
               .lasts = Between(0ms, 100ms),
               .on = Scope::kEvery},
              {.kind = FaultKind::kPowerLoss,
               .every = Between(1s, 3s),
               .lasts = Between(0ms, 300ms)},
              {.kind = FaultKind::kKill,
               .every = Between(1s, 3s),
               .lasts = Between(0ms, 50ms),
               .on = Scope::kEvery},
          },
      .storm = 3s,
      .calm = 15s,
      .group = Group{.voters = {1, 2, 3, 5},
                     .trust = {DiskTrust::kVerified, DiskTrust::kBelieved},
                     .weathers = {Weather::kAsWritten, Weather::kSlowDisks, Weather::kTinyFiles},
                     .stores = AnyStore()},
  };
}

}  // namespace wt::scenarios
