#include "engine/storage/faulty_storage.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/random.h"
#include "engine/base/status.h"

namespace wt {
namespace {

constexpr size_t kOpLogLines = 1000;
constexpr std::string_view kCallNames[] = {"open",     "create",   "remove", "rename",
                                           "read",     "write",    "sync",   "close",
                                           "set-meta", "get-meta", "list"};

}  // namespace

std::string_view NameOf(StorageCall call) {
  const unsigned bits = static_cast<unsigned>(call);
  WT_CHECK(bits != 0 && (bits & (bits - 1)) == 0);
  const int index = std::countr_zero(bits);
  WT_CHECK_LT(index, static_cast<int>(std::size(kCallNames)));
  return kCallNames[index];
}

template <typename Run>
absl::Status FaultyStorage::Pass(StorageCall call, const FileDesc& fd, Run run) {
  const std::optional<Injected> injected = Enter(call, fd);
  absl::Status result;
  if (!injected.has_value() || injected->effect == FaultEffect::kDone) result = run();
  if (injected.has_value()) result = injected->error;
  Leave(call, fd, result);
  return result;
}

template <typename T, typename Run>
absl::StatusOr<T> FaultyStorage::PassFor(StorageCall call, const FileDesc& fd, Run run) {
  absl::StatusOr<T> value = absl::UnknownError("not run");
  const absl::Status status = Pass(call, fd, [&] {
    value = run();
    return value.status();
  });
  if (!status.ok()) return status;
  return value;
}

// Releases the handle, whatever is told.
template <typename Handle>
absl::Status FaultyStorage::PassClose(const FileDesc& fd, Handle& handle) {
  bool released = false;
  const absl::Status told = Pass(StorageCall::kClose, fd, [&] {
    released = true;
    return handle.Close();
  });
  if (!released) (void)handle.Close();  // the injected error is what is told
  return told;
}

class FaultyReader final : public StorageReader {
 public:
  FaultyReader(FaultyStorage& storage, const FileDesc& fd, std::unique_ptr<StorageReader> base,
               uint64_t handle)
      : storage_(storage), fd_(fd), base_(std::move(base)), handle_(handle) {}

  absl::StatusOr<uint64_t> ReadAt(uint64_t offset, std::span<char> out) override {
    CheckUse("ReadAt");
    WT_ASSIGN_OR_RETURN(const uint64_t read,
                        storage_.PassFor<uint64_t>(StorageCall::kRead, fd_,
                                                   [&] { return base_->ReadAt(offset, out); }));
    storage_.AddBytes(StorageCall::kRead, fd_, read);
    return read;
  }
  absl::StatusOr<uint64_t> Size() override {
    CheckUse("Size");
    return base_->Size();
  }
  absl::StatusOr<std::unique_ptr<FileMapping>> Map() override {
    CheckUse("Map");
    return storage_.PassFor<std::unique_ptr<FileMapping>>(StorageCall::kRead, fd_,
                                                          [&] { return base_->Map(); });
  }
  absl::Status Close() override;

 private:
  void CheckUse(std::string_view call) {
    if (closed_) storage_.AddMisuse(fd_, std::string(call) + " of a closed reader");
  }

  FaultyStorage& storage_;
  const FileDesc fd_;
  const std::unique_ptr<StorageReader> base_;
  const uint64_t handle_;
  bool closed_ = false;
};

class FaultyWriter final : public StorageWriter {
 public:
  FaultyWriter(FaultyStorage& storage, const FileDesc& fd, std::unique_ptr<StorageWriter> base,
               uint64_t handle)
      : storage_(storage), fd_(fd), base_(std::move(base)), handle_(handle) {}

  absl::Status Append(std::string_view data) override {
    WT_RETURN_IF_ERROR(CheckUse("Append"));
    WT_RETURN_IF_ERROR(
        Note(storage_.Pass(StorageCall::kWrite, fd_, [&] { return base_->Append(data); })));
    storage_.AddBytes(StorageCall::kWrite, fd_, data.size());
    return absl::OkStatus();
  }
  absl::Status Sync() override {
    WT_RETURN_IF_ERROR(CheckUse("Sync"));
    WT_RETURN_IF_ERROR(Note(storage_.Pass(StorageCall::kSync, fd_, [&] { return base_->Sync(); })));
    storage_.NoteSynced(fd_);
    return absl::OkStatus();
  }
  absl::Status Close() override;

 private:
  // A writer is dead after an injected failure as after the device's own.
  absl::Status CheckUse(std::string_view call) {
    if (closed_) {
      storage_.AddMisuse(fd_, std::string(call) + " of a closed writer");
      return ClosedError(fd_.ToString());
    }
    return failure_.ok() ? absl::OkStatus() : DeadError(fd_.ToString(), failure_);
  }
  absl::Status Note(const absl::Status& status) {
    if (failure_.ok()) failure_ = status;
    return status;
  }

  FaultyStorage& storage_;
  const FileDesc fd_;
  const std::unique_ptr<StorageWriter> base_;
  const uint64_t handle_;
  bool closed_ = false;
  absl::Status failure_;
};

absl::Status FaultyReader::Close() {
  CheckUse("Close");
  if (closed_) return ClosedError(fd_.ToString());
  closed_ = true;
  const absl::Status told = storage_.PassClose(fd_, *base_);
  MutexLock lock(storage_.mu_);
  storage_.open_.erase(handle_);
  return told;
}

absl::Status FaultyWriter::Close() {
  if (closed_) return CheckUse("Close");
  closed_ = true;
  const absl::Status told = storage_.PassClose(fd_, *base_);
  MutexLock lock(storage_.mu_);
  storage_.open_.erase(handle_);
  return told;
}

FaultyStorage::FaultyStorage(Tasks& tasks, std::unique_ptr<Storage> base, uint64_t seed)
    : base_(std::move(base)), seed_(seed), mu_(tasks), changed_(tasks) {
  WT_CHECK(base_ != nullptr);
}

FaultyStorage::~FaultyStorage() = default;

FaultyStorage::RuleId FaultyStorage::Inject(StorageFault fault) {
  WT_CHECK(!fault.error.ok());
  MutexLock lock(mu_);
  const RuleId id = next_rule_++;
  rules_[id] = {std::move(fault)};
  return id;
}

void FaultyStorage::Withdraw(RuleId rule) {
  MutexLock lock(mu_);
  WT_CHECK_EQ(rules_.erase(rule), 1u);
}

void FaultyStorage::WithdrawAll() {
  MutexLock lock(mu_);
  rules_.clear();
}

void FaultyStorage::Stall(StorageCalls calls, FileTypes types) {
  MutexLock lock(mu_);
  stalls_.push_back({calls, types});
}

void FaultyStorage::Release() {
  MutexLock lock(mu_);
  stalls_.clear();
  changed_.SignalAll();
}

void FaultyStorage::AwaitStalled(uint64_t count) {
  MutexLock lock(mu_);
  while (stalled_ < count) changed_.Wait(mu_);
}

StorageCounter FaultyStorage::Count(StorageCalls calls, FileTypes types) {
  MutexLock lock(mu_);
  StorageCounter sum;
  for (const auto& [cell, counter] : counters_) {
    const bool counts = calls.Has(cell.first) &&
                        (cell.second == FileType::kNone ? !types.empty() : types.Has(cell.second));
    if (!counts) continue;
    sum.calls += counter.calls;
    sum.failed += counter.failed;
    sum.bytes += counter.bytes;
  }
  return sum;
}

std::string FaultyStorage::OpLog() {
  MutexLock lock(mu_);
  std::string text;
  for (const std::string& line : log_) text += line + "\n";
  return text;
}

std::vector<std::string> FaultyStorage::Misuse() {
  MutexLock lock(mu_);
  return misuse_;
}

absl::Status FaultyStorage::CloseCheck() {
  MutexLock lock(mu_);
  std::string found;
  for (const auto& [handle, fd] : open_) found += "; open: " + fd.ToString();
  for (const std::string& misuse : misuse_) found += "; " + misuse;
  return found.empty() ? absl::OkStatus() : FailedPrecondition("%s", found.substr(2));
}

absl::StatusOr<std::unique_ptr<StorageLock>> FaultyStorage::Lock() { return base_->Lock(); }

void FaultyStorage::Log(std::string_view line) { base_->Log(line); }

absl::Status FaultyStorage::SetMeta(const FileDesc& fd) {
  {
    MutexLock lock(mu_);
    const auto it = synced_.find(fd);
    if (it != synced_.end() && !it->second) {
      misuse_.push_back("SetMeta of " + fd.ToString() + ", which was not synced");
    }
  }
  WT_RETURN_IF_ERROR(Pass(StorageCall::kSetMeta, fd, [&] { return base_->SetMeta(fd); }));
  MutexLock lock(mu_);
  pointer_ = fd;
  return absl::OkStatus();
}

absl::StatusOr<FileDesc> FaultyStorage::GetMeta() {
  return PassFor<FileDesc>(StorageCall::kGetMeta, {}, [&] { return base_->GetMeta(); });
}

absl::StatusOr<std::vector<FileDesc>> FaultyStorage::List(FileTypes types) {
  return PassFor<std::vector<FileDesc>>(StorageCall::kList, {}, [&] { return base_->List(types); });
}

absl::StatusOr<std::unique_ptr<StorageReader>> FaultyStorage::Open(const FileDesc& fd) {
  WT_ASSIGN_OR_RETURN(std::unique_ptr<StorageReader> base,
                      PassFor<std::unique_ptr<StorageReader>>(StorageCall::kOpen, fd,
                                                              [&] { return base_->Open(fd); }));
  MutexLock lock(mu_);
  const uint64_t handle = next_handle_++;
  open_[handle] = fd;
  return std::make_unique<FaultyReader>(*this, fd, std::move(base), handle);
}

absl::StatusOr<std::unique_ptr<StorageWriter>> FaultyStorage::Create(const FileDesc& fd) {
  WT_ASSIGN_OR_RETURN(std::unique_ptr<StorageWriter> base,
                      PassFor<std::unique_ptr<StorageWriter>>(StorageCall::kCreate, fd,
                                                              [&] { return base_->Create(fd); }));
  MutexLock lock(mu_);
  const uint64_t handle = next_handle_++;
  open_[handle] = fd;
  if (fd.type == FileType::kManifest) synced_[fd] = false;
  return std::make_unique<FaultyWriter>(*this, fd, std::move(base), handle);
}

absl::Status FaultyStorage::Remove(const FileDesc& fd) {
  {
    MutexLock lock(mu_);
    if (pointer_ == fd) misuse_.push_back("Remove of " + fd.ToString() + ", which is pointed to");
  }
  return Pass(StorageCall::kRemove, fd, [&] { return base_->Remove(fd); });
}

absl::Status FaultyStorage::Rename(const FileDesc& from, const FileDesc& to) {
  return Pass(StorageCall::kRename, from, [&] { return base_->Rename(from, to); });
}

absl::Status FaultyStorage::Close() { return base_->Close(); }

bool FaultyStorage::IsStalled(StorageCall call, FileType type) const {
  return std::any_of(stalls_.begin(), stalls_.end(), [&](const Stalled& stall) {
    return stall.calls.Has(call) && (type == FileType::kNone || stall.types.Has(type));
  });
}

void FaultyStorage::WaitWhileStalled(StorageCall call, FileType type) {
  if (!IsStalled(call, type)) return;
  ++stalled_;
  changed_.SignalAll();
  while (IsStalled(call, type)) changed_.Wait(mu_);
  --stalled_;
}

std::optional<FaultyStorage::Injected> FaultyStorage::Draw(StorageCall call, FileType type) {
  std::optional<Injected> injected;
  for (auto& [id, rule] : rules_) {
    const StorageFault& fault = rule.fault;
    if (!fault.calls.Has(call)) continue;
    if (type != FileType::kNone && !fault.types.Has(type)) continue;
    ++rule.seen;
    const bool may = rule.seen >= fault.when.from && rule.seen <= fault.when.until;
    const bool does = may && wt::Draw(seed_, {id, rule.seen}).Chance(fault.when.ppm);
    if (does && !injected.has_value()) {
      injected = {WithContext(fault.error, "injected"), fault.effect};
    }
  }
  return injected;
}

std::optional<FaultyStorage::Injected> FaultyStorage::Enter(StorageCall call, const FileDesc& fd) {
  const FileType type = IsValid(fd) ? fd.type : FileType::kNone;
  MutexLock lock(mu_);
  WaitWhileStalled(call, type);
  ++counters_[{call, type}].calls;
  return Draw(call, type);
}

void FaultyStorage::Leave(StorageCall call, const FileDesc& fd, const absl::Status& result) {
  const FileType type = IsValid(fd) ? fd.type : FileType::kNone;
  MutexLock lock(mu_);
  if (!result.ok()) ++counters_[{call, type}].failed;
  log_.push_back(absl::StrFormat("%s %s: %s", NameOf(call), fd == FileDesc{} ? "" : fd.ToString(),
                                 result.ok() ? "ok" : MessageOf(result)));
  if (log_.size() > kOpLogLines) log_.pop_front();
}

void FaultyStorage::AddBytes(StorageCall call, const FileDesc& fd, uint64_t bytes) {
  MutexLock lock(mu_);
  counters_[{call, fd.type}].bytes += bytes;
}

void FaultyStorage::AddMisuse(const FileDesc& fd, std::string_view what) {
  MutexLock lock(mu_);
  misuse_.push_back(fd.ToString() + ": " + std::string(what));
}

void FaultyStorage::NoteSynced(const FileDesc& fd) {
  MutexLock lock(mu_);
  if (fd.type == FileType::kManifest) synced_[fd] = true;
}

}  // namespace wt
