// Many callers, one sync. First in one thread, where the disk itself plays the other caller in the
// middle of a sync; then with real threads on real files.
#include <atomic>
#include <filesystem>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "engine/posix/posix_world.h"
#include "tests/log/log_world.h"

namespace wt::test {
namespace {

TEST(GroupCommitTest, AppendsGoOnWhileASyncIsInFlight) {
  LogWorld world;
  auto log = world.Open();
  ASSERT_TRUE(log->Append(EntryAt(1)).ok());
  bool once = true;
  world.disk.before_sync = [&] {
    if (!std::exchange(once, false)) return absl::OkStatus();
    EXPECT_TRUE(log->Append(EntryAt(2)).ok());
    EXPECT_EQ(log->Get(LogIndex(1)).value(), EntryAt(1));  // from the batch in flight
    EXPECT_EQ(log->Get(LogIndex(2)).value(), EntryAt(2));  // from the open one
    EXPECT_EQ(log->durable_index(), LogIndex(0));
    return absl::OkStatus();
  };
  ASSERT_TRUE(log->Sync().ok());
  EXPECT_EQ(log->durable_index(), LogIndex(1));  // and not 2, which this sync did not cover
  ASSERT_TRUE(log->Sync().ok());
  EXPECT_EQ(log->durable_index(), LogIndex(2));
}

// A suffix is replaced in the middle of the write or of the sync of entries 1 .. 5.
void TruncateInFlight(bool during_write) {
  LogWorld world;
  auto log = world.Open();
  ASSERT_TRUE(log->AppendBatch(EntriesFrom(1, 5, 1)).ok());
  bool once = true;
  const auto act = [&] {
    if (!std::exchange(once, false)) return;
    EXPECT_TRUE(log->Truncate(LogIndex(3)).ok());
    EXPECT_TRUE(log->AppendBatch(EntriesFrom(3, 2, 2)).ok());
  };
  if (during_write) world.disk.before_write = act;
  world.disk.before_sync = [&] {
    act();
    return absl::OkStatus();
  };
  ASSERT_TRUE(log->Sync().ok());
  EXPECT_EQ(log->durable_index(), LogIndex(2));
  ASSERT_TRUE(log->Sync().ok());
  EXPECT_EQ(log->durable_index(), LogIndex(4));
  log.reset();
  world.base.disk.Crash(CrashKind::kLoseUnsynced);
  log = world.Open();
  EXPECT_EQ(log->last_index(), LogIndex(4));
  EXPECT_EQ(log->Get(LogIndex(3)).value(), EntryAt(3, 2));
}

TEST(GroupCommitTest, ATruncationDuringAWriteIsNotOverrunByIt) { TruncateInFlight(true); }

TEST(GroupCommitTest, ATruncationDuringASyncIsNotOverrunByIt) { TruncateInFlight(false); }

// What was truncated meanwhile makes the next segment obsolete, and is not durable itself.
TEST(GroupCommitTest, ATruncationDuringACompactionTakesNoSegmentAlong) {
  LogWorld world;
  auto log = world.Open();
  uint64_t last = 0;
  while (world.Segments().size() < 4) {
    ASSERT_TRUE(log->Append(EntryAt(++last, 1, 1000)).ok());
    ASSERT_TRUE(log->Sync().ok());
  }
  const uint64_t through = last / 2;
  bool once = true;
  world.disk.before_remove = [&] {
    if (!std::exchange(once, false)) return;
    EXPECT_TRUE(log->Truncate(LogIndex(through + 1)).ok());
  };
  ASSERT_TRUE(log->Compact(LogIndex(through)).ok());
  EXPECT_FALSE(once);
  log.reset();
  world.base.disk.Crash(CrashKind::kLoseUnsynced);
  log = world.Open();
  EXPECT_LE(log->first_index(), LogIndex(through + 1));
  EXPECT_GE(log->last_index(), LogIndex(through));
}

TEST(GroupCommitTest, NothingToSyncIsNoSync) {
  LogWorld world;
  auto log = world.Open();
  ASSERT_TRUE(log->Append(EntryAt(1)).ok());
  ASSERT_TRUE(log->Sync().ok());
  const uint64_t calls = world.base.disk.calls();
  ASSERT_TRUE(log->Sync().ok());
  EXPECT_EQ(world.base.disk.calls(), calls);
}

TEST(GroupCommitTest, EveryWriteIsDurableOnReturn) {
  LogWorld world;
  world.options.sync_policy = SyncPolicy::kEveryWrite;
  auto log = world.Open();
  ASSERT_TRUE(log->Append(EntryAt(1)).ok());
  EXPECT_EQ(log->durable_index(), LogIndex(1));
  world.disk.before_sync = [] { return Unavailable("EIO"); };
  EXPECT_TRUE(absl::IsUnavailable(log->Append(EntryAt(2)).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(log->Append(EntryAt(3)).status()));
}

class ThreadedLogTest : public testing::Test {
 protected:
  ThreadedLogTest() {
    std::string pattern = testing::TempDir() + "wavetank_log_XXXXXX";
    WT_CHECK(mkdtemp(pattern.data()) != nullptr);
    root_ = pattern;
  }
  ~ThreadedLogTest() override { std::filesystem::remove_all(root_); }

  // Threads that each append and sync, sharing the order by a lock. Returns the acknowledged.
  uint64_t AppendFromThreads(LogStorage& log, uint64_t threads, uint64_t each) {
    std::mutex order;
    std::atomic<uint64_t> acknowledged = 0;
    std::vector<std::thread> running;
    for (uint64_t t = 0; t < threads; ++t) {
      running.emplace_back([&] {
        for (uint64_t i = 0; i < each; ++i) {
          LogIndex index;
          {
            std::lock_guard<std::mutex> lock(order);
            index = log.last_index() + 1;
            if (!log.Append(EntryAt(index.value(), 1, 500)).ok()) return;
          }
          if (!log.Sync().ok()) return;
          EXPECT_GE(log.durable_index(), index);
          EXPECT_EQ(log.Get(index).value(), EntryAt(index.value(), 1, 500));
          ++acknowledged;
        }
      });
    }
    for (std::thread& thread : running) thread.join();
    return acknowledged;
  }

  std::string root_;
};

TEST_F(ThreadedLogTest, WritersShareSyncsAndLoseNothing) {
  PosixWorld world({.root = root_});
  ASSERT_TRUE(world.status().ok()) << world.status();
  const LogOptions options = {.segment_bytes = 256 * kKiB};
  auto log = OpenWal(world.env(), options);
  ASSERT_TRUE(log.ok()) << log.status();
  EXPECT_EQ(AppendFromThreads(**log, 8, 100), 800u);
  ASSERT_TRUE((*log)->Close().ok());
  log = OpenWal(world.env(), options);
  ASSERT_TRUE(log.ok()) << log.status();
  EXPECT_EQ(ContentOf(**log), EntriesFrom(1, 800, 1, 500));
  ASSERT_TRUE((*log)->Close().ok());
}

TEST_F(ThreadedLogTest, CompactionRunsBesideWriters) {
  PosixWorld world({.root = root_});
  const LogOptions options = {.segment_bytes = 128 * kKiB};
  auto log = OpenWal(world.env(), options);
  ASSERT_TRUE(log.ok()) << log.status();
  std::atomic<bool> done = false;
  std::thread compactor([&] {
    while (!done) {
      const LogIndex durable = (*log)->durable_index();
      EXPECT_TRUE((*log)->Compact(durable - std::min<uint64_t>(durable.value(), 50)).ok());
    }
  });
  EXPECT_EQ(AppendFromThreads(**log, 4, 200), 800u);
  done = true;
  compactor.join();
  EXPECT_EQ((*log)->last_index(), LogIndex(800));
  ASSERT_TRUE((*log)->Close().ok());
}

TEST_F(ThreadedLogTest, TheBackgroundTasksSyncMarkAndEnd) {
  std::atomic<uint64_t> synced = 0;
  PosixWorld world({.root = root_, .on_event = [&](const Event& event) {
                      if (event.kind == EventKind::kLogSynced) synced = event.d;
                    }});
  auto log = OpenWal(world.env(), {.sync_policy = SyncPolicy::kInterval,
                                   .sync_interval = std::chrono::milliseconds(1),
                                   .mark_after = std::chrono::milliseconds(1)});
  ASSERT_TRUE(log.ok()) << log.status();
  const uint64_t before = (*log)->size_bytes();
  ASSERT_TRUE((*log)->AppendBatch(EntriesFrom(1, 3)).ok());
  while ((*log)->durable_index() < LogIndex(3) || synced < 3) std::this_thread::yield();
  constexpr uint64_t kBatchAndMark = 2 * 4096;
  while ((*log)->size_bytes() < before + kBatchAndMark) std::this_thread::yield();
  ASSERT_TRUE((*log)->Close().ok());
}

}  // namespace
}  // namespace wt::test
