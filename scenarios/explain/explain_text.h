// An explanation, for people and for scripts.
#ifndef WAVETANK_SCENARIOS_EXPLAIN_EXPLAIN_TEXT_H_
#define WAVETANK_SCENARIOS_EXPLAIN_EXPLAIN_TEXT_H_

#include <string>

#include "reports/failure_block.h"
#include "scenarios/explain/explain.h"

namespace wt::scenarios {

// The failure's block, its causal steps with what is known of them; what can be left out; the
// likelihood along the run, and where it is certain. Several lines.
std::string ExplanationText(const Explanation& explanation, const reports::BlockOptions& block);

// One JSON object, key kind "explanation", without a newline. `plan` is the file of the plan that
// was explained.
std::string ExplanationLine(const Explanation& explanation, const reports::BlockOptions& block,
                            const std::string& plan);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_EXPLAIN_EXPLAIN_TEXT_H_
