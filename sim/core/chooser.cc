#include "sim/core/chooser.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/random.h"

namespace wt::sim {
namespace {

constexpr uint64_t kStepKey = KeyOf("schedule.step");
constexpr uint64_t kPriorityKey = KeyOf("schedule.priority");
constexpr uint64_t kChangePointKey = KeyOf("schedule.change_point");

// Initial priorities lie above every priority that a task can be lowered to.
constexpr uint64_t kPriorities = uint64_t{1} << 62;

}  // namespace

Chooser::Chooser(const SimulatorOptions& options)
    : seed_(options.seed),
      policy_(options.policy),
      stay_ppm_(options.stay_ppm),
      pct_depth_(options.pct_depth),
      pct_steps_(options.pct_steps) {
  DrawChangePoints();
}

void Chooser::DrawChangePoints() {
  change_points_.clear();
  if (policy_ != SchedulePolicy::kPct) return;
  WT_CHECK(pct_depth_ > 0 && pct_steps_ > 0);
  for (uint64_t i = 1; i < pct_depth_; ++i) {
    change_points_.push_back(Draw(seed_, {kChangePointKey, i}).Between(1, pct_steps_));
  }
  std::sort(change_points_.begin(), change_points_.end(), std::greater<>());
}

void Chooser::Reseed(uint64_t seed, uint64_t step) {
  seed_ = seed;
  DrawChangePoints();
  while (!change_points_.empty() && change_points_.back() <= step) change_points_.pop_back();
}

size_t Chooser::Choose(const std::vector<SimTask*>& ready, SimTask* current, uint64_t step) {
  WT_CHECK(!ready.empty());
  switch (policy_) {
    case SchedulePolicy::kRandomWalk:
      return ChooseAtRandom(ready.size(), current != nullptr, step);
    case SchedulePolicy::kPct:
      return ChooseByPriority(ready, current, step);
    case SchedulePolicy::kRoundRobin:
      return ChooseOldest(ready);
  }
  WT_CHECK(false);
}

size_t Chooser::ChooseAtRandom(size_t ready, bool may_stay, uint64_t step) const {
  if (ready == 1 && !may_stay) return 0;
  Draw draw(seed_, {kStepKey, step});
  if (may_stay && stay_ppm_ > 0 && draw.Chance(stay_ppm_)) return ready;
  return draw.Below(ready + (may_stay ? 1 : 0));
}

// Burckhardt et al., ASPLOS 2010: the task of the highest priority runs; at d - 1 random steps the
// running one falls below all others. So does one that yields, or it would spin for ever.
size_t Chooser::ChooseByPriority(const std::vector<SimTask*>& ready, SimTask* current,
                                 uint64_t step) {
  while (!change_points_.empty() && change_points_.back() <= step) {
    change_points_.pop_back();
    if (current != nullptr) OnYield(*current);
  }
  size_t best = ready.size();
  const SimTask* best_task = current;
  for (size_t i = 0; i < ready.size(); ++i) {
    const SimTask* task = ready[i];
    if (best_task == nullptr || task->priority > best_task->priority ||
        (task->priority == best_task->priority && task->id < best_task->id)) {
      best = i;
      best_task = task;
    }
  }
  return best;
}

size_t Chooser::ChooseOldest(const std::vector<SimTask*>& ready) {
  const auto oldest = std::min_element(
      ready.begin(), ready.end(),
      [](const SimTask* a, const SimTask* b) { return a->ready_since < b->ready_since; });
  return static_cast<size_t>(oldest - ready.begin());
}

void Chooser::OnSpawn(SimTask& task) {
  if (policy_ != SchedulePolicy::kPct) return;
  task.priority = static_cast<int64_t>(Draw(seed_, {kPriorityKey, task.id}).Below(kPriorities)) + 1;
}

void Chooser::OnYield(SimTask& task) {
  if (policy_ == SchedulePolicy::kPct) task.priority = --next_low_priority_;
}

}  // namespace wt::sim
