// `wavetank crash`: every crash point times every state that a crash may leave there.
#include <poll.h>
#include <sys/mman.h>

#include <atomic>
#include <memory>

#include <nlohmann/json.hpp>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "engine/base/check.h"
#include "engine/base/status.h"
#include "reports/exit_code.h"
#include "reports/failure_block.h"
#include "scenarios/campaign/values.h"
#include "scenarios/cli/flags.h"
#include "scenarios/cli/shell.h"

namespace wt::cli {
namespace {

using Json = nlohmann::ordered_json;
using reports::WithThousands;
using scenarios::CrashFailure;
using scenarios::CrashOptions;
using scenarios::CrashResult;
using scenarios::Scenario;

constexpr size_t kMostShown = 10;
constexpr int kTickMs = 50;

struct Options {
  Common common{};
  std::string scenario;
  std::vector<std::string> set;
  std::string seed;
  std::string depth;
  std::string max_states;
};

// How far the enumerating process has come: memory that it shares with this one.
struct Counters {
  std::atomic<uint64_t> points;
  std::atomic<uint64_t> states;
  std::atomic<uint64_t> distinct;
};

class SharedCounters {
 public:
  SharedCounters()
      : memory_(::mmap(nullptr, sizeof(Counters), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
    WT_CHECK(memory_ != MAP_FAILED);
    new (memory_) Counters{};
  }
  ~SharedCounters() { ::munmap(memory_, sizeof(Counters)); }
  SharedCounters(const SharedCounters&) = delete;
  SharedCounters& operator=(const SharedCounters&) = delete;

  Counters& operator*() const { return *static_cast<Counters*>(memory_); }

 private:
  void* memory_;
};

std::string ToLine(const CrashResult& result) {
  Json failures = Json::array();
  for (const CrashFailure& failure : result.failures) {
    failures.push_back(Json::array({failure.invariant, failure.message, failure.state}));
  }
  return Json{{"points", result.points},     {"states", result.states},
              {"distinct", result.distinct}, {"digest", result.digest},
              {"complete", result.complete}, {"failures", std::move(failures)}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Of what ToLine wrote, in a child of this very program.
CrashResult ResultFrom(const std::string& line) {
  const Json json = Json::parse(line);
  CrashResult result{.points = json.at("points").get<uint64_t>(),
                     .states = json.at("states").get<uint64_t>(),
                     .distinct = json.at("distinct").get<uint64_t>(),
                     .digest = json.at("digest").get<uint64_t>(),
                     .complete = json.at("complete").get<bool>()};
  for (const Json& failure : json.at("failures")) {
    result.failures.push_back({failure.at(0).get<std::string>(), failure.at(1).get<std::string>(),
                               failure.at(2).get<std::string>()});
  }
  return result;
}

std::string CountsText(uint64_t points, uint64_t states, uint64_t distinct) {
  return absl::StrFormat("%s points, %s states, %s distinct", WithThousands(points),
                         WithThousands(states), WithThousands(distinct));
}

class Enumeration {
 public:
  Enumeration(const Shell& shell, const Options& options, Scenario scenario, CrashOptions how)
      : shell_(shell), options_(options), scenario_(std::move(scenario)), how_(std::move(how)) {}

  absl::StatusOr<int> Run();

 private:
  scenarios::Answer Await(scenarios::WorkerProcess& worker) const;
  int Finish(const CrashResult& result) const;
  int Died(const scenarios::Death& death) const;
  int Stopped() const;
  std::string Command() const;
  std::string FailureText(const CrashFailure& failure) const;
  std::string FailureLine(const CrashFailure& failure) const;
  std::string EndText(const CrashResult& result) const;
  std::string EndLine(const CrashResult& result) const;

  const Shell& shell_;
  const Options& options_;
  const Scenario scenario_;
  CrashOptions how_;
  SharedCounters counters_;
};

std::string Enumeration::Command() const {
  return absl::StrFormat("wavetank crash %s --seed %s --depth %d%s", scenario_.name,
                         reports::Hex(how_.seed), how_.depth,
                         AsArguments(Assignments(options_.set)));
}

std::string Enumeration::FailureText(const CrashFailure& failure) const {
  const reports::Look look = shell_.terminal.out;
  return absl::StrFormat("%s  %s  %s:%s  %s\n  %s\n  reproduce  %s\n\n",
                         reports::Paint(look, reports::Ink::kRed, "FAIL"),
                         reports::Paint(look, reports::Ink::kBold, failure.invariant),
                         scenario_.name, reports::Hex(how_.seed), failure.state, failure.message,
                         Command());
}

std::string Enumeration::FailureLine(const CrashFailure& failure) const {
  return Json{{"kind", "finding"},          {"verdict", "fail"},
              {"invariant", failure.invariant}, {"message", failure.message},
              {"scenario", scenario_.name}, {"seed", reports::Hex(how_.seed)},
              {"state", failure.state},     {"reproduce", Command()}}
             .dump(-1, ' ', false, Json::error_handler_t::replace) +
         "\n";
}

std::string Enumeration::EndText(const CrashResult& result) const {
  std::string text = CountsText(result.points, result.states, result.distinct);
  if (!result.failures.empty()) {
    text += absl::StrFormat(", %s failed", WithThousands(result.failures.size()));
  } else {
    text += result.complete ? ", all recovered" : ", all recovered so far";
  }
  if (!result.complete) text += "; stopped at --max-states";
  return text + "\n";
}

std::string Enumeration::EndLine(const CrashResult& result) const {
  return Json{{"kind", "end"},
              {"scenario", scenario_.name},
              {"seed", reports::Hex(how_.seed)},
              {"depth", how_.depth},
              {"points", result.points},
              {"states", result.states},
              {"distinct", result.distinct},
              {"failed", result.failures.size()},
              {"complete", result.complete},
              {"digest", reports::HexDigest(result.digest)}}
             .dump() +
         "\n";
}

int Enumeration::Finish(const CrashResult& result) const {
  const bool json = options_.common.json;
  size_t shown = 0;
  for (const CrashFailure& failure : result.failures) {
    if (json) Print(FailureLine(failure));
    else if (shown < kMostShown) Print(FailureText(failure));
    ++shown;
  }
  if (!json && shown > kMostShown) {
    Print(absl::StrFormat("... and %s more (--json prints all)\n\n",
                          WithThousands(shown - kMostShown)));
  }
  Print(json ? EndLine(result) : EndText(result));
  if (!result.failures.empty()) return reports::kExitFinding;
  return result.complete && result.states > 0 ? reports::kExitPassed : reports::kExitInconclusive;
}

// The engine took the whole process with it: a finding, though of a state that is not known.
int Enumeration::Died(const scenarios::Death& death) const {
  const reports::RunRecord record =
      RecordOfDeath(scenario_.name, how_.seed, death, scenarios::WallDuration(0));
  if (options_.common.json) {
    const Counters& counters = *counters_;
    Print(FailureLine({record.invariant, record.message, "unknown: the process died"}));
    Print(EndLine({.points = counters.points,
                   .states = counters.states,
                   .distinct = counters.distinct,
                   .complete = false,
                   .failures = {{record.invariant, record.message, ""}}}));
  } else {
    Print(record.output + "\n" +
          reports::FailureBlock(record, {.look = shell_.terminal.out, .command = Command()}));
  }
  return reports::kExitFinding;
}

int Enumeration::Stopped() const {
  const Counters& counters = *counters_;
  const CrashResult so_far{.points = counters.points,
                           .states = counters.states,
                           .distinct = counters.distinct,
                           .complete = false};
  if (options_.common.json) Print(EndLine(so_far));
  return Interrupted("after " + CountsText(so_far.points, so_far.states, so_far.distinct));
}

scenarios::Answer Enumeration::Await(scenarios::WorkerProcess& worker) const {
  ProgressLine progress(shell_.terminal);
  std::vector<std::string> lines;
  while (true) {
    if (StopSignal() != 0) return {.stopped = true};
    pollfd wait{worker.socket(), POLLIN, 0};
    ::poll(&wait, 1, kTickMs);
    const bool alive = worker.Receive(&lines);
    if (!lines.empty() || !alive) progress.Clear();
    if (!lines.empty()) return {.line = lines.front()};
    if (!alive) return {.death = worker.Bury()};
    const Counters& counters = *counters_;
    progress.ShowText(
        [&] { return CountsText(counters.points, counters.states, counters.distinct); });
  }
}

absl::StatusOr<int> Enumeration::Run() {
  how_.progress = [this](uint64_t points, uint64_t states, uint64_t distinct) {
    Counters& counters = *counters_;
    counters.points = points;
    counters.states = states;
    counters.distinct = distinct;
  };
  WT_ASSIGN_OR_RETURN(const auto worker,
                      scenarios::WorkerProcess::Fork([this](std::string_view) {
                        return ToLine(shell_.harness.enumerate_crashes(scenario_, how_));
                      }));
  worker->Send("go");
  const scenarios::Answer answer = Await(*worker);
  if (answer.stopped) return Stopped();
  if (answer.death) return Died(*answer.death);
  return Finish(ResultFrom(*answer.line));
}

absl::StatusOr<int> Crash(const Shell& shell, const Options& options) {
  WT_ASSIGN_OR_RETURN(Scenario scenario,
                      Adjusted(shell, options.scenario, Assignments(options.set)));
  if (!scenario.crash) {
    std::vector<std::string> takes;
    for (const Scenario& other : shell.harness.tank.scenarios) {
      if (other.crash) takes.push_back(other.name);
    }
    return InvalidArgument("%s is not for crash enumeration; these are: %s", scenario.name,
                           absl::StrJoin(takes, ", "));
  }
  CrashOptions how;
  if (!options.seed.empty()) {
    WT_ASSIGN_OR_RETURN(how.seed, Parsed("seed", options.seed, scenarios::ParseSeed));
  }
  if (!options.depth.empty()) {
    WT_ASSIGN_OR_RETURN(const uint64_t depth,
                        Parsed("depth", options.depth, scenarios::ParseNumber));
    if (depth == 0 || depth > 8) return InvalidArgument("--depth: 1 to 8");
    how.depth = static_cast<uint32_t>(depth);
  }
  if (!options.max_states.empty()) {
    WT_ASSIGN_OR_RETURN(how.max_states,
                        Parsed("max-states", options.max_states, scenarios::ParseNumber));
    if (how.max_states == 0) return InvalidArgument("--max-states: at least 1");
  }
  InstallStopHandler();
  return Enumeration(shell, options, std::move(scenario), std::move(how)).Run();
}

}  // namespace

Verb AddCrash(CLI::App& program, const Shell& shell) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = program.add_subcommand("crash", "every crash point x every crash state");
  verb->add_option("scenario", options->scenario, "its name")->required();
  AddFlag(*verb, "set", &options->set, "key=value, as of run");
  AddFlag(*verb, "seed", &options->seed, "of the workload; default 1");
  AddFlag(*verb, "depth", &options->depth, "1: no crash during recovery, 2: one (the default)");
  AddFlag(*verb, "max-states", &options->max_states, "give up, inconclusive, after so many");
  AddCommonFlags(*verb, &options->common);
  return {verb, [&shell, options] { return Crash(shell, *options); }};
}

}  // namespace wt::cli
