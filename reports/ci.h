// What CI shows beside the log: a Markdown summary of bounded size, annotations.
#ifndef WAVETANK_REPORTS_CI_H_
#define WAVETANK_REPORTS_CI_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "reports/campaign.h"
#include "reports/failure_block.h"

namespace wt::reports {

// Below what GitHub takes of one step (1 MiB), with room for other steps of the job.
inline constexpr size_t kLargestSummary = 200'000;

// `text` between fences that it cannot close; ends with a newline.
std::string Fenced(std::string_view text);

// Whole lines from the beginning, valid UTF-8, an open fence closed, and at the end how much was
// left out. What fits comes back as it is. Requires: largest >= 1000.
std::string Fitted(std::string markdown, size_t largest = kLargestSummary);

// "::error title=acked-writes-survive torn-tail:0x7::client 3 was told ..." and a newline: a
// workflow command of GitHub's.
std::string Annotation(std::string_view title, std::string_view message);
// One for each finding and for what was missed, at most ten (GitHub shows no more of a step).
std::string Annotations(const Totals& totals, Goals goals, const BlockOptions& options);

}  // namespace wt::reports

#endif  // WAVETANK_REPORTS_CI_H_
