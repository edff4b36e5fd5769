// Stories after Jepsen's reports, in our words: acknowledgements that come early, primaries that
// stand still while they believe in their leases, and clocks that jump. (The bit that cost NATS its
// messages is one-bit-of-five, in stories_storage.cc.)
#include <algorithm>

#include "absl/strings/str_format.h"
#include "scenarios/catalog.h"
#include "scenarios/cluster/stage.h"
#include "scenarios/replicated/mit_lab.h"
#include "scenarios/replicated/settings.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

// What only the primary has is acknowledged to those who asked for no more, and to nobody else;
// nobody reads it. After a power cut of all machines the others go on without.
void AsyncPowerCutStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "red"));
  stage.ExpectAgreement();
  const MachineId primary = stage.AwaitPrimary();
  const uint64_t before = stage.committed();
  stage.Isolate(primary);
  stage.ExpectOk(stage.PutVia(primary, "color", "early", {.ack = Ack::kAsync, .timeout = 300ms}));
  stage.ExpectUnknown(
      stage.PutVia(primary, "shape", "round", {.ack = Ack::kQuorum, .timeout = 50ms}));
  stage.ExpectUnknown(
      stage.PutVia(primary, "shape", "square", {.ack = Ack::kAll, .timeout = 50ms}));
  stage.Expect(stage.committed() == before, "it was called committed");
  const auto stale = stage.GetVia(primary, "color", ReadFrom::kStale);
  stage.Expect(stale.has_value() && *stale == "red", "a value was read that is not committed");
  stage.TakeDown(primary);
  stage.CutPower(stage.Others({primary}));
  stage.Heal();
  stage.AwaitPrimaryBeside(primary);
  stage.ExpectValue("color", "red");
  stage.ExpectOk(stage.Put("size", "large"));
  stage.Restart(primary);
  stage.ExpectAgreement();
  stage.ExpectEqualLogs();
  stage.ExpectValue("color", "red");
  stage.ExpectReached("log.suffix_overridden");
}

// The disks of two of five say OK and write later, one of them the primary's; then the power of all
// fails. What a majority acknowledged is there; what only the primary did may be gone.
void LazySyncsStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "red"));
  stage.ExpectAgreement();
  const MachineId primary = stage.AwaitPrimary();
  const std::vector<MachineId> others = stage.Others({primary});
  stage.LoseSyncsOn(primary, 1'000);
  stage.LoseSyncsOn(others[0], 1'000);
  stage.StartWriters({.count = 3});
  for (int i = 0; i < 10; ++i) {
    stage.ExpectOk(stage.PutVia(primary, "early", absl::StrFormat("%d", i),
                                {.ack = Ack::kAsync, .timeout = 1s}));
  }
  stage.Pass(200ms);
  // From here on only the two that sync lazily have what is acknowledged early.
  stage.PartitionIntoGroups({{primary, others[0]}, {others[1], others[2], others[3]}});
  stage.ExpectOk(stage.PutVia(primary, "early", "last", {.ack = Ack::kAsync, .timeout = 1s}));
  stage.CutPower(stage.Everybody());
  stage.Heal();
  stage.AwaitPrimary();
  const std::map<std::string, std::string> written = stage.StopWriters();
  stage.Expect(written.size() >= 20, "hardly anything was acknowledged");
  ExpectAgreementAmong(stage, stage.Everybody());
  stage.ExpectValue("color", "red");
  stage.ExpectValues(written);
}

// A lease answers alone, a read index asks. Both tell the truth when the primary has stood still
// for longer than its reign, whatever it believes as it goes on.
void LeasePauseStory(Stage& stage) {
  const ReadFrom ways[] = {ReadFrom::kLease, ReadFrom::kPrimary};
  stage.ExpectOk(stage.Put("color", "red"));
  stage.ExpectAgreement();
  stage.Pass(200ms);
  MachineId primary = stage.AwaitPrimary();
  stage.Isolate(primary);
  stage.Expect(stage.GetVia(primary, "color", ReadFrom::kLease) == "red",
               "a lease that holds did not answer");
  stage.Expect(!stage.GetVia(primary, "color", ReadFrom::kPrimary).has_value(),
               "a read was confirmed by nobody");
  stage.Heal();
  stage.ExpectAgreement();
  for (int round = 0; round < 3; ++round) {
    const std::string value = absl::StrFormat("new-%d", round);
    stage.Pass(1s);
    primary = stage.AwaitPrimary();
    stage.Pause(primary);
    const MachineId next = stage.AwaitPrimaryBeside(primary);
    stage.ExpectOk(stage.PutVia(next, "color", value, {.timeout = 5s}));
    for (int i = 0; i < 8; ++i) stage.BeginGetVia(primary, "color", ways[i % 2]);
    stage.Pass(5ms);
    stage.Resume(primary);
    for (const ReadFrom from : ways) {
      const auto old_reads = stage.GetVia(primary, "color", from);
      stage.Expect(!old_reads.has_value() || *old_reads == value,
                   "a deposed primary served an old value");
    }
    for (const ReadFrom from : ways) {
      const bool answers = stage.Await([&] { return stage.GetVia(next, "color", from) == value; });
      stage.Expect(answers, "the new primary does not answer");
    }
    stage.ExpectAgreement();
  }
}

// Every wall clock jumps by up to a day, either way, again and again: nobody is deposed, nothing is
// read that is old, and the time of the log never goes back, also when one whose clock is behind
// takes over.
void ClockJumpsStory(Stage& stage) {
  std::map<uint64_t, uint64_t> stamps;  // by index
  stage.Whenever(EventKind::kLogAppended,
                 [&](MachineId, const Event& event) { stamps[event.a] = event.d; });
  const auto jump_everybody = [&] {
    for (const MachineId machine : stage.Everybody()) {
      const auto minutes = static_cast<int64_t>(stage.Below(2 * 24 * 60)) - 24 * 60;
      stage.JumpClock(machine, std::chrono::minutes(minutes));
    }
  };
  stage.StartWriters({.count = 2, .until_answered = true, .think = 20ms});
  const MachineId primary = stage.AwaitPrimary();
  const Term term = stage.TermOf(primary);
  for (int round = 0; round < 6; ++round) {
    jump_everybody();
    const std::string value = absl::StrFormat("%d", round);
    stage.ExpectOk(stage.Put("round", value));
    stage.Expect(stage.GetVia(primary, "round", ReadFrom::kLease) == value, "a lease lied");
    for (const MachineId machine : stage.Everybody()) {
      const bool reads =
          stage.Await([&] { return stage.GetVia(machine, "round", ReadFrom::kReplica) == value; });
      stage.Expect(reads, absl::StrFormat("n%d does not read what was written", machine));
    }
    stage.Pass(1s);
    stage.Expect(stage.AwaitPrimary() == primary && stage.TermOf(primary) == term,
                 "a jump of wall clocks deposed the primary");
  }
  stage.JumpClock(primary, 24h);
  stage.ExpectOk(stage.Put("day", "tomorrow"));
  stage.TakeDown(primary);
  for (const MachineId machine : stage.Others({primary})) stage.JumpClock(machine, -24h);
  stage.AwaitPrimaryBeside(primary);
  stage.Restart(primary);
  const std::map<std::string, std::string> written = stage.StopWriters();
  stage.ExpectOk(stage.Put("day", "yesterday"));
  stage.ExpectAgreement();
  stage.NoLongerWhenever();
  uint64_t latest = 0;
  for (const auto& [index, stamp] : stamps) {
    stage.Expect(stamp >= latest, absl::StrFormat("entry %d is from before the last", index));
    latest = stamp;
  }
  stage.Expect(written.size() >= 20, "hardly anything was written");
  stage.ExpectValues(written);
  stage.ExpectValue("day", "yesterday");
}

}  // namespace

Scenario AsyncPowerCut() {
  Scenario scenario = Believing(
      StoryOf("jepsen-async-power-cut",
              "what was acknowledged early is lost, and was never sold "
              "as more",
              "The primary, cut off, acknowledges a write that only it has to who asked for no "
              "more; at quorum and at all it does not. All machines lose power and the others "
              "start first: the write is undone, and counted as such.",
              3, AsyncPowerCutStory));
  scenario.goals = {"group.async_undone"};
  return scenario;
}

Scenario LazySyncs() {
  Scenario scenario =
      StoryOf("jepsen-lazy-syncs", "logs that sync lazily on two of five, and no power for all",
              "The disks of the primary and another one acknowledge syncs and keep nothing. "
              "Then the power of all five fails: what a majority acknowledged is there.",
              5, LazySyncsStory);
  scenario.goals = {"group.async_undone"};
  return scenario;
}

Scenario LeasePause() {
  return StoryOf("jepsen-lease-pause", "a primary is paused under its lease, and reads nothing old",
                 "A lease answers without a majority and a read index does not. Then three "
                 "primaries in turn are paused until another one has written; reads of either kind "
                 "are the first that they see when they go on.",
                 3, LeasePauseStory);
}

Scenario ClockJumps() {
  return StoryOf("jepsen-clock-jumps", "every wall clock jumps by up to a day, either way",
                 "Six times all clocks jump while clients write: the primary stays, leases hold "
                 "and replicas read the newest. Then one whose clock is two days behind takes "
                 "over.",
                 3, ClockJumpsStory);
}

}  // namespace wt::scenarios
