#include "scenarios/single_node.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/state/composite_state_machine.h"
#include "scenarios/conclude.h"
#include "scenarios/invariants/no_leak.h"
#include "sim/machine.h"
#include "sim/trace.h"
#include "sim/virtual_disk.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

constexpr Duration kLook = 5ms;
constexpr uint64_t kPatience = 8;  // failed openings before the operator gives up on a disk

// Lies that leave no trace on the platter: nothing to be found by looking at it afterwards.
bool LiesInPassing(faults::FaultKind kind) {
  return kind == faults::FaultKind::kStaleRead || kind == faults::FaultKind::kReadError;
}

// The first record of a run is that of its machine: a window is asked for before that.
sim::Machine& AddMachine(sim::Simulator& sim, const ExecuteOptions& options) {
  if (options.trace_to > options.trace_from) {
    sim.trace().CaptureWindow(options.trace_from, options.trace_to);
  }
  return sim.AddMachine("n1");
}

}  // namespace

SingleNode::SingleNode(const Plan& plan, const ExecuteOptions& options,
                       std::function<void(World&)> directed)
    : plan_(plan),
      options_(options),
      directed_(std::move(directed)),
      sim_(SimOptionsOf(plan)),
      machine_(AddMachine(sim_, options)),
      judge_(sim_),
      node_(sim_, machine_, plan.knobs),
      story_(options.story),
      index_order_(judge_),
      replay_(judge_, shadow_),
      survival_(judge_, machine_, shadow_, history_),
      append_only_(judge_),
      faults_contained_(judge_),
      whole_snapshots_(judge_, machine_),
      clients_(judge_, node_, shadow_, history_, plan),
      injector_(sim_, *this, {"log/", "snapshot/"}) {
  // In this order: the story has the step before an invariant can fail on it, and survival settles
  // what a restarted log holds before the replay of it is compared.
  for (sim::EventObserver* observer : std::initializer_list<sim::EventObserver*>{
           &story_, this, &survival_, &index_order_, &replay_, &faults_contained_,
           &whole_snapshots_}) {
    sim_.AddObserver(observer);
  }
  // No power-safe overwrite: what is written beside durable bytes may take them along.
  machine_.disk().faults().garbled_sector_ppm = 20'000;
  machine_.disk().AddObserver(&append_only_);
  machine_.disk().AddObserver(&faults_contained_);
  machine_.disk().AddObserver(&whole_snapshots_);
}

Run SingleNode::Execute() {
  return Conclude(RunUntil(sim_, options_, [this] { Harness(); }));
}

void SingleNode::Harness() {
  if (directed_) return TellStory();
  const std::unique_ptr<Task> watch = sim_.tasks().Spawn("operator", [this] { WatchForRefusal(); });
  node_.Start();
  clients_.Start();
  Storm();
  Calm();
  over_ = true;
  watch->Join();
  node_.Stop();
}

void SingleNode::TellStory() {
  World world(judge_, node_, clients_, story_);
  node_.Start();
  directed_(world);
  machine_.disk().faults() = sim::DiskFaults();
  if (!node_.refused()) Calm();
  node_.Stop();
}

void SingleNode::Storm() {
  const std::unique_ptr<Task> injecting =
      sim_.tasks().Spawn("injector", [this] { injector_.Run(plan_.faults); });
  sim_.SleepFor(plan_.storm - sim_.now());
  injector_.Stop();
  injecting->Join();
  story_.Add(sim_.now(), "", "calm begins: all faults have ended");
}

void SingleNode::Calm() {
  clients_.GiveUpAfter(sim_.now() + plan_.calm / 2);
  AwaitLive();
  if (history_.acknowledged() > 0) Reach("client.acknowledged");
  if (history_.refused() > 0) Reach("client.refused");
  if (history_.unknown() > 0) Reach("client.unknown");
  clients_.CheckEverything();
  node_.WithEngine("snapshot", [](Standalone& engine) { (void)engine.engine().TakeSnapshot(); });
  AuditSnapshots();
  CheckLeaks();
  Restart();
  judge_.Expect("deterministic-apply", shadow_.ReplayAll());
}

// converges: serving, every client done, and a write taken, all within the calm's length.
void SingleNode::AwaitLive() {
  const sim::SimTime deadline = sim_.now() + plan_.calm;
  bool written = false;
  while (sim_.now() < deadline && !(written && clients_.Done())) {
    if (!written && node_.serving()) written = clients_.Put("calm", "probe");
    sim_.SleepFor(kLook);
  }
  judge_.Evaluated("converges");
  if (written && clients_.Done()) return;
  judge_.Fail(
      "converges",
      absl::StrFormat("%d ms after all faults had ended, %s", Micros(plan_.calm) / 1000,
                      written           ? std::string("a client still had no answer")
                      : node_.serving() ? std::string("no write was taken")
                                        : "the node did not serve: " + MessageOf(node_.opening())));
}

// Every kept snapshot, restored on a fresh state machine, is the state of its index.
void SingleNode::AuditSnapshots() {
  node_.WithEngine("audit", [this](Standalone& engine) {
    SnapshotManager& snapshots = engine.engine().snapshots();
    whole_snapshots_.CheckSuffixes(snapshots.List(), engine.engine().log().first_index());
    for (const Snapshot& snapshot : snapshots.List()) {
      CompositeStateMachine restored;
      absl::StatusOr<std::unique_ptr<ChunkSource>> source = snapshots.Load(snapshot.id);
      const absl::Status status = source.ok() ? restored.Restore(**source) : source.status();
      if (status.ok()) {
        replay_.CheckSnapshot(snapshot.index, restored.Digest().low, snapshot.id);
      } else if (!machine_.disk().HarmedAnywhere()) {
        judge_.Fail(source.ok() ? "snapshot-equivalence" : "refuse-not-lie",
                    absl::StrFormat("%s cannot be restored from a disk that holds everything it "
                                    "promised: %s",
                                    snapshot.id, MessageOf(status)));
      }
    }
  });
}

// no-leak: nothing temporary, no snapshot too many, no segment whose entries a kept snapshot
// covers.
void SingleNode::CheckLeaks() {
  node_.WithEngine("leaks", [this](Standalone& engine) {
    // While it cannot read a manifest, all that it might refer to stays.
    if (!engine.engine().snapshots().Damaged().empty()) return;
    judge_.Evaluated("no-leak");
    const std::vector<Snapshot> kept = engine.engine().snapshots().List();
    const std::vector<std::string> problems =
        LeaksIn(machine_.disk().CachedImage(), kept, plan_.knobs.snapshots_kept);
    if (!problems.empty() && !machine_.disk().HarmedAnywhere())
      judge_.Fail("no-leak", problems.front());
  });
}

void SingleNode::Restart() {
  node_.Stop();
  node_.Start();
  AwaitLive();
  clients_.CheckEverything();
}

// The operator of a single machine that refused: all that can be done is to begin anew.
void SingleNode::WatchForRefusal() {
  while (!over_) {
    // Sectors that cannot be read: no refusal of the engine's, but for its operator the same.
    const bool unreadable = node_.failed_openings() >= kPatience &&
                            absl::IsUnavailable(node_.opening()) &&
                            machine_.disk().HarmedAnywhere();
    if (node_.refused() || unreadable) {
      Reach(unreadable ? "survival.unreadable" : "survival.refused");
      story_.Add(sim_.now(), machine_.name(), "the operator wipes the disk and begins anew");
      if (machine_.state() != sim::Machine::State::kOff) machine_.PowerLoss();
      machine_.disk().Wipe();
      shadow_ = Shadow();
      history_ = History();
      survival_.BeginAnew();
      whole_snapshots_.BeginAnew();
      injector_.ForgetBackups();
      node_.AcceptRefusal();
    }
    sim_.SleepFor(kLook);
  }
}

void SingleNode::NoteDeath() {
  if (opening_) Reach("node.died_while_opening");
  opening_ = false;
}

void SingleNode::CutPower(sim::Machine&, Duration down_for) {
  NoteDeath();
  const size_t pending = machine_.disk().PendingAtoms().size();
  story_.Add(sim_.now(), machine_.name(),
             absl::StrFormat("power lost: %d unsynced sectors and names", pending));
  node_.CutPower(down_for);
}

void SingleNode::Kill(sim::Machine&, Duration down_for) {
  NoteDeath();
  story_.Add(sim_.now(), machine_.name(), "killed");
  node_.Kill(down_for);
}

void SingleNode::OnBackup(sim::Machine&) {
  story_.Add(sim_.now(), machine_.name(), "a backup of the disk is taken");
  survival_.OnBackup();
}

void SingleNode::OnDiskSwapped(sim::Machine&) {
  story_.Add(sim_.now(), machine_.name(), "the disk is an older backup of itself now");
  survival_.OnDiskSwapped();
}

void SingleNode::OnFault(sim::Machine& machine, const faults::Fault& fault, bool begins,
                         const std::string& what) {
  if (LiesInPassing(fault.kind)) survival_.TransientLies(begins);
  if (fault.kind == faults::FaultKind::kStaleRead) survival_.StaleReads(begins);
  if (LiesInPassing(fault.kind) || fault.kind == faults::FaultKind::kMetadataError) {
    whole_snapshots_.ReadsMayFail(begins);
  }
  story_.Add(sim_.now(), machine.name(), (begins ? "fault: " : "fault over: ") + what);
}

void SingleNode::OnEvent(sim::Machine&, sim::SimTime, const Event& event) {
  if (event.kind == EventKind::kEngineOpening) opening_ = true;
  if (event.kind == EventKind::kEngineRecovered) opening_ = false;
  if (event.kind == EventKind::kLogCompacted) Reach("log.compacted");
  if (event.kind == EventKind::kLogSynced) {
    if (event.d >= synced_ + 2 && !opening_) Reach("log.sync_shared");
    synced_ = event.d;
  }
}

Run SingleNode::Conclude(const sim::RunEnd& end) {
  if (survival_.forgiven() > 0) Reach("survival.forgiven");
  return scenarios::Conclude(plan_, end, sim_, judge_, story_, injector_.counts(), goals_);
}

}  // namespace wt::scenarios
