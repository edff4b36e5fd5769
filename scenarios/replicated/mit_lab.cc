#include "scenarios/replicated/mit_lab.h"

#include <map>
#include <utility>

#include "absl/strings/str_format.h"

namespace wt::scenarios {

using namespace std::chrono_literals;

MachineId ExpectOnePrimary(Stage& stage, const std::vector<MachineId>& among) {
  MachineId found = 0;
  const bool one = stage.Await([&] {
    found = 0;
    Term newest;
    std::map<Term, MachineId> primaries;
    for (const MachineId machine : among) {
      const ReplicaStatus status = stage.StatusOf(machine);
      newest = std::max(newest, status.term);
      if (status.role != Role::kPrimary) continue;
      const bool alone = primaries.insert({status.term, machine}).second;
      stage.Expect(alone, absl::StrFormat("term %d has two primaries", status.term.value()));
    }
    if (primaries.contains(newest)) found = primaries.at(newest);
    return found != 0;
  });
  stage.Expect(one, "the newest term has no primary");
  return found;
}

void ConnectOnly(Stage& stage, const std::vector<MachineId>& machines) {
  stage.network().Heal();
  for (const MachineId machine : stage.AllBut(machines)) stage.Isolate(machine);
}

void ExpectAgreementAmong(Stage& stage, const std::vector<MachineId>& machines) {
  // Where messages are late by seconds an election may take several tries: as long as the bound of
  // a failover, which is 30 s.
  absl::Status agreed = absl::UnknownError("not tried");
  for (int tries = 0; tries < 3 && !agreed.ok(); ++tries) {
    agreed = stage.Put("x", absl::StrFormat("agreement-%d", stage.committed()));
  }
  stage.ExpectOk(agreed);
  for (const MachineId machine : machines) stage.ExpectCaughtUp(machine);
}

sim::LinkDials UnreliableLinks() {
  sim::LinkDials dials;
  dials.latency = {.shape = sim::Latency::Shape::kUniform, .low = 100us, .high = 26ms};
  dials.loss_ppm = 100'000;
  return dials;
}

sim::LinkDials ReorderingLinks() {
  sim::LinkDials dials = UnreliableLinks();
  dials.reorder_ppm = 333'333;
  dials.reorder_by = 2s;
  return dials;
}

Scenario Believing(Scenario scenario) {
  scenario.group->trust = {DiskTrust::kBelieved};
  return scenario;
}

}  // namespace wt::scenarios
