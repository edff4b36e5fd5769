#include "engine/check.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/env/file_io.h"
#include "engine/log/recovery.h"
#include "engine/lsm/manifest.h"
#include "engine/lsm/table.h"
#include "engine/read_only_disk.h"
#include "engine/snapshot/snapshot_folder.h"
#include "engine/snapshot/snapshot_reader.h"
#include "engine/storage/errors.h"
#include "engine/storage/file_storage.h"

namespace wt {
namespace {

using Kind = CheckFinding::Kind;

constexpr std::string_view kLock = "LOCK";
constexpr std::string_view kLog = "log";
constexpr std::string_view kTables = "tables";
constexpr std::string_view kSnapshots = "snapshot";

constexpr std::string_view kLogLost =
    "acknowledged entries are lost: the folder will be refused; restore it from a backup or from "
    "another replica";
constexpr std::string_view kTableLost =
    "what is in it is lost or cannot be trusted: reads of it fail, or the folder is refused; "
    "restore it from a backup";
constexpr std::string_view kSnapshotLost =
    "an opening takes an older snapshot and the log, where they are there";
constexpr std::string_view kUnknown =
    "it may be whole: copy the disk as far as it can be read, and check the copy";
constexpr std::string_view kUntold =
    "it may be whole: say which of them is the log (--log-directory)";
constexpr std::string_view kOtherStore =
    "a store of another kind has what comes before, and that is not looked into";
constexpr std::string_view kNoStore =
    "if a store elsewhere has what comes before (RocksDB), it is whole: say so (--other-store); if "
    "not, acknowledged entries are lost";
constexpr int kDeepest = 4;  // folders in folders that may hold the log

class Silence final : public EventSink {
 public:
  void Emit(const Event&) override {}
  void Reached(std::string_view) override {}
};

// The number behind the first " at " of a message.
std::optional<uint64_t> OffsetIn(std::string_view what) {
  for (size_t at = what.find(" at "); at != what.npos; at = what.find(" at ", at + 1)) {
    uint64_t number = 0;
    size_t digits = at + 4;
    for (; digits < what.size() && what[digits] >= '0' && what[digits] <= '9'; ++digits) {
      number = number * 10 + static_cast<uint64_t>(what[digits] - '0');
    }
    if (digits > at + 4) return number;
  }
  return std::nullopt;
}

class Checker {
 public:
  Checker(Env env, const CheckOptions& options)
      : disk_(env.disk),
        env_{env.clock, env.tasks, disk_, env.network, silence_, env.random},
        options_(options) {}

  absl::StatusOr<CheckReport> Run(Disk& real) {
    WT_ASSIGN_OR_RETURN(const std::vector<DirectoryEntry> entries, disk_.List(""));
    for (const DirectoryEntry& one : entries) folders_[one.name] = one.is_directory;
    WT_RETURN_IF_ERROR(FindLog());
    if (logs_.empty() && !Has(kTables) && !Has(kSnapshots)) {
      return NotFound("there is neither a log nor tables nor snapshots");
    }
    std::unique_ptr<FileLock> lock;
    if (folders_.count(std::string(kLock)) > 0) {
      WT_ASSIGN_OR_RETURN(lock, real.Lock(kLock));
    }
    if (Has(kTables)) WT_RETURN_IF_ERROR(CheckTables());
    if (Has(kSnapshots)) WT_RETURN_IF_ERROR(CheckSnapshots());
    WT_RETURN_IF_ERROR(logs_.size() == 1 ? CheckLog() : NoLog());
    return std::move(report_);
  }

 private:
  bool Has(std::string_view folder) const {
    const auto found = folders_.find(std::string(folder));
    return found != folders_.end() && found->second;
  }

  void Note(std::string file, std::string what, std::string_view means) {
    report_.findings.push_back(
        {.kind = Kind::kFine, .file = std::move(file), .what = what, .means = std::string(means)});
  }

  // What is wrong with a file. Errors: what is not about the bytes there, like a newer format.
  absl::Status Wrong(std::string file, const absl::Status& what, std::string_view lost) {
    WT_CHECK(!what.ok());
    const bool is_damage = absl::IsDataLoss(what) || absl::IsNotFound(what) || IsCorrupted(what);
    if (!is_damage && !absl::IsUnavailable(what)) return WithContext(what, file);
    const std::string message = MessageOf(what);
    report_.findings.push_back({.kind = is_damage ? Kind::kDamage : Kind::kUnreadable,
                                .file = std::move(file),
                                .offset = OffsetIn(message),
                                .what = message,
                                .means = std::string(is_damage ? lost : kUnknown)});
    return absl::OkStatus();
  }

  // ---- Tables

  absl::Status CheckTables() {
    WT_ASSIGN_OR_RETURN(
        std::unique_ptr<Storage> storage,
        OpenFileStorage(env_, {.folder = std::string(kTables), .mode = StorageMode::kReadOnly}));
    if (options_.wrap_storage) {
      WT_ASSIGN_OR_RETURN(storage, options_.wrap_storage(std::move(storage)));
    }
    const absl::StatusOr<FileDesc> pointer = storage->GetMeta();
    WT_ASSIGN_OR_RETURN(const std::vector<FileDesc> files, storage->List(kAllFileTypes));
    if (!pointer.ok()) {
      const bool has_any = std::any_of(files.begin(), files.end(), [](const FileDesc& fd) {
        return fd.type == FileType::kTable;
      });
      is_blank_ = absl::IsNotFound(pointer.status()) && !has_any;
      if (is_blank_) return absl::OkStatus();
      return Wrong(PathOf("CURRENT"), pointer.status(), kTableLost);
    }
    has_begun_ = true;
    const absl::StatusOr<ManifestContent> content = ReadManifest(*storage, *pointer);
    if (!content.ok()) return Wrong(PathOf(*pointer), content.status(), kTableLost);
    if (content->tail_cut) {
      Note(PathOf(*pointer), "its last edit is torn",
           "a crash cut it short before anybody relied on it; the next opening leaves it out");
    }
    std::map<uint64_t, TableRecord> live;
    WT_RETURN_IF_ERROR(Replay(*pointer, *content, live));
    for (const auto& [number, record] : live) WT_RETURN_IF_ERROR(CheckTable(*storage, record));
    for (const FileDesc& fd : files) {
      if (fd == *pointer || (fd.type == FileType::kTable && live.count(fd.number) > 0)) continue;
      Note(PathOf(fd), "no manifest needs it", "the next opening removes it");
    }
    return storage->Close();
  }

  absl::Status Replay(const FileDesc& fd, const ManifestContent& content,
                      std::map<uint64_t, TableRecord>& live) {
    for (const ManifestEdit& edit : content.edits) {
      report_.in_tables = std::max(report_.in_tables, edit.flushed.value_or(LogIndex(0)));
      for (const RemovedTable& removed : edit.removed) {
        if (live.erase(removed.number) == 1) continue;
        const absl::Status what = CorruptedError(
            fd, absl::StrFormat("removes table %d, which is not there", removed.number));
        WT_RETURN_IF_ERROR(Wrong(PathOf(fd), what, kTableLost));
      }
      for (const PlacedTable& added : edit.added) {
        live[added.table.file()] = added.table;
      }
    }
    return absl::OkStatus();
  }

  absl::Status CheckTable(Storage& storage, const TableRecord& record) {
    const FileDesc fd{FileType::kTable, record.file()};
    ++report_.tables;
    report_.table_bytes += record.bytes;
    report_.table_entries += record.entries;
    absl::StatusOr<std::unique_ptr<StorageReader>> reader = storage.Open(fd);
    if (absl::IsNotFound(reader.status())) {
      return Wrong(PathOf(fd), CorruptedError(fd, "missing, though the manifest needs it"),
                   kTableLost);
    }
    if (!reader.ok()) return Wrong(PathOf(fd), reader.status(), kTableLost);
    const absl::StatusOr<std::unique_ptr<Table>> table =
        Table::Open(*std::move(reader), {fd, record.identity}, {.use_mapping = false});
    if (!table.ok()) return Wrong(PathOf(fd), table.status(), kTableLost);
    if (!IsSameTable(RecordOf((*table)->info()), record)) {
      return Wrong(PathOf(fd),
                   CorruptedError(fd, "a whole table, but not the one that the manifest means"),
                   kTableLost);
    }
    const absl::Status verified = (*table)->VerifyAll();
    return verified.ok() ? verified : Wrong(PathOf(fd), verified, kTableLost);
  }

  static std::string PathOf(std::string_view name) {
    return std::string(kTables) + "/" + std::string(name);
  }
  static std::string PathOf(const FileDesc& fd) { return PathOf(fd.ToString()); }

  // ---- Snapshots

  absl::Status CheckSnapshots() {
    WT_ASSIGN_OR_RETURN(const SnapshotCatalog catalog, ReadFolder(env_, kSnapshots));
    const std::string folder(kSnapshots);
    for (const absl::Status& damage : catalog.Damaged()) {
      WT_RETURN_IF_ERROR(Wrong(folder, damage, kSnapshotLost));
    }
    for (const KnownSnapshot& one : catalog.Valid()) {
      const std::string name = folder + "/" + DescriptionOf(*one.manifest).id;
      const auto reader = SnapshotReader::Open(disk_, kSnapshots, one.manifest);
      const absl::Status whole = reader.ok() ? (*reader)->Verify() : reader.status();
      if (!whole.ok()) {
        WT_RETURN_IF_ERROR(Wrong(name, whole, kSnapshotLost));
        continue;
      }
      ++report_.snapshots;
      report_.in_snapshots = std::max(report_.in_snapshots, DescriptionOf(*one.manifest).index);
    }
    return absl::OkStatus();
  }

  // ---- The log

  LogIndex Reached() const { return std::max(report_.in_tables, report_.in_snapshots); }

  // As told, or else where segments are.
  absl::Status FindLog() {
    report_.log = options_.log_directory.empty() ? std::string(kLog) : options_.log_directory;
    for (const std::string& name : {report_.log, report_.log + ".tmp"}) {
      WT_ASSIGN_OR_RETURN(const bool is_there, PathExists(disk_, name));
      if (is_there && logs_.empty()) logs_.push_back(report_.log);
    }
    if (!logs_.empty() || !options_.log_directory.empty()) return absl::OkStatus();
    for (const auto& [name, is_folder] : folders_) {
      const bool is_known = name == kTables || name == kSnapshots || name.starts_with("aside-");
      if (is_folder && !is_known) WT_RETURN_IF_ERROR(LookForSegments(name, 1));
    }
    if (logs_.size() == 1) report_.log = logs_.front();
    return absl::OkStatus();
  }

  absl::Status LookForSegments(const std::string& folder, int depth) {
    WT_ASSIGN_OR_RETURN(const std::vector<DirectoryEntry> entries, disk_.List(folder));
    const bool is_log = std::any_of(entries.begin(), entries.end(), [](const auto& one) {
      return !one.is_directory && SegmentNumber(one.name).has_value();
    });
    if (is_log) logs_.push_back(folder);
    for (const DirectoryEntry& one : entries) {
      if (!one.is_directory || depth == kDeepest) continue;
      WT_RETURN_IF_ERROR(LookForSegments(folder + "/" + one.name, depth + 1));
    }
    return absl::OkStatus();
  }

  absl::Status NoLog() {
    if (logs_.empty()) return Wrong(report_.log, DataLoss("the log is missing"), kLogLost);
    std::sort(logs_.begin(), logs_.end());
    return Untold("there is no log/, and segments are in " + absl::StrJoin(logs_, " and in "),
                  kUntold);
  }

  absl::Status Untold(std::string what, std::string_view means) {
    report_.findings.push_back({.kind = Kind::kUnreadable,
                                .file = report_.log,
                                .what = std::move(what),
                                .means = std::string(means)});
    return absl::OkStatus();
  }

  absl::Status CheckLog() {
    LogOptions log;
    log.directory = report_.log;
    WT_RETURN_IF_ERROR(CreateLogDirectory(disk_, report_.log));  // as an opening would find it
    WT_RETURN_IF_ERROR(TakeOwner(log));
    LogRecovery found;
    log.accept = [&found](const LogRecovery& seen) {
      found = seen;
      return absl::OkStatus();
    };
    const absl::StatusOr<RecoveredLog> recovered = RecoverLog(env_, log);
    if (!recovered.ok()) return Wrong(FileIn(recovered.status()), recovered.status(), kLogLost);
    report_.segments = recovered->segments.size() + recovered->superfluous.size();
    report_.first_index = found.first_index;
    report_.last_index = found.last_index;
    NoteTail(found);
    return CheckFit(found);
  }

  void NoteTail(const LogRecovery& found) {
    if (!found.tail_cut) return;
    const std::string what =
        absl::StrFormat("behind entry %d are bytes of no whole batch", found.last_index.value());
    Note(report_.log, what,
         found.tail_ambiguous
             ? "a write that a crash cut short, and nobody was told of; or, where nothing vouches "
               "for it, the very last batch, damaged since. The next opening cuts it off"
             : "left over from before the log came so far; the next opening leaves it out");
  }

  // The log must lead from what the tables or a snapshot have, without a hole.
  absl::Status CheckFit(const LogRecovery& found) {
    if (found.first_index > Reached() + 1 && is_blank_ && !Has(kSnapshots)) return Elsewhere(found);
    if (!found.gap.ok() && found.first_index > Reached() + 1) {
      WT_RETURN_IF_ERROR(Wrong(FileIn(found.gap), found.gap, kLogLost));
    }
    if (found.first_index > Reached() + 1) {
      return Wrong(report_.log,
                   DataLoss("begins with entry %d, and tables and snapshots end with entry %d",
                            found.first_index.value(), Reached().value()),
                   kLogLost);
    }
    if (found.last_index < report_.in_tables) {
      return Wrong(report_.log,
                   DataLoss("ends with entry %d, and the tables with entry %d",
                            found.last_index.value(), report_.in_tables.value()),
                   kLogLost);
    }
    if (found.segments > 0 || !has_begun_) return absl::OkStatus();
    return Wrong(report_.log, DataLoss("has no segment, and had one before there were tables"),
                 kLogLost);
  }

  // Tables were never begun here, and the log has let go of its beginning.
  absl::Status Elsewhere(const LogRecovery& found) {
    std::string what = absl::StrFormat("begins with entry %d", found.first_index.value());
    WT_ASSIGN_OR_RETURN(const bool is_known, HasRocksDb());
    if (!is_known && !options_.has_other_store) return Untold(std::move(what), kNoStore);
    Note(report_.log, std::move(what), kOtherStore);
    return absl::OkStatus();
  }

  absl::StatusOr<bool> HasRocksDb() {
    for (const auto& [name, is_folder] : folders_) {
      if (!is_folder) continue;
      WT_ASSIGN_OR_RETURN(const std::vector<DirectoryEntry> entries, disk_.List(name));
      const auto has = [&](std::string_view begin) {
        return std::any_of(entries.begin(), entries.end(),
                           [&](const auto& one) { return one.name.starts_with(begin); });
      };
      if (has("CURRENT") && has("MANIFEST-") && has("OPTIONS-")) return true;
    }
    return false;
  }

  // Whose log it is, from the first header that can be read.
  absl::Status TakeOwner(LogOptions& log) {
    WT_ASSIGN_OR_RETURN(std::vector<DirectoryEntry> files, disk_.List(report_.log));
    std::sort(files.begin(), files.end());
    for (const DirectoryEntry& one : files) {
      if (one.is_directory || !one.name.ends_with(".wal")) continue;
      const std::string path = report_.log + "/" + one.name;
      WT_ASSIGN_OR_RETURN(const std::unique_ptr<File> file, disk_.Open(path, OpenMode::kReadOnly));
      std::string block(kSegmentHeaderBytes, '\0');
      const absl::StatusOr<uint64_t> read = ReadFully(*file, 0, {block.data(), block.size()});
      if (!read.ok()) continue;
      const absl::StatusOr<SegmentHeader> header =
          DecodeSegmentHeader(std::string_view(block).substr(0, *read));
      if (!header.ok()) continue;
      log.cluster_id = header->cluster_id;
      log.node_id = header->node_id;
      return absl::OkStatus();
    }
    return absl::OkStatus();
  }

  // The name of a segment, where the message says one.
  std::string FileIn(const absl::Status& what) const {
    const std::string message = MessageOf(what);
    const size_t from = message.find(report_.log + "/");
    const size_t to = message.find(".wal", from);
    if (from == message.npos || to == message.npos) return report_.log;
    return message.substr(from, to + 4 - from);
  }

  Silence silence_;
  ReadOnlyDisk disk_;
  Env env_;
  const CheckOptions& options_;
  std::map<std::string, bool> folders_;  // in the data folder: whether it is one
  std::vector<std::string> logs_;        // what may be the log
  bool is_blank_ = false;                // tables were never begun
  bool has_begun_ = false;               // they were
  CheckReport report_;
};

}  // namespace

bool CheckReport::Has(CheckFinding::Kind kind) const {
  return std::any_of(findings.begin(), findings.end(),
                     [&](const CheckFinding& one) { return one.kind == kind; });
}

absl::StatusOr<CheckReport> CheckFolder(Env env, const CheckOptions& options) {
  return Checker(env, options).Run(env.disk);
}

}  // namespace wt
