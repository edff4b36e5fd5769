// Errors while the log runs: poison is for good, a full disk is not, and damaged bytes are told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/log/log_world.h"

namespace wt::test {
namespace {

class FailureTest : public testing::Test {
 protected:
  uint64_t Synced() { return world_.base.events.Count(EventKind::kLogSynced); }

  // Fills the active segment and then the disk; returns the last index that was accepted.
  uint64_t FillUp() {
    world_.disk.allocations_left = 0;
    for (uint64_t i = log_->last_index().value() + 1;; ++i) {
      auto appended = log_->Append(EntryAt(i, 1, 1000));
      if (appended.ok()) continue;
      EXPECT_TRUE(absl::IsResourceExhausted(appended.status())) << appended.status();
      return i - 1;
    }
  }

  LogWorld world_;
  std::unique_ptr<LogStorage> log_ = world_.Open();
};

TEST_F(FailureTest, AFailedSyncPoisonsForGood) {
  ASSERT_TRUE(log_->Append(EntryAt(1)).ok());
  ASSERT_TRUE(log_->Sync().ok());
  ASSERT_TRUE(log_->Append(EntryAt(2)).ok());
  world_.disk.before_sync = [] { return Unavailable("EIO"); };
  EXPECT_TRUE(absl::IsUnavailable(log_->Sync()));
  world_.disk.before_sync = [] { return absl::OkStatus(); };  // a retry would "succeed"
  const uint64_t synced = Synced();
  EXPECT_TRUE(absl::IsFailedPrecondition(log_->Sync()));
  EXPECT_TRUE(absl::IsFailedPrecondition(log_->Append(EntryAt(3)).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(log_->Truncate(LogIndex(1))));
  EXPECT_TRUE(absl::IsFailedPrecondition(log_->Compact(LogIndex(1))));
  EXPECT_TRUE(absl::IsFailedPrecondition(log_->Reset(LogIndex(5), Term(5))));
  EXPECT_TRUE(absl::IsFailedPrecondition(log_->SetHardState({.term = Term(2)})));
  EXPECT_FALSE(log_->Close().ok());
  EXPECT_EQ(log_->durable_index(), LogIndex(1));
  EXPECT_EQ(Synced(), synced);
  EXPECT_EQ(world_.base.events.Count(EventKind::kLogPoisoned), 1u);
}

TEST_F(FailureTest, AFailedWritePoisons) {
  ASSERT_TRUE(log_->Append(EntryAt(1)).ok());
  world_.base.disk.FailAt(1, Unavailable("EIO"));
  EXPECT_TRUE(absl::IsUnavailable(log_->Sync()));
  EXPECT_TRUE(absl::IsFailedPrecondition(log_->Sync()));
}

TEST_F(FailureTest, NoRoomInTheMiddleOfABatchPoisons) {
  ASSERT_TRUE(log_->Append(EntryAt(1)).ok());
  world_.base.disk.FailAt(1, ResourceExhausted("thin pool is full"));
  EXPECT_TRUE(absl::IsUnavailable(log_->Sync()));
  EXPECT_TRUE(absl::IsFailedPrecondition(log_->Append(EntryAt(2)).status()));
}

TEST_F(FailureTest, AFullDiskRefusesAndLosesNothing) {
  const uint64_t last = FillUp();
  EXPECT_EQ(log_->last_index(), LogIndex(last));
  EXPECT_TRUE(log_->Sync().ok());
  EXPECT_EQ(log_->durable_index(), LogIndex(last));
  EXPECT_TRUE(absl::IsResourceExhausted(log_->Append(EntryAt(last + 1)).status()));
  EXPECT_TRUE(absl::IsResourceExhausted(log_->SetHardState({.term = Term(2)})));
  EXPECT_TRUE(absl::IsResourceExhausted(log_->Truncate(LogIndex(3))));
  EXPECT_EQ(log_->Get(LogIndex(last)).value(), EntryAt(last, 1, 1000));
  EXPECT_EQ(world_.base.events.Count(EventKind::kLogPoisoned), 0u);
}

TEST_F(FailureTest, ItGoesOnWhenThereIsRoomAgain) {
  const uint64_t last = FillUp();
  world_.disk.allocations_left = 1;
  EXPECT_EQ(log_->Append(EntryAt(last + 1)).value(), LogIndex(last + 1));
  ASSERT_TRUE(log_->Sync().ok());
  log_.reset();
  world_.disk.allocations_left = 1;
  world_.base.disk.Crash(CrashKind::kLoseUnsynced);
  log_ = world_.Open();
  EXPECT_EQ(log_->last_index(), LogIndex(last + 1));
}

TEST_F(FailureTest, CompactionWorksOnAFullDisk) {
  const uint64_t last = FillUp();
  ASSERT_TRUE(log_->Compact(LogIndex(last)).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(log_->Append(EntryAt(last + 1)).status()));
  world_.disk.allocations_left = 1;
  EXPECT_TRUE(log_->Append(EntryAt(last + 1)).ok());
  ASSERT_TRUE(log_->Compact(LogIndex(last)).ok());
  EXPECT_EQ(log_->first_index(), LogIndex(last + 1));
}

TEST_F(FailureTest, AFullDiskRefusesToOpenAndOpensLater) {
  ASSERT_TRUE(log_->Append(EntryAt(1)).ok());
  ASSERT_TRUE(log_->Sync().ok());
  log_.reset();
  world_.base.disk.Crash(CrashKind::kLoseUnsynced);
  world_.disk.allocations_left = 0;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(absl::IsResourceExhausted(world_.TryOpen().status()));
  world_.disk.allocations_left = 1;
  log_ = world_.Open();
  EXPECT_EQ(log_->last_index(), LogIndex(1));
}

TEST_F(FailureTest, AnEntryLargerThanASegmentGetsALargerOne) {
  const LogEntry large = EntryAt(1, 1, 300 * kKiB);
  ASSERT_TRUE(log_->Append(large).ok());
  ASSERT_TRUE(log_->Append(EntryAt(2)).ok());
  EXPECT_EQ(log_->Get(LogIndex(1)).value(), large);
  ASSERT_TRUE(log_->Sync().ok());
  log_.reset();
  world_.base.disk.Crash(CrashKind::kLoseUnsynced);
  log_ = world_.Open();
  EXPECT_EQ(log_->Get(LogIndex(1)).value(), large);
  EXPECT_EQ(log_->Get(LogIndex(2)).value(), EntryAt(2));
}

TEST_F(FailureTest, AnEntryOverTheLimitIsRefused) {
  log_.reset();
  world_.options.max_entry_bytes = 100;
  log_ = world_.Open();
  EXPECT_TRUE(absl::IsInvalidArgument(log_->Append(EntryAt(1, 1, 101)).status()));
  EXPECT_TRUE(log_->Append(EntryAt(1, 1, 100)).ok());
}

TEST_F(FailureTest, ReadsVerifyWhatTheyRead) {
  ASSERT_TRUE(log_->AppendBatch(EntriesFrom(1, 3)).ok());
  ASSERT_TRUE(log_->Sync().ok());
  const std::string path = world_.Segments().front();
  // The file that the log holds open, changed in place.
  auto file = world_.base.disk.Open(path, OpenMode::kReadWrite);
  const std::string bytes = *world_.base.disk.Content(path);
  const size_t at = bytes.find("entry 2");
  ASSERT_NE(at, std::string::npos);
  ASSERT_TRUE((*file)->WriteAt(at, "E").ok());
  EXPECT_TRUE(log_->Get(LogIndex(1)).ok());
  const absl::Status status = log_->Get(LogIndex(2)).status();
  EXPECT_TRUE(absl::IsDataLoss(status));
  EXPECT_THAT(MessageOf(status), testing::HasSubstr(path));
  EXPECT_TRUE(absl::IsDataLoss(log_->GetRange(LogIndex(1), LogIndex(4), 1000).status()));
  EXPECT_EQ(world_.base.events.Count(EventKind::kLogDamaged), 2u);
}

TEST_F(FailureTest, AnUnreadableEntryIsUnavailableAndOthersAreNot) {
  for (uint64_t i = 1; i <= 3; ++i) {
    ASSERT_TRUE(log_->Append(EntryAt(i)).ok());
    ASSERT_TRUE(log_->Sync().ok());
  }
  world_.disk.DamageSector(world_.Segments().front(), kSegmentHeaderBytes + 512);
  EXPECT_TRUE(log_->Get(LogIndex(1)).ok());
  EXPECT_TRUE(absl::IsUnavailable(log_->Get(LogIndex(2)).status()));
  EXPECT_TRUE(log_->Get(LogIndex(3)).ok());
}

TEST_F(FailureTest, ImpossibleOptionsAreRefused) {
  log_.reset();
  const LogOptions good = world_.options;
  auto refused = [&] { return absl::IsInvalidArgument(world_.TryOpen().status()); };
  world_.options.alignment = 1000;
  EXPECT_TRUE(refused());
  world_.options = good;
  world_.options.segment_bytes = 4096;
  EXPECT_TRUE(refused());
  world_.options = good;
  world_.options.buffer_bytes = 10;
  EXPECT_TRUE(refused());
  world_.options = good;
  world_.options.directory = "";
  EXPECT_TRUE(refused());
  world_.options = good;
  world_.options.max_entry_bytes = kGiB;
  EXPECT_TRUE(refused());
}

// The tank's ledger: every synced range, without gaps or overlaps within a segment.
TEST_F(FailureTest, SyncedRangesCoverEachSegmentFromItsStart) {
  for (uint64_t i = 1; i <= 200; ++i) {
    ASSERT_TRUE(log_->Append(EntryAt(i, 1, 1000)).ok());
    if (i % 3 != 0) continue;
    ASSERT_TRUE(log_->Sync().ok());
  }
  ASSERT_TRUE(log_->Close().ok());
  std::map<uint64_t, uint64_t> ends;
  for (const RecordedEvents::Recorded& event : world_.base.events.all) {
    if (event.kind != EventKind::kLogSynced) continue;
    EXPECT_EQ(event.b, ends[event.a]);
    EXPECT_GT(event.c, event.b);
    ends[event.a] = event.c;
  }
  EXPECT_GE(ends.size(), 3u);
}

}  // namespace
}  // namespace wt::test
