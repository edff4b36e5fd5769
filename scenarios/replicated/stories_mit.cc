// The tests of MIT's 6.5840 Raft lab, told by name: the behaviour that each asks for, with our
// disks and our clients.
#include <algorithm>

#include "absl/strings/str_format.h"
#include "scenarios/catalog.h"
#include "scenarios/cluster/stage.h"
#include "scenarios/replicated/settings.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

void InitialElectionStory(Stage& stage) {
  const MachineId primary = stage.AwaitPrimary();
  const Term term = stage.TermOf(primary);
  stage.Pass(2s);
  stage.Expect(stage.AwaitPrimary() == primary && stage.TermOf(primary) == term,
               "a healthy primary was replaced");
  for (const MachineId machine : stage.Everybody()) {
    stage.Expect(stage.TermOf(machine) == term, "two machines are in different terms");
  }
}

void ReElectionStory(Stage& stage) {
  const MachineId first = stage.AwaitPrimary();
  stage.Isolate(first);
  const MachineId second = stage.AwaitPrimaryBeside(first);
  stage.Heal();
  stage.ExpectCaughtUp(first);
  stage.Expect(stage.AwaitPrimary() == second, "the old primary's return deposed the new one");
  stage.PartitionIntoGroups({{1}, {2}, {3}});
  stage.ExpectNoCommit(3s);  // one of three is no majority
  stage.Heal();
  stage.AwaitPrimary();
}

// Two of five are a minority: what their primary takes is never committed, and gives way.
void FailNoAgreeStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "red"));
  const MachineId old_primary = stage.AwaitPrimary();
  const std::vector<MachineId> others = stage.Others({old_primary});
  stage.PartitionIntoGroups({{old_primary, others[0]}, {others[1]}, {others[2]}, {others[3]}});
  stage.ExpectUnknown(stage.PutVia(old_primary, "color", "blue"));
  stage.ExpectNoCommit(2s);
  stage.Heal();
  stage.ExpectOk(stage.Put("shape", "round"));
  stage.ExpectOneOf("color", {"red", "blue"});
}

// A primary that was cut off with entries nobody else has: they are overridden when it returns.
void RejoinStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "red"));
  const MachineId first = stage.AwaitPrimary();
  stage.Isolate(first);
  for (int i = 0; i < 3; ++i) stage.BeginPutVia(first, "color", absl::StrFormat("lost-%d", i));
  const MachineId second = stage.AwaitPrimaryBeside(first);
  stage.ExpectOk(stage.Put("color", "green"));
  stage.Isolate(second);
  stage.network().Heal();
  stage.Isolate(second);
  stage.AwaitPrimaryBeside(second);
  stage.ExpectOk(stage.Put("shape", "round"));
  stage.Heal();
  stage.ExpectAgreement();
  stage.ExpectValue("color", "green");
  stage.ExpectReached("log.suffix_overridden");
}

// Long runs of entries that disagree are given up in few steps.
void BackupStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "red"));
  const MachineId first = stage.AwaitPrimary();
  const std::vector<MachineId> others = stage.Others({first});
  stage.PartitionIntoGroups({{first, others[0]}, {others[1], others[2], others[3]}});
  for (int i = 0; i < 50; ++i) stage.BeginPutVia(first, "x", absl::StrFormat("first-%d", i));
  const MachineId second = stage.AwaitPrimaryAmong({others[1], others[2], others[3]});
  stage.ExpectOk(stage.PutMany(50, "second"));
  std::vector<MachineId> rest = stage.Others({first, others[0], second});
  stage.network().Heal();
  stage.PartitionIntoGroups({{second, rest[0]}, {first, others[0], rest[1]}});
  for (int i = 0; i < 50; ++i) stage.BeginPutVia(second, "x", absl::StrFormat("third-%d", i));
  stage.AwaitPrimaryAmong({first, others[0], rest[1]});
  stage.ExpectOk(stage.PutMany(50, "fourth"));
  stage.Heal();
  stage.ExpectAgreement();
  stage.ExpectValue("color", "red");
}

// Figure 8 of the paper, by force: primaries die as soon as they have taken something.
void Figure8Story(Stage& stage) {
  std::vector<MachineId> down;
  for (int round = 0; round < 25; ++round) {
    for (const MachineId machine : stage.Everybody()) {
      if (std::find(down.begin(), down.end(), machine) != down.end()) continue;
      stage.BeginPutVia(machine, "x", absl::StrFormat("r%d-%d", round, machine));
    }
    stage.Pass(round % 5 == 4 ? 700ms : 13ms * (round % 7));
    const MachineId primary = stage.PrimaryNow();
    if (primary != 0 && down.size() < 2) {
      stage.TakeDown(primary);
      down.push_back(primary);
    } else if (!down.empty()) {
      stage.Restart(down.front());
      down.erase(down.begin());
    }
  }
  for (const MachineId machine : down) stage.Restart(machine);
  stage.ExpectOk(stage.Put("color", "red"));
  stage.ExpectAgreement();
}

// Whoever restarts has what it had, whichever of them, and however many.
void PersistStory(Stage& stage) {
  for (int round = 0; round < 3; ++round) {
    stage.ExpectOk(stage.PutMany(5, absl::StrFormat("r%d-", round)));
    const MachineId primary = stage.AwaitPrimary();
    const std::vector<MachineId> others = stage.Others({primary});
    stage.TakeDown(primary);
    stage.TakeDown(others[0]);
    stage.Restart(primary);
    stage.Restart(others[0]);
    stage.CutPower(stage.Everybody());
    stage.ExpectOk(stage.Put("round", absl::StrFormat("%d", round)));
  }
  stage.ExpectAgreement();
}

// Who was away while the log was compacted is sent a snapshot, also when it is interrupted.
void SnapshotInstallStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "red"));
  const MachineId primary = stage.AwaitPrimary();
  const MachineId away = stage.Others({primary})[0];
  for (int round = 0; round < 3; ++round) {
    stage.TakeDown(away);
    stage.ExpectOk(stage.PutMany(60, absl::StrFormat("r%d-", round), 400));
    for (const MachineId machine : stage.Others({away})) stage.TakeSnapshot(machine);
    stage.ExpectOk(stage.PutMany(20, absl::StrFormat("s%d-", round), 400));
    stage.Restart(away);
    if (round == 1) {
      stage.Pass(30ms);
      stage.CutPower(away);
    }
    stage.ExpectCaughtUp(away);
  }
  stage.ExpectReached("snapshot.installed");
}

}  // namespace

Scenario InitialElection() {
  return StoryOf("mit-initial-election", "one primary, and it stays while nothing happens",
                 "Three machines start. One is elected, all are in its term, and two quiet seconds "
                 "later nothing has changed.",
                 3, InitialElectionStory);
}

Scenario ReElection() {
  return StoryOf("mit-re-election",
                 "a primary that is cut off is replaced, and its return changes "
                 "nothing; without a majority there is none",
                 "The primary is cut off and another one elected; it returns and follows. Then all "
                 "are cut off from each other and nothing is committed, until the network heals.",
                 3, ReElectionStory);
}

Scenario FailNoAgree() {
  return StoryOf("mit-fail-no-agree", "with three of five gone nothing is committed",
                 "The primary and one more are cut off from three others that do not hear each "
                 "other. What it takes is not committed; when the network heals all agree.",
                 5, FailNoAgreeStory);
}

Scenario Rejoin() {
  return StoryOf("mit-rejoin", "a primary returns with entries that nobody else has",
                 "A primary that is cut off takes three writes; another one is elected and takes "
                 "one; it is cut off in its turn and the first returns. Its three writes are gone.",
                 3, RejoinStory);
}

Scenario Backup() {
  return StoryOf("mit-backup", "logs that disagree over a hundred entries agree again quickly",
                 "Two primaries in turn gather fifty entries each that are never committed; then "
                 "everybody meets.",
                 5, BackupStory);
}

Scenario Figure8() {
  return StoryOf(
      "mit-figure-8", "primaries die as soon as they have taken something, 25 times",
      "Everybody is asked to write; whoever is primary loses power moments later, and at "
      "least three of five are up. An entry of an older term is not committed by "
      "counting copies.",
      5, Figure8Story);
}

Scenario Persist() {
  return StoryOf("mit-persist", "machines restart in every order, in the end all at once",
                 "Writes, then the primary and another one lose power, then everybody: what was "
                 "acknowledged is there.",
                 5, PersistStory);
}

Scenario SnapshotInstall() {
  Scenario scenario =
      StoryOf("mit-snapshot-install", "who was away while the log was compacted is sent a snapshot",
              "A machine is down while the others write, take snapshots and drop their logs. It "
              "returns, is sent a snapshot, and loses power in the middle of it.",
              3, SnapshotInstallStory);
  scenario.knobs.segment_bytes = {20 * kKiB, 20 * kKiB};
  scenario.knobs.snapshots_kept = {1, 1};
  scenario.group->log_kept_bytes = {0, 0};
  return scenario;
}

}  // namespace wt::scenarios
