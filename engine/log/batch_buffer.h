// One group commit while it is being filled, and its bytes when it is sealed.
#ifndef WAVETANK_ENGINE_LOG_BATCH_BUFFER_H_
#define WAVETANK_ENGINE_LOG_BATCH_BUFFER_H_

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/log/format.h"

namespace wt {

class BatchBuffer {
 public:
  BatchBuffer(uint64_t capacity, uint32_t alignment);

  // What the batch takes in the file with these added.
  uint64_t BytesWith(uint64_t payload, uint64_t records) const {
    return AlignUp(used_ + payload + (idents_.size() + records) * kIdentBytes, alignment_);
  }
  bool Fits(uint64_t payload, uint64_t records) const {
    return BytesWith(payload, records) <= capacity_;
  }
  uint64_t capacity() const { return capacity_; }
  uint64_t records() const { return idents_.size(); }
  static uint64_t PayloadBytes(std::string_view payload) {
    return AlignUp(payload.size(), kPayloadAlignment);
  }

  // Returns the payload's offset in the batch. Requires: it fits.
  uint32_t Add(const Ident& ident, std::string_view payload);

  // Completes `header` (sizes, record count, chain from `previous`) and the batch's bytes, which
  // live until Clear(). Payload() of what was added before may be read meanwhile.
  std::string_view Seal(BatchHeader& header, Hash128 previous);

  // Requires: what Add returned, and its length.
  std::string_view Payload(uint64_t offset, uint64_t length) const;

  void Clear();

 private:
  uint64_t capacity_;
  uint64_t alignment_;
  std::unique_ptr<char[]> bytes_;
  uint64_t used_ = kBatchHeaderBytes;
  std::vector<Ident> idents_;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_LOG_BATCH_BUFFER_H_
