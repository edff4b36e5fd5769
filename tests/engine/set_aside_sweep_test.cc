// SetAside cut off at every call, and by power cuts at every moment: no file is lost, the note is
// there before anything moves, and the same again completes it.
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_format.h"
#include "sim/machine.h"
#include "sim/simulator.h"
#include "sim/virtual_disk.h"
#include "tests/engine/replica_bench.h"
#include "tests/support/memory_env.h"

namespace wt::test {
namespace {

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

void InSim(MemoryEnv& parts, const std::function<void(Env)>& body) {
  sim::Simulator sim({.seed = 3});
  const sim::RunEnd end = sim.Run([&] {
    body(Env{parts.clock, sim.tasks(), parts.disk, parts.network, parts.events, parts.random});
  });
  ASSERT_EQ(end.kind, sim::RunEnd::Kind::kFinished) << end.message;
}

TEST(SetAsideSweepTest, ACrashAnywhereIsFollowedByTheSameAgain) {
  for (CrashKind kind : {CrashKind::kKill, CrashKind::kLoseUnsynced, CrashKind::kMixed}) {
    for (uint64_t call = 1; call <= 40; ++call) {
      SCOPED_TRACE(absl::StrFormat("crash %d at call %d", static_cast<int>(kind), call));
      MemoryEnv parts;
      InSim(parts, [](Env env) { Write(env); });
      const std::multiset<std::string> before = Kept(parts.disk);
      parts.disk.DieAt(call);
      bool done = false;
      InSim(parts, [&](Env env) { done = Engine::SetAside(env, ReplicaOptions(), "why").ok(); });
      parts.disk.Crash(kind, call);
      InSim(parts, [&](Env env) {
        const bool moved = PathsWith(env.disk, "log/").front().starts_with("aside");
        EXPECT_TRUE(*Engine::Amnesiac(env) || !(moved || done));
        ASSERT_TRUE(Engine::SetAside(env, ReplicaOptions(), "why").ok());
        EXPECT_TRUE(*Engine::Amnesiac(env));
        EXPECT_EQ(Kept(env.disk), before);
        EXPECT_TRUE(PathsWith(env.disk, "aside-1").empty());
        EXPECT_EQ((*Replica::MustOpen(env))->last_log_index(), LogIndex(0));
      });
      if (done) return;
    }
  }
}

// On the simulated disk names survive a power cut each for itself.
TEST(SetAsideSweepTest, APowerCutAtAnyTimeLosesNeitherTheNoteNorAFile) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(absl::StrFormat("seed %d", seed));
    sim::Simulator sim({.seed = seed});
    sim::Machine& machine = sim.AddMachine("n1");
    const sim::RunEnd end = sim.Run([&] {
      machine.Boot([](Env env) { Write(env); });
      machine.AwaitExit();
      const std::string first = machine.disk().DurableImage().front().path;
      bool done = false;
      machine.Boot([&](Env env) {
        done = Engine::SetAside(env, ReplicaOptions(), "why").ok();
        env.tasks.SleepFor(std::chrono::seconds(1));
      });
      sim.tasks().SleepFor(std::chrono::microseconds(20 * seed));
      machine.PowerLoss();
      bool has_log = false;
      bool has_note = false;
      for (const sim::DurableFile& file : machine.disk().DurableImage()) {
        has_log = has_log || file.path.starts_with("log/");
        has_note = has_note || (file.path == "AMNESIA" && file.bytes == "why");
      }
      EXPECT_TRUE(has_log || has_note) << "moved, and the note is not there";
      EXPECT_TRUE(has_note || !done);
      machine.Boot([&](Env env) {
        ASSERT_TRUE(Engine::SetAside(env, ReplicaOptions(), "why").ok());
        EXPECT_TRUE(*Engine::Amnesiac(env));
        EXPECT_TRUE(PathsWith(env.disk, "log/").empty() ||
                    PathsWith(env.disk, "log/").front().starts_with("aside"));
        EXPECT_EQ((*Replica::MustOpen(env))->last_log_index(), LogIndex(0));
      });
      machine.AwaitExit();
    });
    EXPECT_EQ(end.kind, sim::RunEnd::Kind::kFinished) << end.message;
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace wt::test
