// A run of several machines: storm, then calm, with every invariant watching.
//
//   storm  clients work while the injector brings the planned faults to pass, operators move the
//          primary and change the members; supervisors start what dies again
//   calm   all faults end; a primary must serve within its bound, every client must be answered,
//   and
//          all machines must come to the same state, trusted and undamaged; then the states, the
//          snapshots and the whole history are checked once more
#ifndef WAVETANK_SCENARIOS_CLUSTER_CLUSTER_H_
#define WAVETANK_SCENARIOS_CLUSTER_CLUSTER_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "faults/injector.h"
#include "scenarios/cluster/clients.h"
#include "scenarios/cluster/figures.h"
#include "scenarios/cluster/fleet.h"
#include "scenarios/cluster/honesty.h"
#include "scenarios/cluster/invariants/completeness.h"
#include "scenarios/cluster/invariants/disk_checks.h"
#include "scenarios/cluster/invariants/elections.h"
#include "scenarios/cluster/invariants/indices.h"
#include "scenarios/cluster/invariants/logs.h"
#include "scenarios/cluster/invariants/promises.h"
#include "scenarios/cluster/invariants/refusals.h"
#include "scenarios/cluster/invariants/states.h"
#include "scenarios/cluster/ledger.h"
#include "scenarios/cluster/testimony.h"
#include "scenarios/conclude.h"
#include "scenarios/execute.h"
#include "scenarios/judge.h"
#include "scenarios/plan.h"
#include "scenarios/story.h"
#include "scenarios/table_watch.h"
#include "sim/simulator.h"

namespace wt::scenarios {

class Cluster final : public faults::Operator, public sim::EventObserver {
 public:
  // `staged`: the story of a directed scenario, told in place of the storm; else empty.
  // Requires: plan.group.
  Cluster(const Plan& plan, const ExecuteOptions& options, std::function<void(Stage&)> staged = {});

  // Once. The record lacks only what needs a clock outside (wall_us).
  Run Execute();

  // faults::Operator
  void CutPower(sim::Machine& machine, Duration down_for) override;
  void Kill(sim::Machine& machine, Duration down_for) override;
  void Close(sim::Machine& machine, Duration down_for) override;
  sim::Machine* Primary() override;
  void OnBackup(sim::Machine& machine) override;
  void OnDiskSwapped(sim::Machine& machine) override;
  void OnWiped(sim::Machine& machine) override;
  void OnDisksExchanged(sim::Machine& a, sim::Machine& b) override;
  void OnDiskCopied(sim::Machine& machine, sim::Machine& from) override;
  void OnClientsCut(sim::Machine& machine, bool cut) override;
  void OnFault(sim::Machine& machine, const faults::Fault& fault, bool begins,
               const std::string& what) override;
  // sim::EventObserver: goals that only the harness can know.
  void OnEvent(sim::Machine& machine, sim::SimTime at, const Event& event) override;

 private:
  friend class Stage;

  void Harness();
  void TellStory();
  void Storm();
  void SetTheWeather();
  void ClearTheWeather();
  void DoChores();
  void Do(const Chore& chore);
  void ReplaceUnreadableDisk(Member& member);

  void Calm();
  void AwaitPrimary();
  bool AllServe();
  Duration SlowestCall() const;
  void CheckLeaks(uint32_t machine);
  void TellLie();
  void RestoreMembers();
  void AwaitAnswers();
  void AwaitAgreement();
  std::string Disagreement();
  std::string Unsound(uint32_t machine);
  void CheckStates();
  void AuditSnapshots(uint32_t machine);
  void RestartAll();
  void Settle();
  void HoldLag();

  void NewDisk(sim::Machine& machine, std::string what);
  void Reach(std::string_view goal) { ++goals_[std::string(goal)]; }
  void Tell(std::string machine, std::string what) {
    story_.Add(sim_.now(), std::move(machine), std::move(what));
  }
  Run Conclude(const Ending& ending);

  const Plan& plan_;
  const ExecuteOptions options_;
  const std::function<void(Stage&)> staged_;
  sim::Simulator sim_;
  Judge judge_;
  Fleet fleet_;
  Honesty honesty_;
  Ledger ledger_;
  Story story_;
  Logs logs_;
  Elections elections_;
  Completeness completeness_;
  States states_;
  Indices indices_;
  Refusals refusals_;
  Promises promises_;
  Testimony testimony_;
  Figures figures_;
  std::vector<std::unique_ptr<DiskChecks>> disks_;   // by machine
  std::vector<std::unique_ptr<TableWatch>> tables_;  // the same, where the state lies in an LSM
  GroupClients clients_;
  Conversation harness_;  // client 0
  faults::Injector injector_;
  std::map<std::string, uint64_t> goals_;
  std::vector<std::function<void(uint32_t machine, const Event& event)>> hooks_;  // of a story
  // What a story began and did not wait for; it may go on when the story is told.
  std::vector<std::unique_ptr<Conversation>> conversations_;
  std::vector<std::unique_ptr<Task>> begun_;
  bool storm_over_ = false;
  bool at_a_chore_ = false;  // what the operator has asked for may still come to pass
  bool over_ = false;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CLUSTER_CLUSTER_H_
