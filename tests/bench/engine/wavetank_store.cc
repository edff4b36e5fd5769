#include "engine/database.h"
#include "engine/posix/posix_world.h"
#include "engine/rocksdb/rocksdb_store.h"
#include "tests/bench/engine/store.h"

namespace wt::bench {
namespace {

class WavetankCursor final : public Cursor {
 public:
  explicit WavetankCursor(Database& database) : it_(database.NewIterator()) {}
  void SeekToFirst() override { it_->SeekToFirst(); }
  void Seek(std::string_view key) override { it_->Seek(key); }
  void Next() override { it_->Next(); }
  bool Valid() override {
    if (!it_->Valid()) RequireOk(it_->status());
    return it_->Valid();
  }
  std::string_view key() override { return it_->key(); }
  std::string_view value() override { return it_->value(); }

 private:
  const std::unique_ptr<KeyValueIterator> it_;
};

class WavetankSession final : public Session {
 public:
  explicit WavetankSession(Database& database) : database_(database) {}

  void Put(std::string_view key, std::string_view value, Sync sync, Order) override {
    RequireOk(database_.Write(key, value,
                              sync == Sync::kYes ? Durability::kSynced : Durability::kBuffered));
  }
  void PutAll(std::span<const KeyValueView> operations) override {
    batch_.Clear();
    for (const auto& [key, value] : operations) batch_.Put(key, value);
    RequireOk(database_.BatchWrite(batch_, Durability::kBuffered));
  }
  bool Get(std::string_view key, std::string* value) override {
    absl::StatusOr<std::optional<std::string>> found = database_.Read(key);
    RequireOk(found.status());
    if (!found->has_value()) return false;
    *value = **std::move(found);
    return true;
  }

 private:
  Database& database_;
  WriteBatch batch_;
};

class WavetankStore final : public Store {
 public:
  WavetankStore(const StoreOptions& options, DatabaseOptions database)
      : world_({.root = options.folder}) {
    RequireOk(world_.status());
    database.lsm.memtable_bytes = options.keep_log ? 4 * kGiB : kWriteBufferBytes;
    database.lsm.table_bytes = kTableBytes;
    database.lsm.block_cache_bytes = kCacheBytes;
    database.lsm.table.filter_bits_per_key = kFilterBits;
    auto opened = Database::Open(std::move(database), world_.env());
    RequireOk(opened.status());
    database_ = *std::move(opened);
  }
  ~WavetankStore() override { RequireOk(database_->Close()); }
  std::unique_ptr<Session> NewSession() override {
    return std::make_unique<WavetankSession>(*database_);
  }
  std::unique_ptr<Cursor> NewCursor() override {
    return std::make_unique<WavetankCursor>(*database_);
  }
  void Compact() override { RequireOk(database_->Compact()); }

 private:
  PosixWorld world_;
  std::unique_ptr<Database> database_;
};

}  // namespace

std::unique_ptr<Store> OpenWavetank(const StoreOptions& options) {
  return std::make_unique<WavetankStore>(options, DatabaseOptions{});
}

std::unique_ptr<Store> OpenWavetank10ms(const StoreOptions& options) {
  return std::make_unique<WavetankStore>(
      options, DatabaseOptions{.sync_interval = std::chrono::milliseconds(10)});
}

std::unique_ptr<Store> OpenWavetankOverRocksDb(const StoreOptions& options) {
  const RocksDbOptions native = {.memtable_bytes = options.keep_log ? 4 * kGiB : kWriteBufferBytes,
                                 .block_cache_bytes = kCacheBytes};
  return std::make_unique<WavetankStore>(
      options, DatabaseOptions{.store = RocksDbStoreIn(options.folder + "/rocksdb", native)});
}

}  // namespace wt::bench
