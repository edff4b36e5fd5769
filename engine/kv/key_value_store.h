// An ordered map from bytes to bytes that follows the log: the state behind Database.
//
// Contract, for every implementation (memory_store.h, engine/lsm, engine/rocksdb):
//   - Apply is called by one task at a time, in the order of the log, with each index once. What
//     it wrote is visible to reads that begin afterwards, all of it or nothing.
//   - durable_index() names the last entry whose effect survives without the log. A store that is
//     opened again holds exactly the entries up to its durable_index(), however it ended; the rest
//     is applied to it again from the log, which keeps it.
//   - Nothing of an entry survives before MakeLogDurable has said that the log has it: else a crash
//     leaves a store that is ahead of its log, and nobody opens the two together any more.
//   - A view shows the state after one entry for as long as it is held, whatever is written,
//     flushed, compacted or removed meanwhile. Reads through one are repeatable.
//   - Keys are ordered bytewise, as unsigned. Any bytes; limits below.
//   - After a failed write or sync the store has stopped: what changes it says FailedPrecondition,
//     reads go on. Reopen to go on.
//   - Thread-safe. Every call may suspend, unless it says otherwise.
#ifndef WAVETANK_ENGINE_KV_KEY_VALUE_STORE_H_
#define WAVETANK_ENGINE_KV_KEY_VALUE_STORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/units.h"
#include "engine/kv/key_range.h"

namespace wt {

inline constexpr uint64_t kMaxStoreKeyBytes = 64 * kKiB;
inline constexpr uint64_t kMaxStoreValueBytes = 8 * kMiB;

// Walks keys in order, both ways, as one view shows them.
//   - It is on a key (Valid()), or nowhere. A new one is nowhere.
//   - Nowhere with an OK status: there is nothing more in this direction. An error never looks like
//     an end.
//   - key() and value() live until the next call. One task at a time. The store outlives it.
class KeyValueIterator {
 public:
  virtual ~KeyValueIterator() = default;
  virtual void SeekToFirst() = 0;
  virtual void SeekToLast() = 0;
  virtual void Seek(std::string_view key) = 0;         // to the first at or after it
  virtual void SeekForPrev(std::string_view key) = 0;  // to the last at or before it
  virtual void Next() = 0;                             // Requires: Valid()
  virtual void Prev() = 0;                             // Requires: Valid()
  virtual bool Valid() const = 0;
  virtual absl::Status status() const = 0;
  virtual std::string_view key() const = 0;    // Requires: Valid()
  virtual std::string_view value() const = 0;  // Requires: Valid()
};

// A state to read from. Let go of it by destroying it: that neither suspends nor does I/O. The
// store may go before.
class ReadView {
 public:
  explicit ReadView(LogIndex index) : index_(index) {}
  virtual ~ReadView() = default;
  LogIndex index() const { return index_; }  // the state after this entry

 private:
  const LogIndex index_;
};

// Given to a store when it is opened, to be called before entries up to an index become durable in
// it. After an error they must not. May be called from any thread, once an entry was applied, until
// Close() has returned. Suspends.
using MakeLogDurable = std::function<absl::Status(LogIndex)>;

// Names and numbers, for people and for benchmarks.
using StoreStatistics = std::vector<std::pair<std::string, uint64_t>>;

class KeyValueStore {
 public:
  virtual ~KeyValueStore() = default;

  // From now on it may change what is on the disk, and work in the background; until then it has
  // only looked. Once, before the first Apply. Errors: the storage's.
  virtual absl::Status Begin() { return absl::OkStatus(); }

  // Asked before an entry is written to the log: whether it will be taken up. Waits while what goes
  // on in the background is behind, and where that is for want of room on the disk, for so long
  // only as the store's options say.
  // Errors: ResourceExhausted: there is none, and memory is full; FailedPrecondition: stopped.
  virtual absl::Status AwaitRoom() { return absl::OkStatus(); }

  // Takes up an entry: `batch` in the bytes of write_batch.h; empty for entries that change
  // nothing. May wait for room in memory, and never for room on the disk: an entry that is in the
  // log is taken up, in more memory than there should be.
  // Requires: index == applied_index() + 1; CheckBatch has passed.
  // Errors: FailedPrecondition: stopped; nothing of the batch is visible.
  virtual absl::Status Apply(LogIndex index, std::string_view batch) = 0;

  // The same for many entries, before anybody reads, in two steps. The first may go on in a task of
  // its own beside the second one of entries before; sorted there, where that is faster.
  using Batches = std::vector<std::pair<LogIndex, std::string_view>>;
  class Prepared {
   public:
    virtual ~Prepared() = default;
  };
  // Does not suspend. Requires: consecutive, not empty; CheckBatch has passed. The bytes of the
  // batches live until they were applied.
  virtual std::unique_ptr<Prepared> Prepare(Batches batches) const;
  // Requires: from applied_index() + 1 on; of this store's Prepare. Errors: as Apply.
  virtual absl::Status ApplyPrepared(const Prepared& prepared);
  // So many bytes together are best.
  virtual uint64_t prepared_bytes() const { return 4 * kMiB; }

  // How long a writer of so many bytes had better wait before its next write, so that what goes on
  // in the background keeps up: none, or little by little more. Does not suspend.
  virtual Duration WriteDelay(uint64_t /*bytes*/) { return Duration::zero(); }

  // Whether an earlier life has called Begin, as far as the store can tell. Does not suspend.
  virtual bool has_begun_before() const { return false; }

  virtual LogIndex applied_index() const = 0;  // does not suspend
  virtual LogIndex durable_index() const = 0;  // does not suspend

  virtual std::shared_ptr<const ReadView> View() = 0;

  // `view` null: the state as it is now.
  // Errors: DataLoss, naming the file; Unavailable.
  virtual absl::StatusOr<std::optional<std::string>> Read(std::string_view key,
                                                          const ReadView* view) = 0;
  // Holds the view for its own life.
  virtual std::unique_ptr<KeyValueIterator> NewIterator(KeyRange range,
                                                        std::shared_ptr<const ReadView> view) = 0;

  // durable_index() reaches what was applied when it was called. Errors: stopped,
  // ResourceExhausted.
  virtual absl::Status Flush() = 0;
  // Rewrites all of it as compactly as it can be.
  virtual absl::Status Compact() = 0;
  // Reads everything that is durable, and checks it. Errors: DataLoss.
  virtual absl::Status Verify() = 0;

  // Why it has stopped; OK while it has not.
  virtual absl::Status failure() { return absl::OkStatus(); }

  virtual StoreStatistics statistics() = 0;

  // Called after each rise of durable_index(), without locks held. Set before the
  // first Apply.
  virtual void OnDurable(std::function<void(LogIndex)> call) = 0;

  // Stops what goes on in the background; what is not durable is left to the log. Twice is fine.
  virtual absl::Status Close() = 0;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_KV_KEY_VALUE_STORE_H_
