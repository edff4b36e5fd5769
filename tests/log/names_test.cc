// The names of segments: one task begins segments while another removes old ones, and syncs of the
// folder fail. A failed sync may have lost names of which the other task is just being told that
// they are durable: from then on no segment may be promised.
#include <gtest/gtest.h>

#include <memory>

#include "sim/machine.h"
#include "sim/simulator.h"
#include "sim/virtual_disk.h"
#include "tests/log/log_world.h"

namespace wt::test {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

struct Tally {
  uint64_t begun = 0;
  uint64_t removed = 0;
  bool failed = false;  // a sync of the folder
};

// A machine's disk that is watched for syncs of folders that fail.
class WatchedNames : public Disk {
 public:
  WatchedNames(Disk& under, Tally& tally) : under_(under), tally_(tally) {}

  absl::StatusOr<std::unique_ptr<File>> Open(std::string_view path, OpenMode mode) override {
    return under_.Open(path, mode);
  }
  absl::Status Rename(std::string_view from, std::string_view to) override {
    return under_.Rename(from, to);
  }
  absl::Status Remove(std::string_view path) override { return under_.Remove(path); }
  absl::Status CreateDirectory(std::string_view path) override {
    return under_.CreateDirectory(path);
  }
  absl::StatusOr<std::vector<DirectoryEntry>> List(std::string_view directory) override {
    return under_.List(directory);
  }
  absl::Status SyncDirectory(std::string_view directory) override {
    absl::Status synced = under_.SyncDirectory(directory);
    tally_.failed |= !synced.ok();
    return synced;
  }
  absl::StatusOr<std::unique_ptr<FileLock>> Lock(std::string_view path) override {
    return under_.Lock(path);
  }

 private:
  Disk& under_;
  Tally& tally_;
};

class Promises : public sim::EventObserver {
 public:
  explicit Promises(Tally& tally) : tally_(tally) {}

  void OnEvent(sim::Machine&, sim::SimTime, const Event& event) override {
    if (event.kind == EventKind::kLogSegmentRemoved) ++tally_.removed;
    if (event.kind != EventKind::kLogSegmentCreated) return;
    ++tally_.begun;
    EXPECT_FALSE(tally_.failed) << "segment " << event.a;
  }

 private:
  Tally& tally_;
};

void Write(Env env, LogStorage& log, bool& done) {
  for (uint64_t index = 1; index <= 200; ++index) {
    if (!log.Append(EntryAt(index, 1, 3000)).ok() || !log.Sync().ok()) break;
    env.tasks.SleepFor(microseconds(100));
  }
  done = true;
}

void Compact(Env env, LogStorage& log, const bool& done) {
  while (!done) {
    env.tasks.SleepFor(microseconds(300));
    if (!log.Compact(log.durable_index()).ok()) return;
  }
}

Tally RollAndCompact(uint64_t seed) {
  Tally tally;
  sim::Simulator sim({.seed = seed});
  sim::Machine& machine = sim.AddMachine("n1");
  Promises promises(tally);
  sim.AddObserver(&promises);
  const sim::RunEnd end = sim.Run([&] {
    machine.Boot([&](Env env) {
      WatchedNames names(env.disk, tally);
      Env watched{env.clock, env.tasks, names, env.network, env.events, env.random};
      std::unique_ptr<LogStorage> log =
          OpenWal(watched, {.segment_bytes = 16 * kKiB, .alignment = 512}, nullptr).value();
      machine.disk().faults().sync_error_ppm = 5'000;
      bool done = false;
      auto writer = env.tasks.Spawn("writer", [&] { Write(env, *log, done); });
      auto compactor = env.tasks.Spawn("compactor", [&] { Compact(env, *log, done); });
      writer->Join();
      compactor->Join();
    });
    machine.AwaitExit();
  });
  EXPECT_EQ(end.kind, sim::RunEnd::Kind::kFinished) << end.message;
  return tally;
}

TEST(SegmentNamesTest, NoSegmentIsPromisedOnceASyncOfTheFolderHasFailed) {
  Tally sum;
  uint64_t failed = 0;
  for (uint64_t seed = 1; seed <= 300 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(absl::StrFormat("seed %d", seed));
    const Tally tally = RollAndCompact(seed);
    sum.begun += tally.begun;
    sum.removed += tally.removed;
    failed += tally.failed ? 1 : 0;
  }
  EXPECT_GT(sum.begun, 1000u);
  EXPECT_GT(sum.removed, 1000u);
  EXPECT_GT(failed, 20u);
}

}  // namespace
}  // namespace wt::test
