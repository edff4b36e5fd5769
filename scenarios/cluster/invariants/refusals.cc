#include "scenarios/cluster/invariants/refusals.h"

#include "absl/strings/str_format.h"
#include "sim/machine.h"
#include "sim/virtual_disk.h"

namespace wt::scenarios {

void Refusals::OnEvent(sim::Machine& machine, sim::SimTime, const Event& event) {
  switch (event.kind) {
    case EventKind::kReplicaSetAside:
      ++set_aside_;
      return OnRefusal(machine, "set its folders aside", event.text);
    case EventKind::kLogDamaged:
      return OnRefusal(machine, "found its log damaged", event.text);
    case EventKind::kSnapshotDamaged:
      if (honesty_.NamesAreInDoubt(machine.id())) return;
      return OnRefusal(machine, "found a snapshot damaged", event.text);
    default:
      return;
  }
}

void Refusals::OnRefusal(sim::Machine& machine, std::string_view what, std::string_view error) {
  judge_.Evaluated("refuse-not-lie");
  if (!honesty_.IsHonest(machine.id()) || honesty_.ReadsAreInDoubt(machine.id())) return;
  if (machine.disk().HarmedAnywhere()) return;
  judge_.Fail("refuse-not-lie",
              absl::StrFormat("machine %d %s, but its disk holds everything that it promised: %s",
                              machine.id(), what, error));
}

}  // namespace wt::scenarios
