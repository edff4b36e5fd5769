#include "tests/bench/engine/workloads.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "tests/bench/engine/load.h"
#include "tests/bench/engine/measure.h"

namespace wt::bench {
namespace {

constexpr uint64_t kMostReads = 1'000'000;
constexpr uint64_t kMostSeeks = 200'000;
constexpr uint64_t kSeekSteps = 10;
constexpr uint64_t kBatch = 1000;
constexpr uint64_t kChecks = 2000;

// One store in one round of a group.
class Run {
 public:
  Run(const Plan& plan, const Peer& peer, Results& results)
      : plan_(plan), peer_(peer), results_(results), folder_(plan.folder + "/" + peer.name) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    FlushFileSystem(plan.folder);
  }
  ~Run() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  std::unique_ptr<Store> Open(StoreOptions options = {}) const {
    options.folder = folder_;
    return peer_.open(options);
  }

  // Runs `body`, which does `operations`, and notes its rate.
  template <typename Body>
  Passed Rate(const std::string& row, uint64_t operations, const Body& body) {
    AwaitQuiet(plan_.quiet_seconds);
    const Stopwatch watch;
    body();
    const Passed passed = watch.Passes();
    Note(row, static_cast<double>(operations) / passed.seconds, passed, operations);
    return passed;
  }

  void Note(const std::string& row, double value, const Passed& passed, uint64_t operations) {
    const double cpu = passed.cpu_seconds * 1e6 / static_cast<double>(operations);
    results_.Add(row, peer_.name, {.value = value, .cpu = cpu, .others = passed.others});
    std::fprintf(stderr, "  %-22s %-16s %12.0f  cpu %.2f us/op, others %.2f cores\n", row.c_str(),
                 peer_.name.c_str(), value, cpu, passed.others);
  }
  // Where there is no processor time to tell of.
  void Note(const std::string& row, double value) {
    results_.Add(row, peer_.name, {.value = value});
  }

 private:
  const Plan& plan_;
  const Peer& peer_;
  Results& results_;
  const std::string folder_;
};

void CheckSome(Store& store, uint64_t keys, size_t value_bytes, const Sample* sample) {
  const auto session = store.NewSession();
  std::string value;
  Draw draw(5);
  for (uint64_t i = 0; i < kChecks; ++i) {
    // Every second one is among those whose last write is known.
    const uint64_t number = i % 2 == 0 ? draw.Below(keys) : draw.Below(keys) / 64 * 64;
    const Key key(number);
    Require(session->Get(key.view(), &value), "a key that was written is not there");
    Require(Values::IsOf(value, value_bytes, number), "a key has another's value");
    Require(sample == nullptr || sample->IsNewest(value, number), "a key has an old value");
  }
}

// ---- fillseq

void FillSeq(const Plan& plan, const Peer& peer, Results& results) {
  Run run(plan, peer, results);
  const auto store = run.Open();
  Values values(kValueBytes);
  run.Rate("fillseq", plan.keys, [&] {
    const auto session = store->NewSession();
    for (uint64_t i = 0; i < plan.keys; ++i) {
      session->Put(Key(i).view(), values.Make(i, i), Sync::kNo, Order::kAscending);
    }
  });
  CheckSome(*store, plan.keys, kValueBytes, nullptr);
}

// ---- fillbatch

void FillBatch(const Plan& plan, const Peer& peer, Results& results) {
  Run run(plan, peer, results);
  const auto store = run.Open();
  const uint64_t batches = std::max<uint64_t>(1, plan.keys / kBatch);
  const Permutation order(batches * kBatch);
  Values values(kValueBytes);
  run.Rate("fillbatch, 1000 each", batches * kBatch, [&] {
    const auto session = store->NewSession();
    std::vector<Key> keys(kBatch);
    std::vector<std::string> made(kBatch);
    std::vector<KeyValueView> operations(kBatch);
    for (uint64_t i = 0; i < batches * kBatch; ++i) {
      const uint64_t at = i % kBatch;
      keys[at].Set(order[i], false);
      made[at] = values.Make(order[i], i);
      operations[at] = {keys[at].view(), made[at]};
      if (at + 1 == kBatch) session->PutAll(operations);
    }
  });
  CheckSome(*store, batches * kBatch, kValueBytes, nullptr);
}

// ---- fillsync

// Until the time is over; returns how many.
uint64_t SyncedWrites(Store& store, uint64_t writer, uint64_t keys, double seconds) {
  const auto session = store.NewSession();
  Values values(kValueBytes);
  Draw draw(100 + writer);
  const auto ticks = static_cast<uint64_t>(seconds * 1e9 / NanosecondsPerTick());
  const uint64_t begun = Ticks();
  uint64_t done = 0;
  uint64_t last = 0;
  for (; Ticks() - begun < ticks; ++done) {
    last = draw.Below(keys);
    session->Put(Key(last).view(), values.Make(last, done), Sync::kYes, Order::kRandom);
  }
  std::string value;
  Require(session->Get(Key(last).view(), &value) && Values::IsOf(value, kValueBytes, last),
          "a synced write is not there");
  return done;
}

void SyncedWriters(const Plan& plan, const Peer& peer, Results& results, uint64_t writers,
                   const std::string& row) {
  Run run(plan, peer, results);
  const auto store = run.Open({.durable = true});
  AwaitQuiet(plan.quiet_seconds);
  std::atomic<uint64_t> done = 0;
  const Stopwatch watch;
  std::vector<std::thread> threads;
  for (uint64_t writer = 0; writer < writers; ++writer) {
    threads.emplace_back(
        [&, writer] { done += SyncedWrites(*store, writer, plan.keys, plan.sync_seconds); });
  }
  for (std::thread& thread : threads) thread.join();
  const Passed passed = watch.Passes();
  run.Note(row, static_cast<double>(done) / passed.seconds, passed, done);
}

void FillSync(const Plan& plan, const Peer& peer, Results& results) {
  SyncedWriters(plan, peer, results, 1, "fillsync, 1 writer");
  SyncedWriters(plan, peer, results, 16, "fillsync, 16 writers");
}

// ---- fillrandom, and what is read from what it wrote

void FillRandom(const Plan& plan, Run& run, Store& store, Sample& sample) {
  const Permutation order(plan.keys);
  Values values(kValueBytes);
  Histogram latencies;
  const Stopwatch all;
  const Passed filling = run.Rate("fillrandom", plan.keys, [&] {
    const auto session = store.NewSession();
    uint64_t before = Ticks();
    for (uint64_t i = 0; i < plan.keys; ++i) {
      const uint64_t number = order[i];
      sample.Note(number, i);
      session->Put(Key(number).view(), values.Make(number, i), Sync::kNo, Order::kRandom);
      const uint64_t now = Ticks();
      latencies.Add(now - before);
      before = now;
    }
  });
  AwaitIdle();
  run.Note("write P50", latencies.Microseconds(0.5));
  run.Note("write P99", latencies.Microseconds(0.99));
  run.Note("write P99.9", latencies.Microseconds(0.999));
  run.Note("write slowest", latencies.MostMicroseconds());
  const double background = all.Passes().cpu_seconds - filling.thread_seconds;
  run.Note("background CPU a write", background * 1e6 / static_cast<double>(plan.keys));
}

void Overwrite(const Plan& plan, Run& run, Store& store, Sample& sample) {
  Values values(kValueBytes);
  Draw draw(11);
  run.Rate("overwrite", plan.keys, [&] {
    const auto session = store.NewSession();
    for (uint64_t i = 0; i < plan.keys; ++i) {
      const uint64_t number = draw.Below(plan.keys);
      sample.Note(number, plan.keys + i);
      session->Put(Key(number).view(), values.Make(number, plan.keys + i), Sync::kNo,
                   Order::kRandom);
    }
  });
  AwaitIdle();
}

// Everything once, in order: it counts, and what is cached is cached.
void Scan(const Plan& plan, Store& store) {
  const auto cursor = store.NewCursor();
  uint64_t count = 0;
  for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next(), ++count) {
    const std::string_view value = cursor->value();
    if (value.size() != kValueBytes) Die("a value of a wrong size");
    if (!Sample::Has(count)) continue;
    Require(cursor->key() == Key(count).view(), "a scan is at a wrong key");
    Require(Values::IsOf(value, kValueBytes, count), "a scan shows another's value");
  }
  Require(count == plan.keys, "a scan does not show every key once");
}

void Reads(const Plan& plan, Store& store, uint64_t reads, const Sample& sample) {
  const auto session = store.NewSession();
  std::string value;
  Draw draw(21);
  for (uint64_t i = 0; i < reads; ++i) {
    const uint64_t number = draw.Below(plan.keys);
    Require(session->Get(Key(number).view(), &value), "a key that was written is not there");
    Require(Values::IsOf(value, kValueBytes, number), "a key has another's value");
    Require(sample.IsNewest(value, number), "a key has an old value");
  }
}

void MissingReads(const Plan& plan, Store& store, uint64_t reads) {
  const auto session = store.NewSession();
  std::string value;
  Draw draw(22);
  Key key;
  for (uint64_t i = 0; i < reads; ++i) {
    key.Set(draw.Below(plan.keys), true);
    Require(!session->Get(key.view(), &value), "a key that nobody wrote is there");
  }
}

void Seeks(const Plan& plan, Store& store, uint64_t seeks) {
  const auto cursor = store.NewCursor();
  Draw draw(23);
  for (uint64_t i = 0; i < seeks; ++i) {
    const uint64_t number = draw.Below(plan.keys);
    cursor->Seek(Key(number).view());
    for (uint64_t step = 0; step < kSeekSteps && cursor->Valid(); ++step, cursor->Next()) {
      Require(Values::IsOf(cursor->value(), kValueBytes, number + step), "a seek is astray");
    }
  }
}

void Warm(const Plan& plan, Store& store, const Sample& sample) {
  Scan(plan, store);
  Reads(plan, store, std::min(plan.keys / 2, kMostReads), sample);
}

void RandomGroup(const Plan& plan, const Peer& peer, Results& results) {
  Run run(plan, peer, results);
  const auto store = run.Open();
  const uint64_t reads = std::min(plan.keys, kMostReads);
  const uint64_t seeks = std::min(plan.keys, kMostSeeks);
  Sample sample(plan.keys);
  FillRandom(plan, run, *store, sample);
  if (plan.Wants("overwrite") || plan.Wants("readnatural")) Overwrite(plan, run, *store, sample);
  CheckSome(*store, plan.keys, kValueBytes, &sample);
  if (plan.Wants("readnatural")) {
    Warm(plan, *store, sample);
    run.Rate("readrandom, natural", reads, [&] { Reads(plan, *store, reads, sample); });
  }
  const bool compacted = plan.Wants("readrandom") || plan.Wants("readmissing") ||
                         plan.Wants("readseq") || plan.Wants("seekrandom");
  if (!compacted) return;
  store->Compact();
  AwaitIdle();
  Warm(plan, *store, sample);
  if (plan.Wants("readrandom")) {
    run.Rate("readrandom, compacted", reads, [&] { Reads(plan, *store, reads, sample); });
  }
  if (plan.Wants("readmissing")) {
    run.Rate("readmissing", reads, [&] { MissingReads(plan, *store, reads); });
  }
  if (plan.Wants("readseq")) run.Rate("readseq", plan.keys, [&] { Scan(plan, *store); });
  if (plan.Wants("seekrandom")) {
    run.Rate("seekrandom, 10 next", seeks, [&] { Seeks(plan, *store, seeks); });
  }
}

// ---- recovery

void RecoverOf(const Plan& plan, const Peer& peer, Results& results, size_t value_bytes,
               uint64_t keys, const std::string& row) {
  Run run(plan, peer, results);
  {
    const auto store = run.Open({.keep_log = true});
    const auto session = store->NewSession();
    const Permutation order(keys);
    Values values(value_bytes);
    for (uint64_t i = 0; i < keys; ++i) {
      session->Put(Key(order[i]).view(), values.Make(order[i], i), Sync::kNo, Order::kRandom);
    }
  }
  FlushFileSystem(plan.folder);
  AwaitQuiet(plan.quiet_seconds);
  const Stopwatch watch;
  const auto store = run.Open({.keep_log = true});
  const Passed passed = watch.Passes();
  const auto bytes = static_cast<double>(keys * (kKeyBytes + value_bytes));
  run.Note(row, bytes / 1e6 / passed.seconds, passed, keys);
  CheckSome(*store, keys, value_bytes, nullptr);
}

void Recovery(const Plan& plan, const Peer& peer, Results& results) {
  if (!peer.has_log) return;
  constexpr uint64_t kMostSmall = 2'000'000;  // what LevelDB's largest buffer takes
  constexpr uint64_t kMostLarge = 500'000;
  RecoverOf(plan, peer, results, kValueBytes, std::min(plan.keys, kMostSmall), "recovery, 100 B");
  RecoverOf(plan, peer, results, kLargeValueBytes, std::min(plan.keys, kMostLarge),
            "recovery, 1 KiB");
}

}  // namespace

std::span<const Group> Groups() {
  static const std::vector<Group> groups = {
      {"sequential", {"fillseq"}, FillSeq},
      {"batches", {"fillbatch"}, FillBatch},
      {"synced", {"fillsync"}, FillSync},
      {"random",
       {"fillrandom", "overwrite", "readnatural", "readrandom", "readmissing", "readseq",
        "seekrandom"},
       RandomGroup},
      {"recovery", {"recovery"}, Recovery},
  };
  return groups;
}

}  // namespace wt::bench
