// The links between the machines as the open windows leave them.
//
// While any window on links is open, each link is what it was before the first of them opened (its
// base), bent by all that are open now: a link is cut when anyone cuts it; of two windows of one
// kind the stronger counts. When none is left, every link is its base again.
#ifndef WAVETANK_FAULTS_LINKS_H_
#define WAVETANK_FAULTS_LINKS_H_

#include <cstdint>
#include <map>
#include <set>

#include "faults/sides.h"
#include "faults/window.h"
#include "sim/simulator.h"
#include "sim/virtual_network.h"

namespace wt::faults {

class Links {
 public:
  explicit Links(sim::Simulator& sim) : sim_(sim) {}

  // Makes every link what `windows` say. To be called when one has opened or closed.
  void Turn(const Windows& windows);

  // The machines that clients do not reach, by `windows`.
  std::set<uint32_t> CutFromClients(const Windows& windows) const;

 private:
  struct Link {
    sim::LinkDials base;
    bool base_cut = false;
    sim::SimTime clogged_until{};
  };

  uint32_t machines() const;
  void TurnLink(DirectedLink ends, const Windows& windows, bool cut);

  sim::Simulator& sim_;
  std::map<DirectedLink, Link> links_;  // empty while no window on links is open
};

}  // namespace wt::faults

#endif  // WAVETANK_FAULTS_LINKS_H_
