// The parts of a replica that decide something by themselves, each alone: who is answered with
// what, what may be applied while writes are under way, what a transfer asks for, what is
// remembered.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/env/file_io.h"
#include "engine/state/command.h"
#include "engine/state/composite_state_machine.h"
#include "replicas/consensus/quorum.h"
#include "replicas/freshness.h"
#include "replicas/group_state.h"
#include "replicas/intake.h"
#include "replicas/outbox.h"
#include "replicas/standing_record.h"
#include "replicas/waiters.h"
#include "replicas/write_queue.h"
#include "sim/machine.h"
#include "sim/simulator.h"
#include "sim/virtual_disk.h"

namespace wt {
namespace {

using namespace std::chrono_literals;

// ---- Outbox

Outgoing AckAfter(uint64_t write, uint64_t match) {
  return {.message = {.to = NodeId(2), .body = AppendResponse{.match = LogIndex(match)}},
          .after = write};
}

// What the messages that are released by then acknowledge; 0 for one that acknowledges nothing.
std::vector<uint64_t> Released(Outbox& outbox, uint64_t durable) {
  std::vector<ReplicaMessage> out;
  outbox.Release(durable, out);
  std::vector<uint64_t> matches;
  for (const ReplicaMessage& message : out) {
    const auto* ack = std::get_if<AppendResponse>(&message.body);
    matches.push_back(ack == nullptr ? 0 : ack->match.value());
  }
  return matches;
}

TEST(OutboxTest, ReleasesInTheOrderOfTheWrites) {
  Outbox outbox;
  outbox.Add(AckAfter(2, 7));
  outbox.Add(AckAfter(1, 5));
  outbox.Add(AckAfter(2, 8));
  EXPECT_EQ(Released(outbox, 0), std::vector<uint64_t>{});
  EXPECT_EQ(Released(outbox, 1), std::vector<uint64_t>{5});
  EXPECT_EQ(Released(outbox, 2), (std::vector<uint64_t>{7, 8}));
  EXPECT_TRUE(outbox.empty());
}

// The entries 6 and 7 are overridden by write 3, and may be so before anybody heard of them.
TEST(OutboxTest, WithdrawsAcknowledgementsOfWhatIsVoid) {
  Outbox outbox;
  outbox.Add(AckAfter(1, 5));
  outbox.Add(AckAfter(2, 6));
  outbox.Add({.message = {.to = NodeId(2), .body = VoteResponse{}}, .after = 2});
  outbox.Add({.message = {.to = NodeId(2), .body = AppendResponse{.rejected = true}}, .after = 2});
  outbox.Add(AckAfter(2, 7));
  outbox.Withdraw(3, LogIndex(6));
  outbox.Add(AckAfter(3, 6));  // the new one
  EXPECT_EQ(Released(outbox, 3), (std::vector<uint64_t>{5, 0, 0, 6}));
}

TEST(OutboxTest, WhatComesWithTheOverrideOrLaterStands) {
  Outbox outbox;
  outbox.Add(AckAfter(3, 6));
  outbox.Add(AckAfter(4, 7));
  outbox.Withdraw(3, LogIndex(6));
  EXPECT_EQ(Released(outbox, 4), (std::vector<uint64_t>{6, 7}));
}

// ---- Waiters

class WaitersTest : public testing::Test {
 protected:
  void Add(uint64_t index, uint64_t term, Ack ack) {
    waiters_.Add({.index = LogIndex(index), .term = Term(term), .ack = ack, .reply = {}});
  }
  // The codes of the answers so far, in order; forgets them.
  std::vector<absl::StatusCode> Answered() {
    std::vector<absl::StatusCode> codes;
    for (const Answer& answer : answers_) codes.push_back(answer.result.status().code());
    answers_.clear();
    return codes;
  }
  using Codes = std::vector<absl::StatusCode>;
  static constexpr absl::StatusCode kOk = absl::StatusCode::kOk;
  static constexpr absl::StatusCode kUnknown = absl::StatusCode::kUnavailable;
  static constexpr absl::StatusCode kOvertaken = absl::StatusCode::kAborted;

  Waiters waiters_;
  Answers answers_;
};

TEST_F(WaitersTest, EachModeIsAnsweredInItsTime) {
  Add(1, 1, Ack::kAsync);
  Add(2, 1, Ack::kQuorum);
  Add(3, 1, Ack::kAll);
  waiters_.OnDurable(LogIndex(3), Term(1), answers_);
  EXPECT_EQ(Answered(), Codes{kOk});
  for (uint64_t i = 1; i <= 3; ++i) waiters_.OnApplied(LogIndex(i), Term(1), "r", answers_);
  EXPECT_EQ(Answered(), Codes{kOk});
  waiters_.OnEverywhere(LogIndex(2), answers_);
  EXPECT_EQ(Answered(), Codes{});
  waiters_.OnEverywhere(LogIndex(3), answers_);
  EXPECT_EQ(Answered(), Codes{kOk});
  EXPECT_TRUE(waiters_.empty());
}

TEST_F(WaitersTest, DurableInALaterTermIsNoAcknowledgement) {
  Add(1, 1, Ack::kAsync);
  waiters_.OnDurable(LogIndex(1), Term(2), answers_);
  EXPECT_EQ(Answered(), Codes{});
  waiters_.OnApplied(LogIndex(1), Term(1), "r", answers_);
  EXPECT_EQ(Answered(), Codes{kOk});
}

TEST_F(WaitersTest, TruncatedIsNotYetOvertaken) {
  Add(1, 1, Ack::kQuorum);
  Add(2, 1, Ack::kQuorum);
  Add(3, 1, Ack::kAsync);
  waiters_.OnTruncated(LogIndex(1));
  EXPECT_EQ(Answered(), Codes{});
  Add(1, 3, Ack::kQuorum);  // the same index, in a later term of ours
  waiters_.OnApplied(LogIndex(1), Term(3), "r", answers_);
  EXPECT_EQ(Answered(), (Codes{kOvertaken, kOk}));
  waiters_.OnApplied(LogIndex(2), Term(1), "r", answers_);  // it came back by another primary
  EXPECT_EQ(Answered(), Codes{kOk});
  waiters_.OnPassed(LogIndex(3), answers_);
  EXPECT_EQ(Answered(), Codes{kUnknown});
}

TEST_F(WaitersTest, NobodyIsForgotten) {
  Add(1, 1, Ack::kAll);
  waiters_.OnApplied(LogIndex(1), Term(1), "r", answers_);
  waiters_.OnSteppedDown(answers_);
  EXPECT_EQ(Answered(), Codes{kUnknown});
  Add(2, 1, Ack::kAsync);
  Add(3, 1, Ack::kQuorum);
  Add(4, 1, Ack::kQuorum);
  waiters_.OnTruncated(LogIndex(4));
  EXPECT_EQ(waiters_.size(), 3u);
  waiters_.FailAll(Unavailable("stopped"), answers_);
  EXPECT_EQ(Answered(), (Codes{kUnknown, kUnknown, kUnknown}));
  EXPECT_TRUE(waiters_.empty());
}

// ---- WriteQueue

TEST(WriteQueueTest, WhatAWriteReplacesIsNotSettledUntilItIsDurable) {
  WriteQueue queue;
  EXPECT_EQ(queue.Settled(), kEverything);
  queue.Push({.number = 1}, LogIndex(0));
  queue.Push({.number = 2, .truncate_from = LogIndex(8)}, LogIndex(3));
  queue.Push({.number = 3, .truncate_from = LogIndex(6)}, LogIndex(3));
  EXPECT_EQ(queue.Settled(), LogIndex(5));
  EXPECT_EQ(queue.Take().size(), 3u);
  EXPECT_EQ(queue.Settled(), LogIndex(5));
  queue.Finish(2);
  EXPECT_EQ(queue.Settled(), LogIndex(5));
  queue.Finish(3);
  EXPECT_EQ(queue.Settled(), kEverything);
}

TEST(WriteQueueTest, AnInstallThatBeginsAnewSettlesNothingButWhatIsApplied) {
  WriteQueue queue;
  queue.Push({.number = 1, .install = LogEnd{Term(2), LogIndex(20)}}, LogIndex(4));
  EXPECT_EQ(queue.Settled(), kEverything);
  queue.Push({.number = 2, .install = LogEnd{Term(2), LogIndex(30)}, .reset = true}, LogIndex(4));
  EXPECT_EQ(queue.Settled(), LogIndex(4));
  (void)queue.Take();
  queue.Finish(2);
  EXPECT_EQ(queue.Settled(), kEverything);
}

// ---- Intake

std::string Content(uint64_t number) { return std::string(10 + number, 'a' + number % 26); }

SnapshotOffer OfferOf(uint64_t chunks) {
  SnapshotOffer offer{.id = "snapshot", .end = {Term(1), LogIndex(9)}, .checksum = {1, 2}};
  for (uint64_t i = 0; i < chunks; ++i) {
    offer.chunks.push_back({HashBytes128(Content(i)), Content(i).size()});
  }
  return offer;
}

Time At(Duration since) { return Time() + since; }

TEST(IntakeTest, AsksForWhatIsMissingAndGivesItInOrder) {
  Intake intake(OfferOf(6), NodeId(2), 2);
  uint64_t found = 0;
  std::string all;
  for (Time now = At(1s); !intake.exhausted(); now += 1ms) {
    if (const std::optional<uint64_t> number = intake.NextToFind()) {
      const bool is_here = *number % 3 == 1;
      found += is_here ? 1 : 0;
      intake.Found(*number, is_here ? std::optional(Content(*number)) : std::nullopt);
    }
    std::vector<uint64_t> asked = intake.ToAsk(now, 1s);
    EXPECT_LE(asked.size(), 2u);
    std::reverse(asked.begin(), asked.end());  // answers come in any order
    for (uint64_t number : asked) {
      EXPECT_NE(number % 3, 1u);
      EXPECT_TRUE(intake.Arrived(now, number, Content(number)));
      EXPECT_FALSE(intake.Arrived(now, number, Content(number)));  // twice
    }
    while (std::optional<std::string> chunk = intake.TakeNext()) all += *chunk;
  }
  std::string want;
  for (uint64_t i = 0; i < 6; ++i) want += Content(i);
  EXPECT_EQ(all, want);
  EXPECT_EQ(intake.reused_bytes(), Content(1).size() + Content(4).size());
  EXPECT_EQ(intake.sent_bytes() + intake.reused_bytes(), want.size());
  EXPECT_EQ(found, 2u);
}

TEST(IntakeTest, AsksAgainForWhatDoesNotCome) {
  Intake intake(OfferOf(2), NodeId(2), 4);
  intake.Found(0, std::nullopt);
  intake.Found(1, std::nullopt);
  EXPECT_EQ(intake.ToAsk(At(1s), 100ms).size(), 2u);
  EXPECT_TRUE(intake.ToAsk(At(1s + 50ms), 100ms).empty());
  EXPECT_EQ(intake.NextResend(100ms), At(1s + 100ms));
  EXPECT_EQ(intake.ToAsk(At(1s + 100ms), 100ms).size(), 2u);
  intake.GoOnWith(NodeId(3));
  EXPECT_EQ(intake.from(), NodeId(3));
  EXPECT_EQ(intake.ToAsk(At(1s + 110ms), 100ms).size(), 2u);
}

TEST(IntakeTest, TakesNothingElse) {
  Intake intake(OfferOf(3), NodeId(2), 4);
  for (uint64_t i = 0; i < 3; ++i) intake.Found(i, std::nullopt);
  (void)intake.ToAsk(At(1s), 100ms);
  EXPECT_FALSE(intake.Arrived(At(1s), 1, Content(2)));
  EXPECT_FALSE(intake.Arrived(At(1s), 7, Content(7)));
  EXPECT_TRUE(intake.Arrived(At(1s), 1, Content(1)));
  EXPECT_EQ(intake.TakeNext(), std::nullopt);  // the first is not there yet
}

TEST(IntakeTest, HoldsAFewChunksOnly) {
  Intake intake(OfferOf(100), NodeId(2), 4);
  uint64_t looked_for = 0;
  while (const std::optional<uint64_t> number = intake.NextToFind()) {
    intake.Found(*number, Content(*number));
    ++looked_for;
  }
  EXPECT_EQ(looked_for, 8u);
  EXPECT_TRUE(intake.TakeNext().has_value());
  EXPECT_EQ(intake.NextToFind(), 8u);
}

// ---- GroupState

Configuration Three() { return {.voters = {NodeId(1), NodeId(2), NodeId(3)}}; }

LogEntry Entry(uint64_t index, EntryType type, std::string command) {
  return {.term = Term(1),
          .index = LogIndex(index),
          .timestamp = WallTime(Duration(1000 * index)),
          .type = type,
          .command = std::move(command)};
}

TEST(FreshnessTest, IsTheLatestTimeOfWhichAllIsApplied) {
  const auto at = [](int64_t t) { return Time() + Duration(t); };
  Freshness freshness;
  freshness.Note(std::nullopt, LogIndex(5));
  EXPECT_FALSE(freshness.reached().has_value());
  freshness.Note(Horizon{at(1), LogIndex(5)}, LogIndex(5));
  EXPECT_EQ(freshness.reached(), at(1));
  freshness.Note(Horizon{at(2), LogIndex(7)}, LogIndex(5));
  freshness.Note(Horizon{at(3), LogIndex(9)}, LogIndex(6));
  EXPECT_EQ(freshness.reached(), at(1));
  freshness.Note(Horizon{at(4), LogIndex(9)}, LogIndex(7));
  EXPECT_EQ(freshness.reached(), at(2));
  freshness.Note(Horizon{at(4), LogIndex(9)}, LogIndex(9));
  EXPECT_EQ(freshness.reached(), at(4));
}

// An index that was told may never be: the log of the next primary may be shorter.
TEST(FreshnessTest, WaitsForNothingThatIsOvertaken) {
  const auto at = [](int64_t t) { return Time() + Duration(t); };
  Freshness freshness;
  freshness.Note(Horizon{at(1), LogIndex(100)}, LogIndex(5));
  freshness.Note(Horizon{at(2), LogIndex(6)}, LogIndex(6));
  EXPECT_EQ(freshness.reached(), at(2));
}

TEST(GroupStateTest, MembershipIsPartOfTheState) {
  CompositeStateMachine inner;
  GroupState state(inner);
  const Hash128 blank = state.Digest();
  state.Apply(Entry(1, EntryType::kCommand, EncodeCommand(KvSet{"a", "b"})));
  EXPECT_NE(state.Digest(), blank);
  const Hash128 before = state.Digest();
  state.Apply(Entry(2, EntryType::kConfig, EncodeConfiguration(Three())));
  EXPECT_NE(state.Digest(), before);
  EXPECT_EQ(state.head().configuration, Three());
  EXPECT_EQ(state.last_applied(), LogIndex(2));
  EXPECT_EQ(inner.last_applied(), LogIndex(2));
  EXPECT_EQ(inner.Value("a"), "b");
}

TEST(GroupStateTest, ComesBackFromItsChunks) {
  CompositeStateMachine inner;
  GroupState state(inner);
  state.Apply(Entry(1, EntryType::kConfig, EncodeConfiguration(Three())));
  state.Apply(Entry(2, EntryType::kCommand, EncodeCommand(KvSet{"a", "b"})));
  CompositeStateMachine other_inner;
  GroupState other(other_inner);
  ASSERT_TRUE(other.Restore(*state.Freeze()).ok());
  EXPECT_EQ(other.Digest(), state.Digest());
  EXPECT_EQ(other.restored().configuration, Three());
  EXPECT_EQ(other.restored_index(), LogIndex(2));
  EXPECT_EQ(other_inner.Value("a"), "b");
  const std::string first = *state.Freeze()->Next();
  EXPECT_EQ(GroupState::DecodeHead(first)->configuration, Three());
  other.Apply(Entry(3, EntryType::kConfig, EncodeConfiguration({.voters = {NodeId(1)}})));
  EXPECT_EQ(other.restored().configuration, Three());
  ASSERT_TRUE(other.SetState(state.GetState()).ok());
  EXPECT_EQ(other.Digest(), state.Digest());
}

TEST(GroupStateTest, AHeadWithOneByteWrongIsRefused) {
  CompositeStateMachine inner;
  GroupState state(inner);
  state.Apply(Entry(1, EntryType::kConfig, EncodeConfiguration(Three())));
  const std::string head = *state.Freeze()->Next();
  for (size_t at = 0; at < head.size(); ++at) {
    std::string wrong = head;
    wrong[at] ^= 0x10;
    EXPECT_TRUE(absl::IsDataLoss(GroupState::DecodeHead(wrong).status())) << at;
    EXPECT_FALSE(GroupState::DecodeHead(head.substr(0, at)).ok()) << at;
  }
}

// ---- StandingRecord

TEST(StandingRecordTest, IsTheOldOneOrTheNewOneAfterACrash) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    sim::Simulator sim({.seed = seed});
    sim::Machine& machine = sim.AddMachine("n1");
    const StandingRecord old{.doubtful = false, .epochs = {{NodeId(2), 3}}};
    const StandingRecord fresh{.doubtful = true, .epochs = {{NodeId(2), 3}, {NodeId(3), 1}}};
    sim.Run([&] {
      bool is_done = false;
      machine.Boot([&](Env env) {
        EXPECT_EQ(*ReadStandingRecord(env, 7), StandingRecord{});
        EXPECT_TRUE(WriteStandingRecord(env, 7, old).ok());
        EXPECT_TRUE(WriteStandingRecord(env, 7, fresh).ok());
        is_done = true;
      });
      sim.SleepFor(Duration(300'000 + 40'000 * seed));
      const bool was_done = is_done;
      machine.PowerLoss();
      std::optional<StandingRecord> found;
      machine.Boot([&](Env env) {
        found = *ReadStandingRecord(env, 7);
        EXPECT_TRUE(RemoveStandingLeftover(env).ok());
        EXPECT_TRUE(absl::IsNotFound(ReadWholeFile(env.disk, "STANDING.tmp", kMiB).status()));
        EXPECT_EQ(*ReadStandingRecord(env, 7), *found);
      });
      machine.AwaitExit();
      ASSERT_TRUE(found.has_value());
      EXPECT_TRUE(*found == fresh || (!was_done && (*found == old || *found == StandingRecord{})));
    });
  }
}

TEST(StandingRecordTest, OneThatCannotBeReadIsAReasonToDoubt) {
  sim::Simulator sim({.seed = 1});
  sim::Machine& machine = sim.AddMachine("n1");
  sim.Run([&] {
    machine.Boot([&](Env env) {
      EXPECT_TRUE(WriteStandingRecord(env, 7, {.epochs = {{NodeId(2), 3}}}).ok());
      EXPECT_EQ(*ReadStandingRecord(env, 8), StandingRecord{.doubtful = true});  // of another group
    });
    machine.AwaitExit();
    ASSERT_TRUE(machine.disk().FlipBit("STANDING", 20, 1));
    machine.disk().DropCache();
    machine.Boot(
        [&](Env env) { EXPECT_EQ(*ReadStandingRecord(env, 7), StandingRecord{.doubtful = true}); });
    machine.AwaitExit();
  });
}

}  // namespace
}  // namespace wt
