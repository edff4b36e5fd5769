#include "scenarios/campaign/verify.h"

#include <algorithm>
#include <limits>
#include <memory>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "reports/text.h"
#include "scenarios/campaign/protocol.h"

namespace wt::scenarios {
namespace {

constexpr size_t kContext = 5;
constexpr int kTraceAttempts = 3;
constexpr int kCannotStart = 127;
constexpr uint64_t kToTheEnd = std::numeric_limits<uint64_t>::max();

using Worker = std::unique_ptr<WorkerProcess>;

absl::StatusOr<Worker> Begin(const Command& command, const RunId& id,
                             const ExecuteOptions& options, int times) {
  WT_ASSIGN_OR_RETURN(Worker worker, WorkerProcess::Start(command));
  for (int i = 0; i < times; ++i) {
    worker->Send(ToLine({.scenario = id.scenario, .seed = id.seed, .options = options}));
  }
  return worker;
}

// A death is a run with the verdict of a death: both sides may die in the same way.
absl::StatusOr<Run> Finish(WorkerProcess& worker, const RunId& id, const VerifyOptions& options) {
  const Answer answer = worker.Await(options.run_timeout, options.stop);
  if (answer.stopped) return Aborted("interrupted");
  if (answer.line) return RunFromLine(*answer.line);
  WT_CHECK(answer.death);
  if (answer.death->signal == 0 && answer.death->exit_code == kCannotStart) {
    return Unavailable("cannot start a process: %s", answer.death->output);
  }
  return Run{.record = RecordOfDeath(id.scenario, id.seed, *answer.death, options.run_timeout)};
}

std::string OutcomeOf(const reports::RunRecord& record) {
  if (!record.invariant.empty()) return record.invariant;
  return std::string(reports::NameOf(record.verdict));
}

bool SameRun(const Verification& result, int a, int b) {
  return result.digests[a] == result.digests[b] && result.outcomes[a] == result.outcomes[b];
}

struct Trio {
  Run runs[3];
};

absl::StatusOr<Trio> RunThree(const RunId& id, const ExecuteOptions& execute,
                              const VerifyOptions& options) {
  WT_ASSIGN_OR_RETURN(Worker first, Begin(options.processes[0], id, execute, 1));
  WT_ASSIGN_OR_RETURN(Worker second, Begin(options.processes[1], id, execute, 2));
  Trio trio;
  WT_ASSIGN_OR_RETURN(trio.runs[0], Finish(*first, id, options));
  WT_ASSIGN_OR_RETURN(trio.runs[1], Finish(*second, id, options));
  if (trio.runs[1].record.digest == 0 && trio.runs[1].record.invariant.starts_with("no-")) {
    trio.runs[2] = trio.runs[1];  // it died; there is no second time
    return trio;
  }
  WT_ASSIGN_OR_RETURN(trio.runs[2], Finish(*second, id, options));
  return trio;
}

// Two runs that once differed, run again with the window of their difference traced. What differs
// between processes differs again as a rule, though not always in the same place.
absl::StatusOr<Divergence> Bisect(const RunId& id, Window window, int other,
                                  const VerifyOptions& options) {
  Divergence divergence;
  for (int attempt = 0; attempt < kTraceAttempts; ++attempt) {
    const ExecuteOptions traced{.checkpoints = true,
                                .trace_from = window.from,
                                .trace_to = window.to};
    WT_ASSIGN_OR_RETURN(const Trio trio, RunThree(id, traced, options));
    divergence = CompareTraces(trio.runs[0].trace, trio.runs[other].trace, window.from);
    if (divergence.record && *divergence.record > window.from) return divergence;
    const std::optional<Window> now =
        FirstDifference(trio.runs[0].checkpoints, trio.runs[other].checkpoints);
    if (divergence.record && (!now || now->from >= window.from)) return divergence;
    if (now) window = *now;  // they parted elsewhere this time
  }
  return divergence;
}

std::vector<std::string> Slice(const std::vector<std::string>& lines, size_t from, size_t to) {
  return {lines.begin() + std::min(from, lines.size()), lines.begin() + std::min(to, lines.size())};
}

}  // namespace

std::optional<Window> FirstDifference(const std::vector<Checkpoint>& a,
                                      const std::vector<Checkpoint>& b) {
  size_t same = 0;
  while (same < a.size() && same < b.size() && a[same] == b[same]) ++same;
  if (same == a.size() && same == b.size()) return std::nullopt;
  Window window{.from = same == 0 ? 0 : a[same - 1].record, .to = kToTheEnd};
  if (same < a.size()) window.to = a[same].record;
  if (same < b.size()) window.to = std::min(window.to, b[same].record);
  // Both have a checkpoint after as many records: the difference lies before it. Otherwise one run
  // ended there and the other went on.
  const bool comparable = same < a.size() && same < b.size() && a[same].record == b[same].record;
  if (!comparable) window.to = kToTheEnd;
  return window;
}

Divergence CompareTraces(const std::vector<std::string>& a, const std::vector<std::string>& b,
                         uint64_t from) {
  size_t same = 0;
  while (same < a.size() && same < b.size() && a[same] == b[same]) ++same;
  Divergence divergence;
  if (same == a.size() && same == b.size()) return divergence;
  divergence.record = from + same;
  divergence.before = Slice(a, same < kContext ? 0 : same - kContext, same);
  divergence.sides[0] = Slice(a, same, same + kContext);
  divergence.sides[1] = Slice(b, same, same + kContext);
  return divergence;
}

Command MadeDifferent(Command command) {
  command.environment.push_back("MALLOC_PERTURB_=165");
  command.environment.push_back("WAVETANK_PADDING=" + std::string(5'000, 'x'));
  command.directory = "/";
  return command;
}

absl::StatusOr<Verification> Verify(const RunId& id, const VerifyOptions& options) {
  WT_ASSIGN_OR_RETURN(const Trio trio, RunThree(id, {.checkpoints = true}, options));
  Verification result{.record = trio.runs[0].record};
  for (int i = 0; i < 3; ++i) {
    result.digests[i] = trio.runs[i].record.digest;
    result.outcomes[i] = OutcomeOf(trio.runs[i].record);
  }
  result.same = SameRun(result, 0, 1) && SameRun(result, 1, 2);
  if (result.same) return result;
  const int other = SameRun(result, 0, 1) ? 2 : 1;
  const std::optional<Window> window =
      FirstDifference(trio.runs[0].checkpoints, trio.runs[other].checkpoints);
  WT_ASSIGN_OR_RETURN(result.divergence,
                      Bisect(id, window.value_or(Window{0, kToTheEnd}), other, options));
  return result;
}

std::string DivergenceText(const Divergence& divergence) {
  if (!divergence.record) {
    return "  traced again, both took the same course: the difference does not always show\n";
  }
  std::string text = absl::StrFormat("  first difference at trace record %s\n",
                                     reports::WithThousands(*divergence.record));
  for (const std::string& line : divergence.before) text += "      " + line + "\n";
  for (int side = 0; side < 2; ++side) {
    const std::string_view mark = side == 0 ? "    a " : "    b ";
    if (divergence.sides[side].empty()) text += std::string(mark) + "(the run ended)\n";
    for (const std::string& line : divergence.sides[side]) text += std::string(mark) + line + "\n";
  }
  return text;
}

}  // namespace wt::scenarios
