// Stories after TigerBeetle's replica tests, of networks and elections, in our words: two against
// one each way, cuts in one direction, logs that went apart, primaries that stand still, and
// elections that never end.
#include <algorithm>
#include <set>

#include "absl/strings/str_format.h"
#include "scenarios/catalog.h"
#include "scenarios/cluster/stage.h"
#include "scenarios/replicated/mit_lab.h"
#include "scenarios/replicated/settings.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

// A primary and its term, which a story expects to stay, or to go.
struct Reign {
  MachineId primary = 0;
  Term term;
};

Reign ReignOf(Stage& stage) {
  const MachineId primary = stage.AwaitPrimary();
  return {primary, stage.TermOf(primary)};
}

void ExpectSameReign(Stage& stage, const Reign& before) {
  const Reign now = ReignOf(stage);
  stage.Expect(now.primary == before.primary && now.term == before.term,
               absl::StrFormat("n%d in term %d gave way to n%d in term %d", before.primary,
                               before.term.value(), now.primary, now.term.value()));
}

void PartitionedReplicaStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "red"));
  stage.ExpectAgreement();
  const Reign reign = ReignOf(stage);
  const MachineId away = stage.Others({reign.primary})[0];
  const LogIndex had = stage.StatusOf(away).commit;
  stage.Isolate(away);
  stage.ExpectOk(stage.PutMany(20, "x"));
  stage.Pass(2s);
  stage.Expect(stage.StatusOf(away).commit == had, "who is cut off went on committing");
  ExpectSameReign(stage, reign);
  stage.Heal();
  stage.ExpectAgreement();
  stage.Pass(1s);
  ExpectSameReign(stage, reign);
}

void PartitionedPrimaryStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "red"));
  stage.ExpectAgreement();
  const Reign reign = ReignOf(stage);
  stage.Isolate(reign.primary);
  stage.ExpectUnknown(stage.PutVia(reign.primary, "color", "blue"));
  const MachineId next = stage.AwaitPrimaryBeside(reign.primary);
  stage.ExpectOk(stage.PutMany(20, "x"));
  stage.ExpectValue("color", "red");
  stage.Heal();
  stage.ExpectAgreement();
  stage.Expect(stage.AwaitPrimary() == next, "the old primary's return deposed the new one");
  stage.Expect(stage.StatusOf(reign.primary).role == Role::kReplica, "two are primary");
  stage.ExpectEqualLogs();
  stage.ExpectReached("log.suffix_overridden");
}

// A replica that hears nobody must not disturb; one that nobody hears must not be waited for.
void OneWayReplicaStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "red"));
  stage.ExpectAgreement();
  const Reign reign = ReignOf(stage);
  const MachineId replica = stage.Others({reign.primary})[0];
  for (const bool is_deaf : {true, false}) {
    is_deaf ? stage.HearsNobody(replica) : stage.IsHeardByNobody(replica);
    stage.ExpectOk(stage.PutMany(20, is_deaf ? "deaf" : "mute"));
    stage.Pass(2s);
    ExpectSameReign(stage, reign);
    stage.Heal();
    stage.ExpectAgreement();
    stage.Pass(1s);
    ExpectSameReign(stage, reign);
  }
}

// A primary that hears nobody must step down by itself; one that nobody hears is voted out.
void OneWayPrimaryStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "red"));
  stage.ExpectAgreement();
  for (const bool is_deaf : {true, false}) {
    const Reign reign = ReignOf(stage);
    is_deaf ? stage.HearsNobody(reign.primary) : stage.IsHeardByNobody(reign.primary);
    stage.AwaitPrimaryBeside(reign.primary);
    const bool is_gone =
        stage.Await([&] { return stage.StatusOf(reign.primary).role != Role::kPrimary; });
    stage.Expect(is_gone, "the old primary did not step down");
    stage.ExpectOk(stage.PutMany(20, is_deaf ? "deaf" : "mute"));
    stage.Heal();
    stage.ExpectAgreement();
    stage.Expect(stage.TermOf(reign.primary) > reign.term, "the old primary missed the new term");
  }
}

// Two tails that were never committed, on three machines, give way to a third; then all logs are
// the same, entry by entry.
void DivergenceStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "red"));
  stage.ExpectAgreement();
  const MachineId first = stage.AwaitPrimary();
  const std::vector<MachineId> others = stage.Others({first});
  const std::vector<MachineId> right(others.begin() + 1, others.end());
  const LogIndex tail = LogIndex(stage.committed() + 3);
  stage.PartitionIntoGroups({{first, others[0]}, right});
  for (int i = 0; i < 3; ++i) stage.BeginPutVia(first, "color", absl::StrFormat("lost-a%d", i));
  stage.Expect(stage.Await([&] { return stage.DurableOn(others[0]) >= tail; }),
               "the first tail did not reach the second machine");
  const MachineId second = stage.AwaitPrimaryAmong(right);
  stage.Isolate(second);
  const LogIndex end = stage.DurableOn(second) + 5;
  for (int i = 0; i < 5; ++i) stage.BeginPutVia(second, "color", absl::StrFormat("lost-b%d", i));
  stage.Expect(stage.Await([&] { return stage.DurableOn(second) >= end; }),
               "the second tail did not become durable");
  std::set<MachineId> overridden;
  stage.Whenever(EventKind::kLogSuffixOverridden,
                 [&](MachineId machine, const Event&) { overridden.insert(machine); });
  const std::vector<MachineId> rest = stage.Others({first, second});
  ConnectOnly(stage, rest);
  stage.AwaitPrimaryAmong(rest);
  stage.ExpectOk(stage.PutMany(20, "x"));
  stage.Heal();
  stage.ExpectAgreement();
  stage.ExpectEqualLogs();
  stage.NoLongerWhenever();
  stage.Expect(overridden == std::set<MachineId>{first, second, others[0]},
               absl::StrFormat("%d logs were cut, not three", overridden.size()));
  stage.ExpectValue("color", "red");
}

// It stands still with work in its hands, for longer than it takes to elect another one.
void PrimaryPauseStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "red"));
  for (int round = 0; round < 3; ++round) {
    stage.ExpectAgreement();
    const Reign reign = ReignOf(stage);
    for (int i = 0; i < 5; ++i) {
      stage.BeginPutVia(reign.primary, "held", absl::StrFormat("r%d-%d", round, i));
    }
    stage.Pass(100us * stage.Below(20));
    stage.Pause(reign.primary);
    const MachineId next = stage.AwaitPrimaryBeside(reign.primary);
    stage.ExpectOk(stage.PutMany(20, "x"));
    stage.Resume(reign.primary);
    stage.ExpectAgreement();
    stage.Expect(stage.StatusOf(reign.primary).role == Role::kReplica, "two are primary");
    stage.Expect(stage.TermOf(reign.primary) > reign.term, "the old primary missed the new term");
    stage.Expect(stage.AwaitPrimary() == next, "the old primary's return deposed the new one");
  }
  stage.ExpectEqualLogs();
}

// Whoever wins an election is cut off at that instant. Eight terms later somebody may stay.
void ViewChangeStormStory(Stage& stage) {
  constexpr size_t kDeposed = 8;
  stage.ExpectOk(stage.Put("color", "red"));
  const MachineId first = stage.AwaitPrimary();
  stage.StartWriters({.count = 3});
  stage.Pass(200ms);
  std::vector<Term> terms = {stage.TermOf(first)};
  stage.Whenever(EventKind::kPrimaryElected, [&](MachineId machine, const Event& event) {
    terms.push_back(Term(event.a));
    stage.network().Heal();
    if (terms.size() <= kDeposed) stage.network().Isolate(machine);
  });
  stage.Isolate(first);
  const bool is_over = stage.Await([&] { return terms.size() > kDeposed; }, 60s);
  stage.Expect(is_over, absl::StrFormat("only %d elections were won", terms.size() - 1));
  stage.AwaitPrimary();
  stage.NoLongerWhenever();
  stage.Pass(500ms);
  const std::map<std::string, std::string> written = stage.StopWriters();
  stage.Expect(std::ranges::adjacent_find(terms, std::greater_equal<>()) == terms.end(),
               "an election was won in a term that is not newer");
  stage.Expect(!written.empty(), "nothing was acknowledged");
  ExpectAgreementAmong(stage, stage.Everybody());
  stage.ExpectValue("color", "red");
  stage.ExpectValues(written);
}

}  // namespace

Scenario PartitionedReplica() {
  return StoryOf("tigerbeetle-partitioned-replica",
                 "two against one: a replica is cut off, and nobody minds",
                 "Twenty writes are taken while one of three is cut off. It commits nothing "
                 "meanwhile, and when it returns primary and term are what they were.",
                 3, PartitionedReplicaStory);
}

Scenario PartitionedPrimary() {
  return StoryOf("tigerbeetle-partitioned-primary",
                 "two against one: the primary is cut off, and replaced",
                 "The primary is cut off with a write that only it has. The other two elect one "
                 "of them and take twenty writes; the old one returns as a replica.",
                 3, PartitionedPrimaryStory);
}

Scenario OneWayReplica() {
  return StoryOf("tigerbeetle-one-way-replica",
                 "a replica that hears nobody, then one that nobody hears",
                 "Links to a replica are cut, then those from it. Twenty writes are taken each "
                 "time, and it never disturbs the primary.",
                 3, OneWayReplicaStory);
}

Scenario OneWayPrimary() {
  return StoryOf("tigerbeetle-one-way-primary",
                 "a primary that hears nobody, then one that nobody hears",
                 "Links to the primary are cut, then those from another one. Each steps down while "
                 "the links are still cut, and twenty writes are taken without it.",
                 3, OneWayPrimaryStory);
}

Scenario DivergenceCleanUp() {
  return StoryOf("tigerbeetle-divergence", "two tails on three of five machines are cleaned up",
                 "A primary and one more gather three entries, the next primary five, none of "
                 "them committed. The other three go on; then all logs become the same, entry by "
                 "entry.",
                 5, DivergenceStory);
}

Scenario PrimaryPause() {
  return StoryOf("tigerbeetle-primary-pause",
                 "a primary stands still with work in its hands, three times",
                 "Five writes are on their way through the primary when it is paused for longer "
                 "than an election takes. It goes on as a replica; every write is there once or "
                 "not at all.",
                 3, PrimaryPauseStory);
}

Scenario ViewChangeStorm() {
  return StoryOf("tigerbeetle-view-change-storm", "eight primaries are cut off as they are elected",
                 "Each winner of an election is cut off at that instant, and the one before it "
                 "returns. Three clients write meanwhile; what they were told is there in the end.",
                 5, ViewChangeStormStory);
}

}  // namespace wt::scenarios
