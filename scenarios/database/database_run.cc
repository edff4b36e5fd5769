#include "scenarios/database/database_run.h"

#include <algorithm>
#include <initializer_list>
#include <memory>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/status.h"
#include "scenarios/conclude.h"
#include "scenarios/database/leaks.h"
#include "sim/machine.h"
#include "sim/trace.h"
#include "sim/virtual_disk.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

constexpr Duration kLook = 5ms;
constexpr uint64_t kPatience = 8;    // failed openings before the operator gives up on a disk
constexpr uint64_t kShortLives = 5;  // and lives that ended as soon as they served

// Lies that leave no trace on the platter: nothing to be found by looking at it afterwards.
bool LiesInPassing(faults::FaultKind kind) {
  return kind == faults::FaultKind::kStaleRead || kind == faults::FaultKind::kReadError;
}

sim::Machine& AddMachine(sim::Simulator& sim, const ExecuteOptions& options) {
  if (options.trace_to > options.trace_from) {
    sim.trace().CaptureWindow(options.trace_from, options.trace_to);
  }
  return sim.AddMachine("n1");
}

}  // namespace

DatabaseRun::DatabaseRun(const Plan& plan, const ExecuteOptions& options)
    : plan_(plan),
      options_(options),
      sim_(SimOptionsOf(plan)),
      machine_(AddMachine(sim_, options)),
      judge_(sim_),
      node_(sim_, machine_, plan),
      story_(options.story),
      writes_(judge_, shadow_),
      index_order_(judge_),
      survival_(judge_, machine_, shadow_, history_, Owed::kSynced),
      append_only_(judge_),
      faults_contained_(judge_, Owed::kSynced),
      clients_(judge_, node_, shadow_, writes_, history_, plan,
               [this] { return survival_.MayRefuse(); }),
      injector_(sim_, *this, {"log/", "tables/"}) {
  // In this order: the story has the step before an invariant can fail on it, and survival settles
  // what a restarted log holds before what follows is compared.
  for (sim::EventObserver* observer : std::initializer_list<sim::EventObserver*>{
           &story_, this, &survival_, &index_order_, &writes_, &faults_contained_}) {
    sim_.AddObserver(observer);
  }
  // No power-safe overwrite: what is written beside durable bytes may take them along.
  machine_.disk().faults().garbled_sector_ppm = 20'000;
  machine_.disk().AddObserver(&append_only_);
  machine_.disk().AddObserver(&faults_contained_);
}

Run DatabaseRun::Execute() {
  return Conclude(RunUntil(sim_, options_, [this] { Harness(); }));
}

void DatabaseRun::Harness() {
  const std::unique_ptr<Task> watch = sim_.tasks().Spawn("operator", [this] { WatchForRefusal(); });
  node_.Start();
  clients_.Start();
  Storm();
  Calm();
  over_ = true;
  watch->Join();
  node_.Stop();
}

void DatabaseRun::Storm() {
  const std::unique_ptr<Task> injecting =
      sim_.tasks().Spawn("injector", [this] { injector_.Run(plan_.faults); });
  sim_.SleepFor(plan_.storm - sim_.now());
  injector_.Stop();
  injecting->Join();
  story_.Add(sim_.now(), "", "calm begins: all faults have ended");
}

void DatabaseRun::Calm() {
  clients_.GiveUpAfter(sim_.now() + plan_.calm / 2);
  AwaitLive();
  if (history_.acknowledged() > 0) Reach("client.acknowledged");
  if (history_.refused() > 0) Reach("client.refused");
  if (history_.unknown() > 0) Reach("client.unknown");
  if (clients_.buffered() > 0) Reach("client.buffered");
  if (clients_.views_checked() > 0) Reach("client.view_held");
  if (writes_.largest_group() > 1) Reach("log.entry_shared");
  CheckEverything();
  CheckTables();
  Restart();
  if (clients_.damage_named() > 0) Reach("survival.damage_named");
  judge_.Expect("deterministic-apply", shadow_.ReplayAll());
}

// converges: serving, every client done, and a write taken, all within the calm's length.
void DatabaseRun::AwaitLive() {
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
                      : node_.serving() ? "no write was taken: " + MessageOf(node_.failure())
                                        : "the node did not serve: " + MessageOf(node_.opening())));
}

// What cannot be read on a healthy disk is as good as lost.
void DatabaseRun::CheckEverything() {
  if (clients_.CheckEverything() || survival_.MayRefuse()) return;
  judge_.Fail("converges", "in calm, on a healthy disk, not all of it could be read: " +
                               MessageOf(node_.failure()));
}

// no-leak: in tables/ nothing but the pointer, one manifest and the tables it names; in log/ no
// segment whose entries are all in tables.
void DatabaseRun::CheckTables() {
  if (!clients_.SettleTables() || machine_.disk().HarmedAnywhere()) return;
  judge_.Evaluated("no-leak");
  std::vector<std::string> leaks;
  const sim::SimTime deadline = sim_.now() + plan_.calm / 2;
  do {  // what an edit lets go of is removed behind it
    leaks.clear();
    node_.With("leaks", [&](Database& database) {
      leaks = LeaksIn(machine_.disk().CachedImage(), database);
    });
    if (leaks.empty()) return;
    sim_.SleepFor(kLook);
  } while (sim_.now() < deadline);
  if (!machine_.disk().HarmedAnywhere()) judge_.Fail("no-leak", leaks.front());
}

void DatabaseRun::Restart() {
  node_.Stop();
  node_.Start();
  AwaitLive();
  CheckEverything();
}

// Sectors that cannot be read, or damage that is met again and again: no refusal at the opening,
// but for the operator the same.
bool DatabaseRun::IsBeyondRepair() {
  if (node_.refused()) return true;
  const bool unreadable =
      node_.failed_openings() >= kPatience && absl::IsUnavailable(node_.opening());
  return (unreadable || node_.short_lives() >= kShortLives) && machine_.disk().HarmedAnywhere();
}

// The operator of a single machine that refused: all that can be done is to begin anew.
void DatabaseRun::WatchForRefusal() {
  while (!over_) {
    if (IsBeyondRepair()) BeginAnew();
    sim_.SleepFor(kLook);
  }
}

void DatabaseRun::BeginAnew() {
  Reach(node_.refused()           ? "survival.refused"
        : node_.short_lives() > 0 ? "survival.damaged_tables"
                                  : "survival.unreadable");
  story_.Add(sim_.now(), machine_.name(), "the operator wipes the disk and begins anew");
  if (machine_.state() != sim::Machine::State::kOff) machine_.PowerLoss();
  machine_.disk().Wipe();
  shadow_ = Shadow();
  history_ = History();
  survival_.BeginAnew();
  writes_.BeginAnew();
  injector_.ForgetBackups();
  node_.ForgetShortLives();
  node_.AcceptRefusal();
}

void DatabaseRun::NoteDeath() {
  if (opening_) Reach("node.died_while_opening");
  opening_ = false;
}

void DatabaseRun::CutPower(sim::Machine&, Duration down_for) {
  NoteDeath();
  const size_t pending = machine_.disk().PendingAtoms().size();
  story_.Add(sim_.now(), machine_.name(),
             absl::StrFormat("power lost: %d unsynced sectors and names", pending));
  node_.CutPower(down_for);
}

void DatabaseRun::Kill(sim::Machine&, Duration down_for) {
  NoteDeath();
  story_.Add(sim_.now(), machine_.name(), "killed");
  node_.Kill(down_for);
}

void DatabaseRun::OnBackup(sim::Machine&) {
  story_.Add(sim_.now(), machine_.name(), "a backup of the disk is taken");
  survival_.OnBackup();
}

void DatabaseRun::OnDiskSwapped(sim::Machine&) {
  story_.Add(sim_.now(), machine_.name(), "the disk is an older backup of itself now");
  survival_.OnDiskSwapped();
}

void DatabaseRun::OnFault(sim::Machine& machine, const faults::Fault& fault, bool begins,
                          const std::string& what) {
  if (LiesInPassing(fault.kind)) survival_.TransientLies(begins);
  if (fault.kind == faults::FaultKind::kStaleRead) survival_.StaleReads(begins);
  story_.Add(sim_.now(), machine.name(), (begins ? "fault: " : "fault over: ") + what);
}

void DatabaseRun::OnEvent(sim::Machine&, sim::SimTime, const Event& event) {
  switch (event.kind) {
    case EventKind::kEngineOpening:
      opening_ = true;
      return;
    case EventKind::kEngineRecovered:
      opening_ = false;
      return;
    case EventKind::kLogCompacted:
      return Reach("log.compacted");
    default:
      return;
  }
}

Run DatabaseRun::Conclude(const sim::RunEnd& end) {
  if (survival_.forgiven() > 0) Reach("survival.forgiven");
  return scenarios::Conclude(plan_, end, sim_, judge_, story_, injector_.counts(), goals_);
}

}  // namespace wt::scenarios
