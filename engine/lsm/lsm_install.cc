#include "engine/lsm/lsm_install.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/storage/errors.h"

namespace wt {
namespace {

constexpr uint64_t kCopyBytes = 64 * kKiB;

}  // namespace

// ---- The store's part

void LsmStore::Hold() {
  {
    MutexLock lock(mu_);
    WT_CHECK(!held_);
    held_ = true;
    pause_.SignalAll();
  }
  MutexLock one(manifest_mu_);  // what is being recorded now still counts
}

void LsmStore::Release() {
  MutexLock lock(mu_);
  WT_CHECK(held_);
  held_ = false;
  for (CondVar* waiting : {&sealed_, &due_}) waiting->SignalAll();
}

absl::Status LsmStore::Replace(std::shared_ptr<Memtable> active,
                               std::shared_ptr<const Levels> levels, LogIndex index,
                               LogIndex flushed) {
  WT_CHECK_LE(flushed, index);
  MutexLock apply(apply_mu_);
  MutexLock one(manifest_mu_);
  {
    MutexLock lock(mu_);
    WT_RETURN_IF_ERROR(StoppedStatus());
  }
  WT_RETURN_IF_ERROR(BeginManifest(*levels, flushed));
  active_ = active.get();
  {
    MutexLock lock(mu_);
    WT_CHECK(held_);
    ++era_;
    applied_ = index.value();
    flushed_ = flushed.value();
    cursors_ = {};
    trouble_ = absl::OkStatus();
    Publish(std::move(active), {}, std::move(levels));
    if (!begun_ && !closing_) StartBackground();
  }
  spares_.clear();
  // What cannot be listed now is found by the next one, or by the next life.
  (void)RemoveLeftovers();
  return absl::OkStatus();
}

// ---- The install

LsmInstall::LsmInstall(LsmStore& store) : store_(store) {
  WT_CHECK(store_.options_.derived);
  store_.Hold();
  const std::shared_ptr<const Levels> levels = store_.levels();
  for (uint32_t level = 0; level < kLevels; ++level) {
    here_.insert(here_.end(), levels->level(level).begin(), levels->level(level).end());
  }
  MutexLock one(store_.manifest_mu_);
  here_.insert(here_.end(), store_.spares_.begin(), store_.spares_.end());
}

LsmInstall::~LsmInstall() = default;

TableRef LsmInstall::FindHere(const TableRecord& record) {
  const auto found = std::find_if(here_.begin(), here_.end(), [&](const TableRef& one) {
    return IsSameTable(one->record, record);
  });
  return found == here_.end() ? nullptr : *found;
}

absl::Status LsmInstall::BeginTable(uint32_t level, const TableRecord& record) {
  WT_CHECK(writer_ == nullptr && offset_ == 0);
  if (level >= kLevels) return DataLoss("tables: one on level %d", level);
  placed_ = {level, record};
  like_ = FindHere(record);
  return like_ != nullptr ? absl::OkStatus() : WriteInstead();
}

bool LsmInstall::IsAsHere(std::string_view bytes) {
  const absl::StatusOr<std::string> there = like_->table->ReadBytes(offset_, bytes.size());
  return there.ok() && *there == bytes;
}

// From here on to a file of its own, with what was equal so far.
absl::Status LsmInstall::WriteInstead() {
  const uint64_t number = store_.NextIdentity().number;
  placed_.table.adopted_as = number;
  written_files_.push_back(number);
  WT_ASSIGN_OR_RETURN(writer_, store_.storage_.Create({FileType::kTable, number}));
  for (uint64_t at = 0; at < offset_;) {
    const uint64_t size = std::min(kCopyBytes, offset_ - at);
    WT_ASSIGN_OR_RETURN(const std::string bytes, like_->table->ReadBytes(at, size));
    WT_RETURN_IF_ERROR(writer_->Append(bytes));
    at += size;
  }
  like_ = nullptr;
  return absl::OkStatus();
}

absl::Status LsmInstall::AddPiece(std::string_view bytes) {
  if (offset_ + bytes.size() > placed_.table.bytes) {
    return DataLoss("tables: table %d is longer than %d bytes", placed_.table.identity.number,
                    placed_.table.bytes);
  }
  if (like_ != nullptr && !IsAsHere(bytes)) {
    store_.env_.events.Reached("lsm.adopted_table_differs");
    WT_RETURN_IF_ERROR(WriteInstead());
  }
  if (writer_ != nullptr) WT_RETURN_IF_ERROR(writer_->Append(bytes));
  offset_ += bytes.size();
  return absl::OkStatus();
}

absl::Status LsmInstall::CloseWriter() {
  WT_RETURN_IF_ERROR(writer_->Sync());
  WT_RETURN_IF_ERROR(writer_->Close());
  writer_ = nullptr;
  return absl::OkStatus();
}

absl::Status LsmInstall::EndTable() {
  if (offset_ != placed_.table.bytes) {
    return DataLoss("tables: table %d has %d bytes, want %d", placed_.table.identity.number,
                    offset_, placed_.table.bytes);
  }
  offset_ = 0;
  if (writer_ != nullptr) {
    WT_RETURN_IF_ERROR(CloseWriter());
    absl::StatusOr<TableRef> written = store_.OpenTable(placed_.table);
    // Of a newer program: nothing is wrong with this store.
    if (absl::IsFailedPrecondition(written.status())) {
      return DataLoss("tables: %s", MessageOf(written.status()));
    }
    WT_RETURN_IF_ERROR(written.status());
    tables_.push_back(*std::move(written));
    written_bytes_ += placed_.table.bytes;
  } else {
    placed_.table = like_->record;
    tables_.push_back(std::exchange(like_, nullptr));
    adopted_bytes_ += placed_.table.bytes;
  }
  WT_CHECK(placed_.table == tables_.back()->record);
  whole_.added.push_back(placed_);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<KeyValueIterator>> LsmInstall::Content(LogIndex index) {
  WT_CHECK(writer_ == nullptr && offset_ == 0);
  WT_ASSIGN_OR_RETURN(levels_, Levels().With(whole_, tables_));
  return store_.IteratorOver(loose_, levels_, index);
}

absl::Status LsmInstall::Finish(LogIndex index, LogIndex flushed) {
  WT_CHECK(!is_over_ && levels_ != nullptr);
  WT_RETURN_IF_ERROR(store_.Replace(loose_, levels_, index, flushed));
  is_over_ = true;
  WT_SOMETIMES(store_.env_.events, "lsm.install_adopted", adopted_bytes_ > 0);
  WT_SOMETIMES(store_.env_.events, "lsm.install_wrote", written_bytes_ > 0);
  store_.Release();
  return absl::OkStatus();
}

void LsmInstall::Abandon() {
  if (std::exchange(is_over_, true)) return;
  writer_ = nullptr;
  for (uint64_t number : written_files_) store_.obsolete_.Add({FileType::kTable, number});
  store_.obsolete_.RemoveAll();
  store_.Release();
}

}  // namespace wt
