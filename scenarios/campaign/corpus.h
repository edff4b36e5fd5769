// The corpus: plans that once failed, kept as regression tests, one JSON file each.
//
//   tests/corpus/torn-tail-acked-writes-survive-8c1f.json  scenario and signature of what it found
//   tests/corpus/everything-1b2c3d4e.json                  a plan that passed when it was kept
//
// A file is a plan as plan_to_json prints it; its `why` says what it found. It runs on every build
// and must pass.
#ifndef WAVETANK_SCENARIOS_CAMPAIGN_CORPUS_H_
#define WAVETANK_SCENARIOS_CAMPAIGN_CORPUS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "scenarios/campaign/protocol.h"
#include "scenarios/campaign/runner.h"

namespace wt::scenarios {

struct CorpusEntry {
  std::string file;
  std::string name;  // the file's, without folder and ".json"
  std::string text;  // what the file holds
  Plan plan;
};

// A plan of a scenario that this build knows. Errors: DataLoss, with `file`, line and what was
// expected: a plan is never changed silently into another.
absl::StatusOr<Plan> PlanOfFile(const Tank& tank, const std::string& file, std::string_view text);

// Every *.json of the folder, by name. Errors: NotFound, and those of PlanOfFile.
absl::StatusOr<std::vector<CorpusEntry>> LoadCorpus(const Tank& tank, const std::string& folder);

// The plan as the corpus keeps it: its file's text, with this `why`.
std::string CorpusText(const Tank& tank, Plan plan, std::string why);
// "torn-tail-acked-writes-survive-8c1f", of what running the plan gave; of a run that passed,
// "torn-tail-" and a hash of the plan.
std::string CorpusName(const Tank& tank, const Plan& plan, const reports::RunRecord& record);
// Null when no entry does the same; comments do not count.
const CorpusEntry* FindSame(const Tank& tank, const std::vector<CorpusEntry>& corpus,
                            const Plan& plan);

// Runs every entry once, in worker processes. A record's `scenario` is the entry's name.
// `options`: jobs, run_timeout, stop and the callbacks; on_run is called in the entries' order.
// Requires: a corpus that is not empty. Errors: as RunCampaign.
absl::StatusOr<CampaignEnd> RunCorpus(const Tank& tank, const std::vector<CorpusEntry>& corpus,
                                      CampaignOptions options);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CAMPAIGN_CORPUS_H_
