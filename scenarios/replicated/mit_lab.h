// What the stories after MIT's 6.5840 lab have in common: its checks and its network, in our words.
#ifndef WAVETANK_SCENARIOS_REPLICATED_MIT_LAB_H_
#define WAVETANK_SCENARIOS_REPLICATED_MIT_LAB_H_

#include <vector>

#include "scenarios/cluster/stage.h"
#include "scenarios/scenario.h"

namespace wt::scenarios {

// Of these machines one is primary in the newest term of any of them, and no term has two; waits
// for it. All of them must run. Returns that one.
MachineId ExpectOnePrimary(Stage& stage, const std::vector<MachineId>& among);

// These hear each other, and nobody else hears anybody.
void ConnectOnly(Stage& stage, const std::vector<MachineId>& machines);

// A new value of "x" is committed, applied and durable on all of these.
void ExpectAgreementAmong(Stage& stage, const std::vector<MachineId>& machines);

// Messages take up to 26 ms; one in ten is lost.
sim::LinkDials UnreliableLinks();
// And a third of them are up to two seconds late, overtaken by what was sent after them.
sim::LinkDials ReorderingLinks();

// The scenario's machines believe their disks, as Raft does: who restarts votes and counts at once,
// also while others are away.
Scenario Believing(Scenario scenario);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_REPLICATED_MIT_LAB_H_
