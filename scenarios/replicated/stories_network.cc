// Stories of networks and time: cuts in one direction, in a chain; words that arrive again; a
// primary that stands still.
#include "scenarios/catalog.h"
#include "scenarios/cluster/stage.h"
#include "scenarios/replicated/settings.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

// A primary that stands still for longer than an election takes does not know that it is deposed.
void PausedPrimaryStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "red"));
  const MachineId old_primary = stage.AwaitPrimary();
  stage.Pause(old_primary);
  stage.AwaitPrimaryBeside(old_primary);
  stage.ExpectOk(stage.Put("color", "green"));
  for (int i = 0; i < 8; ++i) stage.BeginGetVia(old_primary, "color");
  stage.Pass(5ms);
  stage.Resume(old_primary);
  const auto read = stage.GetVia(old_primary, "color");
  stage.Expect(!read.has_value() || *read == "green", "a deposed primary served an old value");
  stage.ExpectAgreement();
}

// It is heard, but hears nobody: it must step down, or no other could ever be elected.
void DeafPrimaryStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "red"));
  const MachineId old_primary = stage.AwaitPrimary();
  stage.HearsNobody(old_primary);
  stage.AwaitPrimaryBeside(old_primary);
  stage.ExpectOk(stage.Put("color", "green"));
  stage.Heal();
  stage.ExpectAgreement();
}

void MutePrimaryStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "red"));
  const MachineId old_primary = stage.AwaitPrimary();
  stage.IsHeardByNobody(old_primary);
  stage.AwaitPrimaryBeside(old_primary);
  stage.ExpectOk(stage.Put("color", "green"));
  stage.Heal();
  stage.ExpectAgreement();
  stage.ExpectValue("color", "green");
}

// All that the primary says arrives again within ten seconds, most of it after its death.
void WordsOfTheDeadStory(Stage& stage) {
  stage.SetLinks({.replay_ppm = 1'000'000});
  stage.ExpectOk(stage.PutMany(20, "k"));
  const MachineId old_primary = stage.AwaitPrimary();
  stage.Pass(2s);
  stage.ExpectOk(stage.Put("color", "red"));
  stage.TakeDown(old_primary);
  const auto is_replaced = [&] {
    return stage.PrimaryNow() != 0 && stage.PrimaryNow() != old_primary;
  };
  stage.Expect(stage.Await(is_replaced, 4s), "nobody is elected while the dead one is heard of");
  stage.ExpectOk(stage.Put("color", "green"));
  stage.Restart(old_primary);
  stage.SetLinks({});
  stage.ExpectAgreement();
  stage.ExpectValue("color", "green");
}

// A replica that was cut off comes back and does not depose a healthy primary.
void ReturningReplicaStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "red"));
  const MachineId primary = stage.AwaitPrimary();
  const Term term = stage.TermOf(primary);
  const MachineId replica = stage.Others({primary})[0];
  stage.Isolate(replica);
  stage.Pass(3s);
  stage.ExpectOk(stage.Put("color", "green"));
  stage.Heal();
  stage.ExpectCaughtUp(replica);
  stage.Pass(1s);
  stage.Expect(stage.TermOf(primary) == term, "its return began a new term");
}

}  // namespace

Scenario PausedPrimary() {
  return StoryOf(
      "paused-primary", "a primary stands still for longer than an election takes",
      "The primary is paused, another one is elected and takes a write. When the old one "
      "goes on it serves nothing old.",
      3, PausedPrimaryStory);
}

Scenario DeafPrimary() {
  return StoryOf("deaf-primary", "a primary that is heard but hears nobody steps down",
                 "All links to the primary are cut, those from it are not.", 3, DeafPrimaryStory);
}

Scenario MutePrimary() {
  return StoryOf("mute-primary", "a primary that hears everybody but is not heard is replaced",
                 "All links from the primary are cut, those to it are not.", 3, MutePrimaryStory);
}

Scenario WordsOfTheDead() {
  return StoryOf("words-of-the-dead", "a dead primary is replaced though its words arrive again",
                 "The network delivers each message a second time, up to ten seconds later. The "
                 "primary loses power; what it said before holds up no election.",
                 3, WordsOfTheDeadStory);
}

Scenario ReturningReplica() {
  return StoryOf("returning-replica", "a replica that was cut off does not depose the primary",
                 "A replica is cut off for six election timeouts, and returns.", 3,
                 ReturningReplicaStory);
}

}  // namespace wt::scenarios
