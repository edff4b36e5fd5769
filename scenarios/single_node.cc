#include "scenarios/single_node.h"

#include <memory>
#include <vector>

#include "absl/strings/str_format.h"
#include "engine/base/status.h"
#include "engine/state/composite_state_machine.h"
#include "scenarios/invariants/no_leak.h"
#include "sim/machine.h"
#include "sim/virtual_disk.h"

namespace wt::scenarios {

SingleNode::SingleNode(const Plan& plan, const ExecuteOptions& options,
                       std::function<void(World&)> directed)
    : OneMachineRun(plan, options, Owed::kCommitted, {"log/", "snapshot/"}),
      directed_(std::move(directed)),
      node_(sim_, machine_, plan.knobs),
      replay_(judge_, shadow_),
      whole_snapshots_(judge_, machine_),
      clients_(judge_, node_, shadow_, history_, plan) {
  // In this order: the story has the step before an invariant can fail on it, and survival settles
  // what a restarted log holds before the replay of it is compared.
  Watch({&story_, this, &survival_, &index_order_, &replay_, &faults_contained_, &whole_snapshots_},
        {&whole_snapshots_});
}

void SingleNode::Harness() { directed_ ? TellStory() : OneMachineRun::Harness(); }

void SingleNode::TellStory() {
  World world(judge_, node_, clients_, story_);
  judge_.circumstances().TellStory();
  node_.Start();
  directed_(world);
  machine_.disk().faults() = sim::DiskFaults();
  if (!node_.refused()) Calm();
  node_.Stop();
}

void SingleNode::Examine() {
  node_.With("snapshot", [](Standalone& engine) { (void)engine.engine().TakeSnapshot(); });
  AuditSnapshots();
  CheckLeaks();
}

// Every kept snapshot, restored on a fresh state machine, is the state of its index.
void SingleNode::AuditSnapshots() {
  node_.With("audit", [this](Standalone& engine) {
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
  node_.With("leaks", [this](Standalone& engine) {
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

void SingleNode::OnFault(sim::Machine& machine, const faults::Fault& fault, bool begins,
                         const std::string& what) {
  using faults::FaultKind;
  if (fault.kind == FaultKind::kStaleRead || fault.kind == FaultKind::kReadError ||
      fault.kind == FaultKind::kMetadataError) {
    whole_snapshots_.ReadsMayFail(begins);
  }
  OneMachineRun::OnFault(machine, fault, begins, what);
}

void SingleNode::OnEvent(sim::Machine& machine, sim::SimTime at, const Event& event) {
  OneMachineRun::OnEvent(machine, at, event);
  if (event.kind != EventKind::kLogSynced) return;
  if (event.d >= synced_ + 2 && !opening()) Reach("log.sync_shared");
  synced_ = event.d;
}

}  // namespace wt::scenarios
