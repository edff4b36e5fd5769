// What an LSM does beside its readers and its writer: flush, merge, and record both.
#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/lsm/lsm_store.h"
#include "engine/lsm/merging_iterator.h"
#include "engine/lsm/retention.h"
#include "engine/storage/errors.h"

namespace wt {
namespace {

// Between two looks whether a full disk has room again.
constexpr Duration kRoomRetry = std::chrono::milliseconds(100);
constexpr uint64_t kEntriesPerLook = 1024;  // whether to go on, and how fast

}  // namespace

// ---- Flushing

void LsmStore::FlushLoop() {
  Sealed sealed;
  uint64_t era = 0;
  while (AwaitSealed(&sealed, &era)) {
    const absl::Status flushed = FlushOne(sealed, era);
    const LogIndex last = sealed.last;
    sealed = {};  // lets go of the memtable
    if (flushed.ok()) {
      if (on_durable_) on_durable_(last);
    } else if (!GoesOnAfter(flushed, era)) {
      return Stop(flushed);
    }
  }
}

// The oldest. False when it is over.
bool LsmStore::AwaitSealed(Sealed* sealed, uint64_t* era) {
  MutexLock lock(mu_);
  while ((held_ || state_->sealed.empty()) && failure_.ok() && !closing_) sealed_.Wait(mu_);
  if (!failure_.ok() || closing_) return false;
  *era = era_;
  *sealed = state_->sealed.back();
  return true;
}

absl::Status LsmStore::FlushOne(const Sealed& sealed, uint64_t era) {
  if (options_.make_log_durable) WT_RETURN_IF_ERROR(options_.make_log_durable(sealed.last));
  TableRun run(storage_, obsolete_, options_.table, ~uint64_t{0},
               [this] { return NextIdentity(); });
  const absl::Status written = WriteMemtable(*sealed.memtable, run, era);
  ManifestEdit edit{.flushed = sealed.last};
  WT_RETURN_IF_ERROR(CommitRun(run, written, 0, std::move(edit), &sealed, era));
  ++counters_.flushes;
  counters_.flushed_bytes += run.bytes();
  return absl::OkStatus();
}

absl::Status LsmStore::WriteMemtable(const Memtable& memtable, TableRun& run, uint64_t era) {
  Retention keeps(PinnedNow());
  std::unique_ptr<InternalIterator> it = memtable.NewIterator();
  uint64_t entries = 0;
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    if (++entries % kEntriesPerLook == 0) WT_RETURN_IF_ERROR(GoOn(era));
    if (keeps.Keep(it->entry())) WT_RETURN_IF_ERROR(run.Add(it->entry()));
  }
  return it->status();
}

absl::StatusOr<TableList> LsmStore::FinishRun(TableRun& run) {
  WT_ASSIGN_OR_RETURN(const std::vector<TableInfo> tables, run.Finish());
  TableList opened;
  for (const TableInfo& table : tables) {
    WT_ASSIGN_OR_RETURN(TableRef ref, OpenTable(RecordOf(table)));
    opened.push_back(std::move(ref));
  }
  return opened;
}

// The tables of a run, whose writing has ended with `written`, join `level` by `edit`.
absl::Status LsmStore::CommitRun(TableRun& run, const absl::Status& written, uint32_t level,
                                 ManifestEdit edit, const Sealed* flushed, uint64_t era) {
  const absl::StatusOr<TableList> tables =
      written.ok() ? FinishRun(run) : absl::StatusOr<TableList>(written);
  if (!tables.ok()) {
    run.Abandon();
    return tables.status();
  }
  for (const TableRef& one : *tables) edit.added.push_back({level, one->record});
  absl::Status recorded = Commit(std::move(edit), *tables, flushed, era);
  // Else a manifest may name them, after a crash.
  if (!recorded.ok() && options_.derived) run.Abandon();
  return recorded;
}

// ---- Merging

void LsmStore::CompactLoop() {
  CompactionPlan plan;
  bool is_full = false;
  uint64_t era = 0;
  while (AwaitCompaction(&plan, &is_full, &era)) {
    const absl::Status merged = RunCompaction(plan, era);
    plan = {};  // lets go of the tables
    if (!merged.ok() && !GoesOnAfter(merged, era)) return Stop(merged);
    if (!merged.ok() || !is_full) continue;
    MutexLock lock(mu_);
    ++full_done_;
    changed_.SignalAll();
  }
}

// False when it is over.
bool LsmStore::AwaitCompaction(CompactionPlan* plan, bool* is_full, uint64_t* era) {
  MutexLock lock(mu_);
  for (;;) {
    if (!failure_.ok() || closing_) return false;
    if (held_) {
      due_.Wait(mu_);
      continue;
    }
    *era = era_;
    std::optional<CompactionPlan> next;
    *is_full = full_done_ < full_wanted_;
    if (*is_full) {
      next = PlanFullCompaction(*state_->levels);
    } else if (options_.compaction) {
      next = PlanCompaction(*state_->levels, options_, cursors_);
    }
    if (next.has_value()) {
      *plan = *std::move(next);
      return true;
    }
    if (*is_full) {  // nothing at all
      full_done_ = full_wanted_;
      changed_.SignalAll();
      continue;
    }
    due_.Wait(mu_);
  }
}

absl::Status LsmStore::RunCompaction(const CompactionPlan& plan, uint64_t era) {
  ManifestEdit edit{.removed = plan.Removed()};
  if (plan.is_move) {
    edit.added.push_back({plan.output_level, plan.inputs[0].second[0]->record});
    WT_RETURN_IF_ERROR(Commit(std::move(edit), {}, nullptr, era));
    ++counters_.moves;
    env_.events.Reached("lsm.table_moved");
    return absl::OkStatus();
  }
  TableRun run(storage_, obsolete_, options_.table, options_.table_bytes,
               [this] { return NextIdentity(); });
  const absl::Status merged = Merge(plan, run, era);
  WT_RETURN_IF_ERROR(CommitRun(run, merged, plan.output_level, std::move(edit), nullptr, era));
  ++counters_.compactions;
  counters_.compacted_bytes_in += plan.input_bytes();
  counters_.compacted_bytes_out += run.bytes();
  env_.events.Reached("lsm.tables_merged");
  return absl::OkStatus();
}

absl::Status LsmStore::Merge(const CompactionPlan& plan, TableRun& run, uint64_t era) {
  const std::shared_ptr<const Levels> levels = this->levels();
  Retention keeps(PinnedNow(),
                  [&](std::string_view key) { return levels->MayBeBelow(plan.output_level, key); });
  std::vector<std::unique_ptr<InternalIterator>> inputs;
  for (const auto& [level, tables] : plan.inputs) {
    if (level > 0) {
      inputs.push_back(NewLevelIterator(tables));
      continue;
    }
    for (const TableRef& one : tables) inputs.push_back(one->table->NewIterator());
  }
  const std::unique_ptr<InternalIterator> it = NewMergingIterator(std::move(inputs));
  const Time begun = env_.clock.Now();
  uint64_t entries = 0;
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    if (++entries % kEntriesPerLook == 0) {
      Pace(run.bytes(), begun);
      WT_RETURN_IF_ERROR(GoOn(era));
    }
    if (keeps.Keep(it->entry())) WT_RETURN_IF_ERROR(run.Add(it->entry()));
  }
  return it->status();
}

// Pauses as long as so many bytes since `begun` are more than the limit allows.
void LsmStore::Pace(uint64_t bytes, Time begun) {
  const uint64_t limit = options_.compaction_bytes_per_second;
  if (limit == 0) return;
  (void)PauseUntil(begun + TimeToWrite(bytes, limit));
}

// Or until there is something else to do. False when it is over.
bool LsmStore::PauseUntil(Time until) {
  MutexLock lock(mu_);
  while (failure_.ok() && !closing_) {
    const Time now = env_.clock.Now();
    if (held_ || now >= until) return true;
    pause_.WaitFor(mu_, until - now);
  }
  return false;
}

// Whether there is to be another turn after one, begun in `era`, that has failed. One that was held
// up has nothing to tell, even where that is over by now.
bool LsmStore::GoesOnAfter(const absl::Status& failed, uint64_t era) {
  WT_CHECK(!failed.ok());
  return absl::IsAborted(failed) || absl::IsAborted(GoOn(era)) || RetryLater(failed);
}

absl::Status LsmStore::GoOn(uint64_t era) {
  MutexLock lock(mu_);
  if (held_ || era != era_) return absl::AbortedError("all of it is being replaced");
  return StoppedStatus();
}

std::vector<LogIndex> LsmStore::PinnedNow() {
  MutexLock lock(mu_);
  return Pinned();
}

// ---- Recording

TableIdentity LsmStore::NextIdentity() {
  return {.number = next_file_++, .salt = env_.random.Next("lsm.salt")};
}

absl::Status LsmStore::Commit(ManifestEdit edit, const TableList& added, const Sealed* flushed,
                              uint64_t era) {
  MutexLock one(manifest_mu_);
  WT_RETURN_IF_ERROR(GoOn(era));  // else the manifest may be one that no longer counts
  WT_ASSIGN_OR_RETURN(std::shared_ptr<const Levels> next, levels()->With(edit, added));
  edit.next_file = next_file_.load();
  if (const absl::Status recorded =
          options_.derived ? RecordDerived(edit, *next) : Record(edit, *next);
      !recorded.ok()) {
    if (options_.derived && absl::IsResourceExhausted(recorded)) return recorded;
    Stop(recorded);  // before anybody else records
    return recorded;
  }
  {
    MutexLock lock(mu_);
    std::vector<Sealed> sealed = state_->sealed;
    if (flushed != nullptr) {
      WT_CHECK(!sealed.empty() && sealed.back().memtable == flushed->memtable);
      sealed.pop_back();
      flushed_ = flushed->last.value();
    }
    Publish(state_->active, std::move(sealed), std::move(next));
    trouble_ = absl::OkStatus();
    changed_.SignalAll();
    due_.SignalOne();
  }
  for (const RemovedTable& removed : edit.removed) {
    const bool stays = std::any_of(edit.added.begin(), edit.added.end(), [&](const auto& placed) {
      return placed.table.file() == removed.number;
    });
    if (!stays) obsolete_.Add({FileType::kTable, removed.number});
  }
  RotateManifest();
  obsolete_.RemoveAll();
  return absl::OkStatus();
}

// Durable when it returns OK. Where an append has failed for want of room the edit may still turn
// up after a crash, so there is no way back: a manifest that has it is begun, as soon as there is
// room. So it is where the manifest would become longer than can be read; where the new one would
// be too, the store stops with what it has. Errors: fatal.
absl::Status LsmStore::Record(const ManifestEdit& edit, const Levels& next) {
  const LogIndex flushed = edit.flushed.value_or(durable_index());
  if (manifest_ != nullptr) {
    const absl::Status appended = manifest_->Append(edit);
    const bool is_full = absl::IsOutOfRange(appended);
    if (!is_full && !absl::IsResourceExhausted(appended)) return Fatal(appended);
    if (!is_full) env_.events.Reached("lsm.manifest_had_no_room");
  }
  for (;;) {
    const absl::Status begun = BeginManifest(next, flushed);
    if (begun.ok() || !RetryLater(begun)) return Fatal(begun);
  }
}

// Nothing rests on this manifest: whatever a crash leaves of it, tables that it does not lead to
// are only written again. So there is no need to wait for room with the edit half-recorded.
absl::Status LsmStore::RecordDerived(const ManifestEdit& edit, const Levels& next) {
  if (manifest_ == nullptr) return BeginManifest(next, edit.flushed.value_or(durable_index()));
  const absl::Status appended = manifest_->Append(edit);
  if (absl::IsOutOfRange(appended)) {
    return BeginManifest(next, edit.flushed.value_or(durable_index()));
  }
  if (!appended.ok()) manifest_ = nullptr;
  return appended;
}

// So that nobody takes it for a want of room and gives up what may be durable.
absl::Status LsmStore::Fatal(const absl::Status& status) {
  if (!absl::IsResourceExhausted(status)) return status;
  return Unavailable("the manifest: %s", MessageOf(status));
}

absl::Status LsmStore::BeginManifest(const Levels& levels, LogIndex flushed) {
  ManifestEdit whole = levels.Whole();
  const TableIdentity identity = NextIdentity();
  whole.flushed = flushed;
  whole.next_file = next_file_.load();
  absl::StatusOr<std::unique_ptr<ManifestWriter>> begun =
      ManifestWriter::Create(storage_, identity.number, identity.salt, whole);
  if (!begun.ok()) {
    // Not where the pointer may name it.
    if (!IsInDoubt(begun.status())) obsolete_.Add({FileType::kManifest, identity.number});
    obsolete_.RemoveAll();
    return begun.status();
  }
  if (manifest_number_ != 0) obsolete_.Add({FileType::kManifest, manifest_number_});
  manifest_ = *std::move(begun);
  manifest_number_ = identity.number;
  manifest_begun_bytes_ = manifest_->bytes();
  ++counters_.manifests;
  return absl::OkStatus();
}

// When it is long. One that cannot be begun now is begun later.
void LsmStore::RotateManifest() {
  if (!IsManifestLong(manifest_->bytes(), manifest_begun_bytes_, options_.manifest_bytes)) return;
  const absl::Status begun = BeginManifest(*levels(), durable_index());
  WT_SOMETIMES(env_.events, "lsm.manifest_rotated", begun.ok());
  // Which of the two counts is not known: no edit may go to either.
  if (IsInDoubt(begun)) Stop(begun);
}

// Whether it is worth another try, after a while.
bool LsmStore::RetryLater(const absl::Status& failed) {
  WT_CHECK(!failed.ok());
  if (!absl::IsResourceExhausted(failed)) return false;
  ++counters_.retries;
  {
    MutexLock lock(mu_);
    trouble_ = failed;
    changed_.SignalAll();
  }
  return PauseUntil(env_.clock.Now() + kRoomRetry);
}

}  // namespace wt
