// When a proposal is answered, and with what: each ack mode waits for exactly its own machines, an
// answer that is not "unknown" is true for ever, and everybody is answered once.
#include <gtest/gtest.h>

#include "engine/state/command.h"
#include "tests/replicas/group.h"

namespace wt::test {
namespace {

using namespace std::chrono_literals;

constexpr uint64_t kSeeds = Seeds(50);

void ForSeeds(const std::function<void(Group&)>& story, GroupOptions options = {}) {
  options.replica = SmallReplica();
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    options.seed = seed;
    Group group(options);
    group.Run([&] { story(group); });
    if (testing::Test::HasFailure()) FAIL() << "seed " << seed;
  }
}

int OtherThan(int a, int b = 0) {
  for (int i = 1;; ++i) {
    if (i != a && i != b) return i;
  }
}

TEST(AckTest, AsyncNeedsThePrimaryAlone) {
  ForSeeds([](Group& group) {
    const int primary = group.AwaitPrimary();
    group.Isolate(primary);
    const auto done = group.PutVia(primary, "color", "red", {.ack = Ack::kAsync, .timeout = 5s});
    ASSERT_TRUE(done.ok()) << done.status();
    EXPECT_TRUE(done->result.empty());
    EXPECT_GE(group.StatusOf(primary).durable, done->index);
    EXPECT_LT(group.StatusOf(primary).commit, done->index);
  });
}

TEST(AckTest, AsyncThatAFailoverUndidIsGone) {
  ForSeeds([](Group& group) {
    const int primary = group.AwaitPrimary();
    group.Isolate(primary);
    ASSERT_TRUE(group.PutVia(primary, "color", "red", {.ack = Ack::kAsync}).ok());
    ASSERT_NE(group.AwaitPrimaryOtherThan(primary), 0);
    ASSERT_TRUE(group.Await([&] { return group.StatusOf(primary).role != Role::kPrimary; }));
    group.Heal();
    ASSERT_TRUE(group.AwaitConverged());
    EXPECT_EQ(group.Get("color"), std::nullopt);
    EXPECT_GT(group.Goal("replica.truncated_suffix"), 0u);
  });
}

TEST(AckTest, QuorumNeedsAMajority) {
  ForSeeds([](Group& group) {
    const int primary = group.AwaitPrimary();
    const int away = OtherThan(primary);
    group.PowerLoss(away);
    EXPECT_TRUE(group.PutVia(primary, "a", "1", {}).ok());
    group.PowerLoss(OtherThan(primary, away));
    const auto unknown = group.PutVia(primary, "b", "2", {.timeout = 3s});
    EXPECT_TRUE(absl::IsUnavailable(unknown.status()) ||
                absl::IsFailedPrecondition(unknown.status()))
        << unknown.status();
  });
}

TEST(AckTest, AllWaitsForWhoIsAway) {
  ForSeeds([](Group& group) {
    const int primary = group.AwaitPrimary();
    const auto everywhere = group.PutVia(primary, "a", "1", {.ack = Ack::kAll});
    ASSERT_TRUE(everywhere.ok()) << everywhere.status();
    for (int i = 1; i <= 3; ++i) EXPECT_GE(group.StatusOf(i).durable, everywhere->index);
    const int away = OtherThan(primary);
    group.PowerLoss(away);
    const auto unknown = group.PutVia(primary, "b", "2", {.ack = Ack::kAll, .timeout = 2s});
    EXPECT_TRUE(absl::IsUnavailable(unknown.status())) << unknown.status();
    group.Start(away);
    const auto again = group.PutVia(primary, "c", "3", {.ack = Ack::kAll, .timeout = 20s});
    EXPECT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(group.Get("b"), "2");  // it had happened
  });
}

TEST(AckTest, WhatWasOvertakenIsAborted) {
  ForSeeds([](Group& group) {
    const int primary = group.AwaitPrimary();
    ASSERT_TRUE(group.Put("color", "white").ok());
    group.Isolate(primary);
    absl::StatusOr<Acknowledged> outcome = absl::UnknownError("not answered");
    std::unique_ptr<Task> client = group.sim().tasks().Spawn(
        "client", [&] { outcome = group.PutVia(primary, "color", "red", {.timeout = 60s}); });
    const int next = group.AwaitPrimaryOtherThan(primary);
    ASSERT_NE(next, 0);
    ASSERT_TRUE(group.PutVia(next, "color", "blue", {}).ok());
    group.Heal();
    client->Join();
    EXPECT_TRUE(absl::IsAborted(outcome.status())) << outcome.status();
    EXPECT_EQ(group.Get("color"), "blue");
  });
}

TEST(AckTest, AReplicaRefuses) {
  ForSeeds([](Group& group) {
    const int other = OtherThan(group.AwaitPrimary());
    const auto refused = group.PutVia(other, "a", "1", {});
    EXPECT_TRUE(absl::IsFailedPrecondition(refused.status())) << refused.status();
    EXPECT_NE(group.StatusOf(other).primary, NodeId(0));
  });
}

TEST(AckTest, TooLargeIsRefused) {
  GroupOptions options;
  Group group({.seed = 1, .replica = SmallReplica()});
  group.options(1).engine.log.max_entry_bytes = 1000;
  group.options(2).engine.log.max_entry_bytes = 1000;
  group.options(3).engine.log.max_entry_bytes = 1000;
  group.Run([&] {
    const int primary = group.AwaitPrimary();
    const auto refused = group.PutVia(primary, "a", std::string(2000, 'x'), {});
    EXPECT_TRUE(absl::IsInvalidArgument(refused.status())) << refused.status();
    EXPECT_TRUE(group.PutVia(primary, "a", "small", {}).ok());
  });
}

TEST(AckTest, TooMuchThatWaitsIsRefused) {
  Group group({.seed = 1, .replica = SmallReplica()});
  for (int i = 1; i <= 3; ++i) group.options(i).max_waiting = 4;
  group.Run([&] {
    const int primary = group.AwaitPrimary();
    group.Isolate(primary);
    uint64_t refused = 0;
    group.With(primary, [&](Replica& replica) {
      for (int i = 0; i < 10; ++i) {
        replica.ProposeAsync(EncodeCommand(KvSet{"a", "b"}), Ack::kQuorum,
                             [&](absl::StatusOr<Acknowledged> done) {
                               if (absl::IsResourceExhausted(done.status())) ++refused;
                             });
      }
    });
    group.SleepFor(200ms);
    EXPECT_GE(refused, 6u);
    group.Heal();
    EXPECT_TRUE(group.Put("c", "d").ok());
  });
}

TEST(AckTest, CloseAnswersWhoWaits) {
  ForSeeds([](Group& group) {
    const int primary = group.AwaitPrimary();
    group.Isolate(primary);
    absl::StatusOr<Acknowledged> outcome = absl::UnknownError("not answered");
    uint64_t answers = 0;
    std::unique_ptr<Task> client = group.sim().tasks().Spawn("client", [&] {
      outcome = group.PutVia(primary, "color", "red", {.timeout = 60s});
      ++answers;
    });
    std::unique_ptr<Task> reader = group.sim().tasks().Spawn("reader", [&] {
      EXPECT_FALSE(group.GetVia(primary, "color", {.timeout = 60s}).ok());
      ++answers;
    });
    group.SleepFor(50ms);
    group.Stop(primary);
    client->Join();
    reader->Join();
    EXPECT_EQ(answers, 2u);
    EXPECT_TRUE(absl::IsUnavailable(outcome.status()) ||
                absl::IsFailedPrecondition(outcome.status()))
        << outcome.status();
  });
}

}  // namespace
}  // namespace wt::test
