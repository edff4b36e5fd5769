// Disks that are full, slow, failing, wiped, damaged or another machine's: the group goes on
// without them, nothing acknowledged is lost, and who can be trusted again is.
#include <gtest/gtest.h>

#include "engine/base/status.h"
#include "tests/replicas/group.h"

namespace wt::test {
namespace {

using namespace std::chrono_literals;

constexpr uint64_t kSeeds = Seeds(50);

int OtherThan(int a) { return a == 1 ? 2 : 1; }

void ForSeeds(const ReplicaOptions& replica, const std::function<void(Group&)>& story) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Group group({.seed = seed, .replica = replica});
    group.Run([&] { story(group); });
    if (testing::Test::HasFailure()) FAIL() << "seed " << seed;
  }
}

TEST(DiskTest, AFullDiskOfAPrimaryDeposesIt) {
  ForSeeds(SmallReplica(), [](Group& group) {
    const int primary = group.AwaitPrimary();
    ASSERT_TRUE(group.Put("a", "1").ok());
    sim::VirtualDisk& disk = group.machine(primary).disk();
    disk.faults().capacity_bytes = disk.used_bytes();
    // More than the segment has left.
    absl::StatusOr<Acknowledged> outcome = absl::UnknownError("");
    std::unique_ptr<Task> client = group.sim().tasks().Spawn("client", [&] {
      for (int i = 0; i < 12; ++i) {
        outcome = group.PutVia(primary, "big", std::string(20'000, 'x'), {.timeout = 60s});
      }
    });
    const int next = group.AwaitPrimaryOtherThan(primary);
    ASSERT_NE(next, 0);
    ASSERT_TRUE(group.PutVia(next, "b", "2", {}).ok());
    EXPECT_GT(group.Goal("replica.disk_full"), 0u);
    EXPECT_GT(group.Goal("replica.stepped_down_for_disk"), 0u);
    disk.faults().capacity_bytes = ~uint64_t{0};
    client->Join();
    EXPECT_TRUE(group.AwaitConverged());
    EXPECT_TRUE(group.running(primary));  // it never stopped
    EXPECT_EQ(group.Get("a"), "1");
    EXPECT_EQ(group.Get("b"), "2");
  });
}

TEST(DiskTest, ADiskThatHangsDeposesItsPrimary) {
  ReplicaOptions replica = SmallReplica();
  replica.disk_stall = 1s;
  ForSeeds(replica, [](Group& group) {
    const int primary = group.AwaitPrimary();
    ASSERT_TRUE(group.Put("a", "1").ok());
    group.machine(primary).disk().HangFor(20s);
    std::unique_ptr<Task> client = group.sim().tasks().Spawn(
        "client", [&] { (void)group.PutVia(primary, "b", "2", {.timeout = 1s}); });
    const int next = group.AwaitPrimaryOtherThan(primary, 10s);
    ASSERT_NE(next, 0);
    EXPECT_TRUE(group.PutVia(next, "c", "3", {}).ok());
    client->Join();
    group.SleepFor(20s);
    EXPECT_TRUE(group.AwaitConverged());
    EXPECT_EQ(group.Get("a"), "1");
  });
}

TEST(DiskTest, ASlowDiskOfAReplicaHoldsNobodyUp) {
  ForSeeds(SmallReplica(), [](Group& group) {
    const int primary = group.AwaitPrimary();
    group.machine(OtherThan(primary)).disk().HangFor(5s);
    for (int i = 0; i < 20; ++i) {
      EXPECT_TRUE(group.PutVia(primary, "a", "1", {.timeout = 200ms}).ok());
    }
    EXPECT_EQ(group.AwaitPrimary(), primary);
    EXPECT_TRUE(group.AwaitConverged());
  });
}

TEST(DiskTest, AFailedSyncStopsTheReplica) {
  ForSeeds(SmallReplica(), [](Group& group) {
    const int primary = group.AwaitPrimary();
    ASSERT_TRUE(group.Put("a", "1").ok());
    group.machine(primary).disk().FailNextSyncs(1);
    (void)group.PutVia(primary, "b", "2", {.timeout = 5s});
    ASSERT_TRUE(group.Await([&] { return !group.running(primary); }));
    EXPECT_FALSE(group.end_of(primary).ok());
    EXPECT_GT(group.CountOf(primary, EventKind::kReplicaStopped), 0u);
    group.machine(primary).AwaitExit();
    ASSERT_TRUE(group.Put("c", "3").ok());
    group.Start(primary);
    EXPECT_TRUE(group.AwaitConverged());
    EXPECT_EQ(group.Get("a"), "1");
  });
}

TEST(DiskTest, AWipedReplicaIsFilledAgain) {
  for (const DiskTrust trust : {DiskTrust::kVerified, DiskTrust::kBelieved}) {
    ReplicaOptions replica = SmallReplica();
    replica.disk_trust = trust;
    ForSeeds(replica, [](Group& group) {
      group.Fill(0, 20);
      const int primary = group.AwaitPrimary();
      const int wiped = OtherThan(primary);
      ASSERT_TRUE(group.AwaitConverged());
      group.PowerLoss(wiped);
      group.Wipe(wiped);
      group.Start(wiped);
      ASSERT_TRUE(group.AwaitTrusted(wiped));
      EXPECT_TRUE(group.AwaitConverged());
      // Now it counts: another may go.
      group.PowerLoss(primary);
      EXPECT_TRUE(group.Put("after", "1").ok());
      EXPECT_EQ(group.Get("k3"), std::string(100, 'd'));
    });
  }
}

TEST(DiskTest, AWipedReplicaDoesNotCountBeforeItIsTrusted) {
  ForSeeds(SmallReplica(), [](Group& group) {
    group.Fill(0, 10);
    ASSERT_TRUE(group.AwaitConverged());
    const int primary = group.AwaitPrimary();
    const int wiped = OtherThan(primary);
    const int third = 6 - primary - wiped;
    group.PowerLoss(wiped);
    group.PowerLoss(third);
    group.Wipe(wiped);
    group.Start(wiped);
    // Nobody can tell whether it had told the third something.
    EXPECT_EQ(group.AwaitPrimaryOtherThan(primary, 3s), 0);
    EXPECT_FALSE(group.PutVia(primary, "a", "1", {.timeout = 3s}).ok());
    EXPECT_FALSE(group.StatusOf(wiped).trusted);
    EXPECT_FALSE(group.StatusOf(wiped).waits_for.empty());
    group.Start(third);
    EXPECT_TRUE(group.Put("b", "2").ok());
    EXPECT_TRUE(group.AwaitTrusted(wiped));
    EXPECT_TRUE(group.AwaitConverged());
  });
}

// Flips a bit of the value that all `k`s share, in the log of a machine that is off.
bool DamageEntry(Group& group, int node, const std::string& value) {
  sim::VirtualDisk& disk = group.machine(node).disk();
  for (const auto& file : disk.DurableImage()) {
    if (file.path.find("log/") == std::string::npos) continue;
    const std::optional<std::string> bytes = disk.DurableBytes(file.path);
    const size_t at = bytes->find(value);
    if (at == std::string::npos) continue;
    const bool flipped = disk.FlipBit(file.path, at + 1, 3);
    disk.DropCache();
    return flipped;
  }
  return false;
}

TEST(DiskTest, ADamagedEntryIsRepairedFromAPeer) {
  ForSeeds(SmallReplica(), [](Group& group) {
    group.Fill(0, 20);
    ASSERT_TRUE(group.AwaitConverged());
    const int damaged = OtherThan(group.AwaitPrimary());
    group.Stop(damaged);
    ASSERT_TRUE(DamageEntry(group, damaged, std::string(100, 'f')));
    group.Start(damaged);
    EXPECT_TRUE(group.AwaitConverged());
    EXPECT_EQ(group.CountOf(damaged, EventKind::kEntryRepaired), 1u);
    EXPECT_EQ(group.CountOf(damaged, EventKind::kReplicaSetAside), 0u);
    EXPECT_TRUE(group.StatusOf(damaged).damaged.empty());
  });
}

TEST(DiskTest, DamageOfAllIsRepairedWhereAnotherHasIt) {
  ForSeeds(SmallReplica(), [](Group& group) {
    group.Fill(0, 20);
    ASSERT_TRUE(group.AwaitConverged());
    for (int i = 1; i <= 3; ++i) group.Stop(i);
    for (int i = 1; i <= 3; ++i) {
      ASSERT_TRUE(DamageEntry(group, i, std::string(100, 'c' + i)));
    }
    for (int i = 1; i <= 3; ++i) group.Start(i);
    ASSERT_NE(group.AwaitPrimary(), 0);
    EXPECT_TRUE(group.AwaitConverged());
    EXPECT_EQ(group.Count(EventKind::kEntryRepaired), 3u);
  });
}

// Each of the others offers another snapshot, and a transfer takes longer than asking the next.
TEST(DiskTest, OffersForDamageDoNotCancelEachOther) {
  ReplicaOptions replica = SmallReplica();
  replica.engine.log.segment_bytes = 8 * kKiB;
  replica.engine.snapshots_kept = 1;
  replica.cache_bytes = 2 * kKiB;
  replica.log_kept_bytes = 0;
  replica.snapshot_bytes_per_second = 100'000;
  ForSeeds(replica, [](Group& group) {
    ASSERT_TRUE(group.Put("color", "the-red-one").ok());
    const int damaged = OtherThan(group.AwaitPrimary());
    int filled = 0;
    for (int donor = 1; donor <= 3; ++donor) {
      if (donor == damaged) continue;
      group.Fill(filled, filled + 100, 1000);
      filled += 100;
      ASSERT_TRUE(group.AwaitConverged());
      group.With(donor, [](Replica& replica) { EXPECT_TRUE(replica.TakeSnapshot().ok()); });
    }
    group.Stop(damaged);
    ASSERT_TRUE(DamageEntry(group, damaged, "the-red-one"));
    group.Start(damaged);
    EXPECT_TRUE(group.AwaitConverged());
    EXPECT_EQ(group.CountOf(damaged, EventKind::kSnapshotInstalled), 1u);
    EXPECT_GT(group.Goal("replica.offered_for_damage"), 0u);
  });
}

TEST(DiskTest, AnEntryThatNobodyHasIsWaitedFor) {
  Group group({.seed = 3, .replica = SmallReplica()});
  group.Run([&] {
    group.Fill(0, 20);
    ASSERT_TRUE(group.AwaitConverged());
    for (int i = 1; i <= 3; ++i) group.Stop(i);
    for (int i = 1; i <= 3; ++i) {
      ASSERT_TRUE(DamageEntry(group, i, std::string(100, 'f')));
    }
    for (int i = 1; i <= 3; ++i) group.Start(i);
    EXPECT_EQ(group.AwaitPrimary(10s), 0);
    for (int i = 1; i <= 3; ++i) EXPECT_EQ(group.StatusOf(i).damaged.size(), 1u);
    EXPECT_EQ(group.Count(EventKind::kEntryRepaired), 0u);
  });
}

TEST(DiskTest, AnotherMachinesDiskIsSetAside) {
  ForSeeds(SmallReplica(), [](Group& group) {
    group.AllowForgetting();
    group.Fill(0, 20);
    ASSERT_TRUE(group.AwaitConverged());
    const int primary = group.AwaitPrimary();
    const int confused = OtherThan(primary);
    group.PowerLoss(confused);
    group.machine(confused).disk().LoadImage(group.machine(primary).disk().SaveImage());
    group.Start(confused);
    ASSERT_TRUE(group.AwaitTrusted(confused));
    EXPECT_TRUE(group.AwaitConverged());
    EXPECT_EQ(group.CountOf(confused, EventKind::kReplicaSetAside), 1u);
    EXPECT_TRUE(group.Put("after", "1", Ack::kAll).ok());
  });
}

TEST(DiskTest, ADestroyedLogIsSetAsideAndFilledAgain) {
  ForSeeds(SmallReplica(), [](Group& group) {
    group.AllowForgetting();
    group.Fill(0, 20);
    ASSERT_TRUE(group.AwaitConverged());
    const int primary = group.AwaitPrimary();
    const int broken = OtherThan(primary);
    group.Stop(broken);
    sim::VirtualDisk& disk = group.machine(broken).disk();
    // The heads of batches: what they held cannot be told.
    for (const auto& file : disk.DurableImage()) {
      if (file.path.find("log/") == std::string::npos) continue;
      for (uint64_t sector = 8; sector < 9; ++sector) {
        disk.FlipBit(file.path, sector * kSectorBytes + 9, 2);
      }
    }
    disk.DropCache();
    group.Start(broken);
    ASSERT_TRUE(group.AwaitTrusted(broken));
    EXPECT_TRUE(group.AwaitConverged());
    EXPECT_EQ(group.CountOf(broken, EventKind::kReplicaSetAside), 1u);
    // The next term ends the amnesia.
    group.PowerLoss(primary);
    ASSERT_TRUE(group.Put("after", "1").ok());
    EXPECT_TRUE(group.Await([&] { return group.Goal("replica.amnesia_ended") > 0; }));
  });
}

}  // namespace
}  // namespace wt::test
