// `wavetank explain`: what of a failure is necessary, and when it became inevitable.
#include <chrono>
#include <memory>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/status.h"
#include "reports/exit_code.h"
#include "reports/failure_block.h"
#include "reports/signature.h"
#include "reports/text.h"
#include "scenarios/campaign/campaign_files.h"
#include "scenarios/campaign/values.h"
#include "scenarios/cli/budget.h"
#include "scenarios/cli/flags.h"
#include "scenarios/cli/shell.h"
#include "scenarios/cli/target.h"
#include "scenarios/explain/explain.h"
#include "scenarios/explain/explain_text.h"
#include "scenarios/shrink/shrink.h"

namespace wt::cli {
namespace {

using scenarios::ExplainEnd;
using scenarios::Explanation;
using scenarios::Plan;
using scenarios::ShrinkEnd;
using scenarios::Shrunk;

struct Options {
  Common common{};
  std::string target;
  std::vector<std::string> set;
  BudgetFlags budget{};
  std::string out;
  bool as_is = false;
};

struct Limits {
  uint64_t shrink_runs = scenarios::kShrinkRuns;
  uint64_t explain_runs = scenarios::kExplainRuns;
  scenarios::PoolOptions pool{};
};

// What is explained, and where it is from.
struct Subject {
  Plan plan;
  std::string path;   // of its file; empty: it is the target's own
  std::string how;    // what was done to get it
  uint64_t runs = 0;  // that it took
};

absl::StatusOr<Limits> LimitsOf(const Options& options) {
  WT_ASSIGN_OR_RETURN(const Budget budget, BudgetOf(options.budget));
  return Limits{.shrink_runs = budget.runs.value_or(scenarios::kShrinkRuns),
                .explain_runs = budget.runs.value_or(scenarios::kExplainRuns),
                .pool = budget.pool};
}

// A small plan that was made on the way is kept, so that every command of the answer works.
absl::StatusOr<std::string> Keep(const Shell& shell, const Options& options, const Shrunk& shrunk) {
  const std::string path =
      options.out.empty()
          ? "tank-out/explained/" + reports::FolderOf(shrunk.first_record) + "/minimal.json"
          : options.out;
  WT_RETURN_IF_ERROR(scenarios::WriteInFolder(
      path, shell.harness.tank.plan_to_json(Explained(shrunk, shrunk.first_record.seed))));
  return path;
}

std::string HowShrunk(const Shrunk& shrunk) {
  const auto size = [](const scenarios::PlanSize& of) {
    return reports::Plural(of.operations, "operation") + ", " + reports::Plural(of.faults, "fault");
  };
  return absl::StrFormat("shrunk first, with %s: from %s to %s%s\n",
                         reports::Plural(shrunk.runs, "run"), size(shrunk.first_size),
                         size(shrunk.size),
                         shrunk.end == ShrinkEnd::kMinimal ? "" : " (not as small as it gets)");
}

// Small as it is, or made small. Errors: those of Shrink.
absl::StatusOr<Subject> SubjectOf(const Shell& shell, const Options& options, const Plan& plan,
                                  const Limits& limits, ProgressLine& progress) {
  if (options.as_is) return Subject{.plan = plan, .how = "taken as it is\n"};
  if (scenarios::IsSmall(plan)) return Subject{.plan = plan, .how = "small: taken as it is\n"};
  scenarios::ShrinkOptions how{.runs = limits.shrink_runs, .pool = limits.pool};
  if (how.pool.deadline) {  // half of the time, so that the other half is for the answer
    const auto now = std::chrono::steady_clock::now();
    how.pool.deadline = now + (*how.pool.deadline - now) / 2;
  }
  how.on_progress = [&](const scenarios::ShrinkProgress& so_far) {
    progress.ShowText([&] { return "shrinking: " + ShrinkText(so_far); });
  };
  WT_ASSIGN_OR_RETURN(const Shrunk shrunk, Shrink(shell.harness.tank, plan, how));
  Subject subject{.plan = shrunk.plan, .runs = shrunk.runs};
  if (shrunk.end == ShrinkEnd::kNothingToDo) return subject;
  WT_ASSIGN_OR_RETURN(subject.path, Keep(shell, options, shrunk));
  subject.how = HowShrunk(shrunk);
  return subject;
}

// The plan that was taken as it is, where it is asked for.
absl::Status KeepAsIs(const Shell& shell, const Options& options, Subject* subject) {
  if (options.out.empty() || !subject->path.empty()) return absl::OkStatus();
  WT_RETURN_IF_ERROR(
      scenarios::WriteInFolder(options.out, shell.harness.tank.plan_to_json(subject->plan)));
  subject->path = options.out;
  return absl::OkStatus();
}

int NothingToExplain(const Options& options, const reports::RunRecord& record) {
  Complain(absl::StrFormat("wavetank explain: %s does not fail (%s): there is nothing to explain",
                           options.target, NameOf(record.verdict)));
  const bool broken = record.verdict == reports::Verdict::kError;
  return broken ? reports::kExitBroken : reports::kExitInconclusive;
}

// Times and records of the answer are those of the plan that was explained: so is the command.
reports::BlockOptions BlockOf(const Shell& shell, const Options& options, const Subject& subject) {
  const bool is_own = subject.path.empty();
  return {.look = options.common.json ? reports::Look{} : shell.terminal.out,
          .target = is_own ? options.target : subject.path,
          .arguments = is_own ? AsArguments(Assignments(options.set)) : ""};
}

std::string LookAt(const Explanation& explanation, const reports::BlockOptions& block) {
  if (!explanation.inevitable) return "";
  const scenarios::LikelihoodPoint& point = explanation.likelihood[*explanation.inevitable];
  if (point.record <= 1 || point.record >= explanation.record.events) return "";
  return absl::StrFormat("  look there %s --record %d --show machines\n",
                         ReproduceCommand(explanation.record, block), point.record);
}

absl::StatusOr<int> Answer(const Shell& shell, const Options& options, Subject subject,
                           const Explanation& explanation) {
  if (explanation.end == ExplainEnd::kNothingToDo) {
    return NothingToExplain(options, explanation.record);
  }
  WT_RETURN_IF_ERROR(KeepAsIs(shell, options, &subject));
  const reports::BlockOptions block = BlockOf(shell, options, subject);
  if (options.common.json) {
    Print(
        ExplanationLine(explanation, block, subject.path.empty() ? options.target : subject.path) +
        "\n");
  } else {
    Print(subject.how + ExplanationText(explanation, block) + LookAt(explanation, block));
  }
  if (explanation.end == ExplainEnd::kInterrupted) return Interrupted("what is known stands above");
  return reports::kExitFinding;
}

absl::StatusOr<Explanation> ShrinkAndExplain(const Shell& shell, const Options& options,
                                             const Plan& plan, const Limits& limits,
                                             Subject* subject) {
  ProgressLine progress(shell.terminal);
  const absl::Cleanup clear = [&] { progress.Clear(); };
  WT_ASSIGN_OR_RETURN(*subject, SubjectOf(shell, options, plan, limits, progress));
  scenarios::ExplainOptions how{.runs = limits.explain_runs, .pool = limits.pool};
  how.on_progress = [&](uint64_t runs, std::string_view doing) {
    progress.ShowText(
        [&] { return absl::StrFormat("%s: %s", reports::Plural(runs, "run"), doing); });
  };
  return Explain(shell.harness.tank, subject->plan, how);
}

absl::StatusOr<int> ExplainVerb(const Shell& shell, const Options& options) {
  absl::StatusOr<Plan> plan = PlanOf(shell, options.target, Assignments(options.set));
  if (absl::IsFailedPrecondition(plan.status())) {
    return InvalidArgument("%s: there is nothing to leave out", MessageOf(plan.status()));
  }
  if (!plan.ok()) return plan.status();
  WT_ASSIGN_OR_RETURN(const Limits limits, LimitsOf(options));
  InstallStopHandler();
  Subject subject;
  const absl::StatusOr<Explanation> explanation =
      ShrinkAndExplain(shell, options, *plan, limits, &subject);
  // Shrinking it may have come to something before that.
  const std::string kept = subject.path.empty() ? "" : "; a smaller plan is in " + subject.path;
  if (absl::IsAborted(explanation.status())) {
    return Interrupted("the run was not finished" + kept);
  }
  if (absl::IsDeadlineExceeded(explanation.status())) {
    Complain("wavetank explain: the time was up before anything was known (--for)" + kept);
    return reports::kExitInconclusive;
  }
  if (!explanation.ok()) return explanation.status();
  return Answer(shell, options, subject, *explanation);
}

}  // namespace

Verb AddExplain(CLI::App& program, const Shell& shell) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = program.add_subcommand(
      "explain", "which faults a failure needs, and when it became inevitable");
  verb->add_option("run", options->target, "SCENARIO:SEED, or a plan's file")->required();
  AddFlag(*verb, "set", &options->set, "key=value, as of run");
  AddFlag(*verb, "as-is", &options->as_is, "do not shrink the plan first");
  AddBudgetFlags(
      *verb,
      absl::StrFormat("how many runs each of shrinking and explaining may take; default %d, %d",
                      scenarios::kShrinkRuns, scenarios::kExplainRuns),
      &options->budget);
  AddFlag(*verb, "out", &options->out, "write the plan that is explained to this file");
  AddCommonFlags(*verb, &options->common);
  return {verb, [&shell, options] { return ExplainVerb(shell, *options); }};
}

}  // namespace wt::cli
