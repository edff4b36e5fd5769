// The calm of a group's run: everything must be well again, and is checked once more.
#include <algorithm>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/state/command.h"
#include "engine/state/result.h"
#include "scenarios/clients.h"
#include "scenarios/cluster/cluster.h"
#include "scenarios/conclude.h"
#include "scenarios/invariants/no_leak.h"
#include "sim/machine.h"
#include "sim/virtual_disk.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

constexpr Duration kLook = 10ms;
// What a recall, an election that fails and the first commit take beside the elections themselves.
constexpr Duration kRecallAllowance = 2s;

int64_t Millis(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

}  // namespace

void Cluster::Calm() {
  ClearTheWeather();
  Tell("", "calm begins: all faults have ended");
  clients_.GiveUpAfter(sim_.now() + SlowestCall() + plan_.calm / 2);
  sim_.SleepFor(SlowestCall());
  AwaitPrimary();
  RestoreMembers();
  AwaitAnswers();
  AwaitAgreement();
  HoldLag();
  if (options_.lie != Lie::kNone) TellLie();
  CheckStates();
  for (const auto& member : fleet_.members()) {
    AuditSnapshots(member->id());
    CheckLeaks(member->id());
  }
  if (plan_.seed % 4 == 0) RestartAll();
  Settle();
}

// To the judges, as if it were the world that is so.
void Cluster::TellLie() {
  if (options_.lie == Lie::kRead) {
    const Command read = KvGet{KeyName(0)};
    Testimony::Call call = testimony_.Begin(1, read);
    const ReadResult answer{.value = EncodeResult(KvGetResult{"what nobody wrote"}),
                            .at = ledger_.committed()};
    testimony_.Answered(call, answer, /*linearizable=*/true);
  }
  if (options_.lie == Lie::kSecondPrimary) {
    const uint32_t primary = elections_.latest_primary();
    WT_CHECK(primary != 0);
    sim::Machine& other = fleet_.member(primary % fleet_.size() + 1).machine();
    elections_.OnEvent(other, sim_.now(),
                       {.kind = EventKind::kPrimaryElected, .a = elections_.latest_term().value()});
  }
}

// A call to a disk that began in the storm may take until now: it is not over when the fault is.
Duration Cluster::SlowestCall() const {
  using faults::FaultKind;
  Duration slowest{};
  for (const faults::Fault& fault : plan_.faults) {
    if (fault.kind == FaultKind::kHungDisk) {
      slowest = std::max(slowest, fault.at + fault.lasts - plan_.storm);
    } else if (fault.kind == FaultKind::kSlowDisk) {
      const Duration sync = sim::DiskFaults().sync_latency_max * plan_.group->slow_sync;
      slowest = std::max(slowest, sync * static_cast<int64_t>(fault.amount));
    }
  }
  return slowest;
}

bool Cluster::AllServe() {
  return std::ranges::all_of(fleet_.members(),
                             [](const auto& member) { return member->serving(); });
}

// converges: from the moment when all machines run, a primary serves within five election timeouts.
void Cluster::AwaitPrimary() {
  const sim::SimTime end = sim_.now() + plan_.calm;
  while (!AllServe() && sim_.now() < end) sim_.SleepFor(kLook);
  judge_.Evaluated("converges");
  for (const auto& member : fleet_.members()) {
    if (member->serving()) continue;
    judge_.Fail("converges", absl::StrFormat("%d ms after all faults had ended, %s did not run: %s",
                                             Millis(plan_.calm), member->machine().name(),
                                             MessageOf(member->opening())));
  }
  const sim::SimTime began = sim_.now();
  const Duration bound = 5 * plan_.group->election_timeout + kRecallAllowance;
  while (figures_.serving_primary() == 0 && sim_.now() < began + bound) sim_.SleepFor(kLook);
  if (figures_.serving_primary() != 0) return;
  std::string why;
  for (const auto& member : fleet_.members()) why += "; " + Unsound(member->id());
  judge_.Fail("converges", absl::StrFormat("%d ms after all machines ran, none serves as primary%s",
                                           Millis(bound), why));
}

// The operator wants the members back that the group began with.
void Cluster::RestoreMembers() {
  const Configuration wanted = InitialMembers(*plan_.group);
  const sim::SimTime end = sim_.now() + plan_.calm;
  absl::Status changed = Unavailable("nobody is primary");
  while (sim_.now() < end) {
    const uint32_t primary = figures_.serving_primary();
    if (primary != 0 && !at_a_chore_ && ledger_.members(primary) == wanted) return;
    if (primary != 0 && !at_a_chore_) {
      (void)fleet_.member(primary).Call(
          "members", [&](Replica& replica) { changed = replica.ChangeMembers(wanted, 1s); });
    }
    sim_.SleepFor(kLook);
  }
  judge_.Fail("converges",
              absl::StrFormat("in %d ms of calm the members could not be changed to %s: "
                              "%s",
                              Millis(plan_.calm), wanted.ToString(), MessageOf(changed)));
}

void Cluster::AwaitAnswers() {
  const sim::SimTime end = sim_.now() + plan_.calm;
  const absl::Status written =
      clients_.Write(harness_, 0, KvSet{"calm", absl::StrFormat("probe %d", plan_.seed)},
                     {.once = true, .give_up = end});
  while (!clients_.Done() && sim_.now() < end) sim_.SleepFor(kLook);
  judge_.Evaluated("converges");
  if (written.ok() && clients_.Done()) return;
  judge_.Fail("converges",
              absl::StrFormat("in %d ms of calm %s", Millis(plan_.calm),
                              written.ok() ? std::string("a client still had no answer")
                                           : "no write was taken: " + MessageOf(written)));
}

// Says what keeps the machines from being equal; empty when nothing does.
std::string Cluster::Disagreement() {
  for (const auto& member : fleet_.members()) {
    const LogIndex applied = indices_.applied(member->id());
    if (!member->serving()) return member->machine().name() + " does not run";
    if (applied < ledger_.committed()) {
      return absl::StrFormat("%s has applied %d of %d entries", member->machine().name(),
                             applied.value(), ledger_.committed().value());
    }
  }
  return {};
}

// What is not right about a machine, in words.
std::string Cluster::Unsound(uint32_t machine) {
  const std::string name = fleet_.member(machine).machine().name();
  const std::optional<ReplicaStatus> status = fleet_.StatusOf(machine);
  if (!status.has_value()) return name + " does not answer";
  const bool votes = InitialMembers(*plan_.group).IsVoter(NodeId(machine));  // who learns, never is
  if (votes && !status->trusted) {
    std::string whom;
    for (const NodeId node : status->waits_for) whom += absl::StrFormat(" n%d", node.value());
    return absl::StrFormat("%s is not trusted, and waits for%s", name, whom);
  }
  if (!status->damaged.empty()) {
    return absl::StrFormat("%s still has %d damaged entries", name, status->damaged.size());
  }
  return {};
}

// converges: everybody has applied everything, is trusted and undamaged.
void Cluster::AwaitAgreement() {
  const sim::SimTime end = sim_.now() + plan_.calm;
  std::string problem;
  for (;;) {
    problem = Disagreement();
    for (uint32_t machine = 1; machine <= fleet_.size() && problem.empty(); ++machine) {
      problem = Unsound(machine);
    }
    if (problem.empty() || sim_.now() >= end) break;
    sim_.SleepFor(kLook);
  }
  judge_.Evaluated("converges");
  if (problem.empty()) return;
  judge_.Fail("converges", absl::StrFormat("after %d ms of calm %s", Millis(plan_.calm), problem));
}

void Cluster::CheckStates() {
  for (const auto& member : fleet_.members()) {
    LogIndex applied;
    uint64_t digest = 0;
    const Reached reached = member->Call("digest", [&](Replica& replica) {
      applied = replica.engine().last_applied();
      digest = replica.engine().state_digest().low;
    });
    if (reached != Reached::kYes) continue;
    judge_.Evaluated("state-machine-safety");
    if (ledger_.shadow().DigestAt(applied) == digest) continue;
    judge_.Fail("state-machine-safety",
                absl::StrFormat("%s: the state after entry %d differs from a full replay's",
                                member->machine().name(), applied.value()));
  }
}

// Every kept snapshot, restored on a fresh state machine, is the state of its index.
void Cluster::AuditSnapshots(uint32_t machine) {
  Member& member = fleet_.member(machine);
  (void)member.Call("audit", [&](Replica& replica) {
    SnapshotManager& snapshots = replica.engine().snapshots();
    for (const Snapshot& snapshot : snapshots.List()) {
      const std::unique_ptr<StateMachine> restored = NewGroupMachine();
      absl::StatusOr<std::unique_ptr<ChunkSource>> source = snapshots.Load(snapshot.id);
      const absl::Status status = source.ok() ? restored->Restore(**source) : source.status();
      if (!status.ok()) continue;  // refusals watches
      states_.CheckSnapshot(machine, snapshot.index, snapshot.term, restored->Digest().low,
                            snapshot.id);
    }
  });
}

// no-leak: no file is there that belongs to nothing. While a snapshot is being written some do.
void Cluster::CheckLeaks(uint32_t machine) {
  if (!honesty_.IsHonest(machine) || honesty_.NamesAreInDoubt(machine)) return;
  sim::Machine& hit = fleet_.member(machine).machine();
  judge_.Evaluated("no-leak");
  std::vector<std::string> problems;
  for (int look = 0; look < 20; ++look) {
    problems = LeaksIn(hit.disk().CachedImage(), {}, plan_.knobs.snapshots_kept);
    if (problems.empty()) return;
    sim_.SleepFor(5 * kLook);
  }
  judge_.Fail("no-leak", hit.name() + ": " + problems.front());
}

// All of them, in an orderly way: what they knew they must know again.
void Cluster::RestartAll() {
  Tell("", "every machine is closed and started again");
  for (const auto& member : fleet_.members()) member->Stop();
  for (const auto& member : fleet_.members()) member->Start();
  AwaitPrimary();
  AwaitAnswers();
  AwaitAgreement();
  CheckStates();
}

// With everybody up to date, replicas keep up.
void Cluster::HoldLag() {
  if (!plan_.group->figures) return;
  figures_.OnCalm();
  for (int write = 0; write < 5; ++write) AwaitAnswers();
  AwaitAgreement();
  judge_.Evaluated("converges");
  if (figures_.worst_lag() < kLagBound) return;
  judge_.Fail("converges",
              absl::StrFormat("in calm a replica applied an entry %d ms after it was committed, "
                              "promised %d ms",
                              Millis(figures_.worst_lag()), Millis(kLagBound)));
}

void Cluster::Settle() {
  if (testimony_.acknowledged() > 0) Reach("client.acknowledged");
  if (testimony_.refused() > 0) Reach("client.refused");
  if (testimony_.unknown() > 0) Reach("client.unknown");
  if (figures_.failovers() > 0) Reach("group.failed_over");
  if (ledger_.shadow().model().repeated() > 0) Reach("client.repeated_once");
  if (promises_.Settle() > 0) Reach("group.async_undone");
  if (!testimony_.CheckHistory()) Reach("linearizable.undecided");
  judge_.Expect("deterministic-apply", ledger_.shadow().ReplayAll());
}

}  // namespace wt::scenarios
