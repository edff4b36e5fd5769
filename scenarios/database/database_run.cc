#include "scenarios/database/database_run.h"

#include <vector>

#include "engine/base/status.h"
#include "scenarios/database/leaks.h"
#include "sim/machine.h"
#include "sim/virtual_disk.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

constexpr Duration kLook = 5ms;
constexpr uint64_t kShortLives = 5;  // that ended as soon as they served, in a row

}  // namespace

DatabaseRun::DatabaseRun(const Plan& plan, const ExecuteOptions& options)
    : OneMachineRun(plan, options, Owed::kSynced, {"log/", "tables/"}),
      node_(sim_, machine_, plan),
      tables_(judge_, machine_, "tables"),
      harm_(survival_),
      writes_(judge_, shadow_),
      clients_(judge_, node_, shadow_, writes_, history_, plan,
               [this] { return survival_.MayRefuse(); }) {
  // In this order: the story has the step before an invariant can fail on it, and survival settles
  // what a restarted log holds before what follows is compared.
  Watch({&story_, this, &survival_, &index_order_, &writes_, &faults_contained_},
        {&tables_, &harm_});
}

std::string DatabaseRun::WhyNoWrite() {
  return "no write was taken: " + MessageOf(node_.failure());
}

void DatabaseRun::NoteGoals() {
  if (clients_.buffered() > 0) Reach("client.buffered");
  if (clients_.views_checked() > 0) Reach("client.view_held");
  if (writes_.largest_group() > 1) Reach("log.entry_shared");
  if (clients_.damage_named() > 0) Reach("survival.damage_named");
}

// Damage that is met again and again: no refusal at the opening, but for the operator the same.
bool DatabaseRun::DiesYoung() { return node_.short_lives() >= kShortLives; }

void DatabaseRun::ForgetLife() {
  ++begun_anew_;
  writes_.BeginAnew();
  node_.ForgetShortLives();
}

// What cannot be read on a healthy disk is as good as lost. A look that the operator's wiping has
// cut short shows nothing.
void DatabaseRun::CheckEverything() {
  const uint64_t life = begun_anew_;
  if (clients_.CheckEverything() || survival_.MayRefuse() || begun_anew_ != life) return;
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

}  // namespace wt::scenarios
