// The write-ahead log on real files: appends without and with syncs, and the scan of an open.
//
//   WT_BENCH_DIR=/some/disk wavetank_wal_bench        (default: a folder below TMPDIR or /tmp)
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/check.h"
#include "engine/log/log_options.h"
#include "engine/posix/posix_world.h"

namespace wt {
namespace {

constexpr uint64_t kCommandBytes = 84;  // with its identifier: 116 bytes in the log

std::string NewRoot() {
  const char* given = std::getenv("WT_BENCH_DIR");
  std::string pattern =
      (given != nullptr ? std::string(given) : std::filesystem::temp_directory_path().string()) +
      "/wal_bench_XXXXXX";
  WT_CHECK(mkdtemp(pattern.data()) != nullptr);
  return pattern;
}

// A log in a folder of its own that goes with it.
class BenchLog {
 public:
  explicit BenchLog(LogOptions options = {}) : options_(std::move(options)) { Open(); }
  ~BenchLog() {
    WT_CHECK(log_->Close().ok());
    log_.reset();
    std::filesystem::remove_all(root_);
  }

  void Open() {
    auto log = OpenWal(world_.env(), options_);
    WT_CHECK(log.ok());
    log_ = *std::move(log);
  }
  LogStorage& log() { return *log_; }

  // Keeps disk and memory from growing with the number of iterations.
  void CompactAt(uint64_t bytes) {
    if (log_->size_bytes() > bytes) WT_CHECK(log_->Compact(log_->last_index()).ok());
  }

 private:
  std::string root_ = NewRoot();
  PosixWorld world_{{.root = root_}};
  LogOptions options_;
  std::unique_ptr<LogStorage> log_;
};

std::vector<LogEntry> MakeEntries(uint64_t count) {
  std::vector<LogEntry> entries(count);
  for (LogEntry& entry : entries) {
    entry.term = Term(1);
    entry.command.assign(kCommandBytes, 'x');
  }
  return entries;
}

void BM_AppendBuffered(benchmark::State& state) {
  BenchLog bench;
  LogEntry entry = MakeEntries(1).front();
  uint64_t index = 0;
  for (auto _ : state) {
    entry.index = LogIndex(++index);
    if (!bench.log().Append(entry).ok()) state.SkipWithError("append");
    if (index % 2'000'000 == 0) {
      state.PauseTiming();
      bench.CompactAt(kMiB);
      state.ResumeTiming();
    }
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_AppendBuffered)->MinTime(2);

void BM_AppendBatchBuffered(benchmark::State& state) {
  BenchLog bench;
  std::vector<LogEntry> entries = MakeEntries(static_cast<uint64_t>(state.range(0)));
  uint64_t index = 0;
  uint64_t rounds = 0;
  for (auto _ : state) {
    for (LogEntry& entry : entries) entry.index = LogIndex(++index);
    if (!bench.log().AppendBatch(entries).ok()) state.SkipWithError("append");
    if (++rounds % 2000 == 0) {
      state.PauseTiming();
      bench.CompactAt(kMiB);
      state.ResumeTiming();
    }
  }
  state.SetItemsProcessed(static_cast<int64_t>(index));
}
BENCHMARK(BM_AppendBatchBuffered)->Arg(1000)->MinTime(2);

// Threads that append in turn and wait for their own entry to be durable.
void BM_AppendSynced(benchmark::State& state) {
  const auto writers = static_cast<uint64_t>(state.range(0));
  constexpr uint64_t kEach = 2000;
  uint64_t total = 0;
  for (auto _ : state) {
    BenchLog bench;
    std::mutex order;
    std::vector<std::thread> threads;
    const auto start = std::chrono::steady_clock::now();
    for (uint64_t w = 0; w < writers; ++w) {
      threads.emplace_back([&] {
        LogEntry entry = MakeEntries(1).front();
        for (uint64_t i = 0; i < kEach; ++i) {
          {
            std::lock_guard<std::mutex> lock(order);
            entry.index = bench.log().last_index() + 1;
            WT_CHECK(bench.log().Append(entry).ok());
          }
          WT_CHECK(bench.log().Sync().ok());
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    state.SetIterationTime(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    total += writers * kEach;
  }
  state.SetItemsProcessed(static_cast<int64_t>(total));
}
BENCHMARK(BM_AppendSynced)->Arg(1)->Arg(4)->Arg(16)->UseManualTime()->Unit(benchmark::kMillisecond);

// An open of a log of half a gibibyte that is in the page cache.
void BM_Recover(benchmark::State& state) {
  BenchLog bench;
  std::vector<LogEntry> entries = MakeEntries(1000);
  for (LogEntry& entry : entries) entry.command.resize(static_cast<size_t>(state.range(0)));
  uint64_t index = 0;
  while (bench.log().size_bytes() < 512 * kMiB) {
    for (LogEntry& entry : entries) entry.index = LogIndex(++index);
    WT_CHECK(bench.log().AppendBatch(entries).ok());
  }
  uint64_t bytes = 0;
  for (auto _ : state) {
    state.PauseTiming();
    WT_CHECK(bench.log().Close().ok());
    bytes += bench.log().size_bytes();
    state.ResumeTiming();
    bench.Open();
  }
  WT_CHECK(bench.log().last_index() == LogIndex(index));
  state.SetBytesProcessed(static_cast<int64_t>(bytes));
}
BENCHMARK(BM_Recover)->Arg(84)->Arg(1000)->Unit(benchmark::kMillisecond)->Iterations(5);

}  // namespace
}  // namespace wt

BENCHMARK_MAIN();
