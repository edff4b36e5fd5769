// The stages of `wavetank gate`: what each does, and what it amounts to.
#ifndef WAVETANK_SCENARIOS_CLI_GATE_STAGES_H_
#define WAVETANK_SCENARIOS_CLI_GATE_STAGES_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "reports/campaign.h"
#include "reports/junit.h"
#include "reports/matrix.h"
#include "scenarios/campaign/runner.h"
#include "scenarios/cli/cli.h"
#include "scenarios/cli/steering.h"

namespace wt::cli {

// How much of everything.
struct GateProfile {
  std::string name;
  std::string about;
  uint64_t seeds = 0;          // fresh ones, of every scenario
  uint32_t verify_one_in = 0;  // of their runs, run twice
  uint64_t goal_rounds = 0;    // as many seeds again, of a scenario that missed a goal
  uint64_t steered_runs = 0;   // at most, at faults and phases that were not seen together
  uint32_t matrix_floor = 0;   // percent of the matrix's possible cells that must be seen
  uint32_t crash_depth = 1;
  scenarios::WallDuration fresh_budget{0};  // wall time; used up: inconclusive
  scenarios::WallDuration goal_budget{0};   // of all that seek goals
  scenarios::WallDuration steer_budget{0};  // of all that seek cells of the matrix
  scenarios::WallDuration crash_budget{0};  // of one enumeration
};
const std::vector<GateProfile>& GateProfiles();

struct StageResult {
  std::string name;
  std::string figures;  // "106 scenarios, 10,600 runs"; the same on every machine
  std::string verdict;  // "passed", "2 failed"
  int exit_code = 0;
  uint64_t wall_us = 0;
  std::string blocks{};              // of what failed, for people
  std::vector<std::string> lines{};  // the same as JSON
  std::vector<std::string> annotations{};
  reports::JUnitSuite suite{};
};

// What the stages share.
struct GateContext {
  const Harness& harness;
  const GateProfile& profile;
  reports::Look look{};
  uint64_t base_seed = 0;
  uint32_t jobs = 1;
  scenarios::WallDuration time_limit{0};  // of the fresh seeds, instead of a number of them
  uint64_t seeds = 0;                     // fresh ones, of every scenario
  scenarios::Command verifier{};
  const std::atomic<int>* stop = nullptr;
  std::function<void(const scenarios::Progress&)> on_progress{};
  std::vector<reports::Promise> promises{};
  reports::MatrixAxes axes{};

  // Too few fresh seeds for the profile's promises: neither goals nor the matrix are judged.
  bool is_short() const { return seeds < profile.seeds; }
  bool is_timed() const { return time_limit.count() > 0; }
  scenarios::CampaignOptions Manner() const;
};

// Every canary must be caught, by what it names. Errors: as RunCampaign.
absl::StatusOr<StageResult> CanaryStage(const GateContext& context);

// Fresh seeds of every scenario, a share of them twice; then more of what missed a goal.
struct FreshResult {
  StageResult fresh;
  StageResult twice;
  StageResult goals;
  reports::Totals totals;
};
// `steering` notes what they see.
absl::StatusOr<FreshResult> FreshStages(const GateContext& context, Steering* steering);

// Sends more seeds where the matrix is empty, and adds what they see to it. Nothing where the
// matrix is not judged.
absl::StatusOr<StageResult> SteerStage(const GateContext& context, const Steering& steering,
                                       reports::MatrixCounts* counts);

// Whether the fresh seeds, and those that were steered, saw as much of invariant x fault x phase as
// the profile demands. Not judged with a limit of time instead of a number of seeds, nor with fewer
// of them.
StageResult MatrixResultOf(const GateContext& context, const reports::MatrixCounts& counts);

// Every crash state of the workloads that are small enough.
absl::StatusOr<StageResult> CrashStage(const GateContext& context);

// 4, 5, 1, 3, 0; an interruption before all.
int WorseExit(int a, int b);

}  // namespace wt::cli

#endif  // WAVETANK_SCENARIOS_CLI_GATE_STAGES_H_
