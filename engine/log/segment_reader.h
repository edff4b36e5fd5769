// A window over a file: large reads, views into them without copying.
#ifndef WAVETANK_ENGINE_LOG_SEGMENT_READER_H_
#define WAVETANK_ENGINE_LOG_SEGMENT_READER_H_

#include <cstdint>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/env/disk.h"

namespace wt {

class SegmentReader {
 public:
  // Reads `window` bytes at a time where it can.
  explicit SegmentReader(uint64_t window) : window_(window) {}

  // Continues with another file, keeping the memory. Suspends.
  absl::Status Open(File& file);

  // The next view is read anew.
  void Forget() { size_ = 0; }

  uint64_t file_bytes() const { return file_bytes_; }

  // At least `length` bytes from `offset` on, fewer only where the file ends; may give more. The
  // view lives until the next call. Never allocates beyond the file's size. Suspends.
  // Errors: Unavailable when exactly these bytes cannot be read.
  absl::StatusOr<std::string_view> View(uint64_t offset, uint64_t length);

 private:
  absl::Status Fill(uint64_t offset, uint64_t length);

  uint64_t window_;
  File* file_ = nullptr;
  uint64_t file_bytes_ = 0;
  std::unique_ptr<char[]> buffer_;
  uint64_t capacity_ = 0;
  uint64_t begin_ = 0;  // file offset of buffer_[0]
  uint64_t size_ = 0;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_LOG_SEGMENT_READER_H_
