#include "scenarios/catalog.h"
#include "scenarios/random/every_fault.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

// Each seed draws which faults take part, how strongly, and how the engine is set.
Scenario Everything() {
  return {
      .name = "everything",
      .summary = "a swarm: each seed mixes its own storm from every fault there is",
      .story =
          "Every fault of the catalogue is in the hat. A seed leaves out about half of them, "
          "scales the pace of the rest, and draws segment size, alignment, snapshot "
          "frequency, compression and the rare paths of the engine.",
      .knobs = {.segment_bytes = {24 * kKiB, 512 * kKiB},
                .snapshot_log_bytes = {4 * kKiB, 512 * kKiB},
                .rarely_ppm = 500'000},
      .faults = EveryFault(),
      .swarm = true,
  };
}

}  // namespace wt::scenarios
