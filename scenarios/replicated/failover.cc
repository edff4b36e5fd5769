#include "scenarios/catalog.h"
#include "scenarios/replicated/settings.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

// The primary dies, is cut off or stands still, again and again; with the settings that everybody
// gets.
Scenario Failover() {
  return {
      .name = "failover",
      .summary =
          "the primary fails again and again; another takes over in time, and nothing acknowledged "
          "is lost",
      .story =
          "Three machines with default settings. Every second or so whoever is primary loses "
          "power, is killed, paused or cut off. Another one is elected within five seconds and "
          "serves within thirty; in calm the replicas follow within 100 ms.",
      .workload = {.clients = 4, .operations = 200, .keys = 40, .mix = kGroupMix},
      .knobs = kGroupKnobs,
      .faults =
          {
              {.kind = FaultKind::kPowerLoss,
               .every = Between(800ms, 2500ms),
               .lasts = Between(0ms, 500ms),
               .on = Scope::kPrimary},
              {.kind = FaultKind::kKill,
               .every = Between(800ms, 2500ms),
               .lasts = Between(0ms, 300ms),
               .on = Scope::kPrimary},
              {.kind = FaultKind::kIsolation,
               .every = Between(1s, 3s),
               .lasts = Between(300ms, 2s),
               .on = Scope::kPrimary,
               .cut_clients_ppm = 500'000},
              {.kind = FaultKind::kPause,
               .every = Between(1s, 3s),
               .lasts = Between(100ms, 1500ms),
               .on = Scope::kPrimary},
          },
      .storm = 3s,
      .calm = 15s,
      .goals = {"group.failed_over", "client.repeated_once"},
      .group = Group{.once_ppm = 400'000, .figures = true},
  };
}

}  // namespace wt::scenarios
