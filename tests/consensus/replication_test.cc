// The log, one message at a time: what a replica takes over, what a primary counts, what it sends.
// The tables are those of etcd's raft_test.go (facts, not text).
#include <gtest/gtest.h>

#include "tests/consensus/single.h"

namespace wt::testing {
namespace {

AppendRequest AppendOf(LogEnd prev, uint64_t commit, const std::vector<uint64_t>& terms = {}) {
  AppendRequest request{.prev = prev, .commit = LogIndex(commit)};
  for (size_t i = 0; i < terms.size(); ++i) {
    request.entries.push_back(EntryOf(prev.index.value() + 1 + i, terms[i]));
  }
  return request;
}

AppendResponse OnlyResponse(Single& single) {
  single.Persist();
  const auto responses = single.Sent<AppendResponse>();
  EXPECT_EQ(responses.size(), 1u);
  return responses.empty() ? AppendResponse{} : responses[0];
}

TEST(ReplicaTest, TakesOverWhatItLacksAndDropsWhatConflicts) {
  struct {
    LogEnd prev;
    std::vector<uint64_t> entries;
    std::vector<uint64_t> log;
  } const cases[] = {
      {EndOf(2, 2), {3}, {1, 2, 3}},
      {EndOf(1, 1), {3, 4}, {1, 3, 4}},
      {EndOf(0, 0), {1}, {1, 2}},  // old: what is behind it stays
      {EndOf(0, 0), {3}, {3}},
  };
  for (const auto& one : cases) {
    Single replica({.terms = {1, 2}, .term = 2});
    replica.Step(2, 4, AppendOf(one.prev, 0, one.entries));
    EXPECT_EQ(replica.Terms(), one.log);
    const AppendResponse response = OnlyResponse(replica);
    EXPECT_FALSE(response.rejected);
    EXPECT_EQ(response.match, one.prev.index + one.entries.size());
  }
}

TEST(ReplicaTest, CommitsNoMoreThanItSawAgree) {
  struct {
    LogEnd prev;
    uint64_t commit;
    std::vector<uint64_t> entries;
    uint64_t committed;
  } const cases[] = {
      {EndOf(1, 1), 1, {}, 1}, {EndOf(1, 1), 3, {}, 1}, {EndOf(1, 1), 3, {2}, 2},
      {EndOf(2, 2), 3, {}, 2}, {EndOf(2, 2), 4, {}, 2}, {EndOf(2, 2), 3, {2}, 3},
  };
  for (const auto& one : cases) {
    Single replica({.terms = {1, 2}, .term = 2});
    replica.Step(2, 2, AppendOf(one.prev, one.commit, one.entries));
    EXPECT_EQ(replica->commit(), LogIndex(one.committed)) << one.commit;
  }
}

TEST(ReplicaTest, RejectsWhatDoesNotFollow) {
  for (LogEnd prev : {EndOf(3, 2), EndOf(3, 3)}) {
    Single replica({.terms = {1, 2}, .term = 2});
    replica.Step(2, 3, AppendOf(prev, 3));
    const AppendResponse response = OnlyResponse(replica);
    EXPECT_TRUE(response.rejected);
    EXPECT_EQ(response.prev, prev.index);
    EXPECT_EQ(replica->commit(), LogIndex(0));
    EXPECT_EQ(replica.Terms(), (std::vector<uint64_t>{1, 2}));
  }
}

TEST(ReplicaTest, HeartbeatsMoveTheCommitForwardAndOnlyOverWhatAgrees) {
  Single replica({.terms = {1, 2, 2}, .term = 2});
  replica.Step(2, 2, Heartbeat{.commit = LogIndex(3)});
  EXPECT_EQ(replica->commit(), LogIndex(0));  // its log may be another's
  replica.Step(2, 2, AppendOf(EndOf(2, 2), 0));
  replica.Step(2, 2, Heartbeat{.commit = LogIndex(3)});
  EXPECT_EQ(replica->commit(), LogIndex(2));
  replica.Step(2, 2, Heartbeat{.commit = LogIndex(1)});
  EXPECT_EQ(replica->commit(), LogIndex(2));
  // What agreed with the primary of one term says nothing of the next.
  replica.Step(2, 2, AppendOf(EndOf(2, 3), 0));
  replica.Step(3, 3, Heartbeat{.commit = LogIndex(3)});
  EXPECT_EQ(replica->commit(), LogIndex(2));
}

TEST(ReplicaTest, AnAnswerWaitsForItsEntries) {
  Single replica({});
  replica.Step(2, 1, AppendOf({}, 0, {1}));
  replica.Persist();
  replica.Sent();
  replica.Step(2, 1, AppendOf(EndOf(1, 1), 0, {1}));
  EXPECT_TRUE(replica.Sent().empty());
  replica.Step(2, 1, AppendOf(EndOf(1, 1), 0, {1}));  // again: no reason to answer earlier
  EXPECT_TRUE(replica.Sent().empty());
  replica.Persist();
  EXPECT_EQ(replica.Sent<AppendResponse>().size(), 2u);
}

TEST(ReplicaTest, ALateCompletionDoesNotVouchForWhatReplacedItsEntries) {
  Single replica({});
  replica.Step(2, 1, AppendOf({}, 0, {1, 1, 1}));
  const uint64_t first = replica.Writes().back().number;
  replica.Step(3, 2, AppendOf(EndOf(1, 1), 0, {2, 2}));
  const uint64_t second = replica.Writes().back().number;
  ASSERT_GT(second, first);
  replica->Persisted(replica.now(), first);
  EXPECT_EQ(replica->durable(), LogIndex(1));
  replica->Persisted(replica.now(), second);
  EXPECT_EQ(replica->durable(), LogIndex(3));
}

TEST(ReplicaTest, TruncationLowersWhatIsDurableAtOnce) {
  Single replica({.terms = {1, 1, 1}, .term = 1});
  EXPECT_EQ(replica->durable(), LogIndex(3));
  replica.Step(2, 2, AppendOf(EndOf(1, 1), 0, {2}));
  EXPECT_EQ(replica->durable(), LogIndex(1));
}

TEST(ReplicaTest, HintsSkipWholeTerms) {
  Single replica({.terms = {1, 1, 2, 2, 2, 3, 3}, .term = 3});
  replica.Step(2, 5, AppendOf(EndOf(2, 6), 0));
  AppendResponse response = OnlyResponse(replica);
  EXPECT_TRUE(response.rejected);
  EXPECT_EQ(response.hint, EndOf(2, 5));
  replica.Step(2, 5, AppendOf(EndOf(5, 20), 0));
  response = OnlyResponse(replica);
  EXPECT_EQ(response.hint, EndOf(3, 7));
}

// An entry that it covers may be damaged: the engine takes it, the log stays.
TEST(ReplicaTest, AnOldSnapshotLeavesTheLogAsItIs) {
  Single replica({.terms = {1, 1, 1}, .term = 1, .applied = 2});
  replica->Install(replica.now(), EndOf(1, 2), replica->configuration());
  const std::vector<Write> writes = replica->Take().writes;
  ASSERT_EQ(writes.size(), 1u);
  EXPECT_EQ(writes[0].install, EndOf(1, 2));
  EXPECT_FALSE(writes[0].reset);
  EXPECT_EQ(replica->log().first(), LogIndex(1));
  EXPECT_EQ(replica->log().end(), EndOf(1, 3));
}

TEST(ReplicaTest, AnOldSnapshotOfAnotherHistoryIsIgnored) {
  Single replica({.terms = {1, 1, 1}, .term = 2, .applied = 2});
  replica.Writes();
  replica->Install(replica.now(), EndOf(2, 2), replica->configuration());
  EXPECT_FALSE(replica->HasOutput());
}

// Nobody else ever had it and it cannot be read here: it is gone, and what followed it.
TEST(PrimaryTest, AnAbandonedEntryTakesWhatFollowsAndThePrimaryStepsDown) {
  Single primary({.terms = {1, 1, 1}, .term = 1, .applied = 1});
  primary.Elect();
  ASSERT_EQ(primary->role(), Role::kPrimary);
  (void)primary.Sent();
  (void)primary.Writes();
  primary->Abandon(primary.now(), LogIndex(3));
  const std::vector<Write> writes = primary->Take().writes;
  ASSERT_EQ(writes.size(), 1u);
  EXPECT_EQ(writes[0].truncate_from, LogIndex(3));
  EXPECT_EQ(primary->role(), Role::kReplica);
  EXPECT_EQ(primary->log().end(), EndOf(1, 2));
  EXPECT_LE(primary->durable(), LogIndex(2));
}

TEST(PrimaryTest, WhatIsCommittedIsNeverAbandoned) {
  Single primary({.terms = {1, 1, 1}, .term = 1, .applied = 3});
  primary.Elect();
  primary->Abandon(primary.now(), LogIndex(3));
  EXPECT_EQ(primary->role(), Role::kPrimary);
  EXPECT_EQ(primary->log().last(), LogIndex(4));
}

TEST(ReplicaTest, ASnapshotKeepsWhatAgreesBehindItAndNothingElse) {
  Single agreeing({.terms = {1, 1, 1}, .term = 1});
  agreeing->Install(agreeing.now(), EndOf(1, 2), agreeing->configuration());
  EXPECT_EQ(agreeing->log().end(), EndOf(1, 3));
  EXPECT_EQ(agreeing->commit(), LogIndex(2));
  Single differing({.terms = {1, 1, 1}, .term = 1});
  differing->Install(differing.now(), EndOf(2, 2), differing->configuration());
  EXPECT_EQ(differing->log().end(), EndOf(2, 2));
  EXPECT_EQ(differing->durable(), LogIndex(0));
  differing.Wait(Duration(0));
  const Write write = differing.Writes().back();
  EXPECT_EQ(write.install, EndOf(2, 2));
  EXPECT_TRUE(write.reset);
  differing.Persist();
  EXPECT_EQ(differing->durable(), LogIndex(2));
}

// What ends in term 7 was committed in it or later. The primary of term 5 is told so, not obeyed.
TEST(ReplicaTest, ASnapshotOfALaterTermEndsTheTerm) {
  Single replica({.terms = {1, 5}, .term = 5});
  replica.Step(2, 5, AppendOf(EndOf(5, 2), 2));
  ASSERT_EQ(replica->primary(), NodeId(2));
  replica.Persist();
  replica.Sent();
  replica->Install(replica.now(), EndOf(7, 100), replica->configuration());
  replica.Wait(Duration(0));
  EXPECT_EQ(replica->term(), Term(7));
  replica.Persist();
  EXPECT_TRUE(replica.Sent<AppendResponse>().empty());
  replica.Step(2, 5, AppendOf(EndOf(5, 100), 0));
  const std::vector<ReplicaMessage> sent = replica.Sent();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].term, Term(7));
  EXPECT_TRUE(std::get<AppendResponse>(sent[0].body).rejected);
}

// ---- The primary

Single Primary(SingleOptions options = {}) {
  Single primary(std::move(options));
  primary.Elect();
  return primary;
}

void Ack(Single& primary, uint64_t from, uint64_t match) {
  primary.Step(from, primary->term().value(), AppendResponse{.match = LogIndex(match)});
}

absl::Status ProposeOne(Single& primary, size_t bytes = 1) {
  LogEntry entry;
  entry.command = std::string(bytes, 'x');
  const auto index = primary->Propose(primary.now(), {entry});
  primary.Wait(Duration(0));
  return index.status();
}

TEST(PrimaryTest, CommitsByCountingOnlyItsOwnTerm) {
  // Log t1, t2; elected for term 3, whose first entry is 3.
  Single primary = Primary({.terms = {1, 2}, .term = 2});
  ASSERT_EQ(primary->term(), Term(3));
  for (const auto& [ack, commit] : {std::pair(1, 0), {2, 0}, {3, 3}}) {
    Ack(primary, 2, static_cast<uint64_t>(ack));
    EXPECT_EQ(primary->commit(), LogIndex(static_cast<uint64_t>(commit)));
  }
}

TEST(PrimaryTest, CountsItselfWhenItsWriteIsDurable) {
  Single primary = Primary();
  ASSERT_TRUE(ProposeOne(primary).ok());
  Ack(primary, 2, 2);
  EXPECT_EQ(primary->commit(), LogIndex(1));
  primary.Persist();
  EXPECT_EQ(primary->commit(), LogIndex(2));
}

TEST(PrimaryTest, MayCommitBeforeItsOwnDiskHasIt) {
  Single primary = Primary();
  ASSERT_TRUE(ProposeOne(primary).ok());
  Ack(primary, 2, 2);
  Ack(primary, 3, 2);
  EXPECT_EQ(primary->commit(), LogIndex(2));
}

TEST(PrimaryTest, OneAcknowledgementIsCountedOnce) {
  Single primary = Primary({.voters = {1, 2, 3, 4, 5}});
  for (int i = 0; i < 3; ++i) Ack(primary, 2, 1);
  EXPECT_EQ(primary->commit(), LogIndex(0));
  Ack(primary, 3, 1);
  EXPECT_EQ(primary->commit(), LogIndex(1));
}

TEST(PrimaryTest, WhatTheDoubtfulAcknowledgeDoesNotCount) {
  Single primary = Primary();
  ReplicaMessage ack = primary.From(2, 1, AppendResponse{.match = LogIndex(1)});
  ack.trusted = false;
  primary.Step(ack);
  EXPECT_EQ(primary->commit(), LogIndex(0));
  EXPECT_EQ(primary->MatchOf(NodeId(2)), LogIndex(1));
  // Trusted now, it must say it again.
  primary.Step(2, 1, HeartbeatResponse{.round = 1});
  EXPECT_EQ(primary->commit(), LogIndex(0));
  ASSERT_TRUE(primary.Append(2).has_value());
  Ack(primary, 2, 1);
  EXPECT_EQ(primary->commit(), LogIndex(1));
}

TEST(PrimaryTest, AWitnessOfANewerLifeUndoesAnAcknowledgement) {
  Single primary = Primary({.voters = {1, 2, 3, 4, 5}});
  Ack(primary, 2, 1);
  // 3 acknowledges in the knowledge that 2 has been recalled since: it may hold nothing.
  primary.Step(3, 1, AppendResponse{.match = LogIndex(1), .witness = {{NodeId(2), 1}}});
  EXPECT_EQ(primary->commit(), LogIndex(0));
  ReplicaMessage again = primary.From(2, 1, AppendResponse{.match = LogIndex(1)});
  again.epoch = 1;
  primary.Step(again);
  EXPECT_EQ(primary->commit(), LogIndex(1));
}

TEST(PrimaryTest, TellsALiveReplicaOfItsEpoch) {
  Single primary = Primary();
  primary.Step(3, 1, AppendResponse{.match = LogIndex(0), .witness = {{NodeId(2), 4}}});
  Ack(primary, 2, 1);
  EXPECT_EQ(primary->commit(), LogIndex(0));
  primary.Persist();
  const auto told = primary.Sent<RecallResponse>();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].epoch, 4u);
}

TEST(PrimaryTest, ProbesOneAtATimeAndStreamsWhenAnswered) {
  Single primary = Primary();
  ASSERT_TRUE(primary.Append(2).has_value());
  EXPECT_FALSE(primary.Append(2).has_value());
  Ack(primary, 2, 1);
  EXPECT_EQ(primary->progress(NodeId(2))->state, Progress::State::kStreaming);
  for (uint64_t i = 2; i < 5; ++i) {
    ASSERT_TRUE(ProposeOne(primary).ok());
    const auto append = primary.Append(2);
    ASSERT_TRUE(append.has_value());
    EXPECT_EQ(append->prev.index, LogIndex(i - 1));
    EXPECT_EQ(append->entries.size(), 1u);
  }
}

TEST(PrimaryTest, AProbeIsSentAgainAfterAWhile) {
  Single primary = Primary();
  ASSERT_TRUE(primary.Append(2).has_value());
  primary.TimePasses();
  EXPECT_TRUE(primary.Append(2).has_value());
}

TEST(PrimaryTest, WhatIsInFlightIsBounded) {
  Single primary = Primary({.consensus = {.max_bytes_in_flight = 100, .max_appends_in_flight = 3}});
  Ack(primary, 2, 1);
  Ack(primary, 3, 1);
  size_t sent = 0;
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(ProposeOne(primary).ok());
    if (primary.Append(2).has_value()) ++sent;
  }
  EXPECT_EQ(sent, 3u);
  ASSERT_TRUE(ProposeOne(primary, 1000).ok());
  ASSERT_TRUE(primary.Append(3).has_value());
  ASSERT_TRUE(ProposeOne(primary).ok());
  EXPECT_FALSE(primary.Append(3).has_value());
  Ack(primary, 3, 12);
  EXPECT_TRUE(primary.Append(3).has_value());
}

TEST(PrimaryTest, SilenceBringsProbingBack) {
  Single primary = Primary();
  Ack(primary, 2, 1);
  ASSERT_TRUE(ProposeOne(primary).ok());
  ASSERT_TRUE(primary.Append(2).has_value());
  for (int i = 0; i < 12; ++i) {
    primary.TimePasses();
    primary.Step(2, 1, HeartbeatResponse{.round = 1});
    primary.Step(3, 1, HeartbeatResponse{.round = 1});
  }
  EXPECT_EQ(primary->progress(NodeId(2))->state, Progress::State::kProbing);
  EXPECT_EQ(primary->progress(NodeId(2))->next, LogIndex(2));
}

// Chunks are asked for without a term: who asks may be of a later one long since.
TEST(PrimaryTest, WordsOfATransferDoNotKeepItPrimary) {
  Single primary = Primary();
  for (uint64_t peer : {2, 3}) Ack(primary, peer, 1);
  const Time until = primary.now() + milliseconds(1500);
  while (primary->role() == Role::kPrimary && primary.now() < until) {
    primary.TimePasses();
    primary->OnSnapshotProgress(primary.now(), NodeId(2),
                                {.state = SnapshotProgress::State::kReceiving});
  }
  EXPECT_NE(primary->role(), Role::kPrimary);
}

TEST(PrimaryTest, OldRejectionsAreIgnored) {
  Single primary = Primary({.terms = {1, 1, 1}, .term = 1});
  const AppendResponse old{.rejected = true, .prev = LogIndex(3), .hint = EndOf(0, 0)};
  Ack(primary, 2, 4);
  primary.Step(2, 2, old);
  EXPECT_EQ(primary->progress(NodeId(2))->state, Progress::State::kStreaming);
  EXPECT_EQ(primary->progress(NodeId(2))->next, LogIndex(5));
  EXPECT_EQ(primary->MatchOf(NodeId(2)), LogIndex(4));
}

TEST(PrimaryTest, RejectionsOfAnotherProbeAreIgnored) {
  Single primary = Primary({.terms = {1, 1, 1}, .term = 1});
  primary.Step(2, 2, AppendResponse{.rejected = true, .prev = LogIndex(3), .hint = EndOf(1, 2)});
  ASSERT_EQ(primary->progress(NodeId(2))->next, LogIndex(3));
  primary.Step(2, 2, AppendResponse{.rejected = true, .prev = LogIndex(3), .hint = EndOf(0, 0)});
  EXPECT_EQ(primary->progress(NodeId(2))->next, LogIndex(3));
}

TEST(PrimaryTest, FindsThePlaceOfAgreementInAFewSteps) {
  // 50 entries of term 1; then 50 of term 4 here, 50 of terms 2 and 3 there.
  std::vector<uint64_t> ours(50, 1);
  std::vector<uint64_t> theirs(50, 1);
  for (int i = 0; i < 50; ++i) ours.push_back(4);
  for (int i = 0; i < 50; ++i) theirs.push_back(i < 25 ? 2 : 3);
  Single primary = Primary({.terms = ours, .term = 4});
  Single replica({.self = 2, .terms = theirs, .term = 3});
  int rounds = 0;
  while (primary->MatchOf(NodeId(2)) < primary->log().last() && ++rounds < 10) {
    const auto append = primary.Append(2);
    ASSERT_TRUE(append.has_value());
    replica.Step(1, 5, *append);
    primary.Step(2, 5, OnlyResponse(replica));
  }
  EXPECT_LE(rounds, 3);
  EXPECT_EQ(replica.Terms(), primary.Terms());
}

TEST(PrimaryTest, ThePlanIsCheckedAgainWhenItIsFilled) {
  Single primary = Primary();
  const auto plan = primary->PlanAppend(NodeId(2));
  ASSERT_TRUE(plan.has_value());
  std::vector<LogEntry> entries = {EntryOf(1, 1)};
  EXPECT_FALSE(primary->FillAppend(primary.now(), *plan, {}).has_value());
  EXPECT_FALSE(primary->FillAppend(primary.now(), *plan, {EntryOf(1, 9)}).has_value());
  EXPECT_FALSE(primary->FillAppend(primary.now(), *plan, {EntryOf(2, 1)}).has_value());
  ASSERT_TRUE(primary->FillAppend(primary.now(), *plan, entries).has_value());
  EXPECT_FALSE(primary->FillAppend(primary.now(), *plan, entries).has_value());
}

TEST(PrimaryTest, NewsOfACommitTravelAloneOnlyWhenNothingElseDoes) {
  Single primary = Primary();
  ASSERT_TRUE(primary.Append(2).has_value());
  Ack(primary, 2, 1);
  auto news = primary.Append(2);
  ASSERT_TRUE(news.has_value());
  EXPECT_TRUE(news->entries.empty());
  EXPECT_EQ(news->commit, LogIndex(1));
  EXPECT_FALSE(primary.Append(2).has_value());
  ASSERT_TRUE(ProposeOne(primary).ok());
  ASSERT_TRUE(primary.Append(2).has_value());
  primary.Persist();
  Ack(primary, 3, 2);
  EXPECT_EQ(primary->commit(), LogIndex(2));
  EXPECT_FALSE(primary.Append(2).has_value());  // the entry is still on its way
}

TEST(PrimaryTest, UncommittedBytesAreBounded) {
  Single primary = Primary({.consensus = {.max_uncommitted_bytes = 100}});
  Ack(primary, 2, 1);
  EXPECT_TRUE(ProposeOne(primary, 500).ok());  // one alone always may
  EXPECT_EQ(ProposeOne(primary).code(), absl::StatusCode::kResourceExhausted);
  primary.Persist();
  Ack(primary, 2, 2);
  EXPECT_TRUE(ProposeOne(primary).ok());
  EXPECT_EQ(primary->log().last(), LogIndex(3));
}

TEST(PrimaryTest, WhoFellBehindTheLogAwaitsASnapshot) {
  Single primary = Primary({.terms = {1, 1, 1}, .term = 1});
  Ack(primary, 2, 4);
  primary->Compacted(LogIndex(3));
  primary.Step(3, 2, AppendResponse{.rejected = true, .prev = LogIndex(3), .hint = EndOf(1, 1)});
  EXPECT_EQ(primary->AwaitingSnapshot(), std::vector<NodeId>{NodeId(3)});
  EXPECT_FALSE(primary->PlanAppend(NodeId(3)).has_value());
  using State = SnapshotProgress::State;
  primary->OnSnapshotProgress(primary.now(), NodeId(3), {EndOf(1, 3), State::kReceiving});
  EXPECT_EQ(primary->progress(NodeId(3))->state, Progress::State::kSnapshot);
  EXPECT_FALSE(primary->PlanAppend(NodeId(3)).has_value());
  primary->OnSnapshotProgress(primary.now(), NodeId(3), {EndOf(1, 3), State::kInstalled});
  const auto plan = primary->PlanAppend(NodeId(3));
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(plan->prev, EndOf(1, 3));
}

TEST(PrimaryTest, AFailedOrSilentTransferIsOfferedAgain) {
  Single primary = Primary({.terms = {1, 1, 1}, .term = 1});
  Ack(primary, 2, 4);
  primary->Compacted(LogIndex(3));
  primary.Step(3, 2, AppendResponse{.rejected = true, .prev = LogIndex(3), .hint = EndOf(1, 1)});
  using State = SnapshotProgress::State;
  primary->OnSnapshotProgress(primary.now(), NodeId(3), {EndOf(1, 3), State::kReceiving});
  primary->OnSnapshotProgress(primary.now(), NodeId(3), {EndOf(1, 3), State::kFailed});
  EXPECT_EQ(primary->progress(NodeId(3))->state, Progress::State::kProbing);
  EXPECT_EQ(primary->AwaitingSnapshot(), std::vector<NodeId>{NodeId(3)});
  primary->OnSnapshotProgress(primary.now(), NodeId(3), {EndOf(1, 3), State::kReceiving});
  for (int i = 0; i < 12; ++i) {
    primary.TimePasses();
    for (uint64_t peer : {2, 3}) primary.Step(peer, 2, HeartbeatResponse{.round = 1});
  }
  EXPECT_EQ(primary->progress(NodeId(3))->state, Progress::State::kProbing);
}

TEST(PrimaryTest, AnAcknowledgementEndsATransferToo) {
  Single primary = Primary({.terms = {1, 1, 1}, .term = 1});
  Ack(primary, 2, 4);
  primary->Compacted(LogIndex(3));
  primary->OnSnapshotProgress(primary.now(), NodeId(3),
                              {EndOf(1, 3), SnapshotProgress::State::kReceiving});
  Ack(primary, 3, 3);
  EXPECT_EQ(primary->progress(NodeId(3))->state, Progress::State::kStreaming);
  EXPECT_EQ(primary->progress(NodeId(3))->next, LogIndex(4));
}

}  // namespace
}  // namespace wt::testing
