// What the invariants of one run share: the truth as the tank knows it, a way to say that an
// invariant was evaluated (on something that could have been wrong), and a way to fail the run.
#ifndef WAVETANK_SCENARIOS_JUDGE_H_
#define WAVETANK_SCENARIOS_JUDGE_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "scenarios/shadow.h"
#include "sim/simulator.h"

namespace wt::scenarios {

// What a log owes: whatever was committed; or, where commits come before syncs, whatever was
// synced.
enum class Owed : uint8_t { kCommitted, kSynced };

class Judge {
 public:
  using Counts = std::map<std::string, uint64_t, std::less<>>;

  explicit Judge(sim::Simulator& sim) : sim_(sim) {}

  void Evaluated(std::string_view invariant) {
    const auto found = evaluated_.find(invariant);
    if (found != evaluated_.end()) {
      ++found->second;
    } else {
      evaluated_.emplace(invariant, 1);
    }
  }
  void Fail(std::string_view invariant, std::string message) {
    sim_.Fail(invariant, std::move(message));
  }
  void Expect(std::string_view invariant, const MaybeViolation& violation) {
    Evaluated(invariant);
    if (violation.has_value()) Fail(violation->invariant, violation->message);
  }

  sim::Simulator& sim() { return sim_; }
  const Counts& evaluated() const { return evaluated_; }

 private:
  sim::Simulator& sim_;
  Counts evaluated_;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_JUDGE_H_
