// ThreadSanitizer as a race detector inside the simulator (see sim/DETERMINISM.md): a missing lock
// is reported although one OS thread runs all tasks; locks, joins and calls are understood.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/env/mutex.h"
#include "sim/core/sanitizers.h"
#include "sim/machine.h"
#include "sim/simulator.h"

namespace wt::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Several tasks of one machine run `body`; the harness reads what they made when they are done.
template <typename Body>
RunEnd RunSeveral(Body body) {
  Simulator sim({.seed = 3});
  Machine& n1 = sim.AddMachine("n1");
  return sim.Run([&] {
    n1.Boot([&](Env env) {
      Mutex mutex(env.tasks);
      std::vector<std::unique_ptr<Task>> tasks;
      for (int i = 0; i < 3; ++i) {
        tasks.push_back(env.tasks.Spawn("t", [&, env] {
          for (int k = 0; k < 5; ++k) {
            body(env, mutex);
            env.tasks.Yield();
          }
        }));
      }
      for (auto& task : tasks) task->Join();
    });
    n1.AwaitExit();
  });
}

// Whatever the tank does for the tasks (queues, network, disk, events) must be silent too.
TEST(RaceTest, OrderedAccessesAreSilent) {
  int count = 0;
  std::vector<std::string> lines;
  const RunEnd end = RunSeveral([&](Env env, Mutex& mutex) {
    {
      MutexLock lock(mutex);
      ++count;
      lines.push_back(std::to_string(count));
    }
    env.network.Send(PeerId(1), "a message that is longer than the small-string buffer");
    (void)env.network.Receive(milliseconds(1));
    env.events.Emit({.kind = EventKind::kEngineOpening});
    auto file = env.disk.Open("f", OpenMode::kCreate);
    if (file.ok()) {
      (void)(*file)->WriteAt(0, "bytes");
      (void)(*file)->Sync();
    }
    (void)env.disk.List("");
  });
  EXPECT_EQ(end.kind, RunEnd::Kind::kFinished) << end.message;
  EXPECT_EQ(count, 15);
}

TEST(RaceTest, TheHarnessMayReadWhatTasksWroteBefore) {
  Simulator sim({});
  Machine& n1 = sim.AddMachine("n1");
  bool ready = false;
  const RunEnd end = sim.Run([&] {
    n1.Boot([&](Env env) {
      ready = true;
      env.tasks.SleepFor(seconds(10));
    });
    sim.SleepFor(seconds(1));
    EXPECT_TRUE(ready);
    int answer = 0;
    EXPECT_TRUE(n1.Call("ask", [&] { answer = 42; }));
    EXPECT_EQ(answer, 42);
  });
  EXPECT_EQ(end.kind, RunEnd::Kind::kFinished) << end.message;
}

#ifdef WAVETANK_TSAN
TEST(RaceDeathTest, AMissingLockIsReported) {
  EXPECT_DEATH(
      {
        int count = 0;
        RunSeveral([&](Env, Mutex&) { ++count; });
        _exit(count == 15 ? 66 : 0);
      },
      "data race");
}
#endif

}  // namespace
}  // namespace wt::sim
