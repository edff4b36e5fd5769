// Who may include whom: the house of ARCHITECTURE.md as a table, and its inspector.
#ifndef WAVETANK_TESTS_HOUSE_INCLUDE_FLOORS_H_
#define WAVETANK_TESTS_HOUSE_INCLUDE_FLOORS_H_

#include <string>
#include <vector>

#include "tests/house/source_tree.h"

namespace wt::house {

// One finding for each include of one of our files from a folder that may not know it, and for each
// file of a folder that is on no floor.
std::vector<std::string> FloorViolations(const std::vector<SourceFile>& files);

}  // namespace wt::house

#endif  // WAVETANK_TESTS_HOUSE_INCLUDE_FLOORS_H_
