// A run of one machine: storm, then calm, with every invariant watching.
//
//   storm  clients work while the injector brings the planned faults to pass; the supervisor starts
//          the server again whenever it dies
//   calm   all faults end; the server must serve within its bound and every client must be
//          answered; then it is examined, stopped and started once more, and compared again
//
// What serves, who asks it, and what there is to examine is for who derives: SingleNode (an
// engine), DatabaseRun (a database).
#ifndef WAVETANK_SCENARIOS_ONE_MACHINE_H_
#define WAVETANK_SCENARIOS_ONE_MACHINE_H_

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "faults/injector.h"
#include "scenarios/conclude.h"
#include "scenarios/execute.h"
#include "scenarios/history.h"
#include "scenarios/invariants/append_only.h"
#include "scenarios/invariants/index_order.h"
#include "scenarios/invariants/survival.h"
#include "scenarios/judge.h"
#include "scenarios/plan.h"
#include "scenarios/scripted_clients.h"
#include "scenarios/shadow.h"
#include "scenarios/story.h"
#include "scenarios/supervisor.h"
#include "sim/simulator.h"

namespace wt::scenarios {

class OneMachineRun : public faults::Operator, public sim::EventObserver {
 public:
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

 protected:
  // `rot_prefixes`: which files rot may strike.
  OneMachineRun(const Plan& plan, const ExecuteOptions& options, Owed owed,
                std::vector<std::string> rot_prefixes);

  // In this order; the disk is watched as well by those that always are. Called once, by who
  // derives, when its own invariants are there.
  void Watch(std::initializer_list<sim::EventObserver*> events,
             std::initializer_list<sim::DiskObserver*> disk);

  virtual Supervisor& node() = 0;
  virtual ScriptedClients& clients() = 0;

  // The run itself, in a task of the harness.
  virtual void Harness();
  void Calm();
  // A write of the harness's own. True when acknowledged.
  virtual bool Probe() = 0;
  // Why there was none, though something served.
  virtual std::string WhyNoWrite() { return "no write was taken"; }
  // Everything is read and compared.
  virtual void CheckEverything() = 0;
  // What else is to be looked at before the last restart.
  virtual void Examine() = 0;
  // More goals, at the end of the calm.
  virtual void NoteGoals() {}
  // It serves, but never for long: for its operator the same as a refusal.
  virtual bool DiesYoung() { return false; }
  // The disk was wiped: what was known of it is of another life.
  virtual void ForgetLife() {}

  void Reach(std::string_view goal) { ++goals_[std::string(goal)]; }
  // From engine.opening to engine.recovered.
  bool opening() const { return opening_; }

  const Plan& plan_;
  const ExecuteOptions options_;
  sim::Simulator sim_;
  sim::Machine& machine_;
  Judge judge_;
  Shadow shadow_;
  History history_;
  Story story_;
  IndexOrder index_order_;
  Survival survival_;
  AppendOnly append_only_;
  FaultsContained faults_contained_;

 private:
  void Storm();
  void AwaitLive();
  void TellLie();
  void Restart();
  void WatchForRefusal();
  bool IsBeyondRepair();
  void BeginAnew();
  void NoteDeath();
  Run Conclude(const Ending& ending);

  faults::Injector injector_;
  std::map<std::string, uint64_t> goals_;
  bool opening_ = false;
  bool over_ = false;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_ONE_MACHINE_H_
