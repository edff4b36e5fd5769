#include "scenarios/cluster/fleet.h"

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "scenarios/node.h"
#include "sim/machine.h"

namespace wt::scenarios {

Configuration InitialMembers(const PlannedGroup& group) {
  Configuration members;
  for (uint32_t machine = 1; machine <= group.voters + group.learners; ++machine) {
    (machine <= group.voters ? members.voters : members.learners).push_back(NodeId(machine));
  }
  return members;
}

ReplicaOptions OptionsFrom(const Plan& plan) {
  WT_CHECK(plan.group.has_value());
  ReplicaOptions options;
  options.cluster_id = 1 + plan.seed % 1000;
  options.members = InitialMembers(*plan.group);
  options.engine = OptionsFrom(plan.knobs);
  options.consensus.heartbeat = plan.group->heartbeat;
  options.consensus.election_timeout = plan.group->election_timeout;
  options.consensus.max_append_entries = 64;
  options.consensus.max_append_bytes = 16 * kKiB;
  options.consensus.max_clock_drift_ppm = kMostDriftPpm;
  options.disk_trust = plan.group->trust;
  options.cache_bytes = 8 * kKiB;  // so that peers are also fed from the disk
  options.log_kept_bytes = plan.group->log_kept_bytes;
  return options;
}

Fleet::Fleet(sim::Simulator& sim, const Plan& plan) {
  // Where engines take rare ways, snapshots travel in many pieces as well.
  const uint64_t chunk_bytes = plan.knobs.rarely_ppm > 0 ? kKiB : 16 * kKiB;
  for (uint32_t machine = 1; machine <= plan.machines; ++machine) {
    members_.push_back(std::make_unique<Member>(
        sim, sim.AddMachine(absl::StrFormat("n%d", machine)), OptionsFrom(plan), chunk_bytes));
  }
}

void Fleet::CutClients(uint32_t machine, bool cut) {
  if (cut) {
    cut_.insert(machine);
  } else {
    cut_.erase(machine);
  }
}

std::optional<ReplicaStatus> Fleet::StatusOf(uint32_t machine) {
  std::optional<ReplicaStatus> status;
  (void)member(machine).Call("status", [&](Replica& replica) { status = replica.status(); });
  return status;
}

}  // namespace wt::scenarios
