// Equal chunks are stored once, for as long as anybody refers to them; equal by content, and only
// when what is there still reads back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/snapshot/world.h"

namespace wt {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using test::CrashKind;
using test::NoiseBytes;
using test::SnapshotWorld;

std::vector<std::string> Chunks(std::vector<uint64_t> seeds) {
  std::vector<std::string> chunks;
  for (uint64_t seed : seeds) chunks.push_back(NoiseBytes(seed, 1000));
  return chunks;
}

std::string Joined(const std::vector<std::string>& chunks) {
  std::string all;
  for (const std::string& chunk : chunks) all += chunk;
  return all;
}

TEST(IncrementalTest, EqualChunksAreNotWrittenAgain) {
  SnapshotWorld world;
  world.Open();
  ASSERT_TRUE(world.Create(1, Chunks({1, 2, 3, 4})).ok());
  absl::StatusOr<Snapshot> second = world.Create(2, Chunks({1, 2, 9, 4}));
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->bytes, 4000u);
  EXPECT_EQ(second->reused_bytes, 3000u);
  EXPECT_EQ(*LoadBytes(*world.snapshots, "snapshot_2_1"), Joined(Chunks({1, 2, 9, 4})));
  EXPECT_LT(world.env.disk.Content("snapshot/chunks_000002")->size(), 1200u);
  EXPECT_THAT(world.env.events.goals, Contains("snapshot.chunk_reused"));
}

TEST(IncrementalTest, ChunksOfEqualLengthAndOtherContentAreWritten) {
  SnapshotWorld world;
  world.Open();
  ASSERT_TRUE(world.Create(1, Chunks({1, 2})).ok());
  absl::StatusOr<Snapshot> second = world.Create(2, Chunks({3, 4}));
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->reused_bytes, 0u);
  EXPECT_EQ(*LoadBytes(*world.snapshots, "snapshot_2_1"), Joined(Chunks({3, 4})));
}

TEST(IncrementalTest, AnEqualStateNeedsNoNewChunkFile) {
  SnapshotWorld world;
  world.Open();
  ASSERT_TRUE(world.Create(1, Chunks({1, 2})).ok());
  ASSERT_TRUE(world.Create(2, Chunks({2, 1})).ok());
  EXPECT_THAT(world.ChunkFiles(), SizeIs(1));
  EXPECT_EQ(*LoadBytes(*world.snapshots, "snapshot_2_1"), Joined(Chunks({2, 1})));
}

TEST(IncrementalTest, ChunksLiveAsLongAsAnybodyRefersToThem) {
  SnapshotWorld world;
  world.Open();
  ASSERT_TRUE(world.Create(1, Chunks({1, 2, 3, 4})).ok());
  ASSERT_TRUE(world.Create(2, Chunks({1, 2, 3, 5})).ok());
  ASSERT_TRUE(world.snapshots->Delete("snapshot_1_1").ok());
  world.CrashAndOpen(CrashKind::kLoseUnsynced);
  EXPECT_EQ(*LoadBytes(*world.snapshots, "snapshot_2_1"), Joined(Chunks({1, 2, 3, 5})));
  ASSERT_TRUE(world.snapshots->Delete("snapshot_2_1").ok());
  EXPECT_THAT(world.ChunkFiles(), IsEmpty());
}

TEST(IncrementalTest, AReusableChunkThatDoesNotReadBackIsWrittenAnew) {
  SnapshotWorld world;
  world.Open();
  ASSERT_TRUE(world.Create(1, Chunks({1, 2})).ok());
  world.FlipByte("snapshot/chunks_000001", 100);
  absl::StatusOr<Snapshot> second = world.Create(2, Chunks({1, 2}));
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->reused_bytes, 1000u);
  EXPECT_EQ(*LoadBytes(*world.snapshots, "snapshot_2_1"), Joined(Chunks({1, 2})));
  EXPECT_FALSE(world.snapshots->Load("snapshot_1_1").ok());
  EXPECT_THAT(world.env.events.goals, Contains("snapshot.reusable_chunk_damaged"));
}

TEST(IncrementalTest, AFileOfWhichLittleIsUsedIsNotReferredTo) {
  SnapshotWorld world;
  world.Open();
  ASSERT_TRUE(world.Create(1, Chunks({1, 2, 3, 4})).ok());
  ASSERT_TRUE(world.Create(2, Chunks({1, 12, 13, 14})).ok());
  absl::StatusOr<Snapshot> third = world.Create(3, Chunks({1, 12, 13, 14}));
  ASSERT_TRUE(third.ok());
  EXPECT_EQ(third->reused_bytes, 3000u);
  ASSERT_TRUE(world.snapshots->Compact(1).ok());
  EXPECT_THAT(world.ChunkFiles(), Not(Contains("snapshot/chunks_000001")));
  EXPECT_EQ(*LoadBytes(*world.snapshots, "snapshot_3_1"), Joined(Chunks({1, 12, 13, 14})));
  EXPECT_THAT(world.env.events.goals, Contains("snapshot.sparse_file_not_reused"));
}

// One chunk of thirty changes between snapshots, two are kept: the disk holds a small multiple of
// the state for ever, in few files.
TEST(IncrementalTest, ALongChainStaysSmall) {
  SnapshotWorld world;
  world.Open();
  std::vector<std::string> chunks;
  for (uint64_t seed = 0; seed < 30; ++seed) chunks.push_back(NoiseBytes(seed, 1000));
  uint64_t reused = 0;
  for (uint64_t index = 1; index <= 300; ++index) {
    chunks[index % 30] = NoiseBytes(1000 + index, 1000);
    absl::StatusOr<Snapshot> created = world.Create(index, chunks);
    ASSERT_TRUE(created.ok()) << created.status();
    reused += created->reused_bytes;
    ASSERT_TRUE(world.snapshots->Compact(2).ok());
    ASSERT_LT(world.env.disk.TotalBytes(), 3 * 31'000u);
    ASSERT_LE(world.ChunkFiles().size(), 18u);
  }
  EXPECT_GT(reused, 300 * 20'000u);
  EXPECT_EQ(*LoadBytes(*world.snapshots, "snapshot_300_1"), Joined(chunks));
}

TEST(IncrementalTest, CanBeSwitchedOff) {
  SnapshotWorld world({.incremental = false});
  world.Open();
  ASSERT_TRUE(world.Create(1, Chunks({1, 2})).ok());
  EXPECT_EQ(world.Create(2, Chunks({1, 2}))->reused_bytes, 0u);
}

TEST(IncrementalTest, RareWaysLeadToTheSameState) {
  SnapshotWorld world;
  world.env.random.armed = {"snapshot.write_in_full", "snapshot.flush_each_chunk"};
  world.Open();
  ASSERT_TRUE(world.Create(1, Chunks({1, 2})).ok());
  EXPECT_EQ(world.Create(2, Chunks({1, 2}))->reused_bytes, 0u);
  EXPECT_EQ(*LoadBytes(*world.snapshots, "snapshot_2_1"), Joined(Chunks({1, 2})));
}

}  // namespace
}  // namespace wt
