// One JSON object a line: what scripts read. Keys are a contract.
//
// Key `kind` is one of campaign, run, finding, step, end. Seeds and digests are strings, because
// JSON readers lose 64-bit numbers. Figures that depend on this machine (wall_us and the rates) are
// written only when asked for, so that a file without them is byte-identical for the same build and
// seeds.
#ifndef WAVETANK_REPORTS_JSON_LINES_H_
#define WAVETANK_REPORTS_JSON_LINES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "reports/campaign.h"
#include "reports/run_record.h"

namespace wt::reports {

enum class HostFigures { kOmit, kInclude };

struct CampaignHeader {
  std::string name;
  std::vector<std::string> scenarios;
  std::string seeds;                    // "0..100"; "0.." when time is the limit
  std::string shard;                    // "1/4", or empty
  std::vector<std::string> overrides;   // "storm=2s"
  std::string build;                    // which binary
};

struct CampaignSpeed {
  uint64_t wall_us = 0;
  bool interrupted = false;
};

// No newline at the end of any of these.
std::string CampaignLine(const CampaignHeader& header);
std::string RunLine(const RunRecord& record, HostFigures figures);
std::string FindingLine(const Finding& finding, std::string_view reproduce);
// `arguments` as in BlockOptions.
std::string MismatchLine(const Mismatch& mismatch, std::string_view arguments);
std::string StepLine(const Step& step);
// A record of the trace, as text.
std::string TraceLine(std::string_view record);
// Where `repro` stopped, and what was to be seen there.
std::string StoppedLine(uint64_t record, uint64_t at_us, std::string_view view);
std::string EndLine(const Totals& totals, const CampaignSpeed& speed, HostFigures figures);

// The whole record, for another process to read back.
std::string RecordToJson(const RunRecord& record);
// Errors: InvalidArgument when it is not what RecordToJson writes.
absl::StatusOr<RunRecord> RecordFromJson(std::string_view json);

std::string StepsToJson(const std::vector<Step>& steps);
absl::StatusOr<std::vector<Step>> StepsFromJson(std::string_view json);

// count per second, without floating point; 0 when no time has passed.
uint64_t PerSecond(uint64_t count, uint64_t wall_us);

}  // namespace wt::reports

#endif  // WAVETANK_REPORTS_JSON_LINES_H_
