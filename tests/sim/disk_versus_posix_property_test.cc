// The virtual disk against real files: the same random operations on both, and everything that a
// program could see compared after each: error codes, sizes, contents, listings. What is known to
// differ on purpose is left out: a sync that fails (the virtual retry succeeds, PosixFile is dead),
// and what a lock file holds.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <ostream>

#include "engine/posix/posix_disk.h"
#include "tests/posix/temporary_folder.h"
#include "tests/sim/disk_fixture.h"

namespace wt::sim {
namespace {

constexpr std::string_view kPaths[] = {"a",     "b",   "d",     "d/a", "d/b", "d/e",
                                       "d/e/a", "a/x", "d/b/x", "",    "d/"};

struct Action {
  enum Kind {
    kCreate,
    kOpen,
    kReopenReadOnly,
    kWrite,
    kRead,
    kTruncate,
    kAllocate,
    kSync,
    kSize,
    kClose,
    kRename,
    kRemove,
    kMakeDirectory,
    kList,
    kSyncDirectory,
    kLock,
    kKinds,
  };
  Kind kind;
  std::string_view path, other;
  uint64_t offset, size;
  char fill;
};

void showValue(const Action& action, std::ostream& out) {
  constexpr const char* kNames[] = {"create",   "open", "open-ro", "write", "read",   "truncate",
                                    "allocate", "sync", "size",    "close", "rename", "remove",
                                    "mkdir",    "list", "syncdir", "lock"};
  out << kNames[action.kind] << " " << action.path << " " << action.other << " [" << action.offset
      << ", +" << action.size << ") " << action.fill;
}

rc::Gen<Action> AnyAction() {
  const auto path = rc::gen::map(rc::gen::inRange<size_t>(0, std::size(kPaths)),
                                 [](size_t i) { return kPaths[i]; });
  return rc::gen::map(
      rc::gen::tuple(rc::gen::inRange<int>(0, Action::kKinds), path, path,
                     rc::gen::inRange<uint64_t>(0, 9000), rc::gen::inRange<uint64_t>(0, 5000),
                     rc::gen::inRange<char>('a', 'z')),
      [](const auto& t) {
        return Action{static_cast<Action::Kind>(std::get<0>(t)),
                      std::get<1>(t),
                      std::get<2>(t),
                      std::get<3>(t),
                      std::get<4>(t),
                      std::get<5>(t)};
      });
}

// One of the two sides: a disk, the handle last opened and the lock last taken.
class Side {
 public:
  explicit Side(Disk& disk) : disk_(disk) {}

  // What the caller saw, as text.
  std::string Do(const Action& action) {
    switch (action.kind) {
      case Action::kCreate:
        return Keep(disk_.Open(action.path, OpenMode::kCreate));
      case Action::kOpen:
        return Keep(disk_.Open(action.path, OpenMode::kReadWrite));
      case Action::kReopenReadOnly:
        return Keep(disk_.Open(action.path, OpenMode::kReadOnly));
      case Action::kRename:
        return Code(disk_.Rename(action.path, action.other));
      case Action::kRemove:
        return Code(disk_.Remove(action.path));
      case Action::kMakeDirectory:
        return Code(disk_.CreateDirectory(action.path));
      case Action::kList:
        return Listing(action.path);
      case Action::kSyncDirectory:
        return Code(disk_.SyncDirectory(action.path));
      case Action::kLock:
        return TakeLock(LockPathOf(action.path));
      default:
        return file_ == nullptr ? "no file" : DoFile(action);
    }
  }

 private:
  // Beside the other names: PosixDisk writes the holder's name into the file.
  static std::string_view LockPathOf(std::string_view path) {
    if (path == "d/a") return "d/LOCK";
    if (path == "d/e/a") return "d/e/LOCK";
    if (path == "a/x") return "a/LOCK";
    if (path.empty() || path == "d/") return path;
    return "LOCK";
  }
  static std::string Code(const absl::Status& status) {
    return std::string(absl::StatusCodeToString(status.code()));
  }
  std::string Keep(absl::StatusOr<std::unique_ptr<File>> file) {
    if (file.ok()) file_ = *std::move(file);
    return Code(file.status());
  }
  std::string TakeLock(std::string_view path) {
    lock_ = nullptr;
    absl::StatusOr<std::unique_ptr<FileLock>> lock = disk_.Lock(path);
    if (lock.ok()) lock_ = *std::move(lock);
    if (lock_ == nullptr) return Code(lock.status());
    return "locked, then " + Code(disk_.Lock(path).status());
  }
  std::string Listing(std::string_view path) {
    absl::StatusOr<std::vector<DirectoryEntry>> entries = disk_.List(path);
    if (!entries.ok()) return Code(entries.status());
    std::sort(entries->begin(), entries->end());
    std::string text;
    for (const DirectoryEntry& entry : *entries)
      text += entry.name + (entry.is_directory ? "/ " : " ");
    return text;
  }
  std::string DoFile(const Action& action) {
    switch (action.kind) {
      case Action::kWrite:
        return Code(WriteFully(*file_, action.offset, std::string(action.size, action.fill)));
      case Action::kRead:
        return Read(action.offset, action.size);
      case Action::kTruncate: {
        // On a handle for reading, Linux says EINVAL and the virtual disk what write says.
        const absl::Status status = file_->Truncate(action.offset);
        return status.ok() ? "OK" : "refused";
      }
      case Action::kAllocate:
        return Code(file_->Allocate(action.offset, action.size));
      case Action::kSync:
        return Code(file_->Sync());
      case Action::kSize: {
        absl::StatusOr<uint64_t> size = file_->Size();
        return size.ok() ? std::to_string(*size) : Code(size.status());
      }
      default:
        return Code(file_->Close());
    }
  }
  std::string Read(uint64_t offset, uint64_t size) {
    std::string bytes(size, '?');
    absl::StatusOr<uint64_t> read = ReadFully(*file_, offset, bytes);
    if (!read.ok()) return Code(read.status());
    bytes.resize(*read);
    return bytes;
  }

  Disk& disk_;
  std::unique_ptr<File> file_;
  std::unique_ptr<FileLock> lock_;
};

std::string Snapshot(Disk& disk, const std::string& folder) {
  std::string text;
  absl::StatusOr<std::vector<DirectoryEntry>> entries = disk.List(folder);
  if (!entries.ok()) return entries.status().ToString();
  std::sort(entries->begin(), entries->end());
  for (const DirectoryEntry& entry : *entries) {
    const std::string path = folder.empty() ? entry.name : folder + "/" + entry.name;
    text += path;
    if (entry.is_directory) {
      text += "/\n" + Snapshot(disk, path);
    } else if (entry.name != "LOCK") {
      text += "=" + *ReadWholeFile(disk, path, 1 << 20) + "\n";
    }
  }
  return text;
}

RC_GTEST_PROP(DiskVersusPosixPropertyTest, ProgramsSeeTheSame, (uint64_t seed)) {
  TemporaryFolder folder;
  PosixDisk real(folder.path());
  RC_ASSERT(real.status().ok());
  DiskRig rig(seed, static_cast<DiskProfile>(seed % 5));
  rig.disk.faults().short_read_ppm = 200'000;
  rig.disk.faults().short_write_ppm = 200'000;
  rig.disk.faults().early_writeback_ppm = 200'000;
  Side left(*rig.files), right(real);
  const auto actions = *rc::gen::container<std::vector<Action>>(AnyAction());
  for (const Action& action : actions) RC_ASSERT(left.Do(action) == right.Do(action));
  RC_ASSERT(Snapshot(*rig.files, "") == Snapshot(real, ""));
}

}  // namespace
}  // namespace wt::sim
