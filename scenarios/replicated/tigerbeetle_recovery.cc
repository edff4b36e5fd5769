// Stories after TigerBeetle's replica tests, of recovery, repair and state sync, in our words.
#include "absl/strings/str_format.h"
#include "scenarios/catalog.h"
#include "scenarios/cluster/stage.h"
#include "scenarios/replicated/mit_lab.h"
#include "scenarios/replicated/settings.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

// Five in a chain, the primary in the middle: both ends are damaged and hear but one neighbour,
// who has what they lack. The middle three go on meanwhile.
void RepairChainStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "the-red-one"));
  stage.ExpectAgreement();
  stage.ExpectOk(stage.Put("shape", "round"));
  stage.ExpectAgreement();
  const MachineId primary = stage.AwaitPrimary();
  const std::vector<MachineId> others = stage.Others({primary});
  const std::vector<MachineId> chain = {others[0], others[1], primary, others[2], others[3]};
  for (size_t i = 0; i < chain.size(); ++i) {
    for (size_t j = i + 2; j < chain.size(); ++j) stage.CutLink(chain[i], chain[j]);
  }
  std::map<MachineId, MachineId> repaired_from;
  stage.Whenever(EventKind::kEntryRepaired, [&](MachineId machine, const Event& event) {
    repaired_from[machine] = static_cast<MachineId>(event.c);
  });
  for (const MachineId end : {chain.front(), chain.back()}) {
    stage.FlipBitInLog(end, "the-red-one");
    stage.CutPower(end);
  }
  stage.ExpectOk(stage.PutMany(20, "x"));
  stage.Expect(stage.Await([&] { return repaired_from.size() == 2; }),
               "an end of the chain was not repaired");
  stage.NoLongerWhenever();
  const std::map<MachineId, MachineId> neighbours = {{chain.front(), chain[1]},
                                                     {chain.back(), chain[3]}};
  stage.Expect(repaired_from == neighbours, "the entry came from whom they do not hear");
  stage.Expect(stage.AwaitPrimary() == primary, "the chain has another primary");
  stage.Heal();
  stage.ExpectAgreement();
  for (const MachineId machine : stage.Everybody()) {
    stage.Expect(stage.StatusOf(machine).damaged.empty(), "something is still damaged");
  }
  stage.ExpectValue("color", "the-red-one");
}

// Two of three have an entry; one of the two loses it with the torn end of its log. Nothing tells
// a torn end from one that was acknowledged: until the third is back, nothing is committed.
void TornHeadStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "red"));
  stage.ExpectAgreement();
  const MachineId primary = stage.AwaitPrimary();
  const std::vector<MachineId> others = stage.Others({primary});
  stage.Isolate(others[1]);
  stage.ExpectOk(stage.Put("color", "the-green-one"));
  stage.ExpectCaughtUp(others[0]);
  stage.FlipBitInLog(others[0], "the-green-one");
  stage.CutPower(others[0]);
  stage.ExpectReached("log.tail_ambiguous");
  stage.ExpectTrusted(others[0], false);
  stage.ExpectUnknown(stage.PutVia(primary, "shape", "round"));
  stage.ExpectNoCommit(3s);
  stage.Heal();
  stage.ExpectOk(stage.Put("shape", "square"));
  stage.ExpectTrusted(others[0], true);
  stage.ExpectAgreement();
  stage.ExpectValue("color", "the-green-one");
}

// A replica's newest entry rots: it gives the end of its log up, is told what it had, and the
// others never stop.
void CorruptHeadStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "red"));
  stage.ExpectOk(stage.Put("color", "the-green-one"));
  stage.ExpectAgreement();
  const MachineId primary = stage.AwaitPrimary();
  const MachineId replica = stage.Others({primary})[0];
  const LogIndex had = stage.DurableOn(replica);
  LogIndex found;
  stage.Whenever(EventKind::kLogRecovered, [&](MachineId machine, const Event& event) {
    if (machine == replica) found = LogIndex(event.b);
  });
  stage.FlipBitInLog(replica, "the-green-one");
  stage.CutPower(replica);
  stage.ExpectOk(stage.PutMany(5, "x"));
  stage.Expect(stage.AwaitPrimary() == primary, "another one became primary");
  stage.ExpectReached("log.tail_ambiguous");
  stage.ExpectCaughtUp(replica);
  stage.ExpectTrusted(replica, true);
  stage.NoLongerWhenever();
  stage.Expect(found > LogIndex(0) && found < had, "the damaged entry was taken for a good one");
  stage.ExpectEqualLogs();
  stage.ExpectValue("color", "the-green-one");
}

// Three of five have an entry. Its bytes rot at the end of the log of two of them, while the third
// is down: the two that never had it and the two that lost it must wait for that one.
void CorruptHeadsStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "red"));
  stage.ExpectAgreement();
  const MachineId primary = stage.AwaitPrimary();
  const std::vector<MachineId> others = stage.Others({primary});
  ConnectOnly(stage, {primary, others[0], others[1]});
  stage.ExpectOk(stage.Put("color", "the-green-one"));
  for (const MachineId machine : {others[0], others[1]}) stage.ExpectCaughtUp(machine);
  stage.TakeDown(primary);
  for (const MachineId machine : {others[0], others[1]}) {
    stage.TakeDown(machine);
    stage.FlipBitInLog(machine, "the-green-one");
    stage.Restart(machine);
  }
  stage.Heal();
  stage.ExpectNoCommit(4s);
  for (const MachineId machine : {others[0], others[1]}) stage.ExpectTrusted(machine, false);
  stage.Restart(primary);
  stage.ExpectValue("color", "the-green-one");
  stage.ExpectOk(stage.Put("shape", "round"));
  stage.ExpectAgreement();
}

// It returns over a narrow link, is sent a snapshot, and the others go on writing and compacting
// underneath.
void StateSyncStory(Stage& stage) {
  stage.ExpectOk(stage.Put("color", "red"));
  const MachineId primary = stage.AwaitPrimary();
  const MachineId away = stage.Others({primary})[0];
  stage.TakeDown(away);
  stage.ExpectOk(stage.PutMany(60, "x", 4 * kKiB));
  for (const MachineId machine : stage.Others({away})) {
    sim::LinkDials narrow = stage.network().link(machine, away);
    narrow.bytes_per_second = 60'000;
    stage.network().SetLink(machine, away, narrow);
  }
  bool is_receiving = false;
  bool is_installed = false;
  int compacted = 0;
  stage.Whenever(EventKind::kSnapshotReceiving, [&](MachineId machine, const Event&) {
    is_receiving = is_receiving || machine == away;
  });
  stage.Whenever(EventKind::kLogCompacted, [&](MachineId machine, const Event&) {
    if (machine != away && is_receiving && !is_installed) ++compacted;
  });
  stage.Whenever(EventKind::kSnapshotInstalled, [&](MachineId machine, const Event&) {
    is_installed = is_installed || machine == away;
  });
  stage.StartWriters({.count = 3, .until_answered = true});
  stage.Restart(away);
  stage.Expect(stage.Await([&] { return is_installed; }, 60s), "no snapshot was installed");
  stage.NoLongerWhenever();
  stage.Expect(compacted > 0, "nobody compacted while the snapshot was on its way");
  const std::map<std::string, std::string> written = stage.StopWriters();
  stage.Expect(written.size() >= 20, "the others hardly wrote anything");
  stage.SetLinks({});
  stage.ExpectAgreement();
  stage.ExpectValues(written);
  stage.ExpectValue("color", "red");
}

}  // namespace

Scenario RepairChain() {
  Scenario scenario =
      StoryOf("tigerbeetle-repair-chain", "damage is mended from a neighbour, the primary unheard",
              "Five machines in a chain, the primary in the middle. The logs of both ends are "
              "damaged; each is mended from the only one that it hears. Writes go on.",
              5, RepairChainStory);
  scenario.group->trust = {DiskTrust::kVerified, DiskTrust::kBelieved};
  return scenario;
}

Scenario TornHead() {
  return Believing(StoryOf("tigerbeetle-torn-head",
                           "a replica recovers with a torn log while another is cut off",
                           "An entry is committed by two of three; one of them loses it with the "
                           "end of its log. It does not count until the third is back, although "
                           "its disk is otherwise believed.",
                           3, TornHeadStory));
}

Scenario CorruptHead() {
  return Believing(StoryOf("tigerbeetle-corrupt-head", "the newest entry of a replica rots",
                           "One bit of the last entry of one log flips. The replica does not take "
                           "it for one that was never there: it is doubted until it has been told "
                           "what it had.",
                           3, CorruptHeadStory));
}

Scenario CorruptHeads() {
  return Believing(StoryOf("tigerbeetle-corrupt-heads",
                           "two of the three that have an entry lose it, and the third is down",
                           "An entry is committed by three of five. Two lose it with the ends of "
                           "their logs and the third is down: four run, and nobody commits "
                           "anything until the one that has it is back.",
                           5, CorruptHeadsStory));
}

Scenario StateSync() {
  Scenario scenario =
      StoryOf("tigerbeetle-state-sync", "a replica far behind is brought up to date in full swing",
              "A machine returns over a narrow link after the others have compacted their logs. "
              "They go on writing and compacting while it is sent a snapshot.",
              3, StateSyncStory);
  scenario.knobs.segment_bytes = {20 * kKiB, 20 * kKiB};
  scenario.knobs.snapshot_log_bytes = {4 * kKiB, 4 * kKiB};
  scenario.knobs.snapshots_kept = {1, 1};
  scenario.knobs.compress_ppm = 0;
  scenario.group->log_kept_bytes = {0, 0};
  return scenario;
}

}  // namespace wt::scenarios
