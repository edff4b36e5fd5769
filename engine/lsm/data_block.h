// Walks the contents of a data block.
//
// The bytes have passed their checksum, but the walk trusts none of them: what does not parse ends
// it with DataLoss, and nothing is read beyond the block.
#ifndef WAVETANK_ENGINE_LSM_DATA_BLOCK_H_
#define WAVETANK_ENGINE_LSM_DATA_BLOCK_H_

#include <cstdint>
#include <memory>
#include <string_view>

#include "engine/lsm/iterator.h"
#include "engine/storage/file_desc.h"

namespace wt {

// Where a block lies, for messages.
struct BlockPlace {
  FileDesc file;
  uint64_t offset = 0;
};

class DataBlockIterator final : public InternalIterator {
 public:
  DataBlockIterator() = default;

  // Walks `contents` from now on, which outlive the walk. It is nowhere, or failed.
  void Reset(std::string_view contents, BlockPlace place);

  void SeekToFirst() override;
  void SeekToLast() override;
  void Seek(InternalKey target) override;
  void SeekForPrev(InternalKey target) override;
  void Next() override;
  void Prev() override;

 private:
  // Reads the entry at `offset` as the one behind the current; false at the end or when damaged.
  bool Read(uint32_t offset);
  bool ReadBody(uint32_t offset, const char* at, uint32_t shared, uint32_t rest, uint32_t value);
  // Reads the whole entry at a restart point.
  bool ReadRestart(uint32_t restart);
  uint32_t RestartOffset(uint32_t restart) const;
  void PrefetchRestart(uint32_t restart) const;
  // The last restart point that is before the target; 0 when none is.
  uint32_t RestartBefore(InternalKey target);
  void SetKey(const char* rest, uint32_t shared, uint32_t rest_bytes);
  bool Fail(uint32_t offset, std::string_view what);

  std::string_view entries_;
  std::string_view common_;  // what all keys begin with
  const char* discriminators_ = nullptr;
  const char* restarts_ = nullptr;
  uint32_t restart_count_ = 0;
  BlockPlace place_;
  uint32_t current_ = 0;  // where the entry that it is on begins
  uint32_t next_ = 0;     // and where it ends
  // A key that is not whole in the block is put together here.
  static constexpr uint32_t kInlineKeyBytes = 96;
  char inline_key_[kInlineKeyBytes];
  std::unique_ptr<char[]> long_key_;
  char* key_ = inline_key_;
  uint32_t key_capacity_ = kInlineKeyBytes;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_LSM_DATA_BLOCK_H_
