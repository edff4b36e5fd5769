// What a SnapshotManager promises its callers when nothing fails but what the test breaks.
#include "engine/snapshot/snapshot_manager.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/status.h"
#include "tests/snapshot/world.h"

namespace wt {
namespace {

using test::ChunkList;
using test::CrashKind;
using test::NoiseBytes;
using test::SnapshotWorld;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

TEST(SnapshotManagerTest, CreateThenLoad) {
  SnapshotWorld world;
  world.Open();
  absl::StatusOr<Snapshot> created =
      CreateFromBytes(*world.snapshots, LogIndex(100), Term(5), "test snapshot data");
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(created->id, "snapshot_100_5");
  EXPECT_EQ(created->index, LogIndex(100));
  EXPECT_EQ(created->term, Term(5));
  EXPECT_EQ(created->timestamp, world.env.clock.WallNow());
  EXPECT_EQ(created->bytes, 18u);
  EXPECT_EQ(created->state_digest, HashBytes128("test snapshot data"));
  EXPECT_EQ(*LoadBytes(*world.snapshots, "snapshot_100_5"), "test snapshot data");
}

TEST(SnapshotManagerTest, EverythingIsThereAfterAPowerCut) {
  SnapshotWorld world;
  world.Open();
  const std::string noise = NoiseBytes(1, 300'000);
  ASSERT_TRUE(CreateFromBytes(*world.snapshots, LogIndex(1), Term(1), noise).ok());
  const std::vector<Snapshot> before = world.snapshots->List();
  world.CrashAndOpen(CrashKind::kLoseUnsynced);
  const std::vector<Snapshot> after = world.snapshots->List();
  ASSERT_THAT(after, SizeIs(1));
  EXPECT_EQ(after[0].id, before[0].id);
  EXPECT_EQ(after[0].checksum, before[0].checksum);
  EXPECT_EQ(after[0].state_digest, before[0].state_digest);
  EXPECT_EQ(after[0].timestamp, before[0].timestamp);
  EXPECT_EQ(*LoadBytes(*world.snapshots, before[0].id), noise);
}

TEST(SnapshotManagerTest, AnEmptyStateIsASnapshotToo) {
  SnapshotWorld world;
  world.Open();
  ASSERT_TRUE(world.Create(1, {}).ok());
  world.CrashAndOpen(CrashKind::kLoseUnsynced);
  EXPECT_EQ(*LoadBytes(*world.snapshots, "snapshot_1_1"), "");
  EXPECT_THAT(world.ChunkFiles(), IsEmpty());
}

TEST(SnapshotManagerTest, ListsNewestFirst) {
  SnapshotWorld world;
  world.Open();
  for (uint64_t index : {9, 100, 10}) ASSERT_TRUE(world.Create(index, {"x"}).ok());
  EXPECT_THAT(world.Ids(), ElementsAre("snapshot_100_1", "snapshot_10_1", "snapshot_9_1"));
}

TEST(SnapshotManagerTest, AnExistingSnapshotIsNeverOverwritten) {
  SnapshotWorld world;
  world.Open();
  ASSERT_TRUE(world.Create(1, {"first"}).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(world.Create(1, {"second"}).status()));
  EXPECT_EQ(*LoadBytes(*world.snapshots, "snapshot_1_1"), "first");
}

TEST(SnapshotManagerTest, UnknownIdsAreNotFound) {
  SnapshotWorld world;
  world.Open();
  for (const char* id : {"", "snapshot_1_1", "nonsense", "../snapshot_1_1", "chunks_000001"}) {
    EXPECT_TRUE(absl::IsNotFound(world.snapshots->Load(id).status())) << id;
    EXPECT_TRUE(absl::IsNotFound(world.snapshots->Delete(id))) << id;
  }
}

TEST(SnapshotManagerTest, DeleteGivesTheRoomBack) {
  SnapshotWorld world;
  world.Open();
  const uint64_t before = world.env.disk.TotalBytes();
  ASSERT_TRUE(world.Create(1, {NoiseBytes(1, 1000)}).ok());
  ASSERT_TRUE(world.snapshots->Delete("snapshot_1_1").ok());
  EXPECT_THAT(world.Ids(), IsEmpty());
  EXPECT_EQ(world.env.disk.TotalBytes(), before);
  world.CrashAndOpen(CrashKind::kLoseUnsynced);
  EXPECT_THAT(world.Ids(), IsEmpty());
}

TEST(SnapshotManagerTest, ALoadedSourceOutlivesTheSnapshot) {
  SnapshotWorld world;
  world.Open();
  ASSERT_TRUE(world.Create(1, {"one", "two"}).ok());
  std::unique_ptr<ChunkSource> source = *world.snapshots->Load("snapshot_1_1");
  EXPECT_EQ(*source->Next(), "one");
  ASSERT_TRUE(world.snapshots->Delete("snapshot_1_1").ok());
  EXPECT_EQ(*source->Next(), "two");
  EXPECT_EQ(*source->Next(), "");
}

TEST(SnapshotManagerTest, CompactKeepsTheNewest) {
  SnapshotWorld world;
  world.Open();
  for (uint64_t index = 1; index <= 5; ++index) {
    ASSERT_TRUE(world.Create(index, {NoiseBytes(index, 100)}).ok());
  }
  ASSERT_TRUE(world.snapshots->Compact(2).ok());
  EXPECT_THAT(world.Ids(), ElementsAre("snapshot_5_1", "snapshot_4_1"));
  EXPECT_THAT(world.ChunkFiles(), SizeIs(2));
  ASSERT_TRUE(world.snapshots->Compact(7).ok());
  EXPECT_THAT(world.Ids(), SizeIs(2));
}

TEST(SnapshotManagerTest, CompactDoesNotCountADamagedOne) {
  SnapshotWorld world({.incremental = false});
  world.Open();
  for (uint64_t index = 1; index <= 3; ++index) {
    ASSERT_TRUE(world.Create(index, {NoiseBytes(index, 1000)}).ok());
  }
  world.FlipByte("snapshot/chunks_000003", 500);
  world.Open();
  ASSERT_TRUE(world.snapshots->Compact(1).ok());
  EXPECT_THAT(world.Ids(), ElementsAre("snapshot_2_1"));
  EXPECT_EQ(*LoadBytes(*world.snapshots, "snapshot_2_1"), NoiseBytes(2, 1000));
  ASSERT_THAT(world.snapshots->Damaged(), SizeIs(1));
  EXPECT_THAT(MessageOf(world.snapshots->Damaged()[0]), HasSubstr("chunks_000003"));
  // The damaged one stays for who wants to look, until it is deleted by name.
  EXPECT_THAT(world.ChunkFiles(), Contains("snapshot/chunks_000003"));
  ASSERT_TRUE(world.snapshots->Delete("snapshot_3_1").ok());
  EXPECT_THAT(world.snapshots->Damaged(), IsEmpty());
  EXPECT_THAT(world.ChunkFiles(), ElementsAre("snapshot/chunks_000002"));
}

TEST(SnapshotManagerTest, DamageFoundByLoadIsRemembered) {
  SnapshotWorld world;
  world.Open();
  ASSERT_TRUE(world.Create(1, {NoiseBytes(1, 1000)}).ok());
  world.FlipByte("snapshot/chunks_000001", 500);
  const absl::Status first = world.snapshots->Load("snapshot_1_1").status();
  EXPECT_TRUE(absl::IsDataLoss(first));
  EXPECT_THAT(world.Ids(), IsEmpty());
  EXPECT_EQ(world.snapshots->Load("snapshot_1_1").status(), first);
  EXPECT_EQ(world.env.events.Count(EventKind::kSnapshotDamaged), 1u);
}

TEST(SnapshotManagerTest, WhileAManifestIsUnreadableNoChunksGo) {
  SnapshotWorld world({.incremental = false});
  world.Open();
  for (uint64_t index = 1; index <= 3; ++index) {
    ASSERT_TRUE(world.Create(index, {NoiseBytes(index, 100)}).ok());
  }
  const std::string manifest = *world.env.disk.Content("snapshot/snapshot_2_1");
  world.FlipByte("snapshot/snapshot_2_1", 20);
  world.Open();
  EXPECT_THAT(world.Ids(), ElementsAre("snapshot_3_1", "snapshot_1_1"));
  ASSERT_THAT(world.snapshots->Damaged(), SizeIs(1));
  EXPECT_THAT(MessageOf(world.snapshots->Damaged()[0]), HasSubstr("snapshot_2_1"));
  ASSERT_TRUE(world.snapshots->Delete("snapshot_1_1").ok());
  EXPECT_THAT(world.ChunkFiles(), SizeIs(3));
  // Repaired by hand, it is whole.
  world.env.disk.Plant("snapshot/snapshot_2_1", manifest);
  world.Open();
  EXPECT_EQ(*LoadBytes(*world.snapshots, "snapshot_2_1"), NoiseBytes(2, 100));
  EXPECT_THAT(world.ChunkFiles(), SizeIs(2));
}

// A manifest that came into the folder behind the manager's back owns chunks, too.
TEST(SnapshotManagerTest, ChunksOfAManifestThatIsNotKnownYetStay) {
  SnapshotWorld source;
  source.Open();
  ASSERT_TRUE(source.Create(5, {NoiseBytes(5, 100)}).ok());
  SnapshotWorld world;
  world.Open();
  for (const std::string& path : source.env.disk.Paths()) {
    world.env.disk.Plant(path, *source.env.disk.Content(path));
  }
  ASSERT_TRUE(world.Create(6, {"x"}).ok());
  ASSERT_TRUE(world.snapshots->Compact(1).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(world.Create(5, {"y"}).status()));
  world.Open();
  EXPECT_EQ(*LoadBytes(*world.snapshots, "snapshot_5_1"), NoiseBytes(5, 100));
}

TEST(SnapshotManagerTest, ADamagedOneIsReplaced) {
  SnapshotWorld world;
  world.Open();
  ASSERT_TRUE(world.Create(1, {NoiseBytes(1, 100)}).ok());
  world.FlipByte("snapshot/snapshot_1_1", 20);
  world.Open();
  EXPECT_TRUE(absl::IsNotFound(world.snapshots->DeleteWhole("snapshot_1_1")));
  ASSERT_TRUE(world.Create(1, {NoiseBytes(2, 100)}).ok());
  EXPECT_THAT(world.snapshots->Damaged(), IsEmpty());
  EXPECT_THAT(world.ChunkFiles(), SizeIs(1));
  world.Open();
  EXPECT_EQ(*LoadBytes(*world.snapshots, "snapshot_1_1"), NoiseBytes(2, 100));
  ASSERT_TRUE(world.snapshots->DeleteWhole("snapshot_1_1").ok());
}

// It may be all that the log begins behind, and may be readable again in the next life.
TEST(SnapshotManagerTest, ADamagedOneStaysUntilItIsReplaced) {
  bool created = false;
  for (uint64_t n = 1; !created; ++n) {
    for (CrashKind kind : {CrashKind::kLoseUnsynced, CrashKind::kKill}) {
      SCOPED_TRACE(absl::StrFormat("call %d", n));
      SnapshotWorld world;
      world.Open();
      ASSERT_TRUE(world.Create(1, {NoiseBytes(1, 100)}).ok());
      world.env.disk.FailAt(1, Unavailable("injected"));
      ASSERT_FALSE(world.snapshots->ReadChunk("snapshot_1_1", 0).ok());
      ASSERT_THAT(world.snapshots->Damaged(), SizeIs(1));
      world.env.disk.FailAt(n, Unavailable("injected"));
      created = world.Create(1, {NoiseBytes(1, 100)}).ok();
      world.CrashAndOpen(kind);
      EXPECT_EQ(*LoadBytes(*world.snapshots, "snapshot_1_1"), NoiseBytes(1, 100));
    }
    ASSERT_LT(n, 100u);
  }
}

TEST(SnapshotManagerTest, LeftoversGoAndStrangersStay) {
  SnapshotWorld world;
  world.Open();
  ASSERT_TRUE(world.Create(1, {"x"}).ok());
  for (const char* name : {"snapshot_2_1.tmp", "chunks_000009.tmp", "chunks_000008", "notes.txt",
                           "snapshot_02_1", "other.tmp"}) {
    world.env.disk.Plant("snapshot/" + std::string(name), "?");
  }
  world.Open();
  EXPECT_THAT(world.env.disk.Paths(),
              ElementsAre("snapshot/chunks_000001", "snapshot/notes.txt", "snapshot/other.tmp",
                          "snapshot/snapshot_02_1", "snapshot/snapshot_1_1"));
  EXPECT_THAT(world.env.events.goals, Contains("snapshot.garbage_removed"));
}

TEST(SnapshotManagerTest, ChunksThatAreTooLargeAreRefused) {
  SnapshotWorld world;
  world.Open();
  EXPECT_TRUE(
      absl::IsInvalidArgument(world.Create(1, {std::string(kMaxChunkBytes + 1, 'x')}).status()));
  EXPECT_THAT(world.env.disk.Paths(), IsEmpty());
}

TEST(SnapshotManagerTest, AnErrorOfTheStatePassesAndLeavesNothing) {
  class Failing : public ChunkSource {
    absl::StatusOr<std::string> Next() override {
      if (++calls_ < 3) return NoiseBytes(1, 400'000);
      return Aborted("no more");
    }
    int calls_ = 0;
  };
  SnapshotWorld world;
  world.Open();
  Failing source;
  EXPECT_TRUE(absl::IsAborted(world.snapshots->Create(LogIndex(1), Term(1), {}, source).status()));
  EXPECT_THAT(world.env.disk.Paths(), IsEmpty());
  EXPECT_EQ(world.env.events.Count(EventKind::kSnapshotFailed), 1u);
  EXPECT_TRUE(world.Create(1, {"x"}).ok());
}

TEST(SnapshotManagerTest, ASecondCreateIsRefusedWhileOneRuns) {
  class Nested : public ChunkSource {
   public:
    explicit Nested(SnapshotManager& snapshots) : snapshots_(snapshots) {}
    absl::Status seen;

   private:
    absl::StatusOr<std::string> Next() override {
      ChunkList other({"y"});
      seen = snapshots_.Create(LogIndex(2), Term(1), {}, other).status();
      return std::string();
    }
    SnapshotManager& snapshots_;
  };
  SnapshotWorld world;
  world.Open();
  Nested source(*world.snapshots);
  ASSERT_TRUE(world.snapshots->Create(LogIndex(1), Term(1), {}, source).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(source.seen));
}

TEST(SnapshotManagerTest, TellsWhatItDoes) {
  SnapshotWorld world;
  world.Open();
  ASSERT_TRUE(world.Create(3, {"state"}).ok());
  ASSERT_TRUE(LoadBytes(*world.snapshots, "snapshot_3_1").ok());
  ASSERT_TRUE(world.snapshots->Delete("snapshot_3_1").ok());
  const auto& all = world.env.events.all;
  ASSERT_THAT(all, SizeIs(4));
  EXPECT_EQ(all[0].kind, EventKind::kSnapshotStarted);
  EXPECT_EQ(all[1].kind, EventKind::kSnapshotCreated);
  EXPECT_EQ(all[1].a, 3u);
  EXPECT_EQ(all[1].c, 5u);
  EXPECT_EQ(all[1].text, "snapshot_3_1");
  EXPECT_EQ(all[2].kind, EventKind::kSnapshotLoaded);
  EXPECT_EQ(all[2].d, 3u);
  EXPECT_EQ(all[3].kind, EventKind::kSnapshotDeleted);
}

TEST(SnapshotManagerTest, NestedFoldersAreMade) {
  SnapshotWorld world({.directory = "data/node/snapshot"});
  world.Open();
  ASSERT_TRUE(world.Create(1, {"x"}).ok());
  world.CrashAndOpen(CrashKind::kLoseUnsynced);
  EXPECT_EQ(*LoadBytes(*world.snapshots, "snapshot_1_1"), "x");
}

}  // namespace
}  // namespace wt
