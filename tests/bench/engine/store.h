// A key-value store as the benchmark uses it: ours, and those that it is measured against.
//
// Every call ends the program when the store reports an error: a benchmark of failures is none.
#ifndef WAVETANK_TESTS_BENCH_ENGINE_STORE_H_
#define WAVETANK_TESTS_BENCH_ENGINE_STORE_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/units.h"

namespace wt::bench {

// What all stores are given alike, as far as they know it. Nobody compresses.
inline constexpr uint64_t kWriteBufferBytes = 128 * kMiB;
inline constexpr uint64_t kTableBytes = 64 * kMiB;
inline constexpr uint64_t kCacheBytes = 2 * kGiB;
inline constexpr int kFilterBits = 10;

struct StoreOptions {
  std::string folder;
  bool keep_log = false;  // a write buffer so large that all of it stays in the log
  bool durable = false;   // for stores that decide it when they are opened: as Sync::kYes wants it
};

enum class Sync { kNo, kYes };
enum class Order { kRandom, kAscending };  // a hint, for who can use it
using KeyValueView = std::pair<std::string_view, std::string_view>;

// Walks keys upward over what there was when it was made. The store outlives it.
class Cursor {
 public:
  virtual ~Cursor() = default;
  virtual void SeekToFirst() = 0;
  virtual void Seek(std::string_view key) = 0;
  virtual void Next() = 0;
  virtual bool Valid() = 0;
  virtual std::string_view key() = 0;
  virtual std::string_view value() = 0;
};

// One thread's own means to read and write.
class Session {
 public:
  virtual ~Session() = default;
  virtual void Put(std::string_view key, std::string_view value, Sync sync, Order order) = 0;
  // All or nothing; not synced.
  virtual void PutAll(std::span<const KeyValueView> operations) = 0;
  // False when there is none.
  virtual bool Get(std::string_view key, std::string* value) = 0;
};

// Open from construction to destruction.
class Store {
 public:
  virtual ~Store() = default;
  virtual std::unique_ptr<Session> NewSession() = 0;
  virtual std::unique_ptr<Cursor> NewCursor() = 0;
  // As compact as it gets. May leave work in the background.
  virtual void Compact() {}
};

struct Peer {
  std::string name;
  std::string promise;  // of a write that was not synced
  bool has_log = true;  // that an opening replays
  bool is_ours = false;
  bool is_lsm = false;  // of the others
  std::unique_ptr<Store> (*open)(const StoreOptions& options) = nullptr;
};

std::unique_ptr<Store> OpenLevelDb(const StoreOptions& options);
std::unique_ptr<Store> OpenRocksDb(const StoreOptions& options);
std::unique_ptr<Store> OpenLmdb(const StoreOptions& options);
std::unique_ptr<Store> OpenWavetank(const StoreOptions& options);
std::unique_ptr<Store> OpenWavetank10ms(const StoreOptions& options);  // synced so often
std::unique_ptr<Store> OpenWavetankOverRocksDb(const StoreOptions& options);

// Ends the program.
[[noreturn]] void Die(const std::string& why);
inline void Require(bool holds, const char* what) {
  if (!holds) Die(what);
}
template <typename Status>
void RequireOk(const Status& status) {
  if (!status.ok()) Die(status.ToString());
}

}  // namespace wt::bench

#endif  // WAVETANK_TESTS_BENCH_ENGINE_STORE_H_
