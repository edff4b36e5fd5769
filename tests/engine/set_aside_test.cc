// What a machine does whose disk is not to be trusted: the note is durable before anything moves,
// nothing is ever deleted, and a crash anywhere is followed by the same again.
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_format.h"
#include "engine/env/file_io.h"
#include "tests/engine/replica_bench.h"

namespace wt::test {
namespace {

class SetAsideTest : public WorldTest {};
INSTANTIATE_TEST_SUITE_P(Worlds, SetAsideTest, testing::ValuesIn(Worlds()), NameOf);

void Write(Env env, uint64_t term = 1) {
  auto replica = Replica::MustOpen(env);
  ASSERT_TRUE(replica->Commit(PutsFrom(1, 20, term)).ok());
  ASSERT_TRUE((*replica)->TakeSnapshot().ok());
}

// The contents of all files of logs and snapshots, wherever they are.
std::multiset<std::string> Kept(Disk& disk) {
  std::multiset<std::string> kept;
  for (const auto& [path, content] : FilesOf(disk)) {
    if (path != "LOCK" && !path.starts_with("AMNESIA")) kept.insert(content);
  }
  return kept;
}

TEST_P(SetAsideTest, BothFoldersAreKeptAndTheMachineHasForgotten) {
  InWorld([](Rig& rig) {
    EXPECT_FALSE(*Engine::Amnesiac(rig.env));
    Write(rig.env);
    const std::multiset<std::string> before = Kept(rig.disk);
    ASSERT_TRUE(Engine::SetAside(rig.env, ReplicaOptions(), "checksum of entry 7").ok());
    EXPECT_TRUE(*Engine::Amnesiac(rig.env));
    EXPECT_EQ(*ReadWholeFile(rig.disk, "AMNESIA", kMiB), "checksum of entry 7");
    EXPECT_EQ(Kept(rig.disk), before);
    EXPECT_FALSE(PathsWith(rig.disk, "aside-0/log/").empty());
    EXPECT_FALSE(PathsWith(rig.disk, "aside-0/snapshot/").empty());

    auto replica = Replica::MustOpen(rig.env);
    EXPECT_EQ((*replica)->last_log_index(), LogIndex(0));
    EXPECT_TRUE(*Engine::Amnesiac(rig.env)) << "opening does not end it";
    ASSERT_TRUE(replica->Install(StateAfter(PutsFrom(1, 20))).ok());
    ASSERT_TRUE(Engine::EndAmnesia(rig.env).ok());
    EXPECT_FALSE(*Engine::Amnesiac(rig.env));
    EXPECT_TRUE(Engine::EndAmnesia(rig.env).ok()) << "twice is fine";
  });
}

TEST_P(SetAsideTest, TwiceMovesNothingMoreAndALaterTimeTakesTheNextNumber) {
  InWorld([](Rig& rig) {
    Write(rig.env);
    ASSERT_TRUE(Engine::SetAside(rig.env, ReplicaOptions(), "one").ok());
    const std::map<std::string, std::string> once = FilesOf(rig.disk);
    ASSERT_TRUE(Engine::SetAside(rig.env, ReplicaOptions(), "one").ok());
    EXPECT_EQ(FilesOf(rig.disk), once);
    Write(rig.env, 2);
    ASSERT_TRUE(Engine::SetAside(rig.env, ReplicaOptions(), "two").ok());
    EXPECT_FALSE(PathsWith(rig.disk, "aside-1/log/").empty());
    for (const auto& [path, content] : once) {
      if (!path.starts_with("aside-0/")) continue;
      EXPECT_EQ(FilesOf(rig.disk)[path], content);
    }
    EXPECT_EQ(*ReadWholeFile(rig.disk, "AMNESIA", kMiB), "two");
  });
}

TEST_P(SetAsideTest, NotWhileAnEngineIsOpen) {
  InWorld([](Rig& rig) {
    auto replica = Replica::MustOpen(rig.env);
    EXPECT_TRUE(
        absl::IsFailedPrecondition(Engine::SetAside(rig.env, ReplicaOptions(), "impatience")));
    EXPECT_FALSE(*Engine::Amnesiac(rig.env));
  });
}

TEST_P(SetAsideTest, AMachineWithoutFoldersForgetsToo) {
  InWorld([](Rig& rig) {
    ASSERT_TRUE(Engine::SetAside(rig.env, ReplicaOptions(), "new disk").ok());
    EXPECT_TRUE(*Engine::Amnesiac(rig.env));
    EXPECT_TRUE(PathsWith(rig.disk, "aside").empty());
  });
}

TEST_P(SetAsideTest, FoldersWithinFoldersGoTheSameWay) {
  InWorld([](Rig& rig) {
    EngineOptions options = ReplicaOptions();
    options.log.directory = "data/a/log";
    options.snapshot.directory = "data/b";
    { ASSERT_TRUE(Replica::MustOpen(rig.env, options)->Commit(PutsFrom(1, 3)).ok()); }
    ASSERT_TRUE(Engine::SetAside(rig.env, options, "why not").ok());
    EXPECT_FALSE(PathsWith(rig.disk, "aside-0/data-a-log/").empty());
    EXPECT_EQ((*Replica::MustOpen(rig.env, options))->last_log_index(), LogIndex(0));
  });
}

}  // namespace
}  // namespace wt::test
