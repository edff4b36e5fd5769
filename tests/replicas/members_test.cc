// Who belongs to the group, who leads it, and what is refused.
#include <gtest/gtest.h>

#include "engine/base/status.h"
#include "replicas/consensus/message.h"
#include "tests/replicas/group.h"

namespace wt::test {
namespace {

using namespace std::chrono_literals;

constexpr uint64_t kSeeds = Seeds(50);

std::vector<NodeId> Ids(std::initializer_list<uint64_t> ids) {
  std::vector<NodeId> nodes;
  for (uint64_t id : ids) nodes.push_back(NodeId(id));
  return nodes;
}

TEST(MembersTest, AMemberIsReplacedByALearner) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    GroupOptions options{.seed = seed,
                         .machines = 4,
                         .members = {.voters = Ids({1, 2, 3})},
                         .replica = SmallReplica(),
                         .links = RoughLinks(),
                         .starts = false};
    Group group(options);
    group.Run([&] {
      for (int i = 1; i <= 3; ++i) group.Start(i);
      group.Fill(0, 10);
      const Configuration with_learner{.voters = Ids({1, 2, 3}), .learners = Ids({4})};
      group.options(4).members = with_learner;
      group.Start(4);
      const auto change = [&](const Configuration& target) {
        absl::Status changed = Unavailable("not tried");
        for (int attempt = 0; attempt < 20 && !changed.ok(); ++attempt) {
          group.With(group.AwaitPrimary(),
                     [&](Replica& replica) { changed = replica.ChangeMembers(target, 10s); });
        }
        EXPECT_TRUE(changed.ok()) << changed;
      };
      change(with_learner);
      EXPECT_TRUE(group.AwaitConverged());
      const int gone = group.AwaitPrimary();  // the primary itself goes
      Configuration without;
      for (uint64_t i = 1; i <= 4; ++i) {
        if (i != static_cast<uint64_t>(gone)) without.voters.push_back(NodeId(i));
      }
      change(without);
      group.PowerLoss(gone);
      EXPECT_TRUE(group.Put("after", "1").ok());
      const int primary = group.AwaitPrimary();
      EXPECT_EQ(group.StatusOf(primary).configuration, without);
      // And after a restart of all.
      for (int i = 1; i <= 4; ++i) {
        if (i != gone) group.PowerLoss(i);
      }
      for (int i = 1; i <= 4; ++i) {
        if (i != gone) group.Start(i);
      }
      EXPECT_TRUE(group.Put("later", "2").ok());
      EXPECT_EQ(group.StatusOf(group.AwaitPrimary()).configuration, without);
    });
    if (HasFailure()) FAIL() << "seed " << seed;
  }
}

TEST(MembersTest, ThePrimaryHandsOver) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Group group({.seed = seed, .replica = SmallReplica()});
    group.Run([&] {
      group.Fill(0, 5);
      const int primary = group.AwaitPrimary();
      const int to = primary == 1 ? 2 : 1;
      ASSERT_TRUE(group.AwaitTrusted(to));
      ASSERT_TRUE(group.AwaitConverged());
      const sim::SimTime before = group.sim().now();
      group.With(primary, [&](Replica& replica) {
        const absl::Status done = replica.TransferTo(NodeId(to), 5s);
        EXPECT_TRUE(done.ok()) << done;
      });
      EXPECT_LT(group.sim().now() - before, 500ms);  // no election timeout was waited for
      EXPECT_EQ(group.AwaitPrimary(), to);
      EXPECT_TRUE(group.Put("after", "1").ok());
    });
    if (HasFailure()) FAIL() << "seed " << seed;
  }
}

TEST(MembersTest, OnlyThePrimaryHandsOver) {
  Group group({.seed = 1, .replica = SmallReplica()});
  group.Run([&] {
    const int other = group.AwaitPrimary() == 1 ? 2 : 1;
    group.With(other, [&](Replica& replica) {
      EXPECT_TRUE(absl::IsFailedPrecondition(replica.TransferTo(NodeId(3), 1s)));
      EXPECT_TRUE(absl::IsFailedPrecondition(replica.ChangeMembers({.voters = Ids({1, 2})}, 1s)));
    });
  });
}

TEST(MembersTest, OneMachineIsAGroup) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Group group({.seed = seed, .machines = 1, .replica = SmallReplica()});
    group.Run([&] {
      group.Fill(0, 10);
      EXPECT_EQ(group.Get("k3"), std::string(100, 'd'));
      group.PowerLoss(1);
      group.Start(1);
      EXPECT_EQ(group.Get("k9"), std::string(100, 'j'));
      EXPECT_TRUE(group.Put("after", "1", Ack::kAll).ok());
    });
    if (HasFailure()) FAIL() << "seed " << seed;
  }
}

absl::Status Opened(const std::function<void(ReplicaOptions&)>& change) {
  Group group({.seed = 1, .replica = SmallReplica(), .starts = false});
  absl::Status opened;
  group.Run([&] {
    change(group.options(1));
    group.Start(1);
    group.SleepFor(1s);
    opened = group.end_of(1);
  });
  return opened;
}

TEST(MembersTest, OptionsThatMakeNoSenseAreRefused) {
  EXPECT_TRUE(absl::IsInvalidArgument(Opened([](auto& options) { options.members = {}; })));
  EXPECT_TRUE(absl::IsInvalidArgument(Opened([](auto& options) {
    options.members.voters = Ids({2, 3});
  })));
  EXPECT_TRUE(absl::IsInvalidArgument(Opened([](auto& options) {
    options.members.voters = Ids({1, 1});
  })));
  EXPECT_TRUE(absl::IsInvalidArgument(
      Opened([](auto& options) { options.consensus.heartbeat = Duration::zero(); })));
  EXPECT_TRUE(absl::IsInvalidArgument(
      Opened([](auto& options) { options.consensus.election_timeout = 60ms; })));
  EXPECT_TRUE(absl::IsInvalidArgument(Opened([](auto& options) { options.max_waiting = 0; })));
  EXPECT_TRUE(absl::IsInvalidArgument(Opened([](auto& options) { options.chunks_in_flight = 0; })));
  EXPECT_TRUE(Opened([](auto&) {}).ok());
}

TEST(MembersTest, AnotherGroupIsNotHeard) {
  Group group({.seed = 1, .replica = SmallReplica(), .starts = false});
  group.Run([&] {
    group.options(3).cluster_id = 2;
    for (int i = 1; i <= 3; ++i) group.Start(i);
    EXPECT_EQ(group.AwaitPrimary(5s), 0);  // the two cannot trust each other without the third
    EXPECT_GT(group.CountOf(1, EventKind::kMessageDropped), 0u);
    EXPECT_GT(group.CountOf(3, EventKind::kMessageDropped), 0u);
  });
}

TEST(MembersTest, DamagedMessagesAreDropped) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    sim::LinkDials links = RoughLinks();
    links.corrupt_ppm = 100'000;
    Group group({.seed = seed, .replica = SmallReplica(), .links = links});
    group.Run([&] {
      group.Fill(0, 20);
      EXPECT_TRUE(group.AwaitConverged());
      EXPECT_GT(group.Count(EventKind::kMessageDropped), 0u);
    });
    if (HasFailure()) FAIL() << "seed " << seed;
  }
}

TEST(MembersTest, AMessageInAForeignNameIsDropped) {
  Group group({.seed = 1, .replica = SmallReplica()});
  group.Run([&] {
    ASSERT_NE(group.AwaitPrimary(), 0);
    const uint64_t before = group.CountOf(1, EventKind::kMessageDropped);
    std::string bytes;
    EncodeMessage(1, {.from = NodeId(2), .to = NodeId(1), .term = Term(99), .body = Heartbeat{}},
                  bytes);
    group.sim().network().Send(3, 1, bytes);  // 3 speaks as 2
    bytes.clear();
    EncodeMessage(1, {.from = NodeId(3), .to = NodeId(2), .term = Term(99), .body = Heartbeat{}},
                  bytes);
    group.sim().network().Send(3, 1, bytes);  // to 2, but it came here
    group.SleepFor(100ms);
    EXPECT_EQ(group.CountOf(1, EventKind::kMessageDropped), before + 2);
    EXPECT_LT(group.StatusOf(1).term, Term(99));
  });
}

}  // namespace
}  // namespace wt::test
