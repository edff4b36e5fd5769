#include "scenarios/catalog.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

// The disk says that it has made bytes durable, and has not. Then the power goes.
Scenario LostFsync() {
  return {
      .name = "lost-fsync",
      .summary = "the disk lies about fsync, then power is cut: recover a true prefix, or refuse",
      .story =
          "Now and then a few syncs report success and move nothing; then the power is cut. "
          "No single machine can keep what its disk threw away. What it can do: notice "
          "whenever anything later proves the loss, refuse then, and otherwise come back "
          "with an exact earlier state, never with a mixture.",
      .faults =
          {
              {.kind = FaultKind::kLostSync, .every = Between(300ms, 3s), .amount = Between(1, 6)},
              {.kind = FaultKind::kPowerLoss,
               .every = Between(300ms, 2500ms),
               .lasts = Between(0ms, 200ms)},
          },
      .goals = {"survival.forgiven", "survival.refused"},
  };
}

}  // namespace wt::scenarios
