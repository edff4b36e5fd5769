#include "scenarios/catalog.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

// Snapshots all the time, and the power goes while one is being written.
Scenario PowerCutInSnapshot() {
  return {
      .name = "power-cut-in-snapshot",
      .summary = "power is cut while snapshots are written and old ones deleted",
      .story =
          "Snapshots are taken every few dozen kilobytes of log, so that most cuts fall into "
          "one: while chunks are written, between the renames, before the directory is "
          "synced, while older snapshots are deleted. Each snapshot is whole or absent, and "
          "snapshot plus log always gives the full state.",
      .workload = {.keys = 60, .value_bytes = {20, 600}},
      .knobs = {.segment_bytes = {24 * kKiB, 64 * kKiB},
                .snapshot_log_bytes = {4 * kKiB, 24 * kKiB}},
      .faults =
          {
              {.kind = FaultKind::kPowerLoss,
               .every = Between(60ms, 800ms),
               .lasts = Between(0ms, 100ms)},
              {.kind = FaultKind::kKillThenPowerLoss,
               .every = Between(1s, 4s),
               .lasts = Between(0ms, 100ms),
               .amount = Between(100, 60'000)},
              {.kind = FaultKind::kSlowDisk,
               .every = Between(1s, 3s),
               .lasts = Between(100ms, 800ms),
               .amount = Between(2, 20)},
          },
      .goals = {"snapshot.garbage_removed", "snapshot.chunk_reused"},
  };
}

}  // namespace wt::scenarios
