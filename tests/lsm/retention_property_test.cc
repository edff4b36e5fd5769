// What a merge keeps is exactly what some read can see: compared with reading every version of
// every key before and after, at each pinned version and at the newest.
#include "engine/lsm/retention.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace wt {
namespace {

struct Entry {
  std::string key;
  uint64_t version;
  bool is_put;
};

// Sorted as entries are, each pair once.
std::vector<Entry> AnyRun() {
  std::vector<Entry> run;
  const auto count = *rc::gen::inRange(0, 30);
  std::set<std::pair<std::string, uint64_t>> taken;
  for (int i = 0; i < count; ++i) {
    const std::string key(1, static_cast<char>('a' + *rc::gen::inRange(0, 4)));
    const uint64_t version = *rc::gen::inRange<uint64_t>(1, 20);
    if (!taken.insert({key, version}).second) continue;
    run.push_back({key, version, *rc::gen::arbitrary<bool>()});
  }
  std::sort(run.begin(), run.end(), [](const Entry& a, const Entry& b) {
    return a.key != b.key ? a.key < b.key : a.version > b.version;
  });
  return run;
}

// The version whose put a read of `key` at `version` sees; 0: none.
uint64_t Seen(const std::vector<Entry>& run, const std::string& key, uint64_t version) {
  for (const Entry& one : run) {
    if (one.key == key && one.version <= version) return one.is_put ? one.version : 0;
  }
  return 0;
}

std::vector<Entry> Kept(const std::vector<Entry>& run, Retention& keeps) {
  std::vector<Entry> kept;
  for (const Entry& one : run) {
    const InternalEntry entry{.key = one.key,
                              .version = LogIndex(one.version),
                              .kind = one.is_put ? EntryKind::kPut : EntryKind::kDelete};
    if (keeps.Keep(entry)) kept.push_back(one);
  }
  return kept;
}

RC_GTEST_PROP(RetentionTest, EveryReadSeesTheSameBeforeAndAfter, ()) {
  const std::vector<Entry> run = AnyRun();
  const auto drawn = *rc::gen::container<std::set<uint64_t>>(rc::gen::inRange<uint64_t>(1, 22));
  const bool hides = *rc::gen::arbitrary<bool>();
  std::vector<LogIndex> pinned;
  for (uint64_t one : drawn) pinned.push_back(LogIndex(one));
  Retention keeps(pinned, [&](std::string_view) { return hides; });
  const std::vector<Entry> kept = Kept(run, keeps);
  std::set<uint64_t> reads = drawn;
  reads.insert(99);
  for (uint64_t version : reads) {
    for (const char* key : {"a", "b", "c", "d"}) {
      RC_ASSERT(Seen(run, key, version) == Seen(kept, key, version));
    }
  }
  // And nothing more than that: an entry to each read and key at most.
  RC_ASSERT(kept.size() <= reads.size() * 4);
}

TEST(RetentionTest, ADeletionStaysWhileItMayHideSomething) {
  const std::vector<Entry> run = {{"a", 5, false}, {"a", 3, true}};
  Retention hiding({}, [](std::string_view) { return true; });
  EXPECT_EQ(Kept(run, hiding).size(), 1u);
  Retention alone({}, [](std::string_view) { return false; });
  EXPECT_EQ(Kept(run, alone).size(), 0u);
  Retention unknown({});
  EXPECT_EQ(Kept(run, unknown).size(), 1u);
  // A view between the two still sees the value, and later reads the deletion of it.
  Retention pinned({LogIndex(4)}, [](std::string_view) { return false; });
  EXPECT_EQ(Kept(run, pinned).size(), 2u);
}

}  // namespace
}  // namespace wt
