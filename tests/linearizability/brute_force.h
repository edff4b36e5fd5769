// The definition of linearizability, executed: every order of every choice of open operations. For
// histories of a handful of operations, to judge the engines by.
#ifndef WAVETANK_TESTS_LINEARIZABILITY_BRUTE_FORCE_H_
#define WAVETANK_TESTS_LINEARIZABILITY_BRUTE_FORCE_H_

#include "scenarios/linearizability/operation.h"

namespace wt::lin {

bool IsLinearizableByBruteForce(const History& history);

}  // namespace wt::lin

#endif  // WAVETANK_TESTS_LINEARIZABILITY_BRUTE_FORCE_H_
