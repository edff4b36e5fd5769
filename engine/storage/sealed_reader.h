// Reads a sealed file: every byte that it gives has been authenticated.
#ifndef WAVETANK_ENGINE_STORAGE_SEALED_READER_H_
#define WAVETANK_ENGINE_STORAGE_SEALED_READER_H_

#include <memory>
#include <string>
#include <vector>

#include "engine/storage/open_files.h"
#include "engine/storage/sealed_format.h"
#include "engine/storage/storage.h"

namespace wt {

// Where the pages of a file are.
class PageMap {
 public:
  struct Place {
    uint64_t number = 0;
    uint64_t at = 0;      // in the sealed file
    uint64_t offset = 0;  // in the plain one
    uint64_t length = 0;  // plain bytes
  };

  // All pages full but the last: nothing to remember.
  static PageMap Uniform(uint64_t pages, uint64_t plain_size);
  // Page by page, in order.
  void Add(uint64_t at, uint64_t length);

  uint64_t pages() const { return uniform_ ? pages_ : places_.size(); }
  uint64_t plain_size() const { return plain_size_; }
  Place PlaceOf(uint64_t number) const;
  // The page that holds the byte. Requires: offset < plain_size().
  uint64_t PageOf(uint64_t offset) const;

 private:
  struct Start {
    uint64_t at;
    uint64_t offset;
  };
  bool uniform_ = false;
  uint64_t pages_ = 0;
  uint64_t plain_size_ = 0;
  std::vector<Start> places_;
};

// What opening found: `file` is missing when the file was never begun (and is empty).
struct SealedContent {
  std::optional<SealedFile> file;
  PageMap map;
};

// Checks the header and where the file ends. A journal or manifest is read through; when it ends
// torn, the whole pages before count, unless a later page tells that what is torn had been durable.
// Errors: kWrongKey; kCorrupted, naming the page; FailedPrecondition = another version; as ReadAt.
absl::StatusOr<SealedContent> OpenSealed(const SecretKey& master, const FileDesc& fd,
                                         StorageReader& base);

class SealedReader final : public StorageReader {
 public:
  SealedReader(SealedContent content, std::unique_ptr<StorageReader> base, OpenToken token)
      : content_(std::move(content)),
        base_(std::move(base)),
        token_(std::move(token)),
        fd_(*token_) {}

  absl::StatusOr<uint64_t> ReadAt(uint64_t offset, std::span<char> out) override;
  absl::StatusOr<uint64_t> Size() override;
  absl::Status Close() override;

 private:
  // Copies what the pages [first, last] hold of the plain bytes from `offset` on.
  absl::Status ReadPages(uint64_t first, uint64_t last, uint64_t offset, std::span<char> out);
  absl::Status OpenPage(const PageMap::Place& place, std::string_view sealed, std::span<char> out);

  const SealedContent content_;
  const std::unique_ptr<StorageReader> base_;
  OpenToken token_;
  const FileDesc fd_;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_STORAGE_SEALED_READER_H_
