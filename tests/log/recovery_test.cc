// What recovery decides, one behaviour a test: where a log ends, and when it refuses. The damage is
// done to the files directly, so nothing but the bytes can tell recovery what happened.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/log/foreign_log.h"
#include "tests/log/log_world.h"

namespace wt::test {
namespace {

using testing::HasSubstr;

class RecoveryTest : public testing::Test {
 protected:
  // `batches` synced batches of two entries each, then a crash. Returns the segment's path.
  std::string WriteAndCrash(uint64_t batches) {
    log_ = world_.Open();
    const std::string path = world_.Segments().back();
    for (uint64_t i = 0; i < batches; ++i) AppendSynced(EntriesFrom(1 + 2 * i, 2));
    Crash();
    return path;
  }
  void AppendSynced(const std::vector<LogEntry>& entries) {
    ASSERT_TRUE(log_->AppendBatch(entries).ok());
    ASSERT_TRUE(log_->Sync().ok());
  }
  void Crash(CrashKind kind = CrashKind::kLoseUnsynced) {
    log_.reset();
    world_.base.disk.Crash(kind);
  }
  void ExpectContent(uint64_t last) {
    log_ = world_.Open();
    EXPECT_EQ(ContentOf(*log_), EntriesFrom(1, last));
  }
  void ExpectDataLoss(const std::string& path, uint64_t offset) {
    auto log = world_.TryOpen();
    ASSERT_TRUE(absl::IsDataLoss(log.status())) << log.status();
    EXPECT_THAT(MessageOf(log.status()), HasSubstr(absl::StrFormat("%s at %d", path, offset)));
    EXPECT_EQ(world_.base.events.Count(EventKind::kLogDamaged), 1u);
  }
  bool Reached(const std::string& goal) { return world_.base.events.goals.count(goal) > 0; }

  // With the alignment of 512 and entries of 40 bytes, a batch of two is one sector.
  static constexpr uint64_t kFirst = kSegmentHeaderBytes;
  static constexpr uint64_t kBatch = 512;

  LogWorld world_;
  std::unique_ptr<LogStorage> log_;
};

TEST_F(RecoveryTest, WhatWasSyncedIsThereAndWhatWasNotMayBeGone) {
  log_ = world_.Open();
  AppendSynced(EntriesFrom(1, 5));
  ASSERT_TRUE(log_->AppendBatch(EntriesFrom(6, 5)).ok());
  Crash();
  ExpectContent(5);
  EXPECT_FALSE(world_.found.tail_cut);
}

TEST_F(RecoveryTest, AppendsContinueInAFreshSegment) {
  WriteAndCrash(2);
  log_ = world_.Open();
  const std::vector<std::string> segments = world_.Segments();
  ASSERT_EQ(segments.size(), 2u);
  const std::string before = *world_.base.disk.Content(segments[0]);
  AppendSynced(EntriesFrom(5, 2));
  Crash();
  ExpectContent(6);
  EXPECT_EQ(*world_.base.disk.Content(segments[0]), before);
}

TEST_F(RecoveryTest, TornTailEndsTheLog) {
  const std::string path = WriteAndCrash(3);
  world_.Damage(path, [](std::string& b) { b.replace(kFirst + 2 * kBatch + 200, 8, "garbage!"); });
  ExpectContent(4);
  EXPECT_TRUE(world_.found.tail_cut);
  EXPECT_TRUE(world_.found.tail_ambiguous);
  EXPECT_EQ(world_.base.events.Count(EventKind::kLogTailCut), 1u);
  EXPECT_EQ(world_.base.events.Count(EventKind::kLogTailAmbiguous), 1u);
}

TEST_F(RecoveryTest, ACutTailStaysCut) {
  const std::string path = WriteAndCrash(3);
  const std::string whole = *world_.base.disk.Content(path);
  world_.Damage(path, [](std::string& b) { b[kFirst + 2 * kBatch + 200] ^= 1; });
  log_ = world_.Open();
  AppendSynced({EntryAt(5, 2), EntryAt(6, 2)});
  Crash();
  // Even when the torn batch becomes readable again: its successor says where the segment ends.
  world_.base.disk.Plant(path, whole);
  log_ = world_.Open();
  EXPECT_EQ(log_->Get(LogIndex(5)).value(), EntryAt(5, 2));
  EXPECT_EQ(log_->last_index(), LogIndex(6));
}

TEST_F(RecoveryTest, DamageBeforeTheDurableEndIsDataLoss) {
  const std::string path = WriteAndCrash(3);
  world_.Damage(path, [](std::string& b) { b[kFirst + kBatch + 200] ^= 1; });
  ExpectDataLoss(path, kFirst + kBatch);
  EXPECT_TRUE(Reached("log.damage_before_durable_end"));
}

TEST_F(RecoveryTest, ALostSectorBeforeTheDurableEndIsDataLoss) {
  const std::string path = WriteAndCrash(3);
  world_.Damage(path, [](std::string& b) { b.replace(kFirst, 512, 512, '\0'); });
  ExpectDataLoss(path, kFirst);
}

TEST_F(RecoveryTest, DamageRefusedIsRefusedAgain) {
  const std::string path = WriteAndCrash(3);
  world_.Damage(path, [](std::string& b) { b[kFirst + 200] ^= 1; });
  const std::string before = *world_.base.disk.Content(path);
  EXPECT_TRUE(absl::IsDataLoss(world_.TryOpen().status()));
  EXPECT_TRUE(absl::IsDataLoss(world_.TryOpen().status()));
  EXPECT_EQ(*world_.base.disk.Content(path), before);
  EXPECT_EQ(world_.Segments().size(), 1u);
}

TEST_F(RecoveryTest, ZerosAtTheTailAreNotAnError) {
  WriteAndCrash(3);  // the reserved rest of the segment reads as zeros
  ExpectContent(6);
  EXPECT_FALSE(world_.found.tail_cut);
  EXPECT_EQ(world_.base.events.Count(EventKind::kLogTailCut), 0u);
}

TEST_F(RecoveryTest, GarbageAtTheTailIsNotAnError) {
  const std::string path = WriteAndCrash(3);
  world_.Damage(path, [](std::string& b) {
    Draw draw(7);
    for (size_t i = kFirst + 3 * kBatch; i < b.size(); ++i) b[i] = static_cast<char>(draw.Next());
  });
  ExpectContent(6);
  EXPECT_TRUE(world_.found.tail_cut);
}

TEST_F(RecoveryTest, AShortenedLastSegmentIsDataLoss) {
  const std::string path = WriteAndCrash(3);
  world_.Damage(path, [](std::string& b) { b.resize(kFirst + 2 * kBatch); });
  ExpectDataLoss(path, kFirst + 2 * kBatch);
}

TEST_F(RecoveryTest, AShortSegmentWithoutBatchesIsAnUnfinishedOne) {
  WriteAndCrash(2);
  log_ = world_.Open();
  Crash();
  const std::string path = world_.Segments().back();
  world_.Damage(path, [](std::string& b) { b.resize(kFirst); });
  ExpectContent(4);
}

TEST_F(RecoveryTest, RecycledBytesOfAnOlderSegmentAreNotReplayed) {
  // A log with other content in the same places, from an earlier life of the disk.
  LogWorld earlier;
  earlier.base.random.seed = 99;
  auto old_log = earlier.Open();
  for (uint64_t i = 0; i < 5; ++i) {
    ASSERT_TRUE(old_log->AppendBatch(EntriesFrom(1 + 2 * i, 2, 3)).ok());
    ASSERT_TRUE(old_log->Sync().ok());
  }
  const std::string ghost = *earlier.base.disk.Content(earlier.Segments().front());
  const std::string path = WriteAndCrash(2);
  world_.Damage(path, [&](std::string& b) {
    const size_t from = kFirst + 2 * kBatch;
    b.replace(from, b.size() - from, ghost, from);
  });
  ExpectContent(4);
}

TEST_F(RecoveryTest, ABatchInAnotherPlaceOfItsOwnSegmentIsNotReplayed) {
  const std::string path = WriteAndCrash(2);
  world_.Damage(path, [](std::string& b) {
    b.replace(kFirst + 2 * kBatch, kBatch, b.substr(kFirst + kBatch, kBatch));
  });
  ExpectContent(4);
}

TEST_F(RecoveryTest, ReorderedUnsyncedBatchesAreCutAtTheFirstMissing) {
  world_.base.random.armed = {"log.write_early"};  // each append is written, none is synced
  log_ = world_.Open();
  const std::string path = world_.Segments().back();
  for (uint64_t i = 1; i <= 4; ++i) ASSERT_TRUE(log_->Append(EntryAt(i)).ok());
  Crash(CrashKind::kKill);
  world_.Damage(path, [](std::string& b) { b.replace(kFirst + kBatch, 512, 512, '\0'); });
  ExpectContent(1);
  EXPECT_TRUE(world_.found.tail_cut);
  EXPECT_TRUE(Reached("log.tail_cut_reordered"));
}

TEST_F(RecoveryTest, AnUnreadableSectorIsNotTheEnd) {
  const std::string path = WriteAndCrash(3);
  world_.disk.DamageSector(path, kFirst + 2 * kBatch);
  auto log = world_.TryOpen();
  EXPECT_TRUE(absl::IsUnavailable(log.status())) << log.status();
  EXPECT_THAT(MessageOf(log.status()), HasSubstr(path));
  world_.disk.HealSectors();
  ExpectContent(6);
}

TEST_F(RecoveryTest, AnUnreadableSectorBeforeTheDurableEndIsDataLoss) {
  const std::string path = WriteAndCrash(3);
  world_.disk.DamageSector(path, kFirst + kBatch);
  ExpectDataLoss(path, kFirst + kBatch);
}

TEST_F(RecoveryTest, AnUnreadableSectorBehindTheEndDoesNotMatter) {
  const std::string path = WriteAndCrash(3);
  world_.disk.DamageSector(path, kFirst + 5 * kBatch);
  ExpectContent(6);
}

// The batch at kFirst + kBatch is lost without a trace, as by a disk that shows what was there
// before; the one behind it vouches for it, and cannot be read. Refused until it can be.
TEST_F(RecoveryTest, AnUnreadableWitnessIsNoTornTail) {
  const std::string path = WriteAndCrash(4);
  world_.Damage(path, [](std::string& b) { b[kFirst + 2 * kBatch + 200] ^= 1; });
  world_.disk.DamageSector(path, kFirst + 3 * kBatch);
  auto log = world_.TryOpen();
  ASSERT_TRUE(absl::IsUnavailable(log.status())) << log.status();
  EXPECT_THAT(MessageOf(log.status()), HasSubstr(path));
  EXPECT_EQ(world_.Segments().size(), 1u);
  EXPECT_TRUE(Reached("log.unreadable_behind_the_end"));
  world_.disk.HealSectors();
  ExpectDataLoss(path, kFirst + 2 * kBatch);
}

TEST_F(RecoveryTest, WhatTheSecondLookFindsIsThere) {
  const std::string path = WriteAndCrash(3);
  // The last batch shows as it was before it was written, the first time.
  world_.disk.ShowOnceAsZeros(path, kFirst + 2 * kBatch);
  ExpectContent(6);
  EXPECT_FALSE(world_.found.tail_cut);
  EXPECT_TRUE(Reached("log.there_at_the_second_look"));
}

class LaterLookTest : public RecoveryTest, public ::testing::WithParamInterface<uint64_t> {};

TEST_P(LaterLookTest, ASegmentInWhichRecordsWereFoundIsNotDroppedForIt) {
  WriteAndCrash(2);
  log_ = world_.Open();
  AppendSynced(EntriesFrom(5, 2));
  const std::string last = world_.Segments().back();
  Crash();
  world_.disk.ShowOnceAsZeros(last, kFirst, /*looks_before=*/GetParam());
  ExpectContent(6);
}

INSTANTIATE_TEST_SUITE_P(Looks, LaterLookTest, ::testing::Range(uint64_t{0}, uint64_t{6}));

TEST_F(RecoveryTest, OneGoodCopyOfTheHeaderIsEnough) {
  const std::string path = WriteAndCrash(1);
  world_.Damage(path, [](std::string& b) { b[20] ^= 1; });
  ExpectContent(2);
  Crash();
  world_.disk.DamageSector(path, 0);
  ExpectContent(2);
  EXPECT_TRUE(Reached("log.header_from_second_copy"));
}

TEST_F(RecoveryTest, ALostHeaderWithBatchesBehindItIsDataLoss) {
  const std::string path = WriteAndCrash(1);
  world_.Damage(path, [](std::string& b) { b.replace(0, kFirst, kFirst, '\0'); });
  ExpectDataLoss(path, 0);
}

TEST_F(RecoveryTest, AnUnfinishedFirstSegmentIsBegunAnew) {
  world_.base.disk.CreateDirectory("log").IgnoreError();
  world_.base.disk.Plant("log/0000000000000001.wal", std::string(300, 'x'));
  ExpectContent(0);
  AppendSynced(EntriesFrom(1, 2));
  Crash();
  ExpectContent(2);
}

TEST_F(RecoveryTest, AnUnfinishedLastSegmentIsDropped) {
  WriteAndCrash(2);
  const std::string path = "log/0000000000000002.wal";
  world_.base.disk.Plant(path, std::string(64 * kKiB, '\0'));
  ExpectContent(4);
  EXPECT_FALSE(world_.base.disk.Content(path).has_value());
  EXPECT_TRUE(Reached("log.unfinished_segment_dropped"));
}

TEST_F(RecoveryTest, ALoneSegmentWithoutHeaderIsDataLossUnlessItIsTheFirst) {
  WriteAndCrash(0);
  log_ = world_.Open();
  ASSERT_TRUE(log_->Reset(LogIndex(100), Term(3)).ok());
  Crash();
  ASSERT_EQ(world_.Segments().size(), 1u);
  const std::string path = world_.Segments().front();
  world_.Damage(path, [](std::string& b) { b.replace(0, kFirst, kFirst, '\0'); });
  ExpectDataLoss(path, 0);
}

TEST_F(RecoveryTest, AMissingSegmentInTheMiddleIsDataLoss) {
  for (uint64_t i = 0; i < 3; ++i) {
    log_ = world_.Open();
    AppendSynced(EntriesFrom(1 + 2 * i, 2));
    Crash();
  }
  const std::vector<std::string> segments = world_.Segments();
  ASSERT_EQ(segments.size(), 3u);
  ASSERT_TRUE(world_.base.disk.Remove(segments[1]).ok());
  ExpectDataLoss(segments[1], 0);
}

TEST_F(RecoveryTest, AShortenedOlderSegmentIsDataLoss) {
  const std::string path = WriteAndCrash(3);
  log_ = world_.Open();
  Crash();
  world_.Damage(path, [](std::string& b) { b.resize(kFirst + 2 * kBatch); });
  ExpectDataLoss(path, kFirst + 2 * kBatch);
}

TEST_F(RecoveryTest, AnOldCopyOfASegmentIsDataLoss) {
  const std::string path = WriteAndCrash(2);
  const std::string old = *world_.base.disk.Content(path);
  log_ = world_.Open();
  AppendSynced(EntriesFrom(5, 2));
  Crash();
  const std::string second = world_.Segments().back();
  log_ = world_.Open();
  Crash();
  world_.base.disk.Plant(second, old);
  auto log = world_.TryOpen();
  EXPECT_TRUE(absl::IsDataLoss(log.status())) << log.status();
}

TEST_F(RecoveryTest, AnOlderSegmentOfAnotherHistoryIsDataLoss) {
  // The same salts, lengths and counts; one byte of one entry is different.
  LogWorld other;
  auto other_log = other.Open();
  std::vector<LogEntry> entries = EntriesFrom(1, 2);
  entries[1].command[3] ^= 1;
  ASSERT_TRUE(other_log->AppendBatch(entries).ok());
  ASSERT_TRUE(other_log->Sync().ok());
  const std::string path = WriteAndCrash(1);
  log_ = world_.Open();
  AppendSynced(EntriesFrom(3, 2));
  Crash();
  world_.base.disk.Plant(path, *other.base.disk.Content(path));
  auto log = world_.TryOpen();
  ASSERT_TRUE(absl::IsDataLoss(log.status())) << log.status();
  EXPECT_THAT(MessageOf(log.status()), HasSubstr(path));
}

TEST_F(RecoveryTest, TheSealOfACleanCloseVouchesForTheLastBatch) {
  log_ = world_.Open();
  const std::string path = world_.Segments().back();
  AppendSynced(EntriesFrom(1, 2));
  ASSERT_TRUE(log_->Close().ok());
  Crash();
  world_.Damage(path, [](std::string& b) { b[kFirst + 200] ^= 1; });
  ExpectDataLoss(path, kFirst);
}

TEST_F(RecoveryTest, AnUnknownVersionIsRefusedWithItsNumber) {
  const std::string path = WriteAndCrash(1);
  world_.Damage(path, [](std::string& b) {
    for (uint64_t at : kHeaderCopyOffsets) {
      StoreLittle<uint32_t>(b.data() + at + 8, 77);
      const Hash128 hash = HashBytes128(std::string_view(b).substr(at, 496));
      StoreLittle(b.data() + at + 496, hash);
    }
  });
  auto log = world_.TryOpen();
  EXPECT_TRUE(absl::IsFailedPrecondition(log.status()));
  EXPECT_FALSE(IsForeignLog(log.status()));
  EXPECT_THAT(MessageOf(log.status()), HasSubstr("version 77"));
}

TEST_F(RecoveryTest, ANumberThatNoLogComesToIsRefused) {
  WriteAndCrash(1);
  world_.base.disk.Plant(SegmentPath("log", 0xffff'fffe), "");
  auto log = world_.TryOpen();
  EXPECT_TRUE(absl::IsFailedPrecondition(log.status())) << log.status();
  EXPECT_THAT(MessageOf(log.status()), HasSubstr("move the file away"));
}

TEST_F(RecoveryTest, TheLogOfAnotherMachineIsRefused) {
  WriteAndCrash(1);
  world_.options.node_id = 8;
  auto log = world_.TryOpen();
  EXPECT_TRUE(absl::IsFailedPrecondition(log.status()));
  EXPECT_THAT(MessageOf(log.status()), HasSubstr("node 8"));
  EXPECT_TRUE(IsForeignLog(log.status()));
}

TEST_F(RecoveryTest, TheHardStateIsDurableWithTheNextSync) {
  log_ = world_.Open();
  const HardState first = {.term = Term(2), .voted_for = 1, .commit_index = LogIndex(0)};
  const HardState second = {.term = Term(3), .voted_for = 2, .commit_index = LogIndex(0)};
  ASSERT_TRUE(log_->SetHardState(first).ok());
  ASSERT_TRUE(log_->Sync().ok());
  ASSERT_TRUE(log_->SetHardState(second).ok());
  Crash();
  for (int i = 0; i < 3; ++i) {
    log_ = world_.Open();
    EXPECT_EQ(log_->hard_state(), first);
    Crash();
  }
}

TEST_F(RecoveryTest, ATruncationIsDurableWithTheNextSync) {
  log_ = world_.Open();
  AppendSynced(EntriesFrom(1, 6));
  ASSERT_TRUE(log_->Truncate(LogIndex(4)).ok());
  Crash();
  ExpectContent(6);
  ASSERT_TRUE(log_->Truncate(LogIndex(4)).ok());
  ASSERT_TRUE(log_->Sync().ok());
  Crash();
  ExpectContent(3);
}

TEST_F(RecoveryTest, ATruncationReachesBackBeforeWhatCompactionLeft) {
  log_ = world_.Open();
  AppendSynced(EntriesFrom(1, 6, 1));
  Crash();
  log_ = world_.Open();  // a second segment, which begins behind index 6
  ASSERT_TRUE(log_->Truncate(LogIndex(4)).ok());
  AppendSynced(EntriesFrom(4, 2, 2));
  ASSERT_TRUE(log_->Compact(LogIndex(3)).ok());
  EXPECT_EQ(log_->first_index(), LogIndex(4));
  ASSERT_EQ(world_.Segments().size(), 1u);
  Crash();
  log_ = world_.Open();
  EXPECT_EQ(log_->first_index(), LogIndex(4));
  EXPECT_EQ(log_->TermAt(LogIndex(3)).value(), Term(1));
  EXPECT_EQ(ContentOf(*log_), EntriesFrom(4, 2, 2));
}

TEST_F(RecoveryTest, AResetSurvivesAndTheOldSegmentsDoNotComeBack) {
  WriteAndCrash(2);
  log_ = world_.Open();
  const std::string old_path = world_.Segments().front();
  const std::string old_bytes = *world_.base.disk.Content(old_path);
  ASSERT_TRUE(log_->SetHardState({.term = Term(5)}).ok());
  ASSERT_TRUE(log_->Reset(LogIndex(50), Term(4)).ok());
  Crash();
  world_.base.disk.Plant(old_path, old_bytes);  // its removal was lost
  log_ = world_.Open();
  EXPECT_EQ(log_->first_index(), LogIndex(51));
  EXPECT_EQ(log_->TermAt(LogIndex(50)).value(), Term(4));
  EXPECT_EQ(log_->hard_state().term, Term(5));
  EXPECT_FALSE(world_.base.disk.Content(old_path).has_value());
}

TEST_F(RecoveryTest, ALoopOfCrashesDoesNotFillTheDisk) {
  WriteAndCrash(1);
  for (int i = 0; i < 20; ++i) {
    log_ = world_.Open();
    Crash();
  }
  EXPECT_LE(world_.Segments().size(), 2u);
  ExpectContent(2);
}

// The first segment has nothing but a torn tail, so a second one was begun, and got nothing either.
// The third opening gives up the second one, and the power goes before it is removed.
TEST_F(RecoveryTest, TwoEmptySegmentsAreNotGivenUpAtOnce) {
  log_ = world_.Open();
  const std::string first = world_.Segments().back();
  Crash();
  world_.Damage(first, [](std::string& bytes) { bytes.replace(kFirst, 4, "torn"); });
  log_ = world_.Open();
  ASSERT_TRUE(Reached("log.tail_cut"));
  ASSERT_EQ(world_.Segments().size(), 2u);
  const std::string second = world_.Segments().back();
  const std::string bytes = *world_.base.disk.Content(second);
  Crash();
  log_ = world_.Open();
  Crash();
  if (!world_.base.disk.Content(second).has_value()) world_.base.disk.Plant(second, bytes);
  ExpectContent(0);
  AppendSynced(EntriesFrom(1, 2));
  Crash();
  ExpectContent(2);
  EXPECT_LE(world_.Segments().size(), 3u);
}

// Each life votes, and dies before it gets an entry.
TEST_F(RecoveryTest, ALoopOfVotesAndCrashesDoesNotFillTheDiskAndForgetsNoVote) {
  WriteAndCrash(1);
  for (uint64_t life = 1; life <= 20; ++life) {
    log_ = world_.Open();
    EXPECT_EQ(log_->hard_state().term, Term(life - 1));
    ASSERT_TRUE(log_->SetHardState({.term = Term(life), .voted_for = life % 3}).ok());
    ASSERT_TRUE(log_->Sync().ok());
    Crash();
    EXPECT_LE(world_.Segments().size(), 3u);
  }
  ExpectContent(2);
  EXPECT_EQ(log_->hard_state(), (HardState{.term = Term(20), .voted_for = 20 % 3}));
}

// The segment that was to be given up is still there when the power goes, and its successor too.
TEST_F(RecoveryTest, ASegmentOfVotesThatAnOpenCouldNotRemoveIsRemovedByTheNext) {
  WriteAndCrash(1);
  log_ = world_.Open();
  ASSERT_TRUE(log_->SetHardState({.term = Term(7), .voted_for = 2}).ok());
  ASSERT_TRUE(log_->Sync().ok());
  Crash();
  const std::vector<std::string> before = world_.Segments();
  const std::string votes = *world_.base.disk.Content(before.back());
  log_ = world_.Open();
  Crash();
  ASSERT_FALSE(world_.base.disk.Content(before.back()).has_value());
  world_.base.disk.Plant(before.back(), votes);
  ExpectContent(2);
  EXPECT_EQ(log_->hard_state(), (HardState{.term = Term(7), .voted_for = 2}));
  EXPECT_FALSE(world_.base.disk.Content(before.back()).has_value());
}

// It says more than the successor does: somebody removed what came between.
TEST_F(RecoveryTest, ASegmentWithALaterVoteThatNobodyRefersToIsDataLoss) {
  WriteAndCrash(1);
  log_ = world_.Open();
  ASSERT_TRUE(log_->SetHardState({.term = Term(7), .voted_for = 2}).ok());
  ASSERT_TRUE(log_->Sync().ok());
  Crash();
  const std::string path = world_.Segments().back();
  const std::string votes = *world_.base.disk.Content(path);
  ASSERT_TRUE(world_.base.disk.Remove(path).ok());
  ASSERT_TRUE(world_.base.disk.SyncDirectory("log").ok());
  log_ = world_.Open();  // takes the same number
  Crash();
  log_ = world_.Open();
  Crash();
  if (!world_.base.disk.Content(path).has_value()) world_.base.disk.Plant(path, votes);
  const absl::Status status = world_.TryOpen().status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
}

// The new segment is the only one that knows of the vote, and loses its header to rot.
TEST_F(RecoveryTest, AVoteThatWasCarriedOverIsMissedWhenItsSegmentLosesTheHeader) {
  WriteAndCrash(1);
  log_ = world_.Open();
  ASSERT_TRUE(log_->SetHardState({.term = Term(7), .voted_for = 2}).ok());
  ASSERT_TRUE(log_->Sync().ok());
  Crash();
  log_ = world_.Open();
  Crash();
  world_.Damage(world_.Segments().back(), [](std::string& bytes) {
    bytes.replace(0, kSegmentHeaderBytes, kSegmentHeaderBytes, '\0');
  });
  const absl::Status status = world_.TryOpen().status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
}

TEST_F(RecoveryTest, WhatAKilledProcessLeftIsMadeDurableBeforeItIsShown) {
  world_.base.random.armed = {"log.write_early"};
  log_ = world_.Open();
  ASSERT_TRUE(log_->AppendBatch(EntriesFrom(1, 3)).ok());
  Crash(CrashKind::kKill);
  ExpectContent(3);
  Crash(CrashKind::kLoseUnsynced);
  ExpectContent(3);
}

TEST_F(RecoveryTest, FilesOfOthersAreLeftAlone) {
  WriteAndCrash(1);
  world_.base.disk.Plant("log/readme.txt", "mine");
  world_.base.disk.Plant("log/000000000000000A.wal", "upper case is not ours");
  ExpectContent(2);
  EXPECT_EQ(world_.base.disk.Content("log/readme.txt"), "mine");
}

TEST_F(RecoveryTest, SegmentsMayHaveDifferentAlignments) {
  WriteAndCrash(2);
  world_.options.alignment = 4096;
  log_ = world_.Open();
  AppendSynced(EntriesFrom(5, 2));
  Crash();
  world_.options.alignment = 512;
  ExpectContent(6);
}

}  // namespace
}  // namespace wt::test
