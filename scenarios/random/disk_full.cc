#include "scenarios/catalog.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

// The disk fills up, in the middle of a write if it likes, and is emptied again.
Scenario DiskFull() {
  return {
      .name = "disk-full",
      .summary = "the disk fills up and is freed again; writes are refused meanwhile, none is lost",
      .story =
          "Room runs out at any byte: in the log, in a snapshot, when a segment is created. "
          "Writes are refused, reads go on, nothing acknowledged is lost, a restart on the "
          "full disk works, and writes are taken again when there is room.",
      .knobs = {.segment_bytes = {32 * kKiB, 128 * kKiB}},
      .faults =
          {
              {.kind = FaultKind::kFullDisk,
               .every = Between(500ms, 3s),
               .lasts = Between(100ms, 1500ms),
               .amount = Between(0, 128 * kKiB)},
              {.kind = FaultKind::kPowerLoss,
               .every = Between(700ms, 3s),
               .lasts = Between(0ms, 200ms)},
              {.kind = FaultKind::kShortIo,
               .every = Between(2s, 4s),
               .lasts = Between(200ms, 1s),
               .amount = Between(20'000, 200'000)},
          },
      .goals = {"client.refused"},
  };
}

}  // namespace wt::scenarios
