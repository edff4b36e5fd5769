// A disk without room, for as long as it takes: writers are refused after a bounded wait, with a
// reason, nothing that was taken is lost, and all goes on by itself when there is room again. Once
// on a simulated disk, where waiting is exact, once on real files with real threads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_format.h"
#include "engine/base/status.h"
#include "engine/posix/posix_world.h"
#include "engine/storage/faulty_storage.h"
#include "sim/machine.h"
#include "sim/simulator.h"
#include "tests/database/model.h"
#include "tests/posix/temporary_folder.h"

namespace wt::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// Tables have no room; the log has.
DatabaseOptions OptionsWith(Env env, FaultyStorage*& storage) {
  DatabaseOptions options = TinyOptions();
  options.log.segment_bytes = kMiB;
  options.lsm.memtable_bytes = 2 * kKiB;
  options.lsm.max_sealed = 1;
  options.lsm.room_patience = 20ms;
  options.wrap_storage = [env, &storage](std::unique_ptr<Storage> base) {
    auto faulty = std::make_unique<FaultyStorage>(env.tasks, std::move(base));
    storage = faulty.get();
    return absl::StatusOr<std::unique_ptr<Storage>>(std::move(faulty));
  };
  return options;
}

uint64_t Number(Database& db, std::string_view name) {
  for (const auto& [one, value] : db.statistics()) {
    if (one == name) return value;
  }
  ADD_FAILURE() << "no such statistic: " << name;
  return 0;
}

// Until one is refused; returns how it was.
absl::Status WriteUntilRefused(Database& db, Contents& taken) {
  for (uint64_t i = 0; i < 400; ++i) {
    const std::string key = absl::StrFormat("key%03d", i);
    const std::string value(100, static_cast<char>('a' + i % 26));
    const absl::Status written = db.Write(key, value);
    if (!written.ok()) return written;
    taken[key] = value;
  }
  return absl::OkStatus();
}

void FillUpAndGoOn(Env env, bool close_while_full) {
  FaultyStorage* storage = nullptr;
  auto opened = Database::Open(OptionsWith(env, storage), env);
  ASSERT_TRUE(opened.ok()) << opened.status();
  Database& db = **opened;
  storage->Inject({.calls = StorageCall::kWrite,
                   .types = FileType::kTable,
                   .error = absl::ResourceExhaustedError("not one byte is free")});
  Contents taken;
  const Time begun = env.clock.Now();
  const absl::Status refused = WriteUntilRefused(db, taken);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted) << refused;
  EXPECT_THAT(MessageOf(refused), HasSubstr("not one byte is free"));
  EXPECT_GE(env.clock.Now() - begun, 20ms);
  EXPECT_EQ(Number(db, "has_no_room"), 1u);
  EXPECT_EQ(Number(db, "refused_for_room"), 1u);
  EXPECT_EQ(db.Flush().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(db.failure().ok());
  EXPECT_EQ(*ReadAll(db, false), taken);
  if (!close_while_full) {
    storage->WithdrawAll();
    absl::Status written = db.Write("room", "again");
    for (int tries = 0; absl::IsResourceExhausted(written) && tries < 1000; ++tries) {
      written = db.Write("room", "again");  // each waits for 20 ms
    }
    EXPECT_TRUE(written.ok()) << written;
    taken["room"] = "again";
    EXPECT_TRUE(db.Flush().ok());
    EXPECT_EQ(Number(db, "has_no_room"), 0u);
  }
  EXPECT_TRUE(db.Close().ok());
  auto again = Database::Open(OptionsWith(env, storage), env);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(*ReadAll(**again, true), taken);
  EXPECT_TRUE((*again)->Close().ok());
}

TEST(RoomTest, InTheTank) {
  for (bool close_while_full : {false, true}) {
    sim::Simulator sim({.seed = 7, .rarely_ppm = 0});
    sim::Machine& machine = sim.AddMachine("n1");
    const sim::RunEnd end = sim.Run([&] {
      machine.Boot([&](Env env) { FillUpAndGoOn(env, close_while_full); });
      machine.AwaitExit();
    });
    EXPECT_EQ(end.kind, sim::RunEnd::Kind::kFinished) << end.invariant << ": " << end.message;
  }
}

TEST(RoomTest, OnRealFiles) {
  TemporaryFolder folder;
  PosixWorld world({.root = folder.path()});
  FillUpAndGoOn(world.env(), /*close_while_full=*/false);
}

TEST(RoomTest, WhoWaitsForeverIsNotRefused) {
  sim::Simulator sim({.seed = 7, .rarely_ppm = 0});
  sim::Machine& machine = sim.AddMachine("n1");
  const sim::RunEnd end = sim.Run([&] {
    machine.Boot([&](Env env) {
      FaultyStorage* storage = nullptr;
      DatabaseOptions options = OptionsWith(env, storage);
      options.lsm.room_patience = Duration::max();
      auto db = Database::Open(options, env);
      ASSERT_TRUE(db.ok()) << db.status();
      storage->Inject({.calls = StorageCall::kWrite,
                       .types = FileType::kTable,
                       .error = absl::ResourceExhaustedError("full")});
      const Time begun = env.clock.Now();
      const std::unique_ptr<Task> helper = env.tasks.Spawn("helper", [&] {
        env.tasks.SleepFor(50ms);
        storage->WithdrawAll();
      });
      Contents taken;
      const absl::Status written = WriteUntilRefused(**db, taken);
      EXPECT_TRUE(written.ok()) << written;
      helper->Join();
      EXPECT_GE(env.clock.Now() - begun, 50ms);
      EXPECT_EQ(Number(**db, "refused_for_room"), 0u);
      EXPECT_EQ(*ReadAll(**db, false), taken);
      EXPECT_TRUE((*db)->Close().ok());
    });
    machine.AwaitExit();
  });
  EXPECT_EQ(end.kind, sim::RunEnd::Kind::kFinished) << end.invariant << ": " << end.message;
}

// What the log holds is taken up at an opening too, room or not.
TEST(RoomTest, AReplayNeedsNoRoomForTables) {
  sim::Simulator sim({.seed = 8, .rarely_ppm = 0});
  sim::Machine& machine = sim.AddMachine("n1");
  Contents taken;
  const sim::RunEnd end = sim.Run([&] {
    machine.Boot([&](Env env) {
      DatabaseOptions options = TinyOptions();
      options.log.segment_bytes = kMiB;
      options.lsm.memtable_bytes = kMiB;
      auto db = Database::Open(options, env);
      ASSERT_TRUE(db.ok());
      ASSERT_TRUE(WriteUntilRefused(**db, taken).ok());
      ASSERT_TRUE((*db)->Close().ok());
    });
    machine.AwaitExit();
    machine.Boot([&](Env env) {
      FaultyStorage* storage = nullptr;
      DatabaseOptions options = OptionsWith(env, storage);
      const auto wrap = options.wrap_storage;
      options.wrap_storage = [&](std::unique_ptr<Storage> base) {
        auto wrapped = wrap(std::move(base));
        storage->Inject({.calls = StorageCall::kWrite,
                         .types = FileType::kTable,
                         .error = absl::ResourceExhaustedError("full")});
        return wrapped;
      };
      auto db = Database::Open(options, env);
      ASSERT_TRUE(db.ok()) << db.status();
      EXPECT_EQ(*ReadAll(**db, false), taken);
      EXPECT_EQ((*db)->Write("more", "v").code(), absl::StatusCode::kResourceExhausted);
      EXPECT_TRUE((*db)->Close().ok());
    });
    machine.AwaitExit();
  });
  EXPECT_EQ(end.kind, sim::RunEnd::Kind::kFinished) << end.invariant << ": " << end.message;
  EXPECT_EQ(taken.size(), 400u);
}

}  // namespace
}  // namespace wt::test
