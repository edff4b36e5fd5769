// Every disk call of every operation fails once, or is the machine's last: afterwards each snapshot
// is whole, as it was before or as it is meant to be, and the folder holds nothing else.
//
// The sweeps count the calls of one undisturbed pass, then run a pass per call.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/status.h"
#include "tests/snapshot/world.h"

namespace wt {
namespace {

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::Eq;
using ::testing::IsEmpty;
using test::CrashKind;
using test::FailureEffect;
using test::NoiseBytes;
using test::SnapshotWorld;

using Contents = std::map<std::string, std::string>;

std::vector<std::string> StateAt(uint64_t index) {
  return {NoiseBytes(1, 900), NoiseBytes(index, 1100), std::string(800, 'z'), NoiseBytes(2, 600)};
}

// Two snapshots that share chunks.
std::unique_ptr<SnapshotWorld> MakeWorld() {
  auto world = std::make_unique<SnapshotWorld>();
  world->Open();
  WT_CHECK(world->Create(10, StateAt(10)).ok());
  WT_CHECK(world->Create(20, StateAt(20)).ok());
  world->env.disk.ResetCalls();
  return world;
}

struct Operation {
  const char* name;
  absl::Status (*run)(SnapshotWorld& world);
};

const Operation kOperations[] = {
    {"create", [](SnapshotWorld& w) { return w.Create(30, StateAt(30)).status(); }},
    {"create, all chunks shared",
     [](SnapshotWorld& w) { return w.Create(30, StateAt(20)).status(); }},
    {"delete the old", [](SnapshotWorld& w) { return w.snapshots->Delete("snapshot_10_1"); }},
    {"delete the new", [](SnapshotWorld& w) { return w.snapshots->Delete("snapshot_20_1"); }},
    {"compact", [](SnapshotWorld& w) { return w.snapshots->Compact(1); }},
    {"open", [](SnapshotWorld& w) { return w.TryOpen(); }},
    {"open with leftovers",
     [](SnapshotWorld& w) {
       w.env.disk.Plant("snapshot/snapshot_30_1.tmp", "?");
       w.env.disk.Plant("snapshot/chunks_000017", "?");
       return w.TryOpen();
     }},
};

struct Outcome {
  Contents before;
  Contents after;
  uint64_t calls = 0;
};

Outcome RunUndisturbed(const Operation& operation) {
  std::unique_ptr<SnapshotWorld> world = MakeWorld();
  Outcome outcome{.before = world->Contents()};
  world->env.disk.ResetCalls();
  WT_CHECK(operation.run(*world).ok());
  outcome.calls = world->env.disk.calls();
  outcome.after = world->Contents();
  return outcome;
}

// Each operation has two states only, before and after: Compact here removes one snapshot.
void CheckOldOrNew(SnapshotWorld& world, const Outcome& outcome) {
  EXPECT_THAT(world.Contents(), AnyOf(Eq(outcome.before), Eq(outcome.after)));
  EXPECT_THAT(world.snapshots->Damaged(), IsEmpty());
}

// Everything in the folder belongs to a listed snapshot; and it still works.
void CheckUsable(SnapshotWorld& world) {
  for (const std::string& path : world.env.disk.Paths()) {
    EXPECT_EQ(path.find(".tmp"), std::string::npos) << path;
  }
  absl::StatusOr<Snapshot> created = world.Create(99, StateAt(99));
  ASSERT_TRUE(created.ok()) << created.status();
  absl::Status compacted = world.snapshots->Compact(1);
  ASSERT_TRUE(compacted.ok()) << compacted;
  EXPECT_LE(world.ChunkFiles().size(), 3u);
  EXPECT_THAT(world.Ids(), ::testing::ElementsAre("snapshot_99_1"));
}

TEST(FaultSweepTest, EveryCallFailsOnce) {
  for (const Operation& operation : kOperations) {
    const Outcome outcome = RunUndisturbed(operation);
    ASSERT_GE(outcome.calls, 3u);
    for (uint64_t n = 1; n <= outcome.calls; ++n) {
      for (FailureEffect effect : {FailureEffect::kNone, FailureEffect::kDone}) {
        SCOPED_TRACE(std::string(operation.name) + ", call " + std::to_string(n) +
                     (effect == FailureEffect::kDone ? ", done all the same" : ""));
        std::unique_ptr<SnapshotWorld> world = MakeWorld();
        world->env.disk.FailAt(n, Unavailable("injected"), effect);
        const absl::Status status = operation.run(*world);
        EXPECT_TRUE(status.ok() || absl::IsUnavailable(status)) << status;
        world->Open();
        CheckOldOrNew(*world, outcome);
        CheckUsable(*world);
      }
    }
  }
}

// After the failure, without opening again: what was there loads, and what failed is not listed.
TEST(FaultSweepTest, AFailedCreateIsNotVisibleAndHarmsNothing) {
  const Operation& create = kOperations[0];
  const Outcome outcome = RunUndisturbed(create);
  uint64_t failures = 0;
  for (uint64_t n = 1; n <= outcome.calls; ++n) {
    SCOPED_TRACE(n);
    std::unique_ptr<SnapshotWorld> world = MakeWorld();
    world->env.disk.FailAt(n, Unavailable("injected"));
    const absl::Status status = create.run(*world);
    EXPECT_EQ(world->Contents(), status.ok() ? outcome.after : outcome.before);
    failures += status.ok() ? 0 : 1;
  }
  EXPECT_GT(failures, outcome.calls / 2);
}

class CrashSweepTest : public ::testing::TestWithParam<CrashKind> {};

TEST_P(CrashSweepTest, EveryCallIsTheLast) {
  const int seeds = GetParam() == CrashKind::kMixed ? 12 : 1;
  for (const Operation& operation : kOperations) {
    const Outcome outcome = RunUndisturbed(operation);
    for (uint64_t n = 1; n <= outcome.calls + 1; ++n) {
      for (int seed = 1; seed <= seeds; ++seed) {
        SCOPED_TRACE(std::string(operation.name) + ", call " + std::to_string(n) + ", seed " +
                     std::to_string(seed));
        std::unique_ptr<SnapshotWorld> world = MakeWorld();
        world->env.disk.DieAt(n);
        const absl::Status status = operation.run(*world);
        world->CrashAndOpen(GetParam(), seed);
        CheckOldOrNew(*world, outcome);
        if (status.ok()) {
          EXPECT_EQ(world->Contents(), outcome.after);
        }
        CheckUsable(*world);
      }
    }
  }
}

// A second crash, this time in the recovery from the first.
TEST_P(CrashSweepTest, EveryCallOfTheRecoveryIsTheLast) {
  const Operation& create = kOperations[0];
  const Outcome outcome = RunUndisturbed(create);
  for (uint64_t n = 1; n <= outcome.calls; n += 2) {
    for (uint64_t m = 1; m < 30; ++m) {
      SCOPED_TRACE("call " + std::to_string(n) + ", then " + std::to_string(m));
      std::unique_ptr<SnapshotWorld> world = MakeWorld();
      world->env.disk.DieAt(n);
      (void)create.run(*world);
      world->snapshots.reset();
      world->env.disk.Crash(GetParam(), n);
      world->env.disk.DieAt(m);
      const bool opened = world->TryOpen().ok();
      // Who has seen a snapshot after the first crash relies on it.
      const Contents seen = opened ? world->Contents() : Contents();
      world->CrashAndOpen(GetParam(), m);
      CheckOldOrNew(*world, outcome);
      if (opened && !seen.empty() && world->env.disk.calls() < m) {
        EXPECT_EQ(world->Contents(), seen);
      }
    }
  }
}

// A process that was killed leaves its writes in a cache; what the next one has seen must then
// survive a power cut (F44: recovery makes durable what it relies on).
TEST(CrashSweepTest, WhatWasSeenAfterAKillSurvivesAPowerCut) {
  for (const Operation& operation : kOperations) {
    const Outcome outcome = RunUndisturbed(operation);
    for (uint64_t n = 1; n <= outcome.calls + 1; ++n) {
      SCOPED_TRACE(std::string(operation.name) + ", call " + std::to_string(n));
      std::unique_ptr<SnapshotWorld> world = MakeWorld();
      world->env.disk.DieAt(n);
      (void)operation.run(*world);
      world->CrashAndOpen(CrashKind::kKill);
      const Contents seen = world->Contents();
      world->CrashAndOpen(CrashKind::kLoseUnsynced);
      EXPECT_EQ(world->Contents(), seen);
      EXPECT_THAT(world->snapshots->Damaged(), IsEmpty());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, CrashSweepTest,
                         ::testing::Values(CrashKind::kKill, CrashKind::kLoseUnsynced,
                                           CrashKind::kMixed));

TEST(FaultTest, AFullDiskIsRefusedCleanlyAtEveryByte) {
  const Outcome outcome = RunUndisturbed(kOperations[0]);
  std::unique_ptr<SnapshotWorld> world = MakeWorld();
  const uint64_t used = world->env.disk.TotalBytes();
  bool succeeded = false;
  for (uint64_t room = 0; room < 10'000 && !succeeded; room += 37) {
    SCOPED_TRACE(room);
    world->env.disk.SetCapacity(used + room);
    const absl::Status status = world->Create(30, StateAt(30)).status();
    succeeded = status.ok();
    if (succeeded) break;
    EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
    EXPECT_EQ(world->Contents(), outcome.before);
    EXPECT_EQ(world->env.disk.TotalBytes(), used);
  }
  EXPECT_TRUE(succeeded);
  EXPECT_EQ(world->Contents(), outcome.after);
}

TEST(FaultTest, AFailedFolderSyncEndsAllChangesUntilReopened) {
  std::unique_ptr<SnapshotWorld> world = MakeWorld();
  // Deleting: the folder sync is the second call.
  world->env.disk.FailAt(2, Unavailable("injected"));
  EXPECT_TRUE(absl::IsUnavailable(world->snapshots->Delete("snapshot_10_1")));
  EXPECT_THAT(world->env.events.goals, Contains("snapshot.folder_sync_failed"));
  EXPECT_TRUE(absl::IsFailedPrecondition(world->Create(30, StateAt(30)).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(world->snapshots->Delete("snapshot_20_1")));
  EXPECT_TRUE(absl::IsFailedPrecondition(world->snapshots->Compact(1)));
  EXPECT_TRUE(LoadBytes(*world->snapshots, "snapshot_20_1").ok());
  world->Open();
  EXPECT_TRUE(world->Create(30, StateAt(30)).ok());
}

TEST(FaultTest, AFailedSyncOfAFileIsNotTriedAgain) {
  const Outcome outcome = RunUndisturbed(kOperations[0]);
  uint64_t refused = 0;
  for (uint64_t n = 1; n <= outcome.calls; ++n) {
    SCOPED_TRACE(n);
    std::unique_ptr<SnapshotWorld> world = MakeWorld();
    world->env.disk.FailAt(n, Unavailable("injected"));
    if (world->Create(30, StateAt(30)).ok()) continue;
    ++refused;
    // Whatever failed, a second attempt writes everything anew and survives the loss of the first.
    world->Open();
    if (world->Ids().front() != "snapshot_30_1") {
      ASSERT_TRUE(world->Create(30, StateAt(30)).ok());
    }
    world->CrashAndOpen(CrashKind::kLoseUnsynced);
    EXPECT_EQ(world->Contents(), outcome.after);
  }
  EXPECT_GT(refused, 5u);
}

// What a failed sync has lost, a cache may go on showing: an open looks at the device.
TEST(FaultTest, AnOpenDoesNotBelieveTheCache) {
  std::unique_ptr<SnapshotWorld> world = MakeWorld();
  const Contents before = world->Contents();
  for (const std::string& path : world->env.disk.Paths()) {
    std::unique_ptr<File> file = *world->env.disk.Open(path, OpenMode::kReadWrite);
    ASSERT_TRUE(file->WriteAt(40, "never on the device").ok());
    world->env.disk.FailAt(1, Unavailable("injected"));
    ASSERT_FALSE(file->Sync().ok());
  }
  world->Open();
  EXPECT_EQ(world->Contents(), before);
}

// A disk that says "written" and keeps something else: found before the snapshot gets its name.
TEST(FaultTest, ALyingDiskIsFoundByReadingBack) {
  class Lying : public ChunkSource {
   public:
    explicit Lying(SnapshotWorld& world) : world_(world) {}
    absl::StatusOr<std::string> Next() override {
      if (++calls_ == 1) return NoiseBytes(5, 400'000);
      if (calls_ > 2) return std::string();
      // The first chunk is on the disk by now: a sector of it turns.
      std::unique_ptr<File> file =
          *world_.env.disk.Open("snapshot/chunks_000003.tmp", OpenMode::kReadWrite);
      WT_CHECK(file->WriteAt(1000, "turned").ok());
      return NoiseBytes(6, 10);
    }

   private:
    SnapshotWorld& world_;
    int calls_ = 0;
  };
  std::unique_ptr<SnapshotWorld> world = MakeWorld();
  const Contents before = world->Contents();
  Lying source(*world);
  const absl::Status status =
      world->snapshots->Create(LogIndex(30), Term(1), {}, source).status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_THAT(world->env.events.goals, Contains("snapshot.verification_failed"));
  EXPECT_EQ(world->Contents(), before);
  world->Open();
  EXPECT_EQ(world->Contents(), before);
}

}  // namespace
}  // namespace wt
