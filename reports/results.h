// results.jsonl read back, and the shards of one campaign put together: what one process would have
// written, byte for byte.
#ifndef WAVETANK_REPORTS_RESULTS_H_
#define WAVETANK_REPORTS_RESULTS_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "reports/campaign.h"
#include "reports/json_lines.h"

namespace wt::reports {

// One file. A run's record lacks what its line does not hold: the story, and how often a goal was
// reached.
struct Results {
  std::string file;
  CampaignHeader header;
  struct Line {
    RunRecord record;
    std::string text;
  };
  std::vector<Line> runs;  // in the file's order
  std::vector<std::pair<Mismatch, std::string>> mismatches;
  std::map<std::string, Finding> findings;  // by signature; with the story of its example
  bool ended = false;                       // not interrupted
};

// Errors: DataLoss with file, line and what was expected.
absl::StatusOr<Results> ReadResults(const std::string& file, std::string_view text);

// Several files as one campaign.
struct Merged {
  CampaignHeader header;            // without the shard
  std::vector<Results::Line> runs;  // in the campaign's order
  std::vector<std::pair<Mismatch, std::string>> mismatches;
  std::map<std::string, Finding> findings;
  std::map<std::string, std::string> found_in;  // signature -> the file with its example
  std::vector<std::string> missing;             // what has to come yet, for people
  std::vector<Mismatch> conflicts;              // one run, two results
};

// The same file twice, or in another order, makes no difference. `expected`: shards; 0: as many as
// the files say. Errors: InvalidArgument when the files are not of one campaign and build.
absl::StatusOr<Merged> Merge(const std::vector<Results>& files, uint32_t expected);

// The story of every finding's example, which its run's line does not hold.
void AddStories(const Merged& merged, Totals* totals);

}  // namespace wt::reports

#endif  // WAVETANK_REPORTS_RESULTS_H_
