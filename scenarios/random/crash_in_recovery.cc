#include "scenarios/catalog.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

// The power comes back for a few milliseconds only, again and again.
Scenario CrashInRecovery() {
  return {
      .name = "crash-in-recovery",
      .summary = "power is cut during recovery, repeatedly; recovery must be repeatable",
      .story =
          "Volleys of power cuts a few milliseconds apart hit the engine while it verifies "
          "its log, restores its snapshot, replays, creates the fresh segment. However often "
          "recovery is cut short, the next one finds everything; and what recovery has read "
          "from the page cache of a killed process it makes durable before it answers.",
      .workload = {.operations = 600},
      .knobs = {.segment_bytes = {32 * kKiB, 128 * kKiB},
                .snapshot_log_bytes = {8 * kKiB, 96 * kKiB}},
      .faults =
          {
              {.kind = FaultKind::kPowerLoss,
               .every = Between(2ms, 120ms),
               .lasts = Between(0ms, 5ms)},
              {.kind = FaultKind::kKillThenPowerLoss,
               .every = Between(300ms, 2s),
               .lasts = Between(0ms, 20ms),
               .amount = Between(50, 30'000)},
          },
      .goals = {"node.died_while_opening"},
  };
}

}  // namespace wt::scenarios
