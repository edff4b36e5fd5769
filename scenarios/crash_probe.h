// One crash state, recovered and checked.
#ifndef WAVETANK_SCENARIOS_CRASH_PROBE_H_
#define WAVETANK_SCENARIOS_CRASH_PROBE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/crash.h"
#include "scenarios/crash_states.h"
#include "scenarios/plan.h"
#include "scenarios/shadow.h"

namespace wt::scenarios {

// What a recovered engine must hold: a prefix of the log, at least to `promised`, at most to
// `appended`.
struct Bounds {
  LogIndex promised;
  LogIndex appended;
};

struct RecordedPoint {
  CrashPoint point;
  Bounds bounds;
};

struct Probed {
  std::optional<CrashFailure> failure;  // without its `state`
  std::vector<RecordedPoint> points;    // of the first recovery, when asked for
  uint64_t digest = 0;
};

// Opens the engine on `image`; checks bounds and state against `truth`, the shadow of the whole
// workload; writes, cuts the power, opens again and checks that nothing is lost.
Probed ProbeImage(const sim::DiskImage& image, const Bounds& bounds, const Shadow& truth,
                  const Plan& plan, bool record_points);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CRASH_PROBE_H_
