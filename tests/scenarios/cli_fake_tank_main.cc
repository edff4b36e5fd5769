// The whole program, with the fake tank in the place of the simulator.
#include "scenarios/cli/cli.h"
#include "tests/scenarios/cli_fake_tank.h"

int main(int argc, char** argv) {
  namespace fake = wt::scenarios::fake;
  const wt::cli::Harness harness{.tank = fake::MakeTank(),
                                 .enumerate_crashes = fake::EnumerateCrashes,
                                 .invariants = fake::Invariants(),
                                 .faults = wt::faults::AllFaults()};
  return wt::cli::Main(harness, argc, argv);
}
