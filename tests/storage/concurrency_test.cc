// Many tasks on one storage: each writes, reads, renames and removes files of its own and moves the
// pointer among its own manifests, while all list. On threads, and in the tank under many
// schedules; nobody sees the files of others change, and the pointer is always somebody's last.
#include <gtest/gtest.h>

#include <set>

#include "tests/storage/worlds.h"

namespace wt::test {
namespace {

constexpr uint64_t kTasks = 4;
constexpr uint64_t kRounds = 6;

void ExpectOk(const absl::Status& status) { EXPECT_TRUE(status.ok()) << status; }

void Work(Storage& storage, uint64_t task) {
  const FileDesc table{FileType::kTable, 100 + task};
  const FileDesc temp{FileType::kTemp, 200 + task};
  const FileDesc journal{FileType::kJournal, 300 + task};
  for (uint64_t round = 0; round < kRounds; ++round) {
    const FileDesc manifest{FileType::kManifest, 1000 * task + round};
    const std::string content = Noise(1000 * task + round, 5000);
    ExpectOk(WriteWholeFile(storage, temp, content));
    ExpectOk(WriteWholeFile(storage, journal, content.substr(100)));
    ExpectOk(storage.Rename(temp, table));
    ExpectOk(WriteWholeFile(storage, manifest, "m"));
    ExpectOk(storage.SetMeta(manifest));
    storage.Log("round " + std::to_string(round));
    EXPECT_TRUE(storage.GetMeta().ok());
    EXPECT_TRUE(storage.List(kAllFileTypes).ok());
    EXPECT_TRUE(ReadWholeFile(storage, table, 1 << 20).value_or("?") == content);
    EXPECT_TRUE(ReadWholeFile(storage, journal, 1 << 20).value_or("?") == content.substr(100));
    ExpectOk(storage.Remove(journal));
  }
}

void WorkTogether(SeamWorld& world) {
  std::unique_ptr<Storage> storage = world.Open(StorageMode::kReadWrite).value();
  std::vector<std::unique_ptr<Task>> tasks;
  for (uint64_t task = 1; task <= kTasks; ++task) {
    tasks.push_back(world.env().tasks.Spawn("worker", [&, task] { Work(*storage, task); }));
  }
  for (const std::unique_ptr<Task>& task : tasks) task->Join();
  const FileDesc pointer = storage->GetMeta().value_or(FileDesc{});
  EXPECT_EQ(pointer.number % 1000, kRounds - 1);
  EXPECT_EQ(storage->List(FileType::kTable).value_or(std::vector<FileDesc>{}).size(), kTasks);
  EXPECT_EQ(storage->List(FileType::kTemp | FileType::kJournal)
                .value_or(std::vector<FileDesc>{FileDesc{}})
                .size(),
            0u);
  ExpectOk(storage->Close());
}

// Memory, with the tasks of another world.
template <typename Base>
class MemoryBeside : public Base {
 public:
  absl::StatusOr<std::unique_ptr<Storage>> Open(StorageMode mode) override {
    return NewMemoryStorage(this->env().tasks, nullptr, mode);
  }
};

template <typename World>
class StorageThreadsTest : public testing::Test {};
using OnThreads = testing::Types<PosixFolder, Encrypted<PosixFolder>, MemoryBeside<PosixFolder>,
                                 Watched<MemoryBeside<PosixFolder>>>;
TYPED_TEST_SUITE(StorageThreadsTest, OnThreads);
TYPED_TEST(StorageThreadsTest, TasksDoNotDisturbEachOther) {
  TypeParam world;
  WorkTogether(world);
}

template <typename World>
class StorageFibersTest : public testing::Test {};
using OnFibers = testing::Types<TankMachine, Encrypted<TankMachine>, MemoryBeside<TankMachine>,
                                Watched<Encrypted<TankMachine>>>;
TYPED_TEST_SUITE(StorageFibersTest, OnFibers);

// TankMachine's seed is the schedule's.
template <typename World>
class Seeded : public World {
 public:
  explicit Seeded(uint64_t seed) { this->Reseed(seed); }
};
TYPED_TEST(StorageFibersTest, TasksDoNotDisturbEachOther) {
  for (uint64_t seed = 1; seed <= 25 && !this->HasFailure(); ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Seeded<TypeParam> world(seed);
    world.Run([&] { WorkTogether(world); });
  }
}

// A sync of the folder that fails may have lost the names of files that others are syncing just
// then: theirs must not be said to be durable.
TEST(StorageConcurrencyTest, WhatASyncPromisesIsThereAlthoughAnotherFailed) {
  uint64_t promised_all = 0;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    sim::Simulator sim({.seed = seed});
    sim::Machine& machine = sim.AddMachine("n1");
    std::set<uint64_t> promised;
    const sim::RunEnd end = sim.Run([&] {
      machine.Boot([&](Env env) {
        std::unique_ptr<Storage> storage = OpenFileStorage(env, {}).value();
        machine.disk().faults().sync_error_ppm = 200'000;
        std::vector<std::unique_ptr<Task>> tasks;
        for (uint64_t number = 1; number <= 6; ++number) {
          tasks.push_back(env.tasks.Spawn("writer", [&, number] {
            const FileDesc table{FileType::kTable, number};
            absl::StatusOr<std::unique_ptr<StorageWriter>> writer = storage->Create(table);
            if (!writer.ok() || !(*writer)->Append("here").ok()) return;
            if ((*writer)->Sync().ok()) promised.insert(number);
          }));
        }
        for (const std::unique_ptr<Task>& task : tasks) task->Join();
        env.tasks.SleepFor(std::chrono::seconds(100));
      });
      sim.SleepFor(std::chrono::seconds(10));
      machine.disk().faults() = {};
      machine.PowerLoss();
      machine.Boot([&](Env env) {
        std::unique_ptr<Storage> storage = OpenFileStorage(env, {}).value();
        for (uint64_t number : promised) {
          EXPECT_EQ(ReadWholeFile(*storage, {FileType::kTable, number}, 100).value_or("gone"),
                    "here")
              << number;
        }
      });
      machine.AwaitExit();
    });
    EXPECT_EQ(end.kind, sim::RunEnd::Kind::kFinished) << end.message;
    promised_all += promised.size();
  }
  EXPECT_GT(promised_all, 200u);
}

}  // namespace
}  // namespace wt::test
