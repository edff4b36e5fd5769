// Which runnable task goes next: the three scheduling policies.
#ifndef WAVETANK_SIM_CORE_CHOOSER_H_
#define WAVETANK_SIM_CORE_CHOOSER_H_

#include <cstdint>
#include <vector>

#include "sim/core/sim_task.h"
#include "sim/simulator.h"

namespace wt::sim {

class Chooser {
 public:
  explicit Chooser(const SimulatorOptions& options);

  // Index into `ready` of the task to run at decision `step`, or ready.size() to stay with
  // `current`, which is null when it cannot go on. Requires: there is a choice.
  size_t Choose(const std::vector<SimTask*>& ready, SimTask* current, uint64_t step);

  // Other choices from decision `step` on. Priorities that tasks have already stay.
  void Reseed(uint64_t seed, uint64_t step);

  void OnSpawn(SimTask& task);
  // The task says that it has nothing urgent to do.
  void OnYield(SimTask& task);

 private:
  size_t ChooseAtRandom(size_t ready, bool may_stay, uint64_t step) const;
  size_t ChooseByPriority(const std::vector<SimTask*>& ready, SimTask* current, uint64_t step);
  static size_t ChooseOldest(const std::vector<SimTask*>& ready);

  void DrawChangePoints();

  uint64_t seed_;
  const SchedulePolicy policy_;
  const uint32_t stay_ppm_;
  const uint64_t pct_depth_;
  const uint64_t pct_steps_;
  std::vector<uint64_t> change_points_;  // ascending steps, still to come; the last is the next
  int64_t next_low_priority_ = 0;
};

}  // namespace wt::sim

#endif  // WAVETANK_SIM_CORE_CHOOSER_H_
