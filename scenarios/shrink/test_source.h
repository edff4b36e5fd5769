// A plan as a test in C++, ready to be put into tests/: it runs the plan and expects it to pass, as
// it will once the bug is gone.
#ifndef WAVETANK_SCENARIOS_SHRINK_TEST_SOURCE_H_
#define WAVETANK_SCENARIOS_SHRINK_TEST_SOURCE_H_

#include <string>
#include <string_view>

#include "reports/run_record.h"
#include "scenarios/plan.h"

namespace wt::scenarios {

// The whole file. `json` is the plan as PlanFromJson reads it; `record` is of a run of it that
// failed. No line is longer than 100 columns, as long as no word is.
std::string TestSourceOf(const Plan& plan, std::string_view json, const reports::RunRecord& record);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_SHRINK_TEST_SOURCE_H_
