// Which files are open, and the session: bookkeeping that every backend needs. Whoever holds the
// token is counted; destroying it ends that, without a lock and without suspending.
//
//   absl::StatusOr<OpenToken> token = open_.Read(fd, "Open");      // under the backend's lock
//   return std::make_unique<Reader>(..., *std::move(token));       // counted while it lives
#ifndef WAVETANK_ENGINE_STORAGE_OPEN_FILES_H_
#define WAVETANK_ENGINE_STORAGE_OPEN_FILES_H_

#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/storage/file_desc.h"
#include "engine/storage/storage.h"

namespace wt {

using OpenToken = std::shared_ptr<const FileDesc>;

// Not thread-safe but for the end of tokens: guarded by the lock of its owner.
class OpenFiles {
 public:
  // Errors: kFileOpen while somebody writes it. `operation` is for the message.
  absl::StatusOr<OpenToken> Read(const FileDesc& fd, std::string_view operation);
  // The same for Remove, which others' reading does not disturb; nobody else may begin anything.
  absl::StatusOr<OpenToken> Unlink(const FileDesc& fd, std::string_view operation);
  // Errors: kFileOpen while anybody reads or writes it.
  absl::StatusOr<OpenToken> Write(const FileDesc& fd, std::string_view operation);

  // How many are open.
  uint64_t Count();

 private:
  struct Users {
    std::vector<std::weak_ptr<const FileDesc>> readers;
    std::weak_ptr<const FileDesc> writer;
    bool IsIdle() const { return readers.empty() && writer.expired(); }
  };
  // Forgets who has gone.
  Users& Current(const FileDesc& fd);
  void Prune();

  std::map<FileDesc, Users> users_;
};

// The session lock. Guarded like OpenFiles.
class Session {
 public:
  // Errors: kLocked.
  absl::StatusOr<std::unique_ptr<StorageLock>> Begin();
  // Whoever holds it holds nothing from now on.
  void End() { holder_.reset(); }

  // A lock that holds nothing, for storages that cannot be changed.
  static std::unique_ptr<StorageLock> Nothing();

 private:
  std::weak_ptr<const int> holder_;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_STORAGE_OPEN_FILES_H_
