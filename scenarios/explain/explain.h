// Why a plan fails: what of it is necessary, when each fault may come, at which moment the failure
// became inevitable, and the few steps that lead to it.
//
// Everything here is found by running the plan again with something changed. "The failure" is
// SameFailure throughout. What survives a power cut, and who runs first, is keyed by the seed, so
// that with something left out the coins fall anew: each question is asked with several seeds, and
// answered with a rate.
//
//   necessity   the plan without one fault (operation, chore, knob): in how many of `tries` seeds
//               does it still fail? In none: that part is necessary.
//   window      one fault a little sooner, or later, between its neighbours: as long as one of the
//               seeds fails.
//   likelihood  the same run up to a trace record, and other choices of scheduler, disk and network
//               from there on (Reseed): in how many of them does it still fail? From the record on
//               from which all do, the failure was inevitable.
//
// The result is a function of the plan and the budget of runs; jobs and machine only decide how
// soon it is there. A limit of wall time or an interruption ends it early: what is known stands.
#ifndef WAVETANK_SCENARIOS_EXPLAIN_EXPLAIN_H_
#define WAVETANK_SCENARIOS_EXPLAIN_EXPLAIN_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/units.h"
#include "reports/run_record.h"
#include "scenarios/campaign/plan_pool.h"
#include "scenarios/plan.h"

namespace wt::scenarios {

inline constexpr uint64_t kExplainRuns = 3000;
inline constexpr size_t kChainSteps = 5;

struct ExplainOptions {
  uint64_t runs = kExplainRuns;  // the budget, the first run of the plan included
  PoolOptions pool{};
  std::function<void(uint64_t runs, std::string_view doing)> on_progress{};  // after each question
};

enum class ExplainEnd : uint8_t {
  kNothingToDo,  // the plan does not fail
  kDone,
  kBudget,
  kTime,
  kInterrupted,
};

// How many of so many runs failed in this way.
struct Share {
  uint64_t failed = 0;
  uint64_t runs = 0;

  bool none() const { return failed == 0; }
  bool all() const { return runs > 0 && failed == runs; }
  bool half() const { return runs > 0 && 2 * failed >= runs; }
  bool operator==(const Share&) const = default;
};

enum class PartKind : uint8_t { kFault, kChore, kOperation, kKnob };

enum class Need : uint8_t {
  kNecessary,  // without it, it never fails
  kHelps,      // without it, at most half as often as with it
  kNot,
};

// When a fault may come, such that the plan still fails.
struct Window {
  uint64_t from_us = 0;
  uint64_t to_us = 0;
  bool operator==(const Window&) const = default;
};

// Something that can be left out.
struct Part {
  PartKind kind = PartKind::kFault;
  std::vector<size_t> at;  // in the plan's list; none for a knob, several for faults that are only
                           // necessary together: one of them is enough
  std::string name;        // "lost-fsync #1"
  std::string details;     // "n1 at 1.204s for 100ms, 7 syncs"
  Share without{};
  Need need = Need::kNot;
  std::optional<Window> window{};  // of a necessary fault
};

// One point of the likelihood: everything up to `record` is as it was.
struct LikelihoodPoint {
  uint64_t record = 0;
  Share share{};
  reports::Step step{};  // the latest at that moment; no words before the first
};

struct Explanation {
  Plan plan;                         // what was explained; its calm may be longer than it was
  reports::RunRecord record;         // of it
  std::vector<reports::Step> story;  // with routine
  std::vector<reports::Step> chain;  // at most kChainSteps of the story, with notes
  Share as_it_is{};                  // with the same seeds as every Part::without
  std::vector<Part> parts;           // faults first
  bool operations_left = false;      // there were too many of them to leave out each
  std::vector<LikelihoodPoint> likelihood;  // in order of records
  std::optional<size_t> likely;             // from which point on at least half of the runs fail
  std::optional<size_t> inevitable;         // from which on all do
  uint64_t runs = 0;
  ExplainEnd end = ExplainEnd::kDone;
};

// Small enough to be explained as it is: each part can be left out for itself.
bool IsSmall(const Plan& plan);

// Requires: a budget of at least one run. `tank` is as PlanPool has it.
// Errors: Aborted or DeadlineExceeded before the plan itself has been run; Unavailable when no
// worker can be started.
absl::StatusOr<Explanation> Explain(const Tank& tank, const Plan& plan,
                                    const ExplainOptions& options);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_EXPLAIN_EXPLAIN_H_
