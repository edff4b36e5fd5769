// Which steps of a story are meant: `repro --break`, and find of `repro --step`.
#ifndef WAVETANK_SCENARIOS_CAMPAIGN_STEP_PATTERN_H_
#define WAVETANK_SCENARIOS_CAMPAIGN_STEP_PATTERN_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "reports/run_record.h"
#include "scenarios/execute.h"

namespace wt::scenarios {

// Whether a step is what `pattern` asks for: the beginning of what it says up to the end of a word,
// behind the machine's name and a slash where that matters. "primary.elected", "n2/engine.opening",
// "fault: power-loss", "term.entered term 3".
bool Matches(std::string_view pattern, const reports::Step& step);

// "primary.elected#2": the second such step. Errors: InvalidArgument.
absl::StatusOr<StopPoint> ParseBreak(std::string_view text);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CAMPAIGN_STEP_PATTERN_H_
