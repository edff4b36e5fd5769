#include "scenarios/catalog.h"
#include "scenarios/replicated/settings.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

// What an operator does every week.
Scenario RollingRestart() {
  return {
      .name = "rolling-restart",
      .summary = "every machine in turn is restarted, in an orderly way or not, under load",
      .story =
          "Machines are closed, or killed, one after another, with little time between them; "
          "the group keeps working.",
      .workload = {.clients = 4, .operations = 200, .keys = 40, .mix = kGroupMix},
      .knobs = kGroupKnobs,
      .faults =
          {
              {.kind = FaultKind::kRollingRestart,
               .every = Between(800ms, 2s),
               .lasts = Between(100ms, 600ms),
               .amount = Between(0, 200)},
              {.kind = FaultKind::kRollingKill,
               .every = Between(1s, 3s),
               .lasts = Between(100ms, 600ms),
               .amount = Between(0, 200)},
              {.kind = FaultKind::kRestartStorm,
               .every = Between(1500ms, 4s),
               .lasts = Between(100ms, 400ms),
               .amount = Between(2, 5)},
          },
      .storm = 3s,
      .calm = 15s,
      .group = Group{.voters = {3, 5},
                     .learners = 1,
                     .trust = {DiskTrust::kVerified, DiskTrust::kBelieved},
                     .transfers = Between(700ms, 2s),
                     .stores = AnyStore()},
  };
}

}  // namespace wt::scenarios
