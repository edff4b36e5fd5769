// A run of one machine: storm, then calm, with every invariant watching.
//
//   storm  clients work while the injector brings the planned faults to pass; the supervisor starts
//          the node again whenever it dies
//   calm   all faults end; the node must serve within its bound and every client must be answered;
//          then everything is read and compared, a snapshot is taken and audited, the files are
//          counted, and the node is stopped and started once more and compared again
#ifndef WAVETANK_SCENARIOS_SINGLE_NODE_H_
#define WAVETANK_SCENARIOS_SINGLE_NODE_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "faults/injector.h"
#include "scenarios/clients.h"
#include "scenarios/execute.h"
#include "scenarios/history.h"
#include "scenarios/invariants/append_only.h"
#include "scenarios/invariants/index_order.h"
#include "scenarios/invariants/replay.h"
#include "scenarios/invariants/survival.h"
#include "scenarios/invariants/whole_snapshots.h"
#include "scenarios/judge.h"
#include "scenarios/node.h"
#include "scenarios/plan.h"
#include "scenarios/shadow.h"
#include "scenarios/story.h"
#include "scenarios/world.h"
#include "sim/simulator.h"

namespace wt::scenarios {

class SingleNode final : public faults::Operator, public sim::EventObserver {
 public:
  // `directed`: the story of a directed scenario, told in place of the storm; else empty.
  SingleNode(const Plan& plan, const ExecuteOptions& options,
             std::function<void(World&)> directed = {});

  // Once. The record lacks only what needs a clock outside (wall_us).
  Run Execute();

  // faults::Operator
  void CutPower(sim::Machine& machine, Duration down_for) override;
  void Kill(sim::Machine& machine, Duration down_for) override;
  void OnBackup(sim::Machine& machine) override;
  void OnDiskSwapped(sim::Machine& machine) override;
  void OnFault(sim::Machine& machine, const faults::Fault& fault, bool begins,
               const std::string& what) override;
  // sim::EventObserver: goals that only the harness can know.
  void OnEvent(sim::Machine& machine, sim::SimTime at, const Event& event) override;

 private:
  void Harness();
  void TellStory();
  void Storm();
  void Calm();
  void AwaitLive();
  void AuditSnapshots();
  void CheckLeaks();
  void Restart();
  void WatchForRefusal();
  void Reach(std::string_view goal) { ++goals_[std::string(goal)]; }
  void NoteDeath();
  Run Conclude(const sim::RunEnd& end);

  const Plan& plan_;
  const ExecuteOptions options_;
  const std::function<void(World&)> directed_;
  sim::Simulator sim_;
  sim::Machine& machine_;
  Judge judge_;
  Shadow shadow_;
  History history_;
  Node node_;
  Story story_;
  IndexOrder index_order_;
  Replay replay_;
  Survival survival_;
  AppendOnly append_only_;
  FaultsContained faults_contained_;
  WholeSnapshots whole_snapshots_;
  Clients clients_;
  faults::Injector injector_;
  std::map<std::string, uint64_t> goals_;
  uint64_t synced_ = 0;  // the last index of the latest log.synced
  bool opening_ = false;
  bool over_ = false;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_SINGLE_NODE_H_
