#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include "tests/bench/engine/store.h"

namespace wt::bench {
namespace {

constexpr int kBackgroundJobs = 4;

rocksdb::Slice SliceOf(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view ViewOf(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

class RocksDbCursor final : public Cursor {
 public:
  explicit RocksDbCursor(rocksdb::DB& db) : it_(db.NewIterator(rocksdb::ReadOptions())) {}
  void SeekToFirst() override { it_->SeekToFirst(); }
  void Seek(std::string_view key) override { it_->Seek(SliceOf(key)); }
  void Next() override { it_->Next(); }
  bool Valid() override {
    if (!it_->Valid()) RequireOk(it_->status());
    return it_->Valid();
  }
  std::string_view key() override { return ViewOf(it_->key()); }
  std::string_view value() override { return ViewOf(it_->value()); }

 private:
  const std::unique_ptr<rocksdb::Iterator> it_;
};

class RocksDbSession final : public Session {
 public:
  explicit RocksDbSession(rocksdb::DB& db) : db_(db) {}

  void Put(std::string_view key, std::string_view value, Sync sync, Order) override {
    rocksdb::WriteOptions options;
    options.sync = sync == Sync::kYes;
    RequireOk(db_.Put(options, SliceOf(key), SliceOf(value)));
  }
  void PutAll(std::span<const KeyValueView> operations) override {
    batch_.Clear();
    for (const auto& [key, value] : operations) RequireOk(batch_.Put(SliceOf(key), SliceOf(value)));
    RequireOk(db_.Write(rocksdb::WriteOptions(), &batch_));
  }
  // Pinned and copied once: the faster of its two ways.
  bool Get(std::string_view key, std::string* value) override {
    pinned_.Reset();
    const rocksdb::Status found =
        db_.Get(rocksdb::ReadOptions(), db_.DefaultColumnFamily(), SliceOf(key), &pinned_);
    if (found.IsNotFound()) return false;
    RequireOk(found);
    value->assign(pinned_.data(), pinned_.size());
    return true;
  }

 private:
  rocksdb::DB& db_;
  rocksdb::WriteBatch batch_;
  rocksdb::PinnableSlice pinned_;
};

class RocksDbStore final : public Store {
 public:
  explicit RocksDbStore(const StoreOptions& options) {
    rocksdb::Options native;
    native.create_if_missing = true;
    native.compression = rocksdb::kNoCompression;
    native.write_buffer_size = options.keep_log ? 4 * kGiB : kWriteBufferBytes;
    native.avoid_flush_during_recovery = options.keep_log;
    native.max_write_buffer_number = 3;
    native.target_file_size_base = kTableBytes;
    native.max_background_jobs = kBackgroundJobs;
    native.max_open_files = -1;
    rocksdb::BlockBasedTableOptions table;
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kFilterBits, false));
    table.block_cache = rocksdb::NewLRUCache(kCacheBytes);
    native.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    rocksdb::DB* db = nullptr;
    RequireOk(rocksdb::DB::Open(native, options.folder, &db));
    db_.reset(db);
  }
  std::unique_ptr<Session> NewSession() override { return std::make_unique<RocksDbSession>(*db_); }
  std::unique_ptr<Cursor> NewCursor() override { return std::make_unique<RocksDbCursor>(*db_); }
  void Compact() override {
    RequireOk(db_->Flush(rocksdb::FlushOptions()));
    RequireOk(db_->CompactRange(rocksdb::CompactRangeOptions(), nullptr, nullptr));
  }

 private:
  std::unique_ptr<rocksdb::DB> db_;
};

}  // namespace

std::unique_ptr<Store> OpenRocksDb(const StoreOptions& options) {
  return std::make_unique<RocksDbStore>(options);
}

}  // namespace wt::bench
