// Reads: confirmed by a round of heartbeats that began after them, or by a lease; refused or put
// off otherwise.
#include <gtest/gtest.h>

#include "tests/consensus/single.h"

namespace wt::testing {
namespace {

Single Primary(SingleOptions options = {}) {
  Single primary(std::move(options));
  primary.Elect();
  return primary;
}

void Serve(Single& primary) {
  primary.Step(2, primary->term().value(), AppendResponse{.match = primary->log().last()});
  ASSERT_TRUE(primary->serving());
  primary.Sent();
}

void Confirm(Single& primary, uint64_t read) {
  primary->ConfirmRead(primary.now(), read);
  primary.Wait(Duration(0));
}

std::vector<uint64_t> Rounds(Single& primary) {
  std::vector<uint64_t> rounds;
  for (const Heartbeat& heartbeat : primary.Sent<Heartbeat>()) rounds.push_back(heartbeat.round);
  return rounds;
}

TEST(ReadsTest, WaitForTheFirstEntryOfTheTerm) {
  Single primary = Primary({.terms = {1, 1}, .term = 1});
  Confirm(primary, 1);
  EXPECT_TRUE(primary.Reads().empty());
  EXPECT_TRUE(Rounds(primary).empty());
  primary.Step(2, 2, AppendResponse{.match = LogIndex(3)});
  const auto rounds = Rounds(primary);
  ASSERT_EQ(rounds.size(), 2u);
  primary.Step(2, 2, HeartbeatResponse{.round = rounds[0]});
  const auto reads = primary.Reads();
  ASSERT_EQ(reads.size(), 1u);
  EXPECT_EQ(reads[0].index, LogIndex(3));
}

TEST(ReadsTest, AnAnswerToAnEarlierRoundConfirmsNothing) {
  Single primary = Primary();
  Serve(primary);
  Confirm(primary, 1);
  const uint64_t first = Rounds(primary).back();
  Confirm(primary, 2);
  Confirm(primary, 3);
  EXPECT_TRUE(Rounds(primary).empty());  // the next batch
  primary.Step(2, 1, HeartbeatResponse{.round = first});
  auto reads = primary.Reads();
  ASSERT_EQ(reads.size(), 1u);
  EXPECT_EQ(reads[0].id, 1u);
  const uint64_t second = Rounds(primary).back();
  primary.Step(3, 1, HeartbeatResponse{.round = first});
  EXPECT_TRUE(primary.Reads().empty());
  primary.Step(3, 1, HeartbeatResponse{.round = second});
  EXPECT_EQ(primary.Reads().size(), 2u);
}

TEST(ReadsTest, AnswersOfTheDoubtfulConfirmNothing) {
  Single primary = Primary();
  Serve(primary);
  Confirm(primary, 1);
  ReplicaMessage answer = primary.From(2, 1, HeartbeatResponse{.round = Rounds(primary).back()});
  answer.trusted = false;
  primary.Step(answer);
  EXPECT_TRUE(primary.Reads().empty());
}

// Each read is a round of heartbeats of its own, and must not put the tick off.
TEST(ReadsTest, ASteadyStreamOfThemHoldsNoProbeUp) {
  Single primary = Primary();
  Serve(primary);
  ASSERT_TRUE(primary.Append(3).has_value());  // and is lost
  uint64_t sent_again = 0;
  for (uint64_t read = 1; read <= 250; ++read) {
    primary.Wait(milliseconds(40));
    Confirm(primary, read);
    const uint64_t round = Rounds(primary).back();
    for (uint64_t peer : {2, 3}) primary.Step(peer, 1, HeartbeatResponse{.round = round});
    ASSERT_EQ(primary.Reads().size(), 1u);
    const auto append = primary.Append(3);
    sent_again += append.has_value() && !append->entries.empty() ? 1 : 0;
  }
  EXPECT_GT(sent_again, 50u);  // with each heartbeat
}

TEST(ReadsTest, AreRefusedByReplicasAndTheDeposed) {
  Single replica({});
  Confirm(replica, 1);
  ASSERT_EQ(replica.Reads().size(), 1u);
  Single primary = Primary();
  Confirm(primary, 1);  // put off
  Serve(primary);
  Confirm(primary, 2);
  primary.Reads();
  Confirm(primary, 3);
  primary.Step(3, 9, HeartbeatResponse{});
  for (const ReadReady& read : primary.Reads()) EXPECT_TRUE(read.refused);
  EXPECT_FALSE(primary->LeaseRead(primary.now()).has_value());
}

TEST(ReadsTest, AloneItConfirmsItself) {
  Single alone({.voters = {1}});
  alone.Elect();
  Confirm(alone, 1);
  const auto reads = alone.Reads();
  ASSERT_EQ(reads.size(), 1u);
  EXPECT_FALSE(reads[0].refused);
  EXPECT_TRUE(alone->LeaseRead(alone.now()).has_value());
}

TEST(ReadsTest, ALeaseLastsFromWhenItWasAskedForLessTheDrift) {
  Single primary = Primary();
  Serve(primary);
  EXPECT_FALSE(primary->LeaseRead(primary.now()).has_value());
  primary.TimePasses();
  const Time asked = primary.now();
  const uint64_t round = Rounds(primary).back();
  primary.Wait(milliseconds(30));
  primary.Step(2, 1, HeartbeatResponse{.round = round});
  EXPECT_EQ(primary->LeaseRead(asked + milliseconds(489)), primary->commit());
  EXPECT_FALSE(primary->LeaseRead(asked + milliseconds(490)).has_value());
}

TEST(ReadsTest, TheHorizonOfAPrimaryIsWhatAMajorityConfirmed) {
  Single primary = Primary();
  Serve(primary);
  ASSERT_TRUE(primary->horizon().has_value());
  const Time elected = primary.now();
  EXPECT_LE(primary->horizon()->at, elected);
  EXPECT_EQ(primary->horizon()->index, LogIndex(1));  // its first entry
  primary.TimePasses();
  const Time asked = primary.now();
  const uint64_t round = Rounds(primary).back();
  EXPECT_LE(primary->horizon()->at, elected);
  primary.Wait(milliseconds(30));
  primary.Step(2, 1, HeartbeatResponse{.round = round});
  EXPECT_EQ(primary->horizon()->at, asked);
  EXPECT_EQ(primary->horizon()->index, primary->commit());
}

// What earlier terms have committed is not beyond its own first entry.
TEST(ReadsTest, TheHorizonTakesInWhatEarlierTermsMayHaveCommitted) {
  Single primary = Primary({.terms = {1, 1}, .term = 1});
  primary.TimePasses();
  const auto heartbeats = primary.Sent<Heartbeat>();
  ASSERT_FALSE(heartbeats.empty());
  EXPECT_EQ(heartbeats[0].commit, LogIndex(0));
  EXPECT_EQ(heartbeats[0].horizon, LogIndex(3));
}

TEST(ReadsTest, TheHorizonOfAReplicaIsThePrimarysNews) {
  Single replica({});
  replica.Step(2, 1, Heartbeat{.round = 1, .horizon = LogIndex(9)});
  const Time heard = replica.now();
  replica.Wait(milliseconds(30));
  replica.Step(2, 1, Heartbeat{.round = 1, .horizon = LogIndex(9)});
  ASSERT_TRUE(replica->horizon().has_value());
  EXPECT_EQ(replica->horizon()->at, heard);
  EXPECT_EQ(replica->horizon()->index, LogIndex(9));
}

TEST(ReadsTest, NoLeaseOnceSomebodyWasToldToTakeOver) {
  Single primary = Primary();
  Serve(primary);
  primary.TimePasses();
  primary.Step(2, 1, HeartbeatResponse{.round = Rounds(primary).back()});
  ASSERT_TRUE(primary->LeaseRead(primary.now()).has_value());
  ASSERT_TRUE(primary->TransferTo(primary.now(), NodeId(2)).ok());
  EXPECT_FALSE(primary->LeaseRead(primary.now()).has_value());
}

}  // namespace
}  // namespace wt::testing
