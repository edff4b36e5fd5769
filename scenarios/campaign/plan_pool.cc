#include "scenarios/campaign/plan_pool.h"

#include <poll.h>

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/status.h"

namespace wt::scenarios {
namespace {

using reports::RunRecord;

constexpr size_t kMostAhead = 8;  // plans a worker, beyond the one that is waited for
constexpr WallDuration kTick{50};

Run RunOfAnswer(std::string_view line, std::string_view scenario, uint64_t seed) {
  absl::StatusOr<Run> run = RunFromLine(line);
  if (run.ok()) return *std::move(run);
  Run broken;
  broken.record.scenario = scenario;
  broken.record.seed = seed;
  broken.record.verdict = reports::Verdict::kError;
  broken.record.message = MessageOf(run.status());
  return broken;
}

}  // namespace

PlanPool::PlanPool(const Tank& tank, const PoolOptions& options)
    : tank_(tank), options_(options), slots_(options.jobs) {
  WT_CHECK(options.jobs > 0);
  WT_CHECK(tank.execute_plan && tank.plan_to_json && tank.plan_from_json);
}

absl::Status PlanPool::Interruption() const {
  if (options_.stop != nullptr && *options_.stop != 0) return Aborted("interrupted");
  if (options_.deadline && Clock::now() >= *options_.deadline) {
    return DeadlineExceeded("the time for it is up");
  }
  return absl::OkStatus();
}

absl::Status PlanPool::HandOut(Batch& batch) {
  for (Slot& slot : slots_) {
    const size_t most = std::min(batch.count, batch.taken + kMostAhead * slots_.size());
    if (batch.given >= most) break;
    if (slot.job) continue;
    if (slot.worker == nullptr) {
      WT_ASSIGN_OR_RETURN(slot.worker, WorkerProcess::Fork([this](std::string_view line) {
                            return Serve(tank_, line);
                          }));
    }
    const size_t index = batch.given++;
    const Plan plan = batch.plan_at(index);
    slot.job = Job{index, plan.scenario, plan.seed};
    slot.since = Clock::now();
    slot.worker->Send(ToLine(Request{.scenario = plan.scenario,
                                     .seed = plan.seed,
                                     .plan = tank_.plan_to_json(plan),
                                     .options = batch.options_at(index)}));
  }
  return absl::OkStatus();
}

void PlanPool::Wait() const {
  std::vector<pollfd> waits;
  for (const Slot& slot : slots_) {
    if (slot.job) waits.push_back({slot.worker->socket(), POLLIN, 0});
  }
  ::poll(waits.data(), waits.size(), static_cast<int>(kTick.count()));
}

void PlanPool::Bury(Slot& slot, const Death& death, Batch& batch) {
  WT_CHECK(slot.job);
  batch.done[slot.job->index] =
      Run{.record = RecordOfDeath(slot.job->scenario, slot.job->seed, death, options_.run_timeout)};
  slot.worker.reset();
  slot.job.reset();
}

void PlanPool::Collect(Slot& slot, Batch& batch) {
  if (!slot.job) return;
  std::vector<std::string> lines;
  const bool alive = slot.worker->Receive(&lines);
  if (!lines.empty()) {
    WT_CHECK_EQ(lines.size(), 1u);
    batch.done[slot.job->index] = RunOfAnswer(lines[0], slot.job->scenario, slot.job->seed);
    slot.job.reset();
    if (!alive) slot.worker.reset();
  } else if (!alive) {
    Bury(slot, slot.worker->Bury(), batch);
  }
}

void PlanPool::EndHung(Slot& slot, Batch& batch) {
  if (!slot.job || Clock::now() - slot.since < options_.run_timeout) return;
  Bury(slot, slot.worker->KillHung(), batch);
}

void PlanPool::DropRest() {
  for (Slot& slot : slots_) {
    if (slot.job) slot.worker.reset();
    slot.job.reset();
  }
}

absl::Status PlanPool::InOrder(size_t count, const PlanAt& plan_at, const ExecuteOptions& options,
                               const Take& take) {
  return InOrder(
      count, plan_at, [&options](size_t) { return options; }, take);
}

absl::Status PlanPool::InOrder(size_t count, const PlanAt& plan_at, const OptionsAt& options_at,
                               const Take& take) {
  Batch batch{.count = count, .plan_at = plan_at, .options_at = options_at};
  absl::Status status;
  while (batch.taken < count) {
    status = Interruption();
    if (status.ok()) status = HandOut(batch);
    if (!status.ok()) break;
    Wait();
    for (Slot& slot : slots_) {
      Collect(slot, batch);
      EndHung(slot, batch);
    }
    for (auto next = batch.done.find(batch.taken); next != batch.done.end();
         next = batch.done.find(batch.taken)) {
      const size_t index = batch.taken++;
      Run run = std::move(next->second);
      batch.done.erase(next);
      if (!take(index, std::move(run))) batch.taken = count;
    }
  }
  DropRest();
  return status;
}

absl::StatusOr<std::vector<RunRecord>> PlanPool::RunAll(std::span<const Plan> plans) {
  std::vector<RunRecord> records;
  WT_RETURN_IF_ERROR(InOrder(
      plans.size(), [&](size_t index) { return plans[index]; }, ExecuteOptions{},
      [&](size_t index, Run run) {
        WT_CHECK_EQ(index, records.size());
        records.push_back(std::move(run.record));
        return true;
      }));
  return records;
}

absl::StatusOr<Run> PlanPool::RunOne(const Plan& plan, const ExecuteOptions& options) {
  Run result;
  WT_RETURN_IF_ERROR(InOrder(
      1, [&](size_t) { return plan; }, options,
      [&](size_t, Run run) {
        result = std::move(run);
        return true;
      }));
  return result;
}

absl::StatusOr<std::optional<PlanPool::Found>> PlanPool::FirstThat(size_t count,
                                                                   const PlanAt& plan_at,
                                                                   const Predicate& predicate) {
  std::optional<Found> found;
  WT_RETURN_IF_ERROR(InOrder(count, plan_at, ExecuteOptions{}, [&](size_t index, Run run) {
    if (predicate(run.record)) found = Found{index, std::move(run.record)};
    return !found.has_value();
  }));
  return found;
}

}  // namespace wt::scenarios
