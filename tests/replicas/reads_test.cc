// Reads: linearizable ones see every acknowledged write, wherever they are asked; leases answer
// alone while they hold; stale ones say no when they would be too old.
#include <gtest/gtest.h>

#include "absl/strings/str_format.h"
#include "tests/replicas/group.h"

namespace wt::test {
namespace {

using namespace std::chrono_literals;

constexpr uint64_t kSeeds = Seeds(50);

int OtherThan(int a) { return a == 1 ? 2 : 1; }

TEST(ReadsTest, EveryReplicaReadsWhatWasAcknowledged) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Group group({.seed = seed, .replica = SmallReplica(), .links = RoughLinks()});
    group.Run([&] {
      for (int round = 0; round < 10; ++round) {
        const std::string value = absl::StrFormat("v%d", round);
        ASSERT_TRUE(group.Put("key", value).ok());
        for (int i = 1; i <= 3; ++i) {
          const auto read = group.GetVia(i, "key", {.timeout = 30s});
          ASSERT_TRUE(read.ok()) << read.status();
          EXPECT_EQ(*read, value);
        }
      }
    });
    if (HasFailure()) FAIL() << "seed " << seed;
  }
}

TEST(ReadsTest, ADeposedPrimaryConfirmsNothing) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Group group({.seed = seed, .replica = SmallReplica()});
    group.Run([&] {
      ASSERT_TRUE(group.Put("key", "old").ok());
      const int primary = group.AwaitPrimary();
      group.Isolate(primary);
      EXPECT_TRUE(absl::IsUnavailable(group.GetVia(primary, "key", {.timeout = 3s}).status()));
      const int next = group.AwaitPrimaryOtherThan(primary);
      ASSERT_NE(next, 0);
      ASSERT_TRUE(group.PutVia(next, "key", "new", {}).ok());
      EXPECT_FALSE(
          group.GetVia(primary, "key", {.consistency = Consistency::kLease, .timeout = 1s}).ok());
      // What it has is stale, and it knows.
      EXPECT_TRUE(absl::IsUnavailable(
          group.GetVia(primary, "key", {.consistency = Consistency::kStale, .max_staleness = 1s})
              .status()));
      const auto old = group.GetVia(
          primary, "key",
          {.consistency = Consistency::kStale, .max_staleness = std::chrono::hours(1)});
      if (old.ok()) {
        EXPECT_EQ(*old, "old");
      }
    });
    if (HasFailure()) FAIL() << "seed " << seed;
  }
}

TEST(ReadsTest, ALeaseAnswersWithoutAsking) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Group group({.seed = seed, .replica = SmallReplica()});
    group.Run([&] {
      ASSERT_TRUE(group.Put("key", "value").ok());
      const int primary = group.AwaitPrimary();
      group.SleepFor(200ms);
      group.Isolate(primary);  // the lease outlives the word of the others for a while
      const auto read =
          group.GetVia(primary, "key", {.consistency = Consistency::kLease, .timeout = 10ms});
      ASSERT_TRUE(read.ok()) << read.status();
      EXPECT_EQ(*read, "value");
    });
    if (HasFailure()) FAIL() << "seed " << seed;
  }
}

TEST(ReadsTest, AStaleReadAsksNobody) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Group group({.seed = seed, .replica = SmallReplica()});
    group.Run([&] {
      ASSERT_TRUE(group.Put("key", "value").ok());
      ASSERT_TRUE(group.AwaitConverged());
      group.SleepFor(200ms);  // the others hear what is committed
      const int other = OtherThan(group.AwaitPrimary());
      group.Isolate(other);
      const auto read =
          group.GetVia(other, "key", {.consistency = Consistency::kStale, .timeout = 10ms});
      ASSERT_TRUE(read.ok()) << read.status();
      EXPECT_EQ(*read, "value");
      group.SleepFor(2s);
      EXPECT_FALSE(group.GetVia(other, "key", {.consistency = Consistency::kStale}).ok());
    });
    if (HasFailure()) FAIL() << "seed " << seed;
  }
}

TEST(ReadsTest, AnIdleGroupAnswersStaleReads) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Group group({.seed = seed, .replica = SmallReplica()});
    group.Run([&] {
      ASSERT_TRUE(group.Put("key", "value").ok());
      ASSERT_TRUE(group.AwaitConverged());
      group.SleepFor(10s);
      for (int i = 1; i <= 3; ++i) {
        const auto read =
            group.GetVia(i, "key", {.consistency = Consistency::kStale, .max_staleness = 200ms});
        ASSERT_TRUE(read.ok()) << read.status();
        EXPECT_EQ(*read, "value");
      }
    });
    if (HasFailure()) FAIL() << "seed " << seed;
  }
}

TEST(ReadsTest, APrimaryThatIsCutOffDoesNotTakeItselfForFresh) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Group group({.seed = seed, .replica = SmallReplica()});
    group.Run([&] {
      ASSERT_TRUE(group.Put("key", "value").ok());
      const int primary = group.AwaitPrimary();
      group.SleepFor(1s);
      group.Isolate(primary);
      group.SleepFor(300ms);
      ASSERT_TRUE(group.StatusOf(primary).serving);  // it does not know yet
      const auto stale = [&](Duration limit) {
        return group
            .GetVia(primary, "key", {.consistency = Consistency::kStale, .max_staleness = limit})
            .status();
      };
      EXPECT_TRUE(absl::IsUnavailable(stale(200ms))) << stale(200ms);
      EXPECT_TRUE(stale(1s).ok()) << stale(1s);
    });
    if (HasFailure()) FAIL() << "seed " << seed;
  }
}

// It hears heartbeats all the time, and has nothing.
TEST(ReadsTest, WhoWaitsForASnapshotIsNotFresh) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    ReplicaOptions replica = SmallReplica();
    replica.engine.log.segment_bytes = 8 * kKiB;
    replica.engine.snapshots_kept = 1;
    replica.cache_bytes = 2 * kKiB;
    replica.log_kept_bytes = 0;
    replica.snapshot_bytes_per_second = 100'000;
    Group group({.seed = seed, .replica = replica});
    group.Run([&] {
      ASSERT_TRUE(group.Put("key", "value").ok());
      const int away = OtherThan(group.AwaitPrimary());
      group.PowerLoss(away);
      group.Fill(0, 150, 1000);
      group.With(group.AwaitPrimary(),
                 [](Replica& replica) { EXPECT_TRUE(replica.TakeSnapshot().ok()); });
      group.Start(away);
      ASSERT_TRUE(
          group.Await([&] { return group.CountOf(away, EventKind::kSnapshotReceiving) > 0; }));
      group.SleepFor(400ms);
      const QueryOptions stale{.consistency = Consistency::kStale};
      EXPECT_TRUE(absl::IsUnavailable(group.GetVia(away, "key", stale).status()));
      ASSERT_TRUE(group.AwaitConverged());
      group.SleepFor(200ms);
      const auto read = group.GetVia(away, "key", stale);
      ASSERT_TRUE(read.ok()) << read.status();
      EXPECT_EQ(*read, "value");
    });
    if (HasFailure()) FAIL() << "seed " << seed;
  }
}

TEST(ReadsTest, AWriteIsNoQuery) {
  Group group({.seed = 1, .replica = SmallReplica()});
  group.Run([&] {
    group.With(group.AwaitPrimary(), [](Replica& replica) {
      EXPECT_TRUE(absl::IsInvalidArgument(replica.Query("nonsense", {}).status()));
    });
  });
}

}  // namespace
}  // namespace wt::test
