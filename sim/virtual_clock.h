// A machine's two clocks, and the dials that bend them.
#ifndef WAVETANK_SIM_VIRTUAL_CLOCK_H_
#define WAVETANK_SIM_VIRTUAL_CLOCK_H_

#include <cstdint>

#include "engine/env/clock.h"
#include "sim/host.h"

namespace wt::sim {

// A clock hand: a piecewise linear, integer function of true time that never goes back by itself.
class ClockHand {
 public:
  explicit ClockHand(Duration reading) : reading_(reading) {}

  Duration At(SimTime now) const;
  // The true time that passes while the hand moves by `span` from `now` on, as the dials stand.
  SimTime TrueTimeFor(SimTime now, Duration span) const;

  void Set(SimTime now, Duration reading);
  void SetDrift(SimTime now, int32_t ppm);
  void Freeze(SimTime now, Duration how_long);

 private:
  SimTime anchor_{};  // the hand showed reading_ then, and moves since (or since frozen_until_)
  Duration reading_;
  SimTime frozen_until_{};
  int32_t drift_ppm_ = 0;
};

class VirtualClock final : public Clock {
 public:
  VirtualClock(Host& host, uint32_t machine_id);

  // Never goes back within one incarnation; at a boot it starts anywhere.
  Time Now() override;
  WallTime WallNow() override;

  // The dials; they take effect at once and survive restarts.
  // The wall clock jumps by `by`, either way.
  void Jump(Duration by);
  // Both clocks run `ppm` in a million too fast, or too slow. Requires: within +-500'000.
  void SetDrift(int32_t ppm);
  // Both clocks stand still for `how_long` of true time; sleeps begun meanwhile take longer.
  void Freeze(Duration how_long);
  // Only the wall clock stands still.
  void FreezeWall(Duration how_long);

  // For sim/: a machine that waits `span` by its own clock waits this long in truth.
  SimTime TrueTimeFor(Duration span) const;
  // For sim/: a new incarnation begins; its monotonic clock shows `reading`.
  void OnBoot(Duration reading);

 private:
  Host& host_;
  uint64_t machine_id_;
  ClockHand monotonic_;
  ClockHand wall_;
};

}  // namespace wt::sim

#endif  // WAVETANK_SIM_VIRTUAL_CLOCK_H_
