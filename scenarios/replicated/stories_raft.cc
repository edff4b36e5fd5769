// Stories of the Raft paper (Ongaro and Ousterhout, 2014), step by step.
#include <algorithm>

#include "absl/strings/str_format.h"
#include "scenarios/catalog.h"
#include "scenarios/cluster/stage.h"
#include "scenarios/replicated/settings.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

// Larger than one message may be: it travels alone, and what is behind it comes later.
std::string Large(std::string_view name) {
  std::string value(name);
  value.resize(20 * kKiB, '.');
  return value;
}

// Whoever is elected is cut off before its first entry has left it. Returns who that was.
MachineId ElectAndCutOff(Stage& stage, const std::vector<MachineId>& among) {
  MachineId elected = 0;
  stage.Whenever(EventKind::kPrimaryElected, [&](MachineId machine, const Event&) {
    if (elected != 0 || std::ranges::find(among, machine) == among.end()) return;
    elected = machine;
    stage.network().Isolate(machine);
  });
  stage.Expect(stage.Await([&] { return elected != 0; }), "nobody was elected");
  stage.NoLongerWhenever();
  return elected;
}

// Figure 8. An entry of an older term is on a majority, and must not count as committed: a machine
// that has an entry of a term in between can still be elected without it.
void Figure8ExactStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "red"));
  stage.ExpectAgreement();
  // (a) Two have the entry.
  const MachineId first = stage.AwaitPrimary();
  const std::vector<MachineId> others = stage.Others({first});
  const std::vector<MachineId> right(others.begin() + 1, others.end());
  stage.PartitionIntoGroups({{first, others[0]}, right});
  const LogIndex entry = LogIndex(stage.committed() + 1);
  stage.BeginPutVia(first, "color", Large("old"));
  stage.Expect(stage.Await([&] { return stage.DurableOn(others[0]) >= entry; }),
               "the entry did not reach the second machine");
  // (b) One of the others is elected and has, alone, an entry of its own there.
  const MachineId between = ElectAndCutOff(stage, right);
  stage.Expect(stage.Await([&] { return stage.DurableOn(between) >= entry; }),
               "its first entry did not become durable");
  stage.TakeDown(between);
  // (c) One of the two is primary again. The old entry reaches a third machine; nothing behind it.
  std::vector<MachineId> rest = right;
  std::erase(rest, between);
  const MachineId third = rest[0];
  const MachineId fourth = rest[1];
  stage.Whenever(EventKind::kPrimaryElected, [&](MachineId machine, const Event&) {
    stage.network().CutOneWay(machine, fourth);
  });
  stage.Whenever(EventKind::kLogAppended, [&](MachineId machine, const Event& event) {
    if (machine != third || event.a != entry.value()) return;
    for (const MachineId other : stage.Others({third})) stage.network().CutOneWay(other, third);
  });
  stage.Heal();
  const bool reached = stage.Await([&] { return stage.DurableOn(third) >= entry; });
  stage.Expect(reached, "the old entry did not reach the third machine");
  stage.ExpectNoCommit(300ms);
  // (d) All but the two come back without them: the entry in between wins.
  stage.NoLongerWhenever();
  stage.TakeDown(first);
  stage.TakeDown(others[0]);
  stage.Heal();
  stage.Restart(between);
  stage.Pass(2s);
  // Who starts is doubtful until it knows what it may have forgotten: it waits for one more.
  stage.Restart(others[0]);
  stage.Restart(first);
  stage.ExpectOk(stage.Put("shape", "round"));
  stage.ExpectAgreement();
  stage.ExpectOneOf("color", {"red", Large("old")});
}

// A primary that is elected and cut off, again and again, leaves as many divergent logs as there
// are machines (figure 7). All are brought in line by the next one that is not.
void Figure7Story(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "red"));
  stage.ExpectAgreement();
  for (int round = 0; round < 4; ++round) {
    const MachineId primary = stage.AwaitPrimary();
    stage.network().Isolate(primary);
    for (int i = 0; i <= round; ++i)
      stage.BeginPutVia(primary, "color", Large(absl::StrFormat("a%d.%d", round, i)));
    const MachineId next = ElectAndCutOff(stage, stage.Others({primary}));
    stage.BeginPutVia(next, "color", Large(absl::StrFormat("b%d", round)));
    stage.Pass(300ms);
    stage.Heal();
  }
  stage.ExpectOk(stage.Put("color", "green"));
  stage.ExpectAgreement();
  stage.ExpectValue("color", "green");
  stage.ExpectReached("log.suffix_overridden");
}

}  // namespace

Scenario Figure8Exact() {
  return StoryOf("raft-figure-8", "an entry of an older term on a majority is not committed by it",
                 "Figure 8 of the paper, link by link: an entry on two of five, another one of a "
                 "later term on one, then the first on three. It must not count: the one with the "
                 "later term can still be elected.",
                 5, Figure8ExactStory);
}

Scenario Figure7() {
  return StoryOf("raft-figure-7", "logs that differ in every way are brought in line",
                 "Primaries are cut off at the moment of their election, four times over, with "
                 "entries that nobody else has. Then one stays, and all logs become equal.",
                 5, Figure7Story);
}

}  // namespace wt::scenarios
