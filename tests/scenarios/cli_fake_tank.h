// A tank without a simulator: scenarios that pass, fail, crash, hang and waver on command, so that
// the campaign and the program around it can be tested for what they do then.
#ifndef WAVETANK_TESTS_SCENARIOS_CLI_FAKE_TANK_H_
#define WAVETANK_TESTS_SCENARIOS_CLI_FAKE_TANK_H_

#include <span>
#include <string_view>
#include <vector>

#include "reports/matrix.h"
#include "scenarios/campaign/protocol.h"
#include "scenarios/crash.h"
#include "scenarios/invariants.h"

namespace wt::scenarios::fake {

// What each does, by name:
//   calm          passes; the goal "fake.reached" is reached by seed 3 only
//   fails-often   fails for seeds that end in 7, in one way; seed 17 does so with fewest events
//   two-bugs      seed 2 fails in one way, seed 5 in another
//   segfaults     dies of SIGSEGV on seed 4, after printing something
//   aborts        fails a check outside of any run on seed 4
//   exits         calls exit(3) on seed 1
//   hangs         never returns from seed 2
//   unsure        is inconclusive on seed 1
//   broken        its runs end as errors of the tank
//   vacuous       passes, but its invariant never sees anything, and its goal is never reached
//   wavers        depends on MALLOC_PERTURB_, from trace record 137 on
//   planted       fails when its plan has a disk that lies about a sync, and a power cut; a disk
//                 that is slow in between does not matter
//   directed      passes; is directed
//   crash-ok      for `crash`: all recovered; crash-bad: two failures; crash-dies: segfaults
std::span<const Scenario> Scenarios();

Run ExecuteFake(const Scenario& scenario, uint64_t seed, const ExecuteOptions& options);
Tank MakeTank();
// A tank of these scenarios only, in this order; they live as long as the program.
Tank MakeTank(const std::vector<std::string_view>& names);

CrashResult EnumerateCrashes(const Scenario& scenario, const CrashOptions& options);
std::span<const InvariantInfo> Invariants();

// Two invariants, no fault and power-loss, quiet and recovery; of the second invariant nothing is
// possible. Each run sees the first in all its cells, unless FAKE_MATRIX says poor (one cell) or
// odd (the second as well).
reports::MatrixAxes MatrixAxes();

}  // namespace wt::scenarios::fake

#endif  // WAVETANK_TESTS_SCENARIOS_CLI_FAKE_TANK_H_
