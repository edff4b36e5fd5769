#include "scenarios/catalog.h"
#include "scenarios/replicated/settings.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

// Voters become learners, leave and return, while machines fail.
Scenario MembershipChurn() {
  return {
      .name = "membership-churn",
      .summary =
          "members come, go and change their part while machines fail and primaries hand over",
      .story =
          "Every half second an operator asks for other members: voters become learners, leave, "
          "return. Primaries are asked to hand over. Meanwhile machines lose power and are cut "
          "off.",
      .workload = {.clients = 4, .operations = 200, .keys = 40, .mix = kGroupMix},
      .knobs = kGroupKnobs,
      .faults =
          {
              {.kind = FaultKind::kPowerLoss,
               .every = Between(200ms, 800ms),
               .lasts = Between(0ms, 200ms)},
              {.kind = FaultKind::kIsolation,
               .every = Between(300ms, 1s),
               .lasts = Between(100ms, 600ms)},
              {.kind = FaultKind::kIsolation,
               .every = Between(300ms, 1s),
               .lasts = Between(100ms, 600ms),
               .on = Scope::kPrimary},
              {.kind = FaultKind::kKill, .every = Between(300ms, 1s), .lasts = Between(0ms, 100ms)},
          },
      .storm = 3s,
      .calm = 15s,
      .goals = {"group.members_changed", "group.handed_over"},
      .group = Group{.voters = {3, 4, 5},
                     .learners = 1,
                     .trust = {DiskTrust::kVerified, DiskTrust::kBelieved},
                     .election_timeout = 150ms,
                     .heartbeat = 30ms,
                     .latencies = {{}, {.low = 1ms, .high = 30ms}},
                     .transfers = Between(400ms, 1500ms),
                     .member_changes = Between(100ms, 500ms)},
  };
}

}  // namespace wt::scenarios
