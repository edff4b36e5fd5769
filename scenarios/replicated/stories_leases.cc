// A story of leases: who has promised one keeps the promise even if it forgets it.
#include "absl/strings/str_format.h"
#include "scenarios/catalog.h"
#include "scenarios/cluster/stage.h"
#include "scenarios/replicated/settings.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

// One of three does not hear the primary and asks the other for its vote, again and again. That
// one is killed, and hears the primary no more either: it knows of none, but one has its word.
void LeaseOfAnEarlierLifeStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "v0"));
  for (int round = 1; round <= 8; ++round) {
    stage.ExpectAgreement();
    const MachineId primary = stage.AwaitPrimary();
    const MachineId outcast = stage.Others({primary})[0];
    const MachineId between = stage.Others({primary})[1];
    stage.CutLink(primary, outcast);
    stage.Pass(1s);
    stage.CutOneWay(primary, between);
    stage.Kill(between);
    const MachineId next = stage.AwaitPrimaryBeside(primary);
    // The old one may still think that it has a lease: whatever it answers is judged.
    stage.ExpectOk(stage.PutVia(next, "color", absl::StrFormat("v%d", round)));
    (void)stage.GetVia(primary, "color", ReadFrom::kLease);
    stage.Heal();
  }
  stage.ExpectAgreement();
  stage.ExpectValue("color", "v8");
}

}  // namespace

Scenario LeaseOfAnEarlierLife() {
  Scenario scenario = StoryOf(
      "lease-of-an-earlier-life", "a voter starts anew, and keeps the lease that it granted",
      "A machine that cannot hear the primary asks for votes. The only other voter is "
      "killed while the primary relies on it, believes its disk, and is asked again as "
      "soon as it is back. It does not vote for one election timeout.",
      3, LeaseOfAnEarlierLifeStory);
  scenario.group->trust = {DiskTrust::kBelieved};
  return scenario;
}

}  // namespace wt::scenarios
