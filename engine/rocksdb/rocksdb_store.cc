#include "engine/rocksdb/rocksdb_store.h"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <atomic>
#include <deque>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/coding.h"
#include "engine/base/status.h"
#include "engine/env/mutex.h"
#include "engine/kv/write_batch.h"

namespace wt {
namespace {

// One column family holds both, so that one flush makes both durable.
constexpr char kUserPrefix = 'u';
constexpr std::string_view kIndexKey = "applied";

rocksdb::Slice SliceOf(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view ViewOf(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }
std::string UserKey(std::string_view key) { return kUserPrefix + std::string(key); }

absl::Status StatusOf(const rocksdb::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const std::string text = "rocksdb: " + status.ToString();
  if (status.IsCorruption()) return absl::DataLossError(text);
  if (status.IsNoSpace()) return absl::ResourceExhaustedError(text);
  if (status.IsInvalidArgument()) return absl::InvalidArgumentError(text);
  if (status.IsShutdownInProgress() || status.IsBusy()) return absl::FailedPreconditionError(text);
  return absl::UnavailableError(text);
}

// Asks before a table is begun.
class AskingFiles final : public rocksdb::FileSystemWrapper {
 public:
  AskingFiles(const std::shared_ptr<rocksdb::FileSystem>& files, std::function<absl::Status()> ask)
      : FileSystemWrapper(files), ask_(std::move(ask)) {}

  const char* Name() const override { return "AskingFiles"; }
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override {
    if (name.ends_with(".sst")) {
      const absl::Status allowed = ask_();
      if (!allowed.ok()) return rocksdb::IOStatus::IOError("the log", MessageOf(allowed));
    }
    return FileSystemWrapper::NewWritableFile(name, options, file, debug);
  }

 private:
  const std::function<absl::Status()> ask_;
};

class RocksDbView final : public ReadView {
 public:
  RocksDbView(LogIndex index, std::shared_ptr<rocksdb::DB> db, const rocksdb::Snapshot* snapshot)
      : ReadView(index), db_(std::move(db)), snapshot_(snapshot) {}
  ~RocksDbView() override { db_->ReleaseSnapshot(snapshot_); }
  const rocksdb::Snapshot* snapshot() const { return snapshot_; }

 private:
  const std::shared_ptr<rocksdb::DB> db_;
  const rocksdb::Snapshot* const snapshot_;
};

class RocksDbIterator final : public KeyValueIterator {
 public:
  RocksDbIterator(rocksdb::DB& db, KeyRange range, std::shared_ptr<const ReadView> view)
      : view_(std::move(view)),
        lower_(UserKey(range.lower.value_or(""))),
        upper_(range.upper ? UserKey(*range.upper) : std::string(1, kUserPrefix + 1)),
        lower_slice_(lower_),
        upper_slice_(upper_) {
    rocksdb::ReadOptions options;
    options.snapshot = static_cast<const RocksDbView&>(*view_).snapshot();
    options.iterate_lower_bound = &lower_slice_;
    options.iterate_upper_bound = &upper_slice_;
    it_.reset(db.NewIterator(options));
  }

  void SeekToFirst() override { it_->SeekToFirst(); }
  void SeekToLast() override { it_->SeekToLast(); }
  void Seek(std::string_view key) override { it_->Seek(UserKey(key)); }
  void SeekForPrev(std::string_view key) override { it_->SeekForPrev(UserKey(key)); }
  void Next() override { it_->Next(); }
  void Prev() override { it_->Prev(); }
  bool Valid() const override { return it_->Valid(); }
  absl::Status status() const override { return StatusOf(it_->status()); }
  std::string_view key() const override { return ViewOf(it_->key()).substr(1); }
  std::string_view value() const override { return ViewOf(it_->value()); }

 private:
  const std::shared_ptr<const ReadView> view_;
  const std::string lower_;
  const std::string upper_;
  const rocksdb::Slice lower_slice_;
  const rocksdb::Slice upper_slice_;
  std::unique_ptr<rocksdb::Iterator> it_;
};

class RocksDbStore final : public KeyValueStore {
 public:
  RocksDbStore(Env env, MakeLogDurable make_log_durable)
      : make_log_durable_(std::move(make_log_durable)), write_mu_(env.tasks), mu_(env.tasks) {}

  absl::Status Open(const std::string& folder, const RocksDbOptions& options);

  absl::Status AwaitRoom() override {
    MutexLock lock(mu_);
    return StoppedStatus();
  }
  absl::Status Apply(LogIndex index, std::string_view batch) override;
  LogIndex applied_index() const override { return LogIndex(applied_.load()); }
  LogIndex durable_index() const override { return LogIndex(durable_.load()); }
  std::shared_ptr<const ReadView> View() override;
  absl::StatusOr<std::optional<std::string>> Read(std::string_view key,
                                                  const ReadView* view) override;
  std::unique_ptr<KeyValueIterator> NewIterator(KeyRange range,
                                                std::shared_ptr<const ReadView> view) override {
    if (view == nullptr) view = View();
    return std::make_unique<RocksDbIterator>(*db_, std::move(range), std::move(view));
  }
  absl::Status Flush() override;
  absl::Status Compact() override;
  absl::Status Verify() override { return StatusOf(db_->VerifyChecksum()); }
  absl::Status failure() override {
    MutexLock lock(mu_);
    return failure_;
  }
  StoreStatistics statistics() override;
  void OnDurable(std::function<void(LogIndex)> call) override { on_durable_ = std::move(call); }
  absl::Status Close() override;

 private:
  struct Written {
    rocksdb::SequenceNumber sequence;  // of the entry's last operation
    LogIndex index;
  };
  // RocksDB calls it from a thread of its own.
  class Listener final : public rocksdb::EventListener {
   public:
    explicit Listener(RocksDbStore& store) : store_(store) {}
    void OnFlushCompleted(rocksdb::DB*, const rocksdb::FlushJobInfo& info) override {
      store_.Flushed(info.largest_seqno);
    }

   private:
    RocksDbStore& store_;
  };

  absl::Status LogFirst();
  void Flushed(rocksdb::SequenceNumber through);
  absl::Status Stop(const absl::Status& failure);
  absl::Status StoppedStatus() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const MakeLogDurable make_log_durable_;
  std::shared_ptr<rocksdb::DB> db_;
  std::function<void(LogIndex)> on_durable_;
  std::atomic<uint64_t> begun_ = 0;  // no entry behind it is in a memtable
  std::atomic<uint64_t> applied_ = 0;
  std::atomic<uint64_t> durable_ = 0;

  Mutex write_mu_;  // nobody takes a view between a write and its index; before mu_
  Mutex mu_;        // never held over a call of RocksDB, whose flushes take it
  std::deque<Written> unflushed_ ABSL_GUARDED_BY(mu_);
  absl::Status failure_ ABSL_GUARDED_BY(mu_);
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
};

absl::Status RocksDbStore::Open(const std::string& folder, const RocksDbOptions& options) {
  rocksdb::Options native;
  native.create_if_missing = true;
  native.compression = rocksdb::kNoCompression;
  native.write_buffer_size = options.memtable_bytes;
  native.listeners.push_back(std::make_shared<Listener>(*this));
  rocksdb::BlockBasedTableOptions table;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10, false));
  table.block_cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  native.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  const std::shared_ptr<rocksdb::Env> files = rocksdb::NewCompositeEnv(
      std::make_shared<AskingFiles>(rocksdb::FileSystem::Default(), [this] { return LogFirst(); }));
  native.env = files.get();
  rocksdb::DB* opened = nullptr;
  WT_RETURN_IF_ERROR(StatusOf(rocksdb::DB::Open(native, folder, &opened)));
  db_.reset(opened, [files](rocksdb::DB* db) { delete db; });
  std::string index;
  const rocksdb::Status found = db_->Get(rocksdb::ReadOptions(), SliceOf(kIndexKey), &index);
  if (found.IsNotFound()) return absl::OkStatus();
  WT_RETURN_IF_ERROR(StatusOf(found));
  if (index.size() != sizeof(uint64_t)) return DataLoss("rocksdb: the applied index is damaged");
  applied_ = LoadLittle<uint64_t>(index.data());
  durable_ = applied_.load();
  begun_ = applied_.load();
  return absl::OkStatus();
}

absl::Status RocksDbStore::Apply(LogIndex index, std::string_view batch) {
  WT_CHECK_EQ(index, applied_index() + 1);
  WT_RETURN_IF_ERROR(AwaitRoom());
  rocksdb::WriteBatch native;
  BatchReader it(batch);
  while (it.Next()) {
    const BatchOperation& operation = it.operation();
    const std::string key = UserKey(operation.key);
    const rocksdb::Status added =
        operation.is_put ? native.Put(key, SliceOf(operation.value)) : native.Delete(key);
    WT_CHECK(added.ok());
  }
  WT_CHECK(it.ok());
  std::string encoded;
  PutU64(encoded, index.value());
  WT_CHECK(native.Put(SliceOf(kIndexKey), encoded).ok());
  rocksdb::WriteOptions unlogged;
  unlogged.disableWAL = true;
  MutexLock write(write_mu_);
  begun_ = index.value();
  if (const absl::Status written = StatusOf(db_->Write(unlogged, &native)); !written.ok()) {
    return Stop(written);
  }
  applied_ = index.value();
  MutexLock lock(mu_);
  unflushed_.push_back({db_->GetLatestSequenceNumber(), index});
  return absl::OkStatus();
}

// Also before a merge, which then finds the log durable already or hurries it.
absl::Status RocksDbStore::LogFirst() {
  const LogIndex begun(begun_.load());
  if (make_log_durable_ == nullptr || begun <= durable_index()) return absl::OkStatus();
  absl::Status durable = make_log_durable_(begun);
  if (!durable.ok()) (void)Stop(durable);
  return durable;
}

// Whatever is half flushed is as good as not.
void RocksDbStore::Flushed(rocksdb::SequenceNumber through) {
  LogIndex durable;
  {
    MutexLock lock(mu_);
    while (!unflushed_.empty() && unflushed_.front().sequence <= through) {
      durable = unflushed_.front().index;
      unflushed_.pop_front();
    }
    if (durable == LogIndex(0)) return;
    durable_ = durable.value();
  }
  if (on_durable_) on_durable_(durable);
}

absl::Status RocksDbStore::Stop(const absl::Status& failure) {
  MutexLock lock(mu_);
  if (failure_.ok()) failure_ = failure;
  return FailedPrecondition("stopped: %s", MessageOf(failure));
}

absl::Status RocksDbStore::StoppedStatus() const {
  if (!failure_.ok()) return FailedPrecondition("stopped: %s", MessageOf(failure_));
  if (closed_) return FailedPrecondition("the store is closed");
  return absl::OkStatus();
}

std::shared_ptr<const ReadView> RocksDbStore::View() {
  MutexLock write(write_mu_);
  return std::make_shared<const RocksDbView>(applied_index(), db_, db_->GetSnapshot());
}

absl::StatusOr<std::optional<std::string>> RocksDbStore::Read(std::string_view key,
                                                              const ReadView* view) {
  rocksdb::ReadOptions options;
  if (view != nullptr) options.snapshot = static_cast<const RocksDbView*>(view)->snapshot();
  std::string value;
  const rocksdb::Status found = db_->Get(options, UserKey(key), &value);
  if (found.IsNotFound()) return std::optional<std::string>();
  WT_RETURN_IF_ERROR(StatusOf(found));
  return std::optional<std::string>(std::move(value));
}

absl::Status RocksDbStore::Flush() { return StatusOf(db_->Flush(rocksdb::FlushOptions())); }

absl::Status RocksDbStore::Compact() {
  WT_RETURN_IF_ERROR(Flush());
  return StatusOf(db_->CompactRange(rocksdb::CompactRangeOptions(), nullptr, nullptr));
}

StoreStatistics RocksDbStore::statistics() {
  StoreStatistics numbers = {{"applied_index", applied_.load()},
                             {"flushed_index", durable_.load()}};
  for (const char* name : {"rocksdb.cur-size-all-mem-tables", "rocksdb.total-sst-files-size",
                           "rocksdb.estimate-num-keys", "rocksdb.block-cache-usage"}) {
    uint64_t value = 0;
    if (db_->GetIntProperty(name, &value)) numbers.emplace_back(name, value);
  }
  return numbers;
}

// Views and iterators keep the database itself.
absl::Status RocksDbStore::Close() {
  {
    MutexLock lock(mu_);
    if (std::exchange(closed_, true)) return absl::OkStatus();
  }
  rocksdb::CancelAllBackgroundWork(db_.get(), /*wait=*/true);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<KeyValueStore>> OpenRocksDbStore(Env env, const std::string& folder,
                                                                const RocksDbOptions& options,
                                                                MakeLogDurable make_log_durable) {
  auto store = std::make_unique<RocksDbStore>(env, std::move(make_log_durable));
  WT_RETURN_IF_ERROR(store->Open(folder, options));
  return std::unique_ptr<KeyValueStore>(std::move(store));
}

}  // namespace wt
