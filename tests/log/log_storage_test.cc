// The contract of LogStorage, held against every implementation.
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/log/log_world.h"

namespace wt::test {
namespace {

struct Kind {
  std::string name;
  std::function<std::unique_ptr<LogStorage>(LogWorld&)> open;
};

class LogStorageTest : public testing::TestWithParam<Kind> {
 protected:
  void Append(std::span<const LogEntry> entries) { ASSERT_TRUE(log_->AppendBatch(entries).ok()); }

  LogWorld world_;
  std::unique_ptr<LogStorage> log_ = GetParam().open(world_);
};

TEST_P(LogStorageTest, StartsEmptyAtIndexOne) {
  EXPECT_EQ(log_->first_index(), LogIndex(1));
  EXPECT_EQ(log_->last_index(), LogIndex(0));
  EXPECT_EQ(log_->last_term(), Term(0));
  EXPECT_EQ(log_->TermAt(LogIndex(0)).value(), Term(0));
  EXPECT_TRUE(absl::IsNotFound(log_->Get(LogIndex(1)).status()));
}

TEST_P(LogStorageTest, GivesBackEveryFieldOfAnEntry) {
  LogEntry entry = EntryAt(1, 7);
  entry.type = EntryType::kConfig;
  entry.command = std::string("\0binary\xff", 8);
  ASSERT_EQ(log_->Append(entry).value(), LogIndex(1));
  EXPECT_EQ(log_->Get(LogIndex(1)).value(), entry);
  ASSERT_TRUE(log_->Sync().ok());
  EXPECT_EQ(log_->Get(LogIndex(1)).value(), entry);
}

TEST_P(LogStorageTest, EmptyCommandsAreEntriesToo) {
  LogEntry entry = EntryAt(1);
  entry.type = EntryType::kNoop;
  entry.command.clear();
  ASSERT_TRUE(log_->Append(entry).ok());
  ASSERT_TRUE(log_->Sync().ok());
  EXPECT_EQ(log_->Get(LogIndex(1)).value(), entry);
}

TEST_P(LogStorageTest, RefusesGapsRepeatsAndFallingTerms) {
  Append(EntriesFrom(1, 3, 5));
  EXPECT_TRUE(absl::IsInvalidArgument(log_->Append(EntryAt(5, 5)).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(log_->Append(EntryAt(3, 5)).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(log_->Append(EntryAt(4, 4)).status()));
  const std::vector<LogEntry> half_right = {EntryAt(4, 5), EntryAt(6, 5)};
  EXPECT_TRUE(absl::IsInvalidArgument(log_->AppendBatch(half_right).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(log_->AppendBatch({}).status()));
  EXPECT_EQ(log_->last_index(), LogIndex(3));
}

TEST_P(LogStorageTest, DurableIndexFollowsSync) {
  Append(EntriesFrom(1, 3));
  EXPECT_LE(log_->durable_index(), LogIndex(3));
  ASSERT_TRUE(log_->Sync().ok());
  EXPECT_EQ(log_->durable_index(), LogIndex(3));
}

TEST_P(LogStorageTest, RangesAreCutByBytesButNeverEmpty) {
  Append(EntriesFrom(1, 10, 1, 100));
  EXPECT_EQ(log_->GetRange(LogIndex(3), LogIndex(9), ~uint64_t{0}).value().size(), 6u);
  EXPECT_EQ(log_->GetRange(LogIndex(3), LogIndex(9), 250).value().size(), 2u);
  EXPECT_EQ(log_->GetRange(LogIndex(3), LogIndex(9), 0).value().size(), 1u);
  EXPECT_EQ(log_->GetRange(LogIndex(8), LogIndex(99), ~uint64_t{0}).value().size(), 3u);
  EXPECT_TRUE(absl::IsNotFound(log_->GetRange(LogIndex(11), LogIndex(12), 9).status()));
  EXPECT_TRUE(absl::IsNotFound(log_->GetRange(LogIndex(0), LogIndex(3), 9).status()));
}

TEST_P(LogStorageTest, TruncateRemovesTheSuffixAndLetsItBeWrittenAnew) {
  Append(EntriesFrom(1, 10, 1));
  ASSERT_TRUE(log_->Sync().ok());
  ASSERT_TRUE(log_->Truncate(LogIndex(6)).ok());
  EXPECT_EQ(log_->last_index(), LogIndex(5));
  EXPECT_EQ(log_->durable_index(), LogIndex(5));
  Append(EntriesFrom(6, 2, 3));
  EXPECT_EQ(log_->Get(LogIndex(6)).value(), EntryAt(6, 3));
  EXPECT_GE(log_->durable_index(), LogIndex(5));
  ASSERT_TRUE(log_->Sync().ok());
  EXPECT_EQ(log_->durable_index(), LogIndex(7));
  EXPECT_EQ(log_->last_term(), Term(3));
}

TEST_P(LogStorageTest, TruncateBehindTheEndDoesNothingAndBeforeTheStartIsRefused) {
  Append(EntriesFrom(1, 3));
  EXPECT_TRUE(log_->Truncate(LogIndex(4)).ok());
  EXPECT_TRUE(log_->Truncate(LogIndex(100)).ok());
  EXPECT_EQ(log_->last_index(), LogIndex(3));
  EXPECT_TRUE(absl::IsInvalidArgument(log_->Truncate(LogIndex(0))));
  EXPECT_TRUE(log_->Truncate(LogIndex(1)).ok());
  EXPECT_EQ(log_->last_index(), LogIndex(0));
}

TEST_P(LogStorageTest, TruncateWithinTheBufferAndAgain) {
  Append(EntriesFrom(1, 5, 1));
  ASSERT_TRUE(log_->Truncate(LogIndex(3)).ok());
  Append(EntriesFrom(3, 4, 2));
  ASSERT_TRUE(log_->Truncate(LogIndex(2)).ok());
  Append(EntriesFrom(2, 1, 4));
  ASSERT_TRUE(log_->Sync().ok());
  EXPECT_THAT(ContentOf(*log_), testing::ElementsAre(EntryAt(1, 1), EntryAt(2, 4)));
}

TEST_P(LogStorageTest, CompactKeepsWhatIsBehind) {
  for (uint64_t i = 1; i <= 100; ++i) Append(EntriesFrom(i, 1, 1, 3000));
  ASSERT_TRUE(log_->Sync().ok());
  ASSERT_TRUE(log_->Compact(LogIndex(90)).ok());
  EXPECT_GT(log_->first_index(), LogIndex(40));
  EXPECT_LE(log_->first_index(), LogIndex(91));
  EXPECT_EQ(log_->Get(LogIndex(91)).value(), EntryAt(91, 1, 3000));
  EXPECT_EQ(log_->TermAt(log_->first_index() - 1).value(), Term(1));
  EXPECT_TRUE(absl::IsNotFound(log_->Get(log_->first_index() - 1).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(log_->Compact(LogIndex(101))));
  EXPECT_TRUE(log_->Compact(LogIndex(3)).ok());
}

TEST_P(LogStorageTest, ResetContinuesBehindTheGivenPlace) {
  Append(EntriesFrom(1, 10));
  ASSERT_TRUE(log_->Reset(LogIndex(500), Term(9)).ok());
  EXPECT_EQ(log_->first_index(), LogIndex(501));
  EXPECT_EQ(log_->last_index(), LogIndex(500));
  EXPECT_EQ(log_->durable_index(), LogIndex(500));
  EXPECT_EQ(log_->last_term(), Term(9));
  EXPECT_EQ(log_->TermAt(LogIndex(500)).value(), Term(9));
  EXPECT_TRUE(absl::IsNotFound(log_->Get(LogIndex(5)).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(log_->Append(EntryAt(501, 8)).status()));
  Append(EntriesFrom(501, 1, 9));
  EXPECT_EQ(log_->Get(LogIndex(501)).value(), EntryAt(501, 9));
}

TEST_P(LogStorageTest, HardStateIsRememberedAndItsTermNeverFalls) {
  const HardState state = {.term = Term(4), .voted_for = 2, .commit_index = LogIndex(7)};
  ASSERT_TRUE(log_->SetHardState(state).ok());
  EXPECT_EQ(log_->hard_state(), state);
  EXPECT_TRUE(absl::IsInvalidArgument(log_->SetHardState({.term = Term(3)})));
  EXPECT_EQ(log_->hard_state(), state);
}

TEST_P(LogStorageTest, SizeGrowsWithAppends) {
  const uint64_t before = log_->size_bytes();
  Append(EntriesFrom(1, 20, 1, 1000));
  ASSERT_TRUE(log_->Sync().ok());
  EXPECT_GE(log_->size_bytes(), before + 20 * 1000);
}

TEST_P(LogStorageTest, AfterCloseEveryCallIsRefused) {
  Append(EntriesFrom(1, 2));
  EXPECT_TRUE(log_->Close().ok());
  EXPECT_TRUE(log_->Close().ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(log_->Append(EntryAt(3)).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(log_->Sync()));
  EXPECT_TRUE(absl::IsFailedPrecondition(log_->Truncate(LogIndex(1))));
  EXPECT_TRUE(absl::IsFailedPrecondition(log_->Compact(LogIndex(1))));
  EXPECT_TRUE(absl::IsFailedPrecondition(log_->Reset(LogIndex(1), Term(1))));
  EXPECT_TRUE(absl::IsFailedPrecondition(log_->SetHardState({.term = Term(1)})));
  EXPECT_TRUE(absl::IsFailedPrecondition(log_->Get(LogIndex(1)).status()));
}

std::unique_ptr<LogStorage> OpenRare(LogWorld& world) {
  world.base.random.armed = {"log.roll_now", "log.write_early", "log.read_little"};
  return world.Open();
}
std::unique_ptr<LogStorage> OpenEveryWrite(LogWorld& world) {
  world.options.sync_policy = SyncPolicy::kEveryWrite;
  world.options.alignment = 4096;
  return world.Open();
}

INSTANTIATE_TEST_SUITE_P(All, LogStorageTest,
                         testing::Values(Kind{"Memory",
                                              [](LogWorld& world) {
                                                return NewMemoryLog(world.base.tasks,
                                                                    world.base.events);
                                              }},
                                         Kind{"Wal", [](LogWorld& world) { return world.Open(); }},
                                         Kind{"WalRareChoices", OpenRare},
                                         Kind{"WalEveryWrite", OpenEveryWrite}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace wt::test
