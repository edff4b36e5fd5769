#include "sim/disk_session.h"

#include "engine/base/check.h"
#include "engine/base/checksum.h"
#include "engine/base/status.h"
#include "sim/virtual_disk.h"

namespace wt::sim {
namespace {

// Held by one incarnation; its death frees all locks at once.
class VirtualLock final : public FileLock {
 public:
  VirtualLock(std::shared_ptr<DiskIncarnation> incarnation, Inode& inode)
      : incarnation_(std::move(incarnation)), inode_(inode.number) {}
  ~VirtualLock() override {
    if (!incarnation_->alive) return;
    DiskBody& body = *incarnation_->body;
    body.locks.erase(inode_);
    body.core->Closed(body.core->inodes().at(inode_));
  }

 private:
  std::shared_ptr<DiskIncarnation> incarnation_;
  InodeNumber inode_;
};

}  // namespace

DiskSession::DiskSession(std::shared_ptr<DiskIncarnation> incarnation)
    : incarnation_(std::move(incarnation)) {
  WT_CHECK(incarnation_->alive);
}

absl::StatusOr<DiskCall> DiskSession::Begin(DiskOp op) {
  if (!incarnation_->alive) return FailedPrecondition("disk: the machine has lost this session");
  return incarnation_->body->Begin(*incarnation_, op);
}

DiskSession::Verdict DiskSession::Judge(const DiskCall& call, std::string_view path, bool changes) {
  DiskBody& body = *incarnation_->body;
  absl::Status refused = changes ? body.CheckMutable(path) : body.CheckReadable(path);
  if (!refused.ok()) return {std::move(refused), false};
  if (body.Take(OneShotKind::kMetadata, path)) {
    return {Unavailable("%s: device error", path), false};
  }
  if (body.Chance(KeyOf("disk.metadata_error"), body.faults.metadata_error_ppm, call)) {
    const bool effect = body.dice.Roll(KeyOf("disk.metadata_effect"), call.ordinal).OneIn(4);
    return {Unavailable("%s: device error, outcome unknown", path), changes && effect};
  }
  if (changes && call.op != DiskOp::kRemove &&
      body.Chance(KeyOf("disk.no_room"), body.faults.no_room_ppm, call)) {
    return {ResourceExhausted("%s: no room for the name", path), false};
  }
  return {};
}

template <typename Effect>
absl::Status DiskSession::Metadata(DiskOp op, std::string_view path, Effect effect) {
  WT_RETURN_IF_ERROR(CheckPath(path, RootPath::kRefused));
  WT_ASSIGN_OR_RETURN(const DiskCall call, Begin(op));
  const Verdict verdict = Judge(call, path, /*changes=*/true);
  absl::Status done = verdict.takes_effect ? effect(*incarnation_->body) : verdict.error;
  if (done.ok()) done = verdict.error;
  incarnation_->body->Record(call, 0, 0, path.size(), Hash64(path), done.code());
  return done;
}

absl::StatusOr<Inode*> DiskSession::OpenInode(const DiskCall& call, std::string_view path,
                                              OpenMode mode) {
  DiskBody& body = *incarnation_->body;
  Inode* found = body.core->Find(path);
  const Verdict verdict = Judge(call, path, /*changes=*/mode == OpenMode::kCreate);
  if (!verdict.error.ok() && (!verdict.takes_effect || mode != OpenMode::kCreate)) {
    return verdict.error;
  }
  if (mode != OpenMode::kCreate) {
    if (found == nullptr) return body.core->Missing(path);
    if (found->is_directory) return InvalidArgument("%s: is a directory", path);
    if (mode == OpenMode::kReadWrite) WT_RETURN_IF_ERROR(body.CheckMutable(path));
    return found;
  }
  if (found == nullptr && body.faults.full_refuses_names && body.room() == 0) {
    return ResourceExhausted("%s: no room for the name", path);
  }
  WT_ASSIGN_OR_RETURN(found, body.core->Create(path, /*is_directory=*/false));
  for (DiskObserver* observer : body.observers) observer->OnCreate(path);
  if (!verdict.error.ok()) return verdict.error;
  return found;
}

absl::StatusOr<std::unique_ptr<File>> DiskSession::Open(std::string_view path, OpenMode mode) {
  WT_RETURN_IF_ERROR(CheckPath(path, RootPath::kRefused));
  WT_ASSIGN_OR_RETURN(const DiskCall call, Begin(DiskOp::kOpen));
  absl::StatusOr<Inode*> inode = OpenInode(call, path, mode);
  incarnation_->body->Record(call, inode.ok() ? (*inode)->number : 0, static_cast<uint64_t>(mode),
                             path.size(), Hash64(path), inode.status().code());
  if (!inode.ok()) return inode.status();
  return std::unique_ptr<File>(
      std::make_unique<VirtualFile>(incarnation_, **inode, mode != OpenMode::kReadOnly));
}

absl::Status DiskSession::Rename(std::string_view from, std::string_view to) {
  WT_RETURN_IF_ERROR(CheckPath(to, RootPath::kRefused));
  return Metadata(DiskOp::kRename, from, [&](DiskBody& body) -> absl::Status {
    WT_RETURN_IF_ERROR(body.core->Rename(from, to));
    for (DiskObserver* observer : body.observers) observer->OnRename(from, to);
    return absl::OkStatus();
  });
}

absl::Status DiskSession::Remove(std::string_view path) {
  return Metadata(DiskOp::kRemove, path, [&](DiskBody& body) -> absl::Status {
    const Inode* inode = body.core->Find(path);
    const PlatterFile* platter =
        inode == nullptr ? nullptr : body.core->image().Find(inode->number);
    const uint64_t durable_end = platter == nullptr ? 0 : platter->promised_end();
    WT_RETURN_IF_ERROR(body.core->Remove(path));
    for (DiskObserver* observer : body.observers) observer->OnRemove(path, durable_end);
    return absl::OkStatus();
  });
}

absl::Status DiskSession::CreateDirectory(std::string_view path) {
  return Metadata(DiskOp::kCreateDirectory, path, [&](DiskBody& body) -> absl::Status {
    if (body.core->IsDirectory(path)) return absl::OkStatus();
    if (body.faults.full_refuses_names && body.room() == 0) {
      return ResourceExhausted("%s: no room for the name", path);
    }
    return body.core->Create(path, /*is_directory=*/true).status();
  });
}

absl::StatusOr<std::vector<DirectoryEntry>> DiskSession::List(std::string_view directory) {
  WT_RETURN_IF_ERROR(CheckPath(directory, RootPath::kAllowed));
  WT_ASSIGN_OR_RETURN(const DiskCall call, Begin(DiskOp::kList));
  DiskBody& body = *incarnation_->body;
  absl::Status status = Judge(call, directory, /*changes=*/false).error;
  if (status.ok() && body.core->Find(directory) == nullptr) {
    status = body.core->Missing(directory);
  } else if (status.ok() && !body.core->IsDirectory(directory)) {
    status = InvalidArgument("%s: not a directory", directory);
  }
  std::vector<DirectoryEntry> entries;
  if (status.ok()) entries = body.core->List(directory);
  Draw draw = body.dice.Roll(KeyOf("disk.list"), call.ordinal);
  for (size_t left = entries.size(); left > 1; --left) {
    std::swap(entries[left - 1], entries[draw.Below(left)]);
  }
  body.Record(call, 0, 0, entries.size(), Hash64(directory), status.code());
  if (!status.ok()) return status;
  return entries;
}

absl::Status DiskSession::SyncNames(const DiskCall& call, std::string_view directory) {
  DiskBody& body = *incarnation_->body;
  const Inode* inode = body.core->Find(directory);
  if (inode == nullptr) return body.core->Missing(directory);
  if (!inode->is_directory) return InvalidArgument("%s: not a directory", directory);
  WT_RETURN_IF_ERROR(body.CheckMutable(directory));
  for (DiskObserver* observer : body.observers) observer->OnBarrier(directory);
  const DiskFaults& faults = body.faults;
  if (body.Chance(KeyOf("disk.journal_abort"), faults.journal_abort_ppm, call)) {
    body.AbortJournal();
    for (DiskObserver* observer : body.observers) observer->OnSyncFailed(directory);
    return Unavailable("\"%s\": the journal has aborted", directory);
  }
  if (body.Take(OneShotKind::kSync, directory) ||
      body.Chance(KeyOf("disk.sync_error"), faults.sync_error_ppm, call) ||
      body.Chance(KeyOf("disk.metadata_error"), faults.metadata_error_ppm, call)) {
    if (body.dice.Roll(KeyOf("disk.names_lost"), call.ordinal).OneIn(2)) {
      body.core->LoseNames(inode->number, call.through);
    }
    for (DiskObserver* observer : body.observers) observer->OnSyncFailed(directory);
    return Unavailable("\"%s\": sync failed", directory);
  }
  if (body.Take(OneShotKind::kLieSync, directory) ||
      body.Chance(KeyOf("disk.lost_sync"), faults.lost_sync_ppm, call)) {
    body.core->PromiseNames(inode->number, call.through);
  } else {
    body.core->SyncNames(inode->number, call.through, body.profile);
  }
  for (DiskObserver* observer : body.observers) observer->OnSyncDirectory(directory);
  return absl::OkStatus();
}

absl::Status DiskSession::SyncDirectory(std::string_view directory) {
  WT_RETURN_IF_ERROR(CheckPath(directory, RootPath::kAllowed));
  WT_ASSIGN_OR_RETURN(const DiskCall call, Begin(DiskOp::kSyncDirectory));
  absl::Status synced = SyncNames(call, directory);
  incarnation_->body->Record(call, 0, 0, 0, Hash64(directory), synced.code());
  return synced;
}

absl::StatusOr<Inode*> DiskSession::LockInode(const DiskCall& call, std::string_view path) {
  DiskBody& body = *incarnation_->body;
  const Verdict verdict = Judge(call, path, /*changes=*/true);
  if (!verdict.error.ok()) return verdict.error;
  Inode* inode = body.core->Find(path);
  if (inode == nullptr) {
    WT_ASSIGN_OR_RETURN(inode, body.core->Create(path, /*is_directory=*/false));
    for (DiskObserver* observer : body.observers) observer->OnCreate(path);
  }
  if (inode->is_directory) return InvalidArgument("%s: is a directory", path);
  if (!body.locks.insert(inode->number).second) {
    return FailedPrecondition("%s: locked by another", path);
  }
  body.core->Opened(*inode);
  return inode;
}

absl::StatusOr<std::unique_ptr<FileLock>> DiskSession::Lock(std::string_view path) {
  WT_RETURN_IF_ERROR(CheckPath(path, RootPath::kRefused));
  WT_ASSIGN_OR_RETURN(const DiskCall call, Begin(DiskOp::kLock));
  absl::StatusOr<Inode*> inode = LockInode(call, path);
  incarnation_->body->Record(call, 0, 0, 0, Hash64(path), inode.status().code());
  if (!inode.ok()) return inode.status();
  return std::unique_ptr<FileLock>(std::make_unique<VirtualLock>(incarnation_, **inode));
}

}  // namespace wt::sim
