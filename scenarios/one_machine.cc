#include "scenarios/one_machine.h"

#include <memory>

#include "absl/strings/str_format.h"
#include "engine/base/status.h"
#include "scenarios/campaign/values.h"
#include "scenarios/conclude.h"
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

OneMachineRun::OneMachineRun(const Plan& plan, const ExecuteOptions& options, Owed owed,
                             std::vector<std::string> rot_prefixes)
    : plan_(plan),
      options_(options),
      sim_(SimOptionsOf(plan, options)),
      machine_(AddMachine(sim_, options)),
      judge_(sim_),
      story_(sim_, options.story),
      index_order_(judge_),
      survival_(judge_, machine_, shadow_, history_, owed),
      append_only_(judge_),
      faults_contained_(judge_, owed),
      injector_(sim_, *this, std::move(rot_prefixes)) {}

void OneMachineRun::Watch(std::initializer_list<sim::EventObserver*> events,
                          std::initializer_list<sim::DiskObserver*> disk) {
  sim_.AddObserver(&judge_.circumstances());
  for (sim::EventObserver* observer : events) sim_.AddObserver(observer);
  // No power-safe overwrite: what is written beside durable bytes may take them along.
  machine_.disk().faults().garbled_sector_ppm = 20'000;
  machine_.disk().AddObserver(&append_only_);
  machine_.disk().AddObserver(&faults_contained_);
  for (sim::DiskObserver* observer : disk) machine_.disk().AddObserver(observer);
}

Run OneMachineRun::Execute() {
  return Conclude(RunUntil(sim_, options_, story_, [this] { Harness(); }));
}

void OneMachineRun::Harness() {
  const std::unique_ptr<Task> watch = sim_.tasks().Spawn("operator", [this] { WatchForRefusal(); });
  node().Start();
  clients().Start();
  Storm();
  Calm();
  over_ = true;
  watch->Join();
  node().Stop();
}

void OneMachineRun::Storm() {
  const std::unique_ptr<Task> injecting =
      sim_.tasks().Spawn("injector", [this] { injector_.Run(plan_.faults); });
  sim_.SleepFor(plan_.storm - sim_.now());
  injector_.Stop();
  injecting->Join();
  judge_.circumstances().OnStormOver(sim_.now());
  story_.Add(sim_.now(), "", "calm begins: all faults have ended");
}

void OneMachineRun::Calm() {
  clients().GiveUpAfter(sim_.now() + plan_.calm / 2);
  AwaitLive();
  if (options_.lie != Lie::kNone) TellLie();
  if (history_.acknowledged() > 0) Reach("client.acknowledged");
  if (history_.refused() > 0) Reach("client.refused");
  if (history_.unknown() > 0) Reach("client.unknown");
  CheckEverything();
  Examine();
  Restart();
  NoteGoals();
  judge_.Expect("deterministic-apply", shadow_.ReplayAll());
}

// To the judges, as if it were the world that is so.
void OneMachineRun::TellLie() {
  const std::vector<sim::DurableFile> files = machine_.disk().DurableImage();
  switch (options_.lie) {
    case Lie::kAcknowledgement:
      return history_.Acknowledge(1, shadow_.applied() + 1000, sim_.now());
    case Lie::kOverwrite:
      for (const sim::DurableFile& file : files) {
        if (!file.path.starts_with("log/")) continue;
        return append_only_.OnWrite(file.path, 0, 1, file.bytes.size());
      }
      return;
    default:
      return;  // told elsewhere
  }
}

// converges: serving, every client done, and a write taken, all within the calm's length.
void OneMachineRun::AwaitLive() {
  const sim::SimTime deadline = sim_.now() + plan_.calm;
  bool written = false;
  while (sim_.now() < deadline && !(written && clients().Done())) {
    if (!written && node().serving()) written = Probe();
    sim_.SleepFor(kLook);
  }
  judge_.Evaluated("converges");
  if (written && clients().Done()) return;
  judge_.Fail("converges",
              absl::StrFormat("%d ms after all faults had ended, %s", Micros(plan_.calm) / 1000,
                              written ? "a client still had no answer"
                              : node().serving()
                                  ? WhyNoWrite()
                                  : "the node did not serve: " + MessageOf(node().opening())));
}

void OneMachineRun::Restart() {
  node().Stop();
  node().Start();
  AwaitLive();
  CheckEverything();
}

// Sectors that cannot be read: no refusal of the engine's, but for its operator the same.
bool OneMachineRun::IsBeyondRepair() {
  if (node().refused()) return true;
  const bool unreadable =
      node().failed_openings() >= kPatience && absl::IsUnavailable(node().opening());
  return (unreadable || DiesYoung()) && machine_.disk().HarmedAnywhere();
}

// The operator of a single machine that refused: all that can be done is to begin anew.
void OneMachineRun::WatchForRefusal() {
  while (!over_) {
    if (IsBeyondRepair()) BeginAnew();
    sim_.SleepFor(kLook);
  }
}

void OneMachineRun::BeginAnew() {
  Reach(node().refused() ? "survival.refused"
        : DiesYoung()    ? "survival.damaged_tables"
                         : "survival.unreadable");
  story_.Add(sim_.now(), machine_.name(), "the operator wipes the disk and begins anew");
  if (machine_.state() != sim::Machine::State::kOff) machine_.PowerLoss();
  machine_.disk().Wipe();
  shadow_ = Shadow();
  history_ = History();
  survival_.BeginAnew();
  ForgetLife();
  injector_.ForgetBackups();
  node().AcceptRefusal();
}

void OneMachineRun::NoteDeath() {
  if (opening_) Reach("node.died_while_opening");
  opening_ = false;
}

void OneMachineRun::CutPower(sim::Machine&, Duration down_for) {
  NoteDeath();
  const size_t pending = machine_.disk().PendingAtoms().size();
  story_.Add(sim_.now(), machine_.name(),
             absl::StrFormat("power lost: %d unsynced sectors and names", pending));
  node().CutPower(down_for);
}

void OneMachineRun::Kill(sim::Machine&, Duration down_for) {
  NoteDeath();
  story_.Add(sim_.now(), machine_.name(), "killed");
  node().Kill(down_for);
}

void OneMachineRun::OnBackup(sim::Machine&) {
  story_.Add(sim_.now(), machine_.name(), "a backup of the disk is taken");
  survival_.OnBackup();
}

void OneMachineRun::OnDiskSwapped(sim::Machine&) {
  story_.Add(sim_.now(), machine_.name(), "the disk is an older backup of itself now");
  if (options_.lie != Lie::kUntoldBackup) survival_.OnDiskSwapped();
}

void OneMachineRun::OnFault(sim::Machine& machine, const faults::Fault& fault, bool begins,
                            const std::string& what) {
  if (begins) judge_.circumstances().OnFault(machine.id(), fault, sim_.now());
  if (LiesInPassing(fault.kind)) survival_.TransientLies(begins);
  if (fault.kind == faults::FaultKind::kStaleRead) survival_.StaleReads(begins);
  story_.Add(sim_.now(), machine.name(), (begins ? "fault: " : "fault over: ") + what);
}

void OneMachineRun::OnEvent(sim::Machine&, sim::SimTime, const Event& event) {
  if (event.kind == EventKind::kEngineOpening) opening_ = true;
  if (event.kind == EventKind::kEngineRecovered) opening_ = false;
  if (event.kind == EventKind::kLogCompacted) Reach("log.compacted");
}

Run OneMachineRun::Conclude(const Ending& ending) {
  if (survival_.forgiven() > 0) Reach("survival.forgiven");
  return scenarios::Conclude(plan_, ending, sim_, judge_, story_, injector_.counts(), goals_);
}

}  // namespace wt::scenarios
