#include "engine/storage/open_files.h"

#include <utility>

#include "engine/base/check.h"

namespace wt {
namespace {

class SessionLock final : public StorageLock {
 public:
  explicit SessionLock(std::shared_ptr<const int> hold) : hold_(std::move(hold)) {}

 private:
  const std::shared_ptr<const int> hold_;
};

}  // namespace

absl::StatusOr<OpenToken> OpenFiles::Read(const FileDesc& fd, std::string_view operation) {
  WT_CHECK(IsValid(fd));
  Users& users = Current(fd);
  if (!users.writer.expired()) return FileOpenError(fd, operation);
  OpenToken token = std::make_shared<const FileDesc>(fd);
  users.readers.push_back(token);
  return token;
}

absl::StatusOr<OpenToken> OpenFiles::Unlink(const FileDesc& fd, std::string_view operation) {
  WT_CHECK(IsValid(fd));
  Users& users = Current(fd);
  if (!users.writer.expired()) return FileOpenError(fd, operation);
  OpenToken token = std::make_shared<const FileDesc>(fd);
  users.writer = token;
  return token;
}

absl::StatusOr<OpenToken> OpenFiles::Write(const FileDesc& fd, std::string_view operation) {
  WT_CHECK(IsValid(fd));
  if (!Current(fd).IsIdle()) return FileOpenError(fd, operation);
  return Unlink(fd, operation);
}

uint64_t OpenFiles::Count() {
  Prune();
  uint64_t count = 0;
  for (const auto& [fd, users] : users_) {
    count += users.readers.size() + (users.writer.expired() ? 0 : 1);
  }
  return count;
}

OpenFiles::Users& OpenFiles::Current(const FileDesc& fd) {
  Prune();
  return users_[fd];
}

void OpenFiles::Prune() {
  for (auto it = users_.begin(); it != users_.end();) {
    std::erase_if(it->second.readers, [](const auto& reader) { return reader.expired(); });
    it = it->second.IsIdle() ? users_.erase(it) : std::next(it);
  }
}

absl::StatusOr<std::unique_ptr<StorageLock>> Session::Begin() {
  if (!holder_.expired()) return LockedError();
  auto hold = std::make_shared<const int>(0);
  holder_ = hold;
  return std::make_unique<SessionLock>(std::move(hold));
}

std::unique_ptr<StorageLock> Session::Nothing() { return std::make_unique<SessionLock>(nullptr); }

}  // namespace wt
