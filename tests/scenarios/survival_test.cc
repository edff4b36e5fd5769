// acked-writes-survive and refuse-not-lie on hand-made histories over a real ledger: what is
// promised, harmed on the platter or not, and then found or not found by an engine that opens.
#include "scenarios/invariants/survival.h"

#include <gtest/gtest.h>

#include "engine/log/format.h"
#include "tests/scenarios/invariant_bench.h"

namespace wt::scenarios {
namespace {

constexpr uint64_t kBatch = 4096;  // bytes that a sync of this log promises

// A log of one entry per batch on the virtual disk, and the events that its engine would emit.
class Life {
 public:
  explicit Life(Bench& bench)
      : bench_(bench),
        survival_(bench.judge, bench.machine, bench.shadow, bench.history),
        disk_(&bench.machine.disk().NewIncarnation()) {
    WT_CHECK(disk_->CreateDirectory("log").ok());
    WT_CHECK(disk_->SyncDirectory("").ok());
  }

  // A new segment, durable with its name.
  void BeginSegment(uint64_t segment) {
    segment_ = segment;
    end_ = 0;
    absl::StatusOr<std::unique_ptr<File>> file = disk_->Open(Path(segment), OpenMode::kCreate);
    WT_CHECK(file.ok());
    file_ = *std::move(file);
    Sync(LogIndex(last_));
    WT_CHECK(disk_->SyncDirectory("log").ok());
  }

  // Writes entries up to `last`, each with a sync of its own, and commits them.
  void Write(uint64_t last) {
    while (last_ < last) {
      Append();
      Sync(LogIndex(last_));
      bench_.Tell(survival_, {.kind = EventKind::kCommitAdvanced, .a = last_, .b = last_});
    }
  }
  void Append() {
    ++last_;
    bench_.Grow(last_, last_, term_);
  }
  // The client is told OK for the newest entry.
  void Acknowledge() { bench_.history.Acknowledge(1, LogIndex(last_), bench_.sim.now()); }

  void Open() { bench_.Tell(survival_, {.kind = EventKind::kEngineOpening}); }
  // The engine has opened and its log ends with `last`.
  void Recover(uint64_t last) {
    Open();
    Recovered(last);
  }
  void Recovered(uint64_t last) {
    bench_.Tell(survival_, {.kind = EventKind::kCommitAdvanced, .a = last, .b = last});
    last_ = last;
    ++term_;
  }
  void Refuse() {
    Open();
    bench_.Tell(survival_, {.kind = EventKind::kEngineRefused, .text = "damaged"});
  }
  // Entry `index` (of the first segment) rots where it lies.
  void Rot(uint64_t index) {
    WT_CHECK(bench_.machine.disk().FlipBit(Path(1), (index - 1) * kBatch + 100, 3));
    bench_.machine.disk().DropCache();
  }

  // The first entry of a later segment rots where it lies, behind what begins the segment.
  void RotSegment(uint64_t segment) {
    WT_CHECK(bench_.machine.disk().FlipBit(Path(segment), kBatch + 100, 3));
    bench_.machine.disk().DropCache();
  }
  // Recovery, which has found `found` entries in the first segment, removes another one.
  void RemoveInOpening(uint64_t segment, uint64_t found) {
    bench_.Tell(survival_,
                {.kind = EventKind::kLogSynced, .a = 1, .b = 0, .c = found * kBatch, .d = found});
    WT_CHECK(disk_->Remove(Path(segment)).ok());
    WT_CHECK(disk_->SyncDirectory("log").ok());
    bench_.Tell(survival_, {.kind = EventKind::kLogSegmentRemoved, .a = segment});
  }

  // Entry `index` (of the first segment) cannot be read any more.
  void MakeUnreadable(uint64_t index) {
    WT_CHECK(bench_.machine.disk().DamageSector(Path(1), (index - 1) * kBatch / kSectorBytes));
    bench_.machine.disk().DropCache();
  }

  Survival& survival() { return survival_; }

 private:
  static std::string Path(uint64_t segment) { return "log/" + SegmentName(segment); }
  void Sync(LogIndex last) {
    const uint64_t from = end_;
    if (last_ > 0) {
      absl::StatusOr<uint64_t> written = file_->WriteAt(end_, std::string(kBatch, 'b'));
      WT_CHECK(written.ok() && *written == kBatch);
      end_ += kBatch;
    }
    WT_CHECK(file_->Sync().ok());
    bench_.Tell(
        survival_,
        {.kind = EventKind::kLogSynced, .a = segment_, .b = from, .c = end_, .d = last.value()});
  }

  Bench& bench_;
  Survival survival_;
  Disk* disk_;
  std::unique_ptr<File> file_;
  uint64_t segment_ = 0;
  uint64_t end_ = 0;
  uint64_t last_ = 0;
  uint64_t term_ = 1;
};

// A log of `entries` acknowledged entries in one segment.
std::string FailureAfter(uint64_t entries, const std::function<void(Bench&, Life&)>& story) {
  return FailureOf([&](Bench& bench) {
    Life life(bench);
    life.Recover(0);
    life.BeginSegment(1);
    for (uint64_t i = 1; i <= entries; ++i) {
      life.Write(i);
      life.Acknowledge();
    }
    story(bench, life);
  });
}

TEST(SurvivalTest, EverythingIsThereAgain) {
  EXPECT_EQ(FailureAfter(5,
                         [](Bench& bench, Life& life) {
                           life.Recover(5);
                           EXPECT_GT(bench.judge.evaluated().at("acked-writes-survive"), 0u);
                           EXPECT_EQ(life.survival().forgiven(), 0u);
                         }),
            "");
}

TEST(SurvivalTest, AnUnacknowledgedTailMayStayOrGo) {
  for (const uint64_t last : {5, 6, 7}) {
    EXPECT_EQ(FailureAfter(5,
                           [last](Bench&, Life& life) {
                             life.Append();
                             life.Append();
                             life.Recover(last);
                           }),
              "")
        << last;
  }
}

TEST(SurvivalTest, ALostAcknowledgedEntryFails) {
  EXPECT_EQ(FailureAfter(5, [](Bench&, Life& life) { life.Recover(4); }), "acked-writes-survive");
  EXPECT_EQ(FailureAfter(5, [](Bench&, Life& life) { life.Recover(0); }), "acked-writes-survive");
}

TEST(SurvivalTest, ACommittedEntryCountsThoughNobodyWasTold) {
  EXPECT_EQ(FailureAfter(5,
                         [](Bench&, Life& life) {
                           life.Write(6);
                           life.Recover(5);
                         }),
            "acked-writes-survive");
}

TEST(SurvivalTest, MoreThanWasEverAppendedFails) {
  EXPECT_EQ(FailureAfter(5, [](Bench&, Life& life) { life.Recover(6); }), "no-phantom");
}

TEST(SurvivalTest, TheLossOfADamagedTailIsForgiven) {
  EXPECT_EQ(FailureAfter(5,
                         [](Bench& bench, Life& life) {
                           life.Rot(5);
                           life.Recover(4);
                           EXPECT_EQ(life.survival().forgiven(), 1u);
                           EXPECT_EQ(bench.shadow.last(), LogIndex(4));
                           EXPECT_EQ(bench.history.last_acknowledged(), LogIndex(4));
                           // What was forgiven is not asked for again; what is left is.
                           life.Recover(4);
                         }),
            "");
}

TEST(SurvivalTest, WhatCannotBeReadIsNotWhatWasNeverWritten) {
  EXPECT_EQ(FailureAfter(5,
                         [](Bench&, Life& life) {
                           life.MakeUnreadable(5);
                           life.Recover(4);
                         }),
            "acked-writes-survive");
}

TEST(SurvivalTest, WhileOldBytesAreReadForNewOnesTheTailMayLookUnwritten) {
  const auto lost_when_stale = [](bool before) {
    return FailureAfter(5, [before](Bench&, Life& life) {
      life.survival().StaleReads(true);
      if (before) {
        life.survival().StaleReads(false);
        life.Open();
      }
      life.Recover(4);
    });
  };
  EXPECT_EQ(lost_when_stale(false), "");
  EXPECT_EQ(lost_when_stale(true), "acked-writes-survive");
}

// The whole last segment was lost to a disk that lied; recovery takes it for one that was never
// used, and removes it before it says what it has found. It may die between the two.
TEST(SurvivalTest, ASegmentThatRecoveryRemovesStaysPromised) {
  const auto removed_when = [](bool harmed, bool dies) {
    return FailureAfter(3, [=](Bench&, Life& life) {
      life.BeginSegment(2);
      life.Write(4);
      life.Acknowledge();
      if (harmed) life.RotSegment(2);
      life.Open();
      life.RemoveInOpening(2, /*found=*/3);
      if (dies) life.Open();
      life.Recovered(3);
    });
  };
  EXPECT_EQ(removed_when(true, false), "");
  EXPECT_EQ(removed_when(true, true), "");
  EXPECT_EQ(removed_when(false, false), "acked-writes-survive");
  EXPECT_EQ(removed_when(false, true), "acked-writes-survive");
}

TEST(SurvivalTest, HarmThatAnOpeningHasCoveredUpIsRemembered) {
  EXPECT_EQ(FailureAfter(5,
                         [](Bench& bench, Life& life) {
                           life.Rot(5);
                           life.Open();  // and dies
                           // Flipped back: the platter looks as if nothing had been.
                           ASSERT_TRUE(bench.machine.disk().FlipBit("log/" + SegmentName(1),
                                                                    4 * kBatch + 100, 3));
                           life.Recover(4);
                           EXPECT_EQ(life.survival().forgiven(), 1u);
                         }),
            "");
}

TEST(SurvivalTest, AfterForgivenessTheRestMustStillSurvive) {
  EXPECT_EQ(FailureAfter(5,
                         [](Bench&, Life& life) {
                           life.Rot(5);
                           life.Recover(4);
                           life.Recover(3);
                         }),
            "acked-writes-survive");
}

TEST(SurvivalTest, DamageElsewhereExcusesNothing) {
  EXPECT_EQ(FailureAfter(5,
                         [](Bench&, Life& life) {
                           life.Rot(2);
                           life.Recover(4);
                         }),
            "acked-writes-survive");
}

TEST(SurvivalTest, DamageWithAnIntactWitnessBehindItMustBeRefused) {
  EXPECT_EQ(FailureAfter(5,
                         [](Bench&, Life& life) {
                           life.Rot(3);
                           life.Recover(2);
                         }),
            "refuse-not-lie");
}

TEST(SurvivalTest, WhenEverythingBehindIsDamagedTooNobodyCanTell) {
  EXPECT_EQ(FailureAfter(5,
                         [](Bench&, Life& life) {
                           for (uint64_t i : {3, 4, 5}) life.Rot(i);
                           life.Recover(2);
                           EXPECT_EQ(life.survival().forgiven(), 1u);
                         }),
            "");
}

TEST(SurvivalTest, RefusingADamagedDiskIsRight) {
  EXPECT_EQ(FailureAfter(5,
                         [](Bench& bench, Life& life) {
                           life.Rot(3);
                           life.Refuse();
                           EXPECT_EQ(life.survival().refusals(), 1u);
                           EXPECT_EQ(bench.judge.evaluated().at("refuse-not-lie"), 1u);
                         }),
            "");
}

TEST(SurvivalTest, RefusingAHealthyDiskFails) {
  EXPECT_EQ(FailureAfter(5, [](Bench&, Life& life) { life.Refuse(); }), "refuse-not-lie");
}

TEST(SurvivalTest, RefusingIsRightWhileTheDiskLiesInPassing) {
  EXPECT_EQ(FailureAfter(5,
                         [](Bench&, Life& life) {
                           life.survival().TransientLies(true);
                           life.Refuse();
                           life.survival().TransientLies(false);
                         }),
            "");
  EXPECT_EQ(FailureAfter(5,
                         [](Bench&, Life& life) {
                           life.survival().TransientLies(true);
                           life.survival().TransientLies(false);
                           life.Refuse();
                         }),
            "refuse-not-lie");
}

TEST(SurvivalTest, ACompactedSegmentPromisesNothingAnyMore) {
  EXPECT_EQ(FailureAfter(3,
                         [](Bench& bench, Life& life) {
                           life.BeginSegment(2);
                           life.Write(5);
                           life.Acknowledge();
                           bench.Tell(life.survival(),
                                      {.kind = EventKind::kLogSegmentRemoved, .a = 1});
                           life.Recover(5);
                         }),
            "");
}

TEST(SurvivalTest, AnOlderBackupMustHoldWhatItPromisedWhenItWasTaken) {
  const auto swapped_and_found = [](uint64_t last) {
    return FailureAfter(3, [last](Bench&, Life& life) {
      life.survival().OnBackup();
      life.Write(6);
      life.Acknowledge();
      life.survival().OnDiskSwapped();
      life.Recover(last);
    });
  };
  EXPECT_EQ(swapped_and_found(3), "");
  EXPECT_EQ(swapped_and_found(2), "acked-writes-survive");
}

// What a lying sync promised is on its way at best, and not in a copy that is made meanwhile.
TEST(SurvivalTest, ABackupOwesNothingWhileASyncIsOutstanding) {
  EXPECT_EQ(FailureAfter(3,
                         [](Bench& bench, Life& life) {
                           bench.machine.disk().LieNextSyncs(1);
                           life.Write(4);
                           life.Acknowledge();
                           life.survival().OnBackup();
                           life.survival().OnDiskSwapped();
                           life.Recover(3);
                         }),
            "");
}

TEST(SurvivalTest, AWipedDiskOwesNothing) {
  EXPECT_EQ(FailureAfter(5,
                         [](Bench& bench, Life& life) {
                           bench.shadow = Shadow();
                           bench.history = History();
                           life.survival().BeginAnew();
                           life.Recover(0);
                         }),
            "");
}

}  // namespace
}  // namespace wt::scenarios
