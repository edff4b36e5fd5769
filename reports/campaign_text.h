// A campaign on the console and as Markdown.
#ifndef WAVETANK_REPORTS_CAMPAIGN_TEXT_H_
#define WAVETANK_REPORTS_CAMPAIGN_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "reports/campaign.h"
#include "reports/failure_block.h"
#include "reports/json_lines.h"

namespace wt::reports {

// One row a scenario, and a total when there are several.
std::string ScenarioTable(const Totals& totals, Look look);

// The block of each finding, with how often it happened; then the first seeds that were not
// deterministic.
std::string FindingBlocks(const Totals& totals, const BlockOptions& options);

// What the campaign promised and did not see; empty when it saw everything.
std::string MissedText(const Totals& totals, Look look);

// "PASS  400 runs in 8.4s  (47 seeds/s, 1.2M events/s, virtual:wall 1,234:1)  digest 0x..."
std::string TotalsLine(const Totals& totals, Goals goals, const CampaignSpeed& speed, Look look);

// "below 0.029 %": the bound for the share of failing seeds after n without a failure, 3/n, at 95
// %.
std::string BoundText(uint64_t runs);
// The bound of every scenario that did not fail, those with as many runs together; Markdown. Empty
// when there is none.
std::string BoundsMarkdown(const Totals& totals);

// All but what depends on the machine. `matrix`: its part (MatrixMarkdown), or empty. At most
// kLargestSummary bytes (ci.h), cut off honestly.
std::string SummaryMarkdown(const CampaignHeader& header, const Totals& totals, Goals goals,
                            const BlockOptions& options, std::string_view matrix = "");

}  // namespace wt::reports

#endif  // WAVETANK_REPORTS_CAMPAIGN_TEXT_H_
