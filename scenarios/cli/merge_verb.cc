// `wavetank merge`: the shards of a campaign, as if one process had run it.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "engine/base/check.h"
#include "engine/base/status.h"
#include "reports/campaign_text.h"
#include "reports/exit_code.h"
#include "reports/junit.h"
#include "reports/matrix.h"
#include "reports/results.h"
#include "scenarios/campaign/campaign_files.h"
#include "scenarios/campaign/values.h"
#include "scenarios/cli/flags.h"
#include "scenarios/cli/shell.h"

namespace wt::cli {
namespace {

namespace fs = std::filesystem;
using reports::Goals;
using reports::HostFigures;
using reports::Merged;
using reports::Mismatch;
using reports::Results;

struct Options {
  Common common{};
  std::vector<std::string> files;
  std::string expect_shards;
  std::string out;
  CiFiles ci{};
};

// The scenarios as the campaign had them. A story takes no assignments.
absl::StatusOr<std::vector<scenarios::Scenario>> ScenariosOf(const Shell& shell,
                                                             const Merged& merged) {
  std::vector<scenarios::Scenario> all;
  for (const std::string& name : merged.header.scenarios) {
    const absl::StatusOr<const scenarios::Scenario*> found = FindScenario(shell, name);
    if (!found.ok()) {
      return DataLoss("results of another program: %s", MessageOf(found.status()));
    }
    WT_ASSIGN_OR_RETURN(
        scenarios::Scenario scenario,
        Adjusted(shell, name,
                 (*found)->is_story() ? std::vector<std::string>{} : merged.header.overrides));
    all.push_back(std::move(scenario));
  }
  return all;
}

// What one process would have written.
std::vector<std::string> LinesOf(const Merged& merged, const reports::Totals& totals) {
  std::vector<std::string> lines = {reports::CampaignLine(merged.header)};
  for (const Results::Line& run : merged.runs) {
    lines.push_back(run.text);
    for (const auto& [mismatch, text] : merged.mismatches) {
      const bool its = mismatch.scenario == run.record.scenario && mismatch.seed == run.record.seed;
      if (its) lines.push_back(text);
    }
  }
  const reports::BlockOptions block{.arguments = AsArguments(merged.header.overrides)};
  for (const reports::Finding& finding : totals.findings) {
    lines.push_back(FindingLine(finding, ReproduceCommand(finding.example, block)));
  }
  lines.push_back(EndLine(totals, {}, HostFigures::kOmit));
  return lines;
}

// From beside the results that have it; shards may have been brought without.
absl::Status CopyFinding(const Merged& merged, const reports::Finding& finding,
                         const std::string& to) {
  const std::string key =
      finding.signature + " " + reports::RunName(finding.example.scenario, finding.example.seed);
  const auto found = merged.found_in.find(key);
  if (found == merged.found_in.end()) return absl::OkStatus();
  const fs::path from = fs::path(found->second).parent_path() / "findings" / finding.signature;
  std::error_code error;
  if (!fs::is_directory(from, error)) return absl::OkStatus();
  fs::create_directories(to + "/findings", error);
  if (!error) {
    fs::copy(from, to + "/findings/" + finding.signature,
             fs::copy_options::recursive | fs::copy_options::overwrite_existing, error);
  }
  return error ? Unavailable("copy %s: %s", from.string(), error.message()) : absl::OkStatus();
}

// What the campaign's matrix amounts to: of matrix.json beside each of the results. Nothing unless
// all runs are in them, each once: shards may have been brought without.
absl::StatusOr<std::optional<reports::MatrixCounts>> MergedMatrix(const reports::MatrixAxes& axes,
                                                                  const std::vector<Results>& files,
                                                                  uint64_t runs) {
  reports::MatrixFile sum;
  std::set<std::string> shards;
  for (const Results& file : files) {
    const std::string name = (fs::path(file.file).parent_path() / "matrix.json").string();
    std::error_code error;
    if (!fs::exists(name, error) || !shards.insert(file.header.shard).second) continue;
    WT_ASSIGN_OR_RETURN(const std::string text, scenarios::ReadWholeFile(name));
    const absl::StatusOr<reports::MatrixFile> matrix = reports::MatrixFromJson(axes, text);
    if (!matrix.ok()) return DataLoss("%s: %s", name, MessageOf(matrix.status()));
    reports::AddTo(matrix->counts, &sum.counts);
    sum.runs += matrix->runs;
  }
  if (sum.runs != runs) return std::optional<reports::MatrixCounts>();
  return std::optional(std::move(sum.counts));
}

struct Outcome {
  const Merged& merged;
  reports::Totals totals;
  std::vector<std::string> lines{};
  std::string summary{};
  std::string junit{};
  std::string matrix{};  // as JSON; empty: not known
};

absl::StatusOr<std::string> WriteFolder(const Options& options, const Outcome& outcome) {
  if (options.out.empty()) return std::string();
  WT_ASSIGN_OR_RETURN(const auto files,
                      scenarios::CampaignFiles::Create(options.out, outcome.merged.header.name));
  for (const std::string& line : outcome.lines) files->Result(line);
  if (!outcome.matrix.empty()) {
    WT_RETURN_IF_ERROR(files->Write("matrix.json", outcome.matrix));
  }
  WT_RETURN_IF_ERROR(files->Write("summary.md", outcome.summary));
  WT_RETURN_IF_ERROR(files->Write("junit.xml", outcome.junit));
  for (const reports::Finding& finding : outcome.totals.findings) {
    WT_RETURN_IF_ERROR(CopyFinding(outcome.merged, finding, files->folder()));
  }
  WT_RETURN_IF_ERROR(files->Finish());
  return files->folder();
}

std::string Text(const Shell& shell, const Outcome& outcome, const std::string& folder) {
  const reports::Look look = shell.terminal.out;
  const reports::BlockOptions block{.look = look,
                                    .arguments = AsArguments(outcome.merged.header.overrides)};
  std::string text = ScenarioTable(outcome.totals, look);
  const std::string blocks = FindingBlocks(outcome.totals, block);
  const std::string missed = MissedText(outcome.totals, look);
  if (!blocks.empty()) text += "\n" + blocks;
  if (!missed.empty()) text += "\n" + missed;
  const bool whole = outcome.merged.missing.empty();
  text += absl::StrFormat(
      "\n%s%s  digest %s%s\n",
      whole ? "" : "missing " + absl::StrJoin(outcome.merged.missing, ", ") + "; ",
      reports::Plural(outcome.totals.runs, "run"), reports::HexDigest(outcome.totals.digest),
      folder.empty() ? "" : "  " + folder);
  return text;
}

absl::StatusOr<std::vector<Results>> ReadAll(const Options& options) {
  std::vector<Results> files;
  for (const std::string& name : options.files) {
    WT_ASSIGN_OR_RETURN(const std::string text, scenarios::ReadWholeFile(name));
    WT_ASSIGN_OR_RETURN(Results results, reports::ReadResults(name, text));
    files.push_back(std::move(results));
  }
  return files;
}

absl::StatusOr<int> MergeFiles(const Shell& shell, const Options& options) {
  uint64_t expected = 0;
  if (!options.expect_shards.empty()) {
    WT_ASSIGN_OR_RETURN(expected,
                        Parsed("expect-shards", options.expect_shards, scenarios::ParseNumber));
    if (expected == 0 || expected > 100'000) return InvalidArgument("--expect-shards: 1 to 100000");
  }
  WT_ASSIGN_OR_RETURN(const std::vector<Results> files, ReadAll(options));
  WT_ASSIGN_OR_RETURN(Merged merged, Merge(files, static_cast<uint32_t>(expected)));
  WT_ASSIGN_OR_RETURN(const auto scenarios, ScenariosOf(shell, merged));
  merged.header.name = scenarios::CampaignName(merged.header.name, merged.header);
  reports::Tally tally(PromisesOf(shell, scenarios));
  for (const Results::Line& run : merged.runs) tally.Add(run.record);
  for (const auto& [mismatch, text] : merged.mismatches) tally.AddMismatch(mismatch);
  for (const Mismatch& conflict : merged.conflicts) tally.AddMismatch(conflict);
  Outcome outcome{.merged = merged, .totals = tally.totals()};
  AddStories(merged, &outcome.totals);
  // A part cannot be expected to see everything.
  const Goals goals = merged.missing.empty() ? Goals::kMustBeReached : Goals::kAreNotJudged;
  const reports::BlockOptions block{.arguments = AsArguments(merged.header.overrides)};
  outcome.lines = LinesOf(merged, outcome.totals);
  const reports::MatrixAxes axes = shell.harness.matrix_axes(scenarios);
  WT_ASSIGN_OR_RETURN(const auto matrix, MergedMatrix(axes, files, outcome.totals.runs));
  std::string matrix_part;
  if (matrix.has_value()) {
    outcome.matrix = reports::MatrixToJson(axes, *matrix, outcome.totals.runs);
    matrix_part = reports::MatrixMarkdown(axes, *matrix);
  }
  outcome.summary = SummaryMarkdown(merged.header, outcome.totals, goals, block, matrix_part);
  outcome.junit =
      reports::JUnitXml({reports::CampaignSuite(merged.header.name, outcome.totals, goals, block)});
  WT_ASSIGN_OR_RETURN(const std::string folder, WriteFolder(options, outcome));
  WT_RETURN_IF_ERROR(WriteAsked(options.ci, outcome.summary, outcome.junit));
  if (options.common.json) {
    for (const std::string& line : outcome.lines) Print(line + "\n");
  } else {
    Print(Text(shell, outcome, folder));
  }
  const int code = ExitCodeOf(outcome.totals, goals);
  if (merged.missing.empty()) return code;
  Complain("missing: " + absl::StrJoin(merged.missing, ", "));
  return code == reports::kExitPassed ? reports::kExitInconclusive : code;
}

}  // namespace

Verb AddMerge(CLI::App& program, const Shell& shell) {
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      program.add_subcommand("merge", "the shards of a campaign, as if one process had run it");
  verb->add_option("results", options->files, "each shard's results.jsonl")->required();
  AddFlag(*verb, "expect-shards", &options->expect_shards,
          "how many there must be; default: as many as the first says");
  AddFlag(*verb, "out", &options->out, "write the campaign's folder there; default: none");
  AddCiFlags(*verb, &options->ci);
  AddCommonFlags(*verb, &options->common);
  return {verb, [&shell, options] { return MergeFiles(shell, *options); }};
}

}  // namespace wt::cli
