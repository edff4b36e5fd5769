#include "scenarios/cluster/cluster.h"

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "scenarios/cluster/stage.h"
#include "scenarios/conclude.h"
#include "sim/machine.h"
#include "sim/trace.h"
#include "sim/virtual_disk.h"
#include "sim/virtual_network.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

constexpr Duration kLook = 10ms;
constexpr Duration kChoreTimeout = 500ms;
constexpr uint64_t kPatience = 8;  // failed openings before the operator gives up on a disk

// The first record of a run is that of its machines: a window is asked for before that.
sim::Simulator& Prepared(sim::Simulator& sim, const ExecuteOptions& options) {
  if (options.trace_to > options.trace_from) {
    sim.trace().CaptureWindow(options.trace_from, options.trace_to);
  }
  return sim;
}

}  // namespace

Cluster::Cluster(const Plan& plan, const ExecuteOptions& options,
                 std::function<void(Stage&)> staged)
    : plan_(plan),
      options_(options),
      staged_(std::move(staged)),
      sim_(SimOptionsOf(plan, options)),
      judge_(sim_),
      fleet_(Prepared(sim_, options), plan),
      ledger_(plan.machines, InitialMembers(*plan.group)),
      story_(sim_, options.story),
      logs_(judge_, ledger_, honesty_),
      elections_(judge_, honesty_),
      completeness_(judge_, ledger_, honesty_),
      states_(judge_, ledger_),
      indices_(judge_, ledger_),
      refusals_(judge_, honesty_),
      promises_(judge_, ledger_),
      testimony_(judge_, ledger_),
      figures_(judge_, plan.machines, plan.group->figures),
      clients_(judge_, fleet_, ledger_, promises_, testimony_, plan),
      harness_(sim_, fleet_, 0),
      injector_(sim_, *this, {"log/", "snapshot/"}) {
  // In this order: the story has the step before an invariant can fail on it, and the ledger knows
  // of it before the others look.
  for (sim::EventObserver* observer : std::initializer_list<sim::EventObserver*>{
           &judge_.circumstances(), &story_, this, &logs_, &elections_, &completeness_, &states_,
           &indices_, &refusals_, &figures_}) {
    sim_.AddObserver(observer);
  }
  for (const auto& member : fleet_.members()) {
    // No power-safe overwrite: what is written beside durable bytes may take them along.
    member->machine().disk().faults().garbled_sector_ppm = 20'000;
    disks_.push_back(std::make_unique<DiskChecks>(judge_, member->machine(), honesty_));
    sim_.AddObserver(disks_.back().get());
    if (plan.group->store != StateStore::kLsm) continue;
    tables_.push_back(
        std::make_unique<TableWatch>(judge_, member->machine(), Member::kStateFolder));
    member->machine().disk().AddObserver(tables_.back().get());
  }
}

Run Cluster::Execute() {
  return Conclude(RunUntil(sim_, options_, story_, [this] { Harness(); }));
}

void Cluster::Harness() {
  SetTheWeather();
  for (const auto& member : fleet_.members()) member->Start();
  if (staged_) return TellStory();
  const std::unique_ptr<Task> chores = sim_.tasks().Spawn("operator", [this] { DoChores(); });
  clients_.Start();
  Storm();
  Calm();
  over_ = true;
  chores->Join();
  for (const auto& member : fleet_.members()) member->Stop();
}

void Cluster::TellStory() {
  // A story that fails is unwound here, and what it watched for refers to its own variables.
  struct ClearHooks {
    ~ClearHooks() { cluster.hooks_.clear(); }
    Cluster& cluster;
  };
  judge_.circumstances().TellStory();
  {
    const ClearHooks clear{*this};
    Stage stage(*this);
    staged_(stage);
    if (stage.ends_in_refusal()) return;
  }
  Calm();
}

// ---- Storm

void Cluster::SetTheWeather() {
  const PlannedGroup& group = *plan_.group;
  sim::LinkDials dials;
  dials.latency = group.latency;
  dials.loss_ppm = group.loss_ppm;
  dials.duplicate_ppm = group.duplicate_ppm;
  dials.reorder_ppm = group.reorder_ppm;
  sim_.network().SetAllLinks(dials);
  for (const auto& member : fleet_.members()) {
    sim::DiskFaults& disk = member->machine().disk().faults();
    disk.sync_latency_min *= group.slow_sync;
    disk.sync_latency_max *= group.slow_sync;
  }
  if (!staged_) story_.Add(sim_.now(), "", absl::StrFormat("weather: %s", NameOf(group.weather)));
}

void Cluster::ClearTheWeather() {
  sim::LinkDials dials;
  dials.latency = plan_.group->latency;
  sim_.network().SetAllLinks(dials);
  sim_.network().Heal();
  for (const auto& member : fleet_.members()) {
    sim::DiskFaults honest;
    honest.garbled_sector_ppm = 20'000;
    member->machine().disk().faults() = honest;
    member->Release();
    fleet_.CutClients(member->id(), false);
    if (member->machine().state() == sim::Machine::State::kPaused) member->machine().Resume();
  }
}

void Cluster::Storm() {
  const std::unique_ptr<Task> injecting =
      sim_.tasks().Spawn("injector", [this] { injector_.Run(plan_.faults); });
  sim_.SleepFor(plan_.storm - sim_.now());
  injector_.Stop();
  injecting->Join();
  judge_.circumstances().OnStormOver(sim_.now());
  storm_over_ = true;
}

// What operators do to a healthy group, and closing machines in an orderly way where it was asked.
void Cluster::DoChores() {
  size_t next = 0;
  while (!over_) {
    sim_.SleepFor(kLook);
    for (const auto& member : fleet_.members()) {
      member->CloseIfAsked();
      ReplaceUnreadableDisk(*member);
    }
    if (storm_over_ || next >= plan_.chores.size() || sim_.now() < plan_.chores[next].at) continue;
    at_a_chore_ = true;
    Do(plan_.chores[next++]);
    at_a_chore_ = false;
  }
}

// A disk whose sectors cannot be read is no refusal of the replica's, but for its operator the
// same.
void Cluster::ReplaceUnreadableDisk(Member& member) {
  sim::Machine& machine = member.machine();
  const bool hopeless = member.failed_openings() >= kPatience &&
                        absl::IsUnavailable(member.opening()) && machine.disk().HarmedAnywhere();
  if (!hopeless || member.serving()) return;
  Reach("operator.replaced_disk");
  member.CutPower(Duration(0));
  member.AcceptRefusal();
  machine.disk().Wipe();
  NewDisk(machine, "its sectors cannot be read: the operator puts in an empty disk");
}

void Cluster::Do(const Chore& chore) {
  const uint32_t primary = figures_.serving_primary();
  if (primary == 0) return;
  const bool transfer = chore.kind == Chore::Kind::kTransfer;
  Configuration target;
  for (uint32_t machine : chore.voters) target.voters.push_back(NodeId(machine));
  for (uint32_t machine : chore.learners) target.learners.push_back(NodeId(machine));
  Tell(fleet_.member(primary).machine().name(),
       transfer ? absl::StrFormat("the operator asks it to hand over to n%d", chore.to)
                : "the operator asks for the members " + target.ToString());
  absl::Status done;
  (void)fleet_.member(primary).Call("chore", [&](Replica& replica) {
    done = transfer ? replica.TransferTo(NodeId(chore.to), kChoreTimeout)
                    : replica.ChangeMembers(target, kChoreTimeout);
  });
  if (done.ok()) Reach(transfer ? "group.handed_over" : "group.members_changed");
}

// ---- faults::Operator

void Cluster::CutPower(sim::Machine& machine, Duration down_for) {
  Tell(machine.name(), absl::StrFormat("power lost: %d unsynced sectors and names",
                                       machine.disk().PendingAtoms().size()));
  figures_.OnDead(machine.id(), sim_.now());
  fleet_.member(machine.id()).CutPower(down_for);
}

void Cluster::Kill(sim::Machine& machine, Duration down_for) {
  Tell(machine.name(), "killed");
  figures_.OnDead(machine.id(), sim_.now());
  fleet_.member(machine.id()).Kill(down_for);
}

void Cluster::Close(sim::Machine& machine, Duration down_for) {
  Tell(machine.name(), "asked to close");
  fleet_.member(machine.id()).AskToClose(down_for);
}

sim::Machine* Cluster::Primary() {
  const uint32_t primary = figures_.primary();
  return primary == 0 ? nullptr : &fleet_.member(primary).machine();
}

void Cluster::NewDisk(sim::Machine& machine, std::string what) {
  Tell(machine.name(), std::move(what));
  honesty_.Harm(machine.id());
  disks_[machine.id() - 1]->BeginAnew();
}

void Cluster::OnBackup(sim::Machine& machine) {
  Tell(machine.name(), "a backup of the disk is taken");
}

void Cluster::OnDiskSwapped(sim::Machine& machine) {
  if (options_.lie == Lie::kUntoldBackup) {
    return Tell(machine.name(),
                "the disk is an older backup of itself now; the ledger is not told");
  }
  NewDisk(machine, "the disk is an older backup of itself now");
}

void Cluster::OnWiped(sim::Machine& machine) { NewDisk(machine, "the disk is empty now"); }

void Cluster::OnDisksExchanged(sim::Machine& a, sim::Machine& b) {
  NewDisk(a, "has the disk of " + b.name() + " now");
  NewDisk(b, "has the disk of " + a.name() + " now");
}

void Cluster::OnDiskCopied(sim::Machine& machine, sim::Machine& from) {
  NewDisk(machine, "has a copy of the disk of " + from.name() + " now");
}

void Cluster::OnClientsCut(sim::Machine& machine, bool cut) {
  Tell(machine.name(), cut ? "clients do not reach it" : "clients reach it again");
  fleet_.CutClients(machine.id(), cut);
}

void Cluster::OnFault(sim::Machine& machine, const faults::Fault& fault, bool begins,
                      const std::string& what) {
  using faults::FaultKind;
  const uint32_t id = machine.id();
  if (begins) judge_.circumstances().OnFault(id, fault, sim_.now());
  const bool told = options_.lie != Lie::kUntoldBackup;
  if (begins && told && faults::InfoOf(fault.kind).severity == faults::Severity::kHarmful) {
    honesty_.Harm(id);
  }
  if (fault.kind == FaultKind::kReadError) honesty_.DoubtReads(id);
  if (fault.kind == FaultKind::kMetadataError || fault.kind == FaultKind::kFailedSync ||
      fault.kind == FaultKind::kReadError) {
    honesty_.DoubtNames(id);
  }
  if (begins && (fault.kind == FaultKind::kPause || fault.kind == FaultKind::kIsolation)) {
    figures_.OnSilent(id, sim_.now());
  }
  Tell(machine.name(), (begins ? "fault: " : "fault over: ") + what);
}

void Cluster::OnEvent(sim::Machine& machine, sim::SimTime, const Event& event) {
  for (const auto& hook : hooks_) hook(machine.id(), event);
  switch (event.kind) {
    case EventKind::kLogCompacted:
      return Reach("log.compacted");
    case EventKind::kPrimaryElected:
      return Reach("primary.elected");
    case EventKind::kReplicaTrusted:
      return Reach("replica.trusted");
    case EventKind::kReplicaSetAside:
      disks_[machine.id() - 1]->BeginAnew();
      return Reach("replica.set_aside");
    case EventKind::kLogSuffixOverridden:
      return Reach("log.suffix_overridden");
    case EventKind::kSnapshotInstalled:
      return Reach("snapshot.installed");
    case EventKind::kLogRepaired:
      return Reach("log.repaired");
    default:
      return;
  }
}

Run Cluster::Conclude(const Ending& ending) {
  return scenarios::Conclude(plan_, ending, sim_, judge_, story_, injector_.counts(), goals_);
}

}  // namespace wt::scenarios
