// What the invariants of one run share: the truth as the tank knows it, a way to say that an
// invariant was evaluated (on something that could have been wrong) and in which circumstances, and
// a way to fail the run.
#ifndef WAVETANK_SCENARIOS_JUDGE_H_
#define WAVETANK_SCENARIOS_JUDGE_H_

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "reports/run_record.h"
#include "scenarios/circumstances.h"
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

  void Evaluated(std::string_view invariant);
  void Fail(std::string_view invariant, std::string message) {
    sim_.Fail(invariant, std::move(message));
  }
  void Expect(std::string_view invariant, const MaybeViolation& violation) {
    Evaluated(invariant);
    if (violation.has_value()) Fail(violation->invariant, violation->message);
  }

  sim::Simulator& sim() { return sim_; }
  Circumstances& circumstances() { return circumstances_; }
  const Circumstances& circumstances() const { return circumstances_; }
  Counts evaluated() const;
  // The first few of each invariant and phase, in each case the first in new circumstances.
  std::vector<Evaluation> evaluations() const;
  // By cells of MatrixAxesOf (matrix_axes.h); without invariants that are not listed.
  reports::MatrixCounts matrix() const;

 private:
  struct Row {
    uint64_t times = 0;
    Circumstances::Now now{};
    uint64_t unsettled = 0;         // of `times`, those in `now`: not in `cells` yet
    std::vector<uint64_t> cells{};  // by column, then phase
    std::array<std::vector<sim::SimTime>, kPhases> some{};

    // Adds the unsettled ones to each of their cells.
    void Settle();
    void NoteTime(sim::SimTime at);
  };

  sim::Simulator& sim_;
  Circumstances circumstances_;
  std::map<std::string, Row, std::less<>> rows_;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_JUDGE_H_
