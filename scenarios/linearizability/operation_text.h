// Operations of a history as people read them.
#ifndef WAVETANK_SCENARIOS_LINEARIZABILITY_OPERATION_TEXT_H_
#define WAVETANK_SCENARIOS_LINEARIZABILITY_OPERATION_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/linearizability/operation.h"

namespace wt::lin {

// "key k017 (a register, at first nil)".
std::string SubjectText(const History& history, uint32_t key);

// One line for each operation from `first` on, in columns: who, what, answer, when.
std::vector<std::string> OperationLines(const History& history, size_t first);

// One alone: "client 3  write v412  ok  12.100000s .. 12.118000s".
std::string OperationLine(const History& history, size_t number);

}  // namespace wt::lin

#endif  // WAVETANK_SCENARIOS_LINEARIZABILITY_OPERATION_TEXT_H_
