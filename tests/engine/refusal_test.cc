// Damage, in every world: where snapshots and log still hold everything, the answer is the same;
// where they do not, opening is refused with DataLoss, says which file, and changes nothing.
#include <gtest/gtest.h>

#include "tests/engine/engine_world.h"

namespace wt::test {
namespace {

using Files = std::map<std::string, std::string>;

class RefusalTest : public WorldTest {};
INSTANTIATE_TEST_SUITE_P(Worlds, RefusalTest, testing::ValuesIn(Worlds()), NameOf);

// Two snapshots, of 60 and of 120, and a log that begins between 1 and 60 and ends with 150.
struct TwoSnapshots {
  Hash128 digest;
  std::vector<std::string> manifests;    // by index
  std::vector<std::string> chunk_files;  // in order of creation
  LogIndex log_begin;
};

TwoSnapshots MakeTwoSnapshots(Rig& rig) {
  TwoSnapshots made;
  {
    auto server = MustOpen(rig);
    server->Fill(0, 60, 500);
    EXPECT_TRUE(server->engine().TakeSnapshot().ok());
    server->Fill(30, 90, 600);
    EXPECT_TRUE(server->engine().TakeSnapshot().ok());
    server->Fill(0, 30, 100);
    made.digest = server->engine().state_digest();
    made.log_begin = server->engine().log().first_index();
  }
  made.manifests = {"snapshot/snapshot_60_1", "snapshot/snapshot_120_1"};
  EXPECT_EQ(PathsWith(rig.env.disk, "snapshot/snapshot_"),
            (std::vector<std::string>{made.manifests[1], made.manifests[0]}));
  made.chunk_files = PathsWith(rig.env.disk, "snapshot/chunks_");
  EXPECT_EQ(made.chunk_files.size(), 2u);
  EXPECT_GT(made.log_begin, LogIndex(1));
  EXPECT_LE(made.log_begin, LogIndex(61));
  return made;
}

// Opening says DataLoss, names `file`, and the disk is what it was; and so again.
void ExpectRefused(Rig& rig, const std::string& file) {
  const Files before = FilesOf(rig.env.disk);
  for (int attempt = 0; attempt < 2; ++attempt) {
    rig.events.Forget();
    const absl::Status status = Server::Open(rig.env, SmallOptions()).status();
    EXPECT_TRUE(absl::IsDataLoss(status)) << status;
    EXPECT_NE(MessageOf(status).find(file), std::string::npos)
        << status << " does not name " << file;
    EXPECT_EQ(rig.events.Count(EventKind::kEngineRefused), 1u);
    const Files after = FilesOf(rig.env.disk);
    for (const auto& [path, content] : before) {
      EXPECT_TRUE(after.contains(path)) << path << " is gone";
      EXPECT_TRUE(after.contains(path) && after.at(path) == content) << path << " has changed";
    }
    EXPECT_EQ(after.size(), before.size()) << "files were added";
  }
}

void ExpectState(Rig& rig, const Hash128& digest) {
  auto server = MustOpen(rig);
  EXPECT_TRUE(server->engine().AwaitBarrier().ok());
  EXPECT_EQ(server->engine().last_applied(), LogIndex(150));
  EXPECT_EQ(server->engine().state_digest(), digest);
  EXPECT_TRUE(server->Put("and", "on").ok());
}

TEST_P(RefusalTest, ADamagedNewestManifestFallsBackToTheOlderSnapshotAndTheLog) {
  InWorld([](Rig& rig) {
    const TwoSnapshots made = MakeTwoSnapshots(rig);
    FlipByte(rig.env.disk, made.manifests[1], 30);
    rig.events.Forget();
    ExpectState(rig, made.digest);
    EXPECT_GE(rig.events.Count(EventKind::kSnapshotDamaged), 1u);
    EXPECT_EQ(rig.events.LastA(EventKind::kSnapshotRestored), 60u);
  });
}

TEST_P(RefusalTest, ADamagedNewestChunkFileFallsBackToTheOlderSnapshotAndTheLog) {
  InWorld([](Rig& rig) {
    const TwoSnapshots made = MakeTwoSnapshots(rig);
    FlipByte(rig.env.disk, made.chunk_files[1], 100);
    rig.events.Forget();
    ExpectState(rig, made.digest);
    EXPECT_EQ(rig.events.LastA(EventKind::kSnapshotRestored), 60u);
  });
}

TEST_P(RefusalTest, AnUnreadableNewestSnapshotFallsBackLikeADamagedOne) {
  InWorld([](Rig& rig) {
    const TwoSnapshots made = MakeTwoSnapshots(rig);
    for (const std::string& part : {made.chunk_files[1], made.manifests[1]}) {
      rig.disk.FailReadsOf(part);
      rig.events.Forget();
      auto server = MustOpen(rig);
      EXPECT_TRUE(server->engine().AwaitBarrier().ok());
      EXPECT_EQ(server->engine().state_digest(), made.digest) << part;
      EXPECT_EQ(rig.events.LastA(EventKind::kSnapshotRestored), 60u);
    }
    rig.disk.FailReadsOf("");
    ExpectState(rig, made.digest);
  });
}

TEST_P(RefusalTest, ADamagedOlderSnapshotIsNotEvenNoticed) {
  InWorld([](Rig& rig) {
    const TwoSnapshots made = MakeTwoSnapshots(rig);
    FlipByte(rig.env.disk, made.manifests[0], 30);
    ExpectState(rig, made.digest);
  });
}

TEST_P(RefusalTest, BothManifestsDamagedIsRefused) {
  InWorld([](Rig& rig) {
    const TwoSnapshots made = MakeTwoSnapshots(rig);
    for (const std::string& manifest : made.manifests) FlipByte(rig.env.disk, manifest, 30);
    ExpectRefused(rig, "snapshot_");
  });
}

TEST_P(RefusalTest, BothChunkFilesDamagedIsRefused) {
  InWorld([](Rig& rig) {
    const TwoSnapshots made = MakeTwoSnapshots(rig);
    for (const std::string& chunks : made.chunk_files) FlipByte(rig.env.disk, chunks, 100);
    ExpectRefused(rig, "chunks_");
  });
}

TEST_P(RefusalTest, AHoleBetweenSnapshotAndLogIsRefused) {
  InWorld([](Rig& rig) {
    MakeTwoSnapshots(rig);
    RemoveFiles(rig.env.disk, "snapshot/");
    ExpectRefused(rig, "log: begins with entry");
  });
}

TEST_P(RefusalTest, AnOlderSnapshotThatTheLogDoesNotReachIsRefused) {
  InWorld([](Rig& rig) {
    MakeTwoSnapshots(rig);
    const Files early = FilesOf(rig.env.disk);
    {
      auto server = MustOpen(rig);
      for (int round = 0; round < 3; ++round) {
        server->Fill(0, 60, 500);
        EXPECT_TRUE(server->engine().TakeSnapshot().ok());
      }
      EXPECT_GT(server->engine().log().first_index(), LogIndex(121));
    }
    RestoreFiles(rig.env.disk, "snapshot/", early);
    ExpectRefused(rig, "ends with 120");
  });
}

TEST_P(RefusalTest, ALogThatIsGoneIsRefused) {
  InWorld([](Rig& rig) {
    MakeTwoSnapshots(rig);
    RemoveFiles(rig.env.disk, "log/");
    ExpectRefused(rig, "log: ends with entry 0");
  });
}

TEST_P(RefusalTest, ALogOlderThanTheSnapshotIsRefused) {
  InWorld([](Rig& rig) {
    MustOpen(rig)->Fill(0, 20);
    const Files early = FilesOf(rig.env.disk);
    {
      auto server = MustOpen(rig);
      server->Fill(20, 60);
      EXPECT_TRUE(server->engine().TakeSnapshot().ok());
    }
    RestoreFiles(rig.env.disk, "log/", early);
    ExpectRefused(rig, "log: ends with entry 20");
  });
}

TEST_P(RefusalTest, DamageInTheMiddleOfTheLogIsRefused) {
  InWorld([](Rig& rig) {
    MustOpen(rig)->Fill(0, 200, 300);
    const std::vector<std::string> segments = PathsWith(rig.env.disk, ".wal");
    ASSERT_GE(segments.size(), 3u);
    FlipByte(rig.env.disk, segments[1], 6000);
    ExpectRefused(rig, segments[1]);
  });
}

TEST_P(RefusalTest, AMissingSegmentIsRefused) {
  InWorld([](Rig& rig) {
    MustOpen(rig)->Fill(0, 200, 300);
    const std::vector<std::string> segments = PathsWith(rig.env.disk, ".wal");
    ASSERT_GE(segments.size(), 4u);
    RemoveFiles(rig.env.disk, segments[2]);
    ExpectRefused(rig, segments[2]);
  });
}

TEST_P(RefusalTest, WhatWasRefusedOpensWhenTheFilesAreBack) {
  InWorld([](Rig& rig) {
    const TwoSnapshots made = MakeTwoSnapshots(rig);
    const Files good = FilesOf(rig.env.disk);
    RemoveFiles(rig.env.disk, "snapshot/");
    ExpectRefused(rig, "log: begins with entry");
    RestoreFiles(rig.env.disk, "snapshot/", good);
    ExpectState(rig, made.digest);
  });
}

}  // namespace
}  // namespace wt::test
