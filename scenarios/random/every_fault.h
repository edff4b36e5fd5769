// The hat that a swarm on one machine draws from.
#ifndef WAVETANK_SCENARIOS_RANDOM_EVERY_FAULT_H_
#define WAVETANK_SCENARIOS_RANDOM_EVERY_FAULT_H_

#include <vector>

#include "faults/fault.h"

namespace wt::scenarios {

// Every fault of one machine in the catalogue, once, at a pace that a swarm scales.
std::vector<faults::FaultSpec> EveryFault();

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_RANDOM_EVERY_FAULT_H_
