// Stories of two of five machines that forget: as many as may, and then it matters whom they ask.
#include "scenarios/catalog.h"
#include "scenarios/cluster/stage.h"
#include "scenarios/replicated/settings.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

// The primary and two others have committed an entry; the primary is down, and the rest has never
// heard of it.
struct Cast {
  MachineId primary = 0;
  MachineId first = 0;
  MachineId second = 0;
};

Cast CommitByThree(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "red"));
  stage.ExpectAgreement();
  const MachineId primary = stage.AwaitPrimary();
  const std::vector<MachineId> others = stage.Others({primary});
  stage.CutLink(primary, others[2]);
  stage.CutLink(primary, others[3]);
  stage.ExpectOk(stage.Put("color", "green"));
  stage.TakeDown(primary);
  stage.Heal();
  return {.primary = primary, .first = others[0], .second = others[1]};
}

void ExpectAllIsWellWith(Stage& stage, MachineId primary) {
  stage.Restart(primary);
  stage.ExpectValue("color", "green");
  stage.ExpectAgreement();
  for (const MachineId machine : stage.Everybody()) stage.ExpectTrusted(machine, true);
}

// Both are wiped at once. What one of them says to the other proves nothing.
void TwoWipedStory(Stage& stage) {
  const Cast cast = CommitByThree(stage);
  stage.Wipe(cast.first);
  stage.Wipe(cast.second);
  stage.ExpectNoCommit(6s);
  stage.ExpectTrusted(cast.first, false);
  stage.ExpectTrusted(cast.second, false);
  ExpectAllIsWellWith(stage, cast.primary);
}

// The second is wiped when the first has heard from it what it demands of a primary: the first must
// pass that on, for it does not have the entry itself yet.
void PassedOnFloorStory(Stage& stage) {
  const Cast cast = CommitByThree(stage);
  stage.Wipe(cast.first);
  stage.ExpectTrusted(cast.first, true);
  stage.Wipe(cast.second);
  stage.ExpectTrusted(cast.second, true);
  stage.ExpectNoCommit(8s);
  ExpectAllIsWellWith(stage, cast.primary);
}

// Every message arrives twice. Two of five are no majority for all that.
void DuplicatedVotesStory(Stage& stage) {
  stage.SetLinks({.duplicate_ppm = 1'000'000});
  stage.ExpectOk(stage.Put("color", "red"));
  stage.ExpectAgreement();
  const MachineId primary = stage.AwaitPrimary();
  const std::vector<MachineId> others = stage.Others({primary});
  stage.PartitionIntoGroups({{others[0], others[1]}, {primary, others[2], others[3]}});
  stage.ExpectOk(stage.Put("color", "green"));
  stage.Pass(3s);
  stage.Expect(stage.PrimaryNow() == primary, "two of five have elected one of them");
  stage.Heal();
  stage.ExpectValue("color", "green");
  stage.ExpectAgreement();
}

Scenario Patient(Scenario scenario) {
  scenario.group->election_timeout = 2s;
  scenario.calm = 20s;
  return scenario;
}

}  // namespace

Scenario TwoWiped() {
  return Patient(StoryOf("two-wiped", "two of five are wiped, and cannot vouch for each other",
                         "An entry is on three of five; two of these are wiped and the third is "
                         "away. The wiped ones wait for it, though three others answer them.",
                         5, TwoWipedStory));
}

Scenario PassedOnFloor() {
  return Patient(StoryOf("passed-on-floor", "what a recalled machine demands it tells the next one",
                         "An entry is on three of five. One of these is wiped and recalled, then "
                         "the second one is; the third is away. Nobody is elected without it.",
                         5, PassedOnFloorStory));
}

Scenario DuplicatedVotes() {
  return StoryOf("duplicated-votes", "a vote that arrives twice is one vote",
                 "All messages arrive twice, and two of five are cut off from the others.", 5,
                 DuplicatedVotesStory);
}

}  // namespace wt::scenarios
