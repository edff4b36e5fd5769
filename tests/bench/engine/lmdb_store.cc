#include <lmdb.h>

#include "tests/bench/engine/store.h"

namespace wt::bench {
namespace {

constexpr uint64_t kMapBytes = 16 * kGiB;
constexpr unsigned kReaders = 256;

void RequireDone(int result) {
  if (result != 0) Die(std::string("lmdb: ") + mdb_strerror(result));
}

// It does not write through what it is given.
MDB_val ValOf(std::string_view bytes) { return {bytes.size(), const_cast<char*>(bytes.data())}; }
std::string_view ViewOf(const MDB_val& val) {
  return {static_cast<const char*>(val.mv_data), val.mv_size};
}

struct Lmdb {
  MDB_env* env = nullptr;
  MDB_dbi table = 0;

  MDB_txn* Begin(unsigned flags) const {
    MDB_txn* transaction = nullptr;
    RequireDone(mdb_txn_begin(env, nullptr, flags, &transaction));
    return transaction;
  }
};

class LmdbCursor final : public Cursor {
 public:
  explicit LmdbCursor(const Lmdb& lmdb) : transaction_(lmdb.Begin(MDB_RDONLY)) {
    RequireDone(mdb_cursor_open(transaction_, lmdb.table, &cursor_));
  }
  ~LmdbCursor() override {
    mdb_cursor_close(cursor_);
    mdb_txn_abort(transaction_);
  }
  void SeekToFirst() override { Move(MDB_FIRST); }
  void Seek(std::string_view key) override {
    key_ = ValOf(key);
    Move(MDB_SET_RANGE);
  }
  void Next() override { Move(MDB_NEXT); }
  bool Valid() override { return valid_; }
  std::string_view key() override { return ViewOf(key_); }
  std::string_view value() override { return ViewOf(value_); }

 private:
  void Move(MDB_cursor_op how) {
    const int moved = mdb_cursor_get(cursor_, &key_, &value_, how);
    valid_ = moved == 0;
    if (moved != MDB_NOTFOUND) RequireDone(moved);
  }

  MDB_txn* const transaction_;
  MDB_cursor* cursor_ = nullptr;
  MDB_val key_ = {};
  MDB_val value_ = {};
  bool valid_ = false;
};

class LmdbSession final : public Session {
 public:
  explicit LmdbSession(const Lmdb& lmdb) : lmdb_(lmdb), reader_(lmdb.Begin(MDB_RDONLY)) {
    mdb_txn_reset(reader_);
  }
  ~LmdbSession() override { mdb_txn_abort(reader_); }

  // Whether a commit syncs was decided when it was opened.
  void Put(std::string_view key, std::string_view value, Sync, Order order) override {
    MDB_txn* const writer = lmdb_.Begin(0);
    Add(writer, key, value, order == Order::kAscending ? MDB_APPEND : 0);
    RequireDone(mdb_txn_commit(writer));
  }
  void PutAll(std::span<const KeyValueView> operations) override {
    MDB_txn* const writer = lmdb_.Begin(0);
    for (const auto& [key, value] : operations) Add(writer, key, value, 0);
    RequireDone(mdb_txn_commit(writer));
  }
  bool Get(std::string_view key, std::string* value) override {
    RequireDone(mdb_txn_renew(reader_));
    MDB_val wanted = ValOf(key);
    MDB_val found;
    const int got = mdb_get(reader_, lmdb_.table, &wanted, &found);
    if (got == 0) value->assign(ViewOf(found));
    mdb_txn_reset(reader_);
    if (got != MDB_NOTFOUND) RequireDone(got);
    return got == 0;
  }

 private:
  void Add(MDB_txn* writer, std::string_view key, std::string_view value, unsigned flags) {
    MDB_val native_key = ValOf(key);
    MDB_val native_value = ValOf(value);
    RequireDone(mdb_put(writer, lmdb_.table, &native_key, &native_value, flags));
  }

  const Lmdb& lmdb_;
  MDB_txn* const reader_;
};

class LmdbStore final : public Store {
 public:
  explicit LmdbStore(const StoreOptions& options) {
    RequireDone(mdb_env_create(&lmdb_.env));
    RequireDone(mdb_env_set_mapsize(lmdb_.env, kMapBytes));
    RequireDone(mdb_env_set_maxreaders(lmdb_.env, kReaders));
    const unsigned flags = MDB_NOTLS | (options.durable ? 0 : MDB_NOSYNC | MDB_WRITEMAP);
    RequireDone(mdb_env_open(lmdb_.env, options.folder.c_str(), flags, 0644));
    MDB_txn* const first = lmdb_.Begin(0);
    RequireDone(mdb_dbi_open(first, nullptr, 0, &lmdb_.table));
    RequireDone(mdb_txn_commit(first));
  }
  ~LmdbStore() override { mdb_env_close(lmdb_.env); }
  std::unique_ptr<Session> NewSession() override { return std::make_unique<LmdbSession>(lmdb_); }
  std::unique_ptr<Cursor> NewCursor() override { return std::make_unique<LmdbCursor>(lmdb_); }

 private:
  Lmdb lmdb_;
};

}  // namespace

std::unique_ptr<Store> OpenLmdb(const StoreOptions& options) {
  return std::make_unique<LmdbStore>(options);
}

}  // namespace wt::bench
