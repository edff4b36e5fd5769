// The few steps of a story that lead to its failure.
#ifndef WAVETANK_SCENARIOS_EXPLAIN_CHAIN_H_
#define WAVETANK_SCENARIOS_EXPLAIN_CHAIN_H_

#include <vector>

#include "scenarios/explain/explain.h"

namespace wt::scenarios {

// At most kChainSteps, in order of time: the one that the failure was seen at; where necessary
// faults begin, and where the failure became inevitable, with notes that say so; then the last
// deaths, recoveries, elections and promises of the machines that have to do with it, above all
// those that speak of the same index or term as the failure. Looks at story, parts and likelihood.
std::vector<reports::Step> ChainOf(const Explanation& explanation);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_EXPLAIN_CHAIN_H_
