// A group of three in calm weather and through the loss of its members: a primary is elected,
// writes are acknowledged as their modes say, survive a failover, and all replicas end with the
// same state.
#include <gtest/gtest.h>

#include "engine/state/command.h"
#include "tests/replicas/group.h"

namespace wt::test {
namespace {

using namespace std::chrono_literals;

constexpr uint64_t kSeeds = Seeds(60);

TEST(GroupTest, ElectsOnePrimaryThatStays) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Group group({.seed = seed, .replica = SmallReplica()});
    group.Run([&] {
      const int primary = group.AwaitPrimary();
      ASSERT_NE(primary, 0);
      const Term term = group.StatusOf(primary).term;
      group.SleepFor(5s);
      EXPECT_EQ(group.AwaitPrimary(), primary);
      EXPECT_EQ(group.StatusOf(primary).term, term);
    });
  }
}

TEST(GroupTest, ReplicatesAndReads) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Group group(
        {.seed = seed, .replica = SmallReplica(), .links = RoughLinks(), .rarely_ppm = 100'000});
    group.Run([&] {
      ASSERT_NE(group.AwaitPrimary(), 0);
      ASSERT_TRUE(group.Put("color", "red").ok());
      EXPECT_EQ(group.Get("color"), "red");
      group.Fill(0, 40);
      EXPECT_EQ(group.Get("k39"), std::string(100, 'n'));
      EXPECT_TRUE(group.AwaitConverged());
    });
  }
}

TEST(GroupTest, SurvivesTheLossOfItsPrimary) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Group group({.seed = seed, .replica = SmallReplica()});
    group.Run([&] {
      ASSERT_TRUE(group.Put("color", "red").ok());
      const int old_primary = group.AwaitPrimary();
      group.PowerLoss(old_primary);
      ASSERT_NE(group.AwaitPrimaryOtherThan(old_primary), 0);
      EXPECT_EQ(group.Get("color"), "red");
      ASSERT_TRUE(group.Put("color", "blue").ok());
      group.Start(old_primary);
      EXPECT_TRUE(group.AwaitConverged());
      EXPECT_TRUE(group.AwaitTrusted(old_primary));
      EXPECT_EQ(group.GetVia(old_primary, "color", {}).value_or("?"), "blue");
    });
  }
}

// What a campaign pays for a group: the simulator's time goes by decisions.
TEST(GroupTest, NeedsFewDecisions) {
  constexpr uint64_t kRuns = Seeds(20);
  constexpr uint64_t kHeartbeats = 200;
  constexpr uint64_t kClients = 4;
  constexpr uint64_t kPuts = 50;  // of each
  uint64_t at_rest = 0;
  uint64_t at_work = 0;
  for (uint64_t seed = 1; seed <= kRuns; ++seed) {
    Group group({.seed = seed, .replica = SmallReplica()});
    group.Run([&] {
      const int primary = group.AwaitPrimary();
      group.SleepFor(1s);
      const uint64_t begin = group.sim().decisions();
      group.SleepFor(kHeartbeats * group.options(1).consensus.heartbeat);
      const uint64_t middle = group.sim().decisions();
      std::vector<std::unique_ptr<Task>> clients;
      for (uint64_t client = 0; client < kClients; ++client) {
        clients.push_back(group.sim().tasks().Spawn("client", [&] {
          group.With(primary, [](Replica& replica) {
            for (uint64_t i = 0; i < kPuts; ++i) {
              EXPECT_TRUE(replica.Propose(EncodeCommand(KvSet{"key", "value"}), {}).ok());
            }
          });
        }));
      }
      for (const std::unique_ptr<Task>& client : clients) client->Join();
      at_rest += middle - begin;
      at_work += group.sim().decisions() - middle;
    });
  }
  const uint64_t of_heartbeat = at_rest / (kRuns * kHeartbeats);
  const uint64_t of_put = at_work / (kRuns * kClients * kPuts);
  RecordProperty("decisions_of_heartbeat", static_cast<int>(of_heartbeat));
  RecordProperty("decisions_of_put", static_cast<int>(of_put));
  EXPECT_LE(of_heartbeat, 40u);
  EXPECT_LE(of_put, 110u);
}

}  // namespace
}  // namespace wt::test
