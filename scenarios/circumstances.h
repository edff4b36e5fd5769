// What is going on in a run at this moment, as far as the vacuity matrix asks: which faults are
// current, and in which phases of their engine the machines are. Of several machines, what is
// current on any of them.
//
// A window is current while it is open; what kills, until its machine has recovered; other moments
// for as long as they last. A phase begins and ends with events of the engine; one that is cut
// short by what kills its machine lasts until the machine has recovered, because that is when what
// it left is judged. Both have an aftermath: what they did is judged right behind them.
#ifndef WAVETANK_SCENARIOS_CIRCUMSTANCES_H_
#define WAVETANK_SCENARIOS_CIRCUMSTANCES_H_

#include <array>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "faults/fault.h"
#include "scenarios/phase.h"
#include "sim/simulator.h"

namespace wt::scenarios {

// Columns of the matrix: no fault, what a directed scenario does by itself, then each FaultKind.
inline constexpr size_t kNoFault = 0;
inline constexpr size_t kToldFault = 1;
inline constexpr size_t kFirstFault = 2;
constexpr size_t ColumnOf(faults::FaultKind kind) {
  return kFirstFault + static_cast<size_t>(kind);
}

// Its power, or its process, is gone when the fault begins: it is current until the recovery.
bool KillsItsMachine(faults::FaultKind kind);

class Circumstances final : public sim::EventObserver {
 public:
  // Bits, by column and by Phase; never empty.
  struct Now {
    uint64_t faults = uint64_t{1} << kNoFault;
    uint64_t phases = 1;
    bool operator==(const Now&) const = default;
  };

  // To be told before whoever judges what the event amounts to.
  void OnEvent(sim::Machine& machine, sim::SimTime at, const Event& event) override;
  void OnFault(uint32_t machine, const faults::Fault& fault, sim::SimTime at);
  // All windows are closed.
  void OnStormOver(sim::SimTime at);
  // A table was created; a manifest was synced.
  void OnTable(uint32_t machine, sim::SimTime at);
  void OnManifest(uint32_t machine, sim::SimTime at);
  // A directed scenario: no moment is without what it does.
  void TellStory() { told_ = true; }

  // The phases up to now, in the order in which they ended, with their machines' deaths for ends.
  const std::vector<Moment>& moments() const { return moments_; }

  // Time does not go back from call to call.
  const Now& At(sim::SimTime now) {
    if (now >= stale_at_) Look(now);
    return now_;
  }

 private:
  static constexpr size_t kColumns = 64;

  struct Span {
    uint64_t open = 0;       // machines, as bits: until something ends it
    sim::SimTime until{-1};  // on any machine
    bool IsCurrent(sim::SimTime now) const { return open != 0 || now < until; }
  };

  void Open(Phase phase, uint32_t machine, sim::SimTime at);
  void Close(Phase phase, uint32_t machine, sim::SimTime at);
  void Pass(Phase phase, sim::SimTime at);
  void NoteMoment(Phase phase, uint32_t machine, sim::SimTime to);
  void NoteMomentsOf(uint32_t machine, sim::SimTime to);
  void Stop(uint32_t machine, sim::SimTime at);
  void Recover(uint32_t machine, sim::SimTime at);
  void OnElection(const Event& event, sim::SimTime at);
  void Look(sim::SimTime now);
  Span& Of(Phase phase) { return phases_[static_cast<size_t>(phase)]; }

  std::array<Span, kPhases> phases_;
  std::array<Span, kColumns> faults_;
  std::map<std::pair<Phase, uint32_t>, sim::SimTime> begun_;
  std::vector<Moment> moments_;
  uint64_t term_ = 0;  // the last that was entered
  bool told_ = false;
  Now now_;
  sim::SimTime stale_at_{};
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CIRCUMSTANCES_H_
