// A run of one database (one_machine.h). Clients write, read, hold views, flush and compact. In
// calm everything is read and compared, flushed, merged and verified, and the files are counted.
#ifndef WAVETANK_SCENARIOS_DATABASE_DATABASE_RUN_H_
#define WAVETANK_SCENARIOS_DATABASE_DATABASE_RUN_H_

#include <string>

#include "scenarios/database/clients.h"
#include "scenarios/database/node.h"
#include "scenarios/database/writes.h"
#include "scenarios/one_machine.h"
#include "scenarios/table_watch.h"

namespace wt::scenarios {

// A store removes what it has written and reads back damaged: it tells of damage when there is none
// to be found any more.
class HarmWatch final : public sim::DiskObserver {
 public:
  explicit HarmWatch(Survival& survival) : survival_(survival) {}
  void OnSync(std::string_view, uint64_t) override { survival_.RememberHarm(); }
  void OnRemove(std::string_view, uint64_t) override { survival_.RememberHarm(); }

 private:
  Survival& survival_;
};

class DatabaseRun final : public OneMachineRun {
 public:
  // Requires: plan.database.
  DatabaseRun(const Plan& plan, const ExecuteOptions& options);

 private:
  Supervisor& node() override { return node_; }
  ScriptedClients& clients() override { return clients_; }
  bool Probe() override { return clients_.Put("calm", "probe"); }
  std::string WhyNoWrite() override;
  void CheckEverything() override;
  void Examine() override { CheckTables(); }
  void NoteGoals() override;
  bool DiesYoung() override;
  void ForgetLife() override;

  void CheckTables();

  DatabaseNode node_;
  TableWatch tables_;
  HarmWatch harm_;
  Writes writes_;
  DatabaseClients clients_;
  uint64_t begun_anew_ = 0;  // lives that the operator has ended
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_DATABASE_DATABASE_RUN_H_
