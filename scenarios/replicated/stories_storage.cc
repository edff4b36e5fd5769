// Stories of disks, after TigerBeetle's replica tests, Protocol-Aware Recovery (FAST 2018) and
// Jepsen's report on NATS (2025), in our words.
#include "absl/strings/str_format.h"
#include "scenarios/catalog.h"
#include "scenarios/cluster/stage.h"
#include "scenarios/replicated/settings.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

// A committed entry rots on one replica: it is fetched from another, not cut off.
void CorruptEntryStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "the-red-one"));
  stage.ExpectAgreement();  // so that it is in no log's last batch, which may be a torn tail
  stage.ExpectOk(stage.Put("shape", "round"));
  stage.ExpectAgreement();
  const MachineId replica = stage.Others({stage.AwaitPrimary()})[0];
  stage.FlipBitInLog(replica, "the-red-one");
  stage.CutPower(replica);
  stage.ExpectCaughtUp(replica);
  stage.ExpectReached("log.repaired");
  stage.ExpectValue("color", "the-red-one");
}

// The same on the primary: it hands the part over while it mends its log.
// The second write's batch vouches for the first's, if the primary had synced it by then.
void CorruptPrimaryStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "the-red-one"));
  stage.ExpectAgreement();
  stage.ExpectOk(stage.Put("shape", "round"));
  stage.ExpectAgreement();
  const MachineId primary = stage.AwaitPrimary();
  stage.FlipBitInLog(primary, "the-red-one");
  stage.CutPower(primary);
  stage.ExpectValue("color", "the-red-one");
  stage.ExpectCaughtUp(primary);
  stage.ExpectReached("log.repaired");
}

// Nobody has it any more: nothing is served, and nothing is made up.
void EverybodyCorruptStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "the-red-one"));
  stage.ExpectAgreement();  // so that it is in no log's last batch, which may be a torn tail
  stage.ExpectOk(stage.Put("shape", "round"));
  stage.ExpectAgreement();
  for (const MachineId machine : stage.Everybody()) {
    stage.TakeDown(machine);
    stage.FlipBitInLog(machine, "the-red-one");
  }
  for (const MachineId machine : stage.Everybody()) stage.Restart(machine);
  stage.ExpectNoCommit(5s);
  for (const MachineId machine : stage.Everybody()) {
    const auto read = stage.GetVia(machine, "color", ReadFrom::kStale);
    stage.Expect(!read.has_value() || *read == "the-red-one",
                 "a value was served that nobody can vouch for");
  }
  stage.EndInRefusal();
}

// Different entries rot on each of three: each is whole on two others.
void DisjointDamageStory(Stage& stage) {
  const char* const values[] = {"the-first-one", "the-second-one", "the-third-one"};
  for (const char* value : values) stage.ExpectOk(stage.Put(value, value));
  stage.ExpectAgreement();
  stage.ExpectOk(stage.Put("shape", "round"));
  stage.ExpectAgreement();
  for (const MachineId machine : stage.Everybody()) {
    stage.TakeDown(machine);
    stage.FlipBitInLog(machine, values[machine - 1]);
  }
  for (const MachineId machine : stage.Everybody()) stage.Restart(machine);
  stage.ExpectOk(stage.Put("color", "red"));
  for (const char* value : values) stage.ExpectValue(value, value);
  stage.ExpectAgreement();
}

// What is damaged here has left the logs of all others: only their snapshots have its effect.
void CompactedDamageStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "the-red-one"));
  const MachineId unlucky = stage.Others({stage.AwaitPrimary()})[0];
  for (int round = 0; round < 3; ++round) {
    stage.ExpectOk(stage.PutMany(40, absl::StrFormat("r%d-", round), 5000));
    stage.ExpectAgreement();
    for (const MachineId machine : stage.Others({unlucky})) stage.TakeSnapshot(machine);
  }
  stage.TakeDown(unlucky);
  stage.FlipBitInLog(unlucky, "the-red-one");
  stage.Restart(unlucky);
  stage.ExpectCaughtUp(unlucky);
  stage.ExpectReached("replica.offered_for_damage");
  stage.ExpectOk(stage.Put("shape", "round"));
  stage.ExpectValue("color", "the-red-one");
  stage.ExpectAgreement();
}

// A machine returns with an empty disk while another is away: two of three run, and one of them
// may have forgotten what it told the third. Nothing is committed until that is back.
void WipedReplicaStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "red"));
  const MachineId primary = stage.AwaitPrimary();
  const std::vector<MachineId> others = stage.Others({primary});
  stage.TakeDown(others[1]);
  stage.ExpectOk(stage.Put("color", "green"));  // by the primary and the one that is wiped now
  stage.TakeDown(primary);
  stage.Wipe(others[0]);
  stage.Restart(others[1]);
  stage.ExpectNoCommit(3s);
  stage.ExpectTrusted(others[0], false);
  stage.Restart(primary);
  stage.ExpectOk(stage.Put("shape", "round"));
  stage.ExpectValue("color", "green");
  stage.ExpectAgreement();
}

void OldBackupStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "red"));
  stage.ExpectAgreement();
  const MachineId replica = stage.Others({stage.AwaitPrimary()})[0];
  stage.BackUp(replica);
  stage.ExpectOk(stage.PutMany(20, "later"));
  stage.RestoreBackup(replica);
  stage.ExpectOk(stage.Put("color", "green"));
  stage.ExpectAgreement();
  stage.ExpectValue("color", "green");
}

// NATS 2.12.1 lost half of its acknowledged messages so.
void OneBitOfFiveStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "the-red-one"));
  stage.ExpectOk(stage.PutMany(20, "other"));
  stage.ExpectAgreement();
  const MachineId unlucky = stage.AwaitPrimary();
  for (const MachineId machine : stage.Everybody()) stage.TakeDown(machine);
  stage.FlipBitInLog(unlucky, "the-red-one");
  for (const MachineId machine : stage.Everybody()) stage.Restart(machine);
  stage.ExpectValue("color", "the-red-one");
  stage.ExpectAgreement();
}

// The disk of one lies about its syncs; the power of all fails. What was acknowledged is there.
void LostSyncsStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "red"));
  const MachineId primary = stage.AwaitPrimary();
  stage.LoseSyncsOn(primary, 50);
  stage.ExpectOk(stage.PutMany(20, "unsynced"));
  stage.ExpectOk(stage.Put("color", "green"));
  stage.CutPower(stage.Everybody());
  stage.ExpectValue("color", "green");
  stage.ExpectAgreement();
}

// Who is asked for an entry finds by that that its own is damaged. It does not need it, having
// applied it long ago, and mends it all the same: the next who asks may have nobody else.
void DamagedDonorStory(Stage& stage) {
  const MachineId asked_first = 1;
  const MachineId returning = 3;
  stage.ExpectOk(stage.Put("color", "the-red-one"));
  stage.ExpectAgreement();  // so that it is in no log's last batch, which may be a torn tail
  stage.ExpectOk(stage.Put("shape", "round"));
  stage.ExpectAgreement();
  for (const MachineId machine : {asked_first, returning}) {
    stage.FlipBitInLog(machine, "the-red-one");
  }
  stage.CutPower(returning);
  stage.ExpectCaughtUp(returning);
  stage.ExpectReached("log.damage_found_by_read");
  stage.ExpectOk(stage.Put("color", "red"));
  stage.ExpectAgreement();
}

}  // namespace

Scenario CorruptEntry() {
  return StoryOf("corrupt-entry",
                 "a committed entry rots on one replica and is mended from another",
                 "A bit flips in the middle of a replica's log; it restarts, finds which entry is "
                 "damaged, fetches it and writes it back. It does not take it for a torn tail.",
                 3, CorruptEntryStory);
}

Scenario CorruptPrimary() {
  return StoryOf("corrupt-primary", "a committed entry rots on the primary",
                 "The primary's log is damaged and it restarts: another one is elected, and the "
                 "damage is mended.",
                 3, CorruptPrimaryStory);
}

Scenario EverybodyCorrupt() {
  return StoryOf("everybody-corrupt", "the same entry rots everywhere: the group must refuse",
                 "One entry is damaged on all three machines. Nobody can serve it, so nothing that "
                 "comes after it is served either, and nothing is made up.",
                 3, EverybodyCorruptStory);
}

Scenario DisjointDamage() {
  return StoryOf(
      "disjoint-damage", "each machine has lost another entry, and all are mended",
      "Every log is damaged, each elsewhere. No machine is whole, and yet nothing is lost.", 3,
      DisjointDamageStory);
}

Scenario DamagedDonor() {
  return StoryOf("damaged-donor", "who is asked for an entry finds its own damaged, and mends it",
                 "An entry rots on two of three. One restarts and asks the other, which finds only "
                 "now that it cannot give it. Both are mended from the third.",
                 3, DamagedDonorStory);
}

Scenario CompactedDamage() {
  Scenario scenario =
      StoryOf("compacted-damage", "an entry rots on one replica after all others have compacted it",
              "Two of three have snapshots and have let go of the log behind them. The third, "
              "which has the whole log and one bit of it flipped, takes a snapshot instead.",
              3, CompactedDamageStory);
  scenario.group->log_kept_bytes = {0, 0};
  return scenario;
}

Scenario WipedReplica() {
  return StoryOf(
      "wiped-replica", "a machine with an empty disk does not vote at once",
      "An entry is acknowledged by two of three; one of them is wiped and the other away. "
      "The third must not be elected by the one that has forgotten.",
      3, WipedReplicaStory);
}

Scenario OldBackup() {
  return StoryOf("old-backup", "a machine returns with its own disk of some time ago",
                 "A backup is taken, twenty writes later it is put back. The machine catches up.",
                 3, OldBackupStory);
}

Scenario OneBitOfFive() {
  return StoryOf("one-bit-of-five", "one bit flips on one of five machines; nothing is lost",
                 "All five are shut down, a bit of one log flips, all start again.", 5,
                 OneBitOfFiveStory);
}

Scenario LostSyncs() {
  return StoryOf("lost-syncs", "one disk lies about its syncs, and the power of all machines fails",
                 "The primary's disk says OK and makes nothing durable. Then the room loses power.",
                 3, LostSyncsStory);
}

}  // namespace wt::scenarios
