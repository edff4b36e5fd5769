// Chance, in the simulator: each number is a function of what it is for.
#ifndef WAVETANK_SIM_CORE_SIM_RANDOM_H_
#define WAVETANK_SIM_CORE_SIM_RANDOM_H_

#include <cstdint>
#include <map>
#include <string_view>

#include "engine/env/random.h"
#include "sim/core/scheduler.h"

namespace wt::sim {

class SimRandom final : public Random {
 public:
  SimRandom(Scheduler& scheduler, uint32_t machine_id, uint64_t incarnation)
      : scheduler_(scheduler), machine_id_(machine_id), incarnation_(incarnation) {}

  uint64_t Next(std::string_view stream) override;
  bool Rarely(std::string_view site) override;

 private:
  Scheduler& scheduler_;
  const uint32_t machine_id_;
  const uint64_t incarnation_;
  std::map<uint64_t, uint64_t> next_ordinal_;  // by key of the stream or site
};

}  // namespace wt::sim

#endif  // WAVETANK_SIM_CORE_SIM_RANDOM_H_
