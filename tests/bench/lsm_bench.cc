// The memtable and the sorted table: inserts, point reads, scans, and how fast a table is built.
// The baseline is absl::btree_map over inlined keys, which nobody may read while it is written.
//
//   WT_BENCH_DIR=/some/disk wavetank_lsm_bench        (default: a folder below TMPDIR or /tmp)
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "engine/base/check.h"
#include "engine/base/random.h"
#include "engine/lsm/memtable.h"
#include "engine/lsm/table.h"
#include "engine/lsm/table_builder.h"
#include "engine/posix/posix_world.h"
#include "engine/storage/file_storage.h"

namespace wt {
namespace {

constexpr uint64_t kEntries = 900'000;  // a memtable of 128 MB
constexpr uint64_t kKeySpace = 10'000'000'000;
constexpr size_t kKeyBytes = 16;

// 16 decimal digits.
void WriteKey(uint64_t number, char* to) {
  for (size_t i = kKeyBytes; i-- > 0; number /= 10) to[i] = static_cast<char>('0' + number % 10);
}

std::vector<uint64_t> RandomNumbers() {
  Draw draw(1);
  std::vector<uint64_t> numbers(kEntries);
  for (uint64_t& number : numbers) number = draw.Below(kKeySpace);
  return numbers;
}

const std::string& Value() {
  static const std::string value(100, 'v');
  return value;
}

void Fill(Memtable& memtable, const std::vector<uint64_t>& numbers) {
  char key[kKeyBytes];
  uint64_t version = 0;
  for (const uint64_t number : numbers) {
    WriteKey(number, key);
    memtable.Insert({{key, kKeyBytes}, LogIndex(++version), EntryKind::kPut, Value()});
  }
}

std::vector<uint64_t> SequentialNumbers() {
  std::vector<uint64_t> numbers(kEntries);
  for (uint64_t i = 0; i < kEntries; ++i) numbers[i] = i;
  return numbers;
}

void BM_MemtableInsert(benchmark::State& state, const std::vector<uint64_t>& numbers) {
  for (auto _ : state) {
    auto memtable = std::make_unique<Memtable>();
    Fill(*memtable, numbers);
    state.counters["MB"] = static_cast<double>(memtable->ApproximateBytes()) / 1e6;
    state.PauseTiming();
    memtable.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * kEntries);
}

void BM_MemtableGet(benchmark::State& state) {
  const std::vector<uint64_t> numbers = RandomNumbers();
  Memtable memtable;
  Fill(memtable, numbers);
  Draw draw(9);
  char key[kKeyBytes];
  for (auto _ : state) {
    WriteKey(numbers[draw.Below(kEntries)], key);
    const auto found = memtable.Get({{key, kKeyBytes}, kMaxVersion});
    WT_CHECK(found.has_value());
    benchmark::DoNotOptimize(found->value[50]);
  }
  state.SetItemsProcessed(state.iterations());
}

void BM_MemtableScan(benchmark::State& state) {
  Memtable memtable;
  Fill(memtable, RandomNumbers());
  for (auto _ : state) {
    auto at = memtable.NewIterator();
    for (at->SeekToFirst(); at->Valid(); at->Next()) benchmark::DoNotOptimize(at->value()[50]);
  }
  state.SetItemsProcessed(state.iterations() * memtable.entry_count());
}

struct InlinedKey {
  uint64_t high, low, tag;
  bool operator<(const InlinedKey& other) const {
    if (high != other.high) return high < other.high;
    return low != other.low ? low < other.low : tag > other.tag;
  }
};

class BtreeBaseline {
 public:
  void Insert(const char* key, uint64_t version) {
    char* const entry = static_cast<char*>(arena_.Allocate(kKeyBytes + 8 + Value().size(), 8));
    std::memcpy(entry, key, kKeyBytes);
    std::memcpy(entry + kKeyBytes + 8, Value().data(), Value().size());
    map_.emplace(Inlined(key, version), entry);
  }
  const char* Find(const char* key) const {
    const auto at = map_.lower_bound(Inlined(key, ~uint64_t{0}));
    WT_CHECK(at != map_.end() && std::memcmp(at->second, key, kKeyBytes) == 0);
    return at->second;
  }

 private:
  static InlinedKey Inlined(const char* key, uint64_t tag) {
    return {__builtin_bswap64(LoadLittle<uint64_t>(key)),
            __builtin_bswap64(LoadLittle<uint64_t>(key + 8)), tag};
  }
  Arena arena_;
  absl::btree_map<InlinedKey, const char*> map_;
};

void BM_BtreeInsert(benchmark::State& state) {
  const std::vector<uint64_t> numbers = RandomNumbers();
  char key[kKeyBytes];
  for (auto _ : state) {
    BtreeBaseline baseline;
    uint64_t version = 0;
    for (const uint64_t number : numbers) {
      WriteKey(number, key);
      baseline.Insert(key, ++version);
    }
  }
  state.SetItemsProcessed(state.iterations() * kEntries);
}

void BM_BtreeGet(benchmark::State& state) {
  const std::vector<uint64_t> numbers = RandomNumbers();
  BtreeBaseline baseline;
  char key[kKeyBytes];
  uint64_t version = 0;
  for (const uint64_t number : numbers) {
    WriteKey(number, key);
    baseline.Insert(key, ++version);
  }
  Draw draw(9);
  for (auto _ : state) {
    WriteKey(numbers[draw.Below(kEntries)], key);
    benchmark::DoNotOptimize(baseline.Find(key)[50]);
  }
  state.SetItemsProcessed(state.iterations());
}

// A table of kEntries in a folder of its own that goes with it.
class BenchTable {
 public:
  BenchTable() {
    auto storage = OpenFileStorage(world_.env(), {});
    WT_CHECK(storage.ok());
    storage_ = *std::move(storage);
    numbers_ = RandomNumbers();
    std::sort(numbers_.begin(), numbers_.end());
    numbers_.erase(std::unique(numbers_.begin(), numbers_.end()), numbers_.end());
  }
  ~BenchTable() {
    storage_.reset();
    std::filesystem::remove_all(root_);
  }

  TableInfo Build(const TableBuildOptions& options) {
    auto writer = storage_->Create({FileType::kTable, 7});
    WT_CHECK(writer.ok());
    TableBuilder builder(**writer, identity_, options);
    char key[kKeyBytes];
    for (const uint64_t number : numbers_) {
      WriteKey(number, key);
      WT_CHECK(builder.Add({{key, kKeyBytes}, LogIndex(1), EntryKind::kPut, Value()}).ok());
    }
    auto info = builder.Finish();
    WT_CHECK(info.ok() && (*writer)->Close().ok());
    return *info;
  }

  std::unique_ptr<Table> Open(const TableReadOptions& options) {
    auto reader = storage_->Open({FileType::kTable, 7});
    WT_CHECK(reader.ok());
    auto table = Table::Open(*std::move(reader), {{FileType::kTable, 7}, identity_}, options);
    WT_CHECK(table.ok());
    return *std::move(table);
  }

  const std::vector<uint64_t>& numbers() const { return numbers_; }
  Tasks& tasks() { return world_.env().tasks; }

 private:
  static std::string NewRoot() {
    const char* given = std::getenv("WT_BENCH_DIR");
    std::string pattern =
        (given != nullptr ? std::string(given) : std::filesystem::temp_directory_path().string()) +
        "/lsm_bench_XXXXXX";
    WT_CHECK(mkdtemp(pattern.data()) != nullptr);
    return pattern;
  }

  const TableIdentity identity_{.number = 7, .salt = 11};
  std::string root_ = NewRoot();
  PosixWorld world_{{.root = root_}};
  std::unique_ptr<Storage> storage_;
  std::vector<uint64_t> numbers_;
};

BenchTable& SharedTable() {
  static BenchTable table;
  return table;
}

void BM_TableBuild(benchmark::State& state, Compression compression) {
  BenchTable& bench = SharedTable();
  TableInfo info;
  for (auto _ : state) info = bench.Build({.compression = compression});
  state.SetItemsProcessed(state.iterations() * info.entries());
  state.SetBytesProcessed(state.iterations() * (info.key_bytes + info.value_bytes));
  state.counters["file_MB"] = static_cast<double>(info.bytes) / 1e6;
}

void BM_TableGet(benchmark::State& state, TableBuildOptions build, bool mapped) {
  BenchTable& bench = SharedTable();
  bench.Build(build);
  BlockCache cache(bench.tasks(), 512 * kMiB);
  const auto table = bench.Open({.cache = &cache, .use_mapping = mapped});
  const auto warm = table->NewIterator();
  for (warm->SeekToFirst(); warm->Valid(); warm->Next()) continue;
  Draw draw(9);
  char key[kKeyBytes];
  std::vector<uint32_t> nanoseconds;
  uint64_t n = 0;
  for (auto _ : state) {
    WriteKey(bench.numbers()[draw.Below(bench.numbers().size())], key);
    // Every 16th is timed for the percentile; a clock costs as much as a read.
    const bool timed = ++n % 16 == 0;
    const auto before =
        timed ? std::chrono::steady_clock::now() : std::chrono::steady_clock::time_point();
    const auto found = table->Get({{key, kKeyBytes}, kMaxVersion});
    WT_CHECK(found.ok() && found->has_value());
    benchmark::DoNotOptimize((*found)->value[50]);
    if (timed) nanoseconds.push_back((std::chrono::steady_clock::now() - before).count());
  }
  std::sort(nanoseconds.begin(), nanoseconds.end());
  if (!nanoseconds.empty()) {
    state.counters["p99_us"] = nanoseconds[nanoseconds.size() * 99 / 100] / 1e3;
  }
  state.SetItemsProcessed(state.iterations());
}

void BM_TableMiss(benchmark::State& state) {
  BenchTable& bench = SharedTable();
  bench.Build({});
  const auto table = bench.Open({});
  Draw draw(10);
  char key[kKeyBytes];
  uint64_t passed = 0;
  for (auto _ : state) {
    WriteKey(kKeySpace + draw.Below(kKeySpace), key);
    passed += table->MayContain({key, kKeyBytes}) ? 1 : 0;
  }
  state.counters["false_positive_percent"] =
      100.0 * static_cast<double>(passed) / static_cast<double>(state.iterations());
  state.SetItemsProcessed(state.iterations());
}

void BM_TableScan(benchmark::State& state, Compression compression, bool mapped) {
  BenchTable& bench = SharedTable();
  const TableInfo info = bench.Build({.compression = compression});
  BlockCache cache(bench.tasks(), 512 * kMiB);
  const auto table = bench.Open({.cache = &cache, .use_mapping = mapped});
  for (auto _ : state) {
    const auto at = table->NewIterator();
    for (at->SeekToFirst(); at->Valid(); at->Next()) benchmark::DoNotOptimize(at->value()[50]);
    WT_CHECK(at->status().ok());
  }
  state.SetItemsProcessed(state.iterations() * info.entries());
}

BENCHMARK_CAPTURE(BM_MemtableInsert, random, RandomNumbers())->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_MemtableInsert, sequential, SequentialNumbers())
    ->Unit(benchmark::kMillisecond);
BENCHMARK(BM_MemtableGet);
BENCHMARK(BM_MemtableScan)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_BtreeInsert)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_BtreeGet);
BENCHMARK_CAPTURE(BM_TableBuild, plain, Compression::kNone)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_TableBuild, lz4, Compression::kLz4)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_TableBuild, zstd, Compression::kZstd)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_TableGet, mapped, TableBuildOptions{}, true);
BENCHMARK_CAPTURE(BM_TableGet, cached, TableBuildOptions{}, false);
BENCHMARK(BM_TableMiss);
BENCHMARK_CAPTURE(BM_TableScan, mapped, Compression::kNone, true)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_TableScan, cached, Compression::kNone, false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_TableScan, lz4, Compression::kLz4, true)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace wt

BENCHMARK_MAIN();
