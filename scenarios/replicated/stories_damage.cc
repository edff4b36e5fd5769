// Stories of damage that the machine that has it cannot mend, and of snapshots that do not arrive.
#include <algorithm>

#include "absl/strings/str_format.h"
#include "scenarios/catalog.h"
#include "scenarios/cluster/stage.h"
#include "scenarios/replicated/settings.h"
#include "sim/virtual_disk.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

// Sixteen keys of so many bytes are the state of these stories.
constexpr int kKeys = 16;

// One machine is cut off while the others let go of what it would need.
MachineId LeaveBehind(Stage& stage, uint64_t bytes) {
  stage.ExpectOk(stage.Put("color", "red"));
  stage.ExpectAgreement();
  const MachineId away = stage.Others({stage.AwaitPrimary()})[0];
  stage.Isolate(away);
  for (int round = 0; round < 3; ++round) {
    stage.ExpectOk(stage.PutMany(kKeys, "r", bytes));
    for (const MachineId machine : stage.Others({away})) stage.TakeSnapshot(machine);
  }
  return away;
}

// The only snapshot of the primary is unreadable in the middle, and nothing new is written that
// would bring about another one.
void UnreadableSnapshotStory(Stage& stage) {
  const MachineId away = LeaveBehind(stage, 5000);
  const MachineId primary = stage.AwaitPrimary();
  sim::VirtualDisk& disk = stage.disk(primary);
  for (const sim::DurableFile& file : disk.DurableImage()) {
    if (!file.path.starts_with("snapshot/chunks")) continue;
    stage.FlipBitIn(primary, file.path, file.bytes.size() / 2);
  }
  stage.Heal();
  stage.ExpectCaughtUp(away);
  stage.ExpectReached("replica.replaced_damaged_snapshot");
  stage.ExpectAgreement();
}

// The primary cannot read an entry of its own that nobody else has: nobody ever will. It steps
// down, and the entry goes.
void UncommittedDamageStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "red"));
  stage.ExpectAgreement();
  const MachineId primary = stage.AwaitPrimary();
  const LogIndex before = stage.DurableOn(primary);
  stage.IsHeardByNobody(primary);
  stage.BeginPutVia(primary, "color", "the-green-one");
  // What pushes it out of the primary's memory.
  for (int i = 0; i < 4; ++i) {
    stage.Pass(5ms);
    stage.BeginPutVia(primary, absl::StrFormat("big%d", i), std::string(4000, 'x'));
  }
  stage.Expect(stage.Await([&] { return stage.DurableOn(primary) >= before + 5; }, 200ms),
               "the primary did not write");
  stage.FlipBitInLog(primary, "the-green-one");
  stage.Heal();
  stage.ExpectOk(stage.Put("shape", "round"));
  stage.ExpectAgreement();
  stage.ExpectReached("replica.abandoned_damaged_entry");
  stage.ExpectOneOf("color", {"red", "the-green-one"});
}

// An entry is damaged on one of the two that have acknowledged it, and the other is away. The third
// says that it never had it, which is true, and proves nothing.
void OneWordStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "red"));
  stage.ExpectAgreement();
  const MachineId primary = stage.AwaitPrimary();
  const MachineId unlucky = stage.Others({primary})[0];
  const MachineId unaware = stage.Others({primary})[1];
  stage.Isolate(unaware);
  // Two at a time: the second's batch vouches for the first's, and none says that they are
  // committed.
  stage.SetLinks({.latency = {.shape = sim::Latency::Shape::kFixed, .low = 20ms, .high = 20ms}});
  const LogIndex before = stage.DurableOn(unlucky);
  const uint64_t committed = stage.committed();
  stage.BeginPutVia(primary, "color", "the-green-one");
  stage.Pass(10ms);
  stage.BeginPutVia(primary, "shape", "round");
  stage.Expect(stage.Await([&] { return stage.committed() >= committed + 2; }, 300ms),
               "the two were not committed");
  stage.TakeDown(primary);
  stage.TakeDown(unlucky);
  stage.Expect(stage.DurableOn(unlucky) >= before + 2, "the two are not durable");
  stage.FlipBitInLog(unlucky, "the-green-one");
  stage.SetLinks({});
  stage.Heal();
  stage.Restart(unlucky);
  stage.ExpectNoCommit(5s);
  stage.Restart(primary);
  stage.ExpectOk(stage.Put("size", "small"));
  stage.ExpectValue("color", "the-green-one");
  stage.ExpectAgreement();
}

// A transfer takes much longer than the primary takes to its next snapshot.
void SlowTransferStory(Stage& stage) {
  constexpr int kMostRounds = 150;
  constexpr uint64_t kValue = 16'000;
  const MachineId slow = LeaveBehind(stage, kValue);
  const MachineId primary = stage.AwaitPrimary();
  const sim::LinkDials late = {
      .latency = {.shape = sim::Latency::Shape::kFixed, .low = 80ms, .high = 80ms}};
  stage.network().SetLink(primary, slow, late);
  stage.network().SetLink(slow, primary, late);
  int begun = 0;
  bool installed = false;
  stage.Whenever(EventKind::kSnapshotReceiving,
                 [&](MachineId machine, const Event&) { begun += machine == slow ? 1 : 0; });
  stage.Whenever(EventKind::kSnapshotInstalled,
                 [&](MachineId machine, const Event&) { installed |= machine == slow; });
  stage.Heal();
  int rounds = 0;
  for (; rounds < kMostRounds && !installed; ++rounds) {
    stage.ExpectOk(stage.PutMany(4, "w", kValue));
  }
  stage.Expect(installed, absl::StrFormat("after %d snapshots' worth of writes and %d beginnings, "
                                          "n%d has none whole",
                                          rounds, begun, slow));
  stage.NoLongerWhenever();
  stage.ExpectReached("snapshot.pinned");
  stage.SetLinks({});
  stage.ExpectAgreement();
}

Scenario Compacting(Scenario scenario, uint64_t snapshot_log_bytes) {
  scenario.knobs.segment_bytes = {20 * kKiB, 20 * kKiB};
  scenario.knobs.snapshot_log_bytes = {snapshot_log_bytes, snapshot_log_bytes};
  scenario.knobs.snapshots_kept = {1, 1};
  scenario.knobs.small_alignment_ppm = 0;
  scenario.group->log_kept_bytes = {0, 0};
  return scenario;
}

}  // namespace

Scenario UnreadableSnapshot() {
  return Compacting(StoryOf("unreadable-snapshot", "the snapshot that is to be sent is damaged",
                            "A replica needs a snapshot, and the only one of the primary has a "
                            "damaged chunk. The primary takes another, although nothing was "
                            "written since.",
                            3, UnreadableSnapshotStory),
                    64 * kMiB);
}

Scenario UncommittedDamage() {
  return StoryOf("uncommitted-damage", "an entry rots that only the primary ever had",
                 "The primary cannot read what it should send, everybody else says that they never "
                 "had it. It cuts the entry off and steps down.",
                 3, UncommittedDamageStory);
}

Scenario OneWord() {
  Scenario scenario =
      StoryOf("one-word", "one machine that never had an entry does not prove it lost",
              "Two of three have acknowledged an entry; it rots on one of them while the other is "
              "away. The third never had it. It is not cut off, and is there again when the other "
              "returns.",
              3, OneWordStory);
  scenario.group->trust = {DiskTrust::kBelieved};
  return scenario;
}

Scenario SlowTransfer() {
  return Compacting(
      StoryOf("slow-transfer", "a snapshot on its way is not pushed out by newer ones",
              "A replica is far behind, and far away; the primary takes a snapshot "
              "every few writes. The one that is being sent stays until it has "
              "arrived.",
              3, SlowTransferStory),
      64 * kKiB);
}

}  // namespace wt::scenarios
