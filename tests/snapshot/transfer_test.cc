// Snapshots chunk by chunk, as one replica reads them for another: by number, by content, and
// beside everything that may happen to the snapshot meanwhile.
#include <gtest/gtest.h>

#include "engine/base/checksum.h"
#include "tests/snapshot/world.h"

namespace wt::test {
namespace {

const std::vector<std::string> kOld = {"alpha", NoiseBytes(1, 900), std::string(3000, 'x')};
const std::vector<std::string> kNew = {"alpha", NoiseBytes(2, 900), std::string(3000, 'x')};

ChunkInfo InfoOf(const std::string& chunk) { return {HashBytes128(chunk), chunk.size()}; }

TEST(TransferTest, TheListOfChunksSaysContentAndSizeInOrder) {
  SnapshotWorld world;
  world.Open();
  const Snapshot snapshot = *world.Create(5, kOld);
  std::vector<ChunkInfo> want;
  for (const std::string& chunk : kOld) want.push_back(InfoOf(chunk));
  EXPECT_EQ(*world.snapshots->Chunks(snapshot.id), want);
}

TEST(TransferTest, ChunksAreReadByNumberInAnyOrder) {
  SnapshotWorld world;
  world.Open();
  (void)world.Create(5, kOld);
  const std::string id = world.Create(9, kNew)->id;  // refers to chunks of the first
  for (int life = 0; life < 2; ++life) {
    for (uint64_t number : {2, 0, 1, 2, 2}) {
      EXPECT_EQ(*world.snapshots->ReadChunk(id, number), kNew[number]);
    }
    world.CrashAndOpen(CrashKind::kLoseUnsynced);
  }
  EXPECT_TRUE(absl::IsNotFound(world.snapshots->ReadChunk(id, 3).status()));
}

TEST(TransferTest, WhatIsNotThereIsNotFound) {
  SnapshotWorld world;
  world.Open();
  for (std::string id : {"snapshot_5_1", "nonsense", ""}) {
    EXPECT_TRUE(absl::IsNotFound(world.snapshots->Chunks(id).status()));
    EXPECT_TRUE(absl::IsNotFound(world.snapshots->ReadChunk(id, 0).status()));
  }
  EXPECT_TRUE(absl::IsNotFound(world.snapshots->FindChunk(InfoOf("alpha")).status()));
}

TEST(TransferTest, AnEmptyStateHasNoChunks) {
  SnapshotWorld world;
  world.Open();
  const std::string id = world.Create(5, {})->id;
  EXPECT_TRUE(world.snapshots->Chunks(id)->empty());
  EXPECT_TRUE(absl::IsNotFound(world.snapshots->ReadChunk(id, 0).status()));
}

TEST(TransferTest, AfterADeletionATransferEndsCleanly) {
  SnapshotWorld world;
  world.Open();
  const std::string id = world.Create(5, kOld)->id;
  EXPECT_EQ(*world.snapshots->ReadChunk(id, 0), kOld[0]);
  ASSERT_TRUE(world.snapshots->Delete(id).ok());
  EXPECT_TRUE(absl::IsNotFound(world.snapshots->ReadChunk(id, 1).status()));
  EXPECT_TRUE(absl::IsNotFound(world.snapshots->Chunks(id).status()));
  EXPECT_TRUE(absl::IsNotFound(world.snapshots->FindChunk(InfoOf(kOld[0])).status()));
  EXPECT_TRUE(world.snapshots->Damaged().empty()) << "gone is not damaged";
}

TEST(TransferTest, AnotherOfTheSameNameIsReadAndNotTheOneBefore) {
  SnapshotWorld world;
  world.Open();
  const std::string id = world.Create(5, kOld)->id;
  EXPECT_EQ(*world.snapshots->ReadChunk(id, 1), kOld[1]);
  ASSERT_TRUE(world.snapshots->Delete(id).ok());
  ASSERT_EQ(world.Create(5, kNew)->id, id);
  EXPECT_EQ(*world.snapshots->ReadChunk(id, 1), kNew[1]);
}

TEST(TransferTest, DamageIsDataLossAndTheSnapshotIsKnownToBeDamaged) {
  SnapshotWorld world;
  world.Open();
  const std::string id = world.Create(5, kOld)->id;
  EXPECT_EQ(*world.snapshots->ReadChunk(id, 0), kOld[0]);
  const std::string content = *world.env.disk.Content(world.ChunkFiles().front());
  // In place, for the file is open.
  auto file = world.env.disk.Open(world.ChunkFiles().front(), OpenMode::kReadWrite);
  ASSERT_EQ(*(*file)->WriteAt(content.find(kOld[1]) + 100, "??"), 2u);
  const absl::Status status = world.snapshots->ReadChunk(id, 1).status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_EQ(world.Ids(), std::vector<std::string>{});
  EXPECT_EQ(world.snapshots->Damaged().size(), 1u);
  EXPECT_TRUE(absl::IsDataLoss(world.snapshots->ReadChunk(id, 0).status()));
  EXPECT_TRUE(absl::IsDataLoss(world.snapshots->Chunks(id).status()));
}

// Or it would be offered again and again.
TEST(TransferTest, WhatCannotBeReadIsDamagedForThisLife) {
  SnapshotWorld world;
  world.Open();
  const std::string id = world.Create(5, kOld)->id;
  world.env.disk.FailAt(1, Unavailable("unreadable sector"));
  EXPECT_TRUE(absl::IsUnavailable(world.snapshots->ReadChunk(id, 1).status()));
  EXPECT_EQ(world.Ids(), std::vector<std::string>{});
  EXPECT_EQ(world.snapshots->Damaged().size(), 1u);
  world.CrashAndOpen(CrashKind::kLoseUnsynced);
  EXPECT_EQ(*world.snapshots->ReadChunk(id, 1), kOld[1]);
}

TEST(TransferTest, DamagedSnapshotsGoWithWhatIsOlderThanAllThatAreKept) {
  SnapshotWorld world({.compress = false, .incremental = false});
  world.Open();
  for (uint64_t index : {3, 5, 7, 9}) {
    const std::string id = world.Create(index, kOld)->id;
    if (index == 9) break;
    world.FlipByte(world.ChunkFiles().back(), 200);
    ASSERT_FALSE(world.snapshots->Load(id).ok());
  }
  ASSERT_EQ(world.snapshots->Damaged().size(), 3u);
  ASSERT_TRUE(world.snapshots->Compact(2).ok());
  EXPECT_EQ(world.snapshots->Damaged().size(), 3u) << "only one is kept: nothing may go yet";
  ASSERT_TRUE(world.snapshots->Compact(1).ok());
  EXPECT_TRUE(world.snapshots->Damaged().empty());
  EXPECT_EQ(world.ChunkFiles().size(), 1u);
}

TEST(TransferTest, AReadThatFailsIsNoDamage) {
  SnapshotWorld world;
  world.Open();
  const std::string id = world.Create(5, kOld)->id;
  for (uint64_t call = 1; call <= 3; ++call) {
    world.env.disk.FailAt(call, ResourceExhausted("too many open files"));
    const absl::StatusOr<std::string> read = world.snapshots->ReadChunk(id, 1);
    EXPECT_TRUE(read.ok() || absl::IsResourceExhausted(read.status())) << read.status();
  }
  EXPECT_EQ(*world.snapshots->ReadChunk(id, 1), kOld[1]);
  EXPECT_TRUE(world.snapshots->Damaged().empty());
}

TEST(TransferTest, AChunkIsFoundInWhicheverSnapshotHoldsIt) {
  SnapshotWorld world;
  world.Open();
  (void)world.Create(5, kOld);
  for (const std::string& chunk : kOld) {
    EXPECT_EQ(*world.snapshots->FindChunk(InfoOf(chunk)), chunk);
  }
  EXPECT_TRUE(absl::IsNotFound(world.snapshots->FindChunk(InfoOf(kNew[1])).status()));
  (void)world.Create(9, kNew);
  EXPECT_EQ(*world.snapshots->FindChunk(InfoOf(kNew[1])), kNew[1]);
  EXPECT_EQ(*world.snapshots->FindChunk(InfoOf(kOld[1])), kOld[1]);
  ASSERT_TRUE(world.snapshots->Compact(1).ok());
  EXPECT_TRUE(absl::IsNotFound(world.snapshots->FindChunk(InfoOf(kOld[1])).status()));
  ChunkInfo other = InfoOf(kNew[1]);
  ++other.bytes;
  EXPECT_TRUE(absl::IsNotFound(world.snapshots->FindChunk(other).status()));
}

TEST(TransferTest, WhereOneCopyIsDamagedAnotherServes) {
  for (int damaged : {0, 1}) {
    SnapshotWorld world({.compress = false, .incremental = false});
    world.Open();
    (void)world.Create(5, kOld);
    (void)world.Create(9, kOld);
    const std::string path = world.ChunkFiles()[damaged];
    world.FlipByte(path, world.env.disk.Content(path)->find(kOld[1]) + 7);
    EXPECT_EQ(*world.snapshots->FindChunk(InfoOf(kOld[1])), kOld[1]);
  }
}

// What a receiver does: it has an older snapshot, asks for what it lacks, and resumes where it was.
TEST(TransferTest, ATransferTakesOnlyWhatIsMissing) {
  SnapshotWorld from;
  SnapshotWorld to;
  from.Open();
  to.Open();
  (void)to.Create(5, kOld);
  const Snapshot snapshot = *from.Create(9, kNew);
  std::vector<std::string> received;
  uint64_t sent = 0;
  const std::vector<ChunkInfo> chunks = *from.snapshots->Chunks(snapshot.id);
  for (uint64_t i = 0; i < chunks.size(); ++i) {
    absl::StatusOr<std::string> held = to.snapshots->FindChunk(chunks[i]);
    if (!held.ok()) {
      held = from.snapshots->ReadChunk(snapshot.id, i);
      ++sent;
    }
    received.push_back(*held);
  }
  EXPECT_EQ(sent, 1u);
  const Snapshot copy = *to.Create(9, received);
  EXPECT_EQ(copy.checksum, snapshot.checksum);
  EXPECT_EQ(copy.reused_bytes, kNew[0].size() + kNew[2].size());
}

}  // namespace
}  // namespace wt::test
