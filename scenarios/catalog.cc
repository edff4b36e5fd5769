#include "scenarios/catalog.h"

#include <vector>

namespace wt::scenarios {
namespace {

const std::vector<Scenario>& Table() {
  static const std::vector<Scenario>* table = new std::vector<Scenario>{
      TornTail(),
      LostFsync(),
      FailedFsync(),
      DiskFull(),
      BitRot(),
      PowerCutInSnapshot(),
      PowerCutInCompaction(),
      CrashInRecovery(),
      ClockTrouble(),
      SlowDisk(),
      Everything(),
      Failover(),
      PartitionStorm(),
      LaggingReplica(),
      MembershipChurn(),
      CorrelatedCrash(),
      ClusterClockTrouble(),
      SlowPrimaryDisk(),
      DiskExchange(),
      LyingMinority(),
      PrimaryBitRot(),
      RollingRestart(),
      ReplicatedEverything(),
      Fsyncgate(),
      RottenSnapshot(),
      DamagedLog(),
      FullDisk(),
      LostLog(),
      TornBatch(),
      Figure7(),
      Figure8Exact(),
      InitialElection(),
      ReElection(),
      FailNoAgree(),
      Rejoin(),
      Backup(),
      Figure8(),
      Persist(),
      SnapshotInstall(),
      CorruptEntry(),
      CorruptPrimary(),
      EverybodyCorrupt(),
      DisjointDamage(),
      WipedReplica(),
      OldBackup(),
      OneBitOfFive(),
      LostSyncs(),
      PausedPrimary(),
      DeafPrimary(),
      MutePrimary(),
      ReturningReplica(),
      LogSmall(),
      SnapshotSmall(),
  };
  return *table;
}

}  // namespace

std::span<const Scenario> Catalog() { return Table(); }

const Scenario* FindScenario(std::string_view name) {
  for (const Scenario& scenario : Table()) {
    if (scenario.name == name) return &scenario;
  }
  return nullptr;
}

}  // namespace wt::scenarios
