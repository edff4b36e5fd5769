// The `wavetank` program, given a tank. The real one is wired in main.cc; tests bring tanks that
// fail, crash and hang.
#ifndef WAVETANK_SCENARIOS_CLI_CLI_H_
#define WAVETANK_SCENARIOS_CLI_CLI_H_

#include <functional>
#include <span>

#include "faults/fault.h"
#include "reports/matrix.h"
#include "scenarios/campaign/canary.h"
#include "scenarios/campaign/protocol.h"
#include "scenarios/crash.h"
#include "scenarios/invariants.h"

namespace wt::cli {

struct Harness {
  scenarios::Tank tank;
  std::function<scenarios::CrashResult(const scenarios::Scenario&, const scenarios::CrashOptions&)>
      enumerate_crashes{};
  std::span<const scenarios::InvariantInfo> invariants{};
  std::span<const faults::FaultInfo> faults{};
  std::span<const scenarios::Canary> canaries{};  // of `gate`
  // The vacuity matrix of these scenarios.
  std::function<reports::MatrixAxes(std::span<const scenarios::Scenario>)> matrix_axes{};
};

// Returns the exit code.
int Main(const Harness& harness, int argc, char** argv);

}  // namespace wt::cli

#endif  // WAVETANK_SCENARIOS_CLI_CLI_H_
