// What stands between a DiskCore and the programs that use it: time, faults, handles, the trace.
#ifndef WAVETANK_SIM_DISK_SESSION_H_
#define WAVETANK_SIM_DISK_SESSION_H_

#include <array>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/env/disk.h"
#include "sim/disk_core.h"
#include "sim/disk_faults.h"
#include "sim/host.h"

namespace wt::sim {

class DiskObserver;
struct DiskBody;

// Stable numbers: they are in every digest.
enum class DiskOp : uint8_t {
  kOpen = 1,
  kRead = 2,
  kWrite = 3,
  kSync = 4,
  kTruncate = 5,
  kAllocate = 6,
  kSize = 7,
  kRename = 8,
  kRemove = 9,
  kCreateDirectory = 10,
  kList = 11,
  kSyncDirectory = 12,
  kLock = 13,
  kPowerLoss = 14,
  kKill = 15,
  kDropCache = 16,
};

// Fails the next `count` calls whose path begins with `prefix`.
struct OneShot {
  uint64_t count = 0;
  std::string prefix;

  bool Take(std::string_view path) {
    if (count == 0 || !path.starts_with(prefix)) return false;
    --count;
    return true;
  }
};

enum class OneShotKind : uint8_t { kRead, kWrite, kSync, kMetadata, kLieSync };
inline constexpr size_t kOneShotKinds = 5;

// One boot of a machine. Handles keep it, so that they know when it is over.
struct DiskIncarnation {
  DiskBody* body = nullptr;
  bool alive = true;
};

// A call that was admitted: its ordinal, and what had been issued when it began.
struct DiskCall {
  DiskOp op = DiskOp::kOpen;
  uint64_t ordinal = 0;
  uint64_t through = 0;
};

enum class DiskMode : uint8_t { kWorking, kReadOnly, kAborted };

// The state of a VirtualDisk that its sessions share.
struct DiskBody {
  DiskBody(Host& host, uint32_t machine);

  // Admits a call: counts it and waits its time. Errors: FailedPrecondition when `incarnation` is
  // over, before or after the wait. Suspends.
  absl::StatusOr<DiskCall> Begin(const DiskIncarnation& incarnation, DiskOp op);
  // The same, split, for a call that takes effect before it waits.
  absl::StatusOr<DiskCall> Admit(const DiskIncarnation& incarnation, DiskOp op);
  absl::Status Wait(const DiskIncarnation& incarnation, const DiskCall& call);

  Duration LatencyOf(const DiskCall& call) const;
  bool Chance(uint64_t kind, uint32_t ppm, const DiskCall& call) const {
    return dice.Chance(kind, ppm, call.ordinal);
  }
  bool Take(OneShotKind kind, std::string_view path) {
    return one_shots[static_cast<size_t>(kind)].Take(path);
  }
  // Errors: read-only or aborted.
  absl::Status CheckMutable(std::string_view path) const;
  absl::Status CheckReadable(std::string_view path) const;
  void Record(const DiskCall& call, uint64_t inode, uint64_t offset, uint64_t size, uint64_t hash,
              absl::StatusCode code);
  uint64_t room() const;
  // Pages that the kernel writes back by itself.
  void WriteBack(Inode& inode, const DiskCall& call);
  void AbortJournal() { mode = DiskMode::kAborted; }

  Host& host;
  DiskFaults faults;
  DiskProfile profile = DiskProfile::kPosixMin;
  DiskDice dice;
  DiskMode mode = DiskMode::kWorking;
  std::unique_ptr<DiskCore> core = std::make_unique<DiskCore>();
  std::array<OneShot, kOneShotKinds> one_shots;
  std::set<InodeNumber> locks;
  std::vector<DiskObserver*> observers;
  SimTime hung_until{};
  uint64_t calls = 0;
  uint64_t crashes = 0;
};

class DiskSession final : public Disk {
 public:
  explicit DiskSession(std::shared_ptr<DiskIncarnation> incarnation);

  absl::StatusOr<std::unique_ptr<File>> Open(std::string_view path, OpenMode mode) override;
  absl::Status Rename(std::string_view from, std::string_view to) override;
  absl::Status Remove(std::string_view path) override;
  absl::Status CreateDirectory(std::string_view path) override;
  absl::StatusOr<std::vector<DirectoryEntry>> List(std::string_view directory) override;
  absl::Status SyncDirectory(std::string_view directory) override;
  absl::StatusOr<std::unique_ptr<FileLock>> Lock(std::string_view path) override;

 private:
  absl::StatusOr<DiskCall> Begin(DiskOp op);
  // What of a metadata call goes wrong.
  struct Verdict {
    absl::Status error;        // OK: nothing
    bool takes_effect = true;  // although it fails
  };
  Verdict Judge(const DiskCall& call, std::string_view path, bool changes);
  template <typename Effect>
  absl::Status Metadata(DiskOp op, std::string_view path, Effect effect);

  absl::StatusOr<Inode*> OpenInode(const DiskCall& call, std::string_view path, OpenMode mode);
  absl::StatusOr<Inode*> LockInode(const DiskCall& call, std::string_view path);
  absl::Status SyncNames(const DiskCall& call, std::string_view directory);

  std::shared_ptr<DiskIncarnation> incarnation_;
};

// A handle.
class VirtualFile final : public File {
 public:
  VirtualFile(std::shared_ptr<DiskIncarnation> incarnation, Inode& inode, bool writable);
  ~VirtualFile() override;

  absl::StatusOr<uint64_t> ReadAt(uint64_t offset, std::span<char> out) override;
  absl::StatusOr<uint64_t> WriteAt(uint64_t offset, std::string_view data) override;
  absl::Status Sync() override;
  absl::Status DropCache() override;
  absl::Status Truncate(uint64_t size) override;
  absl::Status Allocate(uint64_t offset, uint64_t length) override;
  absl::StatusOr<uint64_t> Size() override;
  absl::Status Close() override;

 private:
  // Errors: closed, or the incarnation is over. Suspends.
  absl::StatusOr<DiskCall> Begin(DiskOp op);
  absl::Status CheckOpen() const;
  absl::Status CheckWritable(uint64_t offset, uint64_t length) const;
  DiskBody& body() const { return *incarnation_->body; }

  absl::StatusOr<uint64_t> Read(const DiskCall& call, uint64_t offset, std::span<char> out);
  void DistortRead(const DiskCall& call, uint64_t offset, std::span<char> out);
  void ServeSector(uint64_t sector, std::string_view content, uint64_t offset, std::span<char> out);
  absl::StatusOr<uint64_t> Write(const DiskCall& call, uint64_t offset, std::string_view data);
  absl::StatusOr<uint64_t> WriteDirect(uint64_t offset, std::string_view data);
  absl::StatusOr<uint64_t> RoomFor(const DiskCall& call, uint64_t offset, uint64_t wanted) const;
  bool TouchesUnreadable(uint64_t offset, uint64_t end) const;
  absl::Status SyncNow(const DiskCall& call);
  absl::Status ResizeNow(const DiskCall& call, uint64_t offset, uint64_t length);
  void Drop();

  std::shared_ptr<DiskIncarnation> incarnation_;
  Inode* inode_;  // valid while the incarnation lives and the handle is open
  bool writable_;
  bool closed_ = false;
  uint32_t seen_errors_;
};

// Errors: InvalidArgument. The empty path is valid only where it may name the root.
enum class RootPath : bool { kRefused, kAllowed };
absl::Status CheckPath(std::string_view path, RootPath root);

}  // namespace wt::sim

#endif  // WAVETANK_SIM_DISK_SESSION_H_
