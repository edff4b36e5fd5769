// Point by point: a replica has a log and a snapshot, and installs a snapshot that is ahead of
// both, or that conflicts with the end of its log. Each time another disk call goes wrong or is the
// last before a crash. Afterwards it has the old state or the new one, whole, with the log behind
// it, and can be sent the snapshot again.
#include <gtest/gtest.h>

#include "absl/strings/str_format.h"
#include "sim/simulator.h"
#include "tests/engine/replica_bench.h"
#include "tests/support/memory_env.h"

namespace wt::test {
namespace {

enum class Log { kBehind, kConflicting, kLeadsThere };

std::string NameOfLog(const testing::TestParamInfo<Log>& info) {
  switch (info.param) {
    case Log::kBehind:
      return "Behind";
    case Log::kConflicting:
      return "Conflicting";
    case Log::kLeadsThere:
      return "LeadsThere";
  }
  return {};
}

class InstallSweepTest : public testing::TestWithParam<Log> {
 protected:
  static constexpr uint64_t kValue = 300;

  static void InSim(MemoryEnv& parts, const std::function<void(Env)>& body) {
    sim::Simulator sim({.seed = 3, .policy = sim::SchedulePolicy::kRoundRobin});
    const sim::RunEnd end = sim.Run([&] {
      body(Env{parts.clock, sim.tasks(), parts.disk, parts.network, parts.events, parts.random});
    });
    ASSERT_EQ(end.kind, sim::RunEnd::Kind::kFinished) << end.message;
  }

  static std::vector<LogEntry> Committed() { return PutsFrom(1, 30, 1, kValue); }
  static PeerState Old() { return StateAfter(Committed()); }
  static PeerState New() {
    std::vector<LogEntry> entries = PutsFrom(1, 30, 1, kValue);
    for (const LogEntry& entry : PutsFrom(31, 60, 2, kValue)) entries.push_back(entry);
    return StateAfter(entries);
  }
  static uint64_t LastOfLog() { return GetParam() == Log::kBehind ? 40 : 70; }

  static void Prepare(MemoryEnv& parts) {
    InSim(parts, [](Env env) {
      auto replica = Replica::MustOpen(env);
      ASSERT_TRUE(replica->Commit(Committed()).ok());
      ASSERT_TRUE((*replica)->TakeSnapshot().ok());
      const uint64_t term = GetParam() == Log::kLeadsThere ? 2 : 1;
      ASSERT_TRUE(replica->Append(PutsFrom(31, LastOfLog(), term, kValue)).ok());
      ASSERT_TRUE((*replica)->Sync().ok());
    });
  }

  // What an open replica may show: its state and what follows from it.
  static void ExpectOldOrNew(Replica& replica) {
    ASSERT_TRUE(replica->AwaitBarrier().ok());
    const PeerState state = replica->last_applied() == Old().index ? Old() : New();
    EXPECT_EQ(replica->last_applied(), state.index);
    EXPECT_EQ(replica->state_digest(), state.digest);
    EXPECT_EQ(replica->commit_index(), state.index);
    const bool is_old = state.index == Old().index;
    const bool keeps_suffix = is_old || GetParam() == Log::kLeadsThere;
    EXPECT_EQ(replica->last_log_index().value(), keeps_suffix ? LastOfLog() : 60);
  }

  // Opens, looks, sends the snapshot again, goes on.
  static void ExpectWell(MemoryEnv& parts) {
    InSim(parts, [](Env env) {
      auto replica = Replica::MustOpen(env);
      ExpectOldOrNew(*replica);
      ASSERT_TRUE(replica->Install(New()).ok());
      EXPECT_EQ((*replica)->last_applied(), LogIndex(60));
      ExpectOldOrNew(*replica);
      const uint64_t next = (*replica)->last_log_index().value() + 1;
      ASSERT_TRUE(replica->Commit(PutsFrom(next, next + 3, 3)).ok());
      EXPECT_EQ((*replica)->last_applied(), LogIndex(next + 3));
    });
  }

  // One install with `harm` arranged before it and `aftermath` after the life that it ends.
  static void Run(const std::string& what, const std::function<void(MemoryDisk&)>& harm,
                  const std::function<void(MemoryDisk&)>& aftermath) {
    SCOPED_TRACE(what);
    MemoryEnv parts;
    Prepare(parts);
    InSim(parts, [&](Env env) {
      auto replica = Replica::MustOpen(env);
      ASSERT_TRUE((*replica)->AwaitBarrier().ok());
      harm(parts.disk);
      const absl::Status installed = replica->Install(New());
      const bool is_new = (*replica)->last_applied() == New().index;
      EXPECT_EQ((*replica)->state_digest(), is_new ? New().digest : Old().digest) << installed;
      EXPECT_TRUE(is_new || !installed.ok());
    });
    parts.disk.FailAt(~uint64_t{0}, Unavailable("never"));
    aftermath(parts.disk);
    ExpectWell(parts);
  }

  static uint64_t CountCalls() {
    MemoryEnv parts;
    Prepare(parts);
    uint64_t calls = 0;
    InSim(parts, [&](Env env) {
      auto replica = Replica::MustOpen(env);
      ASSERT_TRUE((*replica)->AwaitBarrier().ok());
      parts.disk.ResetCalls();
      ASSERT_TRUE(replica->Install(New()).ok());
      calls = parts.disk.calls();
    });
    EXPECT_GT(calls, 30u);
    return calls;
  }

  void ForEachCall(const std::function<void(uint64_t)>& body) {
    const uint64_t calls = CountCalls();
    for (uint64_t n = 1; n <= calls + 3 && !HasFailure(); ++n) body(n);
  }
};

INSTANTIATE_TEST_SUITE_P(Logs, InstallSweepTest,
                         testing::Values(Log::kBehind, Log::kConflicting, Log::kLeadsThere),
                         NameOfLog);

TEST_P(InstallSweepTest, ACrashAnywhereLeavesTheOldStateOrTheNewOne) {
  ForEachCall([](uint64_t n) {
    for (CrashKind kind : {CrashKind::kKill, CrashKind::kLoseUnsynced, CrashKind::kMixed}) {
      Run(
          absl::StrFormat("crash %d at call %d", static_cast<int>(kind), n),
          [n](MemoryDisk& disk) { disk.DieAt(n); }, [&](MemoryDisk& disk) { disk.Crash(kind, n); });
    }
  });
}

TEST_P(InstallSweepTest, ACallThatFailsLeavesTheOldStateOrTheNewOne) {
  ForEachCall([](uint64_t n) {
    for (FailureEffect effect : {FailureEffect::kNone, FailureEffect::kDone}) {
      for (bool power_cut : {false, true}) {
        Run(
            absl::StrFormat("call %d fails, effect %d, power cut %d", n, static_cast<int>(effect),
                            power_cut),
            [&](MemoryDisk& disk) { disk.FailAt(n, Unavailable("injected"), effect); },
            [&](MemoryDisk& disk) {
              if (power_cut) disk.Crash(CrashKind::kMixed, n);
            });
      }
    }
  });
}

TEST_P(InstallSweepTest, ACallThatFindsNoRoomLeavesTheOldStateOrTheNewOne) {
  ForEachCall([](uint64_t n) {
    Run(
        absl::StrFormat("call %d finds no room", n),
        [n](MemoryDisk& disk) { disk.FailAt(n, ResourceExhausted("injected")); },
        [](MemoryDisk&) {});
  });
}

// The crash comes when the open that follows a crash finishes the install.
TEST_P(InstallSweepTest, ACrashWhileOpeningFinishesTheInstallIsHarmlessToo) {
  const uint64_t calls = CountCalls();
  for (uint64_t n = calls / 2; n <= calls; n += 3) {
    for (uint64_t nested = 1; nested < 60 && !HasFailure(); ++nested) {
      SCOPED_TRACE(absl::StrFormat("crash at call %d, then at %d of the open", n, nested));
      MemoryEnv parts;
      Prepare(parts);
      InSim(parts, [&](Env env) {
        auto replica = Replica::MustOpen(env);
        ASSERT_TRUE((*replica)->AwaitBarrier().ok());
        parts.disk.DieAt(n);
        (void)replica->Install(New());
      });
      parts.disk.Crash(nested % 2 ? CrashKind::kKill : CrashKind::kLoseUnsynced, n);
      bool survived = false;
      parts.disk.DieAt(nested);
      InSim(parts, [&](Env env) { survived = Replica::Open(env).ok(); });
      parts.disk.Crash(CrashKind::kMixed, nested);
      ExpectWell(parts);
      if (survived) break;
    }
  }
}

}  // namespace
}  // namespace wt::test
