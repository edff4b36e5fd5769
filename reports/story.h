// The story of one run, for people and for Perfetto.
#ifndef WAVETANK_REPORTS_STORY_H_
#define WAVETANK_REPORTS_STORY_H_

#include <string>
#include <string_view>
#include <vector>

#include "reports/run_record.h"
#include "reports/text.h"

namespace wt::reports {

// A timeline: when, on which machine, what, and what was wrong with it.
std::string StoryText(const std::vector<Step>& story, Look look);

// Chrome's trace-event format, which https://ui.perfetto.dev opens: one track a machine, one
// instant a step.
std::string StoryTrace(std::string_view title, const std::vector<Step>& story);

}  // namespace wt::reports

#endif  // WAVETANK_REPORTS_STORY_H_
