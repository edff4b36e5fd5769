#include "engine/database.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/status.h"

namespace wt {
namespace {

absl::Status CheckKey(std::string_view key) {
  if (key.size() <= kMaxStoreKeyBytes) return absl::OkStatus();
  return InvalidArgument("a key of %d bytes, at most %d", key.size(), kMaxStoreKeyBytes);
}

}  // namespace

Database::~Database() = default;

// ---- Writing

absl::Status Database::Write(std::string_view key, std::string_view value, Durability durability) {
  WriteBatch batch;
  batch.Put(key, value);
  return BatchWrite(batch, durability);
}

absl::Status Database::Delete(std::string_view key, Durability durability) {
  WriteBatch batch;
  batch.Delete(key);
  return BatchWrite(batch, durability);
}

absl::Status Database::BatchWrite(const WriteBatch& batch, Durability durability) {
  WT_RETURN_IF_ERROR(CheckBatch(batch.bytes(), kMaxStoreKeyBytes, kMaxStoreValueBytes));
  if (batch.bytes().size() > options_.log.max_entry_bytes) {
    return InvalidArgument("a batch of %d bytes, at most %d: split it", batch.bytes().size(),
                           options_.log.max_entry_bytes);
  }
  if (batch.empty()) return absl::OkStatus();
  return Commit(batch.bytes(), durability);
}

// Whoever comes first leads: it writes for all who came meanwhile, and hands on.
absl::Status Database::Commit(std::string_view batch, Durability durability) {
  Writer self{.batch = batch, .is_synced = durability == Durability::kSynced};
  std::vector<Writer*> group;
  absl::Status written;
  {
    MutexLock lock(queue_mu_);
    WT_RETURN_IF_ERROR(StoppedStatus());
    queue_.push_back(&self);
    if (has_leader_) {
      CondVar changed(env_.tasks);
      self.changed = &changed;
      while (!self.is_done && !self.leads) changed.Wait(queue_mu_);
      self.changed = nullptr;
      if (self.is_done) return self.status;
    }
    has_leader_ = true;
    group = TakeGroup();
    written = StoppedStatus();  // by whoever led before
  }
  WT_CHECK(!group.empty() && group.front() == &self);
  if (written.ok()) written = WriteGroup(group);
  MutexLock lock(queue_mu_);
  for (Writer* const one : group) {
    if (one == &self) continue;
    one->status = written;
    one->is_done = true;
    one->changed->SignalOne();
  }
  has_leader_ = !queue_.empty();
  if (has_leader_) {
    queue_.front()->leads = true;
    queue_.front()->changed->SignalOne();
  }
  return written;
}

absl::Status Database::StoppedStatus() const {
  if (!failure_.ok()) {
    return FailedPrecondition("the database has stopped: %s", MessageOf(failure_));
  }
  if (closed_) return FailedPrecondition("the database is closed");
  return absl::OkStatus();
}

std::vector<Database::Writer*> Database::TakeGroup() {
  std::vector<Writer*> group;
  uint64_t bytes = 0;
  while (!queue_.empty()) {
    bytes += queue_.front()->batch.size();
    if (!group.empty() && bytes > std::min(options_.group_bytes, options_.log.max_entry_bytes))
      break;
    group.push_back(queue_.front());
    queue_.pop_front();
  }
  return group;
}

absl::Status Database::WriteGroup(const std::vector<Writer*>& group) {
  uint64_t bytes = 0;
  for (const Writer* one : group) bytes += one->batch.size();
  if (const Duration delay = store_->WriteDelay(bytes); delay > Duration::zero()) {
    env_.tasks.SleepFor(delay);
  }
  WT_RETURN_IF_ERROR(store_->AwaitRoom());  // before a byte of it is anywhere
  const absl::Status appended = AppendGroup(group);
  if (absl::IsResourceExhausted(appended) || absl::IsInvalidArgument(appended)) return appended;
  WT_RETURN_IF_ERROR(Stop(appended));
  const bool is_synced =
      std::any_of(group.begin(), group.end(), [](const Writer* one) { return one->is_synced; });
  if (is_synced) WT_RETURN_IF_ERROR(Stop(log_->Sync()));
  env_.events.Emit(
      {.kind = EventKind::kCommitAdvanced, .a = entry_.index.value(), .b = entry_.index.value()});
  WT_RETURN_IF_ERROR(Stop(store_->Apply(entry_.index, entry_.command)));
  env_.events.Emit(
      {.kind = EventKind::kEntryApplied, .a = entry_.index.value(), .b = term_.value()});
  groups_.fetch_add(1, std::memory_order_relaxed);
  writes_.fetch_add(group.size(), std::memory_order_relaxed);
  return absl::OkStatus();
}

// One entry for all: they take effect together.
absl::Status Database::AppendGroup(const std::vector<Writer*>& group) {
  entry_.term = term_;
  entry_.index = store_->applied_index() + 1;
  entry_.timestamp = env_.clock.WallNow();
  entry_.command.clear();
  for (const Writer* one : group) entry_.command.append(one->batch);
  return log_->Append(entry_).status();
}

// Whether what is in the log will be found there is known only at the next open.
absl::Status Database::Stop(const absl::Status& failure) {
  if (failure.ok()) return failure;
  MutexLock lock(queue_mu_);
  if (failure_.ok()) {
    failure_ = failure;
    env_.events.Emit({.kind = EventKind::kEngineStopped, .text = MessageOf(failure)});
  }
  return Unavailable("the outcome is unknown: %s", MessageOf(failure));
}

absl::Status Database::failure() {
  {
    MutexLock lock(queue_mu_);
    if (!failure_.ok()) return failure_;
  }
  return store_->failure();
}

// ---- Reading

absl::StatusOr<std::optional<std::string>> Database::Read(std::string_view key,
                                                          const ReadView* view) {
  WT_RETURN_IF_ERROR(CheckKey(key));
  return store_->Read(key, view);
}

absl::StatusOr<KeyValues> Database::RangeScan(const ScanOptions& options) {
  KeyValues found;
  const std::unique_ptr<KeyValueIterator> it = NewIterator(options.range, options.view);
  options.backward ? it->SeekToLast() : it->SeekToFirst();
  while (it->Valid() && found.size() < options.limit) {
    found.emplace_back(it->key(), it->value());
    options.backward ? it->Prev() : it->Next();
  }
  WT_RETURN_IF_ERROR(it->status());
  return found;
}

std::unique_ptr<KeyValueIterator> Database::NewIterator(KeyRange range,
                                                        std::shared_ptr<const ReadView> view) {
  return store_->NewIterator(std::move(range), std::move(view));
}

StoreStatistics Database::statistics() {
  StoreStatistics numbers = store_->statistics();
  numbers.emplace_back("log_bytes", log_->size_bytes());
  numbers.emplace_back("log_first_index", log_->first_index().value());
  numbers.emplace_back("log_durable_index", log_->durable_index().value());
  numbers.emplace_back("write_groups", groups_.load());
  numbers.emplace_back("writes", writes_.load());
  return numbers;
}

absl::Status Database::Close() {
  {
    MutexLock lock(queue_mu_);
    if (std::exchange(closed_, true)) return absl::OkStatus();
  }
  absl::Status closed = store_ == nullptr ? absl::OkStatus() : store_->Close();
  if (log_ != nullptr) closed.Update(log_->Close());
  session_ = nullptr;
  if (storage_ != nullptr) closed.Update(storage_->Close());
  lock_ = nullptr;
  return closed;
}

}  // namespace wt
