// A run of one standalone engine (one_machine.h). In calm everything is read and compared, a
// snapshot is taken, every kept one is restored and compared, and the files are counted.
#ifndef WAVETANK_SCENARIOS_SINGLE_NODE_H_
#define WAVETANK_SCENARIOS_SINGLE_NODE_H_

#include <functional>
#include <string>

#include "scenarios/clients.h"
#include "scenarios/invariants/replay.h"
#include "scenarios/invariants/whole_snapshots.h"
#include "scenarios/node.h"
#include "scenarios/one_machine.h"
#include "scenarios/world.h"

namespace wt::scenarios {

class SingleNode final : public OneMachineRun {
 public:
  // `directed`: the story of a directed scenario, told in place of the storm; else empty.
  SingleNode(const Plan& plan, const ExecuteOptions& options,
             std::function<void(World&)> directed = {});

  void OnFault(sim::Machine& machine, const faults::Fault& fault, bool begins,
               const std::string& what) override;
  void OnEvent(sim::Machine& machine, sim::SimTime at, const Event& event) override;

 private:
  Supervisor& node() override { return node_; }
  ScriptedClients& clients() override { return clients_; }
  void Harness() override;
  bool Probe() override { return clients_.Put("calm", "probe"); }
  void CheckEverything() override { (void)clients_.CheckEverything(); }
  void Examine() override;
  void ForgetLife() override { whole_snapshots_.BeginAnew(); }

  void TellStory();
  void AuditSnapshots();
  void CheckLeaks();

  const std::function<void(World&)> directed_;
  Node node_;
  Replay replay_;
  WholeSnapshots whole_snapshots_;
  Clients clients_;
  uint64_t synced_ = 0;  // the last index of the latest log.synced
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_SINGLE_NODE_H_
