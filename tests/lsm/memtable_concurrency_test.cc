// Proves, on real threads, that readers beside the one writer see everything that was inserted
// before they began, in order and whole, and never anything else. Made for the thread sanitizer:
// the writer splits leaves and inner nodes all the time.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "engine/lsm/memtable.h"
#include "gtest/gtest.h"
#include "tests/lsm/lsm_model.h"

namespace wt {
namespace {

constexpr uint64_t kEntries = 30'000;
constexpr int kReaders = 3;

// Entry n has version n + 1 and a key that says n; keys are scattered, each number once.
uint64_t Scattered(uint64_t n) { return n * 7919 % kEntries; }
std::string KeyOf(uint64_t n, size_t common) {
  return std::string(common, 'c') + absl::StrFormat("%08d", Scattered(n));
}
std::string ValueOf(std::string_view key, LogIndex version) {
  return std::string(key) + "=" + version.ToString();
}

class Race {
 public:
  // `common` bytes that all keys begin with: 0 = told apart by their inlined prefixes.
  explicit Race(size_t common) : common_(common) {}

  void Run() {
    std::vector<std::thread> readers;
    for (int i = 0; i < kReaders; ++i) readers.emplace_back([this, i] { Read(i); });
    for (uint64_t n = 0; n < kEntries; ++n) {
      const std::string key = KeyOf(n, common_);
      const LogIndex version(n + 1);
      memtable_.Insert({key, version, EntryKind::kPut, ValueOf(key, version)});
      inserted_.store(n + 1, std::memory_order_release);
    }
    for (std::thread& reader : readers) reader.join();
    EXPECT_EQ(failure_count_.load(), 0);
  }

 private:
  void Read(int reader) {
    Draw draw(reader);
    for (bool last = false; !last;) {
      last = inserted_.load(std::memory_order_acquire) == kEntries;
      for (int i = 0; i < 50; ++i) ReadOne(draw);
      if (reader == 0) {
        ScanForward();
      } else {
        ScanBackward();
      }
    }
  }

  void ReadOne(Draw& draw) {
    const uint64_t inserted = inserted_.load(std::memory_order_acquire);
    if (inserted == 0) return;
    const uint64_t n = draw.Below(inserted);
    const std::string key = KeyOf(n, common_);
    const auto found = memtable_.Get({key, LogIndex(n + 1)});
    Expect(found.has_value() && found->value == ValueOf(key, LogIndex(n + 1)));
  }

  void ScanForward() {
    const uint64_t inserted = inserted_.load(std::memory_order_acquire);
    auto it = memtable_.NewIterator();
    uint64_t seen = 0;
    std::string last;
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      Expect(seen == 0 || last < it->key());
      Expect(it->value() == ValueOf(it->key(), it->version()));
      last = it->key();
      seen += it->version().value() <= inserted ? 1 : 0;
    }
    Expect(seen == inserted);
  }

  void ScanBackward() {
    const uint64_t inserted = inserted_.load(std::memory_order_acquire);
    auto it = memtable_.NewIterator();
    uint64_t seen = 0;
    std::string last;
    for (it->SeekToLast(); it->Valid(); it->Prev()) {
      Expect(last.empty() || it->key() < last);
      Expect(it->value() == ValueOf(it->key(), it->version()));
      last = it->key();
      seen += it->version().value() <= inserted ? 1 : 0;
    }
    Expect(seen == inserted);
  }

  void Expect(bool holds) {
    if (!holds) failure_count_.fetch_add(1);
  }

  const size_t common_;
  Memtable memtable_;
  std::atomic<uint64_t> inserted_{0};
  std::atomic<int> failure_count_{0};
};

TEST(MemtableConcurrencyTest, ReadersSeeAllThatWasThereInOrder) { Race(0).Run(); }

TEST(MemtableConcurrencyTest, EvenWhenPrefixesTellNothing) { Race(20).Run(); }

TEST(MemtableConcurrencyTest, ReplacedEntriesAreOldOrNewButWhole) {
  Memtable memtable;
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  constexpr uint64_t kKeys = 100;
  const auto insert = [&](uint64_t n, int round) {
    const std::string key = absl::StrFormat("%04d", n);
    const std::string value(20 + round % 7, static_cast<char>('a' + round % 26));
    memtable.Insert({key, LogIndex(1), EntryKind::kPut, value});
  };
  for (uint64_t n = 0; n < kKeys; ++n) insert(n, 0);
  std::thread reader([&] {
    while (!stop.load(std::memory_order_acquire)) {
      uint64_t seen = 0;
      auto it = memtable.NewIterator();
      for (it->SeekToFirst(); it->Valid(); it->Next(), ++seen) {
        const std::string value(it->value());
        if (value != std::string(value.size(), value.front())) wrong.fetch_add(1);
      }
      if (seen != kKeys) wrong.fetch_add(1);
    }
  });
  for (int round = 1; round < 300; ++round) {
    for (uint64_t n = 0; n < kKeys; ++n) insert(n, round);
  }
  stop.store(true, std::memory_order_release);
  reader.join();
  EXPECT_EQ(wrong.load(), 0);
  EXPECT_EQ(memtable.entry_count(), kKeys);
}

}  // namespace
}  // namespace wt
