// In a ThreadSanitizer build: a disk whose own work is not judged (see DETERMINISM.md). In every
// other build it is the disk itself.
#ifndef WAVETANK_SIM_CORE_QUIET_DISK_H_
#define WAVETANK_SIM_CORE_QUIET_DISK_H_

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/env/disk.h"
#include "sim/core/sanitizers.h"

namespace wt::sim {

#ifdef WAVETANK_TSAN

class QuietFile final : public File {
 public:
  explicit QuietFile(std::unique_ptr<File> file) : file_(std::move(file)) {}
  ~QuietFile() override {
    const TsanIgnoreScope ignore;
    file_.reset();
  }
  absl::StatusOr<uint64_t> ReadAt(uint64_t offset, std::span<char> out) override {
    const TsanIgnoreScope ignore;
    return file_->ReadAt(offset, out);
  }
  absl::StatusOr<uint64_t> WriteAt(uint64_t offset, std::string_view data) override {
    const TsanIgnoreScope ignore;
    return file_->WriteAt(offset, data);
  }
  absl::Status Sync() override {
    const TsanIgnoreScope ignore;
    return file_->Sync();
  }
  absl::Status DropCache() override {
    const TsanIgnoreScope ignore;
    return file_->DropCache();
  }
  absl::Status Truncate(uint64_t size) override {
    const TsanIgnoreScope ignore;
    return file_->Truncate(size);
  }
  absl::Status Allocate(uint64_t offset, uint64_t length) override {
    const TsanIgnoreScope ignore;
    return file_->Allocate(offset, length);
  }
  absl::StatusOr<uint64_t> Size() override {
    const TsanIgnoreScope ignore;
    return file_->Size();
  }
  absl::Status Close() override {
    const TsanIgnoreScope ignore;
    return file_->Close();
  }

 private:
  std::unique_ptr<File> file_;
};

class QuietDisk final : public Disk {
 public:
  explicit QuietDisk(Disk& disk) : disk_(disk) {}
  absl::StatusOr<std::unique_ptr<File>> Open(std::string_view path, OpenMode mode) override {
    const TsanIgnoreScope ignore;
    absl::StatusOr<std::unique_ptr<File>> file = disk_.Open(path, mode);
    if (!file.ok()) return file.status();
    return std::make_unique<QuietFile>(*std::move(file));
  }
  absl::Status Rename(std::string_view from, std::string_view to) override {
    const TsanIgnoreScope ignore;
    return disk_.Rename(from, to);
  }
  absl::Status Remove(std::string_view path) override {
    const TsanIgnoreScope ignore;
    return disk_.Remove(path);
  }
  absl::Status CreateDirectory(std::string_view path) override {
    const TsanIgnoreScope ignore;
    return disk_.CreateDirectory(path);
  }
  absl::StatusOr<std::vector<DirectoryEntry>> List(std::string_view directory) override {
    const TsanIgnoreScope ignore;
    return disk_.List(directory);
  }
  absl::Status SyncDirectory(std::string_view directory) override {
    const TsanIgnoreScope ignore;
    return disk_.SyncDirectory(directory);
  }
  absl::StatusOr<std::unique_ptr<FileLock>> Lock(std::string_view path) override {
    const TsanIgnoreScope ignore;
    return disk_.Lock(path);
  }
  Disk& seam() { return *this; }

 private:
  Disk& disk_;
};

#else

class QuietDisk {
 public:
  explicit QuietDisk(Disk& disk) : disk_(disk) {}
  Disk& seam() { return disk_; }

 private:
  Disk& disk_;
};

#endif

}  // namespace wt::sim

#endif  // WAVETANK_SIM_CORE_QUIET_DISK_H_
