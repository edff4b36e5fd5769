// Point by point: a small history (open, writes over several segments, a snapshot, close, open,
// writes) is run again and again, and each time another one of its disk calls goes wrong, in one of
// several ways. Afterwards the engine opens, has all that was acknowledged, nothing that was
// refused, and keeps whatever it has shown.
#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/str_format.h"
#include "sim/simulator.h"
#include "tests/engine/engine_world.h"
#include "tests/support/memory_env.h"

namespace wt::test {
namespace {

// What each put was told. Each has a key of its own.
using Told = std::vector<std::pair<std::string, absl::Status>>;

class Sweep {
 public:
  // Disk calls of the whole history.
  uint64_t CountCalls() {
    MemoryEnv parts;
    parts.disk.ResetCalls();
    Told told;
    InSim(parts, [&](Env env) { History(env, told); });
    for (const auto& [key, status] : told) EXPECT_TRUE(status.ok()) << status;
    EXPECT_GT(parts.events.Count(EventKind::kSnapshotCreated), 0u);
    EXPECT_GT(parts.events.Count(EventKind::kLogSegmentRemoved), 0u);
    return parts.disk.calls();
  }

  // One history with `harm` arranged before it and `aftermath` after it; then the checks.
  void Run(const std::string& what, const std::function<void(MemoryDisk&)>& harm,
           const std::function<void(MemoryDisk&)>& aftermath) {
    SCOPED_TRACE(what);
    MemoryEnv parts;
    harm(parts.disk);
    Told told;
    InSim(parts, [&](Env env) { History(env, told); });
    aftermath(parts.disk);
    std::string shown;
    InSim(parts, [&](Env env) { shown = Check(env, told); });
    parts.disk.Crash(CrashKind::kLoseUnsynced);
    InSim(parts, [&](Env env) { EXPECT_EQ(Check(env, told), shown) << "shown, and then lost"; });
  }

 private:
  static void InSim(MemoryEnv& parts, const std::function<void(Env)>& body) {
    sim::Simulator sim({.seed = 3, .policy = sim::SchedulePolicy::kRoundRobin});
    const sim::RunEnd end = sim.Run([&] {
      body(Env{parts.clock, sim.tasks(), parts.disk, parts.network, parts.events, parts.random});
    });
    ASSERT_EQ(end.kind, sim::RunEnd::Kind::kFinished) << end.message;
  }

  static void Put(Server& server, const std::string& key, Told& told) {
    told.emplace_back(key, server.Put(key, std::string(1500, 'v')).status());
  }

  static void History(Env env, Told& told) {
    for (int life = 0; life < 2; ++life) {
      absl::StatusOr<std::unique_ptr<Server>> server = Server::Open(env, SmallOptions());
      if (!server.ok()) continue;
      for (int i = 0; i < 14; ++i) Put(**server, absl::StrFormat("l%d.%d", life, i), told);
      (void)(*server)->engine().TakeSnapshot();
      Put(**server, absl::StrFormat("l%d.last", life), told);
    }
  }

  // Returns the state, as bytes.
  static std::string Check(Env env, const Told& told) {
    absl::StatusOr<std::unique_ptr<Server>> server = Server::Open(env, SmallOptions());
    EXPECT_TRUE(server.ok()) << server.status();
    if (!server.ok()) return {};
    EXPECT_TRUE((*server)->engine().AwaitBarrier().ok());
    uint64_t present = 0;
    for (const auto& [key, status] : told) {
      const std::optional<std::string> value = (*server)->Get(key);
      present += value.has_value() ? 1 : 0;
      if (status.ok()) {
        EXPECT_TRUE(value.has_value()) << key << " was acknowledged";
      } else if (!absl::IsUnavailable(status)) {
        EXPECT_FALSE(value.has_value()) << key << " was refused: " << status;
      }
      if (value.has_value()) {
        EXPECT_EQ(*value, std::string(1500, 'v'));
      }
    }
    EXPECT_EQ((*server)->machine().size(), present);
    return (*server)->machine().GetState();
  }
};

class FaultSweepTest : public testing::Test {
 protected:
  void ForEachCall(const std::function<void(Sweep&, uint64_t)>& body) {
    Sweep sweep;
    const uint64_t calls = sweep.CountCalls();
    ASSERT_GT(calls, 100u);
    for (uint64_t n = 1; n <= calls && !HasFailure(); ++n) body(sweep, n);
  }
};

void Nothing(MemoryDisk&) {}

TEST_F(FaultSweepTest, OneCallFails) {
  ForEachCall([](Sweep& sweep, uint64_t n) {
    sweep.Run(
        absl::StrFormat("call %d fails", n),
        [n](MemoryDisk& disk) { disk.FailAt(n, Unavailable("injected")); }, Nothing);
  });
}

TEST_F(FaultSweepTest, OneCallFailsThoughItHasTakenEffect) {
  ForEachCall([](Sweep& sweep, uint64_t n) {
    sweep.Run(
        absl::StrFormat("call %d fails after its effect", n),
        [n](MemoryDisk& disk) { disk.FailAt(n, Unavailable("injected"), FailureEffect::kDone); },
        Nothing);
  });
}

TEST_F(FaultSweepTest, OneCallFindsNoRoom) {
  ForEachCall([](Sweep& sweep, uint64_t n) {
    sweep.Run(
        absl::StrFormat("call %d finds no room", n),
        [n](MemoryDisk& disk) { disk.FailAt(n, ResourceExhausted("injected")); }, Nothing);
  });
}

TEST_F(FaultSweepTest, OneCallFailsAndThePowerGoes) {
  ForEachCall([](Sweep& sweep, uint64_t n) {
    sweep.Run(
        absl::StrFormat("call %d fails, then a power cut", n),
        [n](MemoryDisk& disk) { disk.FailAt(n, Unavailable("injected")); },
        [n](MemoryDisk& disk) { disk.Crash(CrashKind::kMixed, n); });
  });
}

TEST_F(FaultSweepTest, TheProcessIsKilledAtACall) {
  ForEachCall([](Sweep& sweep, uint64_t n) {
    sweep.Run(
        absl::StrFormat("killed at call %d", n), [n](MemoryDisk& disk) { disk.DieAt(n); },
        [](MemoryDisk& disk) { disk.Crash(CrashKind::kKill); });
  });
}

TEST_F(FaultSweepTest, ThePowerGoesAtACallAndAllThatWasNotSyncedIsLost) {
  ForEachCall([](Sweep& sweep, uint64_t n) {
    sweep.Run(
        absl::StrFormat("power cut at call %d, all lost", n),
        [n](MemoryDisk& disk) { disk.DieAt(n); },
        [](MemoryDisk& disk) { disk.Crash(CrashKind::kLoseUnsynced); });
  });
}

TEST_F(FaultSweepTest, ThePowerGoesAtACallAndAnythingMaySurvive) {
  ForEachCall([](Sweep& sweep, uint64_t n) {
    for (uint64_t seed = 1; seed <= 3; ++seed) {
      sweep.Run(
          absl::StrFormat("power cut at call %d, seed %d", n, seed),
          [n](MemoryDisk& disk) { disk.DieAt(n); },
          [&](MemoryDisk& disk) { disk.Crash(CrashKind::kMixed, n * 16 + seed); });
    }
  });
}

}  // namespace
}  // namespace wt::test
