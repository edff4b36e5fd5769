#include "scenarios/catalog.h"
#include "scenarios/replicated/settings.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

// A replica that has forgotten is dangerous for the moment between its start and the time when it
// knows what it may have promised. Here that moment is most of the time.
Scenario RecallStorm() {
  return {
      .name = "recall-storm",
      .summary =
          "disks of a minority forget again and again, and what they promised is counted meanwhile",
      .story =
          "An impatient group on slow links. A minority is wiped, put back from old backups, or "
          "has syncs that did nothing, and is back before its last messages have arrived. Others "
          "die and are cut off beside it, so that who is asked for the past has to ask for its "
          "own.",
      .workload = {.clients = 8,
                   .operations = 400,
                   .keys = 20,
                   .mix = {.put = 8, .get = 4, .remove = 1, .increment = 1, .compare_and_set = 1},
                   .value_bytes = {16, 400}},
      .knobs = kGroupKnobs,
      .faults =
          {
              {.kind = FaultKind::kWipe,
               .every = Between(100ms, 600ms),
               .lasts = Between(0ms, 40ms),
               .on = Scope::kMinority},
              {.kind = FaultKind::kDiskSwap,
               .every = Between(100ms, 600ms),
               .lasts = Between(0ms, 40ms),
               .on = Scope::kMinority},
              {.kind = FaultKind::kLostSync,
               .every = Between(50ms, 300ms),
               .amount = Between(1, 8),
               .on = Scope::kMinority},
              {.kind = FaultKind::kPowerLoss,
               .every = Between(100ms, 600ms),
               .lasts = Between(0ms, 60ms)},
              {.kind = FaultKind::kKill,
               .every = Between(100ms, 600ms),
               .lasts = Between(0ms, 20ms)},
              {.kind = FaultKind::kPowerLoss,
               .every = Between(500ms, 2s),
               .lasts = Between(0ms, 50ms),
               .on = Scope::kEvery},
              {.kind = FaultKind::kIsolation,
               .every = Between(200ms, 800ms),
               .lasts = Between(50ms, 500ms)},
              {.kind = FaultKind::kIsolation,
               .every = Between(200ms, 800ms),
               .lasts = Between(50ms, 500ms),
               .on = Scope::kPrimary},
              {.kind = FaultKind::kOneWayCut,
               .every = Between(200ms, 800ms),
               .lasts = Between(50ms, 500ms)},
              {.kind = FaultKind::kPartition,
               .every = Between(200ms, 800ms),
               .lasts = Between(50ms, 300ms)},
              {.kind = FaultKind::kMessageReordering,
               .every = Between(300ms, 1s),
               .lasts = Between(100ms, 600ms),
               .amount = Between(50'000, 400'000)},
              {.kind = FaultKind::kMessageReplay,
               .every = Between(300ms, 1s),
               .lasts = Between(100ms, 600ms),
               .amount = Between(50'000, 400'000)},
              {.kind = FaultKind::kClog,
               .every = Between(200ms, 800ms),
               .lasts = Between(20ms, 200ms)},
          },
      .swarm = true,
      .storm = 3s,
      .calm = 15s,
      .goals = {"group.failed_over"},
      .group = Group{.voters = {3, 5, 5},
                     .election_timeout = 100ms,
                     .heartbeat = 20ms,
                     .latencies = {{}, {.low = 1ms, .high = 30ms}, {.low = 5ms, .high = 15ms}},
                     .weathers = {Weather::kAsWritten, Weather::kLossy, Weather::kSlowDisks},
                     .acks = {.async = 3, .quorum = 9, .all = 1}},
  };
}

}  // namespace wt::scenarios
