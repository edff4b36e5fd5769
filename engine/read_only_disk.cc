#include "engine/read_only_disk.h"

#include <utility>

#include "engine/base/status.h"
#include "engine/env/file_io.h"

namespace wt {
namespace {

absl::Status Refused(std::string_view what) {
  return FailedPrecondition("%s: this is only looked at", what);
}

class ReadOnlyFile final : public File {
 public:
  ReadOnlyFile(std::string path, std::unique_ptr<File> under)
      : path_(std::move(path)), under_(std::move(under)) {}

  absl::StatusOr<uint64_t> ReadAt(uint64_t offset, std::span<char> out) override {
    return under_->ReadAt(offset, out);
  }
  absl::StatusOr<uint64_t> WriteAt(uint64_t, std::string_view) override { return Refused(path_); }
  absl::Status Sync() override { return absl::OkStatus(); }
  absl::Status DropCache() override { return under_->DropCache(); }
  absl::Status Truncate(uint64_t) override { return Refused(path_); }
  absl::Status Allocate(uint64_t, uint64_t) override { return Refused(path_); }
  absl::StatusOr<uint64_t> Size() override { return under_->Size(); }
  absl::Status Close() override { return under_->Close(); }

 private:
  const std::string path_;
  const std::unique_ptr<File> under_;
};

class NoLock final : public FileLock {};

}  // namespace

std::string ReadOnlyDisk::Real(std::string_view path) const {
  for (std::string_view above = path; !above.empty(); above = DirectoryOf(above)) {
    const auto found = renamed_.find(std::string(above));
    if (found != renamed_.end()) return found->second + std::string(path.substr(above.size()));
  }
  return std::string(path);
}

absl::StatusOr<std::unique_ptr<File>> ReadOnlyDisk::Open(std::string_view path, OpenMode mode) {
  if (mode == OpenMode::kCreate) return Refused(path);
  WT_ASSIGN_OR_RETURN(std::unique_ptr<File> file, under_.Open(Real(path), OpenMode::kReadOnly));
  return std::unique_ptr<File>(new ReadOnlyFile(std::string(path), std::move(file)));
}

absl::Status ReadOnlyDisk::Rename(std::string_view from, std::string_view to) {
  const std::string real = Real(from);
  if (!under_.List(real).ok()) return Refused(from);
  renamed_[std::string(to)] = real;
  return absl::OkStatus();
}

absl::Status ReadOnlyDisk::Remove(std::string_view) { return absl::OkStatus(); }

absl::Status ReadOnlyDisk::CreateDirectory(std::string_view path) {
  return under_.List(Real(path)).status();
}

absl::StatusOr<std::vector<DirectoryEntry>> ReadOnlyDisk::List(std::string_view directory) {
  return under_.List(Real(directory));
}

absl::Status ReadOnlyDisk::SyncDirectory(std::string_view) { return absl::OkStatus(); }

absl::StatusOr<std::unique_ptr<FileLock>> ReadOnlyDisk::Lock(std::string_view) {
  return std::unique_ptr<FileLock>(new NoLock);
}

}  // namespace wt
