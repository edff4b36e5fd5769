// The configurations that a search has been in: an open addressing table.
//
// A configuration is the set of completed operations that are placed, the model's state, and the
// set of open operations that were used. Of two that differ in the last alone, the one that used
// fewer can do whatever the other can (open operations are optional), so the other need not be
// entered: the table answers "seen" for it too.
#ifndef WAVETANK_SCENARIOS_LINEARIZABILITY_CONFIGURATIONS_H_
#define WAVETANK_SCENARIOS_LINEARIZABILITY_CONFIGURATIONS_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/random.h"

namespace wt::lin {

// 128 bits that stand for a set: the set itself, or a fingerprint of it.
struct SetPrint {
  uint64_t low = 0;
  uint64_t high = 0;
  bool operator==(const SetPrint&) const = default;
  SetPrint operator^(const SetPrint& other) const { return {low ^ other.low, high ^ other.high}; }
};

struct Configuration {
  SetPrint placed{};
  uint64_t state = 0;
  uint64_t used = 0;
};

class Configurations {
 public:
  // False when it, or one that used a subset of what it used, was inserted before.
  // Requires: something is placed or used.
  bool Insert(const Configuration& configuration) {
    if (2 * (count_ + 1) > slots_.size()) Grow();
    for (size_t at = FirstSlot(configuration);; at = (at + 1) & (slots_.size() - 1)) {
      Configuration& slot = slots_[at];
      if (IsFree(slot)) {
        slot = configuration;
        ++count_;
        return true;
      }
      if (slot.placed != configuration.placed || slot.state != configuration.state) continue;
      if ((slot.used & ~configuration.used) != 0) continue;
      ever_found_ = true;
      return false;
    }
  }

  // While this is false, no verdict depends on what the table said.
  bool ever_found() const { return ever_found_; }
  size_t size() const { return count_; }

 private:
  static constexpr size_t kFirstSize = 64;

  static bool IsFree(const Configuration& slot) {
    return slot.placed == SetPrint{} && slot.used == 0;
  }

  // The used ones take no part: subsets must be found.
  size_t FirstSlot(const Configuration& configuration) const {
    const SetPrint& placed = configuration.placed;
    const uint64_t mixed =
        Mix64(placed.low ^ std::rotl(placed.high, 29) ^ configuration.state * 0x9e3779b97f4a7c15);
    return mixed & (slots_.size() - 1);
  }

  void Grow() {
    std::vector<Configuration> old(slots_.empty() ? kFirstSize : 2 * slots_.size());
    old.swap(slots_);
    for (const Configuration& configuration : old) {
      if (IsFree(configuration)) continue;
      size_t at = FirstSlot(configuration);
      while (!IsFree(slots_[at])) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = configuration;
    }
  }

  std::vector<Configuration> slots_;
  size_t count_ = 0;
  bool ever_found_ = false;
};

}  // namespace wt::lin

#endif  // WAVETANK_SCENARIOS_LINEARIZABILITY_CONFIGURATIONS_H_
