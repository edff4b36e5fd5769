// Proves that the parts of a real machine come together as one Env, and end together.
#include "engine/posix/posix_world.h"

#include <chrono>
#include <ctime>
#include <set>
#include <string>
#include <vector>

#include "engine/env/file_io.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/base/failed_check.h"
#include "tests/posix/temporary_folder.h"

namespace wt {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(PosixWorldTest, FilesOfOneWorldAreFoundByTheNext) {
  TemporaryFolder folder;
  {
    PosixWorld world({.root = folder.path()});
    ASSERT_TRUE(world.status().ok()) << world.status();
    auto file = world.env().disk.Open("a", OpenMode::kCreate);
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE(WriteFully(**file, 0, "kept").ok());
    ASSERT_TRUE((*file)->Sync().ok());
    ASSERT_TRUE(world.env().disk.SyncDirectory("").ok());
  }
  PosixWorld world({.root = folder.path()});
  EXPECT_EQ(*ReadWholeFile(world.env().disk, "a", 100), "kept");
}

TEST(PosixWorldTest, ARootThatIsMissingIsNamed) {
  PosixWorld world({.root = "/proc/no/such/place"});
  EXPECT_FALSE(world.status().ok());
  EXPECT_THAT(world.status().ToString(), HasSubstr("/proc/no/such/place"));
}

TEST(PosixWorldTest, TheEndWakesAReceiverAndWaitsForItsTask) {
  TemporaryFolder folder;
  bool ended = false;
  {
    PosixWorld world({.root = folder.path()});
    (void)world.env().tasks.Spawn("receiver", [&ended, env = world.env()] {
      while (env.network.Receive(Duration::max()).ok()) {
      }
      ended = true;
    });
  }
  EXPECT_TRUE(ended);
}

TEST(PosixWorldTest, EventsGoToTheCallback) {
  TemporaryFolder folder;
  std::vector<uint64_t> seen;
  PosixWorld world(
      {.root = folder.path(), .on_event = [&](const Event& event) { seen.push_back(event.a); }});
  world.env().events.Emit({.kind = EventKind::kLogSynced, .a = 5});
  world.env().events.Emit({.kind = EventKind::kLogSynced, .a = 6});
  world.env().events.Reached("a goal");
  EXPECT_THAT(seen, ElementsAre(5, 6));
}

TEST(PosixWorldTest, WithoutACallbackEventsAreDropped) {
  TemporaryFolder folder;
  PosixWorld world({.root = folder.path()});
  world.env().events.Emit({.kind = EventKind::kLogSynced});
}

TEST(PosixWorldTest, DiskCallsSuspend) {
  TemporaryFolder folder;
  PosixWorld world({.root = folder.path()});
  Env env = world.env();
  NoSuspendScope scope(env.tasks);
  EXPECT_THAT(FailedCheck([&] { (void)env.disk.List(""); }), HasSubstr("no_suspend_depth"));
}

TEST(PosixClockTest, MonotonicTimeNeverGoesBack) {
  PosixClock clock;
  Time last = clock.Now();
  for (int i = 0; i < 1000; ++i) {
    const Time now = clock.Now();
    EXPECT_GE(now, last);
    last = now;
  }
}

TEST(PosixClockTest, WallTimeIsSinceTheUnixEpoch) {
  PosixClock clock;
  const std::time_t before = std::time(nullptr) - 1;
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(clock.WallNow().time_since_epoch());
  EXPECT_GE(seconds.count(), before);
  EXPECT_LE(seconds.count(), std::time(nullptr) + 1);
}

TEST(PosixRandomTest, NumbersDifferAndRareChoicesAreNeverMade) {
  PosixRandom random;
  std::set<uint64_t> seen;
  for (int i = 0; i < 100; ++i) seen.insert(random.Next("test"));
  EXPECT_EQ(seen.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(random.Rarely("test"));
}

}  // namespace
}  // namespace wt
