#include "engine/storage/errors.h"

#include "absl/strings/cord.h"
#include "engine/base/check.h"
#include "engine/base/coding.h"
#include "engine/base/status.h"

namespace wt {
namespace {

constexpr char kPayload[] = "wavetank/storage-error";

// kind u8, type u8, number u64
absl::Status Typed(StorageError kind, absl::Status status, const FileDesc& fd = {}) {
  WT_CHECK(!status.ok());
  std::string payload;
  PutU8(payload, static_cast<uint8_t>(kind));
  PutU8(payload, static_cast<uint8_t>(fd.type));
  PutU64(payload, fd.number);
  status.SetPayload(kPayload, absl::Cord(payload));
  return status;
}

struct Payload {
  StorageError kind = StorageError::kNone;
  FileDesc fd;
};

Payload PayloadOf(const absl::Status& status) {
  const absl::optional<absl::Cord> cord = status.GetPayload(kPayload);
  if (!cord.has_value()) return {};
  const std::string bytes(*cord);
  ByteReader in(bytes);
  Payload payload;
  payload.kind = static_cast<StorageError>(in.U8());
  payload.fd.type = static_cast<FileType>(in.U8());
  payload.fd.number = in.U64();
  WT_CHECK(in.ok() && in.empty());
  return payload;
}

}  // namespace

StorageError StorageErrorOf(const absl::Status& status) { return PayloadOf(status).kind; }

bool IsCorrupted(const absl::Status& status, FileDesc* damaged) {
  const Payload payload = PayloadOf(status);
  if (payload.kind != StorageError::kCorrupted) return false;
  if (damaged != nullptr) *damaged = payload.fd;
  return true;
}

absl::Status InvalidFileError(const FileDesc& fd) {
  return Typed(StorageError::kInvalidFile,
               InvalidArgument("%s: need exactly one type and a number below 2^63", fd.ToString()),
               fd);
}

absl::Status NotAManifestError(const FileDesc& fd) {
  return Typed(StorageError::kInvalidFile,
               InvalidArgument("%s: only a manifest can be pointed to", fd.ToString()), fd);
}

absl::Status ReadOnlyError() {
  return Typed(StorageError::kReadOnly, FailedPrecondition("the storage is read-only"));
}

absl::Status ClosedError(std::string_view what) {
  return Typed(StorageError::kClosed, FailedPrecondition("%s: closed", what));
}

absl::Status LockedError() {
  return Typed(StorageError::kLocked, FailedPrecondition("the storage is locked by another"));
}

absl::Status FileOpenError(const FileDesc& fd, std::string_view operation) {
  return Typed(StorageError::kFileOpen,
               FailedPrecondition("%s: %s while it is open", fd.ToString(), operation), fd);
}

absl::Status DeadError(std::string_view what, const absl::Status& why) {
  return Typed(StorageError::kDead,
               FailedPrecondition("%s: dead since an earlier failure: %s", what, MessageOf(why)));
}

absl::Status InDoubtError(const FileDesc& target, const absl::Status& why) {
  return Typed(StorageError::kInDoubt,
               Unavailable("the switch to %s is in doubt, keep the old target and the new one: %s",
                           target.ToString(), MessageOf(why)),
               target);
}

absl::Status CorruptedError(const FileDesc& fd, std::string_view what) {
  const std::string where = fd == FileDesc{} ? "the pointer" : fd.ToString();
  return Typed(StorageError::kCorrupted, DataLoss("[file=%s] %s", where, what), fd);
}

absl::Status WrongKeyError(const FileDesc& fd) {
  return Typed(StorageError::kWrongKey,
               FailedPrecondition("%s: encrypted with another key", fd.ToString()), fd);
}

absl::Status NoSuchFileError(const FileDesc& fd) {
  return NotFound("%s: no such file", fd.ToString());
}

absl::Status WithContext(const absl::Status& status, std::string_view context) {
  return Annotate(status, context);
}

}  // namespace wt
