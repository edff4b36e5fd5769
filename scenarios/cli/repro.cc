// `wavetank repro`: one run again, with its story.
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>
#include <memory>
#include <utility>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/status.h"
#include "reports/exit_code.h"
#include "reports/failure_block.h"
#include "reports/json_lines.h"
#include "reports/signature.h"
#include "reports/story.h"
#include "scenarios/campaign/campaign_files.h"
#include "scenarios/campaign/step_pattern.h"
#include "scenarios/campaign/values.h"
#include "scenarios/campaign/view_request.h"
#include "scenarios/cli/flags.h"
#include "scenarios/cli/shell.h"
#include "scenarios/cli/stepper.h"
#include "scenarios/cli/target.h"

namespace wt::cli {
namespace {

using reports::RunRecord;
using scenarios::Request;
using scenarios::Run;
using scenarios::Scenario;
using scenarios::StopPoint;
using scenarios::WallDuration;

struct Options {
  Common common{};
  std::string target;
  std::vector<std::string> set;
  std::string trace;
  std::string plan;
  std::string until;
  std::string stop_at;
  std::string record;
  std::string records;
  std::vector<std::string> show;
  bool step = false;
  bool gdb = false;
  std::string timeout = "60s";
  bool in_process = false;
};

// The run that is meant, and how to say so again.
struct Target {
  std::vector<Scenario> scenarios;  // what the worker knows
  Request request;
  reports::BlockOptions block;
  WallDuration timeout{};
};

absl::Status TakePlan(const Shell& shell, const Options& options, Target* target) {
  WT_ASSIGN_OR_RETURN(PlanFile file, ReadPlan(shell, options.target, options.set));
  target->request.plan = std::move(file.text);
  target->request.scenario = file.plan.scenario;
  target->request.seed = file.plan.seed;
  target->block.target = options.target;
  const auto all = shell.harness.tank.scenarios;
  target->scenarios.assign(all.begin(), all.end());
  return absl::OkStatus();
}

absl::Status TakeRun(const Shell& shell, const Options& options, Target* target) {
  WT_ASSIGN_OR_RETURN(const scenarios::RunId id, scenarios::ParseRunId(options.target));
  const std::vector<std::string> assignments = Assignments(options.set);
  WT_ASSIGN_OR_RETURN(Scenario scenario, Adjusted(shell, id.scenario, assignments));
  target->scenarios.push_back(std::move(scenario));
  target->request.scenario = id.scenario;
  target->request.seed = id.seed;
  target->block.arguments = AsArguments(assignments);
  return absl::OkStatus();
}

absl::StatusOr<StopPoint> StopOf(const Options& options) {
  StopPoint stop;
  if (!options.stop_at.empty()) {
    WT_ASSIGN_OR_RETURN(stop, Parsed("break", options.stop_at, scenarios::ParseBreak));
  }
  if (!options.until.empty()) {
    WT_ASSIGN_OR_RETURN(stop.time, Parsed("until", options.until, scenarios::ParseDuration));
  }
  if (!options.record.empty()) {
    WT_ASSIGN_OR_RETURN(stop.record, Parsed("record", options.record, scenarios::ParseNumber));
  }
  for (const std::string& show : options.show) {
    WT_RETURN_IF_ERROR(Parsed("show", show, scenarios::ParseViewRequest).status());
  }
  if (!stop.set() && !options.show.empty()) {
    return InvalidArgument("--show: at which moment? Say --until, --break or --record");
  }
  if (!stop.set() && options.gdb) {
    return InvalidArgument("--gdb: at which moment? Say --until, --break or --record");
  }
  return stop;
}

absl::StatusOr<Target> Understand(const Shell& shell, const Options& options) {
  Target target;
  target.block.look = shell.terminal.out;
  WT_RETURN_IF_ERROR(IsPlanFile(options.target) ? TakePlan(shell, options, &target)
                                                : TakeRun(shell, options, &target));
  target.request.options.story = true;
  WT_ASSIGN_OR_RETURN(target.request.options.stop, StopOf(options));
  target.request.options.show = options.show;
  if (!options.records.empty()) {
    WT_ASSIGN_OR_RETURN(const scenarios::SeedRange window,
                        Parsed("records", options.records, scenarios::ParseRecordRange));
    target.request.options.trace_from = window.begin;
    target.request.options.trace_to = window.end;
  }
  WT_ASSIGN_OR_RETURN(const Duration timeout,
                      Parsed("timeout", options.timeout, scenarios::ParseDuration));
  target.timeout = std::chrono::ceil<WallDuration>(timeout);
  return target;
}

// What a worker says of a request, a death included. Errors: Aborted when interrupted.
absl::StatusOr<Run> RunIn(scenarios::WorkerProcess& worker, const Target& target) {
  worker.Send(ToLine(target.request));
  const scenarios::Answer answer = worker.Await(target.timeout, &StopSignal());
  if (answer.stopped) return Aborted("interrupted");
  if (answer.line) return scenarios::RunFromLine(*answer.line);
  WT_CHECK(answer.death);
  return Run{.record = RecordOfDeath(target.request.scenario, target.request.seed, *answer.death,
                                     target.timeout)};
}

absl::StatusOr<Run> Execute(const Shell& shell, const Options& options, const Target& target) {
  const scenarios::Tank tank = TankOf(shell, target.scenarios);
  if (options.in_process) {
    return scenarios::RunFromLine(scenarios::Serve(tank, ToLine(target.request)));
  }
  WT_ASSIGN_OR_RETURN(const auto worker, scenarios::WorkerProcess::Fork([&](std::string_view line) {
                        return scenarios::Serve(tank, line);
                      }));
  return RunIn(*worker, target);
}

absl::Status WritePlan(const Shell& shell, const Options& options, const Target& target) {
  if (options.plan.empty()) return absl::OkStatus();
  if (!target.request.plan.empty()) {
    return scenarios::WriteWholeFile(options.plan, target.request.plan);
  }
  Request request = target.request;
  request.what = Request::What::kPlan;
  const scenarios::Tank tank = TankOf(shell, target.scenarios);
  WT_ASSIGN_OR_RETURN(const std::string plan,
                      scenarios::PlanFromLine(scenarios::Serve(tank, ToLine(request))));
  return scenarios::WriteWholeFile(options.plan, plan);
}

std::string Moment(const scenarios::Stopped& stopped) {
  return absl::StrFormat("stopped at %s, record %s\n", reports::Seconds(stopped.at_us),
                         reports::WithThousands(stopped.record));
}

std::string Text(const Run& run, const Target& target) {
  const RunRecord& record = run.record;
  std::string text;
  if (!run.story.empty()) text += reports::StoryText(run.story, target.block.look) + "\n";
  for (const std::string& line : run.trace) text += line + "\n";
  if (!run.trace.empty()) text += "\n";
  if (run.stopped) text += Moment(*run.stopped) + run.stopped->view + "\n";
  if (!record.output.empty()) text += record.output + "\n";
  return text + (record.verdict == reports::Verdict::kPass
                     ? reports::PassLine(record, target.block)
                     : reports::FailureBlock(record, target.block));
}

std::string Lines(const Run& run, const Target& target) {
  const RunRecord& record = run.record;
  std::string text;
  for (const reports::Step& step : run.story) text += reports::StepLine(step) + "\n";
  for (const std::string& line : run.trace) text += reports::TraceLine(line) + "\n";
  if (run.stopped) {
    text += reports::StoppedLine(run.stopped->record, run.stopped->at_us, run.stopped->view) + "\n";
  }
  text += reports::RunLine(record, reports::HostFigures::kInclude) + "\n";
  if (record.verdict == reports::Verdict::kPass) return text;
  const reports::Finding finding{.signature = reports::FolderOf(record),
                                 .example = record,
                                 .runs = 1,
                                 .some = {reports::RunName(record.scenario, record.seed)}};
  return text + reports::FindingLine(finding, ReproduceCommand(record, target.block)) + "\n";
}

// One command a line from stdin; at a terminal with a prompt.
absl::StatusOr<int> StepThrough(const Shell& shell, const Options& options, Target target) {
  const Request asked = target.request;
  WT_ASSIGN_OR_RETURN(Stepper stepper, Stepper::Begin([&](const scenarios::ExecuteOptions& how) {
                        target.request = asked;
                        target.request.options = how;
                        return Execute(shell, options, target);
                      }));
  const bool asks = ::isatty(STDIN_FILENO) == 1;
  if (asks) Print(std::string(Stepper::kHelp));
  std::string line = "list";
  do {
    const absl::StatusOr<std::string> answer = stepper.Do(line);
    if (absl::IsAborted(answer.status())) return Interrupted("the run was not finished");
    Print(answer.ok() ? *answer : MessageOf(answer.status()) + "\n");
    if (asks && !stepper.done()) Print("(tank) ");
  } while (!stepper.done() && std::getline(std::cin, line));
  return reports::kExitPassed;
}

// Starts gdb on this run, which waits for people at the moment that was asked for. Does not return
// when it can.
absl::Status StartDebugger(const Options& options) {
  WT_ASSIGN_OR_RETURN(const scenarios::Command self, WorkerCommand({}));
  std::vector<std::string> words = {"gdb",         "-q",
                                    "-ex",         "set breakpoint pending on",
                                    "-ex",         "break wavetank_stopped_here",
                                    "-ex",         "run",
                                    "-ex",         "up",
                                    "--args",      self.arguments[0],
                                    "repro",       options.target,
                                    "--in-process"};
  for (const auto& [flag, value] :
       {std::pair("--until", options.until), std::pair("--break", options.stop_at),
        std::pair("--record", options.record)}) {
    if (!value.empty()) words.insert(words.end(), {flag, value});
  }
  for (const std::string& set : options.set) words.insert(words.end(), {"--set", set});
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::execvp("gdb", arguments.data());
  return Unavailable("gdb cannot be started: %s (apt-get install gdb)", std::strerror(errno));
}

absl::StatusOr<int> Repro(const Shell& shell, const Options& options) {
  WT_ASSIGN_OR_RETURN(Target target, Understand(shell, options));
  if (options.gdb) return StartDebugger(options);
  InstallStopHandler();
  if (options.step) return StepThrough(shell, options, std::move(target));
  WT_RETURN_IF_ERROR(WritePlan(shell, options, target));
  const absl::StatusOr<Run> run = Execute(shell, options, target);
  if (absl::IsAborted(run.status())) return Interrupted("the run was not finished");
  if (!run.ok()) return run.status();
  if (!options.trace.empty()) {
    const std::string name = reports::RunName(run->record.scenario, run->record.seed);
    WT_RETURN_IF_ERROR(
        scenarios::WriteWholeFile(options.trace, reports::StoryTrace(name, run->story)));
  }
  Print(options.common.json ? Lines(*run, target) : Text(*run, target));
  return reports::ExitCodeOf(run->record.verdict);
}

}  // namespace

Verb AddRepro(CLI::App& program, const Shell& shell) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = program.add_subcommand("repro", "one run again, with its story");
  verb->add_option("run", options->target, "SCENARIO:SEED, or a plan's file")->required();
  AddFlag(*verb, "set", &options->set, "key=value, as of run");
  AddFlag(*verb, "trace", &options->trace, "write the story for ui.perfetto.dev to this file");
  AddFlag(*verb, "plan", &options->plan, "write the plan to this file");
  AddFlag(*verb, "until", &options->until, "stop at this virtual time: 3.08s (inconclusive)");
  AddFlag(*verb, "break", &options->stop_at,
          "stop at the first step that begins so: n2/engine.opening; #N: the Nth");
  AddFlag(*verb, "record", &options->record, "stop when there are so many trace records");
  AddFlag(*verb, "records", &options->records,
          "A..B: what the trace recorded there, one line each: every step, switch and message");
  AddFlag(*verb, "show", &options->show,
          "what was to be seen where it stopped: machines, events, tasks, network, files:n1, "
          "pending:n1, log:n1, bytes:n1:PATH[:OFFSET[:SIZE]]");
  AddFlag(*verb, "step", &options->step, "travel through the run: commands from stdin (help)");
  AddFlag(*verb, "gdb", &options->gdb, "the run in a debugger, up to where it stops");
  AddFlag(*verb, "timeout", &options->timeout, "wall time after which it hangs; default 60s");
  AddFlag(*verb, "in-process", &options->in_process, "run it here, for a debugger");
  AddCommonFlags(*verb, &options->common);
  return {verb, [&shell, options] { return Repro(shell, *options); }};
}

}  // namespace wt::cli
