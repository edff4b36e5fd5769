// A storage backend over an object store: the example of engine/storage/WRITING-A-BACKEND.md, and
// a test of that page, which shows this file piece by piece.
#ifndef WAVETANK_TESTS_STORAGE_OBJECT_STORAGE_H_
#define WAVETANK_TESTS_STORAGE_OBJECT_STORAGE_H_

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/status.h"
#include "engine/env/mutex.h"
#include "engine/storage/names.h"
#include "engine/storage/open_files.h"
#include "engine/storage/storage.h"

namespace wt::test {

// What object stores have in common: whole objects, put atomically and durably, by name.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;
  virtual absl::Status Put(const std::string& name, const std::string& bytes) = 0;
  virtual absl::StatusOr<std::string> Get(const std::string& name) = 0;  // NotFound
  virtual absl::Status Delete(const std::string& name) = 0;              // NotFound
  virtual absl::StatusOr<std::vector<std::string>> ListNames() = 0;
};

// [reader]
class ObjectReader final : public StorageReader {
 public:
  ObjectReader(std::string bytes, OpenToken token)
      : bytes_(std::move(bytes)), token_(std::move(token)), fd_(*token_) {}

  absl::StatusOr<uint64_t> ReadAt(uint64_t offset, std::span<char> out) override {
    if (token_ == nullptr) return ClosedError(fd_.ToString());
    if (offset >= bytes_.size()) return uint64_t{0};
    return bytes_.copy(out.data(), out.size(), offset);
  }
  absl::StatusOr<uint64_t> Size() override {
    if (token_ == nullptr) return ClosedError(fd_.ToString());
    return uint64_t{bytes_.size()};
  }
  absl::Status Close() override {
    if (token_ == nullptr) return ClosedError(fd_.ToString());
    token_.reset();
    return absl::OkStatus();
  }

 private:
  const std::string bytes_;
  OpenToken token_;
  const FileDesc fd_;
};
// [end]

// [writer]
class ObjectWriter final : public StorageWriter {
 public:
  ObjectWriter(ObjectStore& store, OpenToken token)
      : store_(store), token_(std::move(token)), fd_(*token_) {}

  absl::Status Append(std::string_view data) override {
    WT_RETURN_IF_ERROR(CheckUsable());
    bytes_ += data;
    return absl::OkStatus();
  }
  absl::Status Sync() override {
    WT_RETURN_IF_ERROR(CheckUsable());
    failure_ = store_.Put(NameOf(fd_), bytes_);
    return failure_;
  }
  absl::Status Close() override {
    if (token_ == nullptr) return ClosedError(fd_.ToString());
    const absl::Status put = failure_.ok() ? store_.Put(NameOf(fd_), bytes_) : absl::OkStatus();
    token_.reset();  // whatever is returned
    return put;
  }

 private:
  absl::Status CheckUsable() const {
    if (token_ == nullptr) return ClosedError(fd_.ToString());
    return failure_.ok() ? absl::OkStatus() : DeadError(fd_.ToString(), failure_);
  }

  ObjectStore& store_;
  OpenToken token_;
  const FileDesc fd_;
  std::string bytes_;
  absl::Status failure_;
};
// [end]

// [storage]
class ObjectStorage final : public Storage {
 public:
  ObjectStorage(Tasks& tasks, ObjectStore& store, StorageMode mode)
      : store_(store), mode_(mode), mu_(tasks) {}

  absl::StatusOr<std::unique_ptr<StorageLock>> Lock() override {
    MutexLock lock(mu_);
    if (closed_) return ClosedError("storage");
    if (mode_ == StorageMode::kReadOnly) return Session::Nothing();
    return session_.Begin();
  }

  void Log(std::string_view) override {}

  absl::Status SetMeta(const FileDesc& fd) override {
    if (IsValid(fd) && fd.type != FileType::kManifest) return NotAManifestError(fd);
    WT_RETURN_IF_ERROR(CheckMayChange(fd));
    MutexLock lock(mu_);
    if (closed_) return ClosedError("storage");
    WT_RETURN_IF_ERROR(Get(fd).status());
    const absl::Status put = store_.Put(std::string(kCurrentName), PointerTo(fd));
    return put.ok() ? put : InDoubtError(fd, put);
  }

  absl::StatusOr<FileDesc> GetMeta() override {
    MutexLock lock(mu_);
    if (closed_) return ClosedError("storage");
    WT_ASSIGN_OR_RETURN(const std::string content, store_.Get(std::string(kCurrentName)));
    const std::optional<FileDesc> target = ParsePointer(content);
    if (!target.has_value()) return CorruptedError({}, "CURRENT is no pointer");
    WT_RETURN_IF_ERROR(Get(*target).status());
    return *target;
  }

  absl::StatusOr<std::vector<FileDesc>> List(FileTypes types) override {
    MutexLock lock(mu_);
    if (closed_) return ClosedError("storage");
    WT_ASSIGN_OR_RETURN(const std::vector<std::string> names, store_.ListNames());
    std::vector<FileDesc> files;
    for (const std::string& name : names) {
      const std::optional<FileDesc> fd = ParseName(name);
      if (fd.has_value() && types.Has(fd->type)) files.push_back(*fd);
    }
    std::sort(files.begin(), files.end());
    return files;
  }

  absl::StatusOr<std::unique_ptr<StorageReader>> Open(const FileDesc& fd) override {
    if (!IsValid(fd)) return InvalidFileError(fd);
    MutexLock lock(mu_);
    if (closed_) return ClosedError("storage");
    WT_ASSIGN_OR_RETURN(OpenToken token, open_.Read(fd, "Open"));
    WT_ASSIGN_OR_RETURN(std::string bytes, Get(fd));
    return std::make_unique<ObjectReader>(std::move(bytes), std::move(token));
  }

  absl::StatusOr<std::unique_ptr<StorageWriter>> Create(const FileDesc& fd) override {
    WT_RETURN_IF_ERROR(CheckMayChange(fd));
    MutexLock lock(mu_);
    if (closed_) return ClosedError("storage");
    WT_ASSIGN_OR_RETURN(OpenToken token, open_.Write(fd, "Create"));
    WT_RETURN_IF_ERROR(store_.Put(NameOf(fd), ""));
    return std::make_unique<ObjectWriter>(store_, std::move(token));
  }

  absl::Status Remove(const FileDesc& fd) override {
    WT_RETURN_IF_ERROR(CheckMayChange(fd));
    MutexLock lock(mu_);
    if (closed_) return ClosedError("storage");
    WT_ASSIGN_OR_RETURN(const OpenToken token, open_.Unlink(fd, "Remove"));
    return store_.Delete(NameOf(fd));
  }

  // First there, then gone here: whole under one name at least.
  absl::Status Rename(const FileDesc& from, const FileDesc& to) override {
    if (!IsValid(from)) return InvalidFileError(from);
    if (!IsValid(to)) return InvalidFileError(to);
    if (from == to) return absl::OkStatus();
    WT_RETURN_IF_ERROR(CheckMayChange(to));
    MutexLock lock(mu_);
    if (closed_) return ClosedError("storage");
    WT_ASSIGN_OR_RETURN(const OpenToken source, open_.Write(from, "Rename"));
    WT_ASSIGN_OR_RETURN(const OpenToken target, open_.Write(to, "Rename"));
    WT_ASSIGN_OR_RETURN(const std::string bytes, Get(from));
    WT_RETURN_IF_ERROR(store_.Put(NameOf(to), bytes));
    return store_.Delete(NameOf(from));
  }

  absl::Status Close() override {
    MutexLock lock(mu_);
    closed_ = true;
    session_.End();
    return absl::OkStatus();
  }

 private:
  absl::Status CheckMayChange(const FileDesc& fd) const {
    if (!IsValid(fd)) return InvalidFileError(fd);
    return mode_ == StorageMode::kReadOnly ? ReadOnlyError() : absl::OkStatus();
  }
  absl::StatusOr<std::string> Get(const FileDesc& fd) { return store_.Get(NameOf(fd)); }

  ObjectStore& store_;
  const StorageMode mode_;
  Mutex mu_;
  OpenFiles open_ ABSL_GUARDED_BY(mu_);
  Session session_ ABSL_GUARDED_BY(mu_);
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
};
// [end]

}  // namespace wt::test

#endif  // WAVETANK_TESTS_STORAGE_OBJECT_STORAGE_H_
