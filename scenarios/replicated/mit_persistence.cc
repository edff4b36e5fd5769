// MIT's 6.5840 Raft lab, part 3C, test by test: machines that restart, and networks that lose,
// delay and reorder. (Figure 8 on a good network is in stories_mit.cc.)
//
// The lab's disks are believed. So they are here where machines restart while others are away:
// after a start that is doubted nothing would be committed until those are back, which other
// stories tell.
#include <algorithm>

#include "absl/strings/str_format.h"
#include "scenarios/catalog.h"
#include "scenarios/cluster/stage.h"
#include "scenarios/replicated/mit_lab.h"
#include "scenarios/replicated/settings.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

void Persist1Story(Stage& stage) {
  ExpectAgreementAmong(stage, stage.Everybody());
  for (const MachineId machine : stage.Everybody()) stage.KillAndHold(machine);
  for (const MachineId machine : stage.Everybody()) stage.Restart(machine);
  ExpectAgreementAmong(stage, stage.Everybody());
  const MachineId first = ExpectOnePrimary(stage, stage.Everybody());
  stage.KillAndHold(first);
  stage.Restart(first);
  ExpectAgreementAmong(stage, stage.Everybody());
  const MachineId second = ExpectOnePrimary(stage, stage.Everybody());
  stage.KillAndHold(second);
  ExpectAgreementAmong(stage, stage.Others({second}));
  stage.Restart(second);
  stage.ExpectCaughtUp(second);
  const MachineId third = stage.Others({ExpectOnePrimary(stage, stage.Everybody())})[0];
  stage.KillAndHold(third);
  ExpectAgreementAmong(stage, stage.Others({third}));
  stage.Restart(third);
  ExpectAgreementAmong(stage, stage.Everybody());
}

// Majorities that overlap in one machine: what one commits the next must know.
void Persist2Story(Stage& stage) {
  for (int round = 0; round < 5; ++round) {
    ExpectAgreementAmong(stage, stage.Everybody());
    const MachineId primary = ExpectOnePrimary(stage, stage.Everybody());
    const std::vector<MachineId> ring = stage.Others({primary});
    ConnectOnly(stage, {primary, ring[2], ring[3]});
    ExpectAgreementAmong(stage, {primary, ring[2], ring[3]});
    for (const MachineId machine : stage.Everybody()) stage.Isolate(machine);
    for (const size_t i : {0, 1}) {
      stage.KillAndHold(ring[i]);
      stage.Restart(ring[i]);
    }
    ConnectOnly(stage, {ring[0], ring[1]});
    stage.ExpectNoCommit(1s);
    stage.KillAndHold(ring[2]);
    stage.Restart(ring[2]);
    ConnectOnly(stage, {ring[0], ring[1], ring[2]});
    ExpectAgreementAmong(stage, {ring[0], ring[1], ring[2]});
    stage.Heal();
  }
  ExpectAgreementAmong(stage, stage.Everybody());
}

// The primary and a replica crash; the primary comes back to one that missed their last write.
void Persist3Story(Stage& stage) {
  ExpectAgreementAmong(stage, stage.Everybody());
  const MachineId primary = ExpectOnePrimary(stage, stage.Everybody());
  const std::vector<MachineId> others = stage.Others({primary});
  stage.Isolate(others[1]);
  stage.ExpectOk(stage.Put("color", "red"));
  stage.ExpectCaughtUp(others[0]);
  stage.KillAndHold(primary);
  stage.KillAndHold(others[0]);
  stage.Heal();
  stage.Restart(primary);
  ExpectAgreementAmong(stage, {primary, others[1]});
  stage.ExpectValue("color", "red");
  stage.Restart(others[0]);
  ExpectAgreementAmong(stage, stage.Everybody());
}

// Whoever is primary, be it with others, is asked to write. Returns one of those.
MachineId WriteAtPrimaries(Stage& stage, const std::vector<MachineId>& among, int round) {
  MachineId primary = 0;
  for (const MachineId machine : among) {
    if (stage.StatusOf(machine).role != Role::kPrimary) continue;
    stage.BeginPutVia(machine, "x", absl::StrFormat("r%d-%d", round, machine));
    primary = machine;
  }
  return primary;
}

// Figure 8 without crashes: primaries are cut off, with messages late by seconds.
void Figure8UnreliableStory(Stage& stage) {
  constexpr int kRounds = 1'000;
  stage.SetLinks(UnreliableLinks());
  ExpectAgreementAmong(stage, {stage.AwaitPrimary()});
  std::vector<MachineId> connected = stage.Everybody();
  int cut_off = 0;
  // An election may take long on such a network: until a few primaries have gone.
  for (int round = 0; round < kRounds || (cut_off < 5 && round < 20 * kRounds); ++round) {
    if (round == kRounds / 5) stage.SetLinks(ReorderingLinks());
    const MachineId primary = WriteAtPrimaries(stage, connected, round);
    const bool long_pause = stage.Below(10) == 0;
    stage.Pass(1ms * stage.Below(long_pause ? 500 : 13));
    if (primary != 0 && stage.Below(2) == 0) {
      std::erase(connected, primary);
      ++cut_off;
    }
    if (connected.size() < 3) {
      const std::vector<MachineId> away = stage.AllBut(connected);
      connected.push_back(away[stage.Below(away.size())]);
    }
    ConnectOnly(stage, connected);
  }
  stage.Expect(cut_off >= 5, absl::StrFormat("only %d primaries were cut off", cut_off));
  stage.Heal();
  ExpectAgreementAmong(stage, stage.Everybody());
}

// Five at a time agree while one message in ten is lost.
void UnreliableAgreementStory(Stage& stage) {
  stage.SetLinks(UnreliableLinks());
  stage.StartWriters({.count = 4, .until_answered = true});
  stage.ExpectOk(stage.PutMany(50, "x"));
  const std::map<std::string, std::string> written = stage.StopWriters();
  stage.Expect(written.size() >= 50, "the other four hardly agreed on anything");
  stage.SetLinks({});
  stage.ExpectAgreement();
  stage.ExpectValues(written);
}

// Machines go, die and come back without regard for a majority; three clients write meanwhile.
// What any of them was told to be committed is there in the end.
void Churn(Stage& stage) {
  std::vector<MachineId> away;
  std::vector<MachineId> dead;
  const auto is_in = [](const std::vector<MachineId>& some, MachineId machine) {
    return std::ranges::find(some, machine) != some.end();
  };
  stage.AwaitPrimary();
  stage.StartWriters({.count = 3, .think = 20ms});
  for (int round = 0; round < 20; ++round) {
    if (stage.Below(1'000) < 200) away.push_back(stage.SomeOf(stage.Everybody(), 1)[0]);
    if (stage.Below(1'000) < 500) {
      const MachineId back = stage.SomeOf(stage.Everybody(), 1)[0];
      if (is_in(dead, back)) stage.Restart(back);
      std::erase(dead, back);
      std::erase(away, back);
    }
    if (stage.Below(1'000) < 200) {
      const MachineId dies = stage.SomeOf(stage.Everybody(), 1)[0];
      if (!is_in(dead, dies)) {
        stage.TakeDown(dies);
        dead.push_back(dies);
      }
    }
    ConnectOnly(stage, stage.AllBut(away));
    stage.Pass(350ms);
  }
  stage.SetLinks({});
  stage.Heal();
  for (const MachineId machine : dead) stage.Restart(machine);
  stage.AwaitPrimary();
  stage.Pass(1s);
  const std::map<std::string, std::string> written = stage.StopWriters();
  stage.Expect(written.size() >= 20, "hardly anything was acknowledged");
  ExpectAgreementAmong(stage, stage.Everybody());
  stage.ExpectValues(written);
}

void ReliableChurnStory(Stage& stage) { Churn(stage); }

void UnreliableChurnStory(Stage& stage) {
  stage.SetLinks(UnreliableLinks());
  Churn(stage);
}

Scenario WithEitherTrust(Scenario scenario) {
  scenario.group->trust = {DiskTrust::kVerified, DiskTrust::kBelieved};
  return scenario;
}

}  // namespace

Scenario Persist1() {
  return Believing(StoryOf("mit-persist-1", "all restart, then the primary, then each alone",
                           "All three processes die and start again, then the primary at once, "
                           "then one primary and one replica with a write meanwhile. All agree "
                           "after each.",
                           3, Persist1Story));
}

Scenario Persist2() {
  return Believing(StoryOf("mit-persist-2",
                           "majorities that have one machine in common, which restarts in between",
                           "Three of five commit; then the two that were away and one of those "
                           "three, all of them started anew, commit. Five times over.",
                           5, Persist2Story));
}

Scenario Persist3() {
  return Believing(StoryOf("mit-persist-3",
                           "a primary restarts among those that know less than it does",
                           "One replica is cut off while the others commit; both crash, the "
                           "primary starts again with the one that was away. What they had "
                           "committed is there.",
                           3, Persist3Story));
}

Scenario Figure8Unreliable() {
  Scenario scenario =
      StoryOf("mit-figure-8-unreliable",
              "primaries are cut off while messages are lost, late and out of order",
              "Every primary is asked to write, and half of the time cut off moments later; "
              "three of five always hear each other, but one message in ten is lost and a third "
              "are up to two seconds late. In the end all agree, on the same network.",
              5, Figure8UnreliableStory);
  scenario.goals = {"log.suffix_overridden"};
  return scenario;
}

Scenario UnreliableAgreement() {
  return StoryOf("mit-unreliable-agreement", "five clients agree over links that lose and delay",
                 "One message in ten is lost, the others take up to 26 ms. Fifty rounds of five "
                 "writes at a time are all committed.",
                 5, UnreliableAgreementStory);
}

Scenario ReliableChurn() {
  return WithEitherTrust(
      StoryOf("mit-churn", "machines are cut off, die and return at random",
              "Twenty times over some machine is cut off, one comes back, one dies. Three clients "
              "write all the while, and what they were told is there in the end.",
              5, ReliableChurnStory));
}

Scenario UnreliableChurn() {
  return WithEitherTrust(
      StoryOf("mit-churn-unreliable", "the same over links that lose and delay",
              "As mit-churn, while one message in ten is lost and the others take up to 26 ms.", 5,
              UnreliableChurnStory));
}

}  // namespace wt::scenarios
