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

// Directed: stories.
Scenario Fsyncgate();
Scenario RottenSnapshot();
Scenario DamagedLog();
Scenario FullDisk();
Scenario LostLog();
Scenario TornBatch();

// For `wavetank crash`: small enough that every crash state is enumerated.
Scenario LogSmall();
Scenario SnapshotSmall();

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CATALOG_H_
