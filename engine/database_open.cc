// How a database comes up.
//
//   0. the options: they can work
//   1. the folder: ours, or empty; locked
//   2. the tables: manifest and every table verified   (nothing was changed so far, but that the
//      pointer to the manifest was made durable as it is)
//   3. the log: verified; it must lead to what the tables have, without a hole
//   4. a segment of its own with the new term in it, then a manifest; leftovers go. So where there
//      is a manifest there was a log
//   5. replay of what the tables do not have
#include <algorithm>
#include <map>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/database.h"
#include "engine/env/file_io.h"
#include "engine/kv/memory_store.h"
#include "engine/lsm/lsm_store.h"
#include "engine/replay_reader.h"
#include "engine/storage/file_storage.h"

namespace wt {
namespace {

constexpr std::string_view kLockFile = "LOCK";
constexpr std::string_view kTables = "tables";

// The database decides when the log syncs: at once where asked for, else in the background.
LogOptions OptionsOfLog(const DatabaseOptions& options) {
  LogOptions log = options.log;
  log.sync_policy = SyncPolicy::kInterval;
  log.sync_interval = options.sync_interval;
  return log;
}

}  // namespace

Database::Database(Env env, DatabaseOptions options)
    : env_(env), options_(std::move(options)), queue_mu_(env.tasks) {}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(DatabaseOptions options, Env env) {
  env.events.Emit({.kind = EventKind::kEngineOpening});
  std::unique_ptr<Database> database(new Database(env, std::move(options)));
  absl::Status recovered = database->Recover();
  if (recovered.ok()) return database;
  (void)database->Close();
  if (absl::IsDataLoss(recovered)) {
    env.events.Emit({.kind = EventKind::kEngineRefused, .text = MessageOf(recovered)});
  }
  return recovered;
}

absl::Status Database::CheckOptions() const {
  if (options_.group_bytes == 0) return InvalidArgument("group_bytes: 0, want at least 1");
  if (options_.sync_interval <= Duration::zero()) {
    return InvalidArgument("sync_interval: %d ns, want at least 1", options_.sync_interval.count());
  }
  WT_RETURN_IF_ERROR(CheckLogOptions(OptionsOfLog(options_)));
  const bool is_lsm = options_.backend == Backend::kLsm && !options_.store;
  return is_lsm ? CheckLsmOptions(options_.lsm) : absl::OkStatus();
}

absl::Status Database::Recover() {
  WT_RETURN_IF_ERROR(CheckOptions());
  WT_RETURN_IF_ERROR(CheckFolder());
  WT_ASSIGN_OR_RETURN(lock_, env_.disk.Lock(kLockFile));
  WT_RETURN_IF_ERROR(OpenStorage());
  WT_RETURN_IF_ERROR(OpenStore());
  LogOptions log = OptionsOfLog(options_);
  log.accept = [this](const LogRecovery& found) -> absl::Status {
    WT_RETURN_IF_ERROR(CheckFit(found));
    return options_.log.accept ? options_.log.accept(found) : absl::OkStatus();
  };
  WT_ASSIGN_OR_RETURN(log_, OpenWal(env_, std::move(log)));
  // A log that cannot let go of its beginning keeps it; if it was poisoned, the next write tells.
  store_->OnDurable([this](LogIndex index) { (void)log_->Compact(index); });
  WT_RETURN_IF_ERROR(BeginTerm());
  WT_RETURN_IF_ERROR(store_->Begin());
  return Replay();
}

// A folder that holds anything, but nothing of ours, is another's. Others have a LOCK too.
absl::Status Database::CheckFolder() {
  WT_ASSIGN_OR_RETURN(const std::vector<DirectoryEntry> entries, env_.disk.List(""));
  const auto is_there = [&](std::string_view name) {
    return std::any_of(entries.begin(), entries.end(),
                       [&](const DirectoryEntry& one) { return one.name == name; });
  };
  WT_ASSIGN_OR_RETURN(const bool exists, PathExists(env_.disk, options_.log.directory));
  if (exists && options_.refuse_if_exists) return AlreadyExists("there is a database already");
  if (exists) return absl::OkStatus();
  if (!options_.create_if_missing) return NotFound("there is no database");
  // A crash may have stopped a directory on the way to its name (CreateDurableDirectory), and have
  // taken the lock.
  const auto is_begun = [&](std::string_view name) {
    return is_there(name) || is_there(std::string(name) + ".tmp");
  };
  const bool has_only_lock = entries.size() == 1 && is_there(kLockFile);
  const bool is_ours = entries.empty() || has_only_lock || is_begun(kTables) ||
                       is_begun(options_.log.directory);
  if (is_ours) return absl::OkStatus();
  return FailedPrecondition("not a database, and not empty: it holds \"%s\"; give an empty folder",
                            std::min_element(entries.begin(), entries.end())->name);
}

absl::Status Database::OpenStorage() {
  WT_ASSIGN_OR_RETURN(storage_, OpenFileStorage(env_, {.folder = std::string(kTables)}));
  if (options_.wrap_storage) {
    WT_ASSIGN_OR_RETURN(storage_, options_.wrap_storage(std::move(storage_)));
  }
  WT_ASSIGN_OR_RETURN(session_, storage_->Lock());
  return absl::OkStatus();
}

absl::Status Database::OpenStore() {
  MakeLogDurable make_log_durable = [this](LogIndex index) {
    return log_->durable_index() >= index ? absl::OkStatus() : log_->Sync();
  };
  if (options_.store) {
    WT_ASSIGN_OR_RETURN(store_, options_.store(env_, *storage_, std::move(make_log_durable)));
    return absl::OkStatus();
  }
  if (options_.backend == Backend::kMemory) {
    store_ = NewMemoryStore(env_.tasks);
    return absl::OkStatus();
  }
  LsmOptions lsm = options_.lsm;
  lsm.make_log_durable = std::move(make_log_durable);
  WT_ASSIGN_OR_RETURN(store_, LsmStore::Open(env_, *storage_, std::move(lsm)));
  return absl::OkStatus();
}

absl::Status Database::CheckFit(const LogRecovery& found) const {
  const LogIndex durable = store_->durable_index();
  if (found.first_index > durable + 1) {
    return DataLoss(
        "the log begins with entry %d, and the tables end with entry %d: what is between is lost",
        found.first_index.value(), durable.value());
  }
  if (found.last_index < durable) {
    return DataLoss(
        "the log ends with entry %d, and the tables with entry %d: the log has lost its end",
        found.last_index.value(), durable.value());
  }
  if (found.segments > 0 || !store_->has_begun_before()) return absl::OkStatus();
  return DataLoss("the log has no segment, and had one before there were tables: it is lost");
}

absl::Status Database::Replay() {
  const LogIndex from = store_->applied_index() + 1;
  const LogIndex last = log_->last_index();
  env_.events.Emit({.kind = EventKind::kCommitAdvanced, .a = last.value(), .b = last.value()});
  if (from <= last) {
    ReplayReader reader(env_, *log_, *store_, from, last);
    const absl::Status replayed = TakeUp(reader, from, last);
    reader.Stop();
    WT_RETURN_IF_ERROR(replayed);
  }
  env_.events.Emit({.kind = EventKind::kEngineRecovered,
                    .a = store_->applied_index().value(),
                    .b = last.value(),
                    .c = last.value()});
  return absl::OkStatus();
}

absl::Status Database::TakeUp(ReplayReader& reader, LogIndex from, LogIndex last) {
  for (;;) {
    WT_ASSIGN_OR_RETURN(const std::optional<ReplayReader::Chunk> chunk, reader.Next());
    if (!chunk.has_value()) return absl::OkStatus();
    if (const absl::Status applied = store_->ApplyPrepared(*chunk->prepared); !applied.ok()) {
      // Why it has stopped meanwhile counts: damage is to be called so.
      const absl::Status cause = store_->failure();
      return cause.ok() ? applied : cause;
    }
    if (options_.on_progress) {
      options_.on_progress(store_->applied_index() + 1 - from, last + 1 - from);
    }
  }
}

// As of Standalone: each opening is a term of its own. What it writes keeps the log's first
// segment, which recovery takes for never begun while it is blank.
absl::Status Database::BeginTerm() {
  HardState state = log_->hard_state();
  term_ = std::max(state.term, log_->last_term()) + 1;
  state.term = term_;
  WT_RETURN_IF_ERROR(log_->SetHardState(state));
  return log_->Sync();
}

}  // namespace wt
