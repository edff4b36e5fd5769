// What goes on beside readers and writers, and how it ends: held up, short of room, slowed down,
// closed. On a simulated machine, over a storage in memory that fails and stalls as told, so that
// every moment is chosen and no time really passes.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/kv/write_batch.h"
#include "engine/lsm/lsm_install.h"
#include "engine/storage/faulty_storage.h"
#include "engine/storage/memory_storage.h"
#include "sim/machine.h"
#include "sim/simulator.h"

namespace wt {
namespace {

using namespace std::chrono_literals;

// A store over two storages that can be told what to do, one behind the other.
struct Bench {
  Bench(Env in, LsmOptions options) : env(in) {
    auto inner_storage = std::make_unique<FaultyStorage>(env.tasks, NewMemoryStorage(env.tasks));
    inner = inner_storage.get();
    outer = std::make_unique<FaultyStorage>(env.tasks, std::move(inner_storage));
    store = *LsmStore::Open(env, *outer, std::move(options));
    WT_CHECK(store->Begin().ok());
  }

  void Put(const std::string& key, size_t value_bytes = 1) {
    WriteBatch batch;
    batch.Put(key, std::string(value_bytes, 'v'));
    WT_CHECK(store->Apply(store->applied_index() + 1, batch.bytes()).ok());
  }
  uint64_t Statistic(std::string_view name) {
    for (const auto& [key, value] : store->statistics()) {
      if (key == name) return value;
    }
    WT_CHECK(false);
    return 0;
  }

  Env env;
  FaultyStorage* inner = nullptr;
  std::unique_ptr<FaultyStorage> outer;
  std::unique_ptr<LsmStore> store;
};

void InTank(LsmOptions options, const std::function<void(Bench&)>& body) {
  sim::Simulator sim({.seed = 5});
  sim::Machine& machine = sim.AddMachine("n1");
  const sim::RunEnd end = sim.Run([&] {
    machine.Boot([&](Env env) {
      Bench bench(env, options);
      body(bench);
      EXPECT_TRUE(bench.store->Close().ok());
    });
    machine.AwaitExit();
  });
  EXPECT_EQ(end.kind, sim::RunEnd::Kind::kFinished) << end.invariant << ": " << end.message;
}

// ---- Held up

// What comes to nothing because of an install hears so; the install is over before it has cleaned
// up behind itself.
void HoldUp(Bench& bench, const std::function<absl::Status()>& wait_for_turn) {
  bench.outer->Stall(StorageCall::kSync, FileType::kTable);
  bench.inner->Stall(StorageCall::kRemove, FileType::kTable);
  absl::Status done = absl::UnknownError("not yet");
  const std::unique_ptr<Task> waiter =
      bench.env.tasks.Spawn("waiter", [&] { done = wait_for_turn(); });
  bench.outer->AwaitStalled(1);  // its table is written
  LsmInstall install(*bench.store);
  bench.outer->Release();
  bench.inner->AwaitStalled(1);  // it was not let into the manifest
  install.Abandon();
  bench.inner->Release();
  waiter->Join();
  EXPECT_TRUE(done.ok()) << done;
  EXPECT_TRUE(bench.store->failure().ok()) << bench.store->failure();
}

TEST(LsmBackgroundTest, AFlushThatWasHeldUpIsBegunAnew) {
  InTank({.derived = true}, [](Bench& bench) {
    bench.Put("key");
    HoldUp(bench, [&] { return bench.store->Flush(); });
    EXPECT_EQ(bench.store->levels()->level(0).size(), 1u);
    EXPECT_EQ(bench.Statistic("flushes"), 1u) << "what came to nothing does not count";
  });
}

TEST(LsmBackgroundTest, ACompactionThatWasHeldUpIsBegunAnew) {
  InTank({.compaction = false, .derived = true}, [](Bench& bench) {
    for (int i = 0; i < 2; ++i) {
      bench.Put("key");
      ASSERT_TRUE(bench.store->Flush().ok());
    }
    HoldUp(bench, [&] { return bench.store->Compact(); });
    EXPECT_EQ(bench.store->levels()->tables(), 1u);
    EXPECT_EQ(bench.Statistic("compactions"), 1u) << "what came to nothing does not count";
  });
}

TEST(LsmBackgroundTest, WhatHasStoppedIsNotReplaced) {
  InTank({.derived = true}, [](Bench& bench) {
    bench.Put("key");
    bench.store->Distrust(DataLoss("block at 64"));
    LsmInstall install(*bench.store);
    ASSERT_TRUE(install.Content(LogIndex(7)).ok());
    EXPECT_TRUE(absl::IsFailedPrecondition(install.Finish(LogIndex(7), LogIndex(0))));
    install.Abandon();
    EXPECT_EQ(bench.store->applied_index(), LogIndex(1));
  });
}

// ---- Time

TEST(LsmBackgroundTest, ACompactionTakesTheTimeThatItIsGivenUnlessTheStoreIsClosed) {
  for (const bool is_closed : {false, true}) {
    LsmOptions options = {.compaction = false, .compaction_bytes_per_second = 10'000};
    options.table.compression = Compression::kNone;
    InTank(options, [is_closed](Bench& bench) {
      for (int i = 0; i < 10'000; ++i) bench.Put(absl::StrFormat("key%06d", i), 100);
      ASSERT_TRUE(bench.store->Flush().ok());
      const Time begun = bench.env.clock.Now();
      absl::Status compacted;
      const std::unique_ptr<Task> waiter =
          bench.env.tasks.Spawn("waiter", [&] { compacted = bench.store->Compact(); });
      bench.env.tasks.SleepFor(5s);
      if (is_closed) {
        ASSERT_TRUE(bench.store->Close().ok());
      }
      waiter->Join();
      EXPECT_EQ(compacted.ok(), !is_closed) << compacted;
      const Duration spent = bench.env.clock.Now() - begun;
      EXPECT_EQ(spent > 80s, !is_closed) << spent.count();  // for a million bytes
      EXPECT_EQ(spent < 6s, is_closed) << spent.count();
    });
  }
}

// ---- Room

// Lets so many flushes pass, and holds up all others.
class Gate {
 public:
  explicit Gate(Tasks& tasks) : mu_(tasks), opened_(tasks) {}
  void Open(uint64_t flushes) {
    MutexLock lock(mu_);
    allowed_ += flushes;
    opened_.SignalAll();
  }
  absl::Status Pass() {
    MutexLock lock(mu_);
    while (allowed_ == 0) opened_.Wait(mu_);
    --allowed_;
    return absl::OkStatus();
  }

 private:
  Mutex mu_;
  CondVar opened_;
  uint64_t allowed_ ABSL_GUARDED_BY(mu_) = 0;
};

TEST(LsmBackgroundTest, AWritersPatienceBeginsAnewWhenThereWasRoomMeanwhile) {
  std::unique_ptr<Gate> gate;
  LsmOptions options = {.memtable_bytes = 4 * kKiB, .max_sealed = 4, .room_patience = 1s};
  options.level0_trigger = options.level0_slowdown = options.level0_stop = 2;
  options.make_log_durable = [&](LogIndex) { return gate->Pass(); };
  InTank(options, [&](Bench& bench) {
    gate = std::make_unique<Gate>(bench.env.tasks);
    const StorageFault no_room = {.calls = StorageCall::kCreate,
                                  .types = FileType::kTable,
                                  .error = absl::ResourceExhaustedError("no room")};
    StorageFault after_two = no_room;
    after_two.when = FromNth(3);
    bench.outer->Inject(after_two);
    for (int i = 0; i < 4; ++i) bench.Put("key", 5 * kKiB);  // three are sealed, one is full
    gate->Open(2);
    bench.env.tasks.SleepFor(50ms);
    ASSERT_EQ(bench.store->levels()->level(0).size(), 2u);
    const Time begun = bench.env.clock.Now();
    absl::Status room;
    Duration waited;
    const std::unique_ptr<Task> writer = bench.env.tasks.Spawn("writer", [&] {
      room = bench.store->AwaitRoom();
      waited = bench.env.clock.Now() - begun;
    });
    bench.env.tasks.SleepFor(600ms);  // between two tries of the compaction
    bench.outer->WithdrawAll();
    gate->Open(1);
    bench.env.tasks.SleepFor(10ms);
    ASSERT_EQ(bench.store->levels()->level(0).size(), 3u) << "there was room for one table";
    bench.outer->Inject(no_room);
    writer->Join();
    EXPECT_TRUE(absl::IsResourceExhausted(room)) << room;
    EXPECT_GT(waited, 1600ms);
    gate->Open(10);
    bench.outer->WithdrawAll();
    EXPECT_TRUE(bench.store->AwaitRoom().ok());
  });
}

// ---- The manifest

// Where an edit does not go into the manifest any more, another is begun that has it.
TEST(LsmBackgroundTest, AFullManifestIsBegunAnew) {
  for (const bool is_derived : {false, true}) {
    InTank({.derived = is_derived}, [](Bench& bench) {
      bench.Put("a");
      ASSERT_TRUE(bench.store->Flush().ok());
      const uint64_t manifests = bench.Statistic("manifests");
      bench.outer->Inject({.calls = StorageCall::kWrite,
                           .types = FileType::kManifest,
                           .when = Once(),
                           .error = absl::OutOfRangeError("too long")});
      bench.Put("b");
      EXPECT_TRUE(bench.store->Flush().ok()) << bench.store->failure();
      EXPECT_EQ(bench.Statistic("manifests"), manifests + 1);
      EXPECT_EQ(bench.store->levels()->level(0).size(), 2u);
    });
  }
}

TEST(LsmBackgroundTest, WhereNoManifestIsLongEnoughTheStoreStopsWithWhatItHas) {
  InTank({}, [](Bench& bench) {
    bench.Put("a");
    ASSERT_TRUE(bench.store->Flush().ok());
    const FileDesc pointer = *bench.outer->GetMeta();
    bench.outer->Inject({.calls = StorageCall::kWrite,
                         .types = FileType::kManifest,
                         .error = absl::OutOfRangeError("too long")});
    bench.Put("b");
    EXPECT_TRUE(absl::IsFailedPrecondition(bench.store->Flush()));
    EXPECT_TRUE(absl::IsOutOfRange(bench.store->failure())) << bench.store->failure();
    EXPECT_EQ(*bench.outer->GetMeta(), pointer);
    EXPECT_EQ(**bench.store->Read("b", nullptr), "v");
  });
}

TEST(LsmBackgroundTest, WhatWasFlushedLeavesMemory) {
  InTank({}, [](Bench& bench) {
    bench.Put("key");
    const std::weak_ptr<const Memtable> memtable = bench.store->Freeze().memtables[0];
    ASSERT_FALSE(memtable.expired());
    ASSERT_TRUE(bench.store->Flush().ok());
    bench.env.tasks.SleepFor(1ms);
    EXPECT_TRUE(memtable.expired());
  });
}

}  // namespace
}  // namespace wt
