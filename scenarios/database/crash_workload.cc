#include "scenarios/crash_run.h"
#include "scenarios/database/clients.h"
#include "scenarios/database/crash.h"

namespace wt::scenarios {
namespace {

class DatabaseWorkload final : public CrashWorkload {
 public:
  explicit DatabaseWorkload(const Plan& plan)
      : CrashWorkload(plan, Owed::kSynced),
        node_(sim_, machine_, plan),
        writes_(judge_, *shadow_),
        clients_(judge_, node_, *shadow_, writes_, history_, plan,
                 [this] { return survival_.MayRefuse(); }) {
    Watch({&survival_, &index_order_, &writes_, &faults_contained_}, {});
  }

 private:
  Supervisor& node() override { return node_; }
  ScriptedClients& clients() override { return clients_; }
  bool Probe() override { return clients_.Put("crash.probe", "alive"); }
  void CheckEverything() override { (void)clients_.CheckEverything(); }
  LogIndex committed() const override { return writes_.synced(); }

  DatabaseNode node_;
  Writes writes_;
  DatabaseClients clients_;
};

}  // namespace

Recording RecordDatabase(const Plan& plan, CrashLie lie) {
  return DatabaseWorkload(plan).Record(lie);
}

std::optional<CrashFailure> TryMishapOnDatabase(const Plan& plan, uint64_t point, Mishap mishap,
                                                CrashLie lie) {
  return DatabaseWorkload(plan).Suffer(point, mishap, lie);
}

}  // namespace wt::scenarios
