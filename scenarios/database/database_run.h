// A run of one database: storm, then calm, with every invariant watching.
//
//   storm  clients write, read, hold views, flush and compact while the injector brings the planned
//          faults to pass; the supervisor starts the node again whenever it dies or stops
//   calm   all faults end; the node must serve within its bound and every client must be answered;
//          then everything is read and compared, flushed, merged and verified, the files are
//          counted, and the node is stopped and started once more and compared again
#ifndef WAVETANK_SCENARIOS_DATABASE_DATABASE_RUN_H_
#define WAVETANK_SCENARIOS_DATABASE_DATABASE_RUN_H_

#include <map>
#include <string>

#include "faults/injector.h"
#include "scenarios/database/clients.h"
#include "scenarios/database/node.h"
#include "scenarios/database/writes.h"
#include "scenarios/execute.h"
#include "scenarios/history.h"
#include "scenarios/invariants/append_only.h"
#include "scenarios/invariants/index_order.h"
#include "scenarios/invariants/survival.h"
#include "scenarios/judge.h"
#include "scenarios/plan.h"
#include "scenarios/shadow.h"
#include "scenarios/story.h"
#include "sim/simulator.h"

namespace wt::scenarios {

class DatabaseRun final : public faults::Operator, public sim::EventObserver {
 public:
  // Requires: plan.database.
  DatabaseRun(const Plan& plan, const ExecuteOptions& options);

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
  void Storm();
  void Calm();
  void AwaitLive();
  void CheckEverything();
  void CheckTables();
  void Restart();
  void WatchForRefusal();
  bool IsBeyondRepair();
  void BeginAnew();
  void Reach(std::string_view goal) { ++goals_[std::string(goal)]; }
  void NoteDeath();
  Run Conclude(const sim::RunEnd& end);

  const Plan& plan_;
  const ExecuteOptions options_;
  sim::Simulator sim_;
  sim::Machine& machine_;
  Judge judge_;
  Shadow shadow_;
  History history_;
  DatabaseNode node_;
  Story story_;
  Writes writes_;
  IndexOrder index_order_;
  Survival survival_;
  AppendOnly append_only_;
  FaultsContained faults_contained_;
  DatabaseClients clients_;
  faults::Injector injector_;
  std::map<std::string, uint64_t> goals_;
  bool opening_ = false;
  bool over_ = false;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_DATABASE_DATABASE_RUN_H_
