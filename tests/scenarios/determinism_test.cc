// The promise of a seed: whole scenarios, engine and all, give the same digest again. In the same
// process, with other runs before, between and around them, and in other processes with other
// addresses, environment, folder and heap garbage. (Other builds: determinism_builds.cmake.)
#include <gtest/gtest.h>
#include <sys/personality.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "scenarios/execute.h"
#include "sim/simulator.h"

namespace wt::scenarios {
namespace {

struct Sample {
  std::string scenario;
  uint64_t seed = 0;
};

const std::vector<Sample>& Samples() {
  static const std::vector<Sample>* samples = [] {
    auto* all = new std::vector<Sample>;
    for (const Scenario& scenario : Catalog()) {
      if (!scenario.crash) all->push_back({scenario.name, 0x5eed});
    }
    for (uint64_t seed : {1, 2, 3, 4}) all->push_back({"everything", seed});
    return all;
  }();
  return *samples;
}

Run RunOf(const Sample& sample) {
  const Scenario* scenario = FindScenario(sample.scenario);
  WT_CHECK(scenario != nullptr);
  return Execute(*scenario, sample.seed, {});
}

// As wavetank_digest prints it.
std::string LineOf(const Sample& sample) {
  const auto run = RunOf(sample);
  return absl::StrFormat("%s:%d %s %d 0x%016x\n", sample.scenario, sample.seed,
                         reports::NameOf(run.record.verdict), run.record.events, run.record.digest);
}

// Of all samples, computed once, in order.
const std::vector<std::string>& Lines() {
  static const std::vector<std::string>* lines = [] {
    auto* all = new std::vector<std::string>;
    for (const Sample& sample : Samples()) all->push_back(LineOf(sample));
    return all;
  }();
  return *lines;
}

std::string Joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line;
  return text;
}

TEST(DeterminismTest, TheSamplesAreRunsWorthComparing) {
  std::set<uint64_t> digests;
  for (const Sample& sample : Samples()) {
    const auto run = RunOf(sample);
    EXPECT_GT(run.record.events, 200u) << sample.scenario;
    EXPECT_TRUE(digests.insert(run.record.digest).second) << sample.scenario;
  }
}

TEST(DeterminismTest, AgainInTheSameProcessInAnotherOrder) {
  for (size_t i = Samples().size(); i-- > 0;) EXPECT_EQ(LineOf(Samples()[i]), Lines()[i]);
}

TEST(DeterminismTest, WithOtherWorldsBeforeAroundAndInside) {
  sim::Simulator bystander({.seed = 77});
  bystander.AddMachine("n1");
  for (size_t i = 0; i < Samples().size(); i += 3) {
    std::string inside;
    sim::Simulator around({.seed = i});
    const sim::RunEnd end = around.Run([&] {
      around.SleepFor(std::chrono::milliseconds(5));
      inside = LineOf(Samples()[i]);
      around.SleepFor(std::chrono::milliseconds(5));
    });
    EXPECT_EQ(end.kind, sim::RunEnd::Kind::kFinished);
    EXPECT_EQ(inside, Lines()[i]);
  }
}

TEST(DeterminismTest, ALookCloserChangesNothing) {
  for (size_t i = 0; i < Samples().size(); i += 4) {
    const Scenario& scenario = *FindScenario(Samples()[i].scenario);
    const auto plain = RunOf(Samples()[i]);
    const auto watched =
        Execute(scenario, Samples()[i].seed, {.story = true, .trace_from = 0, .trace_to = 100});
    EXPECT_EQ(watched.record.digest, plain.record.digest) << scenario.name;
    EXPECT_EQ(watched.record.message, plain.record.message);
    EXPECT_EQ(watched.trace.size(), 100u);
    EXPECT_TRUE(watched.checkpoints == plain.checkpoints);
  }
}

TEST(DeterminismTest, APlanThatWasKeptRunsAsTheSeedDid) {
  for (size_t i = 0; i < Samples().size(); i += 2) {
    const Scenario& scenario = *FindScenario(Samples()[i].scenario);
    if (scenario.is_story()) continue;
    absl::StatusOr<Plan> plan = PlanFromJson(ToJson(DrawPlan(scenario, Samples()[i].seed)));
    ASSERT_TRUE(plan.ok()) << plan.status();
    EXPECT_EQ(Execute(*plan, {}).record.digest, RunOf(Samples()[i]).record.digest) << scenario.name;
  }
}

// What another process prints of the samples, when `prepare` has run in it just before exec.
std::string PrintedByAnotherProcess(const std::function<void()>& prepare) {
  std::vector<std::string> arguments = {WAVETANK_DIGEST_PROGRAM};
  for (const Sample& sample : Samples()) {
    arguments.push_back(absl::StrFormat("%s:%d", sample.scenario, sample.seed));
  }
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  int pipe_ends[2];
  EXPECT_EQ(::pipe(pipe_ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(pipe_ends[1], STDOUT_FILENO);
    ::close(pipe_ends[0]);
    prepare();
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  ::close(pipe_ends[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t n; (n = ::read(pipe_ends[0], buffer, sizeof(buffer))) > 0;) text.append(buffer, n);
  ::close(pipe_ends[0]);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "status " << status;
  return text;
}

TEST(DeterminismTest, InAnotherProcess) {
  EXPECT_EQ(PrintedByAnotherProcess([] {}), Joined(Lines()));
}

TEST(DeterminismTest, InAProcessWithoutRandomAddresses) {
  EXPECT_EQ(PrintedByAnotherProcess([] { ::personality(ADDR_NO_RANDOMIZE); }), Joined(Lines()));
}

TEST(DeterminismTest, InAProcessWithGarbageOnItsHeapAndAnotherEnvironmentAndFolder) {
  EXPECT_EQ(PrintedByAnotherProcess([] {
              ::setenv("MALLOC_PERTURB_", "165", 1);
              ::setenv("WAVETANK_OF_NO_MEANING", std::string(50'000, 'x').c_str(), 1);
              ::setenv("LC_ALL", "tr_TR.UTF-8", 1);
              ::setenv("TZ", "Pacific/Kiritimati", 1);
              if (::chdir("/") != 0) ::_exit(126);
            }),
            Joined(Lines()));
}

}  // namespace
}  // namespace wt::scenarios
