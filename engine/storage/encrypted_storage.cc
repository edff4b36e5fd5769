#include "engine/storage/encrypted_storage.h"

#include <utility>

#include "engine/base/check.h"
#include "engine/base/coding.h"
#include "engine/base/status.h"
#include "engine/base/units.h"
#include "engine/env/mutex.h"
#include "engine/storage/open_files.h"
#include "engine/storage/sealed_reader.h"
#include "engine/storage/sealed_writer.h"

namespace wt {
namespace {

constexpr uint64_t kFirstOwnNumber = uint64_t{1} << 62;
constexpr uint64_t kCopyBytes = 64 * kKiB;

bool IsOwn(const FileDesc& fd) {
  return fd.type == FileType::kTemp && fd.number >= kFirstOwnNumber;
}

absl::Status CheckName(const FileDesc& fd) {
  return IsValid(fd) && !IsOwn(fd) ? absl::OkStatus() : InvalidFileError(fd);
}

absl::Status CopyAll(StorageReader& from, StorageWriter& to) {
  std::string buffer(kCopyBytes, '\0');
  for (uint64_t offset = 0;;) {
    WT_ASSIGN_OR_RETURN(const uint64_t read, from.ReadAt(offset, buffer));
    if (read == 0) return absl::OkStatus();
    WT_RETURN_IF_ERROR(to.Append(std::string_view(buffer).substr(0, read)));
    offset += read;
  }
}

class EncryptedStorage final : public Storage {
 public:
  EncryptedStorage(const Env& env, std::unique_ptr<Storage> base, const SecretKey& key)
      : base_(std::move(base)), random_(env.random), key_(key), mu_(env.tasks) {}

  absl::Status Start();

  absl::StatusOr<std::unique_ptr<StorageLock>> Lock() override { return base_->Lock(); }
  void Log(std::string_view) override {}
  absl::Status SetMeta(const FileDesc& fd) override { return base_->SetMeta(fd); }
  absl::StatusOr<FileDesc> GetMeta() override { return base_->GetMeta(); }
  absl::StatusOr<std::vector<FileDesc>> List(FileTypes types) override;
  absl::StatusOr<std::unique_ptr<StorageReader>> Open(const FileDesc& fd) override;
  absl::StatusOr<std::unique_ptr<StorageWriter>> Create(const FileDesc& fd) override;
  absl::Status Remove(const FileDesc& fd) override;
  absl::Status Rename(const FileDesc& from, const FileDesc& to) override;
  absl::Status Close() override { return base_->Close(); }

 private:
  using Begin = absl::StatusOr<OpenToken> (OpenFiles::*)(const FileDesc&, std::string_view);

  absl::StatusOr<OpenToken> Enter(const FileDesc& fd, Begin begin, std::string_view operation);
  absl::Status RemoveLeftover(const FileDesc& fd);
  // OK, or kWrongKey; `tells` whether the file could say.
  absl::Status CheckKey(const FileDesc& fd, bool* tells);
  std::string NewSalt();
  FileDesc NewOwnFile();
  // A writer of the base's file `at` that seals it as `fd`.
  absl::StatusOr<std::unique_ptr<StorageWriter>> CreateAs(const FileDesc& at, const FileDesc& fd,
                                                          OpenToken token);
  // `from` as it would be sealed under the name `to`, in `copy`.
  absl::Status Reseal(const FileDesc& from, const FileDesc& to, const FileDesc& copy);

  const std::unique_ptr<Storage> base_;
  Random& random_;
  const SecretKey key_;
  Mutex mu_;
  OpenFiles open_ ABSL_GUARDED_BY(mu_);
  uint64_t next_own_ ABSL_GUARDED_BY(mu_) = kFirstOwnNumber;
};

absl::Status EncryptedStorage::Start() {
  WT_ASSIGN_OR_RETURN(const std::vector<FileDesc> files, base_->List(kAllFileTypes));
  bool tells = false;
  for (const FileDesc& fd : files) {
    if (!IsOwn(fd) && !tells) WT_RETURN_IF_ERROR(CheckKey(fd, &tells));
  }
  // Only now: with another key, nothing is touched.
  for (const FileDesc& fd : files) {
    if (IsOwn(fd)) WT_RETURN_IF_ERROR(RemoveLeftover(fd));
  }
  return absl::OkStatus();
}

absl::Status EncryptedStorage::RemoveLeftover(const FileDesc& fd) {
  const absl::Status removed = base_->Remove(fd);
  return IsReadOnly(removed) ? absl::OkStatus() : removed;
}

absl::Status EncryptedStorage::CheckKey(const FileDesc& fd, bool* tells) {
  WT_ASSIGN_OR_RETURN(const std::unique_ptr<StorageReader> reader, base_->Open(fd));
  std::string bytes(kSealedHeaderBytes, '\0');
  WT_ASSIGN_OR_RETURN(const uint64_t read, reader->ReadAt(0, bytes));
  bytes.resize(read);
  const OpenedHeader header = OpenHeader(key_, fd, bytes);
  *tells = header.verdict == HeaderVerdict::kGood;
  return header.verdict == HeaderVerdict::kWrongKey ? WrongKeyError(fd) : reader->Close();
}

absl::StatusOr<std::vector<FileDesc>> EncryptedStorage::List(FileTypes types) {
  WT_ASSIGN_OR_RETURN(std::vector<FileDesc> files, base_->List(types));
  std::erase_if(files, IsOwn);
  return files;
}

absl::StatusOr<std::unique_ptr<StorageReader>> EncryptedStorage::Open(const FileDesc& fd) {
  WT_RETURN_IF_ERROR(CheckName(fd));
  WT_ASSIGN_OR_RETURN(std::unique_ptr<StorageReader> base, base_->Open(fd));
  WT_ASSIGN_OR_RETURN(OpenToken token, Enter(fd, &OpenFiles::Read, "Open"));
  WT_ASSIGN_OR_RETURN(SealedContent content, OpenSealed(key_, fd, *base));
  return std::make_unique<SealedReader>(std::move(content), std::move(base), std::move(token));
}

absl::StatusOr<std::unique_ptr<StorageWriter>> EncryptedStorage::Create(const FileDesc& fd) {
  WT_RETURN_IF_ERROR(CheckName(fd));
  // The base counts too, and checks in the contract's order.
  return CreateAs(fd, fd, std::make_shared<const FileDesc>(fd));
}

absl::Status EncryptedStorage::Remove(const FileDesc& fd) {
  WT_RETURN_IF_ERROR(CheckName(fd));
  return base_->Remove(fd);
}

absl::Status EncryptedStorage::Rename(const FileDesc& from, const FileDesc& to) {
  WT_RETURN_IF_ERROR(CheckName(from));
  WT_RETURN_IF_ERROR(CheckName(to));
  if (from == to) return absl::OkStatus();
  const FileDesc copy = NewOwnFile();
  const absl::Status resealed = Reseal(from, to, copy);
  const absl::Status renamed = resealed.ok() ? base_->Rename(copy, to) : resealed;
  if (!renamed.ok()) {
    (void)base_->Remove(copy);  // or the next opening does
    return renamed;
  }
  const FileDesc gone = NewOwnFile();
  WT_RETURN_IF_ERROR(base_->Rename(from, gone));  // durable, as a removal is not
  return base_->Remove(gone);
}

absl::StatusOr<OpenToken> EncryptedStorage::Enter(const FileDesc& fd, Begin begin,
                                                  std::string_view operation) {
  MutexLock lock(mu_);
  return (open_.*begin)(fd, operation);
}

std::string EncryptedStorage::NewSalt() {
  std::string salt;
  while (salt.size() < kSaltBytes) PutU64(salt, random_.Next("storage.salt"));
  return salt;
}

FileDesc EncryptedStorage::NewOwnFile() {
  MutexLock lock(mu_);
  return {FileType::kTemp, next_own_++};
}

absl::StatusOr<std::unique_ptr<StorageWriter>> EncryptedStorage::CreateAs(const FileDesc& at,
                                                                          const FileDesc& fd,
                                                                          OpenToken token) {
  WT_ASSIGN_OR_RETURN(std::unique_ptr<StorageWriter> base, base_->Create(at));
  auto writer = std::make_unique<SealedWriter>(SealedFile(key_, fd, NewSalt()), std::move(base),
                                               std::move(token));
  WT_RETURN_IF_ERROR(writer->Begin());
  return writer;
}

absl::Status EncryptedStorage::Reseal(const FileDesc& from, const FileDesc& to,
                                      const FileDesc& copy) {
  // First what tells of a read-only or closed storage, as the contract wants it.
  WT_ASSIGN_OR_RETURN(const std::unique_ptr<StorageWriter> writer,
                      CreateAs(copy, to, std::make_shared<const FileDesc>(to)));
  WT_ASSIGN_OR_RETURN(const OpenToken source, Enter(from, &OpenFiles::Write, "Rename"));
  WT_ASSIGN_OR_RETURN(std::unique_ptr<StorageReader> base, base_->Open(from));
  WT_ASSIGN_OR_RETURN(SealedContent content, OpenSealed(key_, from, *base));
  SealedReader reader(std::move(content), std::move(base), source);
  WT_RETURN_IF_ERROR(CopyAll(reader, *writer));
  WT_RETURN_IF_ERROR(writer->Sync());
  WT_RETURN_IF_ERROR(reader.Close());
  return writer->Close();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Storage>> OpenEncryptedStorage(Env env,
                                                              std::unique_ptr<Storage> base,
                                                              const SecretKey& key) {
  WT_CHECK(base != nullptr);
  auto storage = std::make_unique<EncryptedStorage>(env, std::move(base), key);
  WT_RETURN_IF_ERROR(storage->Start());
  return std::unique_ptr<Storage>(std::move(storage));
}

}  // namespace wt
