#include "engine/log/segment_reader.h"

#include <algorithm>
#include <cstring>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/env/file_io.h"

namespace wt {

absl::Status SegmentReader::Open(File& file) {
  file_ = &file;
  begin_ = 0;
  size_ = 0;
  WT_ASSIGN_OR_RETURN(file_bytes_, file.Size());
  return absl::OkStatus();
}

absl::StatusOr<std::string_view> SegmentReader::View(uint64_t offset, uint64_t length) {
  WT_CHECK(file_ != nullptr);
  offset = std::min(offset, file_bytes_);
  length = std::min(length, file_bytes_ - offset);
  if (offset < begin_ || offset + length > begin_ + size_) {
    WT_RETURN_IF_ERROR(Fill(offset, length));
  }
  return std::string_view(buffer_.get() + (offset - begin_), begin_ + size_ - offset);
}

absl::Status SegmentReader::Fill(uint64_t offset, uint64_t length) {
  const uint64_t ahead = std::min(std::max(length, window_), file_bytes_ - offset);
  if (capacity_ < ahead) {
    buffer_ = std::make_unique_for_overwrite<char[]>(ahead);
    capacity_ = ahead;
  }
  begin_ = offset;
  size_ = 0;
  absl::StatusOr<uint64_t> read = ReadFully(*file_, offset, {buffer_.get(), ahead});
  if (absl::IsUnavailable(read.status()) && length < ahead) {
    // A bad sector ahead says nothing about what was asked for.
    read = ReadFully(*file_, offset, {buffer_.get(), length});
  }
  if (!read.ok()) return read.status();
  size_ = *read;
  if (size_ < length) file_bytes_ = begin_ + size_;  // shorter than Size() said
  return absl::OkStatus();
}

}  // namespace wt
