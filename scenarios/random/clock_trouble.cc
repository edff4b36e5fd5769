#include "scenarios/catalog.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

// Clocks jump, drift and stand still. Nothing that matters may notice.
Scenario ClockTrouble() {
  return {
      .name = "clock-trouble",
      .summary = "wall clocks jump, clocks drift and freeze; safety must not depend on time",
      .story =
          "The wall clock jumps by up to a day either way, both clocks run fast or slow or "
          "stop, the machine is paused and resumed, the power is cut. States, answers and "
          "files must be as they would be with a perfect clock.",
      .faults =
          {
              {.kind = FaultKind::kWallClockJump,
               .every = Between(100ms, 1s),
               .amount = Between(1, 86'400'000)},
              {.kind = FaultKind::kClockDrift,
               .every = Between(1s, 3s),
               .lasts = Between(500ms, 2s),
               .amount = Between(100, 200'000)},
              {.kind = FaultKind::kClockFreeze,
               .every = Between(1s, 3s),
               .lasts = Between(10ms, 500ms)},
              {.kind = FaultKind::kPause, .every = Between(1s, 3s), .lasts = Between(10ms, 800ms)},
              {.kind = FaultKind::kPowerLoss,
               .every = Between(700ms, 3s),
               .lasts = Between(0ms, 200ms)},
          },
  };
}

}  // namespace wt::scenarios
