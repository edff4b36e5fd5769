#include "scenarios/catalog.h"
#include "scenarios/replicated/settings.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

// Cuts of every shape, and messages lost, repeated, reordered and replayed on what is left.
Scenario PartitionStorm() {
  return {
      .name = "partition-storm",
      .summary = "partitions of every shape, and links that lose, repeat and reorder",
      .story =
          "The network falls into parts: two halves, a minority, one machine alone, a bridge, a "
          "ring, one way only; sometimes clients are cut off as well. What still gets through "
          "is lost, repeated, late, damaged or from yesterday.",
      .workload = {.clients = 4, .operations = 200, .keys = 40, .mix = kGroupMix},
      .knobs = kGroupKnobs,
      .faults =
          {
              {.kind = FaultKind::kPartition,
               .every = Between(600ms, 2s),
               .lasts = Between(100ms, 1500ms),
               .cut_clients_ppm = 300'000},
              {.kind = FaultKind::kMinorityPartition,
               .every = Between(800ms, 3s),
               .lasts = Between(200ms, 1500ms)},
              {.kind = FaultKind::kIsolation,
               .every = Between(800ms, 3s),
               .lasts = Between(200ms, 1500ms),
               .on = Scope::kPrimary,
               .cut_clients_ppm = 500'000},
              {.kind = FaultKind::kOneWayCut,
               .every = Between(800ms, 3s),
               .lasts = Between(200ms, 1500ms)},
              {.kind = FaultKind::kBridge, .every = Between(1s, 4s), .lasts = Between(200ms, 1s)},
              {.kind = FaultKind::kRing, .every = Between(1s, 4s), .lasts = Between(200ms, 1s)},
              {.kind = FaultKind::kFlappingPartition,
               .every = Between(1s, 4s),
               .lasts = Between(300ms, 1s),
               .amount = Between(20, 300)},
              {.kind = FaultKind::kMessageLoss,
               .every = Between(1s, 3s),
               .lasts = Between(200ms, 1s),
               .amount = Between(10'000, 300'000)},
              {.kind = FaultKind::kMessageDuplication,
               .every = Between(1s, 3s),
               .lasts = Between(200ms, 1s),
               .amount = Between(10'000, 300'000)},
              {.kind = FaultKind::kMessageReordering,
               .every = Between(1s, 3s),
               .lasts = Between(200ms, 1s),
               .amount = Between(10'000, 300'000)},
              {.kind = FaultKind::kMessageReplay,
               .every = Between(1s, 3s),
               .lasts = Between(200ms, 1s),
               .amount = Between(10'000, 100'000)},
              {.kind = FaultKind::kMessageCorruption,
               .every = Between(1s, 3s),
               .lasts = Between(200ms, 1s),
               .amount = Between(10'000, 100'000)},
              {.kind = FaultKind::kClog, .every = Between(1s, 4s), .lasts = Between(50ms, 500ms)},
              {.kind = FaultKind::kLatencySpikes,
               .every = Between(1s, 4s),
               .lasts = Between(200ms, 1s),
               .amount = Between(10, 200)},
          },
      .swarm = true,
      .storm = 3s,
      .calm = 15s,
      .goals = {"log.suffix_overridden"},
      .group = Group{.voters = {3, 5},
                     .trust = {DiskTrust::kVerified, DiskTrust::kBelieved},
                     .weathers = {Weather::kAsWritten, Weather::kLossy, Weather::kOneWay}},
  };
}

}  // namespace wt::scenarios
