// Many proposers at once, in every world: each gets its own answer, no index is given twice, and
// those who wait for the disk share one sync.
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_format.h"
#include "tests/engine/engine_world.h"

namespace wt::test {
namespace {

class ConcurrencyTest : public WorldTest {};
INSTANTIATE_TEST_SUITE_P(Worlds, ConcurrencyTest, testing::ValuesIn(Worlds()), NameOf);

// One task each; returns when all have returned.
void Together(Env env, uint64_t tasks, const std::function<void(uint64_t task)>& body) {
  std::vector<std::unique_ptr<Task>> running;
  for (uint64_t i = 0; i < tasks; ++i) {
    running.push_back(env.tasks.Spawn("proposer", [&body, i] { body(i); }));
  }
  for (const std::unique_ptr<Task>& task : running) task->Join();
}

TEST_P(ConcurrencyTest, EveryProposerGetsItsOwnAnswerAndIndex) {
  static constexpr uint64_t kProposers = 8;
  static constexpr uint64_t kEach = 25;
  InWorld([](Rig& rig) {
    auto server = MustOpen(rig);
    std::vector<std::vector<absl::StatusOr<Committed>>> answers(kProposers);
    Together(rig.env, kProposers, [&](uint64_t task) {
      for (uint64_t i = 0; i < kEach; ++i) {
        // A counter of its own: only its own answers count up by one.
        answers[task].push_back(server->Increment(absl::StrFormat("c%d", task)));
      }
    });
    std::set<LogIndex> indices;
    for (const auto& mine : answers) {
      int64_t expected = 0;
      LogIndex last;
      for (const absl::StatusOr<Committed>& answer : mine) {
        EXPECT_EQ(ResultOf<CounterIncrementResult>(answer).new_count, ++expected);
        ASSERT_TRUE(answer.ok());
        EXPECT_GT(answer->index, last);
        last = answer->index;
        indices.insert(last);
      }
    }
    EXPECT_EQ(indices.size(), kProposers * kEach);
    EXPECT_EQ(*indices.rbegin(), LogIndex(kProposers * kEach));
  });
}

TEST_P(ConcurrencyTest, ThoseWhoWaitForTheDiskShareOneSync) {
  static constexpr uint64_t kProposers = 12;
  InWorld([](Rig& rig) {
    auto server = MustOpen(rig);
    rig.events.Forget();
    rig.disk.ResetCounts();
    // The first sync begins only when everybody has appended: it serves whom it can, the next one
    // all others.
    rig.disk.SetBeforeLogSync([&] {
      while (rig.events.Count(EventKind::kLogAppended) < kProposers) rig.Wait();
    });
    std::vector<absl::Status> outcomes(kProposers);
    Together(rig.env, kProposers, [&](uint64_t task) {
      outcomes[task] = server->Put(absl::StrFormat("k%d", task), "v").status();
    });
    for (const absl::Status& outcome : outcomes) EXPECT_TRUE(outcome.ok()) << outcome;
    EXPECT_LE(rig.disk.log_syncs(), 3u);
    EXPECT_GE(rig.disk.log_syncs(), 1u);
    EXPECT_EQ(server->machine().size(), kProposers);
  });
}

TEST_P(ConcurrencyTest, WhatIsNotDurableYetIsNotCommittedWithWhatIs) {
  InWorld([](Rig& rig) {
    auto server = MustOpen(rig);
    // Appended while the sync of entry 1 is under way: it belongs to the next one.
    bool appended = false;
    rig.disk.SetBeforeLogSync([&] {
      if (std::exchange(appended, true)) return;
      const LogEntry entry{.term = (*server)->term(),
                           .index = LogIndex(2),
                           .command = EncodeCommand(KvSet{"second", "2"})};
      EXPECT_TRUE(server->engine().Append({&entry, 1}).ok());
    });
    EXPECT_EQ(server->Put("first", "1")->index, LogIndex(1));
    EXPECT_EQ(server->engine().last_log_index(), LogIndex(2));
    EXPECT_EQ(server->engine().commit_index(), LogIndex(1));
    EXPECT_EQ(server->engine().last_applied(), LogIndex(1));
    EXPECT_EQ(server->Get("second"), std::nullopt);
    EXPECT_EQ(server->Put("third", "3")->index, LogIndex(3));
    EXPECT_EQ(server->Get("second"), "2");
  });
}

TEST_P(ConcurrencyTest, WritersReadersAndSnapshotsMeetAndTheStateIsThatOfTheLog) {
  InWorld([](Rig& rig) {
    Hash128 digest;
    LogIndex last;
    EngineOptions options = SmallOptions();
    options.snapshot_log_bytes = 4 * kKiB;
    {
      auto server = MustOpen(rig, options);
      Together(rig.env, 6, [&](uint64_t task) {
        for (uint64_t i = 0; i < 30; ++i) {
          const std::string key = absl::StrFormat("t%d.%d", task, i);
          if (task == 5) {
            const absl::Status taken = server->engine().TakeSnapshot();
            EXPECT_TRUE(taken.ok()) << taken;
          } else if (server->Put(key, std::string(100, 'v')).ok()) {
            // Read your writes.
            EXPECT_EQ(server->Get(key), std::string(100, 'v'));
          } else {
            ADD_FAILURE() << key;
          }
        }
      });
      EXPECT_EQ(server->machine().size(), 150u);
      digest = server->engine().state_digest();
      last = server->engine().last_applied();
    }
    auto server = MustOpen(rig, options);
    EXPECT_TRUE(server->engine().AwaitBarrier().ok());
    EXPECT_EQ(server->engine().last_applied(), last);
    EXPECT_EQ(server->engine().state_digest(), digest);
  });
}

TEST_P(ConcurrencyTest, CloseUnderLoadGivesEveryProposerAnAnswerThatIsTrue) {
  static constexpr uint64_t kProposers = 6;
  InWorld([](Rig& rig) {
    std::vector<std::vector<std::pair<std::string, absl::Status>>> outcomes(kProposers + 1);
    {
      auto server = MustOpen(rig);
      Together(rig.env, kProposers + 1, [&](uint64_t task) {
        if (task == kProposers) {
          while (server->engine().last_applied() < LogIndex(10)) rig.Wait();
          EXPECT_TRUE((*server)->Close().ok());
          return;
        }
        for (uint64_t i = 0; i < 1000; ++i) {
          const std::string key = absl::StrFormat("t%d.%d", task, i);
          outcomes[task].emplace_back(key, server->Put(key, "v").status());
          if (!outcomes[task].back().second.ok()) return;
        }
      });
    }
    auto server = MustOpen(rig);
    for (const auto& mine : outcomes) {
      for (const auto& [key, status] : mine) {
        if (status.ok()) {
          EXPECT_EQ(server->Get(key), "v") << key;
        } else if (!absl::IsUnavailable(status)) {
          EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
          EXPECT_EQ(server->Get(key), std::nullopt) << key << " was refused";
        }
      }
    }
  });
}

}  // namespace
}  // namespace wt::test
