// Disks that lie: the stories behind each part of the recall, told one message at a time. In each
// of the races, five voters, of which at most two forget what they promised.
#include <gtest/gtest.h>

#include "tests/consensus/group.h"
#include "tests/consensus/single.h"

namespace wt::testing {
namespace {

// ---- Who may become trusted

RecallResponse AnswerOf(uint64_t epoch, LogEnd end = {}, uint64_t term = 0) {
  return {.epoch = epoch,
          .term = Term(term),
          .end = end,
          .floor_end = end,
          .configuration = {.voters = {NodeId(1), NodeId(2), NodeId(3), NodeId(4), NodeId(5)}}};
}

void Answer(Single& asker, uint64_t from, RecallResponse answer, bool trusted = true) {
  ReplicaMessage message = asker.From(from, 0, std::move(answer));
  message.trusted = trusted;
  asker.Step(message);
}

Single Doubtful() { return Single({.voters = {1, 2, 3, 4, 5}, .doubtful = true}); }

TEST(RecallTest, AMajorityOfTheOthersEndsIt) {
  Single asker = Doubtful();
  for (uint64_t node : {2, 3}) {
    Answer(asker, node, AnswerOf(1));
    EXPECT_FALSE(asker->standing().trusted());
  }
  EXPECT_EQ(asker->standing().Awaited(asker->configuration()),
            (std::vector<NodeId>{NodeId(4), NodeId(5)}));
  Answer(asker, 3, AnswerOf(1));
  EXPECT_FALSE(asker->standing().trusted());
  Answer(asker, 4, AnswerOf(1));
  EXPECT_TRUE(asker->standing().trusted());
  EXPECT_EQ(asker->standing().epoch(), 1u);
  EXPECT_TRUE(asker->standing().Awaited(asker->configuration()).empty());
}

TEST(RecallTest, TheDoubtfulCountOnlyWhenAllAnswer) {
  Single asker = Doubtful();
  for (uint64_t node : {2, 3, 4}) Answer(asker, node, AnswerOf(1), false);
  EXPECT_FALSE(asker->standing().trusted());
  Answer(asker, 5, AnswerOf(1), false);
  EXPECT_TRUE(asker->standing().trusted());
}

TEST(RecallTest, MoreAmnesiacsThanAMinorityDoNotEndIt) {
  Single asker = Doubtful();
  RecallResponse forgot = AnswerOf(1);
  forgot.amnesiac = true;
  for (uint64_t node : {2, 3, 4}) Answer(asker, node, forgot, false);
  Answer(asker, 5, AnswerOf(1), false);
  EXPECT_FALSE(asker->standing().trusted());
  Answer(asker, 4, AnswerOf(1), false);
  EXPECT_TRUE(asker->standing().trusted());
}

TEST(RecallTest, AnswersForAnEarlierEpochAreAskedAgain) {
  Single asker = Doubtful();
  Answer(asker, 2, AnswerOf(1));
  Answer(asker, 3, AnswerOf(1));
  asker.Sent();
  Answer(asker, 4, AnswerOf(7));
  EXPECT_FALSE(asker->standing().trusted());
  const auto asked = asker.Sent<Recall>();
  EXPECT_EQ(asked.size(), 3u);
  for (const Recall& question : asked) EXPECT_EQ(question.epoch, 7u);
  Answer(asker, 2, AnswerOf(7));
  Answer(asker, 3, AnswerOf(7));
  EXPECT_TRUE(asker->standing().trusted());
  EXPECT_EQ(asker->standing().epoch(), 7u);
}

TEST(RecallTest, AnAnswerOfALifeThatIsOverDoesNotCount) {
  Single asker = Doubtful();
  Answer(asker, 2, AnswerOf(1));
  RecallResponse witness = AnswerOf(1);
  witness.witness = {{NodeId(2), 9}};
  Answer(asker, 3, witness);
  Answer(asker, 4, witness);
  EXPECT_FALSE(asker->standing().trusted());
  Answer(asker, 5, witness);
  EXPECT_TRUE(asker->standing().trusted());
}

TEST(RecallTest, QuestionsAreRepeated) {
  Single asker = Doubtful();
  asker.TimePasses();
  EXPECT_EQ(asker.Sent<Recall>().size(), 4u);
  Answer(asker, 2, AnswerOf(1));
  asker.TimePasses();
  EXPECT_EQ(asker.Sent<Recall>().size(), 3u);
}

TEST(RecallTest, AnEpochIsDurableBeforeItIsGiven) {
  Single member({.voters = {1, 2, 3, 4, 5}});
  member.Writes();
  member.Step(2, 0, Recall{.epoch = 1});
  EXPECT_TRUE(member.Sent().empty());
  const std::vector<Write> writes = member.Writes();
  ASSERT_EQ(writes.size(), 1u);
  ASSERT_TRUE(writes[0].epochs.has_value());
  member.Persist();
  ASSERT_EQ(member.Sent<RecallResponse>().size(), 1u);
  // The same life gets the same; another life a higher one.
  member.Step(2, 0, Recall{.epoch = 1});
  EXPECT_EQ(member.Sent<RecallResponse>().at(0).epoch, 1u);
  ReplicaMessage next = member.From(2, 0, Recall{.epoch = 1});
  next.session = 4711;
  member.Step(next);
  member.Persist();
  EXPECT_EQ(member.Sent<RecallResponse>().at(0).epoch, 2u);
}

TEST(RecallTest, ANewerConfigurationDecidesWhoIsToAnswer) {
  Single asker = Doubtful();
  RecallResponse newer = AnswerOf(1);
  newer.configured = EndOf(3, 10);
  newer.configuration = {.voters = {NodeId(1), NodeId(5), NodeId(6)}};
  for (uint64_t node : {2, 3, 4}) Answer(asker, node, newer);
  EXPECT_FALSE(asker->standing().trusted());
  for (uint64_t node : {5, 6}) Answer(asker, node, newer);
  EXPECT_TRUE(asker->standing().trusted());
}

TEST(RecallTest, AloneThereIsNobodyToAsk) {
  EXPECT_TRUE(Single({.voters = {1}, .doubtful = true})->standing().trusted());
}

// ---- The floor

Single Recalled(LogEnd end, uint64_t term) {
  Single one = Doubtful();
  for (uint64_t node : {2, 3, 4}) Answer(one, node, AnswerOf(1, end, term));
  one.Persist();
  one.Wait(milliseconds(500));
  one.Sent();
  return one;
}

bool Grants(Single& voter, uint64_t term, LogEnd end) {
  voter.Step(2, term, VoteRequest{.end = end});
  voter.Persist();
  const auto responses = voter.Sent<VoteResponse>();
  return responses.size() == 1 && responses[0].granted;
}

TEST(FloorTest, NoVoteInTheTermsOfAForgottenLife) {
  Single voter = Recalled({}, 4);
  EXPECT_EQ(voter->term(), Term(4));
  EXPECT_FALSE(Grants(voter, 4, EndOf(3, 9)));
  EXPECT_TRUE(Grants(voter, 5, EndOf(3, 9)));
}

TEST(FloorTest, NoPartInTheTermsBelowAForgottenVote) {
  Single voter = Recalled({}, 4);
  voter.Step(3, 3, AppendRequest{.entries = {EntryOf(1, 3)}});
  EXPECT_EQ(voter->log().last(), LogIndex(0));
}

TEST(FloorTest, NoVoteForALogBehindAForgottenOne) {
  Single voter = Recalled(EndOf(3, 9), 3);
  EXPECT_FALSE(Grants(voter, 4, EndOf(3, 8)));
  EXPECT_TRUE(Grants(voter, 5, EndOf(3, 9)));
}

TEST(FloorTest, NoCampaignBehindTheFloorAndNoMarkCleared) {
  Single one = Recalled(EndOf(1, 2), 1);
  one.Wait(seconds(3));
  EXPECT_EQ(one->role(), Role::kReplica);
  EXPECT_FALSE(one->settled());
  AppendRequest both{.entries = {EntryOf(1, 1), EntryOf(2, 1)}};
  one.Step(2, 1, both);
  EXPECT_TRUE(one->settled());
  one.Wait(seconds(3));
  EXPECT_EQ(one->role(), Role::kPreCandidate);
}

TEST(FloorTest, IsPassedOn) {
  Single one = Recalled(EndOf(3, 9), 3);
  one.Step(5, 0, Recall{.epoch = 1});
  one.Persist();
  const auto answers = one.Sent<RecallResponse>();
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].floor_end, EndOf(3, 9));
  EXPECT_EQ(answers[0].end, EndOf(0, 0));
}

TEST(FloorTest, FallsWhenEverybodySaysThatNoLogReachesIt) {
  Single one = Recalled(EndOf(3, 9), 3);
  one.TimePasses();
  for (uint64_t node : {2, 3, 4, 5}) {
    EXPECT_EQ(one->standing().floor_end(), EndOf(3, 9));
    RecallResponse answer = AnswerOf(1, EndOf(2, 8), 3);
    answer.floor_end = EndOf(3, 9);  // what they heard: of us, perhaps
    Answer(one, node, answer);
  }
  EXPECT_EQ(one->standing().floor_end(), EndOf(2, 8));
  EXPECT_TRUE(Grants(one, 4, EndOf(2, 8)));
}

TEST(FloorTest, OfAMajorityIsWhatTheyDemandOfAllWhatTheyHold) {
  for (bool all : {false, true}) {
    Single one = Doubtful();
    // The doubtful do not end it before everybody has answered.
    for (uint64_t node : {2, 3, 4, 5}) {
      RecallResponse answer = AnswerOf(1, EndOf(2, 8), 3);
      answer.floor_end = EndOf(3, 9);
      Answer(one, node, answer, /*trusted=*/!all);
    }
    EXPECT_EQ(one->standing().floor_end(), all ? EndOf(2, 8) : EndOf(3, 9));
  }
}

TEST(FloorTest, TheDoubtfulGrantNothing) {
  Single one = Doubtful();
  one.Wait(milliseconds(500));
  EXPECT_FALSE(Grants(one, 4, EndOf(3, 9)));
  EXPECT_EQ(one->term(), Term(4));
}

// ---- The races

class RaceTest : public ::testing::Test {
 protected:
  RaceTest() : group_({.nodes = 5, .verified = true}) {
    group_.RunFor(seconds(3));
    primary_ = group_.Primary();
    for (auto& [id, m] : group_.machines()) {
      if (id != primary_) others_.push_back(id);
    }
  }

  // Delivers what is on the wire now, and what follows from it, as far as `wanted`; the rest stays.
  void Deliver(const std::function<bool(const ReplicaMessage&)>& wanted) {
    for (bool moved = true; moved;) {
      moved = false;
      for (auto& [id, m] : group_.machines()) {
        if (!stalled_.contains(id)) {
          while (group_.PersistNext(id)) {
          }
        }
      }
      for (size_t i = 0; i < group_.wire().size(); ++i) {
        if (!wanted(group_.wire()[i].message)) continue;
        Packet packet = group_.wire()[i];
        group_.wire().erase(group_.wire().begin() + static_cast<ptrdiff_t>(i));
        group_.Deliver(std::move(packet));
        moved = true;
        break;
      }
    }
  }

  void Cut(NodeId a, NodeId b) {
    group_.cut().insert({a, b});
    group_.cut().insert({b, a});
  }

  template <typename T>
  static bool Is(const ReplicaMessage& message) {
    return std::holds_alternative<T>(message.body);
  }

  // `node` forgets its last `writes` writes, comes back, and is recalled by all that it reaches.
  void ForgetAndRecall(NodeId node, size_t keep) {
    group_.CrashAndForget(node, keep);
    group_.Start(node);
    group_.Tick(node);
    Deliver([&](const ReplicaMessage& m) { return Is<Recall>(m) || Is<RecallResponse>(m); });
  }

  bool Trusted(NodeId node) { return group_.core(node).standing().trusted(); }
  size_t Kept(NodeId node) { return group_.machine(node).journal.size(); }

  Group group_;
  NodeId primary_;
  std::vector<NodeId> others_;
  std::set<NodeId> stalled_;
};

TEST_F(RaceTest, APromiseMadeAfterTheAnswerUndoesTheForgottenOne) {
  const NodeId forgetful = others_[0];
  const NodeId honest = others_[1];
  const size_t before = Kept(forgetful);
  // One acknowledges an entry, forgets it, and is recalled by three who do not have it yet.
  const LogIndex entry = *group_.Propose(primary_, "x");
  group_.PullAppends(primary_);
  Deliver([&](const ReplicaMessage& m) { return m.from == forgetful || m.to == forgetful; });
  ASSERT_EQ(group_.core(primary_).progress(forgetful)->counted, entry);
  Cut(primary_, forgetful);
  ForgetAndRecall(forgetful, before);
  ASSERT_TRUE(Trusted(forgetful));
  ASSERT_EQ(group_.core(forgetful).standing().floor_end(), EndOf(0, 0));
  // Then one of those acknowledges it: three of five, of which one holds nothing.
  Deliver([&](const ReplicaMessage& m) { return m.from == honest || m.to == honest; });
  EXPECT_LT(group_.core(primary_).commit(), entry);
  // A third who does hold it: committed.
  Deliver([&](const ReplicaMessage& m) { return m.from == others_[2] || m.to == others_[2]; });
  EXPECT_EQ(group_.core(primary_).commit(), entry);
  EXPECT_TRUE(group_.ledger().ok()) << group_.ledger().violation();
}

TEST_F(RaceTest, AVoteGivenAfterTheAnswerUndoesTheForgottenOne) {
  const NodeId candidate = others_[0];
  const NodeId forgetful = others_[1];
  const NodeId honest = others_[2];
  group_.Crash(primary_);
  for (NodeId node : others_) Cut(primary_, node);
  group_.Advance(seconds(1));
  group_.wire().clear();
  group_.Tick(candidate);
  Deliver([&](const ReplicaMessage& m) {
    const auto* request = std::get_if<VoteRequest>(&m.body);
    const auto* response = std::get_if<VoteResponse>(&m.body);
    return (request != nullptr && request->pre) || (response != nullptr && response->pre);
  });
  ASSERT_EQ(group_.core(candidate).role(), Role::kCandidate);
  const size_t before = Kept(forgetful);
  const auto with = [&](NodeId node) {
    return [node](const ReplicaMessage& m) {
      return (Is<VoteRequest>(m) && m.to == node) || (Is<VoteResponse>(m) && m.from == node);
    };
  };
  Deliver(with(forgetful));
  // The old primary returns, and with two more it recalls the one who forgot its vote.
  group_.cut().clear();
  for (uint64_t i = 0; i < 1; ++i) group_.Start(primary_);
  group_.Tick(primary_);
  Deliver([&](const ReplicaMessage& m) { return Is<Recall>(m) || Is<RecallResponse>(m); });
  ASSERT_TRUE(Trusted(primary_));
  Cut(candidate, forgetful);
  ForgetAndRecall(forgetful, before);
  ASSERT_TRUE(Trusted(forgetful));
  Deliver(with(honest));
  EXPECT_NE(group_.core(candidate).role(), Role::kPrimary);
  EXPECT_TRUE(group_.ledger().ok()) << group_.ledger().violation();
}

TEST_F(RaceTest, AnAnswerOfALifeThatForgotItIsNoAnswer) {
  const NodeId forgetful = others_[0];
  const NodeId liar = others_[1];
  const size_t before = Kept(forgetful);
  const size_t liar_before = Kept(liar);
  const LogIndex entry = *group_.Propose(primary_, "x");
  group_.PullAppends(primary_);
  Deliver([&](const ReplicaMessage& m) { return m.from == forgetful || m.to == forgetful; });
  Cut(primary_, forgetful);
  // The first asks; only the second answers yet ...
  group_.CrashAndForget(forgetful, before);
  group_.Start(forgetful);
  group_.Tick(forgetful);
  Deliver([&](const ReplicaMessage& m) {
    return (Is<Recall>(m) && m.from == forgetful && m.to == liar) ||
           (Is<RecallResponse>(m) && m.from == liar && m.to == forgetful);
  });
  // ... which then forgets that it did, and is recalled by those who know nothing of it either.
  std::erase_if(group_.wire(), [&](const Packet& p) { return p.message.to == liar; });
  group_.CrashAndForget(liar, liar_before);
  Cut(forgetful, liar);
  group_.Start(liar);
  group_.Tick(liar);
  Deliver([&](const ReplicaMessage& m) {
    return (Is<Recall>(m) && m.from == liar) || (Is<RecallResponse>(m) && m.to == liar);
  });
  ASSERT_TRUE(Trusted(liar));
  // Now the other two answer the first: they know that the answer it has is of a life that is over.
  Deliver([&](const ReplicaMessage& m) {
    return (Is<Recall>(m) && m.from == forgetful) || (Is<RecallResponse>(m) && m.to == forgetful);
  });
  EXPECT_FALSE(Trusted(forgetful));
  EXPECT_LT(group_.core(primary_).commit(), entry);
  group_.Heal();
  group_.RunFor(seconds(5));
  EXPECT_TRUE(Trusted(forgetful));
  EXPECT_TRUE(group_.ledger().ok()) << group_.ledger().violation();
}

TEST_F(RaceTest, EpochsOutliveARestartOfAllWhoGaveThem) {
  const NodeId forgetful = others_[0];
  const NodeId apart = others_[1];
  // Lives of the first that one of the others never hears of.
  Cut(forgetful, apart);
  for (int i = 0; i < 3; ++i) {
    group_.Crash(forgetful);
    group_.Start(forgetful);
    group_.RunFor(seconds(1));
  }
  const uint64_t epoch = group_.core(forgetful).standing().epoch();
  ASSERT_GE(epoch, 3u);
  for (auto& [id, m] : group_.machines()) {
    if (id == forgetful || id == apart) continue;
    group_.Crash(id);
  }
  group_.Crash(forgetful);
  group_.Crash(apart);
  group_.Heal();
  for (auto& [id, m] : group_.machines()) group_.Start(id);
  group_.RunFor(seconds(5));
  EXPECT_GT(group_.core(forgetful).standing().epoch(), epoch);
  EXPECT_NE(group_.Primary(), NodeId(0));
}

TEST(BelievedTest, AWipedVoterIsRecalledAndTheDoubtOutlivesItsNextCrash) {
  Group group({.nodes = 3});
  group.RunFor(seconds(3));
  const NodeId primary = group.Primary();
  const NodeId wiped(primary == NodeId(1) ? 2 : 1);
  for (int i = 0; i < 3; ++i) (void)group.Propose(primary, "x");
  group.RunFor(milliseconds(100));
  group.machine(wiped).doubtful = group.machine(wiped).amnesiac = true;
  group.CrashAndForget(wiped, 0);
  group.Isolate(wiped);
  group.Start(wiped);
  group.RunFor(seconds(2));
  EXPECT_FALSE(group.core(wiped).standing().trusted());
  EXPECT_FALSE(group.core(wiped).settled());
  group.Heal();
  group.RunFor(seconds(1));
  EXPECT_TRUE(group.core(wiped).settled());
  EXPECT_EQ(group.core(wiped).standing().epoch(), 1u);
  EXPECT_EQ(group.core(wiped).log().end(), group.core(primary).log().end());
  // Its next life, believed again, remembers its epoch and counts.
  group.machine(wiped).doubtful = group.machine(wiped).amnesiac = false;
  group.Crash(wiped);
  group.Start(wiped);
  EXPECT_EQ(group.core(wiped).standing().epoch(), 1u);
  EXPECT_TRUE(group.ledger().ok()) << group.ledger().violation();
}

TEST(VerifiedTest, WithOneAwayARestartedVoterStaysDoubtful) {
  Group group({.nodes = 3, .verified = true});
  group.RunFor(seconds(3));
  const NodeId primary = group.Primary();
  std::vector<NodeId> others;
  for (auto& [id, m] : group.machines()) {
    if (id != primary) others.push_back(id);
  }
  group.Crash(others[0]);
  group.Crash(others[1]);
  group.Start(others[1]);
  group.RunFor(seconds(5));
  EXPECT_FALSE(group.core(others[1]).standing().trusted());
  EXPECT_EQ(group.core(others[1]).standing().Awaited(group.core(others[1]).configuration()),
            std::vector<NodeId>{others[0]});
  EXPECT_EQ(group.Primary(), NodeId(0));
  group.Start(others[0]);
  group.RunFor(seconds(3));
  EXPECT_NE(group.Primary(), NodeId(0));
}

}  // namespace
}  // namespace wt::testing
