// How an LSM comes up: from the manifest to the tables, and the first change.
#include <algorithm>
#include <map>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/lsm/lsm_store.h"
#include "engine/storage/errors.h"

namespace wt {
namespace {

// Not so what cannot be read now, nor what only a newer program can.
bool IsGone(const absl::Status& status) {
  return absl::IsDataLoss(status) || absl::IsNotFound(status);
}

}  // namespace

absl::StatusOr<std::unique_ptr<LsmStore>> LsmStore::Open(Env env, Storage& storage,
                                                         LsmOptions options) {
  WT_RETURN_IF_ERROR(CheckLsmOptions(options));
  std::unique_ptr<LsmStore> store(new LsmStore(env, storage, std::move(options)));
  WT_RETURN_IF_ERROR(store->Recover());
  return store;
}

absl::Status LsmStore::Recover() {
  std::map<uint64_t, PlacedTable> live;
  LogIndex flushed;
  uint64_t next_file = 1;
  const absl::Status read = ReadTables(live, flushed, next_file);
  if (!options_.derived || !IsGone(read)) WT_RETURN_IF_ERROR(read);
  if (options_.derived) {
    WT_SOMETIMES(env_.events, "lsm.spare_tables_lost", !read.ok());
    if (read.ok()) WT_RETURN_IF_ERROR(KeepAsSpare(live));
    live.clear();
    flushed = LogIndex(0);
  }
  ManifestEdit whole;
  TableList tables;
  for (const auto& [number, placed] : live) {
    WT_ASSIGN_OR_RETURN(TableRef table, OpenTable(placed.table));
    tables.push_back(std::move(table));
    whole.added.push_back(placed);
  }
  WT_ASSIGN_OR_RETURN(std::shared_ptr<const Levels> levels, Levels().With(whole, tables));
  WT_ASSIGN_OR_RETURN(const std::vector<FileDesc> files, storage_.List(kAllFileTypes));
  for (const FileDesc& fd : files) next_file = std::max(next_file, fd.number + 1);
  next_file_ = next_file;
  flushed_ = flushed.value();
  applied_ = flushed.value();
  auto active = std::make_shared<Memtable>(chunk_pool_);
  MutexLock apply(apply_mu_);
  active_ = active.get();
  MutexLock lock(mu_);
  Publish(std::move(active), {}, std::move(levels));
  return absl::OkStatus();
}

// What the manifest that counts says.
absl::Status LsmStore::ReadTables(std::map<uint64_t, PlacedTable>& live, LogIndex& flushed,
                                  uint64_t& next_file) {
  absl::StatusOr<FileDesc> pointer = storage_.GetMeta();
  if (absl::IsNotFound(pointer.status())) {
    WT_RETURN_IF_ERROR(CheckBlank());
  } else {
    WT_RETURN_IF_ERROR(pointer.status());
    has_begun_before_ = true;
    WT_ASSIGN_OR_RETURN(const ManifestContent content, ReadManifest(storage_, *pointer));
    WT_SOMETIMES(env_.events, "lsm.manifest_tail_cut", content.tail_cut);
    for (const ManifestEdit& edit : content.edits) {
      flushed = std::max(flushed, edit.flushed.value_or(LogIndex(0)));
      next_file = std::max(next_file, edit.next_file.value_or(1));
      for (const RemovedTable& removed : edit.removed) {
        if (live.erase(removed.number) == 1) continue;
        return CorruptedError(
            *pointer, absl::StrFormat("removes table %d, which is not there", removed.number));
      }
      for (const PlacedTable& added : edit.added) live[added.table.file()] = added;
    }
  }
  return absl::OkStatus();
}

// Those that are whole.
absl::Status LsmStore::KeepAsSpare(const std::map<uint64_t, PlacedTable>& recorded) {
  MutexLock one(manifest_mu_);
  for (const auto& [number, placed] : recorded) {
    absl::StatusOr<TableRef> table = OpenTable(placed.table);
    if (!IsGone(table.status())) WT_RETURN_IF_ERROR(table.status());
    WT_SOMETIMES(env_.events, "lsm.spare_table_lost", !table.ok());
    if (table.ok()) spares_.push_back(*std::move(table));
  }
  return absl::OkStatus();
}

// A pointer is written after the first manifest and before the first table.
absl::Status LsmStore::CheckBlank() {
  WT_ASSIGN_OR_RETURN(const std::vector<FileDesc> tables, storage_.List(FileType::kTable));
  if (tables.empty()) return absl::OkStatus();
  return CorruptedError({}, absl::StrFormat("there are %d tables and no pointer to a manifest: it "
                                            "was lost; restore it, or the folder from a backup",
                                            tables.size()));
}

absl::StatusOr<TableRef> LsmStore::OpenTable(const TableRecord& record) {
  const FileDesc fd{FileType::kTable, record.file()};
  absl::StatusOr<std::unique_ptr<StorageReader>> reader = storage_.Open(fd);
  if (absl::IsNotFound(reader.status())) {
    return CorruptedError(fd, "missing, though the manifest needs it");
  }
  WT_RETURN_IF_ERROR(reader.status());
  auto live = std::make_shared<LiveTable>();
  live->record = record;
  WT_ASSIGN_OR_RETURN(live->table, Table::Open(*std::move(reader), {fd, record.identity},
                                               {.cache = &cache_,
                                                .verify_always = options_.verify_always,
                                                .use_mapping = options_.use_mapping}));
  if (!IsSameTable(RecordOf(live->table->info()), record)) {
    return CorruptedError(fd, "a whole table, but not the one that the manifest means");
  }
  return TableRef(std::move(live));
}

absl::Status LsmStore::Begin() {
  {
    MutexLock one(manifest_mu_);
    WT_RETURN_IF_ERROR(BeginManifest(*levels(), durable_index()));
    spares_.clear();
    WT_RETURN_IF_ERROR(RemoveLeftovers());
  }
  MutexLock lock(mu_);
  WT_CHECK(!begun_);
  StartBackground();
  return absl::OkStatus();
}

void LsmStore::StartBackground() {
  begun_ = true;
  flusher_ = env_.tasks.Spawn("flusher", [this] { FlushLoop(); });
  compactor_ = env_.tasks.Spawn("compactor", [this] { CompactLoop(); });
}

// What no manifest needs: tables that a crash left half-made or not yet removed, older manifests.
absl::Status LsmStore::RemoveLeftovers() {
  const std::shared_ptr<const Levels> live = levels();
  const auto is_live = [&](const FileDesc& fd) {
    if (fd.type == FileType::kManifest) return fd.number == manifest_->number();
    for (uint32_t level = 0; level < kLevels; ++level) {
      for (const TableRef& one : live->level(level)) {
        if (one->record.file() == fd.number) return true;
      }
    }
    return false;
  };
  WT_ASSIGN_OR_RETURN(
      const std::vector<FileDesc> files,
      storage_.List(FileTypes(FileType::kTable) | FileType::kManifest | FileType::kTemp));
  for (const FileDesc& fd : files) {
    if (is_live(fd)) continue;
    env_.events.Reached("lsm.leftovers_removed");
    obsolete_.Add(fd);
  }
  obsolete_.RemoveAll();
  return absl::OkStatus();
}

}  // namespace wt
