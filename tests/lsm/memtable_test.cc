// Proves what a memtable promises one caller: which entry a read at a version finds, that an equal
// pair replaces, that every shape of key is told apart, that sorted and unsorted input end alike,
// and that memory is counted.
#include "engine/lsm/memtable.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/lsm/lsm_model.h"

namespace wt {
namespace {

void Put(Memtable& memtable, std::string_view key, uint64_t version, std::string_view value) {
  memtable.Insert({key, LogIndex(version), EntryKind::kPut, value});
}
void Delete(Memtable& memtable, std::string_view key, uint64_t version) {
  memtable.Insert({key, LogIndex(version), EntryKind::kDelete, ""});
}
std::string Read(const Memtable& memtable, std::string_view key, uint64_t version) {
  const auto found = memtable.Get({key, LogIndex(version)});
  if (!found.has_value()) return "nothing";
  return found->kind == EntryKind::kDelete ? "deleted" : std::string(found->value);
}

TEST(InternalKeyTest, NewerVersionsComeFirst) {
  EXPECT_LT((InternalKey{"a", LogIndex(9)}), (InternalKey{"a", LogIndex(8)}));
  EXPECT_LT((InternalKey{"a", LogIndex(1)}), (InternalKey{"b", LogIndex(9)}));
  EXPECT_LT((InternalKey{"a", LogIndex(1)}), (InternalKey{"aa", LogIndex(9)}));
  EXPECT_LT((InternalKey{"\x7f", LogIndex(1)}), (InternalKey{"\x80", LogIndex(1)}));
}

TEST(InternalKeyTest, TagsCarryVersionAndKind) {
  for (const LogIndex version : {LogIndex(0), LogIndex(1), kMaxVersion}) {
    for (const EntryKind kind : {EntryKind::kPut, EntryKind::kDelete}) {
      EXPECT_EQ(VersionOf(PackTag(version, kind)), version);
      EXPECT_EQ(KindOf(PackTag(version, kind)), kind);
    }
  }
  EXPECT_FALSE(IsEntryKind(0));
  EXPECT_FALSE(IsEntryKind(3));
}

TEST(MemtableTest, ReadsSeeTheNewestVersionAtOrBelowTheirs) {
  Memtable memtable;
  Put(memtable, "k", 3, "three");
  Put(memtable, "k", 7, "seven");
  Delete(memtable, "k", 9);
  EXPECT_EQ(Read(memtable, "k", 2), "nothing");
  EXPECT_EQ(Read(memtable, "k", 3), "three");
  EXPECT_EQ(Read(memtable, "k", 6), "three");
  EXPECT_EQ(Read(memtable, "k", 8), "seven");
  EXPECT_EQ(Read(memtable, "k", 9), "deleted");
  EXPECT_EQ(Read(memtable, "j", 9), "nothing");
  EXPECT_EQ(Read(memtable, "kk", 9), "nothing");
}

TEST(MemtableTest, AnEqualPairReplaces) {
  Memtable memtable;
  Put(memtable, "k", 3, "first");
  Delete(memtable, "k", 3);
  Put(memtable, "k", 3, "last");
  EXPECT_EQ(Read(memtable, "k", 3), "last");
  EXPECT_EQ(memtable.entry_count(), 1u);
  auto it = memtable.NewIterator();
  it->SeekToFirst();
  ASSERT_TRUE(it->Valid());
  it->Next();
  EXPECT_FALSE(it->Valid());
}

TEST(MemtableTest, TheFirstEntryOfALeafIsReplacedToo) {
  Memtable memtable;
  for (int round = 0; round < 2; ++round) {
    for (uint64_t i = 0; i < 1000; ++i) {
      Put(memtable, absl::StrFormat("%04d", i), 1, std::to_string(round));
    }
  }
  EXPECT_EQ(memtable.entry_count(), 1000u);
  auto it = memtable.NewIterator();
  for (it->SeekToFirst(); it->Valid(); it->Next()) ASSERT_EQ(it->value(), "1") << it->key();
}

TEST(MemtableTest, AnEmptyOneHasNothing) {
  const Memtable memtable;
  EXPECT_TRUE(memtable.empty());
  EXPECT_EQ(Read(memtable, "", 1), "nothing");
  auto it = memtable.NewIterator();
  it->SeekToFirst();
  EXPECT_FALSE(it->Valid());
  it->SeekToLast();
  EXPECT_FALSE(it->Valid());
  it->Seek({"", kMaxVersion});
  EXPECT_FALSE(it->Valid());
  it->SeekForPrev({"z", LogIndex(0)});
  EXPECT_FALSE(it->Valid());
  EXPECT_TRUE(it->status().ok());
}

TEST(MemtableTest, KeysThatDifferOnlyInTrailingZerosAreTold) {
  Memtable memtable;
  const std::string keys[] = {"",
                              std::string(1, '\0'),
                              std::string(2, '\0'),
                              std::string(15, '\0'),
                              std::string(16, '\0'),
                              std::string(17, '\0')};
  for (const std::string& key : keys) Put(memtable, key, 1, std::to_string(key.size()));
  for (const std::string& key : keys) EXPECT_EQ(Read(memtable, key, 1), std::to_string(key.size()));
  auto it = memtable.NewIterator();
  it->SeekToFirst();
  for (const std::string& key : keys) {
    ASSERT_TRUE(it->Valid());
    EXPECT_EQ(it->key(), key);
    it->Next();
  }
}

TEST(MemtableTest, KeysAndValuesUpToTheLimits) {
  Memtable memtable;
  const std::string key(kMaxTableKeyBytes, 'k');
  const std::string value(8 * kMiB, 'v');
  Put(memtable, key, 1, value);
  Put(memtable, key.substr(1), 1, "");
  EXPECT_EQ(Read(memtable, key, 1), value);
  EXPECT_EQ(Read(memtable, key.substr(1), 1), "");
  EXPECT_GT(memtable.ApproximateBytes(), key.size() + value.size());
}

TEST(MemtableTest, SortedReversedAndScatteredInputEndAlike) {
  constexpr uint64_t kCount = 20'000;  // three levels
  for (const uint64_t step : {uint64_t{1}, kCount - 1, uint64_t{7919}}) {
    Memtable memtable;
    for (uint64_t i = 0; i < kCount; ++i) {
      const uint64_t n = i * step % kCount;
      Put(memtable, absl::StrFormat("key%017d", n), n + 1, std::to_string(n));
    }
    ASSERT_EQ(memtable.entry_count(), kCount);
    auto it = memtable.NewIterator();
    uint64_t n = 0;
    for (it->SeekToFirst(); it->Valid(); it->Next()) ASSERT_EQ(it->value(), std::to_string(n++));
    EXPECT_EQ(n, kCount);
    for (it->SeekToLast(); it->Valid(); it->Prev()) ASSERT_EQ(it->value(), std::to_string(--n));
    EXPECT_EQ(n, 0u);
    for (n = 0; n < kCount; n += 37) {
      EXPECT_EQ(Read(memtable, absl::StrFormat("key%017d", n), n + 1), std::to_string(n));
    }
  }
}

// Enough for three levels, in portions of any size, with keys that come again; some portions lie at
// the growing end, where leaves are made without a split.
TEST(MemtableTest, ManyTogetherEndAsOneByOne) {
  constexpr uint64_t kMany = 20'000;
  Memtable together;
  Memtable one_by_one;
  Draw draw(17);
  for (uint64_t made = 0; made < kMany;) {
    std::vector<std::string> keys(1 + draw.Below(40));
    std::vector<InternalEntry> entries;
    const bool at_the_end = draw.OneIn(2);
    for (std::string& key : keys) {
      key = absl::StrFormat("%07d", draw.Below(80) + (at_the_end ? made : draw.Below(made + 1)));
      entries.push_back({key, LogIndex(++made / 3), EntryKind::kPut, key});
      one_by_one.Insert(entries.back());
    }
    together.InsertAll(entries);
  }
  EXPECT_EQ(together.entry_count(), one_by_one.entry_count());
  const auto found = together.NewIterator();
  const auto want = one_by_one.NewIterator();
  found->SeekToFirst();
  for (want->SeekToFirst(); want->Valid(); want->Next(), found->Next()) {
    ASSERT_TRUE(found->Valid());
    ASSERT_EQ(found->entry(), want->entry());
  }
  EXPECT_FALSE(found->Valid());
}

TEST(MemtableTest, AnIteratorSeesWhatIsInsertedAheadOfIt) {
  Memtable memtable;
  Put(memtable, "0000", 1, "");
  auto it = memtable.NewIterator();
  it->SeekToFirst();
  for (uint64_t i = 1; i < 1000; ++i) {
    Put(memtable, absl::StrFormat("%04d", i), 1, "");
    it->Next();
    ASSERT_TRUE(it->Valid());
    ASSERT_EQ(it->key(), absl::StrFormat("%04d", i));
  }
}

TEST(MemtableTest, BytesCountWhatWasHandedOut) {
  Memtable memtable;
  const uint64_t before = memtable.ApproximateBytes();
  for (uint64_t i = 0; i < 1000; ++i) {
    Put(memtable, absl::StrFormat("%016d", i), 1, std::string(100, 'v'));
  }
  const uint64_t grown = memtable.ApproximateBytes() - before;
  EXPECT_GE(grown, 1000 * 132u);
  EXPECT_LE(grown, 1000 * 200u);
}

TEST(ArenaTest, PiecesAreAlignedApartAndCounted) {
  Arena arena;
  uint64_t asked = 0;
  std::vector<std::pair<char*, size_t>> pieces;
  Draw draw(5);
  for (int i = 0; i < 2000; ++i) {
    const size_t bytes = 1 + draw.Below(draw.OneIn(50) ? 40'000 : 200);
    const size_t alignment = size_t{1} << draw.Below(7);
    char* const piece = static_cast<char*>(arena.Allocate(bytes, alignment));
    EXPECT_EQ(reinterpret_cast<uintptr_t>(piece) % alignment, 0u);
    std::memset(piece, i % 251, bytes);
    pieces.emplace_back(piece, bytes);
    asked += bytes;
  }
  for (int i = 0; i < 2000; ++i) {
    const auto [piece, bytes] = pieces[i];
    ASSERT_EQ(std::string_view(piece, bytes), std::string(bytes, static_cast<char>(i % 251)));
  }
  EXPECT_GE(arena.used_bytes(), asked);
  EXPECT_LE(arena.used_bytes(), asked + 2000 * 64);
  EXPECT_GE(arena.reserved_bytes(), arena.used_bytes());
}

TEST(ArenaTest, ASmallUserStaysSmall) {
  Arena arena;
  arena.Allocate(100, 8);
  EXPECT_EQ(arena.reserved_bytes(), Arena::kFirstChunkBytes);
}

TEST(ArenaTest, LargeChunksGoToThePoolAndComeBack) {
  constexpr size_t kBytes = 1000;
  const auto pool = std::make_shared<ChunkPool>(1);
  const auto fill = [&] {
    Arena arena(pool);
    std::vector<char*> pieces;
    while (arena.reserved_bytes() < 3 * Arena::kLargestChunkBytes) {
      pieces.push_back(static_cast<char*>(arena.Allocate(kBytes, 8)));
      std::memset(pieces.back(), static_cast<int>(pieces.size()), kBytes);
    }
    for (size_t i = 0; i < pieces.size(); ++i) {
      ASSERT_EQ(std::string_view(pieces[i], kBytes),
                std::string(kBytes, static_cast<char>(i + 1)));
    }
  };
  fill();
  fill();  // partly on what the first one left
  void* const chunk = pool->Take();
  ASSERT_NE(chunk, nullptr);
  EXPECT_EQ(pool->Take(), nullptr);  // it had one place
  std::memset(chunk, 1, ChunkPool::kChunkBytes);
  EXPECT_TRUE(pool->Give(chunk));
  EXPECT_FALSE(pool->Give(chunk));
}

TEST(OrderTest, InsertKeepsAPermutation) {
  using memtable::Order;
  Draw draw(3);
  for (int round = 0; round < 200; ++round) {
    Order order = Order::Identity(0);
    std::vector<uint32_t> model;
    while (order.count() < Order::kSlots) {
      const auto rank = static_cast<uint32_t>(draw.Below(order.count() + 1));
      const uint32_t slot = order.Slot(order.count());
      order = order.Insert(rank);
      model.insert(model.begin() + rank, slot);
      for (uint32_t i = 0; i < order.count(); ++i) ASSERT_EQ(order.Slot(i), model[i]);
      uint32_t seen = 0;
      for (uint32_t i = 0; i < Order::kSlots; ++i) seen |= 1u << order.Slot(i);
      ASSERT_EQ(seen, (1u << Order::kSlots) - 1);
      if (order.count() == Order::kSlots && draw.OneIn(2)) {
        order = order.KeepFirst(7);
        model.resize(7);
        break;
      }
    }
  }
}

// A split and as many inserts as it took away bring a leaf's order back to what it was: an iterator
// that stood there must not take the leaf for unchanged.
TEST(MemtableTest, AnIteratorMissesNothingHoweverTheLeafUnderItChanges) {
  for (int before = 2; before <= 14; ++before) {
    for (int stop = 0; stop + 1 < before; ++stop) {
      for (int inserts = 0; inserts <= 30; ++inserts) {
        Memtable memtable;
        const auto insert = [&](const std::string& key) {
          memtable.Insert({.key = key, .version = LogIndex(1), .kind = EntryKind::kPut});
        };
        insert("z");  // so that nothing is appended behind all
        for (int i = 0; i < before; ++i) insert(absl::StrFormat("a%02d", i));
        const auto it = memtable.NewIterator();
        it->Seek({absl::StrFormat("a%02d", stop), kMaxVersion});
        for (int i = 0; i < inserts; ++i) insert(absl::StrFormat("b%02d", i));
        it->Next();
        ASSERT_TRUE(it->Valid());
        ASSERT_EQ(it->key(), absl::StrFormat("a%02d", stop + 1))
            << before << " entries, at " << stop << ", " << inserts << " inserts";
      }
    }
  }
}

}  // namespace
}  // namespace wt
