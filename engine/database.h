// An ordered key-value database in one folder: a log, and a store that follows it.
//
//   PosixWorld world({.root = "/var/lib/things"});
//   WT_ASSIGN_OR_RETURN(auto db, Database::Open({}, world.env()));
//   WT_RETURN_IF_ERROR(db->Write("apple", "red"));                 // durable when it returns
//   WT_ASSIGN_OR_RETURN(std::optional<std::string> value, db->Read("apple"));
//   WT_RETURN_IF_ERROR(db->Close());
//
// Every write is an entry of the log first; many writers share one sync. A batch takes effect as a
// whole or not at all, over a crash too. Reads see every write that was acknowledged before they
// began. What was written but not acknowledged when the machine died may have happened or not.
//
// A failed write or sync stops the database for good (fail-stop): later writes fail, reads go on.
// Reopen to go on. Thread-safe. Every call may suspend, unless it says otherwise.
//
// Where the disk is full, what is in memory stays there, and the log takes writes as long as it has
// room and memory has; after that they are refused, each after LsmOptions::room_patience at most
// (statistics: has_no_room, refused_for_room). None that was taken is lost, reads go on, and all
// goes on by itself when there is room again.
//
// Errors, everywhere: InvalidArgument = beyond the limits, nothing happened; ResourceExhausted = no
// room, nothing happened; FailedPrecondition = stopped or closed, nothing happened; Unavailable =
// the outcome is unknown; DataLoss = damage, naming the file.
#ifndef WAVETANK_ENGINE_DATABASE_H_
#define WAVETANK_ENGINE_DATABASE_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/env/env.h"
#include "engine/env/mutex.h"
#include "engine/kv/key_value_store.h"
#include "engine/kv/write_batch.h"
#include "engine/log/log_options.h"
#include "engine/log/log_storage.h"
#include "engine/lsm/lsm_options.h"
#include "engine/storage/storage.h"

namespace wt {

enum class Backend {
  kLsm,     // sorted tables on disk: for data larger than memory
  kMemory,  // in memory, rebuilt from the log at each open: for small data
};

enum class Durability {
  kSynced,    // survives the loss of power
  kBuffered,  // in memory, synced within DatabaseOptions::sync_interval; lost with the process
};

// A store of another kind, over the open storage. See Backend; engine/rocksdb has one. Buffered
// writes are applied before the log syncs: a store that keeps anything calls `make_log_durable`.
using StoreFactory = std::function<absl::StatusOr<std::unique_ptr<KeyValueStore>>(
    Env env, Storage& storage, MakeLogDurable make_log_durable)>;

struct DatabaseOptions {
  Backend backend = Backend::kLsm;
  StoreFactory store = nullptr;  // instead of `backend`
  LogOptions log = {};           // its sync policy is the database's to set
  LsmOptions lsm = {};
  // How long a buffered write may stay unsynced.
  Duration sync_interval = std::chrono::milliseconds(100);
  // Errors NotFound when there is no database, or AlreadyExists when there is one.
  bool create_if_missing = true;
  bool refuse_if_exists = false;
  // Writers in one entry of the log, at most so many bytes.
  uint64_t group_bytes = kMiB;
  // Instead of a FileStorage in "tables/": encrypted, counted, made to fail. Given the plain one.
  // The log does not go through it: what was written since the last flush lies there in the clear.
  std::function<absl::StatusOr<std::unique_ptr<Storage>>(std::unique_ptr<Storage>)> wrap_storage =
      nullptr;
  // Called while the log is replayed, now and then: entries done, entries in all.
  std::function<void(uint64_t, uint64_t)> on_progress = nullptr;
};

struct ScanOptions {
  KeyRange range = {};
  uint64_t limit = ~uint64_t{0};
  bool backward = false;  // from the range's end
  std::shared_ptr<const ReadView> view = nullptr;
};

using KeyValues = std::vector<std::pair<std::string, std::string>>;

class ReplayReader;

class Database {
 public:
  // Errors: DataLoss: damaged; FailedPrecondition: locked, another's folder, or of a newer version;
  // InvalidArgument: options that cannot work. What is refused is not changed.
  static absl::StatusOr<std::unique_ptr<Database>> Open(DatabaseOptions options, Env env);
  // Whoever opened it closes it before, unless the machine died.
  ~Database();

  absl::Status Write(std::string_view key, std::string_view value,
                     Durability durability = Durability::kSynced);
  absl::Status Delete(std::string_view key, Durability durability = Durability::kSynced);
  absl::Status BatchWrite(const WriteBatch& batch, Durability durability = Durability::kSynced);

  // What is not there is no error. `view` null: as it is now.
  absl::StatusOr<std::optional<std::string>> Read(std::string_view key,
                                                  const ReadView* view = nullptr);
  // In order of keys, or the other way.
  absl::StatusOr<KeyValues> RangeScan(const ScanOptions& options);
  // The database outlives it.
  std::unique_ptr<KeyValueIterator> NewIterator(KeyRange range = {},
                                                std::shared_ptr<const ReadView> view = nullptr);
  // The state as it is now, to be read for as long as it is held.
  std::shared_ptr<const ReadView> View() { return store_->View(); }

  // Everything so far is in tables, and the log that it came from goes.
  absl::Status Flush() { return store_->Flush(); }
  absl::Status Compact() { return store_->Compact(); }
  // Reads and checks every table.
  absl::Status Verify() { return store_->Verify(); }
  StoreStatistics statistics();

  LogIndex last_applied() const { return store_->applied_index(); }  // does not suspend
  // Why it has stopped, for whoever starts it again; OK while it has not.
  absl::Status failure();
  KeyValueStore& store() { return *store_; }
  LogStorage& log() { return *log_; }

  // Stops background work and closes files. Twice is fine.
  absl::Status Close();

 private:
  // One who writes, until its group is done.
  struct Writer {
    std::string_view batch;
    bool is_synced = false;
    bool is_done = false;
    bool leads = false;
    absl::Status status;
    CondVar* changed = nullptr;
  };

  Database(Env env, DatabaseOptions options);
  absl::Status CheckOptions() const;
  absl::Status Recover();
  absl::Status CheckFolder();
  absl::Status OpenStorage();
  absl::Status OpenStore();
  absl::Status CheckFit(const LogRecovery& found) const;
  absl::Status Replay();
  absl::Status TakeUp(ReplayReader& reader, LogIndex from, LogIndex last);
  absl::Status BeginTerm();

  absl::Status Commit(std::string_view batch, Durability durability);
  absl::Status StoppedStatus() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(queue_mu_);
  std::vector<Writer*> TakeGroup() ABSL_EXCLUSIVE_LOCKS_REQUIRED(queue_mu_);
  absl::Status WriteGroup(const std::vector<Writer*>& group);
  absl::Status AppendGroup(const std::vector<Writer*>& group);
  absl::Status Stop(const absl::Status& failure);

  Env env_;
  const DatabaseOptions options_;
  std::unique_ptr<FileLock> lock_;
  std::unique_ptr<Storage> storage_;
  std::unique_ptr<StorageLock> session_;
  std::unique_ptr<LogStorage> log_;
  std::unique_ptr<KeyValueStore> store_;
  Term term_;

  Mutex queue_mu_;
  std::deque<Writer*> queue_ ABSL_GUARDED_BY(queue_mu_);
  bool has_leader_ ABSL_GUARDED_BY(queue_mu_) = false;
  bool closed_ ABSL_GUARDED_BY(queue_mu_) = false;
  absl::Status failure_ ABSL_GUARDED_BY(queue_mu_);

  LogEntry entry_;  // the leader's
  std::atomic<uint64_t> groups_ = 0;
  std::atomic<uint64_t> writes_ = 0;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_DATABASE_H_
