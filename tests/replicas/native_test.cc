// The same replicas with threads, files and TCP: many clients at once, a failover, a restart. What
// the simulator cannot show: that the locks are where they must be (also under ThreadSanitizer).
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "engine/state/command.h"
#include "tests/posix/temporary_folder.h"
#include "tests/replicas/native_group.h"

namespace wt::test {
namespace {

using namespace std::chrono_literals;

ReplicaOptions Options() {
  ReplicaOptions options;
  options.engine.log.segment_bytes = 256 * kKiB;
  options.engine.log.buffer_bytes = 64 * kKiB;
  options.engine.snapshot_log_bytes = 256 * kKiB;
  options.cache_bytes = 64 * kKiB;
  options.log_kept_bytes = 0;
  options.consensus.election_timeout = 1s;  // the machine may be busy with other tests
  options.disk_stall = 20s;
  return options;
}

std::string Put(int client, int number) {
  return EncodeCommand(
      KvSet{"k" + std::to_string(client) + "." + std::to_string(number), std::string(100, 'v')});
}

// Each client puts `count` keys, and tries again where it must.
void PutFromMany(NativeGroup& group, int clients, int count) {
  std::vector<std::unique_ptr<Task>> tasks;
  for (int client = 0; client < clients; ++client) {
    tasks.push_back(group.tasks().Spawn("client", [&group, client, count] {
      for (int i = 0; i < count; ++i) {
        const bool done = group.Await([&] {
          const int primary = group.AwaitPrimary();
          return primary != 0 && group.replica(primary).Propose(Put(client, i), {}).ok();
        });
        EXPECT_TRUE(done);
      }
    }));
  }
  for (const std::unique_ptr<Task>& task : tasks) task->Join();
}

bool AwaitConverged(NativeGroup& group) {
  return group.Await([&] {
    std::vector<std::pair<LogIndex, Hash128>> states;
    for (int i = 1; i <= group.size(); ++i) {
      if (!group.running(i)) continue;
      const LogIndex applied = group.replica(i).status().applied;
      states.emplace_back(applied, group.replica(i).engine().state_digest());
    }
    for (const auto& state : states) {
      if (state != states.front()) return false;
    }
    return true;
  });
}

TEST(NativeTest, ManyClientsAtOnce) {
  TemporaryFolder folder;
  NativeGroup group(folder.path(), 3, Options());
  PutFromMany(group, 8, 100);
  EXPECT_TRUE(AwaitConverged(group));
  const int primary = group.AwaitPrimary();
  EXPECT_GE(group.replica(primary).status().applied, LogIndex(801));
  for (int i = 1; i <= 3; ++i) {
    EXPECT_TRUE(group.replica(i).Query(EncodeCommand(KvGet{"k7.99"}), {.timeout = 60s}).ok());
  }
}

TEST(NativeTest, ManyProposalsOfOneClient) {
  TemporaryFolder folder;
  NativeGroup group(folder.path(), 3, Options());
  const int primary = group.AwaitPrimary();
  ASSERT_NE(primary, 0);
  constexpr int kProposals = 5000;
  std::atomic<int> done = 0;
  std::atomic<int> failed = 0;
  for (int i = 0; i < kProposals; ++i) {
    const Ack ack = i % 3 == 0 ? Ack::kAsync : i % 3 == 1 ? Ack::kQuorum : Ack::kAll;
    group.replica(primary).ProposeAsync(Put(0, i), ack, [&](absl::StatusOr<Acknowledged> result) {
      if (!result.ok()) ++failed;
      ++done;
    });
  }
  EXPECT_TRUE(group.Await([&] { return done == kProposals; }));
  EXPECT_EQ(failed, 0);
  EXPECT_TRUE(AwaitConverged(group));
}

TEST(NativeTest, AFailoverAndAReturn) {
  TemporaryFolder folder;
  NativeGroup group(folder.path(), 3, Options());
  PutFromMany(group, 4, 50);
  const int primary = group.AwaitPrimary();
  ASSERT_NE(primary, 0);
  group.Stop(primary);
  PutFromMany(group, 4, 400);  // beyond what the log keeps
  group.Start(primary);
  EXPECT_TRUE(group.Await([&] { return group.replica(primary).status().trusted; }));
  PutFromMany(group, 4, 10);
  EXPECT_TRUE(AwaitConverged(group));
}

TEST(NativeTest, CloseAnswersEverybody) {
  TemporaryFolder folder;
  std::atomic<int> answered = 0;
  constexpr int kProposals = 2000;
  {
    NativeGroup group(folder.path(), 3, Options());
    const int primary = group.AwaitPrimary();
    ASSERT_NE(primary, 0);
    for (int i = 0; i < kProposals; ++i) {
      group.replica(primary).ProposeAsync(Put(0, i), Ack::kQuorum,
                                          [&](const absl::StatusOr<Acknowledged>&) { ++answered; });
    }
  }
  EXPECT_EQ(answered, kProposals);
}

}  // namespace
}  // namespace wt::test
