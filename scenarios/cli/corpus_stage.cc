#include "scenarios/cli/corpus_stage.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/status.h"
#include "reports/exit_code.h"
#include "reports/failure_block.h"
#include "reports/json_lines.h"

namespace wt::cli {

using reports::RunRecord;
using reports::Verdict;
using scenarios::CorpusEntry;

int CorpusOutcome::ExitCode() const {
  if (errors > 0) return reports::kExitBroken;
  if (failed > 0) return reports::kExitFinding;
  return unclear > 0 || results.empty() ? reports::kExitInconclusive : reports::kExitPassed;
}

std::string CorpusOutcome::Words() const {
  if (results.empty()) return "nothing was run";
  if (failed + unclear + errors == 0) return "all passed";
  return absl::StrFormat("%d failed, %d unclear", failed, unclear + errors);
}

absl::StatusOr<CorpusOutcome> RunCorpusStage(const Shell& shell,
                                             const std::vector<CorpusEntry>& corpus,
                                             scenarios::CampaignOptions how) {
  CorpusOutcome outcome;
  if (corpus.empty()) return outcome;
  how.on_run = [&](const RunRecord& record) {
    const auto entry = std::ranges::find(corpus, record.scenario, &CorpusEntry::name);
    WT_CHECK(entry != corpus.end());
    outcome.failed += record.verdict == Verdict::kFail;
    outcome.unclear += record.verdict == Verdict::kInconclusive;
    outcome.errors += record.verdict == Verdict::kError;
    outcome.results.push_back({entry->file, record});
    outcome.results.back().record.seed = entry->plan.seed;
  };
  WT_ASSIGN_OR_RETURN(const scenarios::CampaignEnd end,
                      RunCorpus(shell.harness.tank, corpus, std::move(how)));
  outcome.interrupted = end.interrupted;
  return outcome;
}

std::string CorpusText(const CorpusResult& result, reports::Look look) {
  const reports::BlockOptions block{.look = look, .target = result.file};
  return result.record.verdict == Verdict::kPass ? reports::PassLine(result.record, block)
                                                 : reports::FailureBlock(result.record, block);
}

std::string CorpusRunLine(const CorpusResult& result) {
  auto json = nlohmann::ordered_json::parse(
      reports::RunLine(result.record, reports::HostFigures::kInclude));
  json["file"] = result.file;
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace wt::cli
