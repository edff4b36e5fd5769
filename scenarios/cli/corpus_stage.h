// The corpus as `wavetank corpus run` and `wavetank gate` run it.
#ifndef WAVETANK_SCENARIOS_CLI_CORPUS_STAGE_H_
#define WAVETANK_SCENARIOS_CLI_CORPUS_STAGE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "reports/run_record.h"
#include "scenarios/campaign/corpus.h"
#include "scenarios/cli/shell.h"

namespace wt::cli {

struct CorpusResult {
  std::string file;
  reports::RunRecord record;
};

struct CorpusOutcome {
  std::vector<CorpusResult> results;
  uint64_t failed = 0;
  uint64_t unclear = 0;
  uint64_t errors = 0;
  bool interrupted = false;

  // An empty corpus has shown nothing: inconclusive.
  int ExitCode() const;
  std::string Words() const;  // "all passed", "2 failed"
};

absl::StatusOr<CorpusOutcome> RunCorpusStage(const Shell& shell,
                                             const std::vector<scenarios::CorpusEntry>& corpus,
                                             scenarios::CampaignOptions how);

// A line or a failure block, ending with a newline.
std::string CorpusText(const CorpusResult& result, reports::Look look);
// A run's JSON, with key `file`; no newline.
std::string CorpusRunLine(const CorpusResult& result);

// `named`, or tests/corpus here or above. Errors: NotFound.
absl::StatusOr<std::string> CorpusFolder(const std::string& named, bool make);
absl::StatusOr<scenarios::WallDuration> CorpusTimeout(const std::string& text);

}  // namespace wt::cli

#endif  // WAVETANK_SCENARIOS_CLI_CORPUS_STAGE_H_
