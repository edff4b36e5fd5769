// The whole program, with the fake tank in the place of the simulator.
//
// FAKE_SCENARIOS="calm crash-ok" keeps only these. FAKE_CANARY=silent makes a canary that nobody
// catches, FAKE_CANARY=other one that another invariant catches.
#include <cstdlib>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/cli/cli.h"
#include "tests/scenarios/cli_fake_tank.h"

namespace {

namespace fake = wt::scenarios::fake;

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

wt::scenarios::Tank Tank() {
  std::istringstream words(Variable("FAKE_SCENARIOS"));
  std::vector<std::string> names;
  for (std::string name; words >> name;) names.push_back(name);
  if (names.empty()) return fake::MakeTank();
  return fake::MakeTank(std::vector<std::string_view>(names.begin(), names.end()));
}

wt::scenarios::Run Lie(uint64_t seed, const wt::scenarios::ExecuteOptions& options) {
  const auto* scenario = wt::scenarios::FindIn(fake::Scenarios(), "calm");
  wt::scenarios::Run run = fake::ExecuteFake(*scenario, seed, options);
  const std::string how = Variable("FAKE_CANARY");
  if (how == "silent") return run;
  run.record.verdict = wt::reports::Verdict::kFail;
  run.record.invariant = how == "other" ? "no-phantom" : "index-order";
  return run;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<wt::scenarios::Canary> canaries = {{.name = "canary-fake",
                                                        .lie = "indices are out of order",
                                                        .caught_by = "index-order",
                                                        .execute = Lie}};
  const wt::cli::Harness harness{.tank = Tank(),
                                 .enumerate_crashes = fake::EnumerateCrashes,
                                 .invariants = fake::Invariants(),
                                 .faults = wt::faults::AllFaults(),
                                 .canaries = canaries,
                                 .matrix_axes = [](auto) { return fake::MatrixAxes(); }};
  return wt::cli::Main(harness, argc, argv);
}
