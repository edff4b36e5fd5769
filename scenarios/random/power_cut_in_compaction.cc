#include "scenarios/catalog.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

// Tiny segments and frequent snapshots: the log is cut off at its head all the time.
Scenario PowerCutInCompaction() {
  return {
      .name = "power-cut-in-compaction",
      .summary = "power is cut while obsolete log segments are removed",
      .story =
          "The log rolls over every few kilobytes and is compacted behind each snapshot. "
          "Power cuts leave any subset of the removals: a hole in the middle must not be "
          "taken for the end, and nothing may be removed before the snapshot that covers it "
          "is durable.",
      .workload = {.keys = 40, .value_bytes = {100, 1200}},
      .knobs = {.segment_bytes = {24 * kKiB, 32 * kKiB},
                .snapshot_log_bytes = {8 * kKiB, 48 * kKiB},
                .snapshots_kept = {1, 2},
                .small_alignment_ppm = 700'000},
      .faults =
          {
              {.kind = FaultKind::kPowerLoss,
               .every = Between(80ms, 900ms),
               .lasts = Between(0ms, 100ms)},
              {.kind = FaultKind::kKill, .every = Between(500ms, 3s), .lasts = Between(0ms, 100ms)},
              {.kind = FaultKind::kFailedSync, .every = Between(1s, 5s), .amount = Exactly(1)},
          },
      .goals = {"log.compacted"},
  };
}

}  // namespace wt::scenarios
