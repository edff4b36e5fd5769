// Plans, run by worker processes, several at once. Whatever the number of workers, what is handed
// back is the same and comes in the order of the plans: a plan that kills or hangs its worker
// becomes a record of that, and the pool goes on with a new worker.
//
//   PlanPool pool(tank, {.jobs = 2, .stop = &StopSignal()});
//   WT_ASSIGN_OR_RETURN(std::vector<RunRecord> records, pool.RunAll(plans));
//   WT_ASSIGN_OR_RETURN(auto found, pool.FirstThat(n, [&](size_t i) { return Without(plan, i); },
//                                                  Fails));
#ifndef WAVETANK_SCENARIOS_CAMPAIGN_PLAN_POOL_H_
#define WAVETANK_SCENARIOS_CAMPAIGN_PLAN_POOL_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "reports/run_record.h"
#include "scenarios/campaign/protocol.h"
#include "scenarios/campaign/worker.h"

namespace wt::scenarios {

struct PoolOptions {
  uint32_t jobs = 1;
  WallDuration run_timeout{60'000};
  const std::atomic<int>* stop = nullptr;                              // nonzero: interrupted
  std::optional<std::chrono::steady_clock::time_point> deadline = {};  // no answers after that
};

// Errors of every function: Aborted when stopped, DeadlineExceeded when the deadline has come,
// Unavailable when no worker can be started. A worker that finds something wrong with a plan makes
// it a record of Verdict::kError.
class PlanPool {
 public:
  // Plan number `index`. A pure function: it is called once for each that is run, ahead of need.
  using PlanAt = std::function<Plan(size_t index)>;
  // False: no more are wanted.
  using Take = std::function<bool(size_t index, Run run)>;
  using Predicate = std::function<bool(const reports::RunRecord&)>;

  struct Found {
    size_t index = 0;
    reports::RunRecord record;
  };

  // `tank` outlives the pool. Requires: it has execute_plan, plan_to_json and plan_from_json.
  PlanPool(const Tank& tank, const PoolOptions& options);
  PlanPool(const PlanPool&) = delete;
  PlanPool& operator=(const PlanPool&) = delete;

  // How plan number `index` is run; as PlanAt.
  using OptionsAt = std::function<ExecuteOptions(size_t index)>;

  // Runs plans 0, 1, ... `count` - 1, and hands each over in that order.
  absl::Status InOrder(size_t count, const PlanAt& plan_at, const OptionsAt& options_at,
                       const Take& take);
  absl::Status InOrder(size_t count, const PlanAt& plan_at, const ExecuteOptions& options,
                       const Take& take);

  absl::StatusOr<std::vector<reports::RunRecord>> RunAll(std::span<const Plan> plans);
  absl::StatusOr<Run> RunOne(const Plan& plan, const ExecuteOptions& options);

  // The first in order whose record is as wanted, whichever ends first. `predicate` sees the
  // records in order, up to that one.
  absl::StatusOr<std::optional<Found>> FirstThat(size_t count, const PlanAt& plan_at,
                                                 const Predicate& predicate);

 private:
  using Clock = std::chrono::steady_clock;

  // What a worker has in hand, enough to say whose death it was.
  struct Job {
    size_t index = 0;
    std::string scenario;
    uint64_t seed = 0;
  };
  struct Slot {
    std::unique_ptr<WorkerProcess> worker;
    std::optional<Job> job;
    Clock::time_point since;
  };
  // Of one call of InOrder.
  struct Batch {
    size_t count = 0;
    const PlanAt& plan_at;
    const OptionsAt& options_at;
    size_t given = 0;            // the next plan to be started
    size_t taken = 0;            // the next to be handed over
    std::map<size_t, Run> done;  // ran ahead of `taken`
  };

  absl::Status Interruption() const;
  absl::Status HandOut(Batch& batch);
  void Wait() const;
  void Collect(Slot& slot, Batch& batch);
  void EndHung(Slot& slot, Batch& batch);
  void Bury(Slot& slot, const Death& death, Batch& batch);
  // Workers that still run what nobody wants are ended: some of it may hang.
  void DropRest();

  const Tank& tank_;
  const PoolOptions options_;
  std::vector<Slot> slots_;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CAMPAIGN_PLAN_POOL_H_
