#include "engine/log/batch_buffer.h"

#include <cstring>

#include "engine/base/check.h"

namespace wt {

BatchBuffer::BatchBuffer(uint64_t capacity, uint32_t alignment)
    : capacity_(AlignUp(capacity, alignment)),
      alignment_(alignment),
      bytes_(std::make_unique_for_overwrite<char[]>(capacity_)) {
  WT_CHECK(ValidLogAlignment(alignment));
  WT_CHECK(capacity_ < kMaxSegmentBytes);
}

uint32_t BatchBuffer::Add(const Ident& ident, std::string_view payload) {
  const uint64_t padded = PayloadBytes(payload);
  WT_CHECK(Fits(padded, 1));
  WT_CHECK_EQ(uint64_t{ident.length}, payload.size());
  const auto offset = static_cast<uint32_t>(used_);
  if (padded > 0) {
    // The last word first: the payload then covers all of it but the padding.
    StoreLittle<uint64_t>(bytes_.get() + used_ + padded - kPayloadAlignment, 0);
    std::memcpy(bytes_.get() + used_, payload.data(), payload.size());
  }
  used_ += padded;
  idents_.push_back(ident);
  return offset;
}

std::string_view BatchBuffer::Seal(BatchHeader& header, Hash128 previous) {
  header.records = static_cast<uint32_t>(idents_.size());
  header.payload_bytes = static_cast<uint32_t>(used_ - kBatchHeaderBytes);
  header.bytes = static_cast<uint32_t>(BytesWith(0, 0));
  WT_CHECK_LE(uint64_t{header.bytes}, capacity_);

  const uint64_t table_bytes = idents_.size() * kIdentBytes;
  char* table = bytes_.get() + used_;
  if (table_bytes > 0) std::memcpy(table, idents_.data(), table_bytes);
  std::memset(table + table_bytes, 0, header.bytes - used_ - table_bytes);
  EncodeBatchHeader(header, previous, HashBytes128({table, table_bytes}), bytes_.get());
  return {bytes_.get(), header.bytes};
}

std::string_view BatchBuffer::Payload(uint64_t offset, uint64_t length) const {
  WT_CHECK(offset >= kBatchHeaderBytes && offset + length <= used_);
  return {bytes_.get() + offset, length};
}

void BatchBuffer::Clear() {
  used_ = kBatchHeaderBytes;
  idents_.clear();
}

}  // namespace wt
