// Proves that many inputs merge into what one map of all of them holds, with the most recent
// input's entry where several have the same pair; that a visible iterator shows what a user sees at
// a version; both in random walks with changes of direction; and that an error is never taken for
// an end.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "engine/lsm/memtable.h"
#include "engine/lsm/merging_iterator.h"
#include "engine/lsm/visible_iterator.h"
#include "tests/lsm/lsm_model.h"

namespace wt {
namespace {

using test::DrawEntries;
using test::DrawKey;
using test::Entries;
using test::OwnedEntry;
using test::VectorIterator;

struct Inputs {
  std::vector<std::vector<OwnedEntry>> most_recent_first;
  std::vector<OwnedEntry> merged;
};

Inputs DrawInputs(Draw& draw, uint64_t inputs, uint64_t entries) {
  Inputs drawn;
  Entries model;
  for (uint64_t i = 0; i < inputs; ++i) {
    // The oldest is drawn first, so that later ones replace it in the model.
    std::vector<OwnedEntry> sorted = DrawEntries(draw, draw.Below(entries + 1)).Sorted();
    for (OwnedEntry& entry : sorted) {
      if (entry.kind == EntryKind::kPut) entry.value += "/" + std::to_string(i);
      model.Insert(entry);
    }
    // Pairs that several inputs hold.
    for (const OwnedEntry& shared : model.Sorted()) {
      if (!draw.OneIn(5)) continue;
      OwnedEntry again = shared;
      if (again.kind == EntryKind::kPut) again.value += "/again" + std::to_string(i);
      model.Insert(again);
      Entries merged;
      for (const OwnedEntry& entry : sorted) merged.Insert(entry);
      merged.Insert(again);
      sorted = merged.Sorted();
    }
    drawn.most_recent_first.insert(drawn.most_recent_first.begin(), sorted);
  }
  drawn.merged = model.Sorted();
  return drawn;
}

std::unique_ptr<InternalIterator> Merge(const Inputs& inputs, std::vector<VectorIterator*>* raw) {
  std::vector<std::unique_ptr<InternalIterator>> iterators;
  for (const auto& input : inputs.most_recent_first) {
    auto it = std::make_unique<VectorIterator>(input);
    if (raw != nullptr) raw->push_back(it.get());
    iterators.push_back(std::move(it));
  }
  return NewMergingIterator(std::move(iterators));
}

RC_GTEST_PROP(MergingIteratorPropertyTest, WalksLikeOneMap, (uint64_t seed)) {
  Draw draw(seed);
  const uint64_t inputs = draw.Below(8);
  const auto entries = *rc::gen::inRange<uint64_t>(0, 60);
  const Inputs drawn = DrawInputs(draw, inputs, entries);
  const auto it = Merge(drawn, nullptr);
  RC_ASSERT(test::Walk(*it, drawn.merged, draw, 300) == "");
}

RC_GTEST_PROP(MergingIteratorPropertyTest, AnErrorIsNeverAnEnd, (uint64_t seed)) {
  Draw draw(seed);
  const uint64_t count = 1 + draw.Below(4);
  const Inputs drawn = DrawInputs(draw, count, 20);
  std::vector<VectorIterator*> raw;
  const auto it = Merge(drawn, &raw);
  VectorIterator& failing = *raw[draw.Below(raw.size())];
  const uint64_t fail_at = 1 + draw.Below(15);
  failing.FailAt(fail_at);
  draw.OneIn(2) ? it->SeekToFirst() : it->SeekToLast();
  for (int i = 0; i < 40 && it->Valid(); ++i) draw.OneIn(3) ? it->Prev() : it->Next();
  if (failing.moves() >= fail_at) {
    RC_ASSERT(!it->Valid());
    RC_ASSERT(absl::IsUnavailable(it->status()));
    it->SeekToFirst();  // afresh
    RC_ASSERT(it->status().ok());
    RC_ASSERT(it->Valid() == !drawn.merged.empty());
  } else {
    RC_ASSERT(it->status().ok());
  }
}

// What a user sees: key to value.
std::vector<std::pair<std::string, std::string>> VisibleMap(const std::vector<OwnedEntry>& entries,
                                                            uint64_t version,
                                                            const KeyRange& range) {
  std::vector<std::pair<std::string, std::string>> visible;
  for (const OwnedEntry& entry : entries) {
    const bool inside =
        (!range.lower || entry.key >= *range.lower) && (!range.upper || entry.key < *range.upper);
    const OwnedEntry* const newest = test::Visible(entries, entry.key, version);
    if (inside && newest == &entry && entry.kind == EntryKind::kPut) {
      visible.emplace_back(entry.key, entry.value);
    }
  }
  return visible;
}

RC_GTEST_PROP(VisibleIteratorPropertyTest, ShowsWhatAUserSees, (uint64_t seed)) {
  Draw draw(seed);
  const auto entries = *rc::gen::inRange<uint64_t>(0, 120);
  const uint64_t inputs = 1 + draw.Below(3);
  const Inputs drawn = DrawInputs(draw, inputs, entries);
  const uint64_t version = draw.Below(320);
  KeyRange range;
  if (draw.OneIn(2)) range.lower = DrawKey(draw);
  if (draw.OneIn(2)) range.upper = DrawKey(draw);
  const auto want = VisibleMap(drawn.merged, version, range);
  VisibleIterator it(Merge(drawn, nullptr), LogIndex(version), range);
  const auto size = static_cast<int64_t>(want.size());
  int64_t at = -1;
  std::string trail;
  for (int move = 0; move < 200; ++move) {
    const uint64_t kind = draw.Below(at >= 0 && at < size ? 12 : 4);
    std::string key = DrawKey(draw);
    if (size > 0 && draw.OneIn(2)) key = want[draw.Below(size)].first;
    trail += "FLSPnnnnpppp"[kind];
    const auto before = [&](const auto& pair) { return pair.first < key; };
    const auto not_after = [&](const auto& pair) { return pair.first <= key; };
    if (kind == 0) {
      it.SeekToFirst();
      at = 0;
    } else if (kind == 1) {
      it.SeekToLast();
      at = size - 1;
    } else if (kind == 2) {
      it.Seek(key);
      at = std::count_if(want.begin(), want.end(), before);
    } else if (kind == 3) {
      it.SeekForPrev(key);
      at = std::count_if(want.begin(), want.end(), not_after) - 1;
    } else if (kind < 8) {
      it.Next();
      ++at;
    } else {
      it.Prev();
      --at;
    }
    RC_LOG() << trail << std::endl;
    RC_ASSERT(it.status().ok());
    RC_ASSERT(it.Valid() == (at >= 0 && at < size));
    if (!it.Valid()) continue;
    RC_ASSERT(it.key() == want[at].first);
    RC_ASSERT(it.value() == want[at].second);
    RC_ASSERT(it.version().value() ==
              test::Visible(drawn.merged, want[at].first, version)->version);
  }
}

TEST(VisibleIteratorTest, JumpsOverManyVersionsOfOneKey) {
  Memtable memtable;
  for (uint64_t version = 1; version <= 1000; ++version) {
    memtable.Insert({"a", LogIndex(version), EntryKind::kPut, std::to_string(version)});
    memtable.Insert({"b", LogIndex(version), EntryKind::kDelete, ""});
    memtable.Insert({"c", LogIndex(version), EntryKind::kPut, std::to_string(version)});
  }
  VisibleIterator it(memtable.NewIterator(), LogIndex(500));
  it.SeekToFirst();
  ASSERT_TRUE(it.Valid());
  EXPECT_EQ(it.value(), "500");
  it.Next();
  ASSERT_TRUE(it.Valid());
  EXPECT_EQ(it.key(), "c");
  EXPECT_EQ(it.value(), "500");
  it.Next();
  EXPECT_FALSE(it.Valid());
}

TEST(VisibleIteratorTest, TheGreatestVersionIsOneLikeOthers) {
  const uint64_t greatest = kMaxVersion.value();
  VisibleIterator it(std::make_unique<VectorIterator>(
                         std::vector<OwnedEntry>{{"a", greatest, EntryKind::kPut, "1"},
                                                 {"b", greatest, EntryKind::kPut, "2"},
                                                 {"b", 0, EntryKind::kPut, "old"}}),
                     kMaxVersion);
  it.SeekToFirst();
  ASSERT_TRUE(it.Valid());
  it.Next();
  ASSERT_TRUE(it.Valid());
  EXPECT_EQ(it.value(), "2");
  it.Prev();
  ASSERT_TRUE(it.Valid());
  EXPECT_EQ(it.value(), "1");
  it.Next();
  ASSERT_TRUE(it.Valid());
  EXPECT_EQ(it.value(), "2");
  it.Next();
  EXPECT_FALSE(it.Valid());
}

TEST(VisibleIteratorTest, AnErrorIsNeverAnEnd) {
  std::vector<OwnedEntry> entries;
  for (uint64_t i = 0; i < 30; ++i)
    entries.push_back({std::to_string(100 + i / 3), 3 - i % 3, EntryKind::kPut, "v"});
  for (const bool forward : {true, false}) {
    for (uint64_t fail_at = 1; fail_at < 30; ++fail_at) {
      auto input = std::make_unique<VectorIterator>(entries);
      input->FailAt(fail_at);
      VisibleIterator it(std::move(input), LogIndex(2));
      uint64_t seen = 0;
      for (forward ? it.SeekToFirst() : it.SeekToLast(); it.Valid();
           forward ? it.Next() : it.Prev()) {
        ++seen;
      }
      EXPECT_TRUE(absl::IsUnavailable(it.status())) << forward << " " << fail_at;
      EXPECT_LT(seen, 10u + 1);
    }
  }
}

}  // namespace
}  // namespace wt
