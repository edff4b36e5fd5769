// What a plan consists of, each with a plan without it.
#ifndef WAVETANK_SCENARIOS_EXPLAIN_PARTS_H_
#define WAVETANK_SCENARIOS_EXPLAIN_PARTS_H_

#include <string>
#include <vector>

#include "scenarios/explain/explain.h"
#include "scenarios/plan.h"

namespace wt::scenarios {

// More operations than that are not left out one by one.
inline constexpr size_t kMostOperations = 24;

struct LeftOut {
  Part part;
  Plan without;
};

std::vector<LeftOut> FaultsOf(const Plan& plan);
// Each pair of them: for when none is necessary by itself.
std::vector<LeftOut> PairsOfFaults(const Plan& plan);
std::vector<LeftOut> ChoresOf(const Plan& plan);
// None when there are more than kMostOperations.
std::vector<LeftOut> OperationsOf(const Plan& plan);
// Knobs that are not at their plainest. `keep_pace` leaves alone how patient replicas are.
std::vector<LeftOut> KnobsOf(const Plan& plan, bool keep_pace);

// "lost-fsync #2": the second of its kind.
std::string NameOfFault(const Plan& plan, size_t index);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_EXPLAIN_PARTS_H_
