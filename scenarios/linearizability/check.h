// Is a history linearizable?
//
//   Outcome outcome = Check(history, {.steps = 1'000'000});
//   if (outcome.verdict == Verdict::kNotLinearizable) Print(WindowText(history, outcome));
//
// The history is cut by key. A key whose operations are those of a register with unique values goes
// to the engine "zones", which needs a sort and never gives up; any other to "wgl", a search that
// may take exponential time and has a budget of steps. A step is no time: the verdict of a history
// and a budget is the same on every machine. The searches of the keys take turns, with budgets that
// double, so that one hard key does not hide that another is wrong.
//
// A verdict "linearizable" of wgl comes with an order of each key's operations, which has been
// executed again by a plain implementation of the model (a mismatch there is a failed WT_CHECK:
// this checker would be wrong).
#ifndef WAVETANK_SCENARIOS_LINEARIZABILITY_CHECK_H_
#define WAVETANK_SCENARIOS_LINEARIZABILITY_CHECK_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "scenarios/linearizability/operation.h"
#include "scenarios/linearizability/wgl.h"

namespace wt::lin {

// By the history's model.
Outcome Check(const History& history, const Budget& budget);

// By one engine alone: for tests and benchmarks.
Outcome CheckBySearch(const History& history, const Budget& budget);

std::string_view NameOf(Verdict verdict);   // "linearizable", "not linearizable", "inconclusive"
std::string_view NameOf(EngineUse engine);  // "zones", "wgl", "zones+wgl", "-"

}  // namespace wt::lin

#endif  // WAVETANK_SCENARIOS_LINEARIZABILITY_CHECK_H_
