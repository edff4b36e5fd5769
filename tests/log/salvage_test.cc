// With salvage: damage that is confined to the bytes of entries is listed with all that the log
// knows of them, everything else is read as before, and a repair puts back exactly what was there.
// Damage that reaches further, and torn tails, are judged as without it.
#include <gtest/gtest.h>

#include "tests/log/log_world.h"

namespace wt::test {
namespace {

// Where the bytes of an entry lie.
struct Place {
  std::string path;
  uint64_t offset = 0;
};

using Indices = std::vector<uint64_t>;

class SalvageTest : public testing::Test {
 protected:
  SalvageTest() { world_.options.salvage = true; }

  static std::string Marker(uint64_t index, uint64_t term = 1) {
    return absl::StrFormat("entry %d of term %d|", index, term);
  }

  Place PlaceOf(uint64_t index, uint64_t term = 1) {
    for (const std::string& path : world_.Segments()) {
      const size_t at = world_.base.disk.Content(path)->find(Marker(index, term));
      if (at != std::string::npos) return {path, at};
    }
    ADD_FAILURE() << "entry " << index << " is nowhere";
    return {};
  }

  void Harm(uint64_t index, uint64_t at = 3) {
    const Place place = PlaceOf(index);
    world_.Damage(place.path, [&](std::string& bytes) { bytes[place.offset + at] ^= 0x10; });
  }

  // The same while the log is open.
  void HarmLive(uint64_t index) {
    const Place place = PlaceOf(index);
    auto file = world_.base.disk.Open(place.path, OpenMode::kReadWrite);
    ASSERT_EQ(*(*file)->WriteAt(place.offset + 3, "?"), 1u);
  }

  // Entries 1 .. 6, two and then one to a batch, all durable and vouched for; the log is closed.
  void Write() {
    auto log = world_.Open();
    for (uint64_t i = 1; i <= 4; i += 2) {
      ASSERT_TRUE(log->AppendBatch(EntriesFrom(i, 2)).ok());
      ASSERT_TRUE(log->Sync().ok());
    }
    for (uint64_t i = 5; i <= 6; ++i) {
      ASSERT_TRUE(log->Append(EntryAt(i)).ok());
      ASSERT_TRUE(log->Sync().ok());
    }
    ASSERT_TRUE(log->Close().ok());
  }

  static Indices IndicesOf(LogStorage& log) {
    Indices indices;
    for (const DamagedEntry& entry : log.Damaged()) indices.push_back(entry.index.value());
    return indices;
  }

  void FailRepairAt(uint64_t call) {
    Write();
    Harm(3);
    {
      auto log = world_.Open();
      world_.base.disk.FailAt(call, Unavailable("device error"));
      EXPECT_TRUE(absl::IsUnavailable(log->Repair(EntryAt(3))));
      EXPECT_EQ(IndicesOf(*log), Indices{3});
      EXPECT_TRUE(absl::IsFailedPrecondition(log->Append(EntryAt(7)).status()));
      EXPECT_TRUE(absl::IsFailedPrecondition(log->Repair(EntryAt(3))));
    }
    world_.base.disk.Crash(CrashKind::kLoseUnsynced);
    auto log = world_.Open();
    EXPECT_EQ(IndicesOf(*log), Indices{3});
    ASSERT_TRUE(log->Repair(EntryAt(3)).ok());
    EXPECT_EQ(ContentOf(*log), EntriesFrom(1, 6));
  }

  LogWorld world_;
};

TEST_F(SalvageTest, WithoutItDamageIsRefused) {
  Write();
  Harm(3);
  world_.options.salvage = false;
  EXPECT_TRUE(absl::IsDataLoss(world_.TryOpen().status()));
}

TEST_F(SalvageTest, DamagedEntriesAreListedWithAllThatIsKnownOfThem) {
  Write();
  Harm(2);
  Harm(5);
  auto log = world_.Open();
  const std::vector<DamagedEntry> damaged = log->Damaged();
  ASSERT_EQ(damaged.size(), 2u);
  EXPECT_EQ(world_.found.damaged, 2u);
  for (const DamagedEntry& found : damaged) {
    const LogEntry entry = EntryAt(found.index.value());
    const DamagedEntry want = {.index = entry.index,
                               .term = entry.term,
                               .type = entry.type,
                               .timestamp = entry.timestamp,
                               .bytes = entry.command.size(),
                               .checksum = EntryChecksum(entry)};
    EXPECT_EQ(found, want);
  }
  EXPECT_EQ(damaged[0].index, LogIndex(2));
  EXPECT_EQ(damaged[1].index, LogIndex(5));
}

TEST_F(SalvageTest, TheOthersAreReadAndARangeEndsBeforeADamagedOne) {
  Write();
  Harm(4);
  auto log = world_.Open();
  EXPECT_EQ(log->last_index(), LogIndex(6));
  for (uint64_t i : {1, 2, 3, 5, 6}) EXPECT_EQ(*log->Get(LogIndex(i)), EntryAt(i));
  EXPECT_TRUE(absl::IsDataLoss(log->Get(LogIndex(4)).status()));
  EXPECT_EQ(*log->TermAt(LogIndex(4)), Term(1));
  EXPECT_EQ(*log->GetRange(LogIndex(2), LogIndex(7), kMiB), EntriesFrom(2, 2));
  EXPECT_TRUE(absl::IsDataLoss(log->GetRange(LogIndex(4), LogIndex(7), kMiB).status()));
  EXPECT_EQ(*log->GetRange(LogIndex(5), LogIndex(7), kMiB), EntriesFrom(5, 2));
}

TEST_F(SalvageTest, ARepairPutsBackWhatWasThere) {
  Write();
  std::map<std::string, std::string> before;
  for (const std::string& path : world_.Segments()) before[path] = *world_.base.disk.Content(path);
  Harm(1);
  Harm(2, 20);
  Harm(6);
  {
    auto log = world_.Open();
    EXPECT_EQ(IndicesOf(*log), (Indices{1, 2, 6}));
    for (uint64_t i : {6, 1, 2}) {
      ASSERT_TRUE(log->Repair(EntryAt(i)).ok());
      EXPECT_EQ(*log->Get(LogIndex(i)), EntryAt(i));
    }
    EXPECT_EQ(IndicesOf(*log), Indices{});
    EXPECT_EQ(world_.base.events.Count(EventKind::kLogRepaired), 3u);
  }
  world_.base.disk.Crash(CrashKind::kLoseUnsynced);
  for (const auto& [path, bytes] : before) EXPECT_EQ(*world_.base.disk.Content(path), bytes);
  world_.options.salvage = false;
  EXPECT_EQ(ContentOf(*world_.Open()), EntriesFrom(1, 6));
}

TEST_F(SalvageTest, ARepairTakesNothingButTheEntryItself) {
  Write();
  Harm(3);
  auto log = world_.Open();
  const Place place = PlaceOf(4);
  const std::string before = *world_.base.disk.Content(place.path);
  LogEntry other = EntryAt(3);
  other.command.back() ^= 1;
  EXPECT_TRUE(absl::IsInvalidArgument(log->Repair(other)));
  EXPECT_TRUE(absl::IsInvalidArgument(log->Repair(EntryAt(3, 2))));
  EXPECT_TRUE(absl::IsInvalidArgument(log->Repair(EntryAt(3, 1, 41))));
  EXPECT_TRUE(absl::IsInvalidArgument(log->Repair(EntryAt(7))));
  other = EntryAt(3);
  other.timestamp += Duration(1);
  EXPECT_TRUE(absl::IsInvalidArgument(log->Repair(other)));
  other = EntryAt(3);
  other.type = EntryType::kNoop;
  EXPECT_TRUE(absl::IsInvalidArgument(log->Repair(other)));
  EXPECT_EQ(*world_.base.disk.Content(place.path), before);
  EXPECT_EQ(IndicesOf(*log), Indices{3});
  EXPECT_TRUE(log->Repair(EntryAt(4)).ok()) << "one that is well";
  EXPECT_EQ(world_.base.events.Count(EventKind::kLogRepaired), 0u);
  EXPECT_TRUE(log->Repair(EntryAt(3)).ok());
}

TEST_F(SalvageTest, DamageIsListedAgainAtTheNextOpen) {
  Write();
  Harm(3);
  for (int life = 0; life < 3; ++life) EXPECT_EQ(IndicesOf(*world_.Open()), Indices{3});
}

TEST_F(SalvageTest, TheLogGoesOnBehindDamage) {
  Write();
  Harm(3);
  {
    auto log = world_.Open();
    ASSERT_TRUE(log->AppendBatch(EntriesFrom(7, 3)).ok());
    ASSERT_TRUE(log->Close().ok());
  }
  auto log = world_.Open();
  EXPECT_EQ(IndicesOf(*log), Indices{3});
  ASSERT_TRUE(log->Repair(EntryAt(3)).ok());
  EXPECT_EQ(ContentOf(*log), EntriesFrom(1, 9));
}

TEST_F(SalvageTest, ADamagedTableOrHeaderIsRefusedAsBefore) {
  Write();
  const Place place = PlaceOf(3);
  const std::string before = *world_.base.disk.Content(place.path);
  // The batch of 3 and 4: its header is 128 bytes before, its table behind two payloads of 40.
  for (uint64_t at : {place.offset - 100, place.offset - 1, place.offset + 2 * 40 + 5}) {
    world_.Damage(place.path, [&](std::string& bytes) { bytes[at] ^= 1; });
    EXPECT_TRUE(absl::IsDataLoss(world_.TryOpen().status())) << at;
    world_.base.disk.Plant(place.path, before);
  }
}

// Nothing was written behind entry 5, and its batch says of itself only what came before it.
TEST_F(SalvageTest, ABadPayloadOfTheLastBatchIsATornTail) {
  {
    auto log = world_.Open();
    for (uint64_t i = 1; i <= 5; ++i) {
      ASSERT_TRUE(log->Append(EntryAt(i)).ok());
      ASSERT_TRUE(log->Sync().ok());
    }
  }
  Harm(5);
  auto log = world_.Open();
  EXPECT_EQ(log->last_index(), LogIndex(4));
  EXPECT_TRUE(world_.found.tail_ambiguous);
  EXPECT_EQ(IndicesOf(*log), Indices{});
}

TEST_F(SalvageTest, ABatchOfTheLastSegmentIsSalvagedWhenALaterOneVouchesForIt) {
  {
    auto log = world_.Open();
    for (uint64_t i = 1; i <= 5; ++i) {
      ASSERT_TRUE(log->Append(EntryAt(i)).ok());
      ASSERT_TRUE(log->Sync().ok());
    }
  }
  Harm(4);
  Harm(5);
  auto log = world_.Open();
  EXPECT_EQ(log->last_index(), LogIndex(4));
  EXPECT_TRUE(world_.found.tail_ambiguous);
  EXPECT_EQ(IndicesOf(*log), Indices{4});
}

TEST_F(SalvageTest, UnreadableEntriesAreListedAndWrittenAnew) {
  {
    auto log = world_.Open();
    ASSERT_TRUE(log->AppendBatch(EntriesFrom(1, 3, 1, 2000)).ok());
    ASSERT_TRUE(log->Append(EntryAt(4)).ok());
    ASSERT_TRUE(log->Close().ok());
  }
  const Place place = PlaceOf(2);
  world_.disk.DamageSector(place.path, place.offset + 700);
  auto log = world_.Open();
  EXPECT_EQ(IndicesOf(*log), Indices{2});
  EXPECT_TRUE(absl::IsDataLoss(log->Get(LogIndex(2)).status()));
  EXPECT_EQ(*log->Get(LogIndex(3)), EntryAt(3, 1, 2000));
  ASSERT_TRUE(log->Repair(EntryAt(2, 1, 2000)).ok());
  EXPECT_EQ(world_.disk.BadSectorsOf(place.path), 0u);
  EXPECT_EQ(*log->Get(LogIndex(2)), EntryAt(2, 1, 2000));
}

// Entries of 40 bytes: a dozen of them share a sector.
TEST_F(SalvageTest, EntriesThatShareAnUnreadableSectorAreMendedOneByOne) {
  std::vector<LogEntry> entries = EntriesFrom(1, 60);
  {
    auto log = world_.Open();
    ASSERT_TRUE(log->AppendBatch(entries).ok());
    ASSERT_TRUE(log->Close().ok());
  }
  const Place place = PlaceOf(30);
  world_.disk.DamageSector(place.path, place.offset);
  auto log = world_.Open();
  const Indices damaged = IndicesOf(*log);
  ASSERT_GT(damaged.size(), 11u);
  // From the middle outwards, so that both edges are covered with neighbours.
  for (uint64_t n = 0; n < damaged.size(); ++n) {
    const uint64_t index = damaged[(damaged.size() / 2 + n) % damaged.size()];
    ASSERT_TRUE(log->Repair(entries[index - 1]).ok()) << index;
    EXPECT_EQ(*log->Get(LogIndex(index)), entries[index - 1]);
    EXPECT_EQ(IndicesOf(*log).size(), damaged.size() - n - 1);
  }
  EXPECT_EQ(ContentOf(*log), entries);
}

TEST_F(SalvageTest, DamageThatAReadFindsIsListedFromThenOn) {
  int noted = 0;
  LogStorage* opened = nullptr;
  world_.options.on_damage = [&] {
    ++noted;
    EXPECT_FALSE(opened->Damaged().empty()) << "may be asked for from here";
  };
  auto log = world_.Open();
  opened = log.get();
  ASSERT_TRUE(log->AppendBatch(EntriesFrom(1, 6)).ok());
  ASSERT_TRUE(log->Sync().ok());
  HarmLive(3);
  EXPECT_EQ(IndicesOf(*log), Indices{}) << "nobody has read it";
  EXPECT_EQ(*log->GetRange(LogIndex(1), LogIndex(7), kMiB), EntriesFrom(1, 2));
  EXPECT_EQ(IndicesOf(*log), Indices{3});
  const uint64_t told = world_.base.events.Count(EventKind::kLogDamaged);
  EXPECT_TRUE(absl::IsDataLoss(log->Get(LogIndex(3)).status()));
  EXPECT_EQ(world_.base.events.Count(EventKind::kLogDamaged), told) << "told once";
  EXPECT_EQ(noted, 1);
  ASSERT_TRUE(log->Repair(EntryAt(3)).ok());
  HarmLive(3);
  EXPECT_TRUE(absl::IsDataLoss(log->Get(LogIndex(3)).status()));
  EXPECT_EQ(noted, 2) << "damaged once more";
  ASSERT_TRUE(log->Repair(EntryAt(3)).ok());
  EXPECT_EQ(ContentOf(*log), EntriesFrom(1, 6));
  ASSERT_TRUE(log->Append(EntryAt(7)).ok());
  ASSERT_TRUE(log->Close().ok());
}

TEST_F(SalvageTest, WithoutItAReadThatFindsDamageSaysSoAndNoMore) {
  world_.options.salvage = false;
  auto log = world_.Open();
  ASSERT_TRUE(log->AppendBatch(EntriesFrom(1, 6)).ok());
  ASSERT_TRUE(log->Sync().ok());
  HarmLive(3);
  EXPECT_TRUE(absl::IsDataLoss(log->GetRange(LogIndex(1), LogIndex(7), kMiB).status()));
  EXPECT_EQ(IndicesOf(*log), Indices{});
}

TEST_F(SalvageTest, WhatBecomesReadableAgainIsNoLongerDamaged) {
  Write();
  const Place place = PlaceOf(5);
  auto log = world_.Open();
  world_.disk.DamageSector(place.path, place.offset);
  EXPECT_EQ(*log->GetRange(LogIndex(3), LogIndex(7), kMiB), EntriesFrom(3, 2));
  EXPECT_EQ(IndicesOf(*log), Indices{5});
  world_.disk.HealSectors();
  EXPECT_EQ(*log->Get(LogIndex(5)), EntryAt(5));
  EXPECT_EQ(IndicesOf(*log), Indices{});
}

// The header of the batch lies in the same sector: no entry can give that back.
TEST_F(SalvageTest, ARepairDoesNotWriteOverTheHeadOfABatchThatItCannotRead) {
  Write();
  auto log = world_.Open();
  const Place place = PlaceOf(5);
  world_.disk.DamageSector(place.path, place.offset);
  EXPECT_TRUE(absl::IsDataLoss(log->Get(LogIndex(5)).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(log->Repair(EntryAt(5))));
  EXPECT_EQ(IndicesOf(*log), Indices{5});
  EXPECT_TRUE(log->Append(EntryAt(7)).ok()) << "the log goes on";
  EXPECT_TRUE(log->Sync().ok());
  world_.disk.HealSectors();
  EXPECT_EQ(*log->Get(LogIndex(5)), EntryAt(5));
}

TEST_F(SalvageTest, TruncatedEntriesAreNoLongerDamaged) {
  Write();
  Harm(3);
  Harm(5);
  {
    auto log = world_.Open();
    ASSERT_TRUE(log->Truncate(LogIndex(4)).ok());
    EXPECT_EQ(IndicesOf(*log), Indices{3});
    EXPECT_TRUE(absl::IsInvalidArgument(log->Repair(EntryAt(5))));
    ASSERT_TRUE(log->AppendBatch(EntriesFrom(4, 3, 2)).ok());
    ASSERT_TRUE(log->Sync().ok());
    EXPECT_EQ(*log->Get(LogIndex(5)), EntryAt(5, 2));
  }
  auto log = world_.Open();
  EXPECT_EQ(IndicesOf(*log), Indices{3});
  EXPECT_EQ(*log->Get(LogIndex(5)), EntryAt(5, 2));
  ASSERT_TRUE(log->Truncate(LogIndex(1)).ok());
  EXPECT_EQ(IndicesOf(*log), Indices{});
}

TEST_F(SalvageTest, CompactedAndResetEntriesAreNoLongerDamaged) {
  Write();
  Harm(3);
  {
    auto log = world_.Open();
    ASSERT_TRUE(log->AppendBatch(EntriesFrom(7, 3)).ok());
    ASSERT_TRUE(log->Compact(LogIndex(6)).ok());
    EXPECT_EQ(log->first_index(), LogIndex(7));
    EXPECT_EQ(IndicesOf(*log), Indices{});
    ASSERT_TRUE(log->Close().ok());
  }
  Harm(8);
  auto log = world_.Open();
  EXPECT_EQ(IndicesOf(*log), Indices{8});
  ASSERT_TRUE(log->Reset(LogIndex(20), Term(2)).ok());
  EXPECT_EQ(IndicesOf(*log), Indices{});
}

TEST_F(SalvageTest, ARepairWhoseWriteFailsPoisons) {
  FailRepairAt(3);  // after the reads of both edges
}

TEST_F(SalvageTest, ARepairWhoseSyncFailsPoisons) { FailRepairAt(4); }

// An entry over many sectors, so that a crash can mend it in part.
TEST_F(SalvageTest, ACrashInARepairLeavesTheEntryDamagedOrMended) {
  const LogEntry large = EntryAt(3, 1, 5000);
  uint64_t mended = 0;
  uint64_t damaged = 0;
  for (CrashKind kind : {CrashKind::kKill, CrashKind::kLoseUnsynced, CrashKind::kMixed}) {
    for (uint64_t call = 1; call <= 9; ++call) {
      for (uint64_t seed = 0; seed < 8; ++seed) {
        SCOPED_TRACE(absl::StrFormat("crash %d at call %d", static_cast<int>(kind), call));
        LogWorld world;
        world.options.salvage = true;
        world.base.disk.SetMaxTransfer(1536);
        {
          auto log = world.Open();
          ASSERT_TRUE(log->AppendBatch({{EntryAt(1), EntryAt(2), large, EntryAt(4)}}).ok());
          ASSERT_TRUE(log->Close().ok());
        }
        const std::string path = world.Segments().front();
        const size_t at = world.base.disk.Content(path)->find(Marker(3));
        world.Damage(path, [&](std::string& bytes) { bytes.replace(at, 5000, 5000, '?'); });
        {
          auto log = world.Open();
          world.base.disk.DieAt(call);
          (void)log->Repair(large);
        }
        world.base.disk.Crash(kind, seed * 100 + call);
        auto log = world.Open();
        (IndicesOf(*log).empty() ? mended : damaged) += 1;
        for (uint64_t i : {1, 2, 4}) ASSERT_EQ(*log->Get(LogIndex(i)), EntryAt(i));
        ASSERT_TRUE(log->Repair(large).ok());
        ASSERT_EQ(*log->Get(LogIndex(3)), large);
      }
    }
  }
  EXPECT_GT(mended, 0u);
  EXPECT_GT(damaged, 0u);
}

// Whatever byte is wrong: nothing that is read is wrong, and what is listed can be mended.
TEST_F(SalvageTest, NoWrongByteAnywhereGivesAWrongEntry) {
  Write();
  const std::string path = world_.Segments().front();
  const std::string intact = *world_.base.disk.Content(path);
  const size_t end = PlaceOf(6).offset + 1024;
  uint64_t salvaged = 0;
  for (size_t at = kSegmentHeaderBytes; at < end; at += 7) {
    SCOPED_TRACE(absl::StrFormat("byte %d", at));
    LogWorld world;
    world.options.salvage = true;
    for (const std::string& one : world_.Segments()) {
      world.base.disk.CreateDirectory("log").IgnoreError();
      world.base.disk.Plant(one, *world_.base.disk.Content(one));
    }
    world.Damage(path, [&](std::string& bytes) { bytes[at] ^= 0x21; });
    auto log = world.TryOpen();
    if (!log.ok()) {
      EXPECT_TRUE(absl::IsDataLoss(log.status())) << log.status();
      continue;
    }
    for (const DamagedEntry& damaged : (*log)->Damaged()) {
      ++salvaged;
      ASSERT_TRUE((*log)->Repair(EntryAt(damaged.index.value())).ok());
    }
    ASSERT_EQ((*log)->last_index(), LogIndex(6));
    ASSERT_EQ(ContentOf(**log), EntriesFrom(1, 6));
  }
  EXPECT_GT(salvaged, 20u);
}

}  // namespace
}  // namespace wt::test
