// no-leak: which files must be gone, and which must not be called leaks.
#include "scenarios/invariants/no_leak.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/log/format.h"
#include "engine/snapshot/manifest.h"
#include "engine/snapshot/names.h"

namespace wt::scenarios {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A segment whose first entry is `first`.
sim::DurableFile Segment(uint64_t number, uint64_t first) {
  SegmentHeader header;
  header.segment = number;
  header.previous.last_index = LogIndex(first - 1);
  return {"log/" + SegmentName(number), EncodeSegmentHeader(header)};
}

Snapshot Kept(uint64_t index) {
  Snapshot snapshot;
  snapshot.index = LogIndex(index);
  return snapshot;
}

TEST(NoLeakTest, WhatIsNeededIsNoLeak) {
  EXPECT_THAT(LeaksIn({}, {}, 1), IsEmpty());
  EXPECT_THAT(LeaksIn({Segment(1, 1), Segment(2, 50), {"LOCK", "x"}}, {}, 1), IsEmpty());
  // Entry 50 is in the first of them and not covered.
  EXPECT_THAT(LeaksIn({Segment(3, 30), Segment(4, 51)}, {Kept(80), Kept(49)}, 2), IsEmpty());
}

TEST(NoLeakTest, ALeftoverIsOne) {
  EXPECT_THAT(LeaksIn({{"snapshot/chunks_000001.tmp", ""}}, {}, 1),
              ElementsAre(HasSubstr("chunks_000001.tmp")));
}

// A manifest that refers to chunk file `number`.
sim::DurableFile ManifestOf(uint64_t index, uint64_t number) {
  Manifest manifest;
  manifest.key = {LogIndex(index), Term(1)};
  manifest.files = {{.number = number, .identity = 1, .bytes = 64}};
  manifest.chunks = {{.length = 8, .stored = 8, .file = 0, .offset = 32}};
  manifest.bytes = 8;
  manifest.checksum = ChecksumOf(manifest.chunks);
  return {"snapshot/" + SnapshotId(manifest.key), EncodeManifest(manifest)};
}

TEST(NoLeakTest, AChunkFileOfNoSnapshotIsOne) {
  const sim::DurableFile used{"snapshot/" + ChunkFileName(1), "x"};
  const sim::DurableFile unused{"snapshot/" + ChunkFileName(2), "x"};
  EXPECT_THAT(LeaksIn({used, ManifestOf(10, 1)}, {}, 1), IsEmpty());
  EXPECT_THAT(LeaksIn({used, unused, ManifestOf(10, 1)}, {}, 1),
              ElementsAre(HasSubstr(ChunkFileName(2))));
  sim::DurableFile damaged = ManifestOf(10, 1);
  damaged.bytes[damaged.bytes.size() / 2] ^= 1;
  EXPECT_THAT(LeaksIn({used, unused, damaged}, {}, 1), IsEmpty()) << "it may refer to both";
}

TEST(NoLeakTest, ASegmentThatTheOldestKeptSnapshotCoversIsOne) {
  EXPECT_THAT(LeaksIn({Segment(3, 30), Segment(4, 51)}, {Kept(80), Kept(50)}, 2),
              ElementsAre(HasSubstr(SegmentName(3))));
  EXPECT_THAT(LeaksIn({Segment(2, 10), Segment(3, 30), Segment(4, 51)}, {Kept(50)}, 1),
              ElementsAre(HasSubstr(SegmentName(2)), HasSubstr(SegmentName(3))));
}

TEST(NoLeakTest, TheNewestSegmentIsNeverOne) {
  EXPECT_THAT(LeaksIn({Segment(4, 1)}, {Kept(100)}, 1), IsEmpty());
}

TEST(NoLeakTest, TooManySnapshotsAreOne) {
  EXPECT_THAT(LeaksIn({}, {Kept(3), Kept(2)}, 1), ElementsAre(HasSubstr("2 snapshots")));
}

}  // namespace
}  // namespace wt::scenarios
