// A small database, and one thing that goes wrong at its n-th change of the disk, for every n until
// a run has no n-th change: a write, a sync or a change of names fails, or the disk is full from
// there on for half a second. Whatever it is, the database says so, and opened again it holds every
// acknowledged batch, and of those under way each whole or not at all. And the power goes at any
// two moments of the first two openings: nothing that they leave behind passes for a loss.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "absl/strings/str_format.h"
#include "sim/machine.h"
#include "sim/simulator.h"
#include "sim/virtual_disk.h"
#include "tests/database/model.h"

namespace wt::test {
namespace {

enum class Mishap { kWriteFails, kSyncFails, kNameFails, kFull, kNothingMore };

// Counts what is about to change, and lets the mishap happen behind the n-th.
class Saboteur final : public sim::DiskObserver {
 public:
  Saboteur(sim::VirtualDisk& disk, Mishap mishap, uint64_t at)
      : disk_(disk), mishap_(mishap), at_(at) {
    disk_.AddObserver(this);
  }
  ~Saboteur() override { disk_.RemoveObserver(this); }

  bool struck() const { return changes_ >= at_; }

  void OnCreate(std::string_view) override { Count(); }
  void OnWrite(std::string_view, uint64_t, uint64_t, uint64_t) override { Count(); }
  void OnBarrier(std::string_view) override { Count(); }
  void OnRename(std::string_view, std::string_view) override { Count(); }
  void OnRemove(std::string_view, uint64_t) override { Count(); }

 private:
  void Count() {
    if (++changes_ != at_) return;
    switch (mishap_) {
      case Mishap::kWriteFails:
        return disk_.FailNextWrites(1);
      case Mishap::kSyncFails:
        return disk_.FailNextSyncs(1);
      case Mishap::kNameFails:
        return disk_.FailNextMetadata(1);
      case Mishap::kFull:
        disk_.faults().capacity_bytes = disk_.used_bytes();
        return;
      case Mishap::kNothingMore:
        return disk_.AbortJournal();
    }
  }

  sim::VirtualDisk& disk_;
  const Mishap mishap_;
  const uint64_t at_;
  uint64_t changes_ = 0;
};

struct Told {
  Contents acknowledged;
  std::vector<WriteBatch> unknown;  // in order; each may have happened
};

DatabaseOptions Tiny() {
  DatabaseOptions options = TinyOptions();
  options.log.segment_bytes = 20 * kKiB;
  options.lsm.memtable_bytes = kKiB;
  options.lsm.manifest_bytes = 8 * kKiB;
  return options;
}

// Writes until it is refused for good; then it is closed.
void Live(Env env, Told& told, Draw& draw) {
  auto db = Database::Open(Tiny(), env);
  if (!db.ok()) return;
  for (uint64_t serial = 1; serial <= 60; ++serial) {
    const WriteBatch batch = DrawBatch(draw, serial);
    const absl::Status written = (*db)->BatchWrite(batch);
    if (written.ok()) {
      ApplyTo(told.acknowledged, batch);
    } else if (absl::IsUnavailable(written)) {
      told.unknown.push_back(batch);
      break;
    } else if (!absl::IsResourceExhausted(written)) {
      break;
    }
    if (serial % 20 == 0) (void)(*db)->Compact();
  }
  (void)(*db)->Close();
}

// Every state that what was told allows.
std::vector<Contents> Allowed(const Told& told) {
  std::vector<Contents> allowed = {told.acknowledged};
  for (const WriteBatch& batch : told.unknown) {
    Contents next = allowed.back();
    ApplyTo(next, batch);
    allowed.push_back(std::move(next));
  }
  return allowed;
}

void CheckAgain(Env env, const Told& told) {
  auto db = Database::Open(Tiny(), env);
  ASSERT_TRUE(db.ok()) << db.status();
  const Contents found = *ReadAll(**db, /*backward=*/false);
  const std::vector<Contents> allowed = Allowed(told);
  EXPECT_NE(std::find(allowed.begin(), allowed.end(), found), allowed.end());
  EXPECT_EQ(*ReadAll(**db, /*backward=*/true), found);
  EXPECT_TRUE((*db)->Write("after", "all").ok());
  EXPECT_TRUE((*db)->Compact().ok());
  EXPECT_TRUE((*db)->Verify().ok());
  EXPECT_EQ(**(*db)->Read("after"), "all");
  EXPECT_TRUE((*db)->Close().ok());
}

// False when nothing went wrong any more: `n` is behind the last change.
bool Suffer(Mishap mishap, uint64_t n, bool cut) {
  SCOPED_TRACE(absl::StrFormat("mishap %d at change %d", static_cast<int>(mishap), n));
  sim::Simulator sim({.seed = 7});
  sim::Machine& machine = sim.AddMachine("n1");
  Told told;
  Draw draw(7, {KeyOf("fault points")});
  bool struck = false;
  const sim::RunEnd end = sim.Run([&] {
    {
      Saboteur saboteur(machine.disk(), mishap, n);
      machine.Boot([&](Env env) { Live(env, told, draw); });
      sim.SleepFor(std::chrono::milliseconds(500));
      machine.disk().faults().capacity_bytes = ~uint64_t{0};  // who waits for room has it now
      machine.AwaitExit();
      struck = saboteur.struck();
    }
    if (cut) machine.PowerLoss();
    machine.disk().FailNextWrites(0);
    machine.disk().FailNextSyncs(0);
    machine.disk().FailNextMetadata(0);
    machine.Boot([&](Env env) { CheckAgain(env, told); });
    machine.AwaitExit();
  });
  EXPECT_EQ(end.kind, sim::RunEnd::Kind::kFinished) << end.invariant << ": " << end.message;
  return struck;
}

class FaultPointsTest : public testing::TestWithParam<Mishap> {};

TEST_P(FaultPointsTest, NothingAcknowledgedIsLostWhereverItStrikes) {
  uint64_t n = 1;
  while (Suffer(GetParam(), n, /*cut=*/n % 2 == 0) && !HasFailure()) ++n;
  EXPECT_GT(n, 300u);  // enough changes to flush, merge and roll
}

INSTANTIATE_TEST_SUITE_P(Mishaps, FaultPointsTest,
                         testing::Values(Mishap::kWriteFails, Mishap::kSyncFails,
                                         Mishap::kNameFails, Mishap::kFull));

// Opens it; the power goes at its n-th change. False when there is none.
bool OpenAndCut(sim::Simulator& sim, sim::Machine& machine, uint64_t n) {
  Saboteur saboteur(machine.disk(), Mishap::kNothingMore, n);
  machine.Boot([](Env env) {
    auto db = Database::Open(Tiny(), env);
    if (db.ok()) (void)(*db)->Close();
  });
  sim.SleepFor(std::chrono::milliseconds(500));
  machine.PowerLoss();
  return saboteur.struck();
}

// False when `n` is behind the last change; `all` when `then` is.
bool CutTwice(uint64_t n, uint64_t then, bool& all) {
  SCOPED_TRACE(absl::StrFormat("change %d, then change %d", n, then));
  sim::Simulator sim({.seed = n * 100 + then});
  sim::Machine& machine = sim.AddMachine("n1");
  bool struck = false;
  const sim::RunEnd end = sim.Run([&] {
    struck = OpenAndCut(sim, machine, n);
    all = !OpenAndCut(sim, machine, then);
    machine.Boot([&](Env env) { CheckAgain(env, {}); });
    machine.AwaitExit();
  });
  EXPECT_EQ(end.kind, sim::RunEnd::Kind::kFinished) << end.invariant << ": " << end.message;
  return struck;
}

TEST(FirstOpeningTest, NoTwoPowerCutsLeaveWhatLooksLost) {
  uint64_t n = 0;
  for (bool struck = true; struck && !HasFailure();) {
    ++n;
    bool all = false;
    for (uint64_t then = 1; !all && !HasFailure(); ++then) struck = CutTwice(n, then, all);
  }
  EXPECT_GT(n, 15u);
}

}  // namespace
}  // namespace wt::test
