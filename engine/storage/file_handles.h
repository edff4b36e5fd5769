// The reader and the writer of a FileStorage.
#ifndef WAVETANK_ENGINE_STORAGE_FILE_HANDLES_H_
#define WAVETANK_ENGINE_STORAGE_FILE_HANDLES_H_

#include <memory>

#include "engine/storage/open_files.h"
#include "engine/storage/storage.h"
#include "engine/storage/storage_folder.h"

namespace wt {

class FileReader final : public StorageReader {
 public:
  FileReader(std::unique_ptr<File> file, OpenToken token)
      : file_(std::move(file)), token_(std::move(token)), fd_(*token_) {}

  absl::StatusOr<uint64_t> ReadAt(uint64_t offset, std::span<char> out) override;
  absl::StatusOr<uint64_t> Size() override;
  absl::StatusOr<std::unique_ptr<FileMapping>> Map() override;
  absl::Status Close() override;

 private:
  absl::Status CheckOpen() const {
    return token_ != nullptr ? absl::OkStatus() : ClosedError(fd_.ToString());
  }

  const std::unique_ptr<File> file_;
  OpenToken token_;
  const FileDesc fd_;
};

class FileWriter final : public StorageWriter {
 public:
  // `folder` must outlive every call but the destructor.
  FileWriter(StorageFolder& folder, std::unique_ptr<File> file, OpenToken token)
      : folder_(folder), file_(std::move(file)), token_(std::move(token)), fd_(*token_) {}

  absl::Status Append(std::string_view data) override;
  absl::Status Sync() override;
  absl::Status Close() override;

 private:
  absl::Status CheckUsable() const;
  absl::Status DieUnlessOk(const absl::Status& status);

  StorageFolder& folder_;
  const std::unique_ptr<File> file_;
  OpenToken token_;
  const FileDesc fd_;
  uint64_t size_ = 0;
  bool name_is_durable_ = false;
  absl::Status failure_;  // the first
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_STORAGE_FILE_HANDLES_H_
