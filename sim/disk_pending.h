// What is in the cache and not yet on the platter, in issue order.
#ifndef WAVETANK_SIM_DISK_PENDING_H_
#define WAVETANK_SIM_DISK_PENDING_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/check.h"
#include "sim/disk_image.h"

namespace wt::sim {

// One change of one file. Writes are kept whole; only a crash splits them into sectors.
struct PendingWrite {
  enum class Kind : uint8_t { kWrite, kTruncate, kExtend, kAllocate };
  Kind kind = Kind::kWrite;
  bool data_lost = false;  // a failed sync dropped the bytes and kept the size
  bool promised = false;   // a sync said that this is durable
  uint64_t op = 0;         // order of effects on this disk
  uint64_t call = 0;       // the call's ordinal: the key of its draws
  uint64_t offset = 0;     // kTruncate, kExtend: the new size
  uint64_t length = 0;
  uint64_t grows_to = 0;  // the size after it, when it grew the file; else 0
  uint64_t journal_at = 0;
};

class PendingWrites {
 public:
  bool empty() const { return records_.empty(); }
  const std::vector<PendingWrite>& records() const { return records_; }
  std::vector<PendingWrite>& records() { return records_; }
  uint64_t bytes_held() const { return journal_.size(); }

  void Add(PendingWrite record, std::string_view bytes) {
    record.journal_at = journal_base_ + journal_.size();
    record.length = record.kind == PendingWrite::Kind::kWrite ? bytes.size() : record.length;
    journal_.append(bytes);
    records_.push_back(record);
  }

  // Valid until the next Add or DropFirst.
  std::string_view BytesOf(const PendingWrite& record) const {
    if (record.kind != PendingWrite::Kind::kWrite) return {};
    WT_CHECK_GE(record.journal_at, journal_base_);
    return std::string_view(journal_).substr(record.journal_at - journal_base_, record.length);
  }

  void DropFirst(size_t count) {
    WT_CHECK_LE(count, records_.size());
    if (count == records_.size()) return Clear();
    const uint64_t kept_from = records_[count].journal_at;
    journal_.erase(0, kept_from - journal_base_);
    journal_base_ = kept_from;
    records_.erase(records_.begin(), records_.begin() + static_cast<ptrdiff_t>(count));
  }

  void Clear() {
    journal_base_ += journal_.size();
    journal_.clear();
    records_.clear();
  }

 private:
  std::vector<PendingWrite> records_;
  std::string journal_;  // the bytes of the writes, back to back
  uint64_t journal_base_ = 0;
};

// One name that changes. kNoInode: it goes.
struct NameChange {
  NameKey key;
  InodeNumber inode = kNoInode;
  std::string path;
  bool promised = false;
};

// One operation on names: a create or remove has one change, a rename two.
struct PendingName {
  uint64_t op = 0;
  InodeNumber subject = kNoInode;  // who is created, removed or moved
  bool subject_is_directory = false;
  bool replaces = false;  // a rename over an existing file
  std::vector<NameChange> changes;
};

}  // namespace wt::sim

#endif  // WAVETANK_SIM_DISK_PENDING_H_
