// The axes of the vacuity matrix, and which of its cells a set of scenarios can reach at all.
#ifndef WAVETANK_SCENARIOS_MATRIX_AXES_H_
#define WAVETANK_SCENARIOS_MATRIX_AXES_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "reports/matrix.h"
#include "scenarios/scenario.h"

namespace wt::scenarios {

// No fault, what a story does, each kind of fault.
size_t MatrixColumns();
// Its position in AllInvariants().
std::optional<size_t> MatrixRowOf(std::string_view invariant);

// The names are the same for any scenarios; what is possible is what one of them can reach.
reports::MatrixAxes MatrixAxesOf(std::span<const Scenario> scenarios);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_MATRIX_AXES_H_
