#include "scenarios/cluster/invariants/logs.h"

#include <string>

#include "sim/machine.h"

namespace wt::scenarios {

void Logs::OnEvent(sim::Machine& machine, sim::SimTime at, const Event& event) {
  const uint32_t id = machine.id();
  switch (event.kind) {
    case EventKind::kLogAppended:
      return judge_.Expect(
          "log-matching",
          ledger_.OnAppended(id, LogIndex(event.a), Term(event.b),
                             WallTime(Duration(static_cast<int64_t>(event.d))), event.c));
    case EventKind::kEngineOpening:
      opening_.insert(id);
      return;
    case EventKind::kLogSynced:
      if (opening_.contains(id)) return;
      return ledger_.OnSynced(id, LogIndex(event.d));
    case EventKind::kLogSuffixOverridden:
      return judge_.Expect("acked-writes-survive", ledger_.OnOverridden(id, LogIndex(event.a)));
    case EventKind::kLogReset:
      return judge_.Expect("log-matching", ledger_.OnReset(id, LogIndex(event.a), Term(event.b)));
    case EventKind::kLogCompacted:
      return ledger_.OnCompacted(id, LogIndex(event.a));
    case EventKind::kSnapshotInstalled:
      return ledger_.OnInstalled(id, LogIndex(event.a));
    case EventKind::kLogRecovered:
      opening_.erase(id);
      return OnRecovered(id, event);
    case EventKind::kReplicaSetAside:
      return ledger_.OnSetAside(id);
    case EventKind::kConfigurationAdopted:
      return OnConfiguration(id, at, event);
    case EventKind::kQuorumCommitted:
      return judge_.Expect("state-machine-safety",
                           ledger_.OnCommitted(id, LogIndex(event.a), Term(event.b)));
    default:
      return;
  }
}

void Logs::OnRecovered(uint32_t machine, const Event& event) {
  const bool had_durable = ledger_.log(machine).durable() > LogIndex(0);
  const MaybeViolation violation = ledger_.OnRecovered(
      machine, LogIndex(event.a), LogIndex(event.b), Term(event.d), honesty_.IsHonest(machine));
  if (had_durable || violation) judge_.Expect("acked-writes-survive", violation);
}

void Logs::OnConfiguration(uint32_t machine, sim::SimTime at, const Event& event) {
  const std::optional<Configuration> members = ParseConfiguration(event.text);
  if (!members.has_value()) {
    return judge_.Fail("check", "members that cannot be read: " + std::string(event.text));
  }
  ledger_.OnConfiguration(machine, *members, at);
}

}  // namespace wt::scenarios
