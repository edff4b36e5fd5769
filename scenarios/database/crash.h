// Crash enumeration of a database: the workload, each of its crash states recovered, and mishaps.
// What crash_workload.h and crash_probe.h say of engines holds here of databases.
#ifndef WAVETANK_SCENARIOS_DATABASE_CRASH_H_
#define WAVETANK_SCENARIOS_DATABASE_CRASH_H_

#include <cstdint>
#include <optional>

#include "scenarios/crash_probe.h"
#include "scenarios/crash_workload.h"
#include "scenarios/plan.h"

namespace wt::scenarios {

// Requires, of each: plan.database.
Recording RecordDatabase(const Plan& plan, CrashLie lie);
std::optional<CrashFailure> TryMishapOnDatabase(const Plan& plan, uint64_t point, Mishap mishap,
                                                CrashLie lie);

// Opens the database on `image`; compares its bounds and, by a scan each way, its content with
// `truth`; verifies every table; writes, cuts the power, opens again and compares once more; counts
// the files.
Probed ProbeDatabase(const sim::DiskImage& image, const Bounds& bounds, const Shadow& truth,
                     const Plan& plan, bool record_points);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_DATABASE_CRASH_H_
