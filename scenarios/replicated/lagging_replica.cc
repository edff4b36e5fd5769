#include "scenarios/catalog.h"
#include "scenarios/replicated/settings.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

// Who was away too long finds that the log begins behind what it has.
Scenario LaggingReplica() {
  return {
      .name = "lagging-replica",
      .summary =
          "a replica falls behind what the log still holds, and is sent a snapshot, again and "
          "again",
      .story =
          "Segments and snapshots are tiny and hardly any log is kept. Machines are cut off, "
          "paused or down while the others go on, so that they must be sent a snapshot; and "
          "transfers are cut off in their turn, while what was sent of others still arrives.",
      .workload = {.clients = 4,
                   .operations = 300,
                   .keys = 60,
                   .mix = kGroupMix,
                   .value_bytes = {100, 900}},
      .knobs = kGroupKnobs,
      .faults =
          {
              {.kind = FaultKind::kIsolation,
               .every = Between(500ms, 1500ms),
               .lasts = Between(200ms, 1s)},
              {.kind = FaultKind::kPowerLoss,
               .every = Between(500ms, 2s),
               .lasts = Between(100ms, 800ms)},
              {.kind = FaultKind::kPause, .every = Between(1s, 3s), .lasts = Between(100ms, 800ms)},
              {.kind = FaultKind::kNarrowLink,
               .every = Between(1s, 3s),
               .lasts = Between(200ms, 1s),
               .amount = Between(20'000, 200'000)},
              {.kind = FaultKind::kMessageLoss,
               .every = Between(1s, 3s),
               .lasts = Between(100ms, 500ms),
               .amount = Between(10'000, 200'000)},
              {.kind = FaultKind::kMessageReplay,
               .every = Between(500ms, 2s),
               .lasts = Between(200ms, 1s),
               .amount = Between(20'000, 300'000)},
              {.kind = FaultKind::kMessageReordering,
               .every = Between(1s, 3s),
               .lasts = Between(200ms, 1s),
               .amount = Between(20'000, 300'000)},
              {.kind = FaultKind::kClog, .every = Between(1s, 3s), .lasts = Between(50ms, 300ms)},
          },
      .storm = 3s,
      .calm = 15s,
      .goals = {"snapshot.installed"},
      .group = Group{.trust = {DiskTrust::kVerified, DiskTrust::kBelieved},
                     .weathers = {Weather::kTinyFiles},
                     .log_kept_bytes = {0, 8 * kKiB}},
  };
}

}  // namespace wt::scenarios
