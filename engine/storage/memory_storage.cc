#include "engine/storage/memory_storage.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/env/mutex.h"
#include "engine/storage/open_files.h"

namespace wt {
namespace {

using Content = std::shared_ptr<std::string>;

class MemoryMapping final : public FileMapping {
 public:
  explicit MemoryMapping(Content content) : content_(std::move(content)) {}
  std::string_view bytes() const override { return *content_; }

 private:
  const Content content_;
};

class MemoryReader final : public StorageReader {
 public:
  MemoryReader(Content content, OpenToken token)
      : content_(std::move(content)), token_(std::move(token)), fd_(*token_) {}

  absl::StatusOr<uint64_t> ReadAt(uint64_t offset, std::span<char> out) override {
    if (token_ == nullptr) return ClosedError(fd_.ToString());
    if (offset >= content_->size()) return uint64_t{0};
    return content_->copy(out.data(), out.size(), offset);
  }
  absl::StatusOr<uint64_t> Size() override {
    if (token_ == nullptr) return ClosedError(fd_.ToString());
    return uint64_t{content_->size()};
  }
  absl::StatusOr<std::unique_ptr<FileMapping>> Map() override {
    if (token_ == nullptr) return ClosedError(fd_.ToString());
    return std::make_unique<MemoryMapping>(content_);
  }
  absl::Status Close() override {
    if (token_ == nullptr) return ClosedError(fd_.ToString());
    token_.reset();
    return absl::OkStatus();
  }

 private:
  const Content content_;
  OpenToken token_;
  const FileDesc fd_;
};

class MemoryWriter final : public StorageWriter {
 public:
  MemoryWriter(Content content, OpenToken token)
      : content_(std::move(content)), token_(std::move(token)), fd_(*token_) {}

  absl::Status Append(std::string_view data) override {
    if (token_ == nullptr) return ClosedError(fd_.ToString());
    content_->append(data);
    return absl::OkStatus();
  }
  absl::Status Sync() override {
    return token_ == nullptr ? ClosedError(fd_.ToString()) : absl::OkStatus();
  }
  absl::Status Close() override {
    if (token_ == nullptr) return ClosedError(fd_.ToString());
    token_.reset();
    return absl::OkStatus();
  }

 private:
  const Content content_;
  OpenToken token_;
  const FileDesc fd_;
};

class MemoryStorage final : public Storage {
 public:
  MemoryStorage(Tasks& tasks, std::shared_ptr<MemoryFiles> files, StorageMode mode)
      : mode_(mode), mu_(tasks), files_(std::move(files)) {}

  absl::StatusOr<std::unique_ptr<StorageLock>> Lock() override {
    MutexLock lock(mu_);
    WT_RETURN_IF_ERROR(CheckOpen());
    if (mode_ == StorageMode::kReadOnly) return Session::Nothing();
    return session_.Begin();
  }

  void Log(std::string_view) override {}

  absl::Status SetMeta(const FileDesc& fd) override {
    if (IsValid(fd) && fd.type != FileType::kManifest) return NotAManifestError(fd);
    WT_RETURN_IF_ERROR(CheckMayChange(fd));
    MutexLock lock(mu_);
    WT_RETURN_IF_ERROR(CheckOpen());
    if (files_->contents.count(fd) == 0) return NoSuchFileError(fd);
    files_->pointer = fd;
    return absl::OkStatus();
  }

  absl::StatusOr<FileDesc> GetMeta() override {
    MutexLock lock(mu_);
    WT_RETURN_IF_ERROR(CheckOpen());
    if (!files_->pointer.has_value()) return NotFound("no pointer was ever set");
    const FileDesc target = *files_->pointer;
    if (files_->contents.count(target) == 0) return NoSuchFileError(target);
    return target;
  }

  absl::StatusOr<std::vector<FileDesc>> List(FileTypes types) override {
    MutexLock lock(mu_);
    WT_RETURN_IF_ERROR(CheckOpen());
    std::vector<FileDesc> found;
    for (const auto& [fd, content] : files_->contents) {
      if (types.Has(fd.type)) found.push_back(fd);
    }
    WT_CHECK(std::is_sorted(found.begin(), found.end()));
    return found;
  }

  absl::StatusOr<std::unique_ptr<StorageReader>> Open(const FileDesc& fd) override {
    if (!IsValid(fd)) return InvalidFileError(fd);
    MutexLock lock(mu_);
    WT_RETURN_IF_ERROR(CheckOpen());
    const auto it = files_->contents.find(fd);
    if (it == files_->contents.end()) return NoSuchFileError(fd);
    WT_ASSIGN_OR_RETURN(OpenToken token, open_.Read(fd, "Open"));
    return std::make_unique<MemoryReader>(it->second, std::move(token));
  }

  absl::StatusOr<std::unique_ptr<StorageWriter>> Create(const FileDesc& fd) override {
    WT_RETURN_IF_ERROR(CheckMayChange(fd));
    MutexLock lock(mu_);
    WT_RETURN_IF_ERROR(CheckOpen());
    WT_ASSIGN_OR_RETURN(OpenToken token, open_.Write(fd, "Create"));
    Content& content = files_->contents[fd];
    content = std::make_shared<std::string>();  // mappings may still show the old one
    return std::make_unique<MemoryWriter>(content, std::move(token));
  }

  absl::Status Remove(const FileDesc& fd) override {
    WT_RETURN_IF_ERROR(CheckMayChange(fd));
    MutexLock lock(mu_);
    WT_RETURN_IF_ERROR(CheckOpen());
    WT_ASSIGN_OR_RETURN(const OpenToken token, open_.Unlink(fd, "Remove"));
    return files_->contents.erase(fd) == 1 ? absl::OkStatus() : NoSuchFileError(fd);
  }

  absl::Status Rename(const FileDesc& from, const FileDesc& to) override {
    if (!IsValid(from)) return InvalidFileError(from);
    if (!IsValid(to)) return InvalidFileError(to);
    if (from == to) return absl::OkStatus();
    WT_RETURN_IF_ERROR(CheckMayChange(to));
    MutexLock lock(mu_);
    WT_RETURN_IF_ERROR(CheckOpen());
    WT_ASSIGN_OR_RETURN(const OpenToken source, open_.Write(from, "Rename"));
    WT_ASSIGN_OR_RETURN(const OpenToken target, open_.Write(to, "Rename"));
    const auto it = files_->contents.find(from);
    if (it == files_->contents.end()) return NoSuchFileError(from);
    files_->contents[to] = std::move(it->second);
    files_->contents.erase(it);
    return absl::OkStatus();
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
  absl::Status CheckOpen() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return closed_ ? ClosedError("storage") : absl::OkStatus();
  }

  const StorageMode mode_;
  Mutex mu_;
  const std::shared_ptr<MemoryFiles> files_;
  OpenFiles open_ ABSL_GUARDED_BY(mu_);
  Session session_ ABSL_GUARDED_BY(mu_);
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace

std::unique_ptr<Storage> NewMemoryStorage(Tasks& tasks, std::shared_ptr<MemoryFiles> files,
                                          StorageMode mode) {
  if (files == nullptr) files = std::make_shared<MemoryFiles>();
  return std::make_unique<MemoryStorage>(tasks, std::move(files), mode);
}

}  // namespace wt
