// MIT's 6.5840 Raft lab, parts 3A and 3B, test by test: elections, agreement, and what they cost.
// (Initial election, re-election, no agreement, rejoin and backup are in stories_mit.cc.)
#include "absl/strings/str_format.h"
#include "scenarios/catalog.h"
#include "scenarios/cluster/stage.h"
#include "scenarios/replicated/mit_lab.h"
#include "scenarios/replicated/settings.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

// Three of seven are a minority, whichever they are: the rest has a primary, or elects one.
void ManyElectionsStory(Stage& stage) {
  MachineId primary = ExpectOnePrimary(stage, stage.Everybody());
  for (int round = 0; round < 10; ++round) {
    std::vector<MachineId> away = stage.SomeOf(stage.Everybody(), 3);
    if (round == 0) {  // once at least it is the primary's turn
      away = stage.SomeOf(stage.Others({primary}), 2);
      away.push_back(primary);
    }
    for (const MachineId machine : away) stage.Isolate(machine);
    const std::vector<MachineId> rest = stage.AllBut(away);
    stage.AwaitPrimaryAmong(rest);
    primary = ExpectOnePrimary(stage, rest);
    stage.Heal();
  }
  stage.Expect(stage.elections() >= 2, "nobody was replaced");
  ExpectOnePrimary(stage, stage.Everybody());
}

// Nothing is committed before it was asked for; then exactly that is, in its place, everywhere.
void BasicAgreementStory(Stage& stage) {
  stage.AwaitPrimary();
  for (int i = 1; i <= 3; ++i) {
    const uint64_t before = stage.committed();
    stage.Pass(100ms);
    stage.Expect(stage.committed() == before, "something was committed that nobody asked for");
    stage.ExpectOk(stage.Put("x", absl::StrFormat("%d", 100 * i)));
    stage.Expect(stage.committed() == before + 1, "one write is not one entry");
    stage.ExpectAgreement();
    stage.ExpectValue("x", absl::StrFormat("%d", 100 * i));
  }
}

// The lab allows every machine each byte once, and 50,000 for everything else.
void BytesPerCommandStory(Stage& stage) {
  constexpr uint64_t kCommands = 10;
  constexpr uint64_t kBytes = 5'000;
  stage.ExpectOk(stage.Put("x", "small"));
  stage.ExpectAgreement();
  const MachineId primary = stage.AwaitPrimary();
  const uint64_t before = stage.network().counts().sent_bytes;
  for (uint64_t i = 0; i < kCommands; ++i) {
    std::string value = absl::StrFormat("large-%d:", i);
    value.resize(kBytes, static_cast<char>('a' + i));
    stage.ExpectOk(stage.PutVia(primary, "x", value, {.timeout = 5s}));
  }
  stage.ExpectAgreement();
  const uint64_t sent = stage.network().counts().sent_bytes - before;
  stage.Tell(absl::StrFormat("%d bytes were sent", sent));
  stage.Expect(sent >= 2 * kCommands * kBytes, "two replicas have less than was written");
  stage.Expect(sent <= 3 * kCommands * kBytes + 50'000,
               absl::StrFormat("%d bytes were sent for %d of commands", sent, kCommands * kBytes));
}

void FollowerFailureStory(Stage& stage) {
  stage.ExpectOk(stage.Put("x", "101"));
  stage.ExpectAgreement();
  const MachineId primary = stage.AwaitPrimary();
  const std::vector<MachineId> others = stage.Others({primary});
  stage.Isolate(others[0]);
  stage.ExpectOk(stage.Put("x", "102"));
  stage.Pass(1s);  // two election timeouts
  stage.ExpectOk(stage.Put("x", "103"));
  stage.ExpectCaughtUp(others[1]);
  stage.Isolate(others[1]);
  stage.ExpectUnknown(stage.PutVia(primary, "x", "104"));
  stage.ExpectNoCommit(2s);
}

void LeaderFailureStory(Stage& stage) {
  stage.ExpectOk(stage.Put("x", "101"));
  stage.ExpectAgreement();
  const MachineId first = stage.AwaitPrimary();
  stage.Isolate(first);
  const MachineId second = stage.AwaitPrimaryBeside(first);
  stage.ExpectOk(stage.Put("x", "102"));
  stage.Pass(1s);
  stage.ExpectOk(stage.Put("x", "103"));
  stage.Isolate(second);
  for (const MachineId machine : stage.Everybody()) stage.BeginPutVia(machine, "x", "104");
  stage.ExpectNoCommit(2s);
}

// A replica that was away agrees on what it missed, and on what comes then.
void FailAgreeStory(Stage& stage) {
  stage.ExpectOk(stage.Put("x", "101"));
  stage.ExpectAgreement();
  const MachineId away = stage.Others({stage.AwaitPrimary()})[0];
  const LogIndex had = stage.StatusOf(away).applied;
  stage.Isolate(away);
  stage.ExpectOk(stage.Put("x", "102"));
  stage.ExpectOk(stage.Put("x", "103"));
  stage.Pass(500ms);
  stage.ExpectOk(stage.Put("x", "104"));
  stage.ExpectOk(stage.Put("x", "105"));
  stage.Expect(stage.StatusOf(away).applied == had, "who is cut off applied something");
  stage.Heal();
  stage.ExpectOk(stage.Put("x", "106"));
  stage.ExpectAgreement();
  stage.Pass(500ms);
  stage.ExpectOk(stage.Put("x", "107"));
  stage.ExpectAgreement();
  stage.ExpectValue("x", "107");
}

// Five commands at once take five places in one term, and all of them are there.
void ConcurrentStartsStory(Stage& stage) {
  stage.ExpectOk(stage.Put("x", "before"));
  const MachineId primary = stage.AwaitPrimary();
  const Term term = stage.TermOf(primary);
  const uint64_t before = stage.committed();
  std::map<std::string, std::string> values;
  for (int i = 0; i < 5; ++i) values.insert({absl::StrFormat("x%d", i), absl::StrFormat("%d", i)});
  for (const auto& [key, value] : values) stage.BeginPutVia(primary, key, value);
  stage.Expect(stage.Await([&] { return stage.committed() >= before + 5; }),
               "five commands were not committed");
  stage.Expect(stage.committed() == before + 5, "five commands are not five entries");
  for (uint64_t i = 1; i <= 5; ++i) {
    stage.Expect(stage.TermOfEntry(LogIndex(before + i)) == term, "a command is of another term");
  }
  stage.ExpectValues(values);
  stage.ExpectAgreement();
}

// The lab counts calls, we count messages: a call and its answer are two. An election adds what
// three machines tell each other before they trust themselves.
void MessageCountStory(Stage& stage) {
  const auto sent = [&] { return stage.network().counts().sent; };
  const MachineId primary = stage.AwaitPrimary();
  const uint64_t election = sent();
  stage.Expect(election >= 4 && election <= 2 * 30,
               absl::StrFormat("%d messages until somebody was primary", election));
  stage.ExpectOk(stage.Put("x", "before"));
  stage.ExpectAgreement();
  const uint64_t before = sent();
  const uint64_t committed = stage.committed();
  for (int i = 0; i < 10; ++i) stage.BeginPutVia(primary, "x", absl::StrFormat("%d", i));
  stage.Expect(stage.Await([&] { return stage.committed() >= committed + 10; }),
               "ten commands were not committed");
  const uint64_t busy = sent() - before;
  stage.Expect(busy >= 4 && busy <= 2 * (10 + 1 + 3) * 3,
               absl::StrFormat("%d messages for ten commands", busy));
  stage.ExpectAgreement();
  const uint64_t quiet = sent();
  stage.Pass(1s);
  const uint64_t idle = sent() - quiet;
  stage.Tell(absl::StrFormat("messages: %d for the election, %d for ten commands, %d in a second",
                             election, busy, idle));
  stage.Expect(idle >= 2 * 10 && idle <= 2 * 3 * 20,
               absl::StrFormat("%d messages in an idle second", idle));
}

}  // namespace

Scenario ManyElections() {
  return StoryOf("mit-many-elections", "three random ones of seven are cut off, ten times over",
                 "Whichever three are away, the other four have one primary, and the term that is "
                 "newest among them has no other.",
                 7, ManyElectionsStory);
}

Scenario BasicAgreement() {
  return StoryOf("mit-basic-agreement", "a write is one entry, in the next place, everywhere",
                 "Three writes. Before each nothing is committed that nobody asked for; after it "
                 "one entry more is, and all three machines have applied it.",
                 3, BasicAgreementStory);
}

Scenario BytesPerCommand() {
  return StoryOf("mit-bytes-per-command", "a command goes to each replica once",
                 "Ten commands of 5,000 bytes. All machines together send no more than three times "
                 "as much, and 50,000 bytes.",
                 3, BytesPerCommandStory);
}

Scenario FollowerFailure() {
  return StoryOf("mit-follower-failure", "one replica is lost, then the other",
                 "With one of two replicas cut off the primary goes on. With both, what it takes "
                 "is not committed.",
                 3, FollowerFailureStory);
}

Scenario LeaderFailure() {
  return StoryOf("mit-leader-failure", "the primary is lost, then the one after it",
                 "The primary is cut off and the other two go on. Then the new one is cut off too, "
                 "and nobody commits anything, whoever is asked.",
                 3, LeaderFailureStory);
}

Scenario FailAgree() {
  return StoryOf("mit-fail-agree", "a replica that was cut off agrees when it is back",
                 "Four writes pass one replica by, while it is cut off. Back, it has them, and "
                 "agrees on two more.",
                 3, FailAgreeStory);
}

Scenario ConcurrentStarts() {
  return StoryOf("mit-concurrent-starts", "five commands at once are five entries of one term",
                 "Five clients ask the primary at the same moment. All five commands are committed "
                 "in its term, and nothing else is.",
                 3, ConcurrentStartsStory);
}

Scenario MessageCount() {
  return StoryOf("mit-message-count", "elections, agreement and idleness cost few messages",
                 "Counted on the wire: until there is a primary, for ten commands at once, and in "
                 "a second in which nothing happens.",
                 3, MessageCountStory);
}

}  // namespace wt::scenarios
