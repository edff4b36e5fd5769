// Writes a sealed file, page by page, and never a byte twice.
#ifndef WAVETANK_ENGINE_STORAGE_SEALED_WRITER_H_
#define WAVETANK_ENGINE_STORAGE_SEALED_WRITER_H_

#include <memory>
#include <string>

#include "engine/storage/open_files.h"
#include "engine/storage/sealed_format.h"
#include "engine/storage/storage.h"

namespace wt {

class SealedWriter final : public StorageWriter {
 public:
  SealedWriter(SealedFile file, std::unique_ptr<StorageWriter> base, OpenToken token)
      : file_(std::move(file)), base_(std::move(base)), token_(std::move(token)), fd_(file_.fd()) {}

  // Writes the header. Before anything else; once. Suspends. Errors: as Append and Sync.
  absl::Status Begin();

  absl::Status Append(std::string_view data) override;
  absl::Status Sync() override;
  absl::Status Close() override;

 private:
  struct PageKind {
    bool is_end = false;
    bool is_closed = false;
  };

  absl::Status CheckUsable() const;
  // Remembers the first failure.
  absl::Status Note(const absl::Status& status);
  // Seals what waits, as one page, behind what `out` holds.
  void SealWaiting(std::string_view plain, PageKind kind, std::string& out);
  absl::Status WriteSealed(const std::string& sealed);
  absl::Status WriteEnd(PageKind kind);
  absl::Status SyncBase();

  const SealedFile file_;
  const std::unique_ptr<StorageWriter> base_;
  OpenToken token_;
  const FileDesc fd_;
  std::string waiting_;        // plain bytes, at most a page of them
  uint64_t pages_ = 0;         // sealed
  uint64_t plain_size_ = 0;    // in those
  uint64_t sealed_size_ = 0;   // appended to the base, or about to be
  uint64_t durable_size_ = 0;  // of that
  bool ended_ = false;         // the last page sealed says that the file may end there
  absl::Status failure_;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_STORAGE_SEALED_WRITER_H_
