// Changes of members, learners, and handing over, in whole groups.
#include <gtest/gtest.h>

#include "tests/consensus/group.h"
#include "tests/consensus/single.h"

namespace wt::testing {
namespace {

Configuration Of(std::vector<uint64_t> voters, std::vector<uint64_t> learners = {}) {
  Configuration configuration;
  for (uint64_t node : voters) configuration.voters.push_back(NodeId(node));
  for (uint64_t node : learners) configuration.learners.push_back(NodeId(node));
  return configuration;
}

class MembershipTest : public ::testing::TestWithParam<bool> {
 protected:
  void Begin(uint64_t nodes, const Configuration& initial) {
    group_ = std::make_unique<Group>(
        GroupOptions{.nodes = nodes, .initial = initial, .verified = GetParam()});
    group_->RunFor(seconds(3));
    ASSERT_NE(group_->Primary(), NodeId(0));
  }
  absl::Status Change(const Configuration& target) {
    const NodeId primary = group_->Primary();
    const auto index =
        group_->core(primary).ProposeConfiguration(group_->now(), WallTime{}, target);
    group_->Settle(primary);
    return index.status();
  }
  void ExpectInForce(const Configuration& target) {
    group_->RunFor(seconds(5));
    const NodeId primary = group_->Primary();
    ASSERT_NE(primary, NodeId(0));
    for (NodeId node : target.Members()) {
      EXPECT_EQ(group_->core(node).configuration(), target) << node.value();
      EXPECT_EQ(group_->core(node).commit(), group_->core(primary).log().last());
    }
    EXPECT_TRUE(group_->ledger().ok()) << group_->ledger().violation();
  }
  std::unique_ptr<Group> group_;
};

INSTANTIATE_TEST_SUITE_P(Disks, MembershipTest, ::testing::Values(false, true),
                         [](const auto& trust) { return trust.param ? "verified" : "believed"; });

TEST_P(MembershipTest, AReplacementPassesThroughBothAndLeavesByItself) {
  Begin(4, Of({1, 2, 3}));
  ASSERT_TRUE(Change(Of({1, 2, 4})).ok());
  EXPECT_TRUE(group_->core(group_->Primary()).configuration().joint());
  ExpectInForce(Of({1, 2, 4}));
}

TEST_P(MembershipTest, AllAtOnce) {
  Begin(5, Of({1, 2, 3}));
  ASSERT_TRUE(Change(Of({4, 5})).ok());
  ExpectInForce(Of({4, 5}));
}

TEST_P(MembershipTest, ALearnerLearnsAndDoesNotCount) {
  Begin(3, Of({1, 2}));
  ASSERT_TRUE(Change(Of({1, 2}, {3})).ok());
  ExpectInForce(Of({1, 2}, {3}));
  const NodeId primary = group_->Primary();
  group_->Isolate(primary == NodeId(1) ? NodeId(2) : NodeId(1));
  const auto index = group_->Propose(primary, "x");
  group_->RunFor(milliseconds(300));
  EXPECT_EQ(group_->core(NodeId(3)).log().last(), *index);
  EXPECT_LT(group_->core(primary).commit(), *index);
  group_->RunFor(seconds(5));
  EXPECT_EQ(group_->core(NodeId(3)).role(), Role::kReplica);
  group_->Heal();
  group_->RunFor(seconds(2));
  ASSERT_TRUE(Change(Of({1, 2, 3})).ok());
  ExpectInForce(Of({1, 2, 3}));
}

TEST_P(MembershipTest, OneChangeAtATime) {
  Begin(4, Of({1, 2, 3}));
  ASSERT_TRUE(Change(Of({1, 2, 4})).ok());
  EXPECT_EQ(Change(Of({1, 2})).code(), absl::StatusCode::kAborted);
  ExpectInForce(Of({1, 2, 4}));
  EXPECT_EQ(Change(Of({1, 2, 4})).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Change(Of({})).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(Change(Of({1, 2})).ok());
  ExpectInForce(Of({1, 2}));
}

TEST_P(MembershipTest, ARemovedPrimaryLeavesSoonAndDisturbsNobody) {
  Begin(3, Of({1, 2, 3}));
  const NodeId old = group_->Primary();
  Configuration target = Of({1, 2, 3});
  std::erase(target.voters, old);
  ASSERT_TRUE(Change(target).ok());
  group_->RunFor(milliseconds(100));  // far less than an election timeout
  const NodeId next = group_->Primary();
  ASSERT_NE(next, NodeId(0));
  EXPECT_NE(next, old);
  ExpectInForce(target);
  const Term term = group_->core(next).term();
  group_->RunFor(seconds(20));
  EXPECT_EQ(group_->core(next).term(), term);
}

TEST_P(MembershipTest, NobodyWritesToThoseWhoAreOut) {
  Begin(3, Of({1, 2, 3}));
  const NodeId primary = group_->Primary();
  const NodeId out(primary == NodeId(1) ? 2 : 1);
  Configuration target = Of({1, 2, 3});
  std::erase(target.voters, out);
  ASSERT_TRUE(Change(target).ok());
  ExpectInForce(target);
  size_t to_out = 0;
  group_->lose = [&](const Packet& packet) {
    to_out += packet.message.to == out && std::holds_alternative<Heartbeat>(packet.message.body);
    return false;
  };
  group_->RunFor(seconds(2));
  EXPECT_EQ(to_out, 0u);
}

TEST(ConfigurationInLogTest, GoesWithTheEntryThatIsTruncated) {
  Single replica({.terms = {1}, .term = 1});
  const Configuration joint = Of({1, 2, 3}).JointWith(Of({1, 2, 4}));
  LogEntry entry{.term = Term(1), .index = LogIndex(2)};
  entry.type = EntryType::kConfig;
  entry.command = EncodeConfiguration(joint);
  replica.Step(2, 1, AppendRequest{.prev = EndOf(1, 1), .entries = {entry}});
  EXPECT_EQ(replica->configuration(), joint);
  replica.Step(3, 2, AppendRequest{.prev = EndOf(1, 1), .entries = {EntryOf(2, 2)}});
  EXPECT_EQ(replica->configuration(), Of({1, 2, 3}));
}

TEST(ConfigurationInLogTest, OneThatIsLeavingCampaignsUntilItKnowsThatItLeft) {
  const auto with_leave = [](uint64_t commit) {
    Single leaving({.terms = {1}, .term = 1});
    LogEntry joint{.term = Term(1), .index = LogIndex(2), .type = EntryType::kConfig};
    joint.command = EncodeConfiguration(Of({1, 2, 3}).JointWith(Of({2, 3})));
    LogEntry leave{.term = Term(1), .index = LogIndex(3), .type = EntryType::kConfig};
    leave.command = EncodeConfiguration(Of({2, 3}));
    AppendRequest both{.prev = EndOf(1, 1), .commit = LogIndex(commit), .entries = {joint, leave}};
    leaving.Step(2, 1, both);
    leaving.Wait(seconds(2));
    return leaving->role();
  };
  EXPECT_EQ(with_leave(2), Role::kPreCandidate);
  EXPECT_EQ(with_leave(3), Role::kReplica);
}

TEST(ConfigurationInLogTest, NoChangeBeforeTheTermHasCommitted) {
  Single primary({});
  primary.Elect();
  const auto change = primary->ProposeConfiguration(primary.now(), WallTime{}, Of({1, 2}));
  EXPECT_EQ(change.status().code(), absl::StatusCode::kAborted);
}

// ---- Handing over

TEST_P(MembershipTest, HandingOverTakesNoElectionTimeout) {
  Begin(3, Of({1, 2, 3}));
  const NodeId old = group_->Primary();
  const NodeId next(old == NodeId(3) ? 1 : 3);
  ASSERT_TRUE(group_->core(old).TransferTo(group_->now(), next).ok());
  group_->Settle(old);
  group_->RunFor(milliseconds(50));
  EXPECT_EQ(group_->Primary(), next);
  EXPECT_EQ(group_->core(old).role(), Role::kReplica);
}

TEST_P(MembershipTest, HandingOverWaitsForWhoLagsAndGivesUp) {
  Begin(3, Of({1, 2, 3}));
  const NodeId old = group_->Primary();
  const NodeId next(old == NodeId(3) ? 1 : 3);
  group_->Isolate(next);
  (void)group_->Propose(old, "x");
  group_->RunFor(milliseconds(20));
  ASSERT_TRUE(group_->core(old).TransferTo(group_->now(), next).ok());
  group_->Settle(old);
  EXPECT_EQ(group_->Propose(old, "y").status().code(), absl::StatusCode::kFailedPrecondition);
  group_->RunFor(milliseconds(600));
  EXPECT_EQ(group_->Primary(), old);
  EXPECT_TRUE(group_->Propose(old, "y").ok());
  group_->Heal();
  ASSERT_TRUE(group_->core(old).TransferTo(group_->now(), next).ok());
  group_->Settle(old);
  group_->RunFor(milliseconds(400));
  EXPECT_EQ(group_->Primary(), next);
  EXPECT_TRUE(group_->ledger().ok()) << group_->ledger().violation();
}

TEST(TransferTest, OnlyToATrustedVoter) {
  Single primary({});
  EXPECT_EQ(primary->TransferTo(primary.now(), NodeId(2)).code(),
            absl::StatusCode::kFailedPrecondition);
  primary.Elect();
  EXPECT_EQ(primary->TransferTo(primary.now(), NodeId(9)).code(),
            absl::StatusCode::kInvalidArgument);
  ReplicaMessage doubtful = primary.From(3, 1, HeartbeatResponse{});
  doubtful.trusted = false;
  primary.Step(doubtful);
  EXPECT_EQ(primary->TransferTo(primary.now(), NodeId(3)).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(primary->TransferTo(primary.now(), NodeId(1)).ok());
  EXPECT_EQ(primary->role(), Role::kPrimary);
}

}  // namespace
}  // namespace wt::testing
