#include <leveldb/cache.h>
#include <leveldb/db.h>
#include <leveldb/filter_policy.h>
#include <leveldb/write_batch.h>

#include "tests/bench/engine/store.h"

namespace wt::bench {
namespace {

leveldb::Slice SliceOf(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view ViewOf(const leveldb::Slice& slice) { return {slice.data(), slice.size()}; }

class LevelDbCursor final : public Cursor {
 public:
  explicit LevelDbCursor(leveldb::DB& db) : it_(db.NewIterator(leveldb::ReadOptions())) {}
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
  const std::unique_ptr<leveldb::Iterator> it_;
};

class LevelDbSession final : public Session {
 public:
  explicit LevelDbSession(leveldb::DB& db) : db_(db) {}

  void Put(std::string_view key, std::string_view value, Sync sync, Order) override {
    leveldb::WriteOptions options;
    options.sync = sync == Sync::kYes;
    RequireOk(db_.Put(options, SliceOf(key), SliceOf(value)));
  }
  void PutAll(std::span<const KeyValueView> operations) override {
    batch_.Clear();
    for (const auto& [key, value] : operations) batch_.Put(SliceOf(key), SliceOf(value));
    RequireOk(db_.Write(leveldb::WriteOptions(), &batch_));
  }
  bool Get(std::string_view key, std::string* value) override {
    const leveldb::Status found = db_.Get(leveldb::ReadOptions(), SliceOf(key), value);
    if (!found.IsNotFound()) RequireOk(found);
    return found.ok();
  }

 private:
  leveldb::DB& db_;
  leveldb::WriteBatch batch_;
};

class LevelDbStore final : public Store {
 public:
  explicit LevelDbStore(const StoreOptions& options)
      : filter_(leveldb::NewBloomFilterPolicy(kFilterBits)),
        cache_(leveldb::NewLRUCache(kCacheBytes)) {
    leveldb::Options native;
    native.create_if_missing = true;
    native.compression = leveldb::kNoCompression;
    // It takes no more than a GiB.
    native.write_buffer_size = options.keep_log ? kGiB : kWriteBufferBytes;
    native.reuse_logs = options.keep_log;  // no table is made of it when it is opened
    native.max_file_size = kTableBytes;
    native.filter_policy = filter_.get();
    native.block_cache = cache_.get();
    native.max_open_files = 5000;
    leveldb::DB* db = nullptr;
    RequireOk(leveldb::DB::Open(native, options.folder, &db));
    db_.reset(db);
  }
  std::unique_ptr<Session> NewSession() override { return std::make_unique<LevelDbSession>(*db_); }
  std::unique_ptr<Cursor> NewCursor() override { return std::make_unique<LevelDbCursor>(*db_); }
  void Compact() override { db_->CompactRange(nullptr, nullptr); }

 private:
  const std::unique_ptr<const leveldb::FilterPolicy> filter_;
  const std::unique_ptr<leveldb::Cache> cache_;
  std::unique_ptr<leveldb::DB> db_;
};

}  // namespace

std::unique_ptr<Store> OpenLevelDb(const StoreOptions& options) {
  return std::make_unique<LevelDbStore>(options);
}

}  // namespace wt::bench
