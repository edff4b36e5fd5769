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

// Random, of a database.
Scenario LsmStorm();
Scenario LsmTorn();
Scenario LsmBitRot();
Scenario LsmDiskFull();
Scenario LsmSlowDisk();
Scenario LsmViews();
Scenario LsmCrashInRecovery();
Scenario LsmEverything();

// Random, of several machines.
Scenario Failover();
Scenario PartitionStorm();
Scenario LaggingReplica();
Scenario LsmReplicas();
Scenario MembershipChurn();
Scenario CorrelatedCrash();
Scenario ClusterClockTrouble();
Scenario SlowPrimaryDisk();
Scenario DiskExchange();
Scenario LyingMinority();
Scenario PrimaryBitRot();
Scenario RollingRestart();
Scenario ElectionStorm();
Scenario LeaseReads();
Scenario RecallStorm();
Scenario ReplicatedEverything();

// Directed: stories.
Scenario Fsyncgate();
Scenario RottenSnapshot();
Scenario DamagedLog();
Scenario FullDisk();
Scenario LostLog();
Scenario LostBase();
Scenario TornBatch();
Scenario UnreadableWitness();

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
Scenario DamagedDonor();
Scenario CompactedDamage();
Scenario UnreadableSnapshot();
Scenario UncommittedDamage();
Scenario OneWord();
Scenario SlowTransfer();
Scenario ForgottenAcknowledgement();
Scenario ForgetfulWitness();
Scenario DoubtfulAcknowledgement();
Scenario AnswersToAnEarlierLife();
Scenario DoubtOutlivesARestart();
Scenario VoteOfAnEarlierLife();
Scenario TwoWiped();
Scenario PassedOnFloor();
Scenario DuplicatedVotes();
Scenario LeaseOfAnEarlierLife();
Scenario MajoritySetAside();
Scenario WipedReplica();
Scenario OldBackup();
Scenario OneBitOfFive();
Scenario LostSyncs();
Scenario PausedPrimary();
Scenario DeafPrimary();
Scenario MutePrimary();
Scenario WordsOfTheDead();
Scenario ReturningReplica();
Scenario ManyElections();
Scenario BasicAgreement();
Scenario BytesPerCommand();
Scenario FollowerFailure();
Scenario LeaderFailure();
Scenario FailAgree();
Scenario ConcurrentStarts();
Scenario MessageCount();
Scenario Persist1();
Scenario Persist2();
Scenario Persist3();
Scenario Figure8Unreliable();
Scenario UnreliableAgreement();
Scenario ReliableChurn();
Scenario UnreliableChurn();
Scenario SnapshotBasic();
Scenario InstallDisconnect();
Scenario InstallUnreliable();
Scenario InstallCrash();
Scenario InstallBoth();
Scenario AllCrash();
Scenario PersistedState();
Scenario PartitionedReplica();
Scenario PartitionedPrimary();
Scenario OneWayReplica();
Scenario OneWayPrimary();
Scenario DivergenceCleanUp();
Scenario PrimaryPause();
Scenario ViewChangeStorm();
Scenario RepairChain();
Scenario TornHead();
Scenario CorruptHead();
Scenario CorruptHeads();
Scenario StateSync();
Scenario AsyncPowerCut();
Scenario LazySyncs();
Scenario LeasePause();
Scenario ClockJumps();

// For `wavetank crash`: small enough that every crash state is enumerated.
Scenario LogSmall();
Scenario SnapshotSmall();
Scenario LsmSmall();

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CATALOG_H_
