// What a writer hears that comes, or waits in the queue, when the database stops:
// FailedPrecondition, and nothing of it is in the log. Only the one under way does not know.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/status.h"
#include "engine/lsm/lsm_store.h"
#include "sim/machine.h"
#include "sim/simulator.h"
#include "tests/database/model.h"
#include "tests/engine/unreliable_disk.h"

namespace wt::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

void InTank(const std::function<void(Database&, UnreliableDisk&, Env)>& body) {
  sim::Simulator sim({.seed = 9, .rarely_ppm = 0});
  sim::Machine& machine = sim.AddMachine("n1");
  const sim::RunEnd end = sim.Run([&] {
    machine.Boot([&](Env on) {
      UnreliableDisk disk(on.disk);
      const Env env{on.clock, on.tasks, disk, on.network, on.events, on.random};
      DatabaseOptions options = TinyOptions();
      options.sync_interval = 1h;
      auto db = Database::Open(options, env);
      ASSERT_TRUE(db.ok()) << db.status();
      body(**db, disk, env);
      (void)(*db)->Close();
    });
    machine.AwaitExit();
  });
  EXPECT_EQ(end.kind, sim::RunEnd::Kind::kFinished) << end.invariant << ": " << end.message;
}

// One leads, and `stop` happens in its sync, when others have queued up behind it.
void StopBehind(Database& db, UnreliableDisk& disk, Env env, const std::function<void()>& stop) {
  ASSERT_TRUE(db.Write("before", "v").ok());
  const LogIndex last = db.log().last_index();
  disk.SetBeforeLogSync([&] {
    env.tasks.SleepFor(10ms);
    stop();
  });
  std::vector<absl::Status> told(4);
  std::vector<std::unique_ptr<Task>> writers;
  for (absl::Status& one : told) {
    writers.push_back(env.tasks.Spawn("writer", [&] { one = db.Write("k", "v"); }));
    env.tasks.SleepFor(1ms);
  }
  for (const auto& writer : writers) writer->Join();
  disk.SetBeforeLogSync(nullptr);
  EXPECT_TRUE(absl::IsUnavailable(told[0])) << told[0];
  for (size_t i = 1; i < told.size(); ++i) {
    EXPECT_TRUE(absl::IsFailedPrecondition(told[i])) << told[i];
    EXPECT_THAT(MessageOf(told[i]), HasSubstr("stopped"));
  }
  EXPECT_EQ(db.log().last_index(), last + 1);
  EXPECT_TRUE(absl::IsFailedPrecondition(db.Write("after", "v")));
  EXPECT_EQ(*db.Read("before"), "v");
}

TEST(StoppedTest, WhoWaitsWhenTheLogFailsIsNotTaken) {
  InTank([](Database& db, UnreliableDisk& disk, Env env) {
    StopBehind(db, disk, env, [&] { disk.FailNextLogSyncs(1); });
  });
}

TEST(StoppedTest, WhoWaitsWhenTheStoreStopsIsNotTaken) {
  InTank([](Database& db, UnreliableDisk& disk, Env env) {
    StopBehind(db, disk, env,
               [&] { static_cast<LsmStore&>(db.store()).Distrust(DataLoss("block at 64")); });
  });
}

// Though there is room in memory.
TEST(StoppedTest, AfterTheStoreHasStoppedNothingReachesTheLog) {
  InTank([](Database& db, UnreliableDisk&, Env) {
    ASSERT_TRUE(db.Write("before", "v").ok());
    const LogIndex last = db.log().last_index();
    static_cast<LsmStore&>(db.store()).Distrust(DataLoss("block at 64"));
    const absl::Status written = db.Write("k", "v");
    EXPECT_TRUE(absl::IsFailedPrecondition(written)) << written;
    EXPECT_EQ(db.log().last_index(), last);
  });
}

}  // namespace
}  // namespace wt::test
