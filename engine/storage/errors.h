// How the errors of a storage are told apart. Every one is an absl::Status with the code that its
// code implies elsewhere (engine/base/status.h) and, as payload, what it is:
//
//   absl::StatusOr<std::unique_ptr<StorageReader>> reader = storage.Open(fd);
//   FileDesc damaged;
//   if (absl::IsNotFound(reader.status())) ...
//   if (IsCorrupted(reader.status(), &damaged)) ...     // damaged == fd
//
// clang-format off
// kind          code                 what it means for the caller
// kInvalidFile  InvalidArgument      not IsValid, or not what the call takes: a bug of the caller's
// kReadOnly     FailedPrecondition   the storage changes nothing
// kClosed       FailedPrecondition   the storage, or the handle, has been closed
// kLocked       FailedPrecondition   somebody else holds it
// kFileOpen     FailedPrecondition   the file is open in a way that forbids this
// kDead         FailedPrecondition   a write or sync failed before; reopen to see what is there
// kInDoubt      Unavailable          SetMeta: old or new, both must be kept (storage.h)
// kCorrupted    DataLoss             the named file holds what was never written to it
// kWrongKey     FailedPrecondition   encrypted with another key
// (none)        NotFound             no such file; GetMeta: no pointer
// (none)        any other            the device's own words: Unavailable, ResourceExhausted, …
// clang-format on
#ifndef WAVETANK_ENGINE_STORAGE_ERRORS_H_
#define WAVETANK_ENGINE_STORAGE_ERRORS_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "engine/storage/file_desc.h"

namespace wt {

enum class StorageError {
  kNone = 0,  // OK, or an error that is not listed above
  kInvalidFile,
  kReadOnly,
  kClosed,
  kLocked,
  kFileOpen,
  kDead,
  kInDoubt,
  kCorrupted,
  kWrongKey,
};

// What kind of error it is.
StorageError StorageErrorOf(const absl::Status& status);

inline bool IsClosed(const absl::Status& status) {
  return StorageErrorOf(status) == StorageError::kClosed;
}
inline bool IsLocked(const absl::Status& status) {
  return StorageErrorOf(status) == StorageError::kLocked;
}
inline bool IsReadOnly(const absl::Status& status) {
  return StorageErrorOf(status) == StorageError::kReadOnly;
}
inline bool IsInvalidFile(const absl::Status& status) {
  return StorageErrorOf(status) == StorageError::kInvalidFile;
}
inline bool IsInDoubt(const absl::Status& status) {
  return StorageErrorOf(status) == StorageError::kInDoubt;
}
inline bool IsWrongKey(const absl::Status& status) {
  return StorageErrorOf(status) == StorageError::kWrongKey;
}
// `damaged`, when it is not null, becomes the file, or {} when it is the pointer to the manifest.
bool IsCorrupted(const absl::Status& status, FileDesc* damaged = nullptr);

// ---- For who implements a backend.

absl::Status InvalidFileError(const FileDesc& fd);
absl::Status NotAManifestError(const FileDesc& fd);  // kInvalidFile too: of SetMeta
absl::Status ReadOnlyError();
absl::Status ClosedError(std::string_view what);  // "storage", "000007.ldb"
absl::Status LockedError();
absl::Status FileOpenError(const FileDesc& fd, std::string_view operation);
// `why`: what failed first.
absl::Status DeadError(std::string_view what, const absl::Status& why);
absl::Status InDoubtError(const FileDesc& target, const absl::Status& why);
// "[file=000007.ldb] page 3: ...". With fd == {} the pointer is what is damaged.
absl::Status CorruptedError(const FileDesc& fd, std::string_view what);
absl::Status WrongKeyError(const FileDesc& fd);
absl::Status NoSuchFileError(const FileDesc& fd);

// The same status with "context: " before the message, as Annotate (engine/base/status.h):
// what kind it is stays.
absl::Status WithContext(const absl::Status& status, std::string_view context);

}  // namespace wt

#endif  // WAVETANK_ENGINE_STORAGE_ERRORS_H_
