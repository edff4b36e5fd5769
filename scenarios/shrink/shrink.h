// A smaller plan with the same failure. Operations, faults, chores, machines, knobs, values and
// times are made fewer, plainer and rounder, one after the other, until nothing can be taken away
// any more: what is left is what the failure needs.
//
// The same failure is the same invariant and the same sentence without its particulars
// (reports::Normalised). The kinds of the causal steps, which are the third part of a finding's
// signature, do not count: they are the last things that happened, and with most of what happened
// gone, others are the last.
//
// The result is a function of the plan and the budget of runs; the number of jobs only decides how
// soon it is there. A limit of wall time or an interruption ends it early: the best so far stands.
//
// What survives a power cut is keyed by the seed, too, so that with a cut, or a write before it,
// taken away, the coins fall anew; and with less to be done, all that is left comes sooner. Where
// nothing else helps, a smaller plan is tried with a few other seeds, and with its faults a little
// sooner or later.
#ifndef WAVETANK_SCENARIOS_SHRINK_SHRINK_H_
#define WAVETANK_SCENARIOS_SHRINK_SHRINK_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "reports/run_record.h"
#include "scenarios/campaign/plan_pool.h"
#include "scenarios/campaign/protocol.h"
#include "scenarios/plan.h"

namespace wt::scenarios {

// The same invariant, the same sentence.
bool SameFailure(const reports::RunRecord& a, const reports::RunRecord& b);

// How large a plan is, for people.
struct PlanSize {
  uint64_t machines = 0;
  uint64_t operations = 0;
  uint64_t faults = 0;
  uint64_t chores = 0;
  uint64_t knobs = 0;  // that are not at their plainest
  bool operator==(const PlanSize&) const = default;
};
PlanSize SizeOf(const Plan& plan);

struct ShrinkProgress {
  uint64_t runs = 0;
  PlanSize size;  // of the smallest so far
};

inline constexpr uint64_t kShrinkRuns = 3000;  // enough for most; the rest is nearly all there

struct ShrinkOptions {
  uint64_t runs = kShrinkRuns;  // the budget, the first run of the plan included
  PoolOptions pool{};
  std::function<void(const ShrinkProgress&)> on_progress{};  // after each run
};

enum class ShrinkEnd : uint8_t {
  kNothingToDo,  // the plan does not fail
  kMinimal,      // nothing more could be taken away
  kBudget,
  kTime,
  kInterrupted,
};

struct Shrunk {
  Plan plan;                  // the smallest that fails in the same way
  reports::RunRecord record;  // of it
  PlanSize size;
  reports::RunRecord first_record;  // of the plan that was given
  PlanSize first_size;
  uint64_t runs = 0;
  ShrinkEnd end = ShrinkEnd::kMinimal;
};

// The smallest plan, with a comment that says what it shows and where it comes from.
Plan Explained(const Shrunk& shrunk, uint64_t seed_before);

// "1,204 runs: 12 operations, 3 faults, 1 machine", while it goes on.
std::string ShrinkText(const ShrinkProgress& progress);

// Requires: a budget of at least one run. `tank` is as PlanPool has it.
// Errors: Aborted or DeadlineExceeded before the plan itself has been run; Unavailable when no
// worker can be started.
absl::StatusOr<Shrunk> Shrink(const Tank& tank, const Plan& plan, const ShrinkOptions& options);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_SHRINK_SHRINK_H_
