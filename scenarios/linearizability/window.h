// Why a history is not linearizable, in the user's terms: the few operations that cannot be put in
// an order.
//
//   key k017 (a register, at first nil): no order of these 3 operations explains their results
//     client 1  write 7        ok        12.100000s .. 12.118000s
//     client 2  write 8        ok        12.120000s .. 12.131000s
//     client 1  read           7         12.140000s .. 12.144000s
//
// The window is made by leaving out, as long as the rest is still not linearizable, only what
// cannot make a linearizable history wrong:
//   - the end: an operation called later than some moment is left out, one that had not returned
//     yet becomes open (what can be ordered can be ordered up to any moment);
//   - an observer (the states stay what they were);
//   - of a register, a write, a delete or a compare-and-set whose value no remaining operation
//     sees, while none remains that depends on what a value is not: taking it out of an order
//     changes the value only where nobody looks.
// So the operations shown are not linearizable, and they are the proof that the whole is not.
#ifndef WAVETANK_SCENARIOS_LINEARIZABILITY_WINDOW_H_
#define WAVETANK_SCENARIOS_LINEARIZABILITY_WINDOW_H_

#include <string>

#include "scenarios/linearizability/check.h"

namespace wt::lin {

struct Window {
  History history;      // one key's; not linearizable
  bool minimal = true;  // else the budget ended the shrinking
};

// Requires: outcome = Check(history, ...) is kNotLinearizable.
Window FindWindow(const History& history, const Outcome& outcome, const Budget& budget);

// One line for each operation, at most `most`: of more, those that were called last.
std::string WindowText(const Window& window, size_t most = 11);

// Both, with a budget that is small beside the check's.
std::string Explain(const History& history, const Outcome& outcome);

}  // namespace wt::lin

#endif  // WAVETANK_SCENARIOS_LINEARIZABILITY_WINDOW_H_
