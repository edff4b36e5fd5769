// `wavetank shrink`: a smaller plan with the same failure.
#include <chrono>
#include <filesystem>
#include <memory>

#include <nlohmann/json.hpp>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/status.h"
#include "reports/exit_code.h"
#include "reports/failure_block.h"
#include "reports/json_lines.h"
#include "reports/signature.h"
#include "reports/table.h"
#include "reports/text.h"
#include "scenarios/campaign/campaign_files.h"
#include "scenarios/campaign/values.h"
#include "scenarios/cli/budget.h"
#include "scenarios/cli/flags.h"
#include "scenarios/cli/shell.h"
#include "scenarios/cli/target.h"
#include "scenarios/shrink/shrink.h"
#include "scenarios/shrink/test_source.h"

namespace wt::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using reports::RunRecord;
using scenarios::Plan;
using scenarios::PlanSize;
using scenarios::ShrinkEnd;
using scenarios::Shrunk;
using scenarios::WriteInFolder;

struct Options {
  Common common{};
  std::string target;
  std::vector<std::string> set;
  BudgetFlags budget{};
  std::string out;
  std::string test;
};

// A campaign's plan.json has its minimal.json beside it; so has the finding of a seed in the newest
// campaign. Otherwise tank-out/shrunk/ has one for each signature.
std::string WhereTo(const Options& options, const Shrunk& shrunk) {
  if (!options.out.empty()) return options.out;
  if (IsPlanFile(options.target)) {
    const fs::path path(options.target);
    const bool is_of_finding = path.filename() == "plan.json" || path.filename() == "minimal.json";
    const std::string name =
        is_of_finding ? "minimal.json" : path.stem().string() + ".minimal.json";
    return (path.parent_path() / name).string();
  }
  const std::string signature = reports::FolderOf(shrunk.first_record);
  const std::string finding = "tank-out/latest/findings/" + signature;
  std::error_code ignored;
  if (fs::is_directory(finding, ignored)) return finding + "/minimal.json";
  return "tank-out/shrunk/" + signature + "/minimal.json";
}

// Where the plan and the test went.
absl::StatusOr<std::string> WriteFiles(const Shell& shell, const Options& options,
                                       const Shrunk& shrunk) {
  const std::string path = WhereTo(options, shrunk);
  const auto& to_json = shell.harness.tank.plan_to_json;
  WT_RETURN_IF_ERROR(WriteInFolder(path, to_json(Explained(shrunk, shrunk.first_record.seed))));
  if (!options.test.empty()) {
    Plan bare = shrunk.plan;  // what it shows stands above the test
    bare.why.clear();
    WT_RETURN_IF_ERROR(
        WriteInFolder(options.test, scenarios::TestSourceOf(bare, to_json(bare), shrunk.record)));
  }
  return path;
}

// How it came to its end; empty when it is as small as it gets.
std::string WhyNotSmaller(const Shrunk& shrunk) {
  switch (shrunk.end) {
    case ShrinkEnd::kBudget:
      return absl::StrFormat("not done: the budget of %s is used up (--runs)",
                             reports::Plural(shrunk.runs, "run"));
    case ShrinkEnd::kTime:
      return "not done: the time is up (--for)";
    case ShrinkEnd::kInterrupted:
      return "not done: interrupted";
    case ShrinkEnd::kMinimal:
    case ShrinkEnd::kNothingToDo:
      return "";
  }
  WT_CHECK(false);
}

std::string SizeTable(const Shrunk& shrunk, reports::Look look) {
  using reports::WithThousands;
  reports::Table table(
      {{""}, {"before", reports::Align::kRight}, {"after", reports::Align::kRight}});
  const PlanSize& a = shrunk.first_size;
  const PlanSize& b = shrunk.size;
  const auto row = [&](std::string name, uint64_t before, uint64_t after) {
    table.AddRow({{std::move(name)}, {WithThousands(before)}, {WithThousands(after)}});
  };
  row("machines", a.machines, b.machines);
  row("operations", a.operations, b.operations);
  row("faults", a.faults, b.faults);
  if (a.chores > 0) row("chores", a.chores, b.chores);
  row("knobs", a.knobs, b.knobs);
  table.AddRow({{"virtual time"},
                {reports::Seconds(shrunk.first_record.virtual_us)},
                {reports::Seconds(shrunk.record.virtual_us)}});
  row("events", shrunk.first_record.events, shrunk.record.events);
  return table.ToString(look);
}

// The run that was shrunk, as one says it to see it again.
reports::BlockOptions BlockOf(const Options& options, reports::Look look, std::string minimal) {
  return {.look = look,
          .target = options.target,
          .arguments = AsArguments(Assignments(options.set)),
          .minimal = std::move(minimal)};
}

std::string Text(const Shrunk& shrunk, const Options& options, const reports::BlockOptions& block) {
  std::string text = SizeTable(shrunk, block.look) + "\n" + FailureBlock(shrunk.record, block);
  if (!options.test.empty()) text += "  test       " + options.test + "\n";
  const std::string why = WhyNotSmaller(shrunk);
  return text + "\n" + (why.empty() ? "minimal" : why) + " after " +
         reports::Plural(shrunk.runs, "run") + "\n";
}

Json ToJson(const PlanSize& size, const RunRecord& record) {
  return {{"machines", size.machines}, {"operations", size.operations},
          {"faults", size.faults},     {"chores", size.chores},
          {"knobs", size.knobs},       {"virtual_us", record.virtual_us},
          {"events", record.events}};
}

std::string Lines(const Shrunk& shrunk, const Options& options,
                  const reports::BlockOptions& block) {
  static constexpr std::string_view kEnds[] = {"nothing-to-do", "minimal", "budget", "time",
                                               "interrupted"};
  const reports::Finding finding{
      .signature = reports::FolderOf(shrunk.record),
      .example = shrunk.record,
      .runs = 1,
      .some = {reports::RunName(shrunk.record.scenario, shrunk.record.seed)},
      .minimal = block.minimal};
  Json end{{"kind", "end"},
           {"runs", shrunk.runs},
           {"ended", kEnds[static_cast<size_t>(shrunk.end)]},
           {"before", ToJson(shrunk.first_size, shrunk.first_record)},
           {"after", ToJson(shrunk.size, shrunk.record)}};
  if (!options.test.empty()) end["test"] = options.test;
  return reports::FindingLine(finding, ReproduceCommand(shrunk.record, block)) + "\n" + end.dump() +
         "\n";
}

// A run that does not fail: its verdict is the answer, but never "passed", since nothing was
// shrunk.
int NothingToShrink(const Options& options, const RunRecord& record) {
  Complain(absl::StrFormat("wavetank shrink: %s does not fail (%s): there is nothing to shrink",
                           options.target, NameOf(record.verdict)));
  const bool broken = record.verdict == reports::Verdict::kError;
  return broken ? reports::kExitBroken : reports::kExitInconclusive;
}

absl::StatusOr<int> ShrinkVerb(const Shell& shell, const Options& options) {
  absl::StatusOr<Plan> plan = PlanOf(shell, options.target, Assignments(options.set));
  if (absl::IsFailedPrecondition(plan.status())) {
    return InvalidArgument("%s: there is nothing to shrink", MessageOf(plan.status()));
  }
  if (!plan.ok()) return plan.status();
  ProgressLine progress(shell.terminal);
  WT_ASSIGN_OR_RETURN(const Budget budget, BudgetOf(options.budget));
  scenarios::ShrinkOptions how{.runs = budget.runs.value_or(scenarios::kShrinkRuns),
                               .pool = budget.pool};
  how.on_progress = [&](const scenarios::ShrinkProgress& so_far) {
    progress.ShowText([&] { return ShrinkText(so_far); });
  };
  InstallStopHandler();
  const absl::StatusOr<Shrunk> shrunk = Shrink(shell.harness.tank, *plan, how);
  progress.Clear();
  if (absl::IsAborted(shrunk.status())) return Interrupted("the run was not finished");
  if (absl::IsDeadlineExceeded(shrunk.status())) {
    Complain("wavetank shrink: the time was up before the run itself was over (--for)");
    return reports::kExitInconclusive;
  }
  if (!shrunk.ok()) return shrunk.status();
  if (shrunk->end == ShrinkEnd::kNothingToDo) return NothingToShrink(options, shrunk->record);
  WT_ASSIGN_OR_RETURN(std::string path, WriteFiles(shell, options, *shrunk));
  const bool json = options.common.json;
  const reports::BlockOptions block =
      BlockOf(options, json ? reports::Look{} : shell.terminal.out, std::move(path));
  Print(json ? Lines(*shrunk, options, block) : Text(*shrunk, options, block));
  if (shrunk->end == ShrinkEnd::kInterrupted) {
    return Interrupted("the smallest plan so far is in " + block.minimal);
  }
  return reports::kExitFinding;
}

}  // namespace

Verb AddShrink(CLI::App& program, const Shell& shell) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = program.add_subcommand("shrink", "a smaller plan with the same failure");
  verb->add_option("run", options->target, "SCENARIO:SEED, or a plan's file")->required();
  AddFlag(*verb, "set", &options->set, "key=value, as of run");
  AddBudgetFlags(*verb,
                 absl::StrFormat("how many runs it may take; default %d", scenarios::kShrinkRuns),
                 &options->budget);
  AddFlag(*verb, "out", &options->out, "write the plan to this file; default: to its finding");
  AddFlag(*verb, "test", &options->test, "write a C++ test that runs the plan to this file");
  AddCommonFlags(*verb, &options->common);
  return {verb, [&shell, options] { return ShrinkVerb(shell, *options); }};
}

}  // namespace wt::cli
