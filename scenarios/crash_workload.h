// The workload of a crash scenario, on an honest disk: once to record every crash point, and once
// for each of them with something else going wrong there.
#ifndef WAVETANK_SCENARIOS_CRASH_WORKLOAD_H_
#define WAVETANK_SCENARIOS_CRASH_WORKLOAD_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "scenarios/crash_probe.h"
#include "scenarios/plan.h"
#include "scenarios/shadow.h"

namespace wt::scenarios {

struct Recording {
  std::vector<RecordedPoint> points;
  uint64_t before_stop = 0;       // so many of them before the server was told to close
  std::unique_ptr<Shadow> truth;  // of the whole workload
  std::optional<CrashFailure> failure;
  uint64_t digest = 0;
};

// Runs the plan to its end and keeps the disk as it was before every barrier.
Recording RecordWorkload(const Plan& plan, CrashLie lie = CrashLie::kNone);

enum class Mishap {
  kKillThenCut,  // the process is killed at the point, starts again, answers, and the power goes
  kFailedSync,   // the sync fails; the engine stops, starts again, and the power goes
};

// Runs the plan until barrier number `point`, from 1, lets the mishap happen there, and checks what
// is there after the power cut that follows. Requires: point <= Recording::before_stop.
std::optional<CrashFailure> TryMishap(const Plan& plan, uint64_t point, Mishap mishap,
                                      CrashLie lie = CrashLie::kNone);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CRASH_WORKLOAD_H_
