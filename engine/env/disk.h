// The disk as the engine sees it: named files of bytes, and the power of a crash over them.
//
// Durability contract, the weakest that real systems give (POSIX and measured kernels), for every
// implementation. Code that is correct here is correct on ext4, xfs and btrfs:
//   - A write is visible to later reads at once, and durable only after a successful Sync().
//   - On a crash, bytes written since the last Sync() survive in any combination of 512-byte
//     sectors; one sector may be torn; the size may survive without the data (zeros, or bytes of a
//     deleted file), or the data without the size.
//   - A new, renamed or removed name is durable only after SyncDirectory() of its directory; until
//     then names survive in any combination and order.
//   - After Sync() has failed, everything written since the last successful Sync() may be gone
//     although reads still show it, and a later Sync() may succeed all the same. So: the file is
//     dead, and nothing that depends on it may be acknowledged (the "fsyncgate" semantics, 2018).
//   - Reads and writes may be short. Use file_io.h.
//
// Paths are relative to the machine's data folder, '/'-separated, without '.' or '..'.
// Every call suspends, unless it says otherwise. A File is used by one task at a time for writing;
// reads may run beside a writer.
//
// Errors, everywhere: Unavailable = the device failed (EIO; outcome of a write unknown);
// ResourceExhausted = no room (a prefix may have been written); FailedPrecondition = closed, dead
// machine, read-only or locked; NotFound; AlreadyExists; InvalidArgument = bad path or range.
#ifndef WAVETANK_ENGINE_ENV_DISK_H_
#define WAVETANK_ENGINE_ENV_DISK_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace wt {

inline constexpr uint64_t kSectorBytes = 512;

enum class OpenMode {
  kReadOnly,   // NotFound when missing
  kReadWrite,  // NotFound when missing
  kCreate,     // read-write; AlreadyExists when the name is taken
};

// The bytes of a file as memory, for as long as the object lives; the File may go before.
class FileMapping {
 public:
  virtual ~FileMapping() = default;
  virtual std::string_view bytes() const = 0;
};

class File {
 public:
  // Drops the handle without I/O and without telling of errors. Does not suspend.
  virtual ~File() = default;

  // Reads at most out.size() bytes from `offset`; returns how many, 0 only at or past the end.
  virtual absl::StatusOr<uint64_t> ReadAt(uint64_t offset, std::span<char> out) = 0;

  // Writes at most data.size() bytes (at least one) at `offset`, growing the file as needed; a gap
  // reads as zeros. Returns how many.
  virtual absl::StatusOr<uint64_t> WriteAt(uint64_t offset, std::string_view data) = 0;

  // Makes the file's bytes and size durable. Errors: see above, the file is dead after one.
  virtual absl::Status Sync() = 0;

  // Forgets what is cached of the file, so that reads come from the device: what was synced is
  // there, and what a failed Sync lost is seen to be gone, though until now reads showed it. Bytes
  // that were never synced may or may not be seen. For who must decide from what a file holds.
  virtual absl::Status DropCache() = 0;

  virtual absl::Status Truncate(uint64_t size) = 0;

  // Reserves room for [offset, offset + length) and extends the size to cover it. New bytes read
  // as zeros now; after a crash they may be anything that was never synced there.
  virtual absl::Status Allocate(uint64_t offset, uint64_t length) = 0;

  virtual absl::StatusOr<uint64_t> Size() = 0;

  // The whole file as it is now, as memory. Null where the world offers none: use ReadAt; the tank
  // does not, so that every read of it can fail. A device that fails under a mapping ends the
  // process (SIGBUS). Requires: nobody writes or truncates the file while the mapping lives.
  virtual absl::StatusOr<std::unique_ptr<FileMapping>> Map() {
    return std::unique_ptr<FileMapping>();
  }

  // The last chance to see an error; the handle is unusable afterwards. Does not sync.
  virtual absl::Status Close() = 0;
};

// Held while alive; released by destruction, or by the death of the machine.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

struct DirectoryEntry {
  std::string name;
  bool is_directory = false;
  auto operator<=>(const DirectoryEntry&) const = default;
};

class Disk {
 public:
  virtual ~Disk() = default;

  virtual absl::StatusOr<std::unique_ptr<File>> Open(std::string_view path, OpenMode mode) = 0;

  // Replaces `to` when it exists. Atomic for who looks; durable after SyncDirectory of both.
  virtual absl::Status Rename(std::string_view from, std::string_view to) = 0;

  // Removes a file. Open handles stay usable.
  virtual absl::Status Remove(std::string_view path) = 0;

  // One level; Requires: the parent exists. OK when it already is a directory.
  virtual absl::Status CreateDirectory(std::string_view path) = 0;

  // In any order: sort before use. "" is the machine's data folder.
  virtual absl::StatusOr<std::vector<DirectoryEntry>> List(std::string_view directory) = 0;

  // Makes the names in `directory` durable. Errors: as a failed Sync of the directory.
  virtual absl::Status SyncDirectory(std::string_view directory) = 0;

  // Exclusive, between processes. Creates the file. Errors: FailedPrecondition when held.
  virtual absl::StatusOr<std::unique_ptr<FileLock>> Lock(std::string_view path) = 0;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_ENV_DISK_H_
