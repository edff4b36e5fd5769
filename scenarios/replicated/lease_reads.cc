#include "scenarios/catalog.h"
#include "scenarios/replicated/settings.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

// A lease is a bet on clocks: as long as they keep to what was agreed, it must not lose. Clocks run
// too fast and too slow, as far as is allowed; they never stand still. Whoever is cut off keeps its
// clients, which ask it by its lease, while others are asked beside it.
Scenario LeaseReads() {
  return {
      .name = "lease-reads",
      .summary =
          "reads by lease from primaries that are cut off, with clocks as far apart as allowed",
      .story =
          "Clients read by lease from whoever was primary last. It is cut off, one way or both, or "
          "from one other alone; it is asked to hand over; voters are killed and start again; "
          "clocks drift by up to a quarter. No answer is older than what somebody was told before.",
      .workload = {.clients = 6,
                   .operations = 1000,
                   .keys = 10,
                   .mix = {.put = 1, .get = 30},
                   .value_bytes = {16, 64}},
      .knobs = kGroupKnobs,
      .faults =
          {
              {.kind = FaultKind::kClockDrift,
               .every = Between(100ms, 400ms),
               .lasts = Between(500ms, 3s),
               .amount = Between(kMostDriftPpm / 2, kMostDriftPpm)},
              {.kind = FaultKind::kIsolation,
               .every = Between(300ms, 800ms),
               .lasts = Between(200ms, 500ms),
               .on = Scope::kPrimary},
              {.kind = FaultKind::kIsolation,
               .every = Between(300ms, 800ms),
               .lasts = Between(200ms, 500ms)},
              {.kind = FaultKind::kOneWayCut,
               .every = Between(300ms, 1s),
               .lasts = Between(200ms, 500ms),
               .on = Scope::kPrimary},
              {.kind = FaultKind::kBridge,
               .every = Between(300ms, 1s),
               .lasts = Between(200ms, 600ms)},
              {.kind = FaultKind::kRing,
               .every = Between(300ms, 1s),
               .lasts = Between(200ms, 600ms)},
              {.kind = FaultKind::kPause,
               .every = Between(1s, 3s),
               .lasts = Between(50ms, 400ms),
               .on = Scope::kPrimary},
              {.kind = FaultKind::kKill,
               .every = Between(100ms, 400ms),
               .lasts = Between(0ms, 10ms)},
          },
      .swarm = true,
      .storm = 3s,
      .calm = 15s,
      .goals = {"replica.read_by_lease"},
      .group = Group{.voters = {3, 5},
                     .trust = {DiskTrust::kVerified, DiskTrust::kBelieved},
                     .election_timeout = 200ms,
                     .heartbeat = 40ms,
                     .latencies = {{}, {.low = 1ms, .high = 10ms}},
                     .reads = {.primary = 1, .replica = 4, .stale = 0, .lease = 8},
                     .transfers = Between(300ms, 1s)},
  };
}

}  // namespace wt::scenarios
