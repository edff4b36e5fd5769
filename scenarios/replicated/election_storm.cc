#include "scenarios/catalog.h"
#include "scenarios/replicated/settings.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

// What goes wrong at the change of primaries shows the more often, the more changes there are: an
// impatient group, links as slow as an election is quick, and nobody who lives for long.
Scenario ElectionStorm() {
  return {
      .name = "election-storm",
      .summary =
          "an impatient group whose members die and return all the time: dozens of elections, and "
          "logs that differ",
      .story =
          "Elections time out after a tenth of a second, on links where a message may take a third "
          "of that. Whoever is primary is cut off with what it has just taken, or dies; voters "
          "are killed and are back before the vote is over; votes are lost and repeated. Most "
          "groups believe their disks, as Raft does: nothing but the disk keeps them from voting "
          "twice.",
      .workload = {.clients = 8,
                   .operations = 400,
                   .keys = 20,
                   .mix = {.put = 8, .get = 4, .remove = 1, .increment = 1, .compare_and_set = 1},
                   .value_bytes = {16, 400}},
      .knobs = kGroupKnobs,
      .faults =
          {
              {.kind = FaultKind::kKill,
               .every = Between(50ms, 400ms),
               .lasts = Between(0ms, 20ms)},
              {.kind = FaultKind::kPowerLoss,
               .every = Between(100ms, 600ms),
               .lasts = Between(0ms, 60ms)},
              {.kind = FaultKind::kPowerLoss,
               .every = Between(500ms, 2s),
               .lasts = Between(0ms, 300ms),
               .on = Scope::kPrimary},
              {.kind = FaultKind::kIsolation,
               .every = Between(200ms, 800ms),
               .lasts = Between(50ms, 500ms),
               .on = Scope::kPrimary},
              {.kind = FaultKind::kOneWayCut,
               .every = Between(200ms, 800ms),
               .lasts = Between(50ms, 500ms)},
              {.kind = FaultKind::kPartition,
               .every = Between(200ms, 800ms),
               .lasts = Between(50ms, 400ms)},
              {.kind = FaultKind::kPause,
               .every = Between(300ms, 1s),
               .lasts = Between(50ms, 400ms),
               .on = Scope::kPrimary},
              {.kind = FaultKind::kMessageLoss,
               .every = Between(300ms, 1s),
               .lasts = Between(100ms, 600ms),
               .amount = Between(50'000, 400'000)},
              {.kind = FaultKind::kMessageDuplication,
               .every = Between(300ms, 1s),
               .lasts = Between(100ms, 600ms),
               .amount = Between(50'000, 400'000)},
              {.kind = FaultKind::kMessageReordering,
               .every = Between(300ms, 1s),
               .lasts = Between(100ms, 600ms),
               .amount = Between(50'000, 400'000)},
              {.kind = FaultKind::kSlowDisk,
               .every = Between(300ms, 1s),
               .lasts = Between(100ms, 600ms),
               .amount = Between(5, 60)},
          },
      .swarm = true,
      .storm = 3s,
      .calm = 15s,
      .goals = {"log.suffix_overridden", "group.failed_over"},
      .group = Group{.voters = {3, 3, 5},
                     .trust = {DiskTrust::kBelieved, DiskTrust::kBelieved, DiskTrust::kVerified},
                     .election_timeout = 100ms,
                     .heartbeat = 20ms,
                     .latencies = {{}, {.low = 1ms, .high = 30ms}, {.low = 5ms, .high = 15ms}},
                     .weathers = {Weather::kAsWritten, Weather::kLossy, Weather::kSlowDisks,
                                  Weather::kOneWay},
                     .acks = {.async = 6, .quorum = 6, .all = 1}},
  };
}

}  // namespace wt::scenarios
