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

namespace {

// Small enough that a run flushes, merges and sends tables all the time.
std::optional<LsmStateOptions> LsmFrom(const Plan& plan, uint64_t chunk_bytes) {
  if (plan.group->store != StateStore::kLsm) return std::nullopt;
  LsmStateOptions options;
  options.piece_bytes = chunk_bytes;
  LsmOptions& lsm = options.lsm;
  lsm.memtable_bytes = plan.group->memtable_bytes;
  lsm.level0_trigger = 2;
  lsm.level0_slowdown = 6;
  lsm.level0_stop = 10;
  lsm.level1_bytes = 4 * plan.group->memtable_bytes;
  lsm.level_ratio = 3;
  lsm.table_bytes = 2 * plan.group->memtable_bytes;
  lsm.table.block_bytes = 512;
  lsm.table.index_partition_blocks = 4;
  lsm.table.append_bytes = 2 * kKiB;
  lsm.block_cache_bytes = 16 * kKiB;
  lsm.use_mapping = false;
  lsm.manifest_bytes = 4 * kKiB;
  return options;
}

}  // namespace

Fleet::Fleet(sim::Simulator& sim, const Plan& plan) {
  // Where engines take rare ways, snapshots travel in many pieces as well.
  const uint64_t chunk_bytes = plan.knobs.rarely_ppm > 0 ? kKiB : 16 * kKiB;
  for (uint32_t machine = 1; machine <= plan.machines; ++machine) {
    members_.push_back(
        std::make_unique<Member>(sim, sim.AddMachine(absl::StrFormat("n%d", machine)),
                                 OptionsFrom(plan), chunk_bytes, LsmFrom(plan, chunk_bytes)));
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
