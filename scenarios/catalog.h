// Every scenario, one function each; catalog.cc is the table.
#ifndef WAVETANK_SCENARIOS_CATALOG_H_
#define WAVETANK_SCENARIOS_CATALOG_H_

#include "scenarios/scenario.h"

namespace wt::scenarios {

// Random: data, from which a seed draws a plan.
Scenario TornTail();
Scenario LostFsync();
Scenario FailedFsync();
Scenario DiskFull();
Scenario BitRot();
Scenario PowerCutInSnapshot();
Scenario PowerCutInCompaction();
Scenario CrashInRecovery();
Scenario ClockTrouble();
Scenario SlowDisk();
Scenario Everything();

// Random, of several machines.
Scenario Failover();
Scenario PartitionStorm();
Scenario LaggingReplica();
Scenario MembershipChurn();
Scenario CorrelatedCrash();
Scenario ClusterClockTrouble();
Scenario SlowPrimaryDisk();
Scenario DiskExchange();
Scenario LyingMinority();
Scenario PrimaryBitRot();
Scenario RollingRestart();
Scenario ReplicatedEverything();

// Directed: stories.
Scenario Fsyncgate();
Scenario RottenSnapshot();
Scenario DamagedLog();
Scenario FullDisk();
Scenario LostLog();
Scenario TornBatch();

// Directed, of several machines.
Scenario Figure7();
Scenario Figure8Exact();
Scenario InitialElection();
Scenario ReElection();
Scenario FailNoAgree();
Scenario Rejoin();
Scenario Backup();
Scenario Figure8();
Scenario Persist();
Scenario SnapshotInstall();
Scenario CorruptEntry();
Scenario CorruptPrimary();
Scenario EverybodyCorrupt();
Scenario DisjointDamage();
Scenario WipedReplica();
Scenario OldBackup();
Scenario OneBitOfFive();
Scenario LostSyncs();
Scenario PausedPrimary();
Scenario DeafPrimary();
Scenario MutePrimary();
Scenario ReturningReplica();

// For `wavetank crash`: small enough that every crash state is enumerated.
Scenario LogSmall();
Scenario SnapshotSmall();

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CATALOG_H_
