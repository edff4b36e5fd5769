// Stories of promises that somebody forgets: votes, and acknowledgements. Each is told so that one
// part of "Disks that lie" (PROTOCOL.md) is all that stands between the forgotten promise and the
// loss of an entry.
#include "scenarios/catalog.h"
#include "scenarios/cluster/stage.h"
#include "scenarios/replicated/settings.h"
#include "sim/virtual_disk.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

sim::LinkDials Late(Duration by) {
  return {.latency = {.shape = sim::Latency::Shape::kFixed, .low = by, .high = by}};
}

void Reconnect(Stage& stage, MachineId a, MachineId b) {
  stage.network().HealOneWay(a, b);
  stage.network().HealOneWay(b, a);
}

// Of five, the primary has an entry, one acknowledges it and forgets it, and one acknowledges it
// after it has answered the forgetful one's recall. That is not a majority.
void ForgottenAcknowledgement(Stage& stage, bool witness_restarts) {
  stage.ExpectOk(stage.Put("color", "red"));
  stage.ExpectAgreement();
  const MachineId primary = stage.AwaitPrimary();
  const std::vector<MachineId> others = stage.Others({primary});
  const MachineId forgetful = others[0];
  const MachineId witness = others[1];
  const LogIndex before = stage.DurableOn(primary);
  stage.CutLink(primary, others[2]);
  stage.CutLink(primary, others[3]);
  stage.network().SetLink(primary, witness, Late(1s));
  stage.BeginPutVia(primary, "color", "green");
  stage.Expect(stage.Await([&] { return stage.DurableOn(forgetful) > before; }, 500ms),
               "the entry did not arrive");
  stage.Pass(10ms);  // and its acknowledgement at the primary
  stage.CutLink(primary, forgetful);
  stage.Wipe(forgetful);
  stage.ExpectTrusted(forgetful, true);
  if (witness_restarts) {
    stage.CutPower(witness);
    stage.network().SetLink(primary, witness, {});
  }
  stage.Pass(1s);  // the entry reaches the witness
  stage.PartitionIntoGroups({{primary, witness}, {forgetful, others[2], others[3]}});
  stage.SetLinks({});
  stage.AwaitPrimaryAmong({forgetful, others[2], others[3]});
  stage.Heal();
  stage.ExpectOk(stage.Put("shape", "round"));
  stage.ExpectAgreement();
  stage.ExpectOneOf("color", {"red", "green"});
}

void ForgottenAcknowledgementStory(Stage& stage) { ForgottenAcknowledgement(stage, false); }
void ForgetfulWitnessStory(Stage& stage) { ForgottenAcknowledgement(stage, true); }

// Two of three are late to answer their primary, which therefore thinks for a while that they are
// with it when one has elected the other. That voter is wiped then, and takes entries of the old
// primary, for it does not know any better. It must not be counted.
void DoubtfulAcknowledgementStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "red"));
  stage.ExpectAgreement();
  const MachineId primary = stage.AwaitPrimary();
  const std::vector<MachineId> others = stage.Others({primary});
  // Later and later, so that the primary never hears nothing for long.
  for (const Duration late : {900ms, 1700ms}) {
    for (const MachineId other : others) stage.network().SetLink(other, primary, Late(late));
    stage.Pass(600ms);
  }
  for (const MachineId other : others) stage.CutOneWay(primary, other);
  const bool elected =
      stage.Await([&] { return stage.PrimaryNow() != primary && stage.PrimaryNow() != 0; });
  stage.Expect(elected, "nobody else was elected");
  const MachineId next = stage.PrimaryNow();
  const MachineId voter = stage.Others({primary, next})[0];
  stage.CutLink(next, voter);
  stage.Wipe(voter);
  stage.network().SetLink(voter, primary, {});
  Reconnect(stage, primary, voter);
  stage.BeginPutVia(primary, "color", "green");
  stage.Pass(1s);
  stage.ExpectTrusted(voter, false);
  stage.SetLinks({});
  stage.Heal();
  stage.ExpectOk(stage.Put("shape", "round"));
  stage.ExpectAgreement();
  stage.ExpectOneOf("color", {"red", "green"});
}

// What was answered to one life of a machine arrives once more, at the next one, which is blank:
// nobody has told that one what it forgot.
void AnswersToAnEarlierLifeStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "red"));
  stage.ExpectAgreement();
  const MachineId primary = stage.AwaitPrimary();
  const MachineId forgetful = stage.Others({primary})[0];
  const MachineId unaware = stage.Others({primary})[1];
  stage.SetLinks({.replay_ppm = 1'000'000, .replay_after = 5s});
  stage.CutPower(forgetful);
  stage.ExpectTrusted(forgetful, true);
  stage.SetLinks({});
  stage.CutLink(primary, unaware);
  stage.ExpectOk(stage.Put("color", "green"));  // by the primary and the one that is wiped now
  stage.CutOneWay(forgetful, unaware);          // which does not hear its question
  stage.TakeDown(primary);
  stage.Wipe(forgetful);
  stage.Pass(6s);
  Reconnect(stage, forgetful, unaware);
  stage.ExpectNoCommit(4s);
  stage.ExpectTrusted(forgetful, false);
  stage.Heal();
  stage.Restart(primary);
  stage.ExpectValue("color", "green");
  stage.ExpectAgreement();
}

// A machine is wiped, and gets back some of what it had before it loses power. Its disk is in order
// then, and is believed; but it is not what it was.
void DoubtOutlivesARestartStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "red"));
  stage.ExpectOk(stage.PutMany(100, "old", 3000));
  stage.ExpectAgreement();
  const MachineId primary = stage.AwaitPrimary();
  const MachineId forgetful = stage.Others({primary})[0];
  const MachineId unaware = stage.Others({primary})[1];
  stage.CutLink(primary, unaware);
  stage.ExpectOk(stage.Put("color", "green"));  // by the primary and the one that is wiped now
  stage.network().SetLink(primary, forgetful, {.bytes_per_second = 200'000});
  stage.Wipe(forgetful);
  const auto has_some = [&] { return stage.StatusOf(forgetful).durable > LogIndex(20); };
  stage.Expect(stage.Await(has_some), "nothing was sent to the blank machine");
  stage.TakeDown(primary);
  stage.CutPower(forgetful);
  stage.SetLinks({});
  stage.ExpectNoCommit(9s);
  stage.ExpectTrusted(forgetful, false);
  stage.Heal();
  stage.Restart(primary);
  stage.ExpectValue("color", "green");
  stage.ExpectAgreement();
}

// A voter loses power as soon as its vote is out. Who asks next, in the same term, must not have
// it.
void VoteOfAnEarlierLifeStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "red"));
  stage.ExpectAgreement();
  const MachineId primary = stage.AwaitPrimary();
  for (const MachineId other : stage.Others({primary})) {
    stage.disk(other).faults().sync_latency_min = 100ms;
    stage.disk(other).faults().sync_latency_max = 100ms;
  }
  MachineId voter = 0;
  MachineId candidate = 0;
  stage.Whenever(EventKind::kVoteReleased, [&](MachineId machine, const Event& event) {
    if (voter != 0 || event.b == machine) return;
    voter = machine;
    candidate = static_cast<MachineId>(event.b);
  });
  stage.Whenever(EventKind::kPrimaryElected,
                 [&](MachineId machine, const Event&) { stage.network().Isolate(machine); });
  stage.Isolate(primary);
  stage.Expect(stage.Await([&] { return voter != 0; }), "nobody voted");
  stage.CutPower(voter);
  stage.Expect(stage.Await([&] { return stage.PrimaryNow() == candidate; }),
               "who was voted for is not primary");
  stage.NoLongerWhenever();
  for (const MachineId other : stage.Others({primary})) {
    stage.disk(other).faults().sync_latency_min = 1ms;
    stage.disk(other).faults().sync_latency_max = 2ms;
  }
  Reconnect(stage, primary, voter);
  stage.AwaitPrimaryAmong({primary, voter});
  stage.Heal();
  stage.ExpectOk(stage.Put("shape", "round"));
  stage.ExpectAgreement();
  stage.ExpectValue("color", "red");
}

Scenario Patient(Scenario scenario, Duration election_timeout) {
  scenario.group->election_timeout = election_timeout;
  scenario.calm = 20s;
  return scenario;
}

Scenario Believing(Scenario scenario) {
  scenario.group->trust = {DiskTrust::kBelieved};
  return scenario;
}

}  // namespace

Scenario ForgottenAcknowledgement() {
  return Patient(
      StoryOf("forgotten-acknowledgement", "what one has acknowledged and forgotten is not counted",
              "One of five acknowledges an entry, is wiped, and recalled by three others. One of "
              "these gets the entry later, and says what it knows as it acknowledges it: the "
              "primary no longer counts the forgetful one.",
              5, ForgottenAcknowledgementStory),
      2s);
}

Scenario ForgetfulWitness() {
  return Believing(
      Patient(StoryOf("forgetful-witness", "who has answered a recall knows of it after a restart",
                      "As forgotten-acknowledgement; and the one that bears witness loses power in "
                      "between. Its disk is believed, so nobody tells it again.",
                      5, ForgetfulWitnessStory),
              3s));
}

Scenario DoubtfulAcknowledgement() {
  return Patient(StoryOf("doubtful-acknowledgement",
                         "who may have forgotten a vote is not counted for an entry",
                         "Two of three elect one of them while the old primary still takes their "
                         "late answers for news. The voter is wiped and takes the old primary's "
                         "entries, which are not committed by that.",
                         3, DoubtfulAcknowledgementStory),
                 1s);
}

Scenario AnswersToAnEarlierLife() {
  return StoryOf("answers-to-an-earlier-life", "answers to a life that is over are not taken",
                 "Everything that a machine was told as it started arrives once more when it has "
                 "been wiped, and one of those who said it is away. It does not believe that it "
                 "was recalled.",
                 3, AnswersToAnEarlierLifeStory);
}

Scenario DoubtOutlivesARestart() {
  return Believing(
      Patient(StoryOf("doubt-outlives-a-restart",
                      "a wiped machine is doubted until it has everything again",
                      "A machine is wiped, and loses power with some of its log back. All "
                      "disks are believed, this one is not.",
                      3, DoubtOutlivesARestartStory),
              2s));
}

Scenario VoteOfAnEarlierLife() {
  return Believing(StoryOf(
      "vote-of-an-earlier-life", "a voter loses power as soon as its vote is out",
      "Disks are slow and believed. A voter loses power when its vote is on the way, and is asked "
      "by the old primary for a vote in the same term when it is back.",
      3, VoteOfAnEarlierLifeStory));
}

}  // namespace wt::scenarios
