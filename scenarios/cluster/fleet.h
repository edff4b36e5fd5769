// The machines of a run, and which of them clients reach.
#ifndef WAVETANK_SCENARIOS_CLUSTER_FLEET_H_
#define WAVETANK_SCENARIOS_CLUSTER_FLEET_H_

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "scenarios/cluster/member.h"
#include "scenarios/plan.h"
#include "sim/simulator.h"

namespace wt::scenarios {

// What the group begins with: machines 1 .. voters vote, the others learn.
Configuration InitialMembers(const PlannedGroup& group);
ReplicaOptions OptionsFrom(const Plan& plan);

class Fleet {
 public:
  // Adds the machines n1, n2, ... to the simulator.
  Fleet(sim::Simulator& sim, const Plan& plan);

  uint32_t size() const { return static_cast<uint32_t>(members_.size()); }
  Member& member(uint32_t machine) { return *members_[machine - 1]; }
  const std::vector<std::unique_ptr<Member>>& members() { return members_; }

  void CutClients(uint32_t machine, bool cut);
  bool ReachesClients(uint32_t machine) const { return !cut_.contains(machine); }

  // The status of a machine that serves. Suspends.
  std::optional<ReplicaStatus> StatusOf(uint32_t machine);

 private:
  std::vector<std::unique_ptr<Member>> members_;
  std::set<uint32_t> cut_;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CLUSTER_FLEET_H_
