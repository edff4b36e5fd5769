// A log-structured merge tree: the store behind Database on real disks.
//
//   // Looks. Nothing that the manifest or a table says changes:
//   WT_ASSIGN_OR_RETURN(auto store, LsmStore::Open(env, storage, options));
//   WT_RETURN_IF_ERROR(store->Begin());   // from now on it may
//   store->Apply(index, batch); ... store->Close();
//
// Entries of the log go into a memtable; a full one is sealed and flushed as a table of level 0;
// compactions merge tables into deeper levels. The manifest says which tables count and up to where
// the log is in them. There is no log of its own: what was not flushed is applied again from the
// engine's.
//
// What is flushed in one step, and what a compaction replaces, changes by one edit of the manifest;
// files that an edit lets go of are removed behind it.
#ifndef WAVETANK_ENGINE_LSM_LSM_STORE_H_
#define WAVETANK_ENGINE_LSM_LSM_STORE_H_

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/env/env.h"
#include "engine/env/mutex.h"
#include "engine/kv/key_value_store.h"
#include "engine/lsm/block_cache.h"
#include "engine/lsm/compaction_plan.h"
#include "engine/lsm/levels.h"
#include "engine/lsm/lsm_options.h"
#include "engine/lsm/manifest.h"
#include "engine/lsm/memtable.h"
#include "engine/lsm/obsolete_files.h"
#include "engine/lsm/table_run.h"
#include "engine/storage/storage.h"

namespace wt {

// The content at one moment. What it refers to stays readable, whatever becomes of the store's
// files, for as long as the store lives.
struct FrozenLsm {
  LogIndex index;    // entries up to here are in it; memtables may have later ones as well
  LogIndex flushed;  // of these, entries up to here are in the tables
  std::shared_ptr<const Levels> levels;
  std::vector<std::shared_ptr<const Memtable>> memtables;  // newest first
};

class LsmStore final : public KeyValueStore {
 public:
  // Reads the manifest and opens every table. Writes nothing of its own; but a storage may write
  // its pointer anew when it is asked for it, with the same target (Storage::GetMeta of a
  // FileStorage does, so that what it says is durable). `storage` outlives the store, and the
  // caller holds its lock.
  // Errors: InvalidArgument: of CheckLsmOptions; DataLoss, naming what is damaged or missing;
  // FailedPrecondition: a newer format; the storage's own.
  // Suspends.
  static absl::StatusOr<std::unique_ptr<LsmStore>> Open(Env env, Storage& storage,
                                                        LsmOptions options);
  // Whoever called Begin calls Close before, unless the machine died.
  ~LsmStore() override;

  // Writes a manifest of its own, removes leftovers, starts the background.
  absl::Status Begin() override;

  absl::Status AwaitRoom() override;
  absl::Status Apply(LogIndex index, std::string_view batch) override;
  std::unique_ptr<Prepared> Prepare(Batches batches) const override;
  absl::Status ApplyPrepared(const Prepared& prepared) override;
  uint64_t prepared_bytes() const override;
  Duration WriteDelay(uint64_t bytes) override;
  bool has_begun_before() const override { return has_begun_before_; }
  LogIndex applied_index() const override { return LogIndex(applied_.load()); }
  LogIndex durable_index() const override { return LogIndex(flushed_.load()); }
  std::shared_ptr<const ReadView> View() override;
  absl::StatusOr<std::optional<std::string>> Read(std::string_view key,
                                                  const ReadView* view) override;
  std::unique_ptr<KeyValueIterator> NewIterator(KeyRange range,
                                                std::shared_ptr<const ReadView> view) override;
  absl::Status Flush() override;
  absl::Status Compact() override;
  absl::Status Verify() override;
  absl::Status failure() override;
  StoreStatistics statistics() override;
  void OnDurable(std::function<void(LogIndex)> call) override { on_durable_ = std::move(call); }
  absl::Status Close() override;

  // The tables as they are.
  std::shared_ptr<const Levels> levels();
  // Costs nothing but memory. Requires: nobody applies meanwhile.
  FrozenLsm Freeze();
  // The store has stopped, for what somebody else has found out about its files.
  void Distrust(const absl::Status& damage) { Stop(damage); }

 private:
  friend class LsmInstall;

  struct Sealed {
    std::shared_ptr<Memtable> memtable;
    LogIndex last;  // everything up to here is in it, or in something older
  };
  // What a reader reads from. Never changed, replaced.
  struct ReadState {
    std::shared_ptr<Memtable> active;
    std::vector<Sealed> sealed;  // newest first
    std::shared_ptr<const Levels> levels;
  };
  class Iterator;
  struct Counters {
    std::atomic<uint64_t> flushes{0}, flushed_bytes{0};
    std::atomic<uint64_t> compactions{0}, moves{0}, compacted_bytes_in{0}, compacted_bytes_out{0};
    std::atomic<uint64_t> slowdowns{0}, slowdown_nanoseconds{0}, waits_for_background{0};
    std::atomic<uint64_t> manifests{0}, retries{0}, refused_for_room{0};
  };

  LsmStore(Env env, Storage& storage, LsmOptions options);

  // ---- lsm_open.cc
  absl::Status Recover();
  absl::Status CheckBlank();
  absl::StatusOr<TableRef> OpenTable(const TableRecord& record);
  absl::Status ReadTables(std::map<uint64_t, PlacedTable>& live, LogIndex& flushed,
                          uint64_t& next_file);
  absl::Status KeepAsSpare(const std::map<uint64_t, PlacedTable>& recorded);
  void StartBackground() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status RemoveLeftovers() ABSL_EXCLUSIVE_LOCKS_REQUIRED(manifest_mu_);

  // ---- lsm_install.cc
  // Until Release nothing is flushed, merged or recorded; what is under way comes to nothing.
  void Hold();
  void Release();
  absl::Status Replace(std::shared_ptr<Memtable> active, std::shared_ptr<const Levels> levels,
                       LogIndex index, LogIndex flushed);

  // ---- lsm_store.cc
  std::shared_ptr<const ReadState> State();
  void Publish(std::shared_ptr<Memtable> active, std::vector<Sealed> sealed,
               std::shared_ptr<const Levels> levels) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool WantsToSeal() ABSL_EXCLUSIVE_LOCKS_REQUIRED(apply_mu_);
  void Gather(LogIndex index, std::string_view batch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(apply_mu_);
  void InsertGathered(LogIndex through) ABSL_EXCLUSIVE_LOCKS_REQUIRED(apply_mu_);
  absl::Status SealActive() ABSL_EXCLUSIVE_LOCKS_REQUIRED(apply_mu_);
  absl::Status SealOrGrow() ABSL_EXCLUSIVE_LOCKS_REQUIRED(apply_mu_);
  static std::unique_ptr<KeyValueIterator> IteratorOver(std::shared_ptr<Memtable> memtable,
                                                        std::shared_ptr<const Levels> levels,
                                                        LogIndex at);
  bool HasNoRoom();
  bool IsBehind() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  std::vector<LogIndex> Pinned() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status StoppedStatus() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void WakeAll();

  // ---- lsm_background.cc
  void FlushLoop();
  bool AwaitSealed(Sealed* sealed, uint64_t* era);
  absl::Status FlushOne(const Sealed& sealed, uint64_t era);
  void CompactLoop();
  bool AwaitCompaction(CompactionPlan* plan, bool* is_full, uint64_t* era);
  absl::Status RunCompaction(const CompactionPlan& plan, uint64_t era);
  absl::Status Merge(const CompactionPlan& plan, TableRun& run, uint64_t era);
  void Pace(uint64_t bytes, Time begun);
  absl::Status WriteMemtable(const Memtable& memtable, TableRun& run, uint64_t era);
  absl::StatusOr<TableList> FinishRun(TableRun& run);
  absl::Status CommitRun(TableRun& run, const absl::Status& written, uint32_t level,
                         ManifestEdit edit, const Sealed* flushed, uint64_t era);
  // Errors: Aborted: it was begun on what is no more, or is held up.
  absl::Status GoOn(uint64_t era);
  std::vector<LogIndex> PinnedNow();
  // Makes an edit durable and then visible. `flushed`: the memtable that it replaces.
  absl::Status Commit(ManifestEdit edit, const TableList& added, const Sealed* flushed,
                      uint64_t era);
  absl::Status RecordDerived(const ManifestEdit& edit, const Levels& next)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(manifest_mu_);
  absl::Status Record(const ManifestEdit& edit, const Levels& next)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(manifest_mu_);
  static absl::Status Fatal(const absl::Status& status);
  void RotateManifest() ABSL_EXCLUSIVE_LOCKS_REQUIRED(manifest_mu_);
  absl::Status BeginManifest(const Levels& levels, LogIndex flushed)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(manifest_mu_);
  TableIdentity NextIdentity();
  bool PauseUntil(Time until);
  bool GoesOnAfter(const absl::Status& failed, uint64_t era);
  bool RetryLater(const absl::Status& failed);
  void Stop(const absl::Status& failure);

  Env env_;
  Storage& storage_;
  const LsmOptions options_;
  bool has_begun_before_ = false;  // there was a pointer to a manifest; set by Open
  BlockCache cache_;
  ObsoleteFiles obsolete_;
  std::function<void(LogIndex)> on_durable_;
  Counters counters_;

  std::atomic<uint64_t> applied_ = 0;
  std::atomic<uint64_t> flushed_ = 0;
  std::atomic<uint64_t> next_file_ = 1;
  std::atomic<bool> refuses_ = false;        // it has stopped, or is closed
  std::atomic<uint64_t> delay_per_kib_ = 0;  // nanoseconds; of WriteDelay

  const std::shared_ptr<ChunkPool> chunk_pool_;

  // In this order, where more than one is held.
  Mutex apply_mu_;     // who writes into the active memtable, or seals it
  Mutex manifest_mu_;  // edits, one behind the other
  Mutex mu_;           // everything below; never held over I/O
  CondVar sealed_;     // for the flusher
  CondVar due_;        // for the compactor
  CondVar pause_;      // for either, when it is to do nothing for a while
  CondVar changed_;    // for those who wait for either
  std::shared_ptr<const ReadState> state_ ABSL_GUARDED_BY(mu_);
  std::vector<std::weak_ptr<const ReadView>> views_ ABSL_GUARDED_BY(mu_);
  uint64_t full_wanted_ ABSL_GUARDED_BY(mu_) = 0;  // full compactions asked for, and done
  uint64_t full_done_ ABSL_GUARDED_BY(mu_) = 0;
  CompactionCursors cursors_ ABSL_GUARDED_BY(mu_);
  bool begun_ ABSL_GUARDED_BY(mu_) = false;
  bool held_ ABSL_GUARDED_BY(mu_) = false;
  uint64_t era_ ABSL_GUARDED_BY(mu_) = 1;  // counts what has replaced everything
  bool closing_ ABSL_GUARDED_BY(mu_) = false;
  absl::Status failure_ ABSL_GUARDED_BY(mu_);
  absl::Status trouble_ ABSL_GUARDED_BY(mu_);  // why the background waits: no room

  Memtable* active_ ABSL_GUARDED_BY(apply_mu_) = nullptr;  // the one of state_
  // Read from batches, not yet in the memtable; a few. Empty while nobody applies.
  std::vector<InternalEntry> gathered_ ABSL_GUARDED_BY(apply_mu_);

  std::unique_ptr<ManifestWriter> manifest_ ABSL_GUARDED_BY(manifest_mu_);
  uint64_t manifest_number_ ABSL_GUARDED_BY(manifest_mu_) = 0;  // of the last that was begun
  uint64_t manifest_begun_bytes_ ABSL_GUARDED_BY(manifest_mu_) = 0;

  TableList spares_ ABSL_GUARDED_BY(manifest_mu_);  // derived: of the last life, until Begin

  std::unique_ptr<Task> flusher_;
  std::unique_ptr<Task> compactor_;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_LSM_LSM_STORE_H_
