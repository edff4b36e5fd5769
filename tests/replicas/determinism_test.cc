// The same seed is the same run: every decision, byte on the wire and byte on the disks.
#include <gtest/gtest.h>

#include "tests/replicas/group.h"

namespace wt::test {
namespace {

using namespace std::chrono_literals;

uint64_t DigestOf(uint64_t seed) {
  ReplicaOptions replica = SmallReplica();
  replica.engine.snapshot_log_bytes = 8 * kKiB;
  replica.engine.log.segment_bytes = 8 * kKiB;
  Group group({.seed = seed, .replica = replica, .links = RoughLinks(), .rarely_ppm = 100'000});
  group.Run([&] {
    group.Fill(0, 20, 200);
    const int away = group.AwaitPrimary();
    group.PowerLoss(away);
    group.Fill(20, 60, 400);
    group.Start(away);
    EXPECT_TRUE(group.AwaitConverged());
  });
  return group.digest();
}

TEST(DeterminismTest, TheSameSeedIsTheSameRun) {
  for (uint64_t seed = 1; seed <= Seeds(20); ++seed)
    EXPECT_EQ(DigestOf(seed), DigestOf(seed)) << seed;
  EXPECT_NE(DigestOf(1), DigestOf(2));
}

}  // namespace
}  // namespace wt::test
