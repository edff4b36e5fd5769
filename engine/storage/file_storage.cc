#include "engine/storage/file_storage.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/env/file_io.h"
#include "engine/env/mutex.h"
#include "engine/storage/file_handles.h"
#include "engine/storage/log_file.h"
#include "engine/storage/names.h"
#include "engine/storage/open_files.h"
#include "engine/storage/pointer_files.h"
#include "engine/storage/storage_folder.h"

namespace wt {
namespace {

constexpr std::string_view kLockName = "LOCK";

absl::Status MakeFolders(Disk& disk, std::string_view path) {
  if (path.empty()) return absl::OkStatus();
  WT_RETURN_IF_ERROR(MakeFolders(disk, DirectoryOf(path)));
  return CreateDurableDirectory(disk, path);
}

bool IsOldName(const std::string& name) {
  const std::optional<FileDesc> fd = ParseName(name);
  return fd.has_value() && name == OldNameOf(*fd);
}

class FileStorage final : public Storage {
 public:
  FileStorage(const Env& env, const FileStorageOptions& options)
      : mode_(options.mode),
        folder_(env.disk, env.tasks, options.folder),
        log_(folder_, env, options.log_limit),
        pointer_mu_(env.tasks),
        pointer_(folder_, options.mode),
        mu_(env.tasks) {}

  absl::Status Start();

  absl::StatusOr<std::unique_ptr<StorageLock>> Lock() override;
  void Log(std::string_view line) override;
  absl::Status SetMeta(const FileDesc& fd) override;
  absl::StatusOr<FileDesc> GetMeta() override;
  absl::StatusOr<std::vector<FileDesc>> List(FileTypes types) override;
  absl::StatusOr<std::unique_ptr<StorageReader>> Open(const FileDesc& fd) override;
  absl::StatusOr<std::unique_ptr<StorageWriter>> Create(const FileDesc& fd) override;
  absl::Status Remove(const FileDesc& fd) override;
  absl::Status Rename(const FileDesc& from, const FileDesc& to) override;
  absl::Status Close() override;

 private:
  using Begin = absl::StatusOr<OpenToken> (OpenFiles::*)(const FileDesc&, std::string_view);

  // What every call begins with; `begin` counts the file as in use while the token lives.
  absl::StatusOr<OpenToken> Enter(const FileDesc& fd, Begin begin, std::string_view operation);
  absl::Status CheckMayChange(const FileDesc& fd) const;
  absl::Status CheckOpen();

  absl::StatusOr<std::unique_ptr<File>> OpenByEitherName(const FileDesc& fd, OpenMode mode);
  // What a failed sync of an earlier life has lost is not shown.
  absl::Status ShowWhatIsDurable(File& file);
  absl::StatusOr<std::unique_ptr<File>> OpenEmpty(const std::string& path);
  absl::Status RemoveOldName(const FileDesc& fd);

  const StorageMode mode_;
  StorageFolder folder_;
  LogFile log_;
  std::unique_ptr<FileLock> lock_;  // between processes
  bool has_old_names_ = false;      // at the start; none is ever made

  Mutex pointer_mu_;
  PointerFiles pointer_ ABSL_GUARDED_BY(pointer_mu_);

  Mutex mu_;
  OpenFiles open_ ABSL_GUARDED_BY(mu_);
  Session session_ ABSL_GUARDED_BY(mu_);
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
};

absl::Status FileStorage::Start() {
  if (mode_ == StorageMode::kReadWrite) {
    WT_RETURN_IF_ERROR(MakeFolders(folder_.disk(), folder_.path()));
    absl::StatusOr<std::unique_ptr<FileLock>> lock = folder_.disk().Lock(folder_.PathOf(kLockName));
    if (absl::IsFailedPrecondition(lock.status())) {
      return WithContext(LockedError(), MessageOf(lock.status()));
    }
    if (!lock.ok()) return lock.status();
    lock_ = *std::move(lock);
  }
  WT_ASSIGN_OR_RETURN(const std::vector<std::string> names, folder_.List());
  has_old_names_ = std::any_of(names.begin(), names.end(), IsOldName);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<StorageLock>> FileStorage::Lock() {
  MutexLock lock(mu_);
  if (closed_) return ClosedError("storage");
  if (mode_ == StorageMode::kReadOnly) return Session::Nothing();
  return session_.Begin();
}

void FileStorage::Log(std::string_view line) {
  if (mode_ == StorageMode::kReadWrite) log_.Write(line);
}

absl::Status FileStorage::SetMeta(const FileDesc& fd) {
  if (IsValid(fd) && fd.type != FileType::kManifest) return NotAManifestError(fd);
  WT_RETURN_IF_ERROR(CheckMayChange(fd));
  MutexLock lock(pointer_mu_);
  WT_RETURN_IF_ERROR(CheckOpen());
  WT_ASSIGN_OR_RETURN(const bool exists, folder_.Exists(fd));
  if (!exists) return NoSuchFileError(fd);
  return pointer_.Set(fd);
}

absl::StatusOr<FileDesc> FileStorage::GetMeta() {
  MutexLock lock(pointer_mu_);
  WT_RETURN_IF_ERROR(CheckOpen());
  return pointer_.Get();
}

absl::StatusOr<std::vector<FileDesc>> FileStorage::List(FileTypes types) {
  WT_RETURN_IF_ERROR(CheckOpen());
  WT_ASSIGN_OR_RETURN(const std::vector<std::string> names, folder_.List());
  std::vector<FileDesc> found;
  for (const std::string& name : names) {
    const std::optional<FileDesc> fd = ParseName(name);
    if (fd.has_value() && types.Has(fd->type)) found.push_back(*fd);
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());  // both names of a table
  return found;
}

absl::StatusOr<std::unique_ptr<StorageReader>> FileStorage::Open(const FileDesc& fd) {
  if (!IsValid(fd)) return InvalidFileError(fd);
  WT_ASSIGN_OR_RETURN(OpenToken token, Enter(fd, &OpenFiles::Read, "Open"));
  const bool grows = (FileType::kJournal | FileType::kManifest).Has(fd.type);
  const bool syncs = grows && mode_ == StorageMode::kReadWrite;
  WT_ASSIGN_OR_RETURN(std::unique_ptr<File> file,
                      OpenByEitherName(fd, syncs ? OpenMode::kReadWrite : OpenMode::kReadOnly));
  if (grows) WT_RETURN_IF_ERROR(ShowWhatIsDurable(*file));
  return std::make_unique<FileReader>(std::move(file), std::move(token));
}

absl::StatusOr<std::unique_ptr<StorageWriter>> FileStorage::Create(const FileDesc& fd) {
  WT_RETURN_IF_ERROR(CheckMayChange(fd));
  WT_ASSIGN_OR_RETURN(OpenToken token, Enter(fd, &OpenFiles::Write, "Create"));
  WT_RETURN_IF_ERROR(folder_.CheckAlive());
  const absl::Status removed = RemoveOldName(fd);
  if (!removed.ok() && !absl::IsNotFound(removed)) return removed;
  WT_ASSIGN_OR_RETURN(std::unique_ptr<File> file, OpenEmpty(folder_.PathOf(NameOf(fd))));
  return std::make_unique<FileWriter>(folder_, std::move(file), std::move(token));
}

// The old name first: were it left alone, an older content would show.
absl::Status FileStorage::Remove(const FileDesc& fd) {
  WT_RETURN_IF_ERROR(CheckMayChange(fd));
  WT_ASSIGN_OR_RETURN(const OpenToken token, Enter(fd, &OpenFiles::Unlink, "Remove"));
  WT_RETURN_IF_ERROR(folder_.CheckAlive());
  const absl::Status old_removed = RemoveOldName(fd);
  if (!old_removed.ok() && !absl::IsNotFound(old_removed)) return old_removed;
  const absl::Status removed = folder_.disk().Remove(folder_.PathOf(NameOf(fd)));
  if (!absl::IsNotFound(removed)) return removed;
  return old_removed.ok() ? absl::OkStatus() : NoSuchFileError(fd);
}

absl::Status FileStorage::Rename(const FileDesc& from, const FileDesc& to) {
  if (!IsValid(from)) return InvalidFileError(from);
  if (!IsValid(to)) return InvalidFileError(to);
  if (from == to) return absl::OkStatus();
  WT_RETURN_IF_ERROR(CheckMayChange(to));
  WT_ASSIGN_OR_RETURN(const OpenToken source, Enter(from, &OpenFiles::Write, "Rename"));
  WT_ASSIGN_OR_RETURN(const OpenToken target, Enter(to, &OpenFiles::Write, "Rename"));
  WT_RETURN_IF_ERROR(folder_.CheckAlive());
  Disk& disk = folder_.disk();
  const std::string new_path = folder_.PathOf(NameOf(to));
  absl::Status renamed = disk.Rename(folder_.PathOf(NameOf(from)), new_path);
  const bool is_old = absl::IsNotFound(renamed) && has_old_names_ && !OldNameOf(from).empty();
  if (is_old) renamed = disk.Rename(folder_.PathOf(OldNameOf(from)), new_path);
  if (absl::IsNotFound(renamed)) return NoSuchFileError(from);
  WT_RETURN_IF_ERROR(renamed);
  WT_RETURN_IF_ERROR(folder_.Sync());
  // An older content of either file, under its old name, would show after a later Remove.
  for (const FileDesc& fd : {from, to}) {
    const absl::Status removed = RemoveOldName(fd);
    if (!removed.ok() && !absl::IsNotFound(removed)) return removed;
  }
  return absl::OkStatus();
}

absl::Status FileStorage::Close() {
  uint64_t left_open = 0;
  {
    MutexLock lock(mu_);
    if (closed_) return absl::OkStatus();
    closed_ = true;
    session_.End();
    left_open = open_.Count();
  }
  if (left_open > 0) Log(absl::StrFormat("closed with %d files open", left_open));
  log_.Close();
  MutexLock lock(pointer_mu_);  // a switch that goes on has the lock between processes still
  lock_.reset();
  return absl::OkStatus();
}

absl::StatusOr<OpenToken> FileStorage::Enter(const FileDesc& fd, Begin begin,
                                             std::string_view operation) {
  WT_CHECK(IsValid(fd));
  MutexLock lock(mu_);
  if (closed_) return ClosedError("storage");
  return (open_.*begin)(fd, operation);
}

absl::Status FileStorage::CheckMayChange(const FileDesc& fd) const {
  if (!IsValid(fd)) return InvalidFileError(fd);
  return mode_ == StorageMode::kReadOnly ? ReadOnlyError() : absl::OkStatus();
}

absl::Status FileStorage::CheckOpen() {
  MutexLock lock(mu_);
  return closed_ ? ClosedError("storage") : absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<File>> FileStorage::OpenByEitherName(const FileDesc& fd,
                                                                    OpenMode mode) {
  absl::StatusOr<std::unique_ptr<File>> file =
      folder_.disk().Open(folder_.PathOf(NameOf(fd)), mode);
  const bool is_old = absl::IsNotFound(file.status()) && has_old_names_ && !OldNameOf(fd).empty();
  if (is_old) file = folder_.disk().Open(folder_.PathOf(OldNameOf(fd)), mode);
  if (absl::IsNotFound(file.status())) return NoSuchFileError(fd);
  return file;
}

absl::Status FileStorage::ShowWhatIsDurable(File& file) {
  if (mode_ == StorageMode::kReadWrite) WT_RETURN_IF_ERROR(file.Sync());
  return file.DropCache();
}

absl::StatusOr<std::unique_ptr<File>> FileStorage::OpenEmpty(const std::string& path) {
  absl::StatusOr<std::unique_ptr<File>> file = folder_.disk().Open(path, OpenMode::kCreate);
  if (!absl::IsAlreadyExists(file.status())) return file;
  file = folder_.disk().Open(path, OpenMode::kReadWrite);
  if (!file.ok()) return file.status();
  WT_RETURN_IF_ERROR((*file)->Truncate(0));
  return file;
}

absl::Status FileStorage::RemoveOldName(const FileDesc& fd) {
  if (!has_old_names_ || OldNameOf(fd).empty()) return NoSuchFileError(fd);
  return folder_.disk().Remove(folder_.PathOf(OldNameOf(fd)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Storage>> OpenFileStorage(Env env, FileStorageOptions options) {
  auto storage = std::make_unique<FileStorage>(env, options);
  WT_RETURN_IF_ERROR(storage->Start());
  return std::unique_ptr<Storage>(std::move(storage));
}

}  // namespace wt
