#include "scenarios/invariants/append_only.h"

#include <algorithm>

#include "absl/strings/str_format.h"

namespace wt::scenarios {
namespace {

bool IsLog(std::string_view path) { return path.starts_with("log/"); }
bool IsSnapshot(std::string_view path) { return path.starts_with("snapshot/"); }
// Of a database, or of a replica's state.
bool IsTable(std::string_view path) {
  return path.starts_with("tables/") || path.starts_with("state/");
}

}  // namespace

void AppendOnly::OnCreate(std::string_view path) {
  if (IsLog(path)) ends_.insert_or_assign(std::string(path), Ends{});
}

void AppendOnly::OnContent(std::string_view path, uint64_t offset, std::string_view bytes) {
  if (!IsLog(path)) return;
  Ends& ends = ends_[std::string(path)];
  is_zeros_ = offset >= ends.written && bytes.find_first_not_of('\0') == bytes.npos;
  if (disk_ == nullptr) return;
  restores_ = offset < ends.durable && Restores(path, ends, offset, bytes);
  if (offset < ends.durable) return;
  if (ends.content.size() < offset + bytes.size()) ends.content.resize(offset + bytes.size());
  ends.content.replace(offset, bytes.size(), bytes);
}

bool AppendOnly::Restores(std::string_view path, const Ends& ends, uint64_t offset,
                          std::string_view bytes) const {
  if (offset + bytes.size() > ends.durable) return false;
  for (uint64_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == ends.content[offset + i]) continue;
    const uint64_t sector = (offset + i) / kSectorBytes * kSectorBytes;
    if (bytes[i] != 0 || !disk_->Harmed(path, sector, sector + kSectorBytes)) return false;
  }
  return true;
}

void AppendOnly::OnSync(std::string_view path, uint64_t) {
  const auto found = ends_.find(path);
  if (found != ends_.end()) found->second.durable = found->second.written;
}

void AppendOnly::OnWrite(std::string_view path, uint64_t offset, uint64_t size, uint64_t) {
  if (!IsLog(path)) return;
  judge_.Evaluated("wal-append-only");
  if (is_zeros_) return;
  Ends& ends = ends_[std::string(path)];
  if (offset < ends.durable && !restores_) {
    judge_.Fail("wal-append-only",
                absl::StrFormat("%d bytes were written at %d of %s, whose first %d are durable",
                                size, offset, path, ends.durable));
  }
  ends.written = std::max(ends.written, offset + size);
}

bool AppendOnly::IsBelowDurableEnd(std::string_view path, uint64_t offset) const {
  const auto found = ends_.find(path);
  return found != ends_.end() && offset < found->second.durable;
}

void AppendOnly::OnTruncate(std::string_view path, uint64_t size, uint64_t durable_end) {
  if (!IsLog(path)) return;
  judge_.Evaluated("wal-append-only");
  if (size >= durable_end) return;
  judge_.Fail("wal-append-only",
              absl::StrFormat("%s was cut to %d, though its first %d are durable", path, size,
                              durable_end));
}

void AppendOnly::OnRename(std::string_view from, std::string_view to) {
  if (!IsLog(from) && !IsLog(to)) return;
  judge_.Fail("wal-append-only", absl::StrFormat("%s was renamed to %s", from, to));
}

// A new file of the same name is another attempt.
void FaultsContained::OnCreate(std::string_view path) {
  failed_snapshot_files_.erase(std::string(path));
  failed_tables_.erase(std::string(path));
}

void FaultsContained::OnSync(std::string_view path, uint64_t) {
  if (!failed_tables_.contains(path)) return;
  judge_.Fail("disk-faults-contained",
              absl::StrFormat("a sync of %s failed, and was tried again into success", path));
}

void FaultsContained::OnSyncFailed(std::string_view path) {
  if (IsLog(path)) log_sync_failed_ = true;
  if (IsSnapshot(path)) failed_snapshot_files_.insert(std::string(path));
  if (!IsTable(path)) return;
  judge_.Evaluated("disk-faults-contained");
  failed_tables_.emplace(path);
}

void FaultsContained::OnEvent(sim::Machine&, sim::SimTime, const Event& event) {
  switch (event.kind) {
    case EventKind::kEngineOpening:
      log_sync_failed_ = false;
      synced_ = LogIndex(0);
      failed_snapshot_files_.clear();
      failed_tables_.clear();
      return;
    case EventKind::kLogSynced:
      if (log_sync_failed_) {
        judge_.Fail("disk-faults-contained",
                    absl::StrFormat("a sync of the log failed, and later entries up to %d were "
                                    "called durable all the same",
                                    event.d));
      }
      synced_ = std::max(synced_, LogIndex(event.d));
      return;
    case EventKind::kCommitAdvanced:
      if (!log_sync_failed_ || owed_ == Owed::kSynced) return;
      judge_.Evaluated("disk-faults-contained");
      if (LogIndex(event.a) > synced_) {
        judge_.Fail("disk-faults-contained",
                    absl::StrFormat("a sync of the log failed, and entry %d was committed all the "
                                    "same",
                                    event.a));
      }
      return;
    case EventKind::kLogPoisoned:
      judge_.Evaluated("disk-faults-contained");
      return;
    case EventKind::kSnapshotCreated:
      for (const std::string& path : failed_snapshot_files_) {
        judge_.Evaluated("disk-faults-contained");
        if (path.find(event.text) == std::string::npos) continue;
        judge_.Fail("disk-faults-contained",
                    absl::StrFormat("a sync of %s failed, and %s was created all the same", path,
                                    event.text));
      }
      return;
    default:
      return;
  }
}

}  // namespace wt::scenarios
