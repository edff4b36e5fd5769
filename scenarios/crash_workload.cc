#include "scenarios/crash_workload.h"

#include <algorithm>

#include "scenarios/clients.h"
#include "scenarios/crash_run.h"
#include "scenarios/database/crash.h"
#include "scenarios/invariants/replay.h"
#include "scenarios/invariants/whole_snapshots.h"
#include "scenarios/node.h"

namespace wt::scenarios {
namespace {

class EngineWorkload final : public CrashWorkload, public sim::EventObserver {
 public:
  explicit EngineWorkload(const Plan& plan)
      : CrashWorkload(plan, Owed::kCommitted),
        node_(sim_, machine_, plan.knobs),
        replay_(judge_, *shadow_),
        whole_snapshots_(judge_, machine_),
        clients_(judge_, node_, *shadow_, history_, plan) {
    Watch({this, &survival_, &index_order_, &replay_, &faults_contained_, &whole_snapshots_},
          {&whole_snapshots_});
  }

  // sim::EventObserver
  void OnEvent(sim::Machine&, sim::SimTime, const Event& event) override {
    if (event.kind != EventKind::kCommitAdvanced) return;
    committed_ = std::max(committed_, LogIndex(event.a));
  }

 private:
  Supervisor& node() override { return node_; }
  ScriptedClients& clients() override { return clients_; }
  bool Probe() override { return clients_.Put("crash.probe", "alive"); }
  void CheckEverything() override { (void)clients_.CheckEverything(); }
  LogIndex committed() const override { return committed_; }

  Node node_;
  Replay replay_;
  WholeSnapshots whole_snapshots_;
  Clients clients_;
  LogIndex committed_;
};

}  // namespace

Recording RecordWorkload(const Plan& plan, CrashLie lie) {
  if (plan.database.has_value()) return RecordDatabase(plan, lie);
  return EngineWorkload(plan).Record(lie);
}

std::optional<CrashFailure> TryMishap(const Plan& plan, uint64_t point, Mishap mishap,
                                      CrashLie lie) {
  if (plan.database.has_value()) return TryMishapOnDatabase(plan, point, mishap, lie);
  return EngineWorkload(plan).Suffer(point, mishap, lie);
}

}  // namespace wt::scenarios
