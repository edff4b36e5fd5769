// Stories of whole groups: figures 7 and 8 of the Raft paper, and the situations that the tests of
// MIT's course name, each over cores with disks and a network in memory.
#include <gtest/gtest.h>

#include "tests/consensus/group.h"
#include "tests/consensus/single.h"

namespace wt::testing {
namespace {

// Writes `terms` to a machine's disk, as if earlier lives had.
void Plant(Group& group, uint64_t node, const std::vector<uint64_t>& terms, uint64_t term = 0) {
  Machine& m = group.machine(NodeId(node));
  if (m.up()) group.Crash(NodeId(node));
  Record record;
  record.write.truncate_from = LogIndex(1);
  for (size_t i = 0; i < terms.size(); ++i) {
    record.write.entries.push_back(EntryOf(i + 1, terms[i]));
  }
  const uint64_t last = terms.empty() ? 0 : terms.back();
  record.write.vote = {Term(std::max(last, term)), NodeId(0)};
  m.disk.Apply(record);
  m.journal.push_back(record);
}

void ExpectEqualLogs(Group& group) {
  LogEnd end = group.core(NodeId(1)).log().end();
  for (auto& [id, m] : group.machines()) {
    EXPECT_EQ(m.core->log().end(), end) << id.value();
    EXPECT_EQ(m.core->commit(), end.index) << id.value();
  }
}

bool Commits(Group& group, NodeId primary, std::string command) {
  const auto index = group.Propose(primary, std::move(command));
  if (!index.ok()) return false;
  return group.RunUntil([&] { return group.core(primary).commit() >= *index; }, seconds(2));
}

class GroupTest : public ::testing::TestWithParam<bool> {
 protected:
  GroupOptions Of(uint64_t nodes) const { return {.nodes = nodes, .verified = GetParam()}; }
};

INSTANTIATE_TEST_SUITE_P(Disks, GroupTest, ::testing::Values(false, true),
                         [](const auto& trust) { return trust.param ? "verified" : "believed"; });

TEST_P(GroupTest, Figure7EachOfSixLogsBecomesThePrimarys) {
  const std::vector<std::vector<uint64_t>> followers = {
      {1, 1, 1, 4, 4, 5, 5, 6, 6},
      {1, 1, 1, 4, 4},
      {1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6},
      {1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7},
      {1, 1, 1, 4, 4, 4, 4},
      {1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3},
  };
  for (const auto& follower : followers) {
    Group group(Of(3));
    Plant(group, 1, {1, 1, 1, 4, 4, 5, 5, 6, 6, 6}, 8);
    Plant(group, 2, follower, 7);
    Plant(group, 3, {1, 1, 1, 4, 4}, 7);
    for (uint64_t node : {1, 2, 3}) group.Start(NodeId(node));
    // Only the first may campaign: the second may have the better log.
    for (uint64_t node : {2, 3}) {
      group.core(NodeId(node)).DiskTrouble(group.now() + seconds(5));
    }
    ASSERT_TRUE(group.RunUntil([&] { return group.Primary() != NodeId(0); }, seconds(5)) ||
                group.RunUntil([&] { return group.Primary() != NodeId(0); }, seconds(10)));
    ASSERT_TRUE(Commits(group, group.Primary(), "new"));
    group.RunFor(seconds(1));
    ExpectEqualLogs(group);
    EXPECT_TRUE(group.ledger().ok()) << group.ledger().violation();
  }
}

TEST(FigureTest, Figure8AnEntryOfAnEarlierTermIsNotCommittedByCounting) {
  // Terms 2 (of S1) and 3 (of S5) at index 2; S1 is primary again, of term 4.
  Single s1({.voters = {1, 2, 3, 4, 5}, .terms = {1, 2}, .term = 3});
  s1.Elect();
  ASSERT_EQ(s1->term(), Term(4));
  // Its entry of term 2 is on a majority now, and S5 could still replace it.
  s1.Step(2, 4, AppendResponse{.match = LogIndex(2)});
  s1.Step(3, 4, AppendResponse{.match = LogIndex(2)});
  EXPECT_EQ(s1->commit(), LogIndex(0));
  // With one of term 4 behind it on a majority, it could not.
  s1.Step(2, 4, AppendResponse{.match = LogIndex(3)});
  s1.Step(3, 4, AppendResponse{.match = LogIndex(3)});
  EXPECT_EQ(s1->commit(), LogIndex(3));
}

TEST_P(GroupTest, ANewLogOverwritesLongerOnesOfFewer) {
  Group group(Of(5));
  Plant(group, 1, {1});
  Plant(group, 2, {1});
  Plant(group, 3, {2});
  Plant(group, 4, {}, 2);
  Plant(group, 5, {}, 2);
  for (uint64_t node = 1; node <= 5; ++node) group.Start(NodeId(node));
  ASSERT_TRUE(group.RunUntil([&] { return group.Primary() != NodeId(0); }, seconds(20)));
  group.RunFor(seconds(1));
  ExpectEqualLogs(group);
  EXPECT_TRUE(group.ledger().ok()) << group.ledger().violation();
}

TEST_P(GroupTest, InitialElectionYieldsOnePrimaryThatStays) {
  Group group(Of(3));
  group.RunFor(seconds(3));
  const NodeId primary = group.Primary();
  ASSERT_NE(primary, NodeId(0));
  const Term term = group.core(primary).term();
  group.RunFor(seconds(20));
  EXPECT_EQ(group.Primary(), primary);
  for (auto& [id, m] : group.machines()) EXPECT_EQ(m.core->term(), term);
}

TEST_P(GroupTest, ReElectionNeedsAMajority) {
  Group group(Of(3));
  group.RunFor(seconds(3));
  const NodeId first = group.Primary();
  group.Isolate(first);
  group.RunFor(seconds(3));
  const NodeId second = group.Primary();
  ASSERT_NE(second, first);
  EXPECT_NE(group.core(first).role(), Role::kPrimary);
  group.Heal();
  group.RunFor(seconds(3));
  EXPECT_EQ(group.Primary(), second);  // the one that was cut off disturbs nobody
  EXPECT_EQ(group.core(first).term(), group.core(second).term());
  group.Isolate(second);
  group.Isolate(first);
  group.RunFor(seconds(3));
  EXPECT_EQ(group.Primary(), NodeId(0));
  group.Heal();
  group.RunFor(seconds(3));
  EXPECT_NE(group.Primary(), NodeId(0));
}

TEST_P(GroupTest, ACutOffPrimarysEntriesGiveWay) {
  Group group(Of(3));
  group.RunFor(seconds(3));
  const NodeId old = group.Primary();
  group.Isolate(old);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(group.Propose(old, "lost").ok());
  const LogIndex lost = group.core(old).log().last();
  group.RunFor(seconds(3));
  EXPECT_LT(group.core(old).commit(), lost);
  ASSERT_TRUE(Commits(group, group.Primary(), "kept"));
  group.Heal();
  group.RunFor(seconds(2));
  ExpectEqualLogs(group);
  EXPECT_TRUE(group.ledger().ok()) << group.ledger().violation();
}

TEST_P(GroupTest, LongWrongLogsAreFoundOutQuickly) {
  Group group(Of(5));
  group.RunFor(seconds(3));
  const NodeId old = group.Primary();
  std::vector<NodeId> others;
  for (auto& [id, m] : group.machines()) {
    if (id != old) others.push_back(id);
  }
  // `old` and one other take fifty entries that three never see.
  for (size_t i = 1; i < others.size(); ++i) group.Isolate(others[i]);
  for (size_t i = 1; i < others.size(); ++i) {
    for (size_t j = 1; j < others.size(); ++j) {
      group.cut().erase({others[i], others[j]});
    }
  }
  for (int i = 0; i < 50; ++i) (void)group.Propose(old, "lost");
  group.RunFor(seconds(4));
  const NodeId next = group.Primary();
  ASSERT_NE(next, old);
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(group.Propose(next, "kept").ok());
  group.RunFor(seconds(1));
  group.Heal();
  const uint64_t before = group.sent(Body(AppendRequest{}).index());
  group.RunFor(seconds(1));
  ExpectEqualLogs(group);
  EXPECT_LE(group.sent(Body(AppendRequest{}).index()) - before, 40u);
}

TEST_P(GroupTest, MessagesAreFew) {
  Group group(Of(3));
  ASSERT_TRUE(group.RunUntil(
      [&] { return group.Primary() != NodeId(0) && group.core(group.Primary()).serving(); },
      seconds(5)));
  EXPECT_LE(group.requests(), 30u);
  group.RunFor(seconds(1));
  uint64_t before = group.requests();
  const NodeId primary = group.Primary();
  LogIndex last;
  for (int i = 0; i < 10; ++i) last = *group.Propose(primary, "x");
  ASSERT_TRUE(group.RunUntil(
      [&] {
        for (auto& [id, m] : group.machines()) {
          if (m.core->commit() < last) return false;
        }
        return true;
      },
      seconds(2)));
  EXPECT_LE(group.requests() - before, (10 + 1 + 3) * 3u);
  before = group.requests();
  group.RunFor(seconds(1));
  EXPECT_LE(group.requests() - before, 60u);
}

TEST_P(GroupTest, ReplicasHearOfACommitAtOnce) {
  Group group(Of(3));
  group.RunFor(seconds(3));
  const auto index = group.Propose(group.Primary(), "x");
  group.RunFor(milliseconds(10));  // well before the next heartbeat
  size_t know = 0;
  for (auto& [id, m] : group.machines()) know += m.core->commit() >= *index;
  EXPECT_EQ(know, 3u);
}

TEST_P(GroupTest, WhatIsCommittedSurvivesTheDeathOfAll) {
  Group group(Of(5));
  group.RunFor(seconds(3));
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(Commits(group, group.Primary(), "x"));
  const LogIndex committed = group.ledger().highest();
  for (uint64_t node = 1; node <= 5; ++node) group.Crash(NodeId(node));
  for (uint64_t node = 1; node <= 5; ++node) group.Start(NodeId(node));
  group.RunFor(seconds(5));
  ASSERT_NE(group.Primary(), NodeId(0));
  EXPECT_GE(group.core(group.Primary()).commit(), committed);
  EXPECT_TRUE(group.ledger().ok()) << group.ledger().violation();
}

TEST_P(GroupTest, ASlowReplicaCatchesUpBySnapshot) {
  Group group(Of(3));
  group.RunFor(seconds(3));
  const NodeId primary = group.Primary();
  const NodeId slow(primary == NodeId(1) ? 2 : 1);
  group.Isolate(slow);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(Commits(group, primary, "x"));
  group.Compact(primary, group.core(primary).commit());
  ASSERT_TRUE(Commits(group, primary, "y"));
  group.Heal();
  group.RunFor(seconds(2));
  ExpectEqualLogs(group);
  EXPECT_GT(group.core(slow).log().first(), LogIndex(1));
  EXPECT_TRUE(group.ledger().ok()) << group.ledger().violation();
}

}  // namespace
}  // namespace wt::testing
