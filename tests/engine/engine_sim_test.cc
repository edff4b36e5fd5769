// The engine on a simulated machine, under many schedules: the read barrier over a large log, power
// cuts under load and while opening, and a disk that is really full.
#include <gtest/gtest.h>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "sim/machine.h"
#include "sim/simulator.h"
#include "sim/virtual_disk.h"
#include "tests/engine/engine_world.h"

namespace wt::test {
namespace {

using namespace std::chrono_literals;
using sim::Machine;
using sim::RunEnd;
using sim::SchedulePolicy;
using sim::Simulator;

// Boots the machine with `main` and waits until all its tasks have returned.
void Live(Machine& machine, const std::function<void(Env)>& main) {
  machine.Boot(main);
  machine.AwaitExit();
}

void InTank(const sim::SimulatorOptions& options,
            const std::function<void(Simulator&, Machine&)>& story) {
  SCOPED_TRACE(
      absl::StrFormat("seed %d, policy %d", options.seed, static_cast<int>(options.policy)));
  Simulator sim(options);
  Machine& machine = sim.AddMachine("n1");
  const RunEnd end = sim.Run([&] { story(sim, machine); });
  EXPECT_EQ(end.kind, RunEnd::Kind::kFinished) << end.invariant << ": " << end.message;
}

std::unique_ptr<Server> Opened(Env env, const EngineOptions& options = SmallOptions()) {
  absl::StatusOr<std::unique_ptr<Server>> server = Server::Open(env, options);
  EXPECT_TRUE(server.ok()) << server.status();
  WT_CHECK(server.ok());
  return *std::move(server);
}

TEST(EngineSimTest, ReadersWhoComeFirstWaitForALargeLogUnderEverySchedule) {
  static constexpr uint64_t kEntries = 1000;
  for (SchedulePolicy policy :
       {SchedulePolicy::kRandomWalk, SchedulePolicy::kPct, SchedulePolicy::kRoundRobin}) {
    for (uint64_t seed = 1; seed <= 4; ++seed) {
      InTank({.seed = seed, .policy = policy}, [&](Simulator&, Machine& machine) {
        EngineOptions options = SmallOptions();
        options.log.segment_bytes = 256 * kKiB;
        Live(machine, [&](Env env) {
          auto server = Opened(env, options);
          for (uint64_t i = 1; i < kEntries; ++i) {
            const LogEntry entry{.term = (*server)->term(),
                                 .index = LogIndex(i),
                                 .timestamp = env.clock.WallNow(),
                                 .command = EncodeCommand(KvSet{absl::StrFormat("k%d", i), "v"})};
            EXPECT_TRUE(server->engine().Append({&entry, 1}).ok());
          }
          EXPECT_TRUE(server->Put("last", "v").ok());
        });
        Live(machine, [&](Env env) {
          auto server = Opened(env, options);
          std::vector<std::unique_ptr<Task>> readers;
          for (int i = 0; i < 4; ++i) {
            readers.push_back(env.tasks.Spawn("reader", [&] {
              absl::StatusOr<ReadResult> read = (*server)->Query(EncodeCommand(KvGet{"last"}));
              ASSERT_TRUE(read.ok()) << read.status();
              EXPECT_GE(read->at, LogIndex(kEntries));
              EXPECT_EQ(read->value, EncodeResult(KvGetResult{"v"}));
            }));
          }
          for (const std::unique_ptr<Task>& reader : readers) reader->Join();
        });
      });
    }
  }
}

// Key to what its writer was told; nothing yet: unknown.
using Told = std::map<std::string, std::optional<absl::Status>>;

void WriteUntilTheEnd(Env env, Told& told, const std::string& life, int writers) {
  EngineOptions options = SmallOptions();
  options.snapshot_log_bytes = 8 * kKiB;
  auto server = Opened(env, options);
  std::vector<std::unique_ptr<Task>> tasks;
  for (int writer = 0; writer < writers; ++writer) {
    tasks.push_back(env.tasks.Spawn("writer", [&, writer] {
      for (int i = 0; i < 200; ++i) {
        const std::string key = absl::StrFormat("%s.%d.%d", life, writer, i);
        told[key] = std::nullopt;
        told[key] = server->Put(key, std::string(120, 'v')).status();
      }
    }));
  }
  for (const std::unique_ptr<Task>& task : tasks) task->Join();
}

void CheckTold(Env env, const Told& told) {
  auto server = Opened(env);
  for (const auto& [key, status] : told) {
    const bool is_there = server->Get(key).has_value();
    if (status.has_value() && status->ok()) {
      EXPECT_TRUE(is_there) << key << " was acknowledged";
    }
  }
  EXPECT_LE(server->machine().size(), told.size());
}

TEST(EngineSimTest, PowerCutsUnderLoadLoseNothingAcknowledged) {
  uint64_t acknowledged = 0;
  uint64_t unknown = 0;
  for (uint64_t seed = 1; seed <= 15; ++seed) {
    InTank({.seed = seed}, [&](Simulator& sim, Machine& machine) {
      Told told;
      for (int life = 0; life < 3; ++life) {
        machine.Boot([&, life](Env env) {
          WriteUntilTheEnd(env, told, absl::StrFormat("life%d", life), 4);
        });
        sim.SleepFor(30ms + seed * 1700us + life * 7ms);
        if (seed % 3 == 0) {
          machine.Kill();
        } else {
          machine.PowerLoss();
        }
      }
      for (const auto& [key, status] : told) (status.has_value() ? acknowledged : unknown) += 1;
      Live(machine, [&](Env env) { CheckTold(env, told); });
    });
  }
  EXPECT_GT(acknowledged, 100u);
  EXPECT_GT(unknown, 10u);
}

TEST(EngineSimTest, PowerCutsWhileOpeningAreHarmlessAtEveryMoment) {
  Hash128 expected;
  for (Duration moment = 100us; moment < 12ms; moment += 450us) {
    InTank({.seed = 9}, [&](Simulator& sim, Machine& machine) {
      Live(machine, [&](Env env) {
        auto server = Opened(env);
        server->Fill(0, 40, 400);
        EXPECT_TRUE(server->engine().TakeSnapshot().ok());
        server->Fill(20, 50, 100);
        expected = server->engine().state_digest();
      });
      for (int cut = 0; cut < 3; ++cut) {
        machine.Boot([](Env env) {
          auto server = Opened(env);
          EXPECT_TRUE(server->engine().AwaitBarrier().ok());
          (void)(*server)->Close();  // here, where the power may go, and not in the destructor
        });
        sim.SleepFor(moment);
        machine.PowerLoss();
      }
      Live(machine, [&](Env env) {
        auto server = Opened(env);
        EXPECT_TRUE(server->engine().AwaitBarrier().ok());
        EXPECT_EQ(server->engine().state_digest(), expected) << "cut after " << moment.count();
      });
    });
  }
}

TEST(EngineSimTest, AFullDiskRefusesWritesAndTakesThemWhenThereIsRoom) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    InTank({.seed = seed}, [&](Simulator&, Machine& machine) {
      Told told;
      Live(machine, [&](Env env) {
        auto server = Opened(env);
        machine.disk().faults().capacity_bytes = machine.disk().used_bytes() + seed * 3000;
        bool is_full = false;
        for (int i = 0; i < 300 && !is_full; ++i) {
          const std::string key = absl::StrFormat("k%d", i);
          told[key] = server->Put(key, std::string(300, 'f')).status();
          is_full = !told[key]->ok();
          if (is_full) {
            EXPECT_TRUE(absl::IsResourceExhausted(*told[key]) || absl::IsUnavailable(*told[key]))
                << *told[key];
          }
        }
        EXPECT_TRUE(is_full);
        machine.disk().faults().capacity_bytes = ~uint64_t{0};
        if (server->engine().Sync().ok()) {
          EXPECT_TRUE(server->Put("room", "again").ok());
        }
      });
      Live(machine, [&](Env env) {
        CheckTold(env, told);
        auto server = Opened(env);
        EXPECT_TRUE(server->Put("after", "all").ok());
      });
    });
  }
}

TEST(EngineSimTest, ASyncThatTheDeviceFailsIsNeverTriedIntoSuccess) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    InTank({.seed = seed}, [&](Simulator&, Machine& machine) {
      std::optional<std::string> doubt;
      Live(machine, [&](Env env) {
        auto server = Opened(env);
        server->Fill(0, 10);
        machine.disk().FailNextSyncs(1, "log/");
        EXPECT_TRUE(absl::IsUnavailable(server->Put("doubt", "?").status()));
        EXPECT_FALSE(server->Put("later", "!").ok());
      });
      Live(machine, [&](Env env) {
        auto server = Opened(env);
        EXPECT_EQ(server->Get("later"), std::nullopt);
        doubt = server->Get("doubt");
      });
      machine.Boot([](Env) {});
      machine.PowerLoss();
      Live(machine, [&](Env env) { EXPECT_EQ(Opened(env)->Get("doubt"), doubt); });
    });
  }
}

}  // namespace
}  // namespace wt::test
