// MIT's 6.5840 Raft lab, part 3D, test by test: logs that are compacted, and replicas that catch up
// from snapshots.
#include "absl/strings/str_format.h"
#include "scenarios/catalog.h"
#include "scenarios/cluster/stage.h"
#include "scenarios/replicated/mit_lab.h"
#include "scenarios/replicated/settings.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

constexpr int kRounds = 30;
constexpr uint64_t kSegment = 20 * kKiB;
constexpr uint64_t kMostLog = 16 * kSegment;  // of some 150 that are written

struct Trouble {
  bool disconnect = false;
  bool crash = false;
  bool unreliable = false;
};

// In every round some machine misses what the others write, by turns a replica or the primary;
// logs stay short, so that it needs a snapshot as often as not.
void SnapshotRounds(Stage& stage, const Trouble& trouble) {
  if (trouble.unreliable) stage.SetLinks(UnreliableLinks());
  ExpectAgreementAmong(stage, stage.Everybody());
  for (int round = 0; round < kRounds; ++round) {
    // Who was away is doubted for a while, and the next one must not go before that is over.
    for (const MachineId machine : stage.Everybody()) stage.ExpectTrusted(machine, true);
    const MachineId primary = ExpectOnePrimary(stage, stage.Everybody());
    const MachineId victim = round % 3 == 1 ? primary : stage.Others({primary})[0];
    const bool misses = trouble.disconnect || trouble.crash;
    if (trouble.disconnect) stage.Isolate(victim);
    if (trouble.crash) stage.TakeDown(victim);
    stage.ExpectOk(stage.PutMany(10 + static_cast<int>(stage.Below(15)), "r", 300));
    const std::vector<MachineId> there = misses ? stage.Others({victim}) : stage.Everybody();
    ExpectAgreementAmong(stage, there);
    for (const MachineId machine : there) {
      stage.Expect(
          stage.LogBytesOn(machine) <= kMostLog,
          absl::StrFormat("the log of n%d has %d bytes", machine, stage.LogBytesOn(machine)));
    }
    if (trouble.disconnect) stage.Heal();
    if (trouble.crash) stage.Restart(victim);
    ExpectAgreementAmong(stage, stage.Everybody());
  }
  stage.ExpectReached("log.compacted");
  if (trouble.disconnect || trouble.crash) stage.ExpectReached("snapshot.installed");
}

void SnapshotBasicStory(Stage& stage) { SnapshotRounds(stage, {}); }

void InstallDisconnectStory(Stage& stage) { SnapshotRounds(stage, {.disconnect = true}); }

void InstallUnreliableStory(Stage& stage) {
  SnapshotRounds(stage, {.disconnect = true, .unreliable = true});
}

void InstallCrashStory(Stage& stage) { SnapshotRounds(stage, {.crash = true}); }

void InstallBothStory(Stage& stage) { SnapshotRounds(stage, {.crash = true, .unreliable = true}); }

// All lose power at once, with snapshots and some log behind them: nothing is older afterwards.
void AllCrashStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "red"));
  for (int round = 0; round < 5; ++round) {
    stage.ExpectOk(stage.PutMany(10 + static_cast<int>(stage.Below(10)), "r", 300));
    const std::string value = absl::StrFormat("%d", round);
    stage.ExpectOk(stage.Put("round", value));
    const uint64_t before = stage.committed();
    stage.CutPower(stage.Everybody());
    stage.ExpectValue("round", value);
    ExpectAgreementAmong(stage, stage.Everybody());
    stage.Expect(stage.committed() > before, "what is committed went back");
  }
  stage.ExpectValue("color", "red");
  stage.ExpectReached("log.compacted");
}

// The state comes from a snapshot at each start, also when nearly nothing was logged in between.
void PersistedStateStory(Stage& stage) {
  stage.ExpectOk(stage.PutMany(11, "r", 300));
  stage.ExpectOk(stage.Put("color", "red"));
  stage.ExpectAgreement();
  for (const MachineId machine : stage.Everybody()) stage.TakeSnapshot(machine);
  std::map<MachineId, int> loaded;
  stage.Whenever(EventKind::kSnapshotRestored,
                 [&](MachineId machine, const Event&) { ++loaded[machine]; });
  for (int start = 1; start <= 2; ++start) {
    stage.CutPower(stage.Everybody());
    ExpectAgreementAmong(stage, stage.Everybody());
    for (const MachineId machine : stage.Everybody()) {
      stage.Expect(loaded[machine] == start,
                   absl::StrFormat("n%d began %d times with a snapshot", machine, loaded[machine]));
    }
    stage.ExpectValue("color", "red");
  }
  stage.NoLongerWhenever();
}

// A snapshot every few writes, and no log kept behind it for anybody.
Scenario Compacting(Scenario scenario) {
  scenario.knobs.segment_bytes = {kSegment, kSegment};
  scenario.knobs.snapshot_log_bytes = {2 * kKiB, 4 * kKiB};
  scenario.knobs.snapshots_kept = {1, 1};
  scenario.knobs.small_alignment_ppm = 0;  // few entries a segment: it is dropped soon
  scenario.group->log_kept_bytes = {0, 0};
  return scenario;
}

}  // namespace

Scenario SnapshotBasic() {
  return Compacting(StoryOf("mit-snapshot-basic", "logs stay short while everybody is there",
                            "Thirty rounds of writes. The log of each machine never takes more "
                            "than a few segments.",
                            3, SnapshotBasicStory));
}

Scenario InstallDisconnect() {
  return Compacting(StoryOf("mit-snapshot-install-disconnect",
                            "one machine is cut off while the others compact, thirty times",
                            "By turns a replica or the primary is cut off; it is brought up to "
                            "date by a snapshot when the log does not reach back to it.",
                            3, InstallDisconnectStory));
}

Scenario InstallUnreliable() {
  return Compacting(StoryOf("mit-snapshot-install-unreliable",
                            "the same over links that lose and delay",
                            "As mit-snapshot-install-disconnect, while one message in ten is lost "
                            "and the others take up to 26 ms.",
                            3, InstallUnreliableStory));
}

Scenario InstallCrash() {
  return Compacting(StoryOf("mit-snapshot-install-crash",
                            "one machine loses power while the others compact, thirty times",
                            "By turns a replica or the primary loses power; it starts again and is "
                            "brought up to date.",
                            3, InstallCrashStory));
}

Scenario InstallBoth() {
  return Compacting(StoryOf("mit-snapshot-install-both",
                            "one machine loses power, over links that lose and delay",
                            "As mit-snapshot-install-crash, while one message in ten is lost and "
                            "the others take up to 26 ms.",
                            3, InstallBothStory));
}

Scenario AllCrash() {
  return Compacting(StoryOf("mit-snapshot-all-crash",
                            "all lose power at once, with snapshots behind them",
                            "Five times over everybody loses power. What was acknowledged is "
                            "there, and what is committed never goes back.",
                            3, AllCrashStory));
}

Scenario PersistedState() {
  return StoryOf("mit-snapshot-persisted", "two starts in a row begin with the snapshot",
                 "All machines take a snapshot and lose power; after one more write they lose it "
                 "again. Each start begins with the snapshot, and nothing is lost.",
                 3, PersistedStateStory);
}

}  // namespace wt::scenarios
