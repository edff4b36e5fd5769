// A disk in memory, for tests of one layer: it keeps what a crash would leave apart from what reads
// show, and fails or dies at a chosen call. Single-threaded; never suspends.
//
//   MemoryDisk disk;
//   ... count = disk.calls();
//   for (uint64_t n = 1; n <= count; ++n) { disk.DieAt(n); ...; disk.Crash({...}); ...check... }
#ifndef WAVETANK_TESTS_SUPPORT_MEMORY_DISK_H_
#define WAVETANK_TESTS_SUPPORT_MEMORY_DISK_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/env/disk.h"

namespace wt::test {

enum class CrashKind {
  kKill,          // the process dies, the cache lives: everything written is still there
  kLoseUnsynced,  // the power goes: what was not synced is gone
  kMixed,         // the power goes: each unsynced sector, size and name survives by chance
};

// Whether a call that is told to fail has taken effect all the same.
enum class FailureEffect { kNone, kDone };

class MemoryDisk : public Disk {
 public:
  absl::StatusOr<std::unique_ptr<File>> Open(std::string_view path, OpenMode mode) override;
  absl::Status Rename(std::string_view from, std::string_view to) override;
  absl::Status Remove(std::string_view path) override;
  absl::Status CreateDirectory(std::string_view path) override;
  absl::StatusOr<std::vector<DirectoryEntry>> List(std::string_view directory) override;
  absl::Status SyncDirectory(std::string_view directory) override;
  absl::StatusOr<std::unique_ptr<FileLock>> Lock(std::string_view path) override;

  // Calls of this disk and its files since the last ResetCalls().
  uint64_t calls() const { return calls_; }
  void ResetCalls() { calls_ = 0; }

  // The n-th call from now on, counting from 1, fails once. A sync that fails has lost for good
  // what it should have made durable: later syncs succeed and do not bring it back, and reads go
  // on showing it until DropCache().
  void FailAt(uint64_t n, absl::Status status, FailureEffect effect = FailureEffect::kNone);
  // From the n-th call on, every call fails and has no effect, until Crash().
  void DieAt(uint64_t n);
  // What is left after a restart. Open handles are dead from here on.
  void Crash(CrashKind kind, uint64_t seed = 0);

  // Bytes of all files together; a write beyond fails with ResourceExhausted after what fits.
  void SetCapacity(uint64_t bytes) { capacity_ = bytes; }
  // Reads and writes handle at most so many bytes at a time.
  void SetMaxTransfer(uint64_t bytes) { max_transfer_ = bytes; }

  // What is on the disk, as reads show it. Paths in order.
  std::vector<std::string> Paths() const;
  std::optional<std::string> Content(std::string_view path) const;
  // Replaces or makes a file, durably, behind everybody's back.
  void Plant(std::string_view path, std::string content);
  uint64_t TotalBytes() const;

 private:
  friend class MemoryFile;

  struct Inode {
    std::string now;
    std::string durable;
    bool lies = false;  // a sync of it has failed
  };
  using InodePtr = std::shared_ptr<Inode>;
  using Names = std::map<std::string, InodePtr, std::less<>>;

  enum class Call { kProceed, kFail, kFailAfter };
  // Counts a call and says what becomes of it; `status` is the failure.
  Call Begin(absl::Status* status);
  bool IsDead() const { return die_at_ != 0 && calls_ >= die_at_; }
  void RenameDirectory(std::string_view from, std::string_view to);
  absl::Status SyncNames(std::string_view directory, bool fails);
  void CrashNames(CrashKind kind, uint64_t seed);
  static void CrashInode(Inode& inode, CrashKind kind, uint64_t seed);

  Names names_;
  Names durable_names_;
  Names lost_names_;  // by failed syncs; null = removal
  std::set<std::string, std::less<>> directories_{""};
  std::set<std::string, std::less<>> locked_;
  uint64_t calls_ = 0;
  uint64_t fail_at_ = 0;
  absl::Status failure_;
  FailureEffect effect_ = FailureEffect::kNone;
  uint64_t die_at_ = 0;
  uint64_t life_ = 1;
  uint64_t capacity_ = ~uint64_t{0};
  uint64_t max_transfer_ = ~uint64_t{0};
};

}  // namespace wt::test

#endif  // WAVETANK_TESTS_SUPPORT_MEMORY_DISK_H_
