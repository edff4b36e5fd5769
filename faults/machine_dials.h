// A machine's disk, clock and processor as the open windows leave them.
#ifndef WAVETANK_FAULTS_MACHINE_DIALS_H_
#define WAVETANK_FAULTS_MACHINE_DIALS_H_

#include <cstdint>
#include <map>

#include "faults/window.h"
#include "sim/disk_faults.h"
#include "sim/machine.h"

namespace wt::faults {

class MachineDials {
 public:
  // Makes the machine what `windows` say: dials of its disk are their base (as they were before the
  // first window on this disk opened) and the windows, of one kind the latest. To be called when a
  // window on the machine has opened or closed.
  void Turn(sim::Machine& machine, const Windows& windows, sim::SimTime now);

 private:
  struct Turned {
    int32_t drift_ppm = 0;
    Duration step_cost{};
    bool paused = false;
  };

  void TurnDisk(sim::Machine& machine, const Windows& windows, sim::SimTime now);
  void TurnDrift(sim::Machine& machine, const Windows& windows);
  void TurnProcess(sim::Machine& machine, const Windows& windows);

  std::map<uint32_t, sim::DiskFaults> bases_;  // of machines whose disk has a window open
  std::map<uint32_t, Turned> turned_;
};

}  // namespace wt::faults

#endif  // WAVETANK_FAULTS_MACHINE_DIALS_H_
