// A fault that lasts, while it does.
#ifndef WAVETANK_FAULTS_WINDOW_H_
#define WAVETANK_FAULTS_WINDOW_H_

#include <cstdint>
#include <map>

#include "faults/fault.h"

namespace wt::faults {

struct Window {
  Fault fault;  // of Target::kMachine: whom it fell on is decided
  sim::SimTime until{};
  uint64_t capacity = 0;    // kFullDisk: used bytes when it opened, and the amount
  bool is_resting = false;  // kFlappingPartition: healed until the next half period
};

// Those that are open, in the order in which they were opened.
using Windows = std::map<uint64_t, Window>;

// The amount as a chance: more than a million in a million is certainty.
inline uint32_t PpmOf(const Fault& fault) {
  return static_cast<uint32_t>(fault.amount < 1'000'000 ? fault.amount : 1'000'000);
}

// The signed amount of a clock fault, at most `most` either way: an odd salt turns it round.
inline int64_t SignedOf(const Fault& fault, uint64_t most) {
  const auto amount = static_cast<int64_t>(fault.amount < most ? fault.amount : most);
  return fault.salt % 2 == 1 ? -amount : amount;
}

}  // namespace wt::faults

#endif  // WAVETANK_FAULTS_WINDOW_H_
