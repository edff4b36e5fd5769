// Proves that a memtable equals a std::map, whatever the keys and the order of inserts: reads at
// any version, random walks in both directions, and walks while more is inserted.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/lsm/memtable.h"
#include "tests/lsm/lsm_model.h"

namespace wt {
namespace {

using test::DrawEntry;
using test::DrawKey;
using test::Entries;
using test::OwnedEntry;

struct Filled {
  Memtable memtable;
  Entries model;
};

void Insert(Filled& filled, const OwnedEntry& entry) {
  filled.memtable.Insert(entry.view());
  filled.model.Insert(entry);
}

RC_GTEST_PROP(MemtablePropertyTest, WalksLikeAMap, (uint64_t seed)) {
  Draw draw(seed);
  Filled filled;
  const auto count = *rc::gen::inRange<uint64_t>(0, 600);
  for (uint64_t i = 0; i < count; ++i) Insert(filled, DrawEntry(draw, 1 + draw.Below(300)));
  RC_ASSERT(filled.memtable.entry_count() == filled.model.size());
  const std::vector<OwnedEntry> sorted = filled.model.Sorted();
  auto it = filled.memtable.NewIterator();
  RC_ASSERT(test::Walk(*it, sorted, draw, 300) == "");
}

RC_GTEST_PROP(MemtablePropertyTest, ReadsLikeAMap, (uint64_t seed)) {
  Draw draw(seed);
  Filled filled;
  const auto count = *rc::gen::inRange<uint64_t>(0, 400);
  for (uint64_t i = 0; i < count; ++i) Insert(filled, DrawEntry(draw, 1 + draw.Below(300)));
  const std::vector<OwnedEntry> sorted = filled.model.Sorted();
  for (int i = 0; i < 100; ++i) {
    const std::string key = DrawKey(draw);
    const uint64_t version = draw.Below(310);
    const auto found = filled.memtable.Get({key, LogIndex(version)});
    const OwnedEntry* const want = test::Visible(sorted, key, version);
    RC_ASSERT(found.has_value() == (want != nullptr));
    if (want != nullptr) RC_ASSERT(*found == want->view());
  }
}

// What was there when the walk began is seen exactly once and in order, whatever is inserted
// beside.
RC_GTEST_PROP(MemtablePropertyTest, WalksBesideInserts, (uint64_t seed)) {
  Draw draw(seed);
  Filled filled;
  for (uint64_t n = draw.Below(300); n > 0; --n) Insert(filled, DrawEntry(draw, 1 + draw.Below(9)));
  const std::vector<OwnedEntry> before = filled.model.Sorted();
  const bool forward = draw.OneIn(2);
  auto it = filled.memtable.NewIterator();
  forward ? it->SeekToFirst() : it->SeekToLast();
  size_t seen = 0;
  std::optional<OwnedEntry> last;
  while (it->Valid()) {
    const OwnedEntry here{std::string(it->key()), it->version().value(), it->kind(), ""};
    if (last) {
      const bool ascends = last->view().internal_key() < here.view().internal_key();
      RC_ASSERT(here.view().internal_key() != last->view().internal_key());
      RC_ASSERT(ascends == forward);
    }
    const OwnedEntry* const want =
        seen < before.size() ? &before[forward ? seen : before.size() - 1 - seen] : nullptr;
    if (want && want->key == here.key && want->version == here.version) ++seen;
    last = here;
    for (uint64_t n = draw.Below(12); n > 0 && filled.model.size() < 3000; --n) {
      Insert(filled, DrawEntry(draw, 10 + draw.Below(300)));
    }
    forward ? it->Next() : it->Prev();
  }
  RC_ASSERT(seen == before.size());
}

}  // namespace
}  // namespace wt
