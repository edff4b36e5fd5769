// Elections, one message at a time: who campaigns when, who grants what, and what waits for the
// disk.
#include <gtest/gtest.h>

#include "tests/consensus/single.h"

namespace wt::testing {
namespace {

// A voter with log 1:t1, 2:t2, long after it heard of any primary.
Single Voter(uint64_t vote = 0) {
  Single voter({.terms = {1, 2}, .term = 2, .vote = vote});
  voter.Wait(milliseconds(500));
  voter.Sent();
  return voter;
}

std::optional<bool> Ask(Single& voter, uint64_t from, uint64_t term, VoteRequest request) {
  voter.Step(from, term, request);
  voter.Persist();
  for (const VoteResponse& response : voter.Sent<VoteResponse>()) return response.granted;
  return std::nullopt;
}

TEST(ElectionTest, OnlyALogAtLeastAsUpToDateGetsAVote) {
  struct {
    LogEnd end;
    bool granted;
  } const cases[] = {
      {EndOf(0, 0), false}, {EndOf(1, 1), false}, {EndOf(1, 2), false}, {EndOf(1, 3), false},
      {EndOf(2, 1), false}, {EndOf(2, 2), true},  {EndOf(2, 3), true},  {EndOf(3, 1), true},
  };
  for (const auto& one : cases) {
    for (bool pre : {true, false}) {
      Single voter = Voter();
      EXPECT_EQ(Ask(voter, 2, 3, {.pre = pre, .end = one.end}), one.granted)
          << one.end.term.value() << " " << one.end.index.value() << " " << pre;
    }
  }
}

TEST(ElectionTest, AVoteIsGivenOnceATerm) {
  Single voter = Voter(/*vote=*/2);
  EXPECT_EQ(Ask(voter, 3, 2, {.end = EndOf(2, 2)}), false);
  EXPECT_EQ(Ask(voter, 2, 2, {.end = EndOf(2, 2)}), true);
  EXPECT_EQ(Ask(voter, 3, 3, {.end = EndOf(2, 2)}), true);
  EXPECT_EQ(Ask(voter, 2, 3, {.end = EndOf(5, 5)}), false);
}

TEST(ElectionTest, AVoteLeavesWhenItIsDurable) {
  Single voter = Voter();
  voter.Writes();
  voter.Step(2, 3, VoteRequest{.end = EndOf(2, 2)});
  EXPECT_TRUE(voter.Sent().empty());
  const std::vector<Write> writes = voter.Writes();
  ASSERT_FALSE(writes.empty());
  EXPECT_EQ(writes.back().vote, std::pair(Term(3), NodeId(2)));
  voter.Persist();
  EXPECT_EQ(voter.Sent<VoteResponse>().size(), 1u);
}

TEST(ElectionTest, ATermIsSpokenOfWhenItIsDurable) {
  Single replica({});
  replica.Step(2, 5, Heartbeat{});
  EXPECT_TRUE(replica.Sent().empty());
  replica.Persist();
  EXPECT_EQ(replica.Sent<HeartbeatResponse>().size(), 1u);
  EXPECT_EQ(replica->term(), Term(5));
}

TEST(ElectionTest, APreVoteChangesNothing) {
  Single voter = Voter();
  voter.Writes();
  EXPECT_EQ(Ask(voter, 2, 9, {.pre = true, .end = EndOf(2, 2)}), true);
  EXPECT_EQ(Ask(voter, 3, 9, {.pre = true, .end = EndOf(2, 2)}), true);
  EXPECT_EQ(voter->term(), Term(2));
  EXPECT_EQ(voter->voted_for(), NodeId(0));
  EXPECT_TRUE(voter.Writes().empty());
}

TEST(ElectionTest, WhoHearsAPrimaryKnowsOfNoElection) {
  Single replica({.term = 1});
  replica.Wait(milliseconds(600));
  replica.Step(2, 1, Heartbeat{});
  replica.Sent();
  replica.Wait(milliseconds(499));
  EXPECT_EQ(Ask(replica, 3, 7, {.end = EndOf(6, 6)}), std::nullopt);
  EXPECT_EQ(Ask(replica, 3, 7, {.pre = true, .end = EndOf(6, 6)}), false);
  EXPECT_EQ(replica->term(), Term(1));
  // Unless the primary itself wants it.
  EXPECT_EQ(Ask(replica, 3, 7, {.forced = true, .end = EndOf(6, 6)}), true);
  EXPECT_EQ(replica->term(), Term(7));
}

TEST(ElectionTest, NobodyIsElectedAgainstALeaseThatAnEarlierLifeGranted) {
  Single replica({.term = 1});
  replica.Wait(milliseconds(499));
  EXPECT_EQ(Ask(replica, 3, 2, {.end = EndOf(1, 1)}), std::nullopt);
  replica.Wait(milliseconds(1));
  EXPECT_EQ(Ask(replica, 3, 2, {.end = EndOf(1, 1)}), true);
}

// A primary is dead, and the network goes on to deliver, once more, what it said when it was not.
TEST(ElectionTest, WhatAPrimaryHasSaidBeforeHoldsUpNoElection) {
  const AppendRequest append{
      .prev = EndOf(1, 1), .commit = LogIndex(1), .entries = {EntryOf(2, 2)}};
  const AppendRequest misfit{.prev = EndOf(2, 9), .commit = LogIndex(1)};
  Single voter({.terms = {1}, .term = 1});
  voter.Step(2, 2, Heartbeat{.round = 7});
  voter.Step(2, 2, append);
  voter.Persist();
  const auto last_word = voter->last_word();
  EXPECT_EQ(last_word, voter.now());
  for (int i = 0; i < 6; ++i) {
    voter.Wait(milliseconds(100));
    voter.Step(2, 2, Heartbeat{.round = 7});
    voter.Step(2, 2, Heartbeat{.round = 3});
    voter.Step(2, 2, append);
    voter.Step(2, 2, misfit);
  }
  EXPECT_EQ(voter->last_word(), last_word);
  EXPECT_EQ(Ask(voter, 3, 3, {.pre = true, .end = EndOf(2, 2)}), true);
  voter.TimePasses();
  EXPECT_EQ(voter->role(), Role::kPreCandidate);
  // Nor do they make a campaign end; news does.
  voter.Step(2, 2, append);
  EXPECT_EQ(voter->role(), Role::kPreCandidate);
  voter.Step(2, 2, Heartbeat{.round = 8});
  EXPECT_EQ(voter->role(), Role::kReplica);
  EXPECT_EQ(voter->last_word(), voter.now());
}

TEST(ElectionTest, NewEntriesAndCommitsAreAWordAsHeartbeatsAre) {
  Single voter({.terms = {1}, .term = 1});
  const auto hears = [&voter](Body body) {
    voter.Wait(milliseconds(1));
    voter.Step(2, 2, std::move(body));
    return voter->last_word() == voter.now();
  };
  EXPECT_TRUE(hears(AppendRequest{.prev = EndOf(1, 1)})) << "the first word of this term";
  EXPECT_FALSE(hears(AppendRequest{.prev = EndOf(1, 1)}));
  EXPECT_TRUE(hears(AppendRequest{.prev = EndOf(1, 1), .entries = {EntryOf(2, 2)}}));
  EXPECT_TRUE(hears(AppendRequest{.prev = EndOf(2, 2), .commit = LogIndex(2)}));
  EXPECT_FALSE(hears(AppendRequest{.prev = EndOf(2, 2), .commit = LogIndex(2)}));
  EXPECT_TRUE(hears(Heartbeat{.round = 1}));
  EXPECT_FALSE(hears(Heartbeat{.round = 1}));
}

TEST(ElectionTest, TimeoutsAreDrawnFromOneToTwo) {
  Single replica({.consensus = {.election_timeout = milliseconds(100)}});
  std::vector<Duration> waits;
  for (uint64_t i = 1; i <= 200; ++i) {
    replica.Step(2, 1, Heartbeat{.round = i});
    waits.push_back(replica->NextDeadline() - replica.now());
  }
  const auto [least, most] = std::minmax_element(waits.begin(), waits.end());
  EXPECT_GE(*least, milliseconds(100));
  EXPECT_LT(*least, milliseconds(110));
  EXPECT_GT(*most, milliseconds(190));
  EXPECT_LT(*most, milliseconds(200));
}

TEST(ElectionTest, TickTwiceIsTickOnce) {
  Single replica({});
  replica.TimePasses();
  EXPECT_EQ(replica.Sent().size(), 2u);
  replica.Wait(Duration(0));
  EXPECT_TRUE(replica.Sent().empty());
}

TEST(ElectionTest, ACandidateAsksOnlyWhenItsOwnVoteIsDurable) {
  Single candidate({});
  candidate.TimePasses();
  EXPECT_EQ(candidate->role(), Role::kPreCandidate);
  EXPECT_EQ(candidate->term(), Term(0));
  candidate.Sent();
  candidate.Step(2, 1, VoteResponse{.pre = true, .granted = true});
  EXPECT_EQ(candidate->role(), Role::kCandidate);
  EXPECT_EQ(candidate->term(), Term(1));
  EXPECT_TRUE(candidate.Sent().empty());
  candidate.Persist();
  EXPECT_EQ(candidate.Sent<VoteRequest>().size(), 2u);
}

TEST(ElectionTest, OneAnswerIsOneVote) {
  Single candidate({.voters = {1, 2, 3, 4, 5}});
  candidate.TimePasses();
  for (int i = 0; i < 3; ++i) candidate.Step(2, 1, VoteResponse{.pre = true, .granted = true});
  EXPECT_EQ(candidate->role(), Role::kPreCandidate);
  candidate.Step(9, 1, VoteResponse{.pre = true, .granted = true});  // no member
  EXPECT_EQ(candidate->role(), Role::kPreCandidate);
  candidate.Step(3, 1, VoteResponse{.pre = true, .granted = true});
  EXPECT_EQ(candidate->role(), Role::kCandidate);
}

TEST(ElectionTest, AnswersToAnEarlierLifeAreDropped) {
  Single candidate({});
  candidate.TimePasses();
  ReplicaMessage late = candidate.From(2, 1, VoteResponse{.pre = true, .granted = true});
  late.to_session = 12345;
  candidate.Step(late);
  EXPECT_EQ(candidate->role(), Role::kPreCandidate);
}

TEST(ElectionTest, AMajorityAgainstItEndsACampaign) {
  Single candidate({});
  candidate.TimePasses();
  candidate.Step(2, 0, VoteResponse{.pre = true});
  EXPECT_EQ(candidate->role(), Role::kPreCandidate);
  candidate.Step(3, 0, VoteResponse{.pre = true});
  EXPECT_EQ(candidate->role(), Role::kReplica);
}

TEST(ElectionTest, AloneItIsElectedByItsOwnDurableVote) {
  Single alone({.voters = {1}});
  alone.TimePasses();
  EXPECT_EQ(alone->role(), Role::kCandidate);
  alone.Persist();
  EXPECT_EQ(alone->role(), Role::kPrimary);
  EXPECT_TRUE(alone->serving());
}

TEST(ElectionTest, WhoIsDoubtfulDamagedOrInTroubleDoesNotCampaign) {
  Single doubtful({.doubtful = true});
  Single damaged({.damaged = true});
  Single troubled({});
  for (Single* one : {&doubtful, &damaged}) {
    one->Wait(seconds(2));
    EXPECT_EQ((*one)->role(), Role::kReplica);
  }
  damaged->Repaired();
  damaged.Wait(seconds(2));
  EXPECT_EQ(damaged->role(), Role::kPreCandidate);
  troubled.Wait(milliseconds(400));
  troubled->DiskTrouble(troubled.now());
  troubled.Wait(milliseconds(700));
  EXPECT_EQ(troubled->role(), Role::kReplica);
  troubled.Wait(seconds(1));
  EXPECT_EQ(troubled->role(), Role::kPreCandidate);
}

TEST(ElectionTest, DiskTroubleEndsAReignAtOnce) {
  Single primary({});
  primary.Elect();
  primary->ConfirmRead(primary.now(), 1);
  primary->DiskTrouble(primary.now());
  EXPECT_EQ(primary->role(), Role::kReplica);
  EXPECT_EQ(primary->primary(), NodeId(0));
  primary.Wait(Duration(0));
  const auto reads = primary.Reads();
  ASSERT_EQ(reads.size(), 1u);
  EXPECT_TRUE(reads[0].refused);
}

TEST(ElectionTest, APrimaryThatHearsOfNoMajorityStepsDown) {
  Single primary({});
  primary.Elect();
  const Time elected = primary.now();
  while (primary->role() == Role::kPrimary) primary.TimePasses();
  EXPECT_LE(primary.now() - elected, milliseconds(600));
  EXPECT_EQ(primary->term(), Term(1));
}

TEST(ElectionTest, DoubtfulVotersAreNoMajority) {
  Single primary({});
  primary.Elect();
  for (int i = 0; i < 30 && primary->role() == Role::kPrimary; ++i) {
    primary.TimePasses();
    for (uint64_t peer : {2, 3}) {
      ReplicaMessage answer = primary.From(peer, 1, HeartbeatResponse{});
      answer.trusted = false;
      primary.Step(answer);
    }
  }
  EXPECT_EQ(primary->role(), Role::kReplica);
}

TEST(ElectionTest, WhoLivesInAnEarlierTermIsTold) {
  Single replica({.term = 8});
  replica.Step(2, 3, Heartbeat{});
  replica.Step(2, 3, AppendRequest{});
  replica.Step(2, 3, VoteRequest{.pre = true});
  const auto sent = replica.Sent();
  EXPECT_GE(sent.size(), 2u);
  for (const ReplicaMessage& message : sent) EXPECT_EQ(message.term, Term(8));
  Single primary({});
  primary.Elect();
  primary.Step(2, 8, HeartbeatResponse{});
  EXPECT_EQ(primary->role(), Role::kReplica);
  EXPECT_EQ(primary->term(), Term(8));
}

}  // namespace
}  // namespace wt::testing
