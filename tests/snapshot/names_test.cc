// Only names that we would have spelled ourselves are ours.
#include "engine/snapshot/names.h"

#include <gtest/gtest.h>

namespace wt {
namespace {

using Kind = SnapshotFileName::Kind;

TEST(NamesTest, OurNamesComeBack) {
  const SnapshotKey key{LogIndex(100), Term(5)};
  EXPECT_EQ(SnapshotId(key), "snapshot_100_5");
  EXPECT_EQ(ParseSnapshotFileName("snapshot_100_5")->key, key);
  EXPECT_EQ(ChunkFileName(7), "chunks_000007");
  EXPECT_EQ(ParseSnapshotFileName("chunks_000007")->number, 7u);
  EXPECT_EQ(ParseSnapshotFileName("chunks_1234567")->number, 1234567u);
  EXPECT_EQ(ParseSnapshotFileName("snapshot_18446744073709551615_0")->key.index,
            LogIndex(~uint64_t{0}));
}

TEST(NamesTest, TemporaryNamesAreKnown) {
  EXPECT_EQ(ParseSnapshotFileName("snapshot_1_1.tmp")->kind, Kind::kTemporary);
  EXPECT_EQ(ParseSnapshotFileName("chunks_000009.tmp")->kind, Kind::kTemporary);
  EXPECT_EQ(ParseSnapshotFileName("chunks_000009.tmp")->number, 9u);
}

TEST(NamesTest, OtherNamesAreNotOurs) {
  for (const char* name :
       {"", "snapshot", "snapshot_", "snapshot_1", "snapshot_1_", "snapshot_01_1", "snapshot_1_1x",
        "snapshot_1_1_1", "snapshot_-1_1", "snapshot_18446744073709551616_1", "Snapshot_1_1",
        "chunks_7", "chunks_0000007", "chunks_000000", "chunks_", "chunks_00000x", ".tmp",
        "other.tmp", "snapshot_1_1.tmp.tmp", "snapshot_1_1.bak", "LOCK"}) {
    EXPECT_FALSE(ParseSnapshotFileName(name).has_value()) << name;
  }
}

}  // namespace
}  // namespace wt
