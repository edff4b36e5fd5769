#include "scenarios/catalog.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

// An fsync fails, the kernel drops the dirty pages, and the next fsync says that all is well
// ("fsyncgate"). Whoever believes it has lost data.
Scenario FailedFsync() {
  return {
      .name = "failed-fsync",
      .summary = "fsync fails once and succeeds when retried, with the data gone",
      .story =
          "Syncs, writes and metadata operations fail now and then. After a failed sync the "
          "cached bytes look fine and a second sync succeeds, but the platter has a hole. "
          "The node must stop, start again, and find everything that it acknowledged.",
      .faults =
          {
              {.kind = FaultKind::kFailedSync,
               .every = Between(200ms, 2s),
               .amount = Between(1, 2)},
              {.kind = FaultKind::kWriteError,
               .every = Between(1s, 4s),
               .lasts = Between(50ms, 500ms),
               .amount = Between(5'000, 200'000)},
              {.kind = FaultKind::kMetadataError,
               .every = Between(1s, 4s),
               .lasts = Between(50ms, 500ms),
               .amount = Between(20'000, 300'000)},
              {.kind = FaultKind::kReadError,
               .every = Between(1s, 4s),
               .lasts = Between(50ms, 500ms),
               .amount = Between(20'000, 400'000)},
              {.kind = FaultKind::kPowerLoss,
               .every = Between(1s, 4s),
               .lasts = Between(0ms, 200ms)},
          },
      .goals = {"log.poisoned"},
  };
}

}  // namespace wt::scenarios
